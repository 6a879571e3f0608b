"""The catalogue of faults: named ways to break the contract, one rule each.

A suite that finds none of them proves nothing.
"""

import difflib

from .admission import ADMISSION
from .authentication import AUTHENTICATION
from .bodies import BODIES
from .crashes import CRASHES
from .fault import Fault
from .identifiers import IDENTIFIERS
from .lookup import LOOKUP
from .malformed import MALFORMED
from .outcomes import OUTCOMES
from .overlooked import OVERLOOKED
from .protocol import PROTOCOL
from .rate import RATE
from .readings import READINGS
from .requests import REQUESTS
from .responses import RESPONSES
from .state import STATE
from .status import STATUSES

__all__ = ["CATALOGUE", "FIRST", "Fault", "UnknownFaultError", "find"]

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

_ALL = {
    fault.name: fault
    for area in (
        AUTHENTICATION,
        IDENTIFIERS,
        MALFORMED,
        STATUSES,
        BODIES,
        CRASHES,
        RESPONSES,
        STATE,
        RATE,
        PROTOCOL,
        REQUESTS,
        OUTCOMES,
        ADMISSION,
        READINGS,
        LOOKUP,
        OVERLOOKED,
    )
    for fault in area
}
CATALOGUE: dict[str, Fault] = {
    name: _ALL[name] for name in (*FIRST, *(name for name in _ALL if name not in FIRST))
}


class UnknownFaultError(ValueError):
    """A name that the catalogue lacks; the message names what comes close to it."""


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
