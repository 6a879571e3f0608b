"""The connections to a target: a request goes out as it was written, and its answer is read whole.

This is httpcore2, the part of httpx2 that speaks HTTP. Its network is an argument, so that a deadline can be
kept in each step; it leaves paths and headers as they are; and it asks in less time than httpx2, which does
for its users what nobody needs here. Its pool only makes the connections: it would share them between
threads, and there is one.
"""

import functools
import time
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

import httpcore2

from conformance.exchange import Answer, Request
from conformance.network import Network

IDLE = 5.0
"""Seconds that a connection is kept for the next request: servers close theirs about then."""
SENDS_CONTENT = {"PATCH", "POST", "PUT"}
"""Methods that say so where they send none (RFC 9110, 8.6)."""
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"


class Silence(Exception):  # noqa: N818 - it is the target that fails
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
        self._network = Network(httpcore2.SyncBackend())
        self._pool = httpcore2.ConnectionPool(
            keepalive_expiry=IDLE, network_backend=self._network, proxy=_proxy(proxy)
        )
        self._connections: dict[str, httpcore2.ConnectionInterface] = {}

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def send(self, request: Request) -> Answer:
        """The answer to a request; a redirection is one, and is not followed.

        Raises:
            Silence: there is none.

        """
        started = time.perf_counter()
        try:
            url = _url(request.url)
            with self._network.within(self._timeout):
                response = self._connect(url.origin).request(
                    request.method,
                    url,
                    headers=self._complete(request, url),
                    content=request.content if request.content or request.method in SENDS_CONTENT else None,
                )
        except httpcore2.TimeoutException as error:
            raise Silence(_tell(error), timed_out=True) from error
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.ProxyError,
            httpcore2.UnsupportedProtocol,
            UnicodeError,
        ) as error:
            raise Silence(_tell(error), timed_out=False) from error
        return Answer(
            status=response.status,
            headers=tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers
            ),
            content=response.content,
            seconds=time.perf_counter() - started,
        )

    def _connect(self, origin: httpcore2.Origin) -> httpcore2.ConnectionInterface:
        """The connection to an address: the one that it had, if that can still be used."""
        address = str(origin)
        connection = self._connections.pop(address, None)
        if connection is not None and (connection.has_expired() or not connection.is_available()):
            connection.close()
            connection = None
        self._connections[address] = connection or self._pool.create_connection(origin)
        return self._connections[address]

    def _complete(self, request: Request, url: httpcore2.URL) -> list[tuple[bytes, bytes]]:
        own = [(name.lower().encode(), value) for name, value in request.headers]
        names = {name for name, _ in own}
        host = b"[%b]" % url.host if b":" in url.host else url.host
        common = {b"host": host if url.port is None else b"%b:%d" % (host, url.port), **self._headers}
        return [pair for pair in common.items() if pair[0] not in names] + own


def _proxy(url: str | None) -> httpcore2.Proxy | None:
    if url is None:
        return None
    parts = urlsplit(url)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.username is None:
        return httpcore2.Proxy(address)
    user, password = unquote(parts.username), unquote(parts.password or "")
    return httpcore2.Proxy(address, (user.encode(), password.encode()))


@functools.lru_cache
def _url(text: str) -> httpcore2.URL:
    parts = urlsplit(text)
    target = quote((parts.path or "/") + ("?" + parts.query if parts.query else ""), safe=_URL_CHARACTERS)
    host = (parts.hostname or "").encode("idna")
    return httpcore2.URL(scheme=parts.scheme, host=host, port=parts.port, target=target)


def _tell(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
