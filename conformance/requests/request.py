"""One request as it is sent, and the JSON value of a body."""

import functools
import json
import re
import sys
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

from schemathesis import Case
from schemathesis.core import NotSet

from .prefer import preferences


class _NoJson:
    def __repr__(self) -> str:
        return "NO_JSON"


NO_JSON: Final = _NoJson()
"""Stands for a body that is not JSON. Such a body has no value, not even null."""


@dataclass(frozen=True)
class Request:
    """A request, ready to send. Its `repr` shows no headers, because one of them is the key."""

    method: str
    url: str
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)
    content: bytes

    def header(self, name: str) -> str | None:
        """The first value of the header `name`, which is in lower case, or None."""
        return next(iter(self.header_lines(name)), None)

    def header_lines(self, name: str) -> list[str]:
        """The values of all headers `name`, which is in lower case, in their order."""
        found = (value for header, value in self.headers if header.lower() == name)
        return [value.decode("utf-8", "surrogateescape") for value in found]

    @functools.cached_property
    def path(self) -> str:
        """The path of the URL."""
        return urlsplit(self.url).path

    @functools.cached_property
    def has_query(self) -> bool:
        """Whether the URL has a query."""
        return bool(urlsplit(self.url).query)


def read_json(content: bytes) -> Any:  # noqa: ANN401 - a JSON value
    """The value of a JSON text (RFC 8259: UTF-8, no NaN), or `NO_JSON`.

    A number that is too large for Python is read as the largest one that is not.
    """
    try:
        return _DECODER.decode(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return NO_JSON


def is_deep(content: bytes, levels: int) -> bool:
    """Whether the arrays and objects of a JSON text are nested in more levels than these."""
    if content.count(b"[") + content.count(b"{") <= levels:
        return False
    level = 0
    for mark in _BRACKETS.findall(_STRINGS.sub(b"", content)):
        level += 1 if mark in b"[{" else -1
        if level > levels:
            return True
    return False


def preferred_code(request: Request) -> int | None:
    """The status that `Prefer: code=NNN` selects, if a request has this header."""
    code = preferences(request.header_lines("prefer")).get("code", "")
    return int(code) if _STATUS_CODE.fullmatch(code) else None


def write_request(case: Case[Any], base_url: str) -> Request:
    """The request of a case: a body of bytes is sent as it is, any other value as JSON."""
    content = b""
    headers = [(name, _header_bytes(value)) for name, value in case.headers.items()]
    if isinstance(case.body, bytes):
        content = case.body
    elif has_body(case):
        content = json.dumps(case.body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if has_body(case) and case.media_type and "content-type" not in case.headers:
        headers.append(("content-type", case.media_type.encode()))
    query = "&".join(
        f"{quote(name, safe='')}={quote(str(value), safe='')}" for name, value in case.query.items()
    )
    url = base_url + case.formatted_path + ("?" + query if query else "")
    return Request(case.method, url, tuple(headers), content)


def has_body(case: Case[Any]) -> bool:
    """Whether a case sends a body. A body that is null is one."""
    return not isinstance(case.body, NotSet)


def _header_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8")


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _read_integer(text: str) -> int:
    return int(text[:MOST_DIGITS])


def _read_float(text: str) -> float:
    return max(-sys.float_info.max, min(float(text), sys.float_info.max))


MOST_DIGITS = 1000
"""Digits of an integer that are read. Python reads 4300 at most, and no rule depends on such a number."""
_DECODER = json.JSONDecoder(parse_constant=_reject_constant, parse_int=_read_integer, parse_float=_read_float)
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_STATUS_CODE = re.compile(r"[0-9]{3}")
_BRACKETS = re.compile(rb"[\[\]{}]")
