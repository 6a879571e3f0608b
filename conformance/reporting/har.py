"""`traffic.har`: every exchange of a run, without keys, in the HTTP Archive format 1.2."""

import base64
import io
import json
from collections.abc import Iterable
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
from .text import visible

LONGEST = 100_000
"""How many characters of a body are kept."""
IS_BASE64 = "text is base64: the body is not UTF-8"


class Recorder:
    """Keeps the exchanges of a process as entries of an archive."""

    def __init__(self, contract: Contract, target: Target) -> None:
        self._key_header = contract.key_header
        self._target = target
        self.entries: list[str] = []
        """Each entry as JSON, which a worker can send to its controller."""

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange that has just ended."""
        seconds = 0.0 if exchange.response is None else exchange.response.seconds
        started = datetime.now(UTC) - timedelta(seconds=seconds)
        milliseconds = round(seconds * 1000, 3)
        entry: dict[str, object] = {
            "startedDateTime": started.isoformat(),
            "time": milliseconds,
            "request": self._request(exchange).asdict(),
            "response": self._response(exchange.response).asdict(),
            "cache": {},
            "timings": harfile.Timings(send=0, wait=milliseconds, receive=0).asdict(),
        }
        if exchange.no_response:
            entry["comment"] = exchange.no_response
        self.entries.append(json.dumps(entry))

    def take(self) -> list[str]:
        """The entries since the last time."""
        taken, self.entries = self.entries, []
        return taken

    def _request(self, exchange: Exchange) -> harfile.Request:
        request = exchange.request
        headers = [
            harfile.Record(name=name, value=visible(show_key(name, value, self._target, self._key_header)))
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
                harfile.Record(name=name, value=value)
                for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)
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
                harfile.Record(name=name, value=visible(self._target.mask(value)))
                for name, value in response.headers
            ],
            redirectURL=visible(self._target.mask(response.header("location") or "")),
            headersSize=-1,
            bodySize=len(response.content),
            content=harfile.Content(
                size=len(response.content),
                mimeType=visible(response.header("content-type") or "x-unknown"),
                text=text,
                encoding="base64" if is_base64 else None,
            ),
        )

    def _text(self, content: bytes) -> tuple[str, bool]:
        """A body without keys, and whether it is in base64 because it is no text."""
        try:
            return self._target.mask(content.decode("utf-8"))[:LONGEST], False
        except UnicodeDecodeError:
            masked = self._target.mask(content.decode("latin-1")).encode("latin-1")
            return base64.b64encode(masked[:LONGEST]).decode("ascii"), True


def write_har(summary: Summary, directory: Path) -> None:
    """Write `traffic.har` into a directory.

    Raises:
        ReportError: it cannot be written.

    """
    write(directory / "traffic.har", as_har(summary.traffic, summary.contract))


def as_har(entries: Iterable[str], contract: Contract) -> str:
    """An archive of the entries of all processes, in the order of their time."""
    file = io.StringIO()
    creator = harfile.Creator(name="carecycle-conformance", version=contract.version)
    found = sorted(map(json.loads, entries), key=lambda entry: str(entry["startedDateTime"]))
    with harfile.HarFile(file, creator=creator):
        pass
    archive = json.loads(file.getvalue())
    archive["log"]["entries"] = found
    return json.dumps(archive, indent=1, ensure_ascii=False) + "\n"
