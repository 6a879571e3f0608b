"""The catalogue of variants: named ways in which servers differ, none of which breaks a rule.

A suite that reports a broken rule for one of them raises a false alarm.
"""

import difflib

from . import places, requests, responses, updates  # noqa: F401 - each describes its variants
from .variant import DESCRIBED as CATALOGUE
from .variant import Variant

__all__ = ["CATALOGUE", "UnknownVariantError", "Variant", "find"]


class UnknownVariantError(ValueError):
    """A name that the catalogue lacks; the message names similar ones."""


def find(name: str) -> Variant:
    """The variant of that name.

    Raises:
        UnknownVariantError: there is none.

    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    close = difflib.get_close_matches(name, CATALOGUE)
    hint = f"did you mean {' or '.join(close)}?" if close else "--list-variants names them all"
    raise UnknownVariantError(f"there is no variant {name!r}: {hint}")
