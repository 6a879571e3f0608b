"""Faults of statuses: terminal ones are rejected, or others are accepted."""

from collections.abc import Callable
from typing import Any

from ..behaviour import Call, Check, Inspect, Response
from ..problems import Issue
from .fault import Change, fault, table, wrap
from .steps import (
    LENIENT,
    NIL,
    TERMINAL,
    CallTest,
    UpdateTest,
    ValueTest,
    add_issues,
    alter_rejection,
    reject,
    reject_with,
    repeats,
    replaced_by,
    sets,
    skip,
    with_status,
)

CLOSED = ("expired", "cancelled", "skipped", "exceeded_max_calls")
"""The non-terminal statuses that sound final."""
CONFLICT = Response(409, {"message": "The status conflicts with the one before", "code": "CONFLICT"})
"""A rejection with an undocumented status code."""
INHERITED = ("constructor", "hasOwnProperty", "isPrototypeOf", "toString", "valueOf", "__proto__")
"""Properties of every object in JavaScript."""


def accept_status(when: ValueTest, read: Callable[[Any], str] = str) -> Change:
    """Accept values that are not a status."""

    def wrapper(inner: Inspect, call: Call) -> list[Issue]:
        issues = inner(call)
        if not isinstance(call.json, dict) or "status" not in call.json or not when(call.json["status"]):
            return issues
        call.json = {**call.json, "status": read(call.json["status"])}
        return [issue for issue in issues if issue.path != ("status",)]

    return wrap("inspect", wrapper)


def accept_status_text(when: Callable[[str], bool]) -> Change:
    """Accept strings that are not a status."""
    return accept_status(lambda value: isinstance(value, str) and when(value))


def of_enrollment(when: UpdateTest) -> CallTest:
    """Calls that name an enrollment, if a condition holds for the call and the enrollment."""

    def test(call: Call) -> bool:
        found = call.mock.find(call)
        return found is not None and when(call, found)

    return test


def missing_reason(call: Call) -> list[Issue]:
    """The issue of an update to `failed` that has no `reason`."""
    lacks = sets("failed")(call) and not call.value("reason")
    return [Issue(("reason",), "Required", "required", "string", "undefined")] if lacks else []


def completes_what_is_closed(call: Call) -> bool:
    """Calls that set `completed` while the enrollment has a status that sounds final."""
    return call.enrollment is not None and call.enrollment.status in CLOSED and sets("completed")(call)


table(
    "STATUS-01",
    refuses_failed=("The status `failed` is rejected.", reject(sets("failed"), 400)),
    refuses_completed=("The status `completed` is rejected.", reject(sets("completed"), 400)),
)
table(
    "STATUS-01",
    unseen=True,
    demands_a_reason_for_failed=(
        "The status `failed` gets a 422 unless there is a `reason`.",
        add_issues(missing_reason),
    ),
    refuses_to_complete_what_is_closed=(
        "The status `completed` is rejected over `expired`, `cancelled`, `skipped` and `exceeded_max_calls`.",
        reject(completes_what_is_closed, 400, after="lookup", message="The enrollment is closed"),
    ),
)
table(
    "STATUS-02",
    accepts_expired=("The status `expired` is accepted.", skip("status", sets("expired"))),
    accepts_pending=("The status `pending` is accepted.", skip("status", sets("pending"))),
    accepts_every_status=("Each documented status is accepted.", skip("status")),
    accepts_cancelled_for_the_nil_customer=skip(
        "status", lambda call: sets("cancelled")(call) and call.value("customerId") == NIL
    ),
    accepts_skipped_in_upper_case=(
        "The status `skipped` is accepted if the `campaignId` is in upper case.",
        skip("status", lambda call: sets("skipped")(call) and str(call.value("campaignId")).isupper()),
    ),
    accepts_in_progress_after_an_update=(
        "The status `in_progress` is accepted for an enrollment that was updated before.",
        skip("status", of_enrollment(lambda call, found: sets("in_progress")(call) and found.updates > 0)),
    ),
)
table(
    "STATUS-02",
    unseen=True,
    accepts_what_sounds_final=(
        "The statuses `expired`, `cancelled`, `skipped` and `exceeded_max_calls` are accepted.",
        skip("status", sets(*CLOSED)),
    ),
    accepts_pending_after_failed=skip(
        "status", of_enrollment(lambda call, found: sets("pending")(call) and found.status == "failed")
    ),
    accepts_the_status_that_is_set=(
        "A non-terminal status is accepted if the enrollment has it already.",
        skip("status", of_enrollment(repeats)),
    ),
)


@fault("STATUS-02", step="status", also=["RESPONSE-02", "STATE-01", "STATE-02"], unseen=True)
def denies_success_of_a_non_terminal_status(inner: Check, call: Call) -> Response | None:
    """A non-terminal status gets a 200 whose `success` is false."""
    rejection = inner(call)
    found = call.mock.find(call) if rejection else None
    if found is None:
        return rejection
    statuses = {"previousStatus": found.status, "newStatus": found.status}
    return Response(200, {"success": False, **statuses, "customerCampaignId": found.id})


table(
    "STATUS-03",
    calls_a_non_terminal_status_unknown=("A non-terminal status gets a 404.", reject_with("status", 404)),
    calls_a_non_terminal_status_a_conflict=(
        "A non-terminal status gets a 409.",
        alter_rejection("status", replaced_by(CONFLICT)),
        ["HTTP-05"],
    ),
    calls_exceeded_max_calls_forbidden=(
        "The status `exceeded_max_calls` gets a 403.",
        alter_rejection("status", with_status(403), when=sets("exceeded_max_calls")),
    ),
)
table(
    "STATUS-04",
    also=LENIENT,
    accepts_any_status=("Any string is accepted as a status.", accept_status_text(lambda _: True)),
    accepts_a_status_in_any_case=accept_status_text(lambda value: value.lower() in TERMINAL),
    accepts_a_status_with_white_space=accept_status_text(lambda value: value.strip() in TERMINAL),
    accepts_an_empty_status=("An empty status is accepted.", accept_status(lambda value: value == "")),
    accepts_a_status_that_is_null=(
        "A status that is null is accepted, as `completed`.",
        accept_status(lambda value: value is None, lambda _: "completed"),
    ),
    accepts_a_status_in_a_list=(
        "A list with a terminal status in it is accepted as that status.",
        accept_status(lambda value: value in ([each] for each in TERMINAL), lambda value: str(value[0])),
    ),
    accepts_a_longer_status=(
        "A status is accepted that begins with a terminal one.",
        accept_status_text(lambda value: value.startswith(TERMINAL)),
    ),
)
table(
    "STATUS-04",
    also=LENIENT,
    unseen=True,
    accepts_the_number_of_a_status=(
        "A whole number is accepted as a status: `completed` if it is even, else `failed`.",
        accept_status(lambda value: type(value) is int, lambda value: TERMINAL[value % 2]),
    ),
    accepts_a_part_of_a_status=(
        "A text is accepted as a status if it is a part of a terminal one.",
        accept_status_text(lambda value: value not in {"", *TERMINAL} and value in ",".join(TERMINAL)),
    ),
    finds_inherited_statuses=(
        "A status is accepted that names a property of every JavaScript object, such as `constructor`.",
        accept_status(lambda value: value in INHERITED),
    ),
)
