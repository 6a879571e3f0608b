"""Classify a request: which operation it calls, with which key, and what is the first thing wrong with it.

A request is classified from its method, URL, headers and body only. So each exchange can be judged by every
check, whether a test, Schemathesis or another program made the request.
"""

import functools
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from ..contract.document import JSON, Contract, Operation, path_pattern
from . import new_ids
from .access import Access, Enrollment
from .body import LARGEST_DOCUMENTED, has_lone_surrogate, media_type_of, read_body, writes_unusually
from .ids import kind_of_id
from .request import NO_JSON, Request, preferred_code
from .request_class import (
    CHARSET,
    FIELDS,
    ID_FIELDS,
    STATUS_FIELD,
    UPDATE,
    Defect,
    Key,
    RequestClass,
    is_odd_key,
)

_WITHOUT_CONTENT = frozenset({"GET", "HEAD", "DELETE"})
"""The methods in which content has no meaning (RFC 9110, 9.3). Gateways reject requests that have it."""
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_RULE_OF_KIND = {
    "not a string": "ID-07",
    "not a UUID": "ID-06",
    "max": "ID-05",
    "max, not lower case": "ID-05",
}
"""The rule that an id of a kind breaks if it is not allowed. All other kinds break ID-04."""


class Classifier:
    """Classifies the requests to one server."""

    def __init__(self, contract: Contract, access: Access) -> None:
        self.contract = contract
        self._access = access
        self._paths = {path: path_pattern(path) for path in {op.path for op in contract.operations.values()}}
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
        undocumented = undocumented or parameters not in {"", CHARSET} or not is_update or media_type is None
        only_query = not undocumented and key is Key.FULL and request.has_query
        undocumented = undocumented or only_query
        wrong = tuple(self._wrong(value)) if is_update else ()
        undocumented = undocumented or (not wrong and has_lone_surrogate(request.content, value))
        enrollment, swapped = self._named(value)
        first_defect = self._first_defect(value, media_type, wrong, enrollment, undocumented=undocumented)
        standard = {413} if len(request.content) > LARGEST_DOCUMENTED else set()
        standard |= set() if media_type == JSON and parameters in {"", CHARSET} else {415}
        standard |= {400, 431} if is_odd_key(key_sent or "") else set()
        standard |= {400} if _BAD_ESCAPE.search(request.path) else set()
        standard |= {409} if first_defect is Defect.NONE else set()
        return RequestClass(
            contract=self.contract,
            operation=operation,
            method=request.method,
            known_path=path is not None,
            similar_path=path is None and self._is_similar(request.path),
            preferred=_preferred(request, operation) if self._access.honours_prefer else None,
            key=key,
            key_sent=key_sent or "",
            secrets_sent=self._secrets(key_sent or ""),
            first_defect=first_defect,
            value=value,
            wrong=wrong,
            extra_fields=isinstance(value, dict) and not set(value) <= self._required,
            charset=parameters == CHARSET,
            rewritten=writes_unusually(request.content, value, FIELDS),
            standard=frozenset(standard),
            has_needless_content=bool(request.content) and request.method in _WITHOUT_CONTENT,
            enrollment=enrollment,
            has_query=request.has_query,
            only_query=only_query,
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

    def _secrets(self, sent: str) -> tuple[str, ...]:
        """The user's keys that a value of the header holds. The prefix alone, or less, is no secret."""
        keys = (self._access.key, self._access.restricted_key or "")
        return tuple(key for key in keys if len(key) > len(self.contract.key_prefix) and key in sent)

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
            (name, _RULE_OF_KIND.get(kind_of_id(value[name]), "ID-04"))
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
        return len(new_ids.possible_record_ids(ids)) < 2 or self._named(value)[1]


def _is_valid(is_valid: Callable[[Any], bool], value: object) -> bool:
    try:
        return is_valid(value)
    except (ValueError, RecursionError):  # a lone surrogate or deep nesting: not JSON that a schema allows
        return False


def _preferred(request: Request, operation: Operation | None) -> int | None:
    code = preferred_code(request)
    return code if operation is not None and code in operation.responses else None
