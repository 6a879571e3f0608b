"""Classify a request: which operation it calls, with which key, and what is the first thing wrong with it.

A request is classified from its method, URL, headers and body only. So each exchange can be judged by every
check, whether a test, Schemathesis or another program made the request.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from ..contract.document import JSON, Contract, Operation
from . import new_ids
from .access import Access, Enrollment
from .body import LARGEST_DOCUMENTED, has_lone_surrogate, media_type_of, read_body, writes_unusually
from .ids import MAX, is_unusual
from .request import NO_JSON, Request

UPDATE = "updateCustomerCampaignStatus"
ID_FIELDS = ("customerId", "campaignId")
STATUS_FIELD = "status"
FIELDS = (*ID_FIELDS, STATUS_FIELD)
CHARSET = "charset=utf-8"
"""The parameter that makes no difference to JSON; nothing is documented about others."""
LONG_KEY = 1000
"""Characters; a gateway may reject a longer header, or one that is not ASCII, before anything else."""

_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


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
    known_path: bool
    similar_path: bool
    """Whether the path differs from one of the contract in letter case and a final slash only."""
    preferred: int | None
    """The status that `Prefer: code=NNN` selects."""
    key: Key
    key_sent: str
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
    """The undocumented status codes that RFC 9110 names for what is unusual about it."""
    enrollment: Enrollment | None
    """The enrollment that the ids name, whatever else is wrong."""
    has_query: bool
    """Whether the URL has a query, about which nothing is documented."""
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
    def asks_for_other_status(self) -> bool:
        """Whether the status in the body is well-formed and not terminal."""
        terminal = self.contract.schema("TerminalCampaignStatus")["enum"]
        return self.status in self.contract.schema("CampaignStatus")["enum"] and self.status not in terminal

    @property
    def may_be_unparsable(self) -> bool:
        """Whether a server may fail to parse the body, and so reject it before it checks the key."""
        unparsable = {Defect.MEDIA_TYPE, Defect.NOT_JSON, Defect.UNDOCUMENTED}
        return self.first_defect in unparsable or ("", "BODY-06") in self.wrong

    @property
    def has_odd_key(self) -> bool:
        """Whether a gateway may reject the header with the key, because of its length or its characters."""
        return _is_odd(self.key_sent)

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


class Classifier:
    """Classifies the requests to one server."""

    def __init__(self, contract: Contract, access: Access) -> None:
        self.contract = contract
        self._access = access
        self._paths = {path: _pattern(path) for path in {op.path for op in contract.operations.values()}}
        self._operations = {(op.method, op.path): op for op in contract.operations.values()}
        self._is_id = contract.validator(contract.schema("Uuid")).is_valid
        self._is_status = contract.validator(contract.schema("CampaignStatus")).is_valid
        self._required = frozenset(contract.schema("CampaignStatusForm")["required"])
        self._enrollments = {enrollment.pair: enrollment for enrollment in access.enrollments}

    def classify(self, request: Request) -> RequestClass:
        """The class of a request."""
        path = self._find_path(request)
        operation = None if path is None else self._operations.get((request.method, path))
        is_update = operation is not None and operation.id == UPDATE
        key_sent = request.header(self.contract.key_header)
        key = self._key(key_sent)
        media_type, parameters = media_type_of(request)
        value, undocumented = read_body(request.content)
        undocumented = (
            undocumented
            or parameters not in {"", CHARSET}
            or not is_update
            or media_type is None
            or (key is Key.FULL and request.has_query)
        )
        wrong = tuple(self._wrong(value)) if is_update else ()
        undocumented = undocumented or (not wrong and has_lone_surrogate(request.content, value))
        enrollment, swapped = self._named(value)
        first_defect = self._first_defect(value, media_type, wrong, enrollment, undocumented=undocumented)
        standard = {413} if len(request.content) > LARGEST_DOCUMENTED else set()
        standard |= set() if media_type == JSON and parameters in {"", CHARSET} else {415}
        standard |= {400, 431} if _is_odd(key_sent or "") else set()
        standard |= {400} if _BAD_ESCAPE.search(request.path) else set()
        standard |= {409} if first_defect is Defect.NONE else set()
        return RequestClass(
            contract=self.contract,
            operation=operation,
            known_path=path is not None,
            similar_path=path is None and self._is_similar(request.path),
            preferred=_preferred(request, operation) if self._access.honours_prefer else None,
            key=key,
            key_sent=key_sent or "",
            first_defect=first_defect,
            value=value,
            wrong=wrong,
            extra_fields=isinstance(value, dict) and not set(value) <= self._required,
            charset=parameters == CHARSET,
            rewritten=writes_unusually(request.content, value, FIELDS),
            standard=frozenset(standard),
            enrollment=enrollment,
            has_query=request.has_query,
            swapped=swapped,
        )

    def _find_path(self, request: Request) -> str | None:
        """The path of the contract that a URL has: one without parameters first."""
        path = request.path
        for base in self._access.base_urls:
            base_path = urlsplit(base).path
            if request.url.startswith(f"{base}/") and path.startswith(base_path):
                path = path[len(base_path) :]
                break
        if path in self._paths:
            return path
        return next((found for found, pattern in self._paths.items() if pattern.fullmatch(path)), None)

    def _is_similar(self, path: str) -> bool:
        path = path.lower().removesuffix("/")
        return any(path.endswith(known.lower()) for known in self._paths)

    def _key(self, sent: str | None) -> Key:
        if sent is None:
            return Key.MISSING
        if sent == self._access.key:
            return Key.FULL
        return Key.RESTRICTED if sent == self._access.restricted_key else Key.UNKNOWN

    def _first_defect(  # noqa: PLR0911 - the order of the checks, a line each
        self,
        value: Any,  # noqa: ANN401 - a JSON value
        media_type: str | None,
        wrong: tuple[tuple[str, str], ...],
        enrollment: Enrollment | None,
        *,
        undocumented: bool,
    ) -> Defect:
        if media_type not in {JSON, None}:
            return Defect.MEDIA_TYPE
        if undocumented:
            return Defect.UNDOCUMENTED
        if value is NO_JSON:
            return Defect.NOT_JSON
        if wrong:
            return Defect.SCHEMA
        if not _is_valid(self._body_validator.is_valid, value):
            return Defect.STATUS
        if enrollment is not None:
            return Defect.NONE
        return Defect.UNKNOWN_IDS if self._names_no_enrollment(value) else Defect.UNDOCUMENTED

    def _wrong(self, value: object) -> list[tuple[str, str]]:
        if value is NO_JSON:
            return []
        if not isinstance(value, dict):
            return [("", "BODY-06")]
        found = [(name, "BODY-01") for name in sorted(self._required - set(value))]
        found += [
            (name, _id_rule(value[name]))
            for name in ID_FIELDS
            if name in value and not _is_valid(self._is_id, value[name])
        ]
        if STATUS_FIELD in value and not _is_valid(self._is_status, value[STATUS_FIELD]):
            found.append((STATUS_FIELD, "STATUS-04"))
        return found

    @functools.cached_property
    def _body_validator(self) -> jsonschema_rs.Draft202012Validator:
        body = self.contract.operations[UPDATE].body
        assert body is not None
        return self.contract.validator(body)

    def _named(self, value: object) -> tuple[Enrollment | None, bool]:
        if not isinstance(value, dict):
            return None, False
        ids = [value.get(name) for name in ID_FIELDS]
        if not all(isinstance(id_, str) and _is_valid(self._is_id, id_) for id_ in ids):
            return None, False
        customer, campaign = (str(id_).lower() for id_ in ids)
        swapped = customer != campaign and (campaign, customer) in self._enrollments
        return self._enrollments.get((customer, campaign)), swapped

    def _names_no_enrollment(self, value: dict[str, Any]) -> bool:
        ids = " ".join(str(value[name]) for name in ID_FIELDS)
        return len(new_ids.unknown_ids(ids)) < 2 or self._named(value)[1]


def _is_odd(key: str) -> bool:
    return len(key) > LONG_KEY or not key.isascii()


def _pattern(path: str) -> re.Pattern[str]:
    """What matches the path with values in place of its parameters."""
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _id_rule(value: object) -> str:
    """The rule that an id which is not allowed breaks."""
    if not isinstance(value, str):
        return "ID-07"
    if value.lower() == MAX:
        return "ID-05"
    return "ID-04" if _FORM.fullmatch(value) and value.isascii() else "ID-06"


def _is_valid(is_valid: Callable[[Any], bool], value: object) -> bool:
    try:
        return is_valid(value)
    except (ValueError, RecursionError):  # a lone surrogate or deep nesting: not JSON that a schema allows
        return False


def _preferred(request: Request, operation: Operation | None) -> int | None:
    code = (request.header("prefer") or "").partition("code=")[2]
    asked = int(code) if code.isascii() and code.isdecimal() else None
    return asked if operation is not None and asked in operation.responses else None
