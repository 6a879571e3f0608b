"""Which request caused an unexpected response to an update?

First, the enrollment is updated twice, with no other request in between. If a response is unexpected again,
no other request is the cause. Otherwise each possible cause is sent again, between two updates. The one
that changes the status again is the cause.
"""

from collections.abc import Collection, Iterator

from ..requests.cases import Cases
from ..requests.request import read_json
from ..requests.request_class import ID_FIELDS, STATUS_FIELD
from ..transport.gate import RunStopped
from .features import other_status
from .finding import Finding
from .judged import Doubt, Judged, PossibleCause, Send
from .response_facts import is_inconclusive, is_not_found, is_success

MOST = 3
"""How many possible causes of one rule are sent again."""
CHECKED = {"STATE-02", "STATE-03", "STATE-08"}
"""The rules that an update must pass if no other request came before it."""


def attribute_state(
    doubt: Doubt, status: str, cases: Cases, send: Send, violated: Collection[str]
) -> list[Finding]:
    """The finding that resolves the doubt of an update to this status."""
    for finding in (doubt.finding, *(cause.finding for cause in doubt.causes)):
        if finding.rule in violated:
            return [finding]
    try:
        return [_search(doubt, status, cases, send)]
    except RunStopped:
        return [doubt.finding]  # the target violated a rule, but it may be another rule


def _search(doubt: Doubt, status: str, cases: Cases, send: Send) -> Finding:
    def update(status: str) -> Judged:
        ids = dict(zip(ID_FIELDS, doubt.ids, strict=True))
        return send(cases.update({**ids, STATUS_FIELD: status}))

    for each in (other_status(status), status):
        control = update(each)
        if _is_unexpected(control) or not _is_carried_out(control):
            if each == status and _is_rejected(control):
                return _search_in_repetition(doubt, status, cases, send)
            return doubt.finding
    for cause in _few(doubt.causes):
        other = other_status(cause.status)
        update(other)
        again = send(cause.exchange.case)
        if cause.finding.rule == "ID-08" and again.doubt is not None:
            is_same_record = Finding("STATE-02") in again.findings
            return doubt.finding if is_same_record else cause.finding
        if _is_unexpected(update(other)):
            return cause.finding
    return doubt.finding


def _search_in_repetition(doubt: Doubt, status: str, cases: Cases, send: Send) -> Finding:
    """The target rejects the change to this status. Does it find the ids if the status stays as it is?"""
    for cause in doubt.causes:
        if cause.finding.rule == "ID-08":
            body = {**read_json(cause.exchange.request.content), STATUS_FIELD: other_status(status)}
            again = send(cases.update(body))
            return (
                cause.finding
                if again.response is not None and is_not_found(again.response)
                else doubt.finding
            )
    return doubt.finding


def _is_rejected(judged: Judged) -> bool:
    response = judged.response
    return response is not None and 400 <= response.status < 500 and not is_inconclusive(response)


def _is_carried_out(judged: Judged) -> bool:
    return judged.response is not None and is_success(judged.response)


def _is_unexpected(judged: Judged) -> bool:
    violations = {finding.rule for finding in judged.findings if finding.is_violation}
    return judged.doubt is not None or bool(violations & CHECKED)


def _few(causes: Collection[PossibleCause]) -> Iterator[PossibleCause]:
    """The first possible causes of each rule."""
    seen: list[str] = []
    for cause in causes:
        if seen.count(cause.finding.rule) < MOST:
            seen.append(cause.finding.rule)
            yield cause
