"""Faults in which statuses may be set."""

from .changes import CallTest, waives
from .fault import Fault


def asks(*statuses: str) -> CallTest:
    """Calls for one of the statuses."""
    return lambda call: call.value("status") in statuses


STATUSES = (
    Fault(
        "accepts_expired", "STATUS-02", "The status `expired` is accepted.", waives("status", asks("expired"))
    ),
)
