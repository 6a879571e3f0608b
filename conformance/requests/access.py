"""What a user gives a run: the addresses of a server, its keys, and the enrollments that may change."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A customer's enrollment in a campaign that the user allows us to update."""

    customer_id: str
    campaign_id: str

    @property
    def pair(self) -> tuple[str, str]:
        """Both ids in lower case: UUIDs compare without regard to case (RFC 9562)."""
        return self.customer_id.lower(), self.campaign_id.lower()

    @property
    def fields(self) -> dict[str, str]:
        """The fields of a request body that name the enrollment."""
        return {"customerId": self.customer_id, "campaignId": self.campaign_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The part of a target that tells what a request to it means. No `repr` shows the keys."""

    key: str = field(repr=False)
    restricted_key: str | None = field(default=None, repr=False)
    enrollments: tuple[Enrollment, ...] = ()
    honours_prefer: bool = False
    """Whether `Prefer: code=NNN` selects a documented response of that status."""
    base_urls: tuple[str, ...] = ()
    """The addresses of the server, which the paths of the contract follow."""
