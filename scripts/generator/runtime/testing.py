"""Responses for the unit tests of your own code: no network, no waits.

`responds` makes a transport that takes the place of the network:

    server = responds(429, 200)
    client = Client(token="a key", httpx_args={"transport": server})

The first call gets a 429 and then, as it is retried, a 200. Their bodies are the examples of the contract for
the operation that is called. `server.requests` has what was sent, and `server.waits` the seconds that the
client would have waited. An httpx2 client with this transport can be handed in as well.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2

from ._examples import KEY_HEADER, OPERATIONS, Documented
from ._retries import WithoutWaits
from ._spellings import MASK

__all__ = ["Responses", "Sent", "responds"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was sent."""

    operation: str
    """The operation id."""
    method: str
    path: str
    """The path of the URL, as it was sent."""
    body: Any = None
    """The JSON value of the body, or None without a body."""
    query: Sequence[tuple[str, str]] = ()
    """The parameters of the query, in the order in which they were sent."""
    headers: httpx2.Headers = field(default_factory=httpx2.Headers, repr=False)
    """The headers. The API key is masked."""


class Responses(httpx2.BaseTransport, httpx2.AsyncBaseTransport, WithoutWaits):
    """A transport that gives one response after another, and then the last one again and again.

    Synchronous and asynchronous clients can use it, and threads can share it.

    Attributes:
        requests: What was sent, the first request first. A retry is a request of its own.
        waits: The seconds of each wait that took no time.

    """

    def __init__(self, *responses: int | httpx2.Response | Exception) -> None:
        """Plan the responses.

        Args:
            responses: A status stands for the example of the contract, or for an empty body if the contract
                does not document the status. A response is given as it is. An exception is raised. Without
                any, each operation gets its documented success.

        Raises:
            TypeError: One of them is something else.
            ValueError: A number is no status.

        """
        for response in cast("Sequence[object]", responses):
            if isinstance(response, bool) or not isinstance(response, int | httpx2.Response | Exception):
                raise TypeError(
                    f"a response is a status, an httpx2.Response or an exception, not {response!r}"
                )
            if isinstance(response, int) and not 200 <= response < 600:
                raise ValueError(f"a status is a number from 200 to 599, not {response!r}")
        self._left = list(responses)
        self._lock = threading.Lock()
        self.requests: list[Sent] = []
        self.waits: list[float] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Give the next response to a synchronous request."""
        return self._respond(request, request.read())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Give the next response to an asynchronous request."""
        return self._respond(request, await request.aread())

    def pause(self, seconds: float) -> None:
        """Note a wait, which takes no time."""
        self.waits.append(seconds)

    def _respond(self, request: httpx2.Request, content: bytes) -> httpx2.Response:
        documented = _operation(request)
        with self._lock:
            self.requests.append(_sent(documented.operation, request, content))
            following = (
                self._left.pop(0) if len(self._left) > 1 else (self._left or [_success(documented)])[0]
            )
        if isinstance(following, Exception):
            raise following
        if isinstance(following, httpx2.Response):
            return httpx2.Response(
                following.status_code, headers=_headers(following), content=following.read()
            )
        return _example(documented, following)


def responds(*responses: int | httpx2.Response | Exception) -> Responses:
    """Make a transport that gives these responses; `Responses` says what they can be."""
    return Responses(*responses)


def _operation(request: httpx2.Request) -> Documented:
    path = _path(request.url)
    found = [one for one in OPERATIONS if one.method == request.method and _pattern(one.path).search(path)]
    if not found:
        raise LookupError(f"{request.method} {path} is no operation of the contract")
    return min(found, key=lambda one: one.path.count("{"))


def _pattern(template: str) -> re.Pattern[str]:
    """What the end of a path has to match; a base URL may have a path of its own."""
    filled = _path(httpx2.URL("http://host" + re.sub(r"\{[^}]*\}", "--0--", template)))
    return re.compile(re.escape(filled).replace(re.escape("--0--"), "[^/]+") + r"\Z")


def _path(url: httpx2.URL) -> str:
    return url.raw_path.partition(b"?")[0].decode()


def _sent(operation: str, request: httpx2.Request, content: bytes) -> Sent:
    headers = httpx2.Headers(request.headers)
    if KEY_HEADER in headers:
        headers[KEY_HEADER] = MASK
    return Sent(
        operation=operation,
        method=request.method,
        path=_path(request.url),
        body=json.loads(content) if content else None,
        query=tuple(request.url.params.multi_items()),
        headers=headers,
    )


def _success(documented: Documented) -> int:
    return min((status for status in documented.responses if 200 <= status < 300), default=200)


def _headers(response: httpx2.Response) -> httpx2.Headers:
    """The headers of a response, without those that say how its body was sent."""
    headers = httpx2.Headers(response.headers)
    for name in ("content-encoding", "content-length", "transfer-encoding"):
        headers.pop(name, None)
    return headers


def _example(documented: Documented, status: int) -> httpx2.Response:
    """The example of a status.

    Raises:
        LookupError: The contract has a body for it, and no example was to be had.

    """
    body = documented.responses.get(status)
    if body is None:
        return httpx2.Response(status)
    media_type, value = body
    if not media_type:
        words = f"the contract has no example of a {status} of {documented.operation}"
        raise LookupError(f"{words}; give an httpx2.Response in its place")
    return httpx2.Response(status, headers={"Content-Type": media_type}, content=json.dumps(value).encode())
