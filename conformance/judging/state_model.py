"""What the enrollments hold, as far as the responses tell: decides the rules about state.

`EVENTS` is a table of what an exchange means for an enrollment. `EXPECTATIONS` is a table of what an accepted
update must return. An unexpected `previousStatus` can have several causes. The model lists them as a doubt
and does not guess. `state_attribution` sends more requests to resolve it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

from ..requests.classify import Defect, Key, RequestClass
from ..transport.exchange import Exchange, Response
from .finding import PASSED, Finding, Outcome, expect
from .judged import Doubt, Suspect
from .response_facts import is_inconclusive, is_success

Pair = tuple[str, str]
Observation = tuple[list[Finding], Doubt | None]
NOTHING: Observation = ([], None)
INTERFERENCE = {
    "STATE-05": "the request in between was rejected",
    "STATE-06": "the update in between was another enrollment's",
    "STATE-07": "the request in between had its ids in each other's place",
}
"""What must not show in the next update of an enrollment, by the rule that says so."""


@dataclass
class Record:
    """What is known of one enrollment."""

    status: str | None = None
    """Its status, or None while it is not known."""
    ids: tuple[str, ...] = ()
    """The ids of the last accepted update, in their letter case."""
    last: Exchange | None = None
    """The last accepted update."""
    id: UUID | None = None
    since: list[Suspect] = field(default_factory=list)
    """The requests since the last accepted update, which must not change the status."""
    rejected: set[object] = field(default_factory=set)
    """The statuses of later updates that were rejected, since its status is terminal."""


@dataclass(frozen=True, slots=True)
class Update:
    """An accepted update of an enrollment, and what was known of the enrollment before."""

    request: RequestClass
    response: Response
    record: Record
    other_ids: frozenset[UUID]
    """The ids that other enrollments have."""

    @property
    def is_recased(self) -> bool:
        """Whether the ids are in another letter case than those of the last accepted update."""
        return bool(self.record.ids) and self.request.ids != self.record.ids

    def text(self, name: str) -> str | None:
        """The value of a property of the response, if it is a string."""
        value = self.response.body.get(name) if isinstance(self.response.body, dict) else None
        return value if isinstance(value, str) else None

    @property
    def id(self) -> UUID | None:
        """The id of the enrollment in the response."""
        try:
            return UUID(self.text("customerCampaignId") or "")
        except ValueError:
            return None


def _new_status(update: Update) -> Outcome:
    new = update.text("newStatus")
    return (
        None
        if new is None
        else expect(f"the newStatus {update.request.status}", that=new == update.request.status)
    )


def _success(update: Update) -> Outcome:
    success = update.response.body.get("success") if isinstance(update.response.body, dict) else None
    return expect("success true", that=success) if isinstance(success, bool) else None


def _same_id(update: Update) -> Outcome:
    if update.record.id is None or update.id is None:
        return None
    return expect(f"the customerCampaignId {update.record.id} again", that=update.id == update.record.id)


def _other_id(update: Update) -> Outcome:
    if update.id is None or not update.other_ids:
        return None
    return expect("a customerCampaignId of its own", that=update.id not in update.other_ids)


def _previous_status(update: Update) -> Outcome:
    previous, status = update.text("previousStatus"), update.record.status
    if previous is None or status is None:
        return None
    return expect(f"the previousStatus {status}", that=previous == status)


def _documented(update: Update) -> Outcome:
    if update.record.status is None or update.request.operation is None:
        return None
    return expect("a documented response", that=update.response.status in update.request.operation.responses)


EXPECTATIONS: Mapping[str, Callable[[Update], Outcome]] = {
    "STATE-01": _new_status,
    "RESPONSE-02": _success,
    "STATE-03": _same_id,
    "STATE-04": _other_id,
    "STATE-02": _previous_status,
    "STATE-08": _documented,
}
"""What an accepted update must return, by the rule that says so."""


class Event(Enum):
    """What an exchange means for the enrollment that it names."""

    SWAPPED = auto()
    """A valid request had the ids of an enrollment in each other's place."""
    UPDATED = auto()
    """An update was accepted."""
    REJECTED = auto()
    """A request was rejected."""
    UNCERTAIN = auto()
    """A request may have been carried out."""
    UNEXPECTED = auto()
    """A request that names no enrollment was carried out, and may have changed any."""


