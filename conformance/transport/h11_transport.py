"""The transport over HTTP/1.1: a request goes out as it was written, and its response is read.

Paths and headers are left as they are, no redirect is followed and no cookie is kept.
"""

import functools
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import h11
import httpcore2

from ..requests.request import Request
from .connection import (
    BrokenConnectionError,
    Connection,
    Deadline,
    Headers,
    NotHttpError,
    Proxy,
    authority,
    connect,
)
from .exchange import Response
from .tls import Tls
from .transport import NoResponse

SENDS_CONTENT = {"PATCH", "POST", "PUT"}
"""Methods whose requests say that they have no content (RFC 9110, 8.6)."""
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"
_TLS_ALERT, _TLS_HANDSHAKE = 0x15, 0x16
_HTTP2_SETTINGS = 4


class H11Transport:
    """Keeps a connection open to each address that requests go to.

    Args:
        headers: sent with each request that has none of that name.
        timeout: how many seconds an exchange may take, to the end of the response.
        proxy: the URL of a proxy, or None to connect directly.
        tls: which certificates are trusted, and the one to show.

    """

    def __init__(
        self, headers: Mapping[str, str], timeout: float, proxy: str | None = None, tls: Tls | None = None
    ) -> None:
        self._headers = {name.lower().encode(): value.encode() for name, value in headers.items()}
        self._timeout = timeout
        self._proxy = None if proxy is None else Proxy(proxy)
        self._tls = tls or Tls()
        self._connections: dict[tuple[str, str], Connection] = {}

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def send(self, request: Request) -> Response:
        """The response to a request. See `Transport.send`."""
        started, is_connected = time.perf_counter(), False
        try:
            deadline = Deadline(self._timeout)
            url = urlsplit(request.url)
            written = h11.Request(
                method=request.method, target=self._target(url), headers=self._complete(request, url)
            )
            connection = self._connect(url, deadline)
            is_connected = True
            received = connection.exchange(written, request.content, deadline)
        except httpcore2.TimeoutException as error:
            what = "no complete response" if is_connected else "no connection"
            raise NoResponse(f"timed out after {self._timeout:g} s: {what}", timed_out=True) from error
        except (
            httpcore2.NetworkError,
            httpcore2.ProxyError,
            BrokenConnectionError,
            NotHttpError,
            h11.LocalProtocolError,
            UnicodeError,  # the host is too long for a resolver
        ) as error:
            broke = is_connected and isinstance(error, (httpcore2.NetworkError, BrokenConnectionError))
            raise NoResponse(reason(error), may_have_arrived=broke) from error
        return Response(
            status=received.head.status_code,
            headers=tuple((name.decode(), value.decode("latin-1")) for name, value in received.head.headers),
            content=received.content,
            seconds=time.perf_counter() - started,
            is_cut=received.is_cut,
        )

    def _connect(self, url: SplitResult, deadline: Deadline) -> Connection:
        """The connection to an address: the one that is open, if it can still be used."""
        address = (url.scheme, url.netloc)
        connection = self._connections.get(address)
        if connection is None or not connection.is_usable():
            if connection is not None:
                self._connections.pop(address).close()
            connection = connect(url, self._proxy, deadline, self._tls.context)
            self._connections[address] = connection
        return connection

    def _target(self, url: SplitResult) -> str:
        """What a request line names. A proxy needs the whole URL."""
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


def reason(error: BaseException) -> str:
    """Why no response came, as exactly as it is known. The text can hold what the target sent."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    for cause in reversed(causes):  # what happened first is the most exact
        for kind, words in _REASONS:
            if isinstance(cause, kind):
                return words(cause)
    return str(error) or type(error).__name__


def _of_tls(what: str) -> str:
    if "NO_APPLICATION_PROTOCOL" in what:
        return "not HTTP/1.1: the target refused that protocol in TLS"
    return f"TLS failed: {what.replace('_', ' ').lower()}"


def _what_came(error: NotHttpError) -> str:
    received = error.received
    if len(received) >= 9 and received[3] == _HTTP2_SETTINGS and received[5:9] == bytes(4):  # RFC 9113, 4.1
        return "the target sent HTTP/2"
    if len(received) >= 3 and received[0] in {_TLS_ALERT, _TLS_HANDSHAKE} and received[1] == 3:
        return "the target sent TLS; is its address https?"
    if received.startswith(b"HTTP/"):
        return f"{error}"
    return f"the target sent {received.decode('utf-8', 'backslashreplace')!r}" if received else str(error)


_REASONS: Sequence[tuple[type[BaseException], Callable[[Any], str]]] = (
    (ssl.SSLCertVerificationError, lambda error: f"certificate verify failed: {error.verify_message}"),
    (ssl.SSLError, lambda error: _of_tls(getattr(error, "reason", None) or str(error))),
    (socket.gaierror, lambda error: f"the host name was not found: {error.strerror}"),
    (ConnectionRefusedError, lambda _: "connection refused"),
    (ConnectionResetError, lambda _: "the connection was reset"),
    (BrokenPipeError, lambda _: "the connection was reset"),
    (OSError, lambda error: (error.strerror or str(error)).lower()),
    (NotHttpError, lambda error: f"not HTTP/1.1: {_what_came(error)}"),
)
"""What each kind of error means, the more exact kinds first."""
