"""Reads an HTTP Archive (HAR 1.2) of any program: a browser, a proxy, a gateway, or a run of the suite."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ..reporting.har import ABOUT, IS_BASE64
from ..requests.request import Request
from ..transport.exchange import Response

LARGEST = 256 * 1024 * 1024
"""Bytes of an archive that is read."""
LONGEST = 366 * 86400.0
"""Seconds that an exchange can have taken."""


class ArchiveError(ValueError):
    """A file is no archive that can be judged; the message names it and the place."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded request, and its response if there was one."""

    number: int
    """The place in the archive, from 1."""
    began: float
    """When it was sent, in seconds since 1970. Without a time, the place in the archive."""
    seconds: float
    request: Request
    response: Response | None
    no_response: str = ""
    missing: str = ""
    """What the recording lacks to judge the exchange, or nothing."""


@dataclass(frozen=True, slots=True)
class Archive:
    """All that an archive holds, in the order in which the requests were sent."""

    exchanges: Sequence[Recorded]
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the suite wrote about its own run, or nothing."""


def read_archive(path: Path) -> Archive:
    """The exchanges of an archive.

    Raises:
        ArchiveError: the file is no archive, or an entry lacks what each entry has.

    """
    try:
        if path.stat().st_size > LARGEST:
            raise ArchiveError(f"{path} has more than {LARGEST // 1024**2} MiB: export fewer exchanges")
        document = json.loads(path.read_text(encoding="utf-8-sig"))  # some programs write a byte order mark
    except OSError as error:
        raise ArchiveError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ArchiveError(f"{path} is no HTTP Archive: it is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ArchiveError(f"{path} is no HTTP Archive: no JSON at {place}: {error.msg}") from error
    except ValueError as error:  # a number with more digits than Python reads
        raise ArchiveError(f"{path} is no HTTP Archive: {error}") from error
    except RecursionError:
        raise ArchiveError(f"{path} is no HTTP Archive: its JSON is nested too deeply") from None
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(log, dict) or not isinstance(entries, list):
        raise ArchiveError(f"{path} is no HTTP Archive: it has no list `log.entries`")
    found = []
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_entry(number, entry))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ArchiveError(f"{path}: log.entries[{number - 1}] is no exchange: {_why(error)}") from error
    about = log.get(ABOUT)
    ordered = sorted(found, key=lambda each: each.began)
    return Archive(ordered, about if isinstance(about, dict) else {})


def _why(error: Exception) -> str:
    return f"it has no `{error.args[0]}`" if isinstance(error, KeyError) else str(error)


def _entry(number: int, entry: Mapping[str, Any]) -> Recorded:
    seconds = _seconds(entry.get("time") or 0.0)
    request, missing = _request(entry["request"])
    response, missing_too = _response(entry["response"], seconds)
    return Recorded(
        number=number,
        began=_moment(entry.get("startedDateTime"), number),
        seconds=seconds,
        request=request,
        response=response,
        no_response=str(entry.get("comment") or entry["response"].get("_error") or "no response")
        if response is None
        else "",
        missing=missing or missing_too,
    )


def _seconds(milliseconds: Any) -> float:  # noqa: ANN401 - a JSON value
    """The duration. One that cannot be (negative, endless, or of years) is unknown, and counts as none."""
    try:
        seconds = float(milliseconds) / 1000
    except OverflowError:
        return 0.0
    return seconds if 0 <= seconds <= LONGEST else 0.0


def _moment(started: object, number: int) -> float:
    if not isinstance(started, str):
        return float(number)
    moment = datetime.fromisoformat(started)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).timestamp()  # an error if there is no such time in UTC


def _request(found: Mapping[str, Any]) -> tuple[Request, str]:
    headers = [(name, value.encode("utf-8", "surrogateescape")) for name, value in _headers(found)]
    posted, size = found.get("postData"), found.get("bodySize")
    content, missing = b"", ""
    if isinstance(posted, dict):
        content, missing = _posted(posted)
        if posted.get("mimeType") and not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("content-type", _string(posted, "mimeType").encode()))
    elif isinstance(size, int) and size > 0:
        missing = "the body of the request"
    return Request(_string(found, "method").upper(), _string(found, "url"), tuple(headers), content), missing


def _posted(posted: Mapping[str, Any]) -> tuple[bytes, str]:
    if isinstance(text := posted.get("text"), str):
        is_base64 = posted.get("encoding") == "base64" or posted.get("comment") == IS_BASE64
        return _bytes(text, is_base64=is_base64), ""
    if params := posted.get("params"):
        pairs = [(_string(each, "name"), str(each.get("value") or "")) for each in params]
        return urlencode(pairs).encode(), ""
    return b"", ""


def _response(found: Mapping[str, Any], seconds: float) -> tuple[Response | None, str]:
    status = found["status"]
    if not isinstance(status, int):
        raise TypeError(f"the status {status!r} of its response is no number")
    if not 100 <= status <= 599:  # 0, as browsers write a request that failed
        return None, ""
    content = found.get("content") or {}
    # A recording has bodies as they are without their content coding.
    headers = [(name.lower(), value) for name, value in _headers(found)]
    headers = [(name, value) for name, value in headers if name != "content-encoding"]
    media_type = content.get("mimeType")
    if media_type and media_type != "x-unknown" and not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", _string(content, "mimeType")))
    text, size = content.get("text"), content.get("size")
    missing = "the body of the response" if text is None and isinstance(size, int) and size > 0 else ""
    body = _bytes(str(text or ""), is_base64=content.get("encoding") == "base64")
    is_cut = str(content.get("comment", "")).startswith("the beginning of a body")
    return Response(status, tuple(headers), body, seconds, is_cut=is_cut), missing


def _headers(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers, without those that only name the parts of an HTTP/2 request (`:path`)."""
    headers = [(_string(each, "name"), _string(each, "value")) for each in found.get("headers") or ()]
    return [(name, value) for name, value in headers if not name.startswith(":")]


def _bytes(text: str, *, is_base64: bool) -> bytes:
    if not is_base64:
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"a body is not base64, as its entry says: {error}") from None


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found[name]
    if not isinstance(value, str):
        raise TypeError(f"its `{name}` is no string")
    return value
