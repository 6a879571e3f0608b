"""What was seen on the wire, as counts: requests, statuses, times, and what became of ids and statuses."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..contract.document import Contract, path_pattern
from ..judging.response_facts import is_inconclusive, named_fields, passed_validation
from ..requests.ids import kind_of_id
from ..requests.request_class import ID_FIELDS, STATUS_FIELD, Defect, Key, RequestClass
from ..requests.statuses import statuses
from ..transport.exchange import Exchange, Response

KINDS = {
    **{f"version {number}": True for number in range(1, 9)},
    "upper case": True,
    "nil": True,
    "max": True,
    "max, not lower case": False,
    "other version": False,
    "other variant": False,
    "not a UUID": False,
    "not a string": False,
    "missing": False,
}
"""The kinds of id that requests hold, each with whether the contract accepts it."""
OTHER_STATUS = "(undocumented)"
UNDECIDED = "undecided"
"""The outcome of an id if the response does not depend on it."""
OTHER_OPERATION = "(not in the contract)"
_LONGEST = 1e15
"""The most microseconds that are counted, about thirty years; more counts as this."""


class Observed:
    """Counts of what a run saw. Counts of several processes can be added."""

    def __init__(self, contract: Contract) -> None:
        self.operations: Counter[str] = Counter(dict.fromkeys(contract.operations, 0))
        """Requests by the id of their operation."""
        self.responses: Counter[tuple[str, int]] = Counter()
        """Responses by the id of their operation and their status code."""
        self.no_responses = 0
        self.microseconds: Counter[int] = Counter()
        """Responses by the time that they took, to two digits."""
        self.ids: Counter[tuple[str, str, str]] = Counter()
        """Ids by field, kind and outcome: `accepted`, `rejected` or `undecided`."""
        self.statuses: Counter[tuple[str, str]] = Counter()
        """Statuses of otherwise valid requests, with what became of these requests."""
        self._operations = [
            (operation, path_pattern(operation.path)) for operation in contract.operations.values()
        ]
        self._known_statuses = statuses(contract)

    def record_exchange(self, exchange: Exchange, base_path: str = "") -> None:
        """Count a request that was sent, and its response. The path of an operation follows the base path."""
        request, response = exchange.request, exchange.response
        path = urlsplit(request.url).path.removeprefix(base_path)
        operation = self._operation(request.method, path)
        self.operations[operation] += 1
        if response is None:
            self.no_responses += 1
            return
        self.responses[operation, response.status] += 1
        self.microseconds[_round(response.seconds * 1_000_000)] += 1

    def record_outcome(self, request_class: RequestClass, response: Response | None) -> None:
        """Count what became of the ids and of the status of an update.

        Args:
            request_class: the class of the request.
            response: its response, or None if there is none that decides anything.

        """
        if not request_class.is_update or not isinstance(request_class.value, dict):
            return
        defects = {Defect.SCHEMA, Defect.STATUS, Defect.UNKNOWN_IDS, Defect.NONE}
        if (
            response is None
            or is_inconclusive(response)
            or response.status in {401, 403}
            or request_class.key is not Key.FULL
            or request_class.first_defect not in defects
        ):
            self.ids.update((name, _kind_in(request_class, name), UNDECIDED) for name in ID_FIELDS)
            return
        self._record_ids(request_class, response)
        self._record_status(request_class, response)

    def _record_ids(self, request_class: RequestClass, response: Response) -> None:
        named = named_fields(response)
        for name in ID_FIELDS:
            outcome = UNDECIDED
            if passed_validation(response):
                outcome = "accepted"
            elif name in named or (not named and self._is_only_cause(name, request_class)):
                outcome = "rejected"
            self.ids[name, _kind_in(request_class, name), outcome] += 1

    def _is_only_cause(self, name: str, request_class: RequestClass) -> bool:
        """Whether only the id in the field `name` can be the reason of a rejection."""
        wrong = {field for field, _ in request_class.wrong} | request_class.unusual_ids
        return (
            wrong == {name}
            and request_class.first_defect is not Defect.STATUS
            and not _is_unusual(request_class)
        )

    def _record_status(self, request_class: RequestClass, response: Response) -> None:
        wrong = {field for field, _ in request_class.wrong}
        if wrong - {STATUS_FIELD} or named_fields(response) & {*ID_FIELDS}:
            return
        status = request_class.status
        if STATUS_FIELD not in request_class.value or not isinstance(status, str):
            return
        if request_class.first_defect is Defect.NONE and not passed_validation(response):
            return  # the status of the enrollment may be final: nothing is documented about a second update
        is_usual = {*map(kind_of_id, request_class.ids)} == {"version 4"} and not _is_unusual(request_class)
        if (
            request_class.first_defect is Defect.UNKNOWN_IDS
            and not is_usual
            and not passed_validation(response)
        ):
            return  # a status that may be set: what is unusual may be the cause of the rejection
        known = status if status in self._known_statuses else OTHER_STATUS
        self.statuses[known, _fate(response)] += 1

    def _operation(self, method: str, path: str) -> str:
        found = (
            one.id for one, pattern in self._operations if one.method == method and pattern.fullmatch(path)
        )
        return next(found, OTHER_OPERATION)

    def snapshot(self) -> dict[str, Any]:
        """All counts in JSON types, for another process."""
        counters = {
            name: [[key, count] for key, count in counter.items()] for name, counter in self._counters()
        }
        return {"no_responses": self.no_responses, **counters}

    def add(self, snapshot: Mapping[str, Any]) -> None:
        """Add the counts of another process."""
        self.no_responses += snapshot["no_responses"]
        for name, counter in self._counters():
            counter.update({tuple(key) if isinstance(key, list) else key: n for key, n in snapshot[name]})

    def _counters(self) -> Iterable[tuple[str, Counter[Any]]]:
        names = ("operations", "responses", "microseconds", "ids", "statuses")
        return [(name, getattr(self, name)) for name in names]

    def percentile(self, share: float) -> float | None:
        """The milliseconds that this share of the responses took at most, or None without a response."""
        left = share * self.microseconds.total()
        for microseconds, count in sorted(self.microseconds.items()):
            left -= count
            if left <= 0:
                return microseconds / 1000
        return None


def _kind_in(request_class: RequestClass, name: str) -> str:
    return kind_of_id(request_class.value[name]) if name in request_class.value else "missing"


def _is_unusual(request_class: RequestClass) -> bool:
    return request_class.extra_fields or request_class.charset


def _fate(response: Response) -> str:
    if 200 <= response.status < 300:
        return "updated"
    return "not found" if passed_validation(response) else "rejected"


def _round(microseconds: float) -> int:
    """The number to two significant digits: a run has few different ones. Any float has one."""
    possible = min(max(0.0, microseconds), _LONGEST)  # in this order, NaN is 0
    return int(float(f"{possible:.2g}"))
