"""One connection to a target, over which HTTP/1.1 requests are sent one after another.

h11 knows the protocol, and httpcore2 knows the network, TLS and the errors of both. The connections of
httpcore2 itself can be shared by threads and traced; without them a request takes a fifth less time. The time
limit is one for the whole exchange: a limit for each read would never stop a server that sends a byte at a
time. The look-up of a host name has no limit. Each address of a host, and each part of a body that does not
go out at once, has a limit of its own.
"""

import base64
import functools
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from urllib.parse import SplitResult, unquote

import h11
import httpcore2

from .exchange import LARGEST_BODY
from .hosts import is_loopback, split

IDLE = 5.0
"""Seconds that a connection is kept for the next request. Servers close theirs about then."""
READ_SIZE = 65536
"""Bytes to read at most in one go."""
LARGEST_HEAD = 100 * 1024
"""Bytes of a status line with its headers. More is no response."""
BEGINNING = 100
"""Bytes that are kept of what is not HTTP."""
VERSIONS = frozenset({b"1.0", b"1.1"})
DEFAULT_PORTS = {"http": 80, "https": 443}

Headers = list[tuple[bytes, bytes]]


class Deadline:
    """When an exchange must have ended, in so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    def left(self) -> float:
        """What is left, in seconds.

        Raises:
            ReadTimeout: nothing.

        """
        left = self._until - monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time is up")
        return left


class NotHttpError(Exception):
    """What came is not HTTP/1.1."""

    def __init__(self, error: str, received: bytes) -> None:
        super().__init__(error)
        self.received = received
        """The beginning of what came."""


class BrokenConnectionError(Exception):
    """The connection ended before the response did."""


@dataclass(frozen=True, slots=True)
class Received:
    """A response as h11 has it, and its body."""

    head: h11.Response
    content: bytes
    is_cut: bool
    """Whether the body goes on after `LARGEST_BODY` bytes, which are the content."""


class Connection:
    """A connection, over which one exchange follows another."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        self._kept_until = 0.0
        self._beginning = b""
        self._has_ended = False

    def is_usable(self) -> bool:
        """Whether another request may go out here. A target that closed its end has something to read."""
        return monotonic() < self._kept_until and not self._stream.get_extra_info("is_readable")

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def exchange(self, request: h11.Request, content: bytes, deadline: Deadline) -> Received:
        """Send a request in one piece and read its response.

        Raises:
            TimeoutException: the time is up.
            NetworkError, BrokenConnectionError: the connection broke.
            NotHttpError: what came is not HTTP/1.1.
            h11.LocalProtocolError: what was to be sent is not HTTP.

        """
        self._kept_until = 0.0
        events = (request, h11.Data(data=content), h11.EndOfMessage())
        written = b"".join(self._http.send(event) or b"" for event in events)
        with suppress(httpcore2.WriteError):  # a target that stops reading may have responded before
            self._stream.write(written, deadline.left())
        received = self._read(deadline)
        is_done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if is_done and not self._http.trailing_data[0]:  # data after a response belongs to no request
            self._http.start_next_cycle()
            self._kept_until = monotonic() + IDLE
        return received

    def _read(self, deadline: Deadline) -> Received:
        response, content = None, bytearray()
        self._beginning, self._has_ended = b"", False
        while True:
            event = self._next_event()
            if event is h11.NEED_DATA:
                self._receive(deadline, is_first=response is None)
            elif isinstance(event, h11.Response):
                if event.http_version not in VERSIONS:
                    raise NotHttpError(f"the version is {event.http_version.decode()}", self._beginning)
                response = event
            elif isinstance(event, h11.Data):
                content += event.data
                if response is not None and len(content) > LARGEST_BODY:
                    return Received(response, bytes(content[:LARGEST_BODY]), is_cut=True)
            elif not isinstance(event, h11.InformationalResponse):
                break
        if response is None:
            raise NotHttpError("the target switched to another protocol", self._beginning)
        return Received(response, bytes(content), is_cut=False)

    def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        try:
            return self._http.next_event()
        except h11.RemoteProtocolError as error:
            if self._has_ended:
                raise BrokenConnectionError("the connection was closed before the response ended") from error
            raise NotHttpError(_in_words(error), self._beginning) from error

    def _receive(self, deadline: Deadline, *, is_first: bool) -> None:
        data = self._stream.read(READ_SIZE, deadline.left())
        if not data and is_first:
            raise BrokenConnectionError("the connection was closed before a response came")
        self._beginning = (self._beginning + data)[:BEGINNING]
        # h11 would wait for the end of a line, which never comes in another protocol.
        if not self._beginning.startswith(b"HTTP/"[: len(self._beginning)]):
            raise NotHttpError("no status line", self._beginning)
        self._has_ended = not data
        self._http.receive_data(data)

    def tunnel(self, place: bytes, headers: Headers, deadline: Deadline) -> None:
        """Have the proxy at the other end connect to a host and port.

        Raises:
            ProxyError: it refuses.

        """
        request = h11.Request(method="CONNECT", target=place, headers=[(b"host", place), *headers])
        status = self.exchange(request, b"", deadline).head.status_code
        if not 200 <= status < 300:
            raise httpcore2.ProxyError(f"the proxy returned {status}")

    def start_tls(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> "Connection":
        """The same connection with TLS from now on, to a host that must have a certificate of its own."""
        return Connection(self._stream.start_tls(context, host, deadline.left()))


def _in_words(error: h11.RemoteProtocolError) -> str:
    """What is wrong with a response, without the names of h11's classes."""
    text, bytearray_, line = str(error).partition(": bytearray(b")
    if error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        return f"more than {LARGEST_HEAD // 1024} KiB of headers"
    if "_SWITCH_" in text:
        return "the target switched to another protocol"
    if "status_code should be in range" in text:
        return "the status code is less than 100"
    return f"{text}: {line[1:-2][:BEGINNING]}" if bytearray_ else text


class Proxy:
    """A proxy. Its URL can hold a user and a password."""

    def __init__(self, url: str) -> None:
        address = split(url)
        assert address is not None, "the options were checked"
        self.address = address
        self.headers: Headers = []
        if address.username is not None:
            user = f"{unquote(address.username)}:{unquote(address.password or '')}"
            self.headers = [(b"proxy-authorization", b"Basic " + base64.b64encode(user.encode()))]


def connect(
    target: SplitResult, proxy: Proxy | None, deadline: Deadline, trust: Callable[[], ssl.SSLContext]
) -> Connection:
    """A connection to the host of a URL, through a proxy if there is one.

    Args:
        target: the URL, with its host normalised.
        proxy: the proxy, or None.
        deadline: when the exchange must have ended.
        trust: makes the TLS context, which only https needs.

    Raises:
        TimeoutException: the time is up.
        NetworkError: the host does not listen, or has no certificate that is trusted.
        ProxyError: the proxy refuses to connect.
        NotHttpError, BrokenConnectionError: what the proxy sends is not HTTP.

    """
    first = proxy.address if proxy else target
    stream = httpcore2.SyncBackend().connect_tcp(_resolvable(host_of(first)), port_of(first), deadline.left())
    connection = Connection(stream)
    try:
        if first.scheme == "https":
            connection = connection.start_tls(trust(), host_of(first), deadline)
        if proxy and target.scheme == "https":
            connection.tunnel(authority(target, with_port=True), proxy.headers, deadline)
            connection = connection.start_tls(trust(), host_of(target), deadline)
    except BaseException:
        connection.close()
        raise
    return connection


def host_of(url: SplitResult) -> str:
    """The host of a URL."""
    return url.hostname or ""


def port_of(url: SplitResult) -> int:
    """The port of a URL."""
    return url.port or DEFAULT_PORTS[url.scheme]


@functools.lru_cache
def authority(url: SplitResult, *, with_port: bool = False) -> bytes:
    """The host of a URL with its port, if that is not the usual one."""
    host = host_of(url)
    name = f"[{host}]" if ":" in host else host
    return (f"{name}:{port_of(url)}" if with_port or url.port is not None else name).encode()


def _resolvable(host: str) -> str:
    """A name that every resolver knows. RFC 6761 has all names below `localhost` mean this machine."""
    return "localhost" if host.endswith(".localhost") and is_loopback(host) else host
