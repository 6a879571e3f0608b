"""The enrollments of a mock, in memory."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Any fixed namespace makes the id of an enrollment the same in every run.
NAMESPACE = uuid.UUID("9d2b7a3e-0c54-4f1e-8a6b-5e3f2d1c0b9a")


@dataclass(slots=True)
class Enrollment:
    """A customer in a campaign."""

    customer_id: str
    campaign_id: str
    status: str
    id: str
    """What an answer calls `customerCampaignId`."""
    updates: int = 0
    """How often it was updated."""

    def set(self, status: str) -> str:
        """Change the status and return the one before."""
        before, self.status = self.status, status
        self.updates += 1
        return before


class Store:
    """Enrollments by their two ids, whose letter case does not matter.

    The initial statuses are dealt in turn, so that no client can rely on one of them.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], initial: tuple[str, ...]) -> None:
        self._initial = initial
        self._enrollments: dict[tuple[str, str], Enrollment] = {}
        for customer_id, campaign_id in pairs:
            self.enroll(customer_id, campaign_id)

    def __iter__(self) -> Iterator[Enrollment]:
        """Every enrollment, in the order in which they were made."""
        return iter(self._enrollments.values())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._enrollments)

    def find(self, customer_id: str, campaign_id: str) -> Enrollment | None:
        """The enrollment of the customer in the campaign, if there is one."""
        return self._enrollments.get((customer_id.lower(), campaign_id.lower()))

    def enroll(self, customer_id: str, campaign_id: str) -> Enrollment:
        """The enrollment of the customer in the campaign, made if there is none."""
        pair = (customer_id.lower(), campaign_id.lower())
        if pair not in self._enrollments:
            status = self._initial[len(self) % len(self._initial)]
            # A lone surrogate has no UTF-8, and uuid5 wants it.
            name = ":".join(pair).encode("utf-8", "replace").decode()
            self._enrollments[pair] = Enrollment(
                customer_id, campaign_id, status, str(uuid.uuid5(NAMESPACE, name))
            )
        return self._enrollments[pair]
