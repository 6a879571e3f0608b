"""Whether a terminal status is final, as far as the later updates of all enrollments show."""

from .expectations import Record, Update
from .finding import Finding

NO_CONFLICT = Finding("HTTP-05", "no 409: a terminal status can be changed here, so it is not final")


class Finality:
    """What became of the later updates, those of enrollments that were updated before.

    A target may reject them if a terminal status is final. A 409 says that this is the reason, so the target
    must not also change a terminal status to the other one.
    """

    def __init__(self) -> None:
        self._rejects_both = False
        """Whether an enrollment rejected later updates to both terminal statuses."""
        self._updates_again = False
        """Whether a later update was ever accepted."""
        self._reverses = False
        """Whether a later update ever changed a terminal status to the other one."""
        self._conflicts = False
        """Whether a later update was ever rejected with a 409."""

    @property
    def is_final(self) -> bool:
        """Whether a terminal status is final: the target rejects later updates to both terminal statuses."""
        return self._rejects_both and not self._updates_again

    def observe_update(self, update: Update) -> list[Finding]:
        """An update was accepted. Returns what it violates if its enrollment was updated before."""
        record = update.record
        if record.last is None:
            return []
        # Ids in another letter case may be those of another record, for which it is the first update.
        self._updates_again = self._updates_again or not update.is_recased
        is_reversal = record.status not in {None, update.request.status}
        self._reverses = self._reverses or (is_reversal and update.text("previousStatus") == record.status)
        return [NO_CONFLICT] if is_reversal and self._reverses and self._conflicts else []

    def observe_rejection(self, record: Record, status: object) -> None:
        """A later update to this status was rejected as documented."""
        record.rejected.add(status)
        self._rejects_both = self._rejects_both or len(record.rejected) > 1

    def observe_conflict(self) -> list[Finding]:
        """A later update was rejected with a 409. Returns what the 409 violates."""
        self._conflicts = True
        return [NO_CONFLICT] if self._reverses else []
