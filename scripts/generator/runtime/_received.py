"""A response that was received whole, and what it means."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, NoReturn, cast

import httpx2

from ._objects import seconds_to_wait
from ._schema import Kind, SchemaError
from ._secret import Key

_DEPTH_LIMIT = 100
_SHOWN = 300
_LONGEST_WAIT = 1e9
_NUMBER = re.compile(r"\s*\+?([0-9]+\.?[0-9]*|\.[0-9]+)\s*", re.ASCII)
_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")


@dataclass(slots=True)
class Received:
    """A response, and its documented model if the body is one."""

    status: int
    headers: httpx2.Headers
    body: bytes
    documented: bool
    """Whether the contract has this status."""
    parsed: Any = None
    problem: str = ""
    """Why the body is not the documented one."""
    code: str | None = None
    """The `code` of the body of an error."""
    body_wait: float | None = None
    """The seconds to wait that the body has in the documented field for them."""

    @property
    def is_success(self) -> bool:
        """Whether the status is that of a documented success."""
        return self.documented and 200 <= self.status < 300

    @property
    def request_id(self) -> str | None:
        """The id that the server gave the request, if it sent one."""
        return next((found for name in _REQUEST_IDS if (found := self.headers.get(name))), None)

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait before the next request: the longest of those in the headers and the body."""
        value = self.headers.get("retry-after", "")
        seconds = _number(value)
        milliseconds = _number(self.headers.get("retry-after-ms", ""))
        waits = [
            _seconds_until(value) if seconds is None else seconds,
            None if milliseconds is None else milliseconds / 1000,
            self.body_wait,
        ]
        return max((wait for wait in waits if wait is not None), default=None)

    def kept(self) -> dict[str, Any]:
        """What an error keeps of the response."""
        return {
            "status": self.status,
            "headers": self.headers,
            "body": self.body,
            "parsed": self.parsed,
            "code": self.code,
            "request_id": self.request_id,
            "retry_after": self.retry_after,
        }

    def logged(self) -> str:
        """Status, code and request id, as a log line has them."""
        words = str(self.status)
        if self.code is not None:
            words += f" {self.code[:_SHOWN]}"
        if self.request_id is not None:
            words += f", request id {self.request_id[:_SHOWN]}"
        return printable(words)

    def described(self) -> str:
        """The response in a line: code and message of the error, or else the beginning of the body."""
        words = [str(self.status)]
        if self.code is not None:
            words.append(f"code {self.code[:_SHOWN]!r}")
        if isinstance(message := getattr(self.parsed, "message", None), str):
            words.append(f"message {message[:_SHOWN]!r}")
        if 300 <= self.status < 400 and (target := self.headers.get("location")):
            words.append(
                f"a redirect to {target[:_SHOWN]!r}, not followed (follow_redirects: within the origin)"
            )
        if not self.documented:
            words.append("which is not a documented status")
        if self.problem:
            words.append(f"the body is not the documented one ({self.problem})")
        if self.parsed is None and self.body:
            words.append(f"body {self.body[:_SHOWN]!r}")
        if self.request_id is not None:
            words.append(f"request id {self.request_id[:_SHOWN]!r}")
        return ", ".join(words)


def printable(text: str) -> str:
    """A text of a server in one line: what a terminal would not print is escaped."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def read(
    response: httpx2.Response, body: bytes, documented: Mapping[int, Kind | None], key: Key | None
) -> Received:
    """What a response means. The key is masked if the server sent it back."""
    headers = response.headers
    if key is not None:
        mask = key.masked_bytes
        whole = b"\n".join([body, *[part for pair in headers.raw for part in pair]])
        # Nearly no response has the key, so all of it is searched at once. Escapes hide it from the search.
        if b"\\" in body or mask(whole) != whole:
            body = _without(key, body)
            headers = httpx2.Headers([(mask(name), mask(value)) for name, value in headers.raw])
    status = response.status_code
    received = Received(status, headers, body, status in documented)
    kind = documented.get(status)
    if kind is None and status < 400:
        return received
    try:
        value = _json(body)
        if status >= 400:
            received.code = _code(value)
            received.body_wait = None if kind is None else seconds_to_wait(kind, value)
        received.parsed = None if kind is None else kind.decode(value)
    except SchemaError as error:
        received.problem = "" if kind is None else str(error)
    return received


def _number(text: str) -> float | None:
    """A number as a header has it, with decimals too. It is bounded, because no clock can count more."""
    return min(float(text), _LONGEST_WAIT) if _NUMBER.fullmatch(text) else None


def _seconds_until(text: str) -> float | None:
    """The seconds until an HTTP date."""
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - time())
    except (ValueError, OverflowError, TypeError, IndexError):
        return None  # no date either: the header is ignored


def _code(value: object) -> str | None:
    found = cast("dict[str, object]", value).get("code") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _without(key: Key, body: bytes) -> bytes:
    """A body without the key, also where JSON escapes hide it."""
    body = key.masked_bytes(body)
    if b"\\" not in body:
        return body
    try:
        value = json.loads(body)
        masked = key.masked_value(value)
    except (ValueError, RecursionError):
        return body
    return body if masked == value else json.dumps(masked).encode()


def _json(body: bytes) -> Any:  # noqa: ANN401 - a JSON value
    """The value of a JSON text, as RFC 8259 has it: UTF-8, and no NaN.

    Raises:
        SchemaError: It is no JSON, or nested so deeply that Python could not print or pickle it.

    """
    try:
        value = _DECODER.decode(body.decode())
    except SchemaError:
        raise
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"not JSON: {error}") from None
    if body.count(b"[") + body.count(b"{") > _DEPTH_LIMIT and _is_deep(value):
        raise SchemaError("nested too deeply")
    return value


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEPTH_LIMIT):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: object) -> list[Any]:
    children: list[Any] = []
    if isinstance(value, dict):
        children.extend(cast("dict[str, Any]", value).values())
    elif isinstance(value, list):
        children.extend(cast("Iterable[Any]", value))
    return children


def _no_constant(name: str) -> NoReturn:
    raise SchemaError(f"not JSON: {name}")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise SchemaError(f"not JSON that could be sent again: {text[:_SHOWN]} is infinite")
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