def _names_one(request: RequestClass) -> bool:
    return request.enrollment is not None


def _is_rejection(response: Response | None) -> bool:
    return response is not None and 300 <= response.status < 500


def _is_carried_out(response: Response | None) -> bool:
    return response is not None and is_success(response)


def _is_swapped(request: RequestClass, response: Response | None) -> bool:
    is_valid = request.is_update and request.first_defect is Defect.UNKNOWN_IDS and request.key is Key.FULL
    return request.swapped and is_valid and response is not None and not is_inconclusive(response)


EVENTS: Sequence[tuple[Event, Callable[[RequestClass, Response | None], bool]]] = (
    (Event.SWAPPED, _is_swapped),
    (
        Event.UPDATED,
        lambda request, response: _names_one(request) and request.is_update and _is_carried_out(response),
    ),
    (Event.REJECTED, lambda request, response: _names_one(request) and _is_rejection(response)),
    (Event.UNCERTAIN, lambda request, _: _names_one(request)),
    (Event.UNEXPECTED, lambda request, response: request.preferred is None and _is_carried_out(response)),
)
"""Which request and response are which event. The first row that fits counts."""


class StateModel:
    """What is known of all enrollments of one target."""

    def __init__(self) -> None:
        self._records: dict[Pair, Record] = {}
        self._updates_again = False
        """Whether an enrollment with a terminal status was ever updated."""
        self.last_pair: Pair | None = None
        """The ids of the enrollment that was updated last."""

    @property
    def is_final(self) -> bool:
        """Whether a terminal status is final: each later update is rejected, to either status."""
        both = any(len(record.rejected) > 1 for record in self._records.values())
        return both and not self._updates_again

    def was_updated(self, pair: Pair | None) -> bool:
        """Whether an update of an enrollment was accepted."""
        return pair in self._records and self._records[pair].last is not None

    def rejects_later(self, request: RequestClass) -> bool:
        """Whether a request is a later update of an enrollment whose status is final."""
        return self.is_final and self.was_updated(request.pair)

    def observe(self, request: RequestClass, exchange: Exchange) -> Observation:
        """Learn from one exchange. Returns what it decides, and the doubt that it leaves."""
        record = self._record(request)
        if record is not None and exchange.repeated:
            record.status = None  # the first request may have been carried out, and its response lost
        effects = {
            Event.SWAPPED: self._swap,
            Event.UPDATED: self._update,
            Event.REJECTED: self._reject,
            Event.UNCERTAIN: self._forget,
            Event.UNEXPECTED: self._forget_all,
        }
        for event, is_such in EVENTS:
            if is_such(request, exchange.response):
                return effects[event](request, exchange)
        return NOTHING

    def _record(self, request: RequestClass) -> Record | None:
        pair = request.pair
        return None if pair is None else self._records.setdefault(pair, Record())

    def _update(self, request: RequestClass, exchange: Exchange) -> Observation:
        """An update was accepted: its response must agree with what is known."""
        record, response = self._record(request), exchange.response
        assert record is not None
        assert response is not None
        others = {each.id for each in self._records.values() if each is not record and each.id is not None}
        update = Update(request, response, record, frozenset(others))
        outcomes = {rule: expectation(update) for rule, expectation in EXPECTATIONS.items()}
        doubt = _doubt(update, exchange, outcomes)
        findings = [
            Finding(rule, outcome)
            for rule, outcome in outcomes.items()
            if outcome is not None and (doubt is None or not outcome or rule not in {"STATE-02", "STATE-03"})
        ]
        if outcomes["STATE-02"] == PASSED and doubt is None:
            findings += [Finding(rule) for rule in sorted({each.finding.rule for each in record.since})]
        if update.is_recased and outcomes["STATE-03"] == PASSED:
            findings.append(Finding("ID-08"))
        if record.last is None:
            findings += _first_update(update)
        elif self.is_final and update.is_recased:
            findings.append(Finding("ID-08", "a rejection: the status of the enrollment is final"))
        self._updates_again = self._updates_again or (record.last is not None and not update.is_recased)
        self.last_pair = request.pair
        self._learn(update, exchange, is_clear=not (doubt and outcomes["STATE-03"]))
        return findings, doubt

    def _learn(self, update: Update, exchange: Exchange, *, is_clear: bool) -> None:
        record, status = update.record, update.request.status
        is_known = is_clear and isinstance(status, str) and update.text("newStatus") in {None, status}
        record.status = str(status) if is_known else None
        record.since.clear()
        if is_clear:
            record.ids, record.id, record.last = update.request.ids, record.id or update.id, exchange
        for other in self._records.values():
            if other is not record:
                _may_interfere(other, "STATE-06", update.request, exchange)

    def _reject(self, request: RequestClass, exchange: Exchange) -> Observation:
        """A request that names an enrollment was rejected: it must not show in the next update."""
        record, response = self._record(request), exchange.response
        assert record is not None
        assert response is not None
        _may_interfere(record, "STATE-05", request, exchange)
        is_update = request.is_valid and request.key is Key.FULL and response.status not in {401, 403}
        if not is_update or record.status is None:
            return NOTHING
        assert request.operation is not None
        documented = {*request.operation.responses, *request.standard}
        finding = Finding("STATE-08", expect("a documented response", that=response.status in documented))
        is_recased = bool(record.ids) and request.ids != record.ids
        if is_recased and self.is_final:
            return [finding, Finding("ID-08")], None  # another record would have been updated
        if is_recased and response.status == 404:
            return [], Doubt(finding, (_recased(str(request.status), exchange, "200"),), record.ids)
        if not finding.is_violation and not is_recased:
            record.rejected.add(request.status)
        return [finding], None

    def _swap(self, request: RequestClass, exchange: Exchange) -> Observation:
        """A valid request had the ids of an enrollment in each other's place."""
        assert exchange.response is not None
        if is_success(exchange.response):
            self._forget_all(request, exchange)
            return [Finding("STATE-07", "404: the ids are in each other's place")], None
        record = self._records.setdefault((request.ids[1].lower(), request.ids[0].lower()), Record())
        _may_interfere(record, "STATE-07", request, exchange)
        return [Finding("STATE-07")], None

    def _forget(self, request: RequestClass, _: Exchange) -> Observation:
        """The request may have been carried out."""
        record = self._record(request)
        assert record is not None
        record.status = None
        return NOTHING

    def _forget_all(self, _: RequestClass, __: Exchange) -> Observation:
        """A request that names no enrollment was carried out, and may have changed any."""
        for record in self._records.values():
            record.status = None
        return NOTHING


