"""`traffic.har`: every exchange of a run, without keys, in the HTTP Archive format 1.2.

Each string passes through `Target.mask`. The file has ASCII characters only: JSON has an escape for any other
character, so no text of a target can act on a terminal that shows the file.
"""

import base64
import codecs
import functools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import harfile

from ..contract.document import Contract
from ..transport.exchange import Exchange, Response
from ..transport.target import Target
from .files import write
from .messages import show_key
from .report import Summary

LONGEST = 64 * 1024
"""How many bytes of a body are kept."""
LARGEST = 32 * 1024 * 1024
"""How many characters the entries of an archive have at most. What comes later is counted only."""
IS_BASE64 = "text is base64: the body is not UTF-8"
ABOUT = "_carecycle"
"""The member of `log` that says how the run classified its requests, for `judge` to do the same."""


class Recorder:
    """Keeps the exchanges of a process as entries of an archive."""

    def __init__(self, contract: Contract, target: Target) -> None:
        self._key_header = contract.key_header
        self._target = target
        self._mask = functools.lru_cache(512)(target.mask)  # most headers come again
        self._size = 0
        self.entries: list[str] = []
        """Each entry as JSON, which a worker can send to its controller."""

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange that has just ended, if there is room."""
        if self._size >= LARGEST:
            return
        seconds = 0.0 if exchange.response is None else exchange.response.seconds
        started = datetime.now(UTC) - timedelta(seconds=seconds)
        milliseconds = round(seconds * 1000, 3)
        entry: dict[str, object] = {
            # First, and always of one length, so that sorted entries are in the order of their times.
            "startedDateTime": started.isoformat(timespec="microseconds"),
            "time": milliseconds,
            "request": self._request(exchange).asdict(),
            "response": self._response(exchange.response).asdict(),
            "cache": {},
            "timings": harfile.Timings(send=0, wait=milliseconds, receive=0).asdict(),
        }
        if exchange.no_response:
            entry["comment"] = exchange.no_response
        self.entries.append(json.dumps(entry))
        self._size += len(self.entries[-1])

    def take(self) -> list[str]:
        """The entries since the last time."""
        taken, self.entries = self.entries, []
        return taken

    def _request(self, exchange: Exchange) -> harfile.Request:
        request = exchange.request
        headers = [
            harfile.Record(name=self._mask(name), value=show_key(name, value, self._target, self._key_header))
            for name, value in request.headers
        ]
        types = [header.value for header in headers if header.name.lower() == "content-type"]
        text, is_base64 = self._text(request.content)
        url = self._target.mask(request.url)
        return harfile.Request(
            method=request.method,
            url=url,
            httpVersion="HTTP/1.1",
            headers=headers,
            queryString=[
                harfile.Record(name=self._mask(name), value=self._mask(value))
                for name, value in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
            ],
            postData=harfile.PostData(
                mimeType=types[0] if types else "", text=text, comment=IS_BASE64 if is_base64 else None
            )
            if request.content
            else None,
            headersSize=-1,
            bodySize=len(request.content),
        )

    def _response(self, response: Response | None) -> harfile.Response:
        if response is None:  # as browsers write a request that failed
            content = harfile.Content(size=0, mimeType="x-unknown")
            return harfile.Response(
                status=0,
                statusText="",
                httpVersion="",
                headers=[],
                redirectURL="",
                headersSize=-1,
                bodySize=-1,
                content=content,
            )
        text, is_base64 = self._text(response.content)
        return harfile.Response(
            status=response.status,
            statusText="",
            httpVersion="HTTP/1.1",
            headers=[
                harfile.Record(name=self._mask(name), value=self._mask(value))
                for name, value in response.headers
            ],
            redirectURL=self._mask(response.header("location") or ""),
            headersSize=-1,
            bodySize=len(response.content),
            content=harfile.Content(
                size=len(response.content),
                mimeType=self._mask(response.header("content-type") or "x-unknown"),
                text=text,
                encoding="base64" if is_base64 else None,
                comment=_cut(response),
            ),
        )

    def _text(self, content: bytes) -> tuple[str, bool]:
        """The beginning of a body without keys, and whether it is in base64 because it is no text."""
        # The first cut is behind the second one, so no beginning of a secret remains at the end.
        content, is_whole = content[: 2 * LONGEST], len(content) <= LONGEST
        try:
            text = codecs.getincrementaldecoder("utf-8")().decode(content, final=is_whole)
            masked = self._target.mask(text)
        except UnicodeDecodeError:
            masked = self._target.mask(content.decode("latin-1"))
            return base64.b64encode(masked[:LONGEST].encode("latin-1")).decode("ascii"), True
        return masked[:LONGEST], False


def _cut(response: Response) -> str | None:
    if response.is_cut:
        return f"the beginning of a body of more than {len(response.content)} bytes"
    size = len(response.content)
    return f"the beginning of a body of {size} bytes" if size > LONGEST else None


def about(target: Target, contract: Contract) -> Mapping[str, object]:
    """What `judge` needs to classify the requests to a target as the run did. It holds no secret."""
    return {
        "base_urls": [target.mask(url) for url in target.access.base_urls],
        "enrollments": [":".join(each.fields.values()) for each in target.enrollments],
        "honours_prefer": target.honours_prefer,
        "key_has_prefix": target.key.startswith(contract.key_prefix),
    }


def write_har(summary: Summary, directory: Path) -> None:
    """Write `traffic.har` into a directory.

    Raises:
        ReportError: it cannot be written.

    """
    write(directory / "traffic.har", as_har(summary))


def as_har(summary: Summary) -> str:
    """An archive of the exchanges of all processes, in the order of their time, an entry a line."""
    kept = _bounded(sorted(summary.traffic))
    creator = {"name": "carecycle-conformance", "version": summary.contract.version}
    head: dict[str, object] = {"version": "1.2", "creator": creator, ABOUT: summary.about_traffic}
    if len(kept) < summary.requests:
        head["comment"] = f"{len(kept)} of {summary.requests} exchanges; the others are not kept"
    entries = ",\n".join(kept)
    return f'{{"log": {json.dumps(head)[:-1]}, "entries": [\n{entries}\n]}}}}\n'


def _bounded(entries: Sequence[str]) -> Sequence[str]:
    size = 0
    for number, entry in enumerate(entries):
        size += len(entry)
        if size > LARGEST:
            return entries[:number]
    return entries
