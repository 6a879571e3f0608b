"""Finds a fault or a variant by its name."""

import difflib
from collections.abc import Mapping
from typing import TypeVar

Found = TypeVar("Found")


class UnknownNameError(ValueError):
    """A name that a catalogue lacks. The message suggests similar names."""


def find_by_name(kind: str, name: str, catalogue: Mapping[str, Found]) -> Found:
    """The fault or variant with a name. `kind` is "fault" or "variant".

    Raises:
        UnknownNameError: the catalogue lacks the name.

    """
    if name in catalogue:
        return catalogue[name]
    similar = difflib.get_close_matches(name, catalogue)
    hint = f"did you mean {' or '.join(similar)}?" if similar else f"--list-{kind}s lists all names"
    raise UnknownNameError(f"there is no {kind} {name!r}: {hint}")
