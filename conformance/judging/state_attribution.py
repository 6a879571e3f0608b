"""If an update returned what the state model does not expect: which request caused it?

First the enrollment is updated with nothing in between. If that goes wrong too, no other request is the
cause. If it goes right, each suspect is sent again, between two updates. One that changes the status again is
the cause.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from schemathesis import Case

from ..requests.cases import Cases
from ..requests.classify import ID_FIELDS, STATUS_FIELD
from ..transport.gate import RunStopped
from .features import other_status
from .finding import Finding
from .judged import Doubt, Judged, Suspect
from .response_facts import is_success

MOST = 3
"""How many suspects of one rule are sent again."""
CHECKED = {"STATE-02", "STATE-03", "STATE-08"}
"""The rules that an update with nothing unusual before it must pass."""

Send = Callable[[Case[Any]], Judged]


def attribute_state(
    doubt: Doubt, status: str, cases: Cases, send: Send, violated: Collection[str]
) -> list[Finding]:
    """What the target violates, if an update to this status left a doubt."""
    for finding in (doubt.finding, *(suspect.finding for suspect in doubt.suspects)):
        if finding.rule in violated:
            return [finding]
    try:
        return [_search(doubt, status, cases, send)]
    except RunStopped:
        return [doubt.finding]  # a rule was violated, though it may be another one


def _search(doubt: Doubt, status: str, cases: Cases, send: Send) -> Finding:
    def update(status: str) -> Judged:
        ids = dict(zip(ID_FIELDS, doubt.ids, strict=True))
        return send(cases.update({**ids, STATUS_FIELD: status}))

    for each in (other_status(status), status):
        control = update(each)
        if _is_unexpected(control) or control.response is None or not is_success(control.response):
            return doubt.finding
    for suspect in _few(doubt.suspects):
        other = other_status(suspect.status)
        update(other)
        again = send(suspect.exchange.case)
        if suspect.finding.rule == "ID-08" and again.doubt is not None:
            is_same_record = Finding("STATE-02") in again.findings
            return doubt.finding if is_same_record else suspect.finding
        if _is_unexpected(update(other)):
            return suspect.finding
    return doubt.finding


def _is_unexpected(judged: Judged) -> bool:
    violations = {finding.rule for finding in judged.findings if finding.is_violation}
    return judged.doubt is not None or bool(violations & CHECKED)


def _few(suspects: Collection[Suspect]) -> Iterator[Suspect]:
    """The first suspects of each rule."""
    seen: list[str] = []
    for suspect in suspects:
        if seen.count(suspect.finding.rule) < MOST:
            seen.append(suspect.finding.rule)
            yield suspect
