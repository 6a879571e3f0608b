"""The connections to a target: a request goes out as it was written, and its answer is read whole.

Paths and headers are left as they are, no redirection is followed and no cookie kept: httpx2 does for its
users what nobody needs here.
"""

import functools
import time
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit

import h11
import httpcore2

from ..requests.request import Request
from .connection import Connection, Deadline, Headers, Proxy, authority, connect
from .exchange import Response

SENDS_CONTENT = {"PATCH", "POST", "PUT"}
"""Methods that say so where they send none (RFC 9110, 8.6)."""
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"


class NoResponse(Exception):  # noqa: N818 - it is the target that fails
    """No answer came; the message says why."""

    def __init__(self, reason: str, *, timed_out: bool) -> None:
        super().__init__(reason)
        self.timed_out = timed_out
        """Whether the target took too long."""


class Transport:
    """Keeps a connection open to each address that is asked.

    Args:
        headers: sent with each request that has none of that name.
        timeout: how many seconds an exchange may take, to the end of the answer.
        proxy: the URL of a proxy, or None to connect directly.

    """

    def __init__(self, headers: Mapping[str, str], timeout: float, proxy: str | None = None) -> None:
        self._headers = {name.lower().encode(): value.encode() for name, value in headers.items()}
        self._timeout = timeout
        self._proxy = None if proxy is None else Proxy(urlsplit(proxy))
        self._connections: dict[tuple[str, str], Connection] = {}

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def send(self, request: Request) -> Response:
        """The answer to a request; a redirection is one, and is not followed.

        Raises:
            Silence: there is none.

        """
        started = time.perf_counter()
        try:
            deadline = Deadline(self._timeout)
            url = urlsplit(request.url)
            written = h11.Request(
                method=request.method, target=self._target(url), headers=self._complete(request, url)
            )
            connection = self._connect(url, deadline)
            response, content = connection.exchange(written, request.content, deadline)
        except httpcore2.TimeoutException as error:
            raise NoResponse(_tell(error), timed_out=True) from error
        except (httpcore2.NetworkError, httpcore2.ProxyError, h11.ProtocolError, UnicodeError) as error:
            raise NoResponse(_tell(error), timed_out=False) from error
        return Response(
            status=response.status_code,
            headers=tuple((name.decode(), value.decode("latin-1")) for name, value in response.headers),
            content=content,
            seconds=time.perf_counter() - started,
        )

    def _connect(self, url: SplitResult, deadline: Deadline) -> Connection:
        """The connection to an address: the one that it had, if that can still be used."""
        address = (url.scheme, url.netloc)
        connection = self._connections.get(address)
        if connection is None or not connection.is_usable():
            if connection is not None:
                self._connections.pop(address).close()
            connection = self._connections[address] = connect(url, self._proxy, deadline)
        return connection

    def _target(self, url: SplitResult) -> str:
        """What a request line names: a proxy wants the URL whole."""
        if self._proxy and url.scheme == "http":
            return f"http://{authority(url).decode()}{_path(url)}"
        return _path(url)

    def _complete(self, request: Request, url: SplitResult) -> Headers:
        own = [(name.lower().encode(), value) for name, value in request.headers]
        names = {name for name, _ in own}
        common = {b"host": authority(url), **self._headers}
        if self._proxy and url.scheme == "http":
            common.update(self._proxy.headers)
        if (request.content or request.method in SENDS_CONTENT) and b"transfer-encoding" not in names:
            common[b"content-length"] = b"%d" % len(request.content)
        return [pair for pair in common.items() if pair[0] not in names] + own


@functools.lru_cache
def _path(url: SplitResult) -> str:
    return quote((url.path or "/") + ("?" + url.query if url.query else ""), safe=_URL_CHARACTERS)


def _tell(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
