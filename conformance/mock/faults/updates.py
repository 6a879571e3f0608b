"""The ways in which faults change what an update does, and what it says that it did."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from ..behaviour import Behaviour, Call, Response
from ..store import NAMESPACE, Enrollment, Store
from .changes import AnswerTest, CallTest, always, on
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


def asked(call: Call) -> Any:  # noqa: ANN401 - a JSON value
    """The status that a request asks for."""
    return call.value("status")


def writes(when: AnswerTest, status: Callable[[Call], Any] = asked) -> Change:
    """Set a status when a request is refused, by default the one that it asks for."""

    def change(mock: Behaviour) -> None:
        before = mock.finish

        def finish(call: Call, response: Response) -> Response:
            found = named(mock, call) if when(call, response) else None
            made = status(call)
            if found is not None and isinstance(made, str):
                found.status = made
            return before(call, response)

        mock.finish = finish

    return change


def writes_when_refusing(*statuses: int) -> Change:
    """Set the status that a refused request asks for."""
    return writes(on(*statuses))


def writes_before(check: str, when: CallTest = always) -> Change:
    """Set the status that a request asks for before a check refuses it."""

    def change(mock: Behaviour) -> None:
        before = mock.checks[check]

        def refuse(call: Call) -> Response | None:
            refusal = before(call)
            found = named(mock, call) if refusal else None
            if found is not None and when(call):
                found.set(asked(call))
            return refusal

        mock.checks[check] = refuse

    return change


def named(mock: Behaviour, call: Call) -> Enrollment | None:
    """The enrollment that the body names, if the body can be read."""
    try:
        call.json = mock.parse(call.body)
    except ValueError:
        return None
    return mock.find(call)


def says_the_first_status(mock: Behaviour) -> None:
    """Say the status before the first update."""
    before = mock.update
    first: dict[str, str] = {}

    def update(call: Call, enrollment: Enrollment) -> dict[str, Any]:
        status = first.setdefault(enrollment.id, enrollment.status)
        return {**before(call, enrollment), "previousStatus": status}

    mock.update = update


def renames_after_a_refusal(mock: Behaviour) -> None:
    """Make the id of an enrollment from the number of refused requests too."""
    before = mock.finish
    refused: list[Call] = []

    def finish(call: Call, response: Response) -> Response:
        refused.extend([call] if on(400, 404, 422)(call, response) else [])
        return before(call, response)

    mock.finish = finish
    names(lambda _, enrollment: f"{enrollment.id}{len(refused)}")(mock)


def renames_once_completed(update: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
    """Make a new id of an enrollment that is completed after it has failed."""
    if enrollment.status == "failed" and asked(call) == "completed":
        enrollment.id = str(uuid.uuid5(NAMESPACE, enrollment.id))
    return update(call, enrollment)


def resets_others(mock: Behaviour) -> None:
    """Set every other enrollment to `pending`."""
    before = mock.update

    def update(call: Call, enrollment: Enrollment) -> dict[str, Any]:
        body = before(call, enrollment)
        for other in mock.store:
            other.status = other.status if other is enrollment else "pending"
        return body

    mock.update = update


def finds_swapped_again(mock: Behaviour) -> None:
    """Take the ids in each other's place, if their enrollment was updated before."""
    before = mock.find

    def find(call: Call) -> Enrollment | None:
        swapped = mock.store.find(str(call.value("campaignId")), str(call.value("customerId")))
        return before(call) or (swapped if swapped and swapped.updates else None)

    mock.find = find


def finds_either_way(when: Callable[[Call], bool]) -> Change:
    """Take the ids in each other's place."""

    def change(mock: Behaviour) -> None:
        before = mock.find

        def find(call: Call) -> Enrollment | None:
            swapped = mock.store.find(str(call.value("campaignId")), str(call.value("customerId")))
            return before(call) or (swapped if when(call) else None)

        mock.find = find

    return change


def refuses_after_an_update(when: UpdateTest, response: Response) -> Change:
    """Answer otherwise when an enrollment was updated before."""

    def change(mock: Behaviour) -> None:
        before = mock.checks["lookup"]

        def check(call: Call) -> Response | None:
            refusal = before(call)
            found = call.enrollment
            return response if refusal is None and found and found.updates and when(call, found) else refusal

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
