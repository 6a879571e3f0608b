"""One request and its response, as they were on the wire."""

import functools
import shlex
from dataclasses import dataclass
from typing import Any

from schemathesis import Case

from ..contract.document import JSON
from ..requests.request import Request, read_json
from .target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target

LONGEST_SHOWN = 400
"""How many characters of a body a person is shown."""


@dataclass(frozen=True)
class Response:
    """What came back. Its body is read once, though many checks look at it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""
    content: bytes
    seconds: float

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next((value for header, value in self.headers if header == name), None)

    @functools.cached_property
    def body(self) -> Any:  # noqa: ANN401 - a JSON value
        """The JSON value of the body, or `NO_JSON`."""
        return read_json(self.content)

    @functools.cached_property
    def code(self) -> str | None:
        """The error code of the body, if it has one that is a string."""
        body = self.body
        code = body.get("code") if isinstance(body, dict) else None
        return code if isinstance(code, str) else None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A case as Schemathesis has it, what was sent for it, and what came back."""

    case: Case[Any]
    request: Request
    response: Response | None
    no_response: str = ""
    """Why there is no answer, for a person."""
    timed_out: bool = False
    """Whether there is none because the target took too long."""
    repeated: bool = False
    """Whether it was sent twice, and so may have been carried out twice."""


def curl(request: Request, target: Target, key_header: str) -> str:
    """The request as a curl line that a person can run; a key is named by its variable, or masked."""
    words = ["curl", "-X", request.method]
    for name, value in request.headers:
        text = value.decode("latin-1")
        if name.lower() == key_header and text == target.key:
            words.append(f'-H "{name}: ${KEY_VARIABLE}"')
        elif name.lower() == key_header and text == target.restricted_key:
            words.append(f'-H "{name}: ${RESTRICTED_KEY_VARIABLE}"')
        else:
            # curl takes "name:" as a header to leave out, and "name;" as one to send with no value.
            header = f"{name}: {target.mask(text)}" if text else f"{name};"
            words += ["-H", _quote(header.encode("latin-1"))]
    shown = _shorten(request.content)
    content = target.mask(shown.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    line = " ".join([*words, *_data(content), shlex.quote(target.mask(request.url))])
    cut = "" if shown == request.content else f"  # {len(shown)} of {len(request.content)} bytes"
    return _piped(content) + line + cut


def describe(response: Response, target: Target) -> str:
    """The status and the body of an answer, short enough for a person, with no key in it."""
    text = target.mask(response.content.decode("utf-8", "backslashreplace"))
    media_type = target.mask(response.header("content-type") or "no media type")
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… ({len(response.content)} bytes)"
    noted = "" if media_type.partition(";")[0] == JSON else f" ({media_type})"
    return f"{response.status}{noted} {shown or '(no body)'}"


def _shorten(content: bytes) -> bytes:
    return content if len(content) <= 4 * LONGEST_SHOWN else content[:LONGEST_SHOWN]


def _data(content: bytes) -> list[str]:
    """The words that send a body: no argument can hold every byte, so some come through a pipe."""
    if not content:
        return []
    text = _printable(content)
    return ["--data-binary", "@-"] if text is None else ["--data-raw", shlex.quote(text)]


def _piped(content: bytes) -> str:
    if not content or _printable(content) is not None:
        return ""
    escaped = "".join(chr(byte) if _is_plain(byte) else f"\\{byte:03o}" for byte in content)
    return f"printf -- '{escaped}' | "


def _printable(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _quote(content: bytes) -> str:
    text = _printable(content)
    if text is not None:
        return shlex.quote(text)
    return "$'" + "".join(chr(byte) if _is_plain(byte) else f"\\x{byte:02x}" for byte in content) + "'"


def _is_plain(byte: int) -> bool:
    return 32 <= byte < 127 and byte not in b"'\\%"
