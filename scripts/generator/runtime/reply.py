"""A response that came whole, and what it means."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, NoReturn, cast

import httpx2

from .objects import told_to_wait
from .schema import Kind, SchemaError
from .secret import Secret

_DEPTH_LIMIT = 100
_SHOWN = 300
_REQUEST_IDS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray")


@dataclass(slots=True)
class Reply:
    """A response, and its documented model if it is one."""

    status: int
    headers: httpx2.Headers
    body: bytes
    documented: bool
    parsed: Any = None
    problem: str = ""
    field_wait: float | None = None
    """The seconds to wait, as the body says in the documented field for it."""

    @property
    def promising(self) -> bool:
        """Whether the status is that of the documented success."""
        return self.documented and 200 <= self.status < 300

    @property
    def request_id(self) -> str | None:
        """The id that the server gave the request, if it sent one."""
        return next((found for name in _REQUEST_IDS if (found := self.headers.get(name))), None)

    @property
    def told_to_wait(self) -> float | None:
        """The seconds that the server said to wait: in the header or the documented field; the longer."""
        told = [one for one in (self._header_wait, self.field_wait) if one is not None]
        return max(told, default=None)

    @property
    def _header_wait(self) -> float | None:
        value = self.headers.get("retry-after", "")
        try:
            if value.isdecimal():
                return float(value)
            date = parsedate_to_datetime(value)
            return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - time())
        except (ValueError, OverflowError, TypeError, IndexError):
            return None  # neither seconds nor a date: as good as none

    def described(self) -> str:
        """The response in a line: what the server says of it, or else what it sent."""
        words = [str(self.status)]
        for name in ("code", "message"):
            if isinstance(said := getattr(self.parsed, name, None), str):
                words += [f"{name} {said[:_SHOWN]!r}"]
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
        return ", ".join(words)


def read(
    response: httpx2.Response, body: bytes, documented: Mapping[int, Kind | None], secret: Secret | None
) -> Reply:
    """What a response means; without the key, should the server have sent it back."""
    headers = response.headers
    if secret is not None:
        body = _without(secret, body)
        head = b"\n".join([part for pair in headers.raw for part in pair])
        if secret.masked_bytes(head) != head:
            mask = secret.masked_bytes
            headers = httpx2.Headers([(mask(name), mask(value)) for name, value in headers.raw])
    status = response.status_code
    reply = Reply(status, headers, body, status in documented)
    if (kind := documented.get(status)) is not None:
        try:
            value = _json(body)
            if status >= 400:
                reply.field_wait = told_to_wait(kind, value)
            reply.parsed = kind.decode(value)
        except SchemaError as error:
            reply.problem = str(error)
    return reply


def _without(secret: Secret, body: bytes) -> bytes:
    """A body without the key, be it escaped as JSON lets it."""
    body = secret.masked_bytes(body)
    if b"\\" not in body:
        return body
    try:
        value = json.loads(body)
        masked = secret.masked_value(value)
    except (ValueError, RecursionError):
        return body
    return body if masked == value else json.dumps(masked).encode()


def _json(body: bytes) -> Any:  # noqa: ANN401 - a JSON value
    """The value of a JSON text, as RFC 8259 has it: UTF-8, and no NaN.

    Raises:
        SchemaError: it is none, or one that is nested so deeply that Python could not print or pickle it.

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
