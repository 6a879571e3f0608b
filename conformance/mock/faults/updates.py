"""The ways in which faults change what an update does, and what it says that it did."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from conformance.mock.behaviour import Answer, Behaviour, Call
from conformance.mock.store import NAMESPACE, Enrollment, Store

from .fault import Change

Update = Callable[[Call, Enrollment], dict[str, Any]]
UpdateTest = Callable[[Call, Enrollment], bool]


def updates(wrap: Callable[[Update, Call, Enrollment], dict[str, Any]]) -> Change:
    """Do an update in another way, with the right way at hand."""

    def change(mock: Behaviour) -> None:
        before = mock.update
        mock.update = lambda call, enrollment: wrap(before, call, enrollment)

    return change


def reports(say: Callable[[Call, Enrollment, dict[str, Any]], dict[str, Any]]) -> Change:
    """Do the update, and say something else of it."""

    def wrap(update: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
        body = update(call, enrollment)
        return {**body, **say(call, enrollment, body)}

    return updates(wrap)


def forgets(when: UpdateTest) -> Change:
    """Answer as if the status were set, and leave it as it was."""

    def wrap(update: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
        status, forgotten = enrollment.status, when(call, enrollment)
        body = update(call, enrollment)
        if forgotten:
            enrollment.status = status
        return body

    return updates(wrap)


def names(name: Callable[[Call, Enrollment], str]) -> Change:
    """Make the id of the enrollment from something else."""
    return reports(
        lambda call, enrollment, _: {"customerCampaignId": str(uuid.uuid5(NAMESPACE, name(call, enrollment)))}
    )


def spreads(to: Callable[[Store, Enrollment], Iterable[Enrollment]]) -> Change:
    """Set the status of other enrollments too."""

    def change(mock: Behaviour) -> None:
        before = mock.update

        def update(call: Call, enrollment: Enrollment) -> dict[str, Any]:
            body = before(call, enrollment)
            for other in to(mock.store, enrollment):
                other.status = enrollment.status
            return body

        mock.update = update

    return change


def following(store: Store, enrollment: Enrollment) -> list[Enrollment]:
    """The enrollment that was made next, or the first."""
    every = list(store)
    return [every[(every.index(enrollment) + 1) % len(every)]]


def says_the_status_before_last(mock: Behaviour) -> None:
    """Say the status before the previous update."""
    before = mock.update
    history: dict[str, list[str]] = {}

    def update(call: Call, enrollment: Enrollment) -> dict[str, Any]:
        seen = history.setdefault(enrollment.id, [])
        seen.append(enrollment.status)
        return {**before(call, enrollment), "previousStatus": seen[-2:][0]}

    mock.update = update


def writes_when_refusing(*statuses: int) -> Change:
    """Set the status that a refused request asks for."""

    def change(mock: Behaviour) -> None:
        before = mock.finish

        def finish(call: Call, answer: Answer) -> Answer:
            if answer.status in statuses and call.updates:
                write(mock, call)
            return before(call, answer)

        mock.finish = finish

    return change


def write(mock: Behaviour, call: Call) -> None:
    """Set the status that the body asks for, if the body can be read and names an enrollment."""
    try:
        call.json = mock.parse(call.body)
    except ValueError:
        return
    enrollment, status = mock.find(call), call.value("status")
    if enrollment is not None and isinstance(status, str):
        enrollment.status = status


def finds_either_way(when: Callable[[Call], bool]) -> Change:
    """Take the ids in each other's place."""

    def change(mock: Behaviour) -> None:
        before = mock.find

        def find(call: Call) -> Enrollment | None:
            swapped = mock.store.find(str(call.value("campaignId")), str(call.value("customerId")))
            return before(call) or (swapped if when(call) else None)

        mock.find = find

    return change


def refuses_after_an_update(when: UpdateTest, answer: Answer) -> Change:
    """Answer otherwise when an enrollment was updated before."""

    def change(mock: Behaviour) -> None:
        before = mock.checks["lookup"]

        def check(call: Call) -> Answer | None:
            refusal = before(call)
            found = call.enrollment
            return answer if refusal is None and found and found.updates and when(call, found) else refusal

        mock.checks["lookup"] = check

    return change


def repeats(call: Call, enrollment: Enrollment) -> bool:
    """Updates to the status that is set."""
    return bool(call.value("status") == enrollment.status)


def reverses(call: Call, enrollment: Enrollment) -> bool:
    """Updates to another status."""
    return not repeats(call, enrollment)


def again(_call: Call, enrollment: Enrollment) -> bool:
    """Updates of an enrollment that was updated before."""
    return enrollment.updates > 0
