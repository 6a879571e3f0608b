"""The catalogue of faults: named ways to break the contract, one rule each.

A module for each area of the contract describes the faults of its rules. `fault` says in which forms,
`steps` has what they share. They import the mock and the contract.
"""

import difflib

from . import (  # noqa: F401 - each describes the faults of its area when it is imported
    auth,
    body,
    http,
    ids,
    ids_malformed,
    lookup,
    rate,
    response,
    state,
    state_unchanged,
    status,
)
from .fault import DESCRIBED, Fault

__all__ = ["CATALOGUE", "FIRST", "Fault", "UnknownFaultError", "find", "listing"]

FIRST = (
    "accepts_expired",
    "accepts_any_customer_id",
    "forgets_the_update",
    "says_completed_for_failed",
    "ignores_the_key",
    "leaves_out_the_code_of_a_404",
    "refuses_version_7",
    "says_pending_was_before",
    "leaves_out_the_errors",
    "fails_on_malformed_json",
)
"""The faults that a suite has to find before any other: each is crude and breaks a MUST."""

CATALOGUE: dict[str, Fault] = {name: DESCRIBED[name] for name in dict.fromkeys((*FIRST, *DESCRIBED))}


class UnknownFaultError(ValueError):
    """A name that the catalogue lacks; the message names what comes close to it."""


def listing() -> str:
    """Every fault by its rule, in a line with its name, the rule that it breaks, and its sentence."""
    width = max(map(len, CATALOGUE))
    by_rule = sorted(CATALOGUE.values(), key=lambda each: each.breaks)
    return "\n".join(f"{each.name:<{width}}  {each.breaks:<11}  {each.text}" for each in by_rule)


def find(name: str) -> Fault:
    """The fault of that name.

    Raises:
        UnknownFaultError: there is none.

    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    close = difflib.get_close_matches(name, CATALOGUE)
    hint = f"did you mean {' or '.join(close)}?" if close else "--list-faults names them all"
    raise UnknownFaultError(f"there is no fault {name!r}: {hint}")
