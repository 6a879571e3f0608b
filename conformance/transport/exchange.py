"""One request and its response, as they were on the wire."""

import functools
from dataclasses import dataclass
from typing import Any

from schemathesis import Case

from ..contract.document import JSON
from ..requests.request import NO_JSON, Request, is_deep, read_json
from .target import Target
from .untrusted import LONGEST_SHOWN, describe_body

LARGEST_BODY = 256 * 1024
"""Bytes of a response body that are read. No documented body has more than a few hundred."""
DEEPEST_BODY = 100
"""Levels of arrays and objects in a body that is read as JSON. RFC 8259 allows such a limit."""


@dataclass(frozen=True)
class Response:
    """What the target sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""
    content: bytes
    seconds: float
    is_cut: bool = False
    """Whether the body has more than `LARGEST_BODY` bytes. The content is its beginning."""

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next((value for header, value in self.headers if header == name), None)

    @functools.cached_property
    def body(self) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON value of the body, or `NO_JSON`. It is parsed once, though many checks look at it."""
        return NO_JSON if self.is_cut or self.is_deep else read_json(self.content)

    def member(self, name: str) -> Any:  # noqa: ANN401 - a JSON value
        """The value of a member of the body, or None if the body is no object or lacks the member."""
        return self.body.get(name) if isinstance(self.body, dict) else None

    @functools.cached_property
    def is_deep(self) -> bool:
        """Whether the body is nested in more than `DEEPEST_BODY` levels."""
        return is_deep(self.content, DEEPEST_BODY)

    @functools.cached_property
    def code(self) -> str | None:
        """The error code of the body, if it has one that is a string."""
        code = self.member("code")
        return code if isinstance(code, str) else None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A case as Schemathesis has it, the request that was sent for it, and its response."""

    case: Case[Any]
    request: Request
    response: Response | None
    no_response: str = ""
    """Why there is no response, in words that are safe to show."""
    timed_out: bool = False
    """Whether there is none because the target took too long."""
    repeated: bool = False
    """Whether the request was sent twice, so that it may have been carried out twice."""


def status_and_code(response: Response, target: Target) -> str:
    """The status and the error code of a response, if it has one. The code is safe to show."""
    return f"{response.status} {target.show(response.code or '')}".strip()


def describe(response: Response, target: Target) -> str:
    """The status and the body of a response in one line that is safe to show."""
    unusual, text = describe_body(response.content, response.header("content-encoding") or "")
    media_type = response.header("content-type") or "no media type"
    shown = target.show(text) or "(no body)"
    notes = [target.show(media_type)] if media_type.partition(";")[0] != JSON else []
    notes += [target.show(unusual)] if unusual else []
    if response.is_cut:
        notes.append(f"the body has more than {LARGEST_BODY // 1024} KiB, which were read")
    elif response.is_deep:
        notes.append(f"the body is nested in more than {DEEPEST_BODY} levels")
    elif len(response.content) > LONGEST_SHOWN and shown.endswith("…"):
        shown += f" ({len(response.content)} bytes)"
    noted = f" ({'; '.join(notes)})" if notes else ""
    return f"{response.status}{noted} {shown}"
