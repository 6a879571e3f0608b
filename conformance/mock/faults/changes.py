"""The few ways in which faults change a behaviour, and when they do.

What depends on the past asks the enrollment or the store: a predicate is shared by every mock of a process,
and so has no memory of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..behaviour import Behaviour, Call, Response
from ..problems import MAX_ISSUES, Issue
from .fault import Change

CallTest = Callable[[Call], bool]
AnswerTest = Callable[[Call, Response], bool]
ValueTest = Callable[[Any], bool]
Alteration = Callable[[Call, Response], Response]

IDS = ("customerId", "campaignId")


def always(_call: Call) -> bool:
    """Every call."""
    return True


def waives(check: str, when: CallTest = always) -> Change:
    """Let the calls pass a check that they should face."""

    def change(mock: Behaviour) -> None:
        before = mock.checks[check]
        mock.checks[check] = lambda call: None if when(call) else before(call)

    return change


def refuses(when: CallTest, *statuses: int, after: str = "schema", **changes: object) -> Change:
    """Refuse the calls, once they have passed a check."""

    def change(mock: Behaviour) -> None:
        before = mock.checks[after]

        def check(call: Call) -> Response | None:
            refusal = before(call)
            if refusal is None and when(call):
                return mock.reject(call, *statuses, **changes)
            return refusal

        mock.checks[after] = check

    return change


def foresees(check: str, *, at: str) -> Change:
    """Refuse early what a later check would refuse."""

    def change(mock: Behaviour) -> None:
        before = mock.checks[at]
        order = ("json", "schema", "status", "lookup")
        *earlier, last = [mock.checks[name] for name in order[: order.index(check) + 1]]

        def early(call: Call) -> Response | None:
            return last(call) if all(each(call) is None for each in earlier) else None

        mock.checks[at] = lambda call: early(call) or before(call)

    return change


def precedes(check: str, *, at: str) -> Change:
    """Make a later check before an earlier one."""

    def change(mock: Behaviour) -> None:
        first, then = mock.checks[check], mock.checks[at]
        mock.checks[at] = lambda call: first(call) or then(call)

    return change


def postpones(check: str) -> Change:
    """Make a check after all others."""

    def change(mock: Behaviour) -> None:
        mock.checks[check] = mock.checks.pop(check)

    return change


def refuses_otherwise(check: str, status: int, **changes: object) -> Change:
    """Refuse with another status what a check refuses."""

    def change(mock: Behaviour) -> None:
        before = mock.checks[check]
        mock.checks[check] = lambda call: mock.reject(call, status, **changes) if before(call) else None

    return change


def turns(check: str, *alterations: Alteration, when: CallTest = always) -> Change:
    """Change the refusals of one check."""

    def change(mock: Behaviour) -> None:
        before = mock.checks[check]

        def refuse(call: Call) -> Response | None:
            refusal = before(call)
            if refusal is None or not when(call):
                return refusal
            for alteration in alterations:
                refusal = alteration(call, refusal)
            return refusal

        mock.checks[check] = refuse

    return change


def complains(find: Callable[[Call], list[Issue]]) -> Change:
    """Find more that is wrong with the form of a body."""

    def change(mock: Behaviour) -> None:
        before = mock.inspect
        mock.inspect = lambda call: (before(call) + find(call))[:MAX_ISSUES]

    return change


def rereads(read: Callable[[Any], Any], fields: tuple[str, ...] = IDS) -> Change:
    """Take another value for what a field holds, before anybody inspects it."""

    def change(mock: Behaviour) -> None:
        before = mock.inspect

        def inspect(call: Call) -> list[Issue]:
            for field in fields:
                if isinstance(call.json, dict) and field in call.json:
                    call.json = {**call.json, field: read(call.json[field])}
            return before(call)

        mock.inspect = inspect

    return change


def alters(when: AnswerTest, *alterations: Alteration) -> Change:
    """Change the finished answers."""

    def change(mock: Behaviour) -> None:
        before = mock.finish

        def finish(call: Call, response: Response) -> Response:
            response = before(call, response)
            if when(call, response):
                for alteration in alterations:
                    response = alteration(call, response)
            return response

        mock.finish = finish

    return change


def on(*statuses: int) -> AnswerTest:
    """Answers to the update with one of the statuses."""
    return lambda call, response: call.updates and response.status in statuses


def without(*names: str) -> Alteration:
    """The body with properties left out."""

    def alteration(_call: Call, response: Response) -> Response:
        return replace(
            response, body={name: value for name, value in response.body.items() if name not in names}
        )

    return alteration


def saying(**properties: object) -> Alteration:
    """The body with properties set."""
    return lambda _, response: replace(response, body={**response.body, **properties})


def as_status(status: int) -> Alteration:
    """The same body with another status."""
    return lambda _, response: replace(response, status=status)
