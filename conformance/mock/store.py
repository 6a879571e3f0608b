"""The enrollments of a mock, in memory."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

NAMESPACE = uuid.UUID("9d2b7a3e-0c54-4f1e-8a6b-5e3f2d1c0b9a")
"""A fixed namespace, so that the id of an enrollment is the same in every run."""


@dataclass(slots=True)
class Enrollment:
    """A customer in a campaign."""

    customer_id: str
    campaign_id: str
    status: str
    id: str
    """The `customerCampaignId` in a response."""
    updates: int = 0
    """The number of accepted updates."""

    def set(self, status: str) -> str:
        """Set the status and return the previous status."""
        before, self.status = self.status, status
        self.updates += 1
        return before


class Store:
    """Enrollments by their two ids. The letter case of the ids does not matter.

    The enrollments get the initial statuses in turn, so no client can rely on one initial status.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], initial: tuple[str, ...]) -> None:
        self._initial = initial
        self._enrollments: dict[tuple[str, str], Enrollment] = {}
        for customer_id, campaign_id in pairs:
            self.enroll(customer_id, campaign_id)

    def __iter__(self) -> Iterator[Enrollment]:
        """Every enrollment, in the order in which the enrollments were added."""
        return iter(self._enrollments.values())

    def __len__(self) -> int:
        """The number of enrollments."""
        return len(self._enrollments)

    def find(self, customer_id: str, campaign_id: str) -> Enrollment | None:
        """The enrollment of the customer in the campaign, or None."""
        return self._enrollments.get((customer_id.lower(), campaign_id.lower()))

    def enroll(self, customer_id: str, campaign_id: str) -> Enrollment:
        """The enrollment of the customer in the campaign. It is added if there is none."""
        pair = (customer_id.lower(), campaign_id.lower())
        if pair not in self._enrollments:
            status = self._initial[len(self) % len(self._initial)]
            # uuid5 encodes the name as UTF-8, which cannot encode a lone surrogate.
            name = ":".join(pair).encode("utf-8", "replace").decode()
            self._enrollments[pair] = Enrollment(
                customer_id, campaign_id, status, str(uuid.uuid5(NAMESPACE, name))
            )
        return self._enrollments[pair]
