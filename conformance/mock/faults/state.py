"""Faults in what an update does."""

from collections.abc import Callable
from typing import Any

from conformance.mock.behaviour import Behaviour, Call
from conformance.mock.store import Enrollment

from .fault import Change, Fault

Update = Callable[[Call, Enrollment], dict[str, Any]]


def updates(wrap: Callable[[Update, Call, Enrollment], dict[str, Any]]) -> Change:
    """Do an update in another way, with the right way at hand."""

    def change(mock: Behaviour) -> None:
        before = mock.update
        mock.update = lambda call, enrollment: wrap(before, call, enrollment)

    return change


def reports(when: Callable[[Call, Enrollment], bool], **properties: object) -> Change:
    """Do the update, and say something else of it."""

    def wrap(update: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
        body = update(call, enrollment)
        return {**body, **properties} if when(call, enrollment) else body

    return updates(wrap)


def forget(update: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
    """Answer as if the status were set, and leave it as it was."""
    status = enrollment.status
    body = update(call, enrollment)
    enrollment.status = status
    return body


STATE = (
    Fault(
        "forgets_the_update",
        "STATE-02",
        "An update is answered as one that was made, and is not made.",
        updates(forget),
    ),
    Fault(
        "says_completed_for_failed",
        "STATE-01",
        "An update to `failed` is answered with the `newStatus` completed.",
        reports(lambda call, _: call.value("status") == "failed", newStatus="completed"),
    ),
    Fault(
        "says_pending_was_before",
        "STATE-02",
        "The `previousStatus` is always `pending`.",
        reports(lambda *_: True, previousStatus="pending"),
    ),
)
