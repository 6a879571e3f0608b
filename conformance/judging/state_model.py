"""The state of the enrollments, as far as the responses show it. It decides the rules about state.

`StateModel.observe` has the table of what an exchange means for an enrollment. `expectations` has the table
of what an accepted update must return. An unexpected `previousStatus` can have several causes. The model does
not guess: it returns the causes as a doubt, and `state_attribution` sends more requests to resolve the doubt.
"""

from collections.abc import Mapping

from ..requests.request_class import Defect, Key, RequestClass
from ..transport.exchange import Exchange, Response
from .expectations import EXPECTATIONS, Record, Update
from .finality import Finality
from .finding import PASSED, Finding, Outcome, expect
from .judged import Doubt, PossibleCause
from .response_facts import is_inconclusive, is_success

Pair = tuple[str, str]
Observation = tuple[list[Finding], Doubt | None]
NOTHING: Observation = ([], None)
INTERFERENCE = {
    "STATE-05": "the request in between was rejected",
    "STATE-06": "the update in between was another enrollment's",
    "STATE-07": "the request in between had its ids in each other's place",
}
"""For each rule: which request must not change what the next update of an enrollment returns."""


def _is_swapped(request: RequestClass, response: Response | None) -> bool:
    is_valid = request.is_update and request.first_defect is Defect.UNKNOWN_IDS and request.key is Key.FULL
    return request.swapped and is_valid and response is not None and not is_inconclusive(response)


def _is_carried_out(response: Response | None) -> bool:
    return response is not None and is_success(response)


def _is_accepted_update(request: RequestClass, response: Response | None) -> bool:
    return request.enrollment is not None and request.is_update and _is_carried_out(response)


def _is_rejected(request: RequestClass, response: Response | None) -> bool:
    """Whether a request that names an enrollment was rejected.

    A 429 is a rejection here. It decides nothing about what is in the request, but it too says that the
    request was not carried out, so the status must stay as it is.
    """
    return request.enrollment is not None and response is not None and 300 <= response.status < 500


def _names_an_enrollment(request: RequestClass, _: Response | None) -> bool:
    return request.enrollment is not None


def _is_unexpected(request: RequestClass, response: Response | None) -> bool:
    return request.preferred is None and _is_carried_out(response)


