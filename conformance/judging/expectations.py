"""What an accepted update must return, if the enrollment has a record in the state model.

`EXPECTATIONS` is a table: it has one function for each rule about the response to an update.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from ..requests.request_class import RequestClass
from ..requests.statuses import statuses
from ..transport.exchange import Exchange, Response
from .finding import Outcome, expect
from .judged import PossibleCause


@dataclass
class Record:
    """What the responses show about one enrollment."""

    status: str | None = None
    """The status of the enrollment, or None while the status is not known."""
    ids: tuple[str, ...] = ()
    """The ids of the last accepted update, in the letter case in which they were sent."""
    last: Exchange | None = None
    """The last accepted update."""
    id: UUID | None = None
    """The `customerCampaignId` of the enrollment, or None while it is not known."""
    since: list[PossibleCause] = field(default_factory=list)
    """The requests since the last accepted update that must not change the status."""
    rejected: set[object] = field(default_factory=set)
    """The statuses of the updates that were rejected while the status of the enrollment was terminal."""


@dataclass(frozen=True, slots=True)
class Update:
    """An accepted update of an enrollment, and the record of the enrollment before the update."""

    request: RequestClass
    response: Response
    record: Record
    other_ids: frozenset[UUID]
    """The `customerCampaignId` of every other enrollment."""

    @property
    def is_recased(self) -> bool:
        """Whether the letter case of the ids differs from that in the last accepted update."""
        return bool(self.record.ids) and self.request.ids != self.record.ids

    def text(self, name: str) -> str | None:
        """The value of a property of the response, or None if the value is not a string."""
        value = self.response.member(name)
        return value if isinstance(value, str) else None

    @property
    def id(self) -> UUID | None:
        """The `customerCampaignId` in the response, or None if it is not a UUID."""
        try:
            return UUID(self.text("customerCampaignId") or "")
        except ValueError:
            return None


def _new_status(update: Update) -> Outcome:
    new, status = update.text("newStatus"), update.request.status
    if new is None or status not in statuses(update.request.contract):
        return None  # a request that should have been rejected asked for no status
    return expect(f"the newStatus {status}", that=new == status)


def _success(update: Update) -> Outcome:
    success = update.response.member("success")
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
"""The expectation of each rule: whether the response meets it, or None if the response does not show it."""