def _first_update(update: Update) -> list[Finding]:
    """What the first update of an enrollment shows: a status that a request in between had is not there."""
    previous = update.text("previousStatus")
    if previous is None:
        return []
    rules = {each.finding.rule for each in update.record.since if each.status != previous}
    return [Finding(rule) for rule in sorted(rules)]


def _may_interfere(record: Record, rule: str, request: RequestClass, exchange: Exchange) -> None:
    """Keep a request that must not change the status, if its status would show."""
    if record.last is None and isinstance(request.status, str):
        expected = "another previousStatus"
        record.since.append(Suspect(Finding(rule, expected), request.status, exchange))
    if record.status is not None and isinstance(request.status, str) and request.status != record.status:
        expected = f"the previousStatus {record.status}: {INTERFERENCE[rule]}"
        record.since.append(Suspect(Finding(rule, expected), request.status, exchange))


def _recased(status: str, exchange: Exchange, expected: str) -> Suspect:
    finding = Finding("ID-08", f"{expected}: the ids differ from the enrollment's in letter case only")
    return Suspect(finding, status, exchange)


def _doubt(update: Update, exchange: Exchange, outcomes: Mapping[str, Outcome]) -> Doubt | None:
    """What else could be the reason, if an update returned another id or another previous status."""
    record = update.record
    if update.is_recased and outcomes["STATE-03"]:
        suspect = _recased(str(update.request.status), exchange, outcomes["STATE-03"])
        return Doubt(Finding("STATE-03", outcomes["STATE-03"]), (suspect,), record.ids)
    if not outcomes["STATE-02"]:
        return None
    previous = update.text("previousStatus")
    suspects = sorted(record.since, key=lambda each: each.status != previous)
    if update.is_recased and record.last is not None:
        suspects.append(_recased(str(record.status), record.last, outcomes["STATE-02"]))
    finding = Finding("STATE-02", outcomes["STATE-02"])
    return Doubt(finding, tuple(suspects), update.request.ids) if suspects else None
