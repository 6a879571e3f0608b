"""What a request asks of a server, in the contract's terms: which answer would be right, and why.

Derived from the request alone, so that one exchange can be judged by every check, whoever made the request.
"""

import functools
import json
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import jsonschema_rs
from schemathesis import Case

from ..contract.document import JSON, Contract, Operation
from ..transport.exchange import NO_JSON, has_body, read_json
from ..transport.target import Enrollment, Target
from . import new_ids

UPDATE = "updateCustomerCampaignStatus"
ID_FIELDS = ("customerId", "campaignId")
STATUS_FIELD = "status"
FIELDS = (*ID_FIELDS, STATUS_FIELD)
CHARSET = "charset=utf-8"
"""The parameter that makes no difference to JSON; nothing is documented about others."""
LARGEST_DOCUMENTED = 10_000
"""Bytes; nothing is documented about larger bodies."""

_MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_NIL = "00000000-0000-0000-0000-000000000000"
_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Key(Enum):
    """What kind of key a request carries."""

    MISSING = auto()
    UNKNOWN = auto()
    RESTRICTED = auto()
    FULL = auto()


class Defect(Enum):
    """The first thing wrong with a request that carries a full key, in the order of the checks."""

    UNDOCUMENTED = auto()
    """Nothing is known of such a request: any documented answer is right."""
    MEDIA_TYPE = auto()
    NOT_JSON = auto()
    SCHEMA = auto()
    STATUS = auto()
    LOOKUP = auto()
    """Nothing is wrong but that the ids name no enrollment."""
    UPDATE = auto()
    """Nothing is wrong."""


