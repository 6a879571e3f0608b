"""What the enrollments hold, as far as the answers so far tell: decides the rules about state."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from ..requests.classify import ID_FIELDS, Defect, Key, RequestClass, of_version_4
from ..transport.exchange import Response
from .registry import HOLDS, is_inconclusive, named_fields

Pair = tuple[str, str]
_BETWEEN = {
    "STATE-05": "the request in between was refused",
    "STATE-07": "the request in between had its ids in each other's place",
    "STATE-06": "the update in between was another enrollment's",
}
"""What must not show in the next update of an enrollment, by the rule that says so."""


@dataclass
class _Record:
    """What is known of one enrollment."""

    status: str | None = None
    """The status that the last accepted update set, or None where an answer got lost since."""
    before: str | None = None
    """The status that it had before that, as far as is known."""
    id: UUID | None = None
    ids: tuple[str, ...] = ()
    """The ids of the last accepted update, in their letter case."""
    repeats_its_id: bool = False
    """Whether the last update in the letter case of the one before told the same `id`."""
    is_kept: bool = False
    """Whether an update of it was seen to be kept, with nothing in between."""
    is_doubtful: bool = False
    """Whether the answer to the last accepted update said that it set another status."""
    asked_in_vain: set[str] = field(default_factory=set)
    """Statuses of requests that were refused since the last accepted update."""
    swapped: set[str] = field(default_factory=set)
    """Statuses that were refused to its ids in each other's place since the last accepted update."""
    others: set[str] = field(default_factory=set)
    """Statuses that other enrollments got since the last accepted update."""
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Statuses of updates that were refused before any was accepted, each with the ids as they were sent."""


class StateModel:
    """The model of the target's state."""

    def __init__(self, terminal: Collection[str] = ()) -> None:
        self._terminal = terminal
        self._records: dict[Pair, _Record] = defaultdict(_Record)
        self.accepted: set[str] = set()
        """The statuses that updates were seen to set."""
        self.accepted_plainly: set[str] = set()
        """Those of them that were set with ids of version 4 in lower case."""
        self._is_forgetful = False
        """Whether the target was seen to report a wrong previous status with nothing in between."""
        self._renames = False
        """Whether the target was seen to tell another id, though the ids were in the same letter case."""
        self._set_by: set[str] = set()
        """The rules by whose breach alone a status was seen to be set."""
        self._remembers = False
        """Whether the target was seen to keep an update, with nothing in between."""

    def observe(
        self, request_class: RequestClass, response: Response | None, *, repeated: bool = False
    ) -> dict[str, str]:
        """Learn from one exchange; the outcomes by rule that it decides.

        Where the request was `repeated`, the first one may have been carried out, its answer lost.
        """
        if repeated and request_class.enrollment is not None:
            self._records[request_class.enrollment.pair].status = None
        if request_class.is_update and request_class.swapped:
            return self._observe_swapped(request_class, response)
        if request_class.is_update and request_class.enrollment is not None:
            return self._observe_named(request_class, request_class.enrollment.pair, response)
        if request_class.enrollment is not None:
            self._observe_another_request(
                request_class, response, self._records[request_class.enrollment.pair]
            )
        elif response is not None and 200 <= response.status < 300 and request_class.preferred is None:
            for record in self._records.values():
                record.status = None  # it named no enrollment, and may have changed any
        return {}

    def _observe_named(
        self, request_class: RequestClass, pair: Pair, response: Response | None
    ) -> dict[str, str]:
        record = self._records[pair]
        if response is None or response.status >= 500:
            record.status = None  # it may have been carried out
            return {}
        if not 200 <= response.status < 300:
            return self._observe_refusal(request_class, response, record)
        body, known = response.body, record.status is not None
        documented = (
            request_class.operation is not None and response.status in request_class.operation.responses
        )
        repeats = {"STATE-08": HOLDS if documented else "a documented answer"} if known else {}
        if not isinstance(body, dict) or not isinstance(request_class.status, str):
            record.status = None
            return repeats
        if _recased(request_class, record) and _is_another(body, record):
            record.status = None
            return repeats | {"ID-08": "the enrollment that its ids name in another case"}
        outcomes = repeats | self._judge_update(request_class, body, record)
        self._learn(pair, request_class.status, request_class.ids, body)
        return outcomes

    def _observe_another_request(
        self, request_class: RequestClass, response: Response | None, record: _Record
    ) -> None:
        if response is None or not 300 <= response.status < 500:
            record.status = None  # what is no update may have made one
        elif isinstance(request_class.status, str) and request_class.status != record.status:
            record.asked_in_vain.add(request_class.status)

    def _observe_swapped(self, request_class: RequestClass, response: Response | None) -> dict[str, str]:
        if (
            response is None
            or request_class.first_defect is not Defect.UNKNOWN_IDS
            or request_class.key is not Key.FULL
        ):
            return {}
        if is_inconclusive(response):
            return {}
        updated = 200 <= response.status < 300
        customer, campaign = (id_.lower() for id_ in request_class.ids)
        record = self._records[campaign, customer]
        if updated:
            self._records.clear()
        elif isinstance(request_class.status, str) and request_class.status != record.status:
            record.swapped.add(request_class.status)
        return {"STATE-07": "404, for the ids are in each other's place" if updated else HOLDS}

    def _observe_refusal(
        self, request_class: RequestClass, response: Response, record: _Record
    ) -> dict[str, str]:
        if response.status == 429:
            return {}
        if isinstance(request_class.status, str) and request_class.status != record.status:
            record.asked_in_vain.add(request_class.status)
        if (
            request_class.first_defect is not Defect.NONE
            or request_class.key is not Key.FULL
            or response.status in {401, 403}
        ):
            return {}
        outcomes: dict[str, str] = {}
        is_plain = (
            response.status in {400, 422} and not request_class.charset and not request_class.extra_fields
        )
        is_about_the_status = is_plain and not named_fields(response) & set(ID_FIELDS)
        if not record.ids and isinstance(request_class.status, str) and is_about_the_status:
            record.refused[request_class.status] = request_class.ids
        if record.status is not None:
            documented = (
                request_class.operation is not None and response.status in request_class.operation.responses
            )
            outcomes["STATE-08"] = HOLDS if documented and response.status != 404 else "a documented answer"
        if response.status == 404 and _recased(request_class, record):
            outcomes.pop("STATE-08", None)
            outcomes["ID-08"] = "200, for the ids differ from the enrollment's in case alone"
        return outcomes

    def _judge_update(
        self, request_class: RequestClass, body: dict[str, object], record: _Record
    ) -> dict[str, str]:
        outcomes = {}
        if isinstance(body.get("newStatus"), str):
            same = body["newStatus"] == request_class.status
            outcomes["STATE-01"] = HOLDS if same else f"the newStatus {request_class.status}"
        if isinstance(body.get("success"), bool):
            outcomes["RESPONSE-02"] = HOLDS if body["success"] else "success true"
        outcomes |= self._judge_id(request_class, body, record)
        if record.status is not None and isinstance(body.get("previousStatus"), str):
            outcomes |= self._judge_previous(request_class, str(body["previousStatus"]), record)
        elif not record.ids:
            outcomes |= self._judge_refusals(request_class, body.get("previousStatus"), record)
        return outcomes

    def _judge_refusals(
        self, request_class: RequestClass, previous: object, record: _Record
    ) -> dict[str, str]:
        """What the first accepted update tells of those before it: that the status then was not terminal."""
        refused = sorted(status for status, ids in record.refused.items() if ids == request_class.ids)
        if not isinstance(previous, str) or previous in self._terminal or not refused:
            return {}
        return {"STATUS-01": f"200 to {refused[0]} before, for the status {previous} was not terminal"}

    def _judge_previous(self, request_class: RequestClass, previous: str, record: _Record) -> dict[str, str]:
        expected = f"the previousStatus {record.status}"
        between = {
            "STATE-05": record.asked_in_vain - {record.status},
            "STATE-06": record.others - {record.status},
            "STATE-07": record.swapped - {record.status},
        }
        if previous == record.status:
            record.is_kept = record.is_kept or (previous != record.before and not any(between.values()))
            self._remembers = self._remembers or record.is_kept
            return {"STATE-02": HOLDS} | {rule: HOLDS for rule, statuses in between.items() if statuses}
        if record.is_doubtful:
            self._is_forgetful = True
            return {"STATE-02": expected}
        # What set the same; but where something in between is known to set statuses, it is that and no other.
        known = {rule for rule in self._set_by if between[rule]} or between.keys()
        causes = {rule for rule, statuses in between.items() if previous in statuses and rule in known}
        if not causes and record.is_kept and not self._is_forgetful and _recased(request_class, record):
            if any(between.values()):
                return {"STATE-02": expected}  # what came between may have set it, or this is another record
            return {"ID-08": f"{expected}, which was set by ids that differ in case alone"}
        if previous == record.before:
            causes.add("STATE-02")  # the last update got lost
        if not causes and self._remembers:  # then it is what came between, whatever it set
            causes = {rule for rule, statuses in between.items() if statuses}
        if len(causes) > 1:  # any of them may have set it: the one that was seen to, or else it stays open
            causes = causes & self._set_by or {"STATE-02", *causes}
        elif causes <= {"STATE-02"}:
            self._is_forgetful = True
        if self._is_forgetful or len(causes) > 1:
            return {"STATE-02": expected}
        self._set_by |= causes
        (rule,) = causes
        return {rule: f"{expected}, for {_BETWEEN[rule]}"}

    def _judge_id(
        self, request_class: RequestClass, body: dict[str, object], record: _Record
    ) -> dict[str, str]:
        id_ = _uuid(body.get("customerCampaignId"))
        if id_ is None or request_class.enrollment is None:
            return {}
        outcomes = {}
        others = {
            other.id
            for pair, other in self._records.items()
            if pair != request_class.enrollment.pair and other.id is not None
        }
        recased = _recased(request_class, record)
        if record.id not in {None, id_} and recased and record.repeats_its_id and not self._renames:
            outcomes["ID-08"] = f"the customerCampaignId {record.id}, for the ids differ in case alone"
        elif record.id is not None:
            if not recased:
                record.repeats_its_id = id_ == record.id
                self._renames = self._renames or not record.repeats_its_id
            outcomes["STATE-03"] = HOLDS if id_ == record.id else f"the customerCampaignId {record.id} again"
            if recased and id_ == record.id:
                outcomes["ID-08"] = HOLDS
        if others:
            outcomes["STATE-04"] = "a customerCampaignId of its own" if id_ in others else HOLDS
        return outcomes

    def _learn(self, pair: Pair, status: str, ids: tuple[str, ...], body: dict[str, object]) -> None:
        record = self._records[pair]
        self.accepted.add(status)
        if all(map(of_version_4, ids)):
            self.accepted_plainly.add(status)
        record.before = record.status or _text(body.get("previousStatus"))
        record.status, record.ids = status, ids
        record.is_doubtful = _text(body.get("newStatus")) not in {None, status}
        record.id = record.id or _uuid(body.get("customerCampaignId"))
        record.asked_in_vain.clear()
        record.swapped.clear()
        record.others.clear()
        for other, its in self._records.items():
            if other != pair:
                its.others.add(status)


def _recased(request_class: RequestClass, record: _Record) -> bool:
    """Whether the ids are in another letter case than those of the last accepted update."""
    return bool(record.ids) and request_class.ids != record.ids


def _is_another(body: dict[str, object], record: _Record) -> bool:
    """Whether an answer tells of another record: it has another id, and another status before."""
    id_, previous = _uuid(body.get("customerCampaignId")), _text(body.get("previousStatus"))
    if None in (id_, previous, record.id, record.status):
        return False
    return id_ != record.id and previous != record.status


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
