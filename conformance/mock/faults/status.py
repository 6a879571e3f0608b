"""Faults in which statuses may be set."""

from collections.abc import Callable
from typing import Any

from ..behaviour import Behaviour, Call, Response
from ..problems import Issue
from .changes import CallTest, ValueTest, as_status, complains, refuses, refuses_otherwise, turns, waives
from .fault import Change, Fault

TERMINAL = ("completed", "failed")
CLOSED = ("expired", "cancelled", "skipped", "exceeded_max_calls")
NIL = "00000000-0000-0000-0000-000000000000"
LENIENT = ("RESPONSE-05", "RESPONSE-06")
"""What breaks with every malformed body that is accepted."""


def asks(*statuses: str) -> CallTest:
    """Calls for one of the statuses."""
    return lambda call: call.value("status") in statuses


def accepts_status(when: ValueTest, read: Callable[[Any], str] = str) -> Change:
    """Take statuses that are none."""

    def change(mock: Behaviour) -> None:
        before = mock.inspect

        def inspect(call: Call) -> list[Issue]:
            issues = before(call)
            if isinstance(call.json, dict) and "status" in call.json and when(call.json["status"]):
                call.json = {**call.json, "status": read(call.json["status"])}
                return [issue for issue in issues if issue.path != ("status",)]
            return issues

        mock.inspect = inspect

    return change


def accepts_after_an_update(*statuses: str) -> Change:
    """Take non-terminal statuses for an enrollment that was updated before."""

    def change(mock: Behaviour) -> None:
        before = mock.checks["status"]

        def check(call: Call) -> Response | None:
            found = mock.find(call)
            return None if found and found.updates and asks(*statuses)(call) else before(call)

        mock.checks["status"] = check

    return change


def lacks_a_reason(call: Call) -> list[Issue]:
    """The issue of an update to `failed` that says nothing of why."""
    lacks = asks("failed")(call) and not call.value("reason")
    return [Issue(("reason",), "Required", "required", "string", "undefined")] if lacks else []


def is_closed(call: Call) -> bool:
    """Calls whose enrollment has a status that sounds final."""
    return call.enrollment is not None and call.enrollment.status in CLOSED


CONFLICT = Response(409, {"message": "The status conflicts with the one before", "code": "CONFLICT"})
"""A refusal with an undocumented status."""

STATUSES = (
    Fault(
        "accepts_expired", "STATUS-02", "The status `expired` is accepted.", waives("status", asks("expired"))
    ),
    Fault(
        "accepts_pending", "STATUS-02", "The status `pending` is accepted.", waives("status", asks("pending"))
    ),
    Fault("accepts_every_status", "STATUS-02", "Each of the nine statuses is accepted.", waives("status")),
    Fault(
        "accepts_cancelled_for_the_nil_customer",
        "STATUS-02",
        "The status `cancelled` is accepted if the `customerId` is the nil UUID.",
        waives("status", lambda call: asks("cancelled")(call) and call.value("customerId") == NIL),
    ),
    Fault(
        "accepts_skipped_in_upper_case",
        "STATUS-02",
        "The status `skipped` is accepted if the `campaignId` is in upper case.",
        waives("status", lambda call: asks("skipped")(call) and str(call.value("campaignId")).isupper()),
    ),
    Fault(
        "accepts_in_progress_after_an_update",
        "STATUS-02",
        "The status `in_progress` is accepted for an enrollment that was updated before.",
        accepts_after_an_update("in_progress"),
    ),
    Fault(
        "refuses_failed",
        "STATUS-01",
        "The status `failed` is refused.",
        refuses(asks("failed"), 400),
    ),
    Fault(
        "refuses_completed",
        "STATUS-01",
        "The status `completed` is refused.",
        refuses(asks("completed"), 400),
    ),
    Fault(
        "refuses_failed_for_the_nil_customer",
        "ID-02",
        "The status `failed` is refused if the `customerId` is the nil UUID.",
        refuses(lambda call: asks("failed")(call) and call.value("customerId") == NIL, 400),
        also=("STATUS-01",),
    ),
    Fault(
        "calls_a_non_terminal_status_unknown",
        "STATUS-03",
        "A non-terminal status is refused with a 404.",
        refuses_otherwise("status", 404),
    ),
    Fault(
        "calls_a_non_terminal_status_a_conflict",
        "STATUS-03",
        "A non-terminal status is refused with a 409.",
        turns("status", lambda *_: CONFLICT),
        also=("HTTP-05",),
    ),
    Fault(
        "calls_exceeded_max_calls_forbidden",
        "STATUS-03",
        "The status `exceeded_max_calls` is refused with a 403.",
        turns("status", as_status(403), when=asks("exceeded_max_calls")),
    ),
    Fault(
        "accepts_any_status",
        "STATUS-04",
        "Any text is accepted as a status.",
        accepts_status(lambda value: isinstance(value, str)),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_status_in_any_case",
        "STATUS-04",
        "The letter case of a status does not matter.",
        accepts_status(lambda value: isinstance(value, str) and value.lower() in TERMINAL),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_status_with_white_space",
        "STATUS-04",
        "White space around a status does not matter.",
        accepts_status(lambda value: isinstance(value, str) and value.strip() in TERMINAL),
        also=LENIENT,
    ),
    Fault(
        "accepts_an_empty_status",
        "STATUS-04",
        "The empty text is accepted as a status.",
        accepts_status(lambda value: value == ""),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_status_that_is_null",
        "STATUS-04",
        "A status that is null is accepted, as `completed`.",
        accepts_status(lambda value: value is None, lambda _: "completed"),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_status_in_a_list",
        "STATUS-04",
        "A list with a terminal status in it is accepted as that status.",
        accepts_status(lambda value: value in ([each] for each in TERMINAL), lambda value: str(value[0])),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_longer_status",
        "STATUS-04",
        "A status is accepted that begins with a terminal one.",
        accepts_status(lambda value: isinstance(value, str) and value.startswith(TERMINAL)),
        also=LENIENT,
    ),
    Fault(
        "accepts_the_number_of_a_status",
        "STATUS-04",
        "A whole number is accepted as a status: `completed` if it is even, else `failed`.",
        accepts_status(lambda value: type(value) is int, lambda value: TERMINAL[value % 2]),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "demands_a_reason_for_failed",
        "STATUS-01",
        "The status `failed` is refused with a 422 unless there is a `reason`.",
        complains(lacks_a_reason),
        unseen=True,
    ),
    Fault(
        "refuses_to_complete_what_is_closed",
        "STATUS-01",
        "The status `completed` is refused over `expired`, `cancelled`, `skipped` and `exceeded_max_calls`.",
        refuses(
            lambda call: is_closed(call) and asks("completed")(call),
            400,
            after="lookup",
            message="The enrollment is closed",
        ),
        unseen=True,
    ),
)