@dataclass(frozen=True, slots=True)
class RequestClass:
    """A request, understood."""

    operation: Operation | None
    """The operation that it calls, or None where the contract has none of that method and path."""
    known_path: bool
    preferred: int | None
    """The status that `Prefer: code=NNN` asks for."""
    key: Key
    key_sent: str
    first_defect: Defect
    value: Any
    """The JSON value of the body, or `NO_JSON`."""
    wrong: tuple[tuple[str, str], ...]
    """The fields that break the published form, each with the rule that says so; "" is the body itself."""
    extra_fields: bool
    charset: bool
    enrollment: Enrollment | None
    """The enrollment that the ids name, whatever else is wrong."""
    swapped: bool
    """Whether the ids name an enrollment in each other's place."""

    @property
    def is_update(self) -> bool:
        """Whether it calls the operation that updates a status, with no answer preferred."""
        return self.operation is not None and self.operation.id == UPDATE and self.preferred is None

    @property
    def status(self) -> object:
        """The status that is asked for, if the body has one."""
        return self.value.get(STATUS_FIELD) if isinstance(self.value, dict) else None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that are strings."""
        if not isinstance(self.value, dict):
            return ()
        return tuple(id_ for name in ID_FIELDS if isinstance(id_ := self.value.get(name), str))

    @property
    def odd_ids(self) -> set[str]:
        """The fields whose ids are valid, and of an unusual version, variant or letter case."""
        wrong = {name for name, _ in self.wrong}
        ids = {name: self.value.get(name) for name in ID_FIELDS} if isinstance(self.value, dict) else {}
        return {
            name
            for name, id_ in ids.items()
            if name not in wrong and isinstance(id_, str) and not is_ordinary(id_)
        }


class Classifier:
    """Understands requests to a target."""

    def __init__(self, contract: Contract, target: Target) -> None:
        self.contract = contract
        self.target = target
        self._by_place = {(op.method, op.path): op for op in contract.operations.values()}
        self._paths = {op.path for op in contract.operations.values()}
        self._is_id = contract.validator(contract.schema("Uuid")).is_valid
        self._is_status = contract.validator(contract.schema("CampaignStatus")).is_valid
        self._required = frozenset(contract.schema("CampaignStatusForm")["required"])
        self._enrollments = {enrollment.pair: enrollment for enrollment in target.enrollments}

    def read(self, case: Case[Any]) -> RequestClass:
        """Understand a case."""
        operation = self._by_place.get((case.method, case.path))
        key_sent = str(case.headers.get(self.contract.key_header, ""))
        media_type, parameters = _media_type(case)
        value, undocumented = _body(case)
        key = self._key(case, key_sent)
        undocumented = (
            undocumented
            or parameters not in {"", CHARSET}
            or operation is None
            or operation.id != UPDATE
            or media_type is None
            or (key is Key.FULL and bool(case.query))
        )
        wrong = tuple(self._wrong(value)) if operation is not None and operation.id == UPDATE else ()
        enrollment, swapped = self._named(value)
        first_defect = self._stage(value, media_type, wrong, enrollment, undocumented=undocumented)
        return RequestClass(
            operation=operation,
            known_path=case.path in self._paths,
            preferred=_preferred(case, operation) if self.target.honours_prefer else None,
            key=key,
            key_sent=key_sent,
            first_defect=first_defect,
            value=value,
            wrong=wrong,
            extra_fields=isinstance(value, dict) and not set(value) <= self._required,
            charset=parameters == CHARSET,
            enrollment=enrollment,
            swapped=swapped,
        )

    def _key(self, case: Case[Any], sent: str) -> Key:
        if self.contract.key_header not in case.headers:
            return Key.MISSING
        if sent == self.target.key:
            return Key.FULL
        return Key.RESTRICTED if sent == self.target.restricted_key else Key.UNKNOWN

    def _stage(  # noqa: PLR0911 - the order of the checks, a line each
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
        if not self._accepts(value):
            return Defect.STATUS
        if enrollment is not None:
            return Defect.UPDATE
        return Defect.LOOKUP if self._is_nobodys(value) else Defect.UNDOCUMENTED

    def _wrong(self, value: object) -> list[tuple[str, str]]:
        if value is NO_JSON:
            return []
        if not isinstance(value, dict):
            return [("", "BODY-06")]
        found = [(name, "BODY-01") for name in sorted(self._required - set(value))]
        found += [
            (name, _id_rule(value[name]))
            for name in ID_FIELDS
            if name in value and not self._valid(name, value)
        ]
        if STATUS_FIELD in value and not self._valid(STATUS_FIELD, value):
            found.append((STATUS_FIELD, "STATUS-04"))
        return found

    def _valid(self, name: str, value: dict[str, Any]) -> bool:
        is_valid = self._is_status if name == STATUS_FIELD else self._is_id
        return _total(is_valid, value[name])

    def _accepts(self, value: object) -> bool:
        return _total(self._body_validator.is_valid, value)

    @functools.cached_property
    def _body_validator(self) -> jsonschema_rs.Draft202012Validator:
        body = self.contract.operations[UPDATE].body
        assert body is not None
        return self.contract.validator(body)

    def _named(self, value: object) -> tuple[Enrollment | None, bool]:
        if not isinstance(value, dict):
            return None, False
        ids = [value.get(name) for name in ID_FIELDS]
        if not all(isinstance(id_, str) and _total(self._is_id, id_) for id_ in ids):
            return None, False
        customer, campaign = (str(id_).lower() for id_ in ids)
        swapped = customer != campaign and (campaign, customer) in self._enrollments
        return self._enrollments.get((customer, campaign)), swapped

    def _is_nobodys(self, value: dict[str, Any]) -> bool:
        return (
            len(new_ids.unknown_ids(" ".join(str(value[name]) for name in ID_FIELDS))) < 2
            or self._named(value)[1]
        )


def plain(id_: str) -> bool:
    """Whether an id has the version and the variant digit of ordinary fresh ones."""
    return id_[14:15] == "4" and id_[19:20] == "8"


def is_ordinary(id_: str) -> bool:
    """Whether nothing is unusual about an id that is valid: its version, its variant, its letter case."""
    return plain(id_) and id_ == id_.lower() and not special(id_)


def of_version_4(id_: str) -> bool:
    """Whether an id is as most are: of version 4, of any variant, in lower case."""
    return id_[14:15] == "4" and id_ == id_.lower()


def special(id_: str) -> bool:
    """Whether an id is the nil or the max UUID."""
    return id_ in {_NIL, _MAX}


def _id_rule(value: object) -> str:
    """The rule that an id which is not allowed breaks."""
    if not isinstance(value, str):
        return "ID-07"
    if value.lower() == _MAX:
        return "ID-05"
    return "ID-04" if _FORM.fullmatch(value) and value.isascii() else "ID-06"


def _total(is_valid: Any, value: object) -> bool:  # noqa: ANN401 - a function of a validator
    try:
        return bool(is_valid(value))
    except (ValueError, RecursionError):  # a lone surrogate or deep nesting: no JSON that is allowed
        return False


def _media_type(case: Case[Any]) -> tuple[str | None, str]:
    """The media type of a body, and its parameters."""
    header = case.headers.get("content-type") or (case.media_type if has_body(case) else None)
    if header is None:
        return None, ""
    essence, _, parameters = str(header).partition(";")
    return essence.strip().lower(), parameters.strip().lower()


def _body(case: Case[Any]) -> tuple[Any, bool]:
    """The value of a body, and whether nothing is documented about such a one."""
    if not has_body(case):
        return NO_JSON, False
    if not isinstance(case.body, bytes):
        return case.body, False
    if len(case.body) > LARGEST_DOCUMENTED or case.body.startswith(b"\xef\xbb\xbf"):
        return NO_JSON, True
    value = read_json(case.body)
    return value, _repeats_a_property(case.body)


def _repeats_a_property(content: bytes) -> bool:
    repeated = False

    def count(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        repeated = repeated or len({name for name, _ in pairs}) < len(pairs)
        return dict(pairs)

    try:
        json.loads(content, object_pairs_hook=count)
    except RecursionError:
        return True
    except ValueError:
        return False
    return repeated


def _preferred(case: Case[Any], operation: Operation | None) -> int | None:
    code = str(case.headers.get("prefer", "")).partition("code=")[2]
    asked = int(code) if code.isascii() and code.isdecimal() else None
    return asked if operation is not None and asked in operation.responses else None