class StateModel:
    """The records of all enrollments of one target."""

    def __init__(self) -> None:
        self._records: dict[Pair, Record] = {}
        self._finality = Finality()
        self.last_pair: Pair | None = None
        """The ids of the enrollment that was updated last."""

    @property
    def is_final(self) -> bool:
        """Whether a terminal status is final: the target rejects later updates to both terminal statuses."""
        return self._finality.is_final

    def was_updated(self, pair: Pair | None) -> bool:
        """Whether an update of an enrollment was accepted."""
        return pair in self._records and self._records[pair].last is not None

    def rejects_later(self, request: RequestClass) -> bool:
        """Whether a request is a later update of an enrollment whose status is final."""
        return self.is_final and self.was_updated(request.pair)

    def observe(self, request: RequestClass, exchange: Exchange) -> Observation:
        """Learn from one exchange. Returns the findings, and the doubt if a response has several causes."""
        record = self._record(request)
        if record is not None and exchange.repeated:
            record.status = None  # the first request may have been carried out, and its response lost
        # What each kind of exchange means. An exchange is of the first row whose condition holds.
        events = (
            (_is_swapped, self._swap),
            (_is_accepted_update, self._update),
            (_is_rejected, self._reject),
            (_names_an_enrollment, self._forget),
            (_is_unexpected, self._forget_all),
        )
        for holds, learn in events:
            if holds(request, exchange.response):
                return learn(request, exchange)
        return NOTHING

    def _record(self, request: RequestClass) -> Record | None:
        pair = request.pair
        return None if pair is None else self._records.setdefault(pair, Record())

    def _update(self, request: RequestClass, exchange: Exchange) -> Observation:
        """An update was accepted. Its response must agree with the record of the enrollment."""
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
        findings += self._finality.observe_update(update)
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
        """A request that names an enrollment was rejected. It must not change the status."""
        record, response = self._record(request), exchange.response
        assert record is not None
        assert response is not None
        _may_interfere(record, "STATE-05", request, exchange)
        is_update = request.is_valid and request.key is Key.FULL and response.status != 401
        if not is_update or record.status is None or is_inconclusive(response):
            return NOTHING
        assert request.operation is not None
        documented = {*request.operation.responses, *request.standard}
        finding = Finding("STATE-08", expect("a documented response", that=response.status in documented))
        is_recased = bool(record.ids) and request.ids != record.ids
        if is_recased and self.is_final:  # a server with another record for these ids would accept the update
            return [finding, Finding("ID-08")], None
        if is_recased and response.status == 404:
            return [], Doubt(finding, (_recased(str(request.status), exchange, "200"),), record.ids)
        if not finding.is_violation and not is_recased:
            self._finality.observe_rejection(record, request.status)
        is_conflict = response.status == 409 and 409 not in request.operation.responses
        return [finding, *(self._finality.observe_conflict() if is_conflict else [])], None

    def _swap(self, request: RequestClass, exchange: Exchange) -> Observation:
        """The two ids of a valid request were those of an enrollment, but swapped."""
        assert exchange.response is not None
        if is_success(exchange.response):
            self._forget_all(request, exchange)
            return [Finding("STATE-07", "404: the ids are in each other's place")], None
        record = self._records.setdefault((request.ids[1].lower(), request.ids[0].lower()), Record())
        _may_interfere(record, "STATE-07", request, exchange)
        return [Finding("STATE-07")], None

    def _forget(self, request: RequestClass, _: Exchange) -> Observation:
        """A request that names an enrollment may have been carried out, so its status is not known."""
        record = self._record(request)
        assert record is not None
        record.status = None
        return NOTHING

    def _forget_all(self, _: RequestClass, __: Exchange) -> Observation:
        """A request that names no enrollment was carried out. It may have changed any of them."""
        for record in self._records.values():
            record.status = None
        return NOTHING


def _first_update(update: Update) -> list[Finding]:
    """The rules that the first update of an enrollment decides: no request before it set its status."""
    previous = update.text("previousStatus")
    if previous is None:
        return []
    rules = {each.finding.rule for each in update.record.since if each.status != previous}
    return [Finding(rule) for rule in sorted(rules)]


def _may_interfere(record: Record, rule: str, request: RequestClass, exchange: Exchange) -> None:
    """Keep a request that must not change the status, if the next update would show a change."""
    if record.last is None and isinstance(request.status, str):
        expected = "another previousStatus"
        record.since.append(PossibleCause(Finding(rule, expected), request.status, exchange))
    if record.status is not None and isinstance(request.status, str) and request.status != record.status:
        expected = f"the previousStatus {record.status}: {INTERFERENCE[rule]}"
        record.since.append(PossibleCause(Finding(rule, expected), request.status, exchange))


def _recased(status: str, exchange: Exchange, expected: str) -> PossibleCause:
    finding = Finding("ID-08", f"{expected}: the ids differ from the enrollment's in letter case only")
    return PossibleCause(finding, status, exchange)


def _doubt(update: Update, exchange: Exchange, outcomes: Mapping[str, Outcome]) -> Doubt | None:
    """The possible causes, if an update returned an unexpected id or an unexpected previous status."""
    record = update.record
    if update.is_recased and outcomes["STATE-03"]:
        cause = _recased(str(update.request.status), exchange, outcomes["STATE-03"])
        return Doubt(Finding("STATE-03", outcomes["STATE-03"]), (cause,), record.ids)
    if not outcomes["STATE-02"]:
        return None
    previous = update.text("previousStatus")
    causes = sorted(record.since, key=lambda each: each.status != previous)
    if update.is_recased and record.last is not None:
        causes.append(_recased(str(record.status), record.last, outcomes["STATE-02"]))
    finding = Finding("STATE-02", outcomes["STATE-02"])
    return Doubt(finding, tuple(causes), update.request.ids) if causes else None
