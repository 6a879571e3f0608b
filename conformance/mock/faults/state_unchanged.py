"""Faults of state that must not change: by rejected requests, in other enrollments, by swapped ids."""

from collections.abc import Callable, Iterable
from typing import Any

from ..behaviour import Call, Check, Find, Finish, Response, Update
from ..store import Enrollment
from .fault import Change, fault, table, wrap
from .steps import (
    TERMINAL,
    CallTest,
    ResponseTest,
    always,
    find_also,
    find_unchecked,
    of_campaign,
    of_customer,
    on,
    sets,
    swapped,
)

SWAPPED = ("LOOKUP-01", "LOOKUP-02")
"""The rules that a fault breaks too if it accepts swapped ids."""


def set_others(
    others: Callable[[Call, Enrollment], Iterable[Enrollment]], status: str | None = None
) -> Change:
    """Set the status of other enrollments too, by default to the status of the update."""

    def wrapper(inner: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
        body = inner(call, enrollment)
        for other in others(call, enrollment):
            other.status = status or enrollment.status
        return body

    return wrap("update", wrapper)


def every_enrollment(call: Call, _: Enrollment) -> Iterable[Enrollment]:
    """Every enrollment of the mock."""
    return call.mock.store


def every_other(call: Call, enrollment: Enrollment) -> list[Enrollment]:
    """Every enrollment of the mock except the updated one."""
    return [each for each in call.mock.store if each is not enrollment]


def next_one(call: Call, enrollment: Enrollment) -> list[Enrollment]:
    """The enrollment that was added next, or the first."""
    every = list(call.mock.store)
    return [every[(every.index(enrollment) + 1) % len(every)]]


def of_customer_once(status: str) -> Callable[[Call, Enrollment], list[Enrollment]]:
    """Every enrollment of the customer, if the status was set."""
    return lambda call, enrollment: of_customer(call) if enrollment.status == status else []


def write(when: ResponseTest, status: Callable[[Call], Any] = lambda call: call.value("status")) -> Change:
    """Set a status after a request was rejected, by default the status of the request."""

    def wrapper(inner: Finish, call: Call, response: Response) -> Response:
        found = find_unchecked(call) if when(call, response) else None
        written = status(call)
        if found is not None and isinstance(written, str):
            found.status = written
        return inner(call, response)

    return wrap("finish", wrapper)


def write_before(check: str, when: CallTest = always) -> Change:
    """Set the status of a request before a check rejects the request."""

    def wrapper(inner: Check, call: Call) -> Response | None:
        rejection = inner(call)
        found = find_unchecked(call) if rejection else None
        if found is not None and when(call):
            found.set(call.value("status"))
        return rejection

    return wrap(check, wrapper)


table(
    "STATE-05",
    also=["STATE-02"],
    sets_a_status_that_it_refuses=("A status that gets a 400 is set.", write(on(400))),
    sets_a_status_that_is_none=("A status that gets a 422 is set.", write(on(422))),
    sets_the_status_without_a_key=("A request that gets a 401 sets the status.", write(on(401))),
    sets_the_status_without_the_permission=("A request that gets a 403 sets the status.", write(on(403))),
)
table(
    "STATE-05",
    also=["STATE-02"],
    unseen=True,
    resets_the_status_when_refusing=(
        "A request that gets a 400 sets the enrollment to `pending`.",
        write(on(400), lambda _: "pending"),
    ),
    sets_the_status_by_another_method=(
        "A PUT gets a 405 and sets the status.",
        write(lambda call, response: call.method == "PUT" and response.status == 405),
    ),
    sets_a_status_before_it_is_judged=(
        "A non-terminal status is set before it is rejected.",
        write_before("status"),
    ),
    sets_cancelled_before_it_is_judged=(
        "The status `cancelled` is set before it is rejected.",
        write_before("status", sets("cancelled")),
    ),
    sets_a_terminal_status_before_the_permission=(
        "A terminal status is set before a key that lacks the permission is rejected.",
        write_before("permission", sets(*TERMINAL)),
    ),
    applies_what_it_refuses_as_no_json=(
        "A good body of another media type is rejected, and its update made.",
        write_before("media", sets(*TERMINAL)),
    ),
)
table(
    "STATE-06",
    also=["STATE-02"],
    updates_every_enrollment=("An update sets the status of every enrollment.", set_others(every_enrollment)),
    updates_every_campaign_of_the_customer=set_others(lambda call, _: of_customer(call)),
    updates_every_customer_of_the_campaign=set_others(lambda call, _: of_campaign(call)),
    updates_the_next_enrollment=("An update sets the status of one other enrollment.", set_others(next_one)),
)
table(
    "STATE-06",
    also=["STATE-02"],
    unseen=True,
    resets_every_other_enrollment=(
        "An update sets every other enrollment to `pending`.",
        set_others(every_other, "pending"),
    ),
    spreads_failed_to_every_campaign_of_the_customer=(
        "An update to `failed` sets the status of every enrollment of the customer.",
        set_others(of_customer_once("failed")),
    ),
    completes_every_campaign_of_the_customer=(
        "An update to `completed` completes every enrollment of the customer.",
        set_others(of_customer_once("completed")),
    ),
)
table(
    "STATE-07",
    also=SWAPPED,
    takes_the_ids_in_either_place=(
        "A customer and a campaign in each other's place update their enrollment.",
        find_also(swapped),
    ),
    takes_the_ids_in_either_place_to_set_failed=(
        "A customer and a campaign in each other's place update their enrollment to `failed`.",
        find_also(lambda call: swapped(call) if sets("failed")(call) else None),
    ),
)


@fault("STATE-07", step="find", also=SWAPPED, unseen=True)
def takes_the_ids_in_either_place_once_updated(inner: Find, call: Call) -> Enrollment | None:
    """A customer and a campaign in each other's place update their enrollment if it was updated before."""
    found, other = inner(call), swapped(call)
    return found or (other if other and other.updates else None)


@fault("STATE-07", step="lookup", also=["STATE-02"], unseen=True)
def updates_in_secret_by_swapped_ids(inner: Check, call: Call) -> Response | None:
    """Ids in each other's place get a 404, and the enrollment is updated."""
    rejection = inner(call)
    other = swapped(call) if rejection else None
    if other is not None:
        other.set(call.value("status"))
    return rejection
