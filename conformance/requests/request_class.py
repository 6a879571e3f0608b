"""The class of a request: what it asks for, in the terms of the contract.

Every check reads the class of a request, and not the request itself. `classify` makes it.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from ..contract.document import Contract, Operation
from .access import Enrollment
from .ids import is_unusual
from .statuses import non_terminal_statuses

UPDATE = "updateCustomerCampaignStatus"
ID_FIELDS = ("customerId", "campaignId")
STATUS_FIELD = "status"
FIELDS = (*ID_FIELDS, STATUS_FIELD)
CHARSET = "charset=utf-8"
"""The parameter that makes no difference to JSON; nothing is documented about others."""
LONG_KEY = 1000
"""Characters; a gateway may reject a longer header, or one that is not ASCII, before anything else."""


class Key(Enum):
    """What kind of key a request carries."""

    MISSING = auto()
    UNKNOWN = auto()
    RESTRICTED = auto()
    FULL = auto()


class Defect(Enum):
    """The first thing wrong with a request that carries the full key, in the order in which servers check."""

    UNDOCUMENTED = auto()
    """Nothing is documented about such a request. Any documented response is right."""
    MEDIA_TYPE = auto()
    NOT_JSON = auto()
    SCHEMA = auto()
    STATUS = auto()
    """The body is well-formed, and its status is not terminal."""
    UNKNOWN_IDS = auto()
    """The body is valid, and its ids name no enrollment."""
    NONE = auto()
    """The body is valid, and its ids name an enrollment."""


@dataclass(frozen=True, slots=True)
class RequestClass:
    """What a request asks for, in the terms of the contract."""

    contract: Contract
    operation: Operation | None
    """The operation that it calls, or None if the contract has none of that method and path."""
    method: str
    known_path: bool
    similar_path: bool
    """Whether the path differs from one of the contract in letter case and a final slash only."""
    preferred: int | None
    """The status that `Prefer: code=NNN` selects."""
    key: Key
    key_sent: str
    secrets_sent: tuple[str, ...]
    """The user's keys in the header with the key, which may hold more than a key, as in `Bearer cc_…`."""
    first_defect: Defect
    value: Any
    """The JSON value of the body, or `NO_JSON`."""
    wrong: tuple[tuple[str, str], ...]
    """The fields that break the published form, each with the rule that says so; "" is the body itself."""
    extra_fields: bool
    charset: bool
    rewritten: bool
    """Whether white space, the order of properties or escapes in its JSON text are unusual."""
    standard: frozenset[int]
    """Undocumented statuses that RFC 9110 allows for this request, such as a 415 for its media type."""
    has_needless_content: bool
    """Whether it has content although RFC 9110 gives that of its method no meaning: it may be rejected."""
    enrollment: Enrollment | None
    """The enrollment that the ids name, whatever else is wrong."""
    has_query: bool
    """Whether the URL has a query, about which nothing is documented."""
    only_query: bool
    """Whether that is the only thing about which nothing is documented, and the key is the full one."""
    swapped: bool
    """Whether the ids name an enrollment in each other's place."""
    key_is_verified: bool = False
    """Whether the full key was accepted just now, so that a 401 or a 403 rejects something else."""

    @property
    def is_update(self) -> bool:
        """Whether it calls the operation that updates a status, and prefers no response."""
        return self.operation is not None and self.operation.id == UPDATE and self.preferred is None

    @property
    def is_valid(self) -> bool:
        """Whether it is an update with nothing wrong, except perhaps that its ids name no enrollment."""
        valid = self.first_defect in {Defect.UNKNOWN_IDS, Defect.NONE}
        return self.is_update and valid and not self.swapped

    @property
    def pair(self) -> tuple[str, str] | None:
        """The ids of the enrollment that the ids name, in lower case."""
        return None if self.enrollment is None else self.enrollment.pair

    @property
    def status(self) -> object:
        """The status in the body, if there is one."""
        return self.value.get(STATUS_FIELD) if isinstance(self.value, dict) else None

    @property
    def has_non_terminal_status(self) -> bool:
        """Whether the status in the body is well-formed and not terminal."""
        return self.status in non_terminal_statuses(self.contract)

    @property
    def may_be_unparsable(self) -> bool:
        """Whether a server may fail to parse the body, and so reject it before it checks the key."""
        unparsable = {Defect.MEDIA_TYPE, Defect.NOT_JSON, Defect.UNDOCUMENTED}
        return self.first_defect in unparsable or ("", "BODY-06") in self.wrong

    @property
    def has_odd_key(self) -> bool:
        """Whether a gateway may reject the header with the key, because of its length or its characters."""
        return is_odd_key(self.key_sent)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that are strings."""
        if not isinstance(self.value, dict):
            return ()
        return tuple(id_ for name in ID_FIELDS if isinstance(id_ := self.value.get(name), str))

    @property
    def unusual_ids(self) -> set[str]:
        """The fields whose ids are valid, and of an unusual version, variant or letter case."""
        wrong = {name for name, _ in self.wrong}
        ids = {name: self.value.get(name) for name in ID_FIELDS} if isinstance(self.value, dict) else {}
        return {
            name
            for name, id_ in ids.items()
            if name not in wrong and isinstance(id_, str) and is_unusual(id_)
        }


def is_odd_key(key: str) -> bool:
    """Whether a gateway may reject the header with a key, because of its length or its characters."""
    return len(key) > LONG_KEY or not key.isascii()
