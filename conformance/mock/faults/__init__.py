"""The catalogue of faults: servers that each break one rule of the contract.

For each area of the contract, one module describes the faults of its rules. `fault` has the two forms of a
description, and `steps` has the functions that several areas use. They import the mock and the contract.
"""

from ..catalogue import find_by_name
from . import (  # noqa: F401 - each describes the faults of its area when it is imported
    auth,
    auth_permission,
    body,
    body_fields,
    http,
    ids,
    ids_malformed,
    lookup,
    rate,
    response,
    response_validation,
    state,
    state_unchanged,
    status,
)
from .fault import DESCRIBED, Fault

__all__ = ["CATALOGUE", "FIRST", "Fault", "find", "listing"]

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
"""The faults at the beginning of the catalogue. Each is easy to find and breaks a MUST."""

CATALOGUE: dict[str, Fault] = {name: DESCRIBED[name] for name in dict.fromkeys((*FIRST, *DESCRIBED))}


def listing() -> str:
    """A line for each fault, ordered by rule: its name, the rule that it breaks, and its sentence."""
    width = max(map(len, CATALOGUE))
    by_rule = sorted(CATALOGUE.values(), key=lambda each: each.breaks)
    return "\n".join(f"{each.name:<{width}}  {each.breaks:<11}  {each.text}" for each in by_rule)


def find(name: str) -> Fault:
    """The fault with this name.

    Raises:
        UnknownNameError: there is no such fault.

    """
    return find_by_name("fault", name, CATALOGUE)
