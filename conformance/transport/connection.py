"""One connection to a target, and HTTP/1.1 as it is spoken there.

h11 knows the protocol, and httpcore2 the network with its TLS and its names of what goes wrong. Between the
two httpcore2 has connections of its own, which threads may share and anybody may trace: without them a
request takes a fifth less. What an exchange may take is a limit on the whole: one on each read would let a
server go on for ever that sends a byte at a time. The look-up of a host name alone has no limit; each address
of a host, and each part of a body that is too large to go out at once, has one of its own.
"""

import base64
import functools
import ssl
from contextlib import suppress
from time import monotonic
from urllib.parse import SplitResult, unquote

import h11
import httpcore2

IDLE = 5.0
"""Seconds that a connection is kept for the next request: servers close theirs about then."""
READ_SIZE = 65536
"""Bytes to read at most in one go."""
LARGEST_HEAD = 100 * 1024
"""Bytes of a status line with its headers: more is no answer."""
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
            raise httpcore2.ReadTimeout("the time is up, and the answer has not ended")
        return left


class Connection:
    """A connection, on which one exchange follows another."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        self._kept_until = 0.0

    def is_usable(self) -> bool:
        """Whether another request may go out here; a target that closes its end has something to read."""
        return monotonic() < self._kept_until and not self._stream.get_extra_info("is_readable")

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def exchange(
        self, request: h11.Request, content: bytes, deadline: Deadline
    ) -> tuple[h11.Response, bytes]:
        """Send a request, in one piece, and read its answer whole.

        Raises:
            TimeoutException: the time is up.
            NetworkError: the connection broke.
            h11.ProtocolError: what came, or what was to be sent, is not HTTP.

        """
        self._kept_until = 0.0
        events = (request, h11.Data(data=content), h11.EndOfMessage())
        written = b"".join(self._http.send(event) or b"" for event in events)
        with suppress(httpcore2.WriteError):  # who stops listening may have answered before
            self._stream.write(written, deadline.left())
        response, received = self._read(deadline)
        is_done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if is_done and not self._http.trailing_data[0]:  # what comes after an answer answers no request
            self._http.start_next_cycle()
            self._kept_until = monotonic() + IDLE
        return response, received

    def _read(self, deadline: Deadline) -> tuple[h11.Response, bytes]:
        response, received = None, bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                data = self._stream.read(READ_SIZE, deadline.left())
                if not data and response is None:
                    raise h11.RemoteProtocolError("the connection was closed, and there was no answer")
                self._http.receive_data(data)
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                received += event.data
            elif not isinstance(event, h11.InformationalResponse):
                break
        if response is None:
            raise h11.RemoteProtocolError("another protocol was switched to, and there was no answer")
        return response, bytes(received)

    def tunnel(self, place: bytes, headers: Headers, deadline: Deadline) -> None:
        """Have the proxy at the other end connect to a host and port.

        Raises:
            ProxyError: it refuses.

        """
        request = h11.Request(method="CONNECT", target=place, headers=[(b"host", place), *headers])
        response, _ = self.exchange(request, b"", deadline)
        if not 200 <= response.status_code < 300:
            raise httpcore2.ProxyError(f"the proxy answered {response.status_code}")

    def start_tls(self, host: str, deadline: Deadline) -> "Connection":
        """The same connection with TLS from now on, to a host whose certificate must be its own."""
        return Connection(self._stream.start_tls(_trusted(), host, deadline.left()))


class Proxy:
    """A proxy, by its URL, which may hold a user and a password."""

    def __init__(self, address: SplitResult) -> None:
        self.address = address
        self.headers: Headers = []
        if address.username is not None:
            user = f"{unquote(address.username)}:{unquote(address.password or '')}"
            self.headers = [(b"proxy-authorization", b"Basic " + base64.b64encode(user.encode()))]


def connect(target: SplitResult, proxy: Proxy | None, deadline: Deadline) -> Connection:
    """A connection to the host of a URL, by a proxy if there is one.

    Raises:
        TimeoutException: the time is up.
        NetworkError: nobody is there, or it has no certificate that is trusted.
        ProxyError: the proxy refuses to connect.
        h11.ProtocolError: what the proxy says is not HTTP.
        UnicodeError: the host's name can be none.

    """
    first = proxy.address if proxy else target
    stream = httpcore2.SyncBackend().connect_tcp(host_of(first), port_of(first), deadline.left())
    connection = Connection(stream)
    try:
        if first.scheme == "https":
            connection = connection.start_tls(host_of(first), deadline)
        if proxy and target.scheme == "https":
            connection.tunnel(authority(target, with_port=True), proxy.headers, deadline)
            connection = connection.start_tls(host_of(target), deadline)
    except BaseException:
        connection.close()
        raise
    return connection


def host_of(url: SplitResult) -> str:
    """The host of a URL, as the network knows it."""
    return (url.hostname or "").encode("idna").decode()


def port_of(url: SplitResult) -> int:
    """The port of a URL."""
    return url.port or DEFAULT_PORTS[url.scheme]


@functools.lru_cache
def authority(url: SplitResult, *, with_port: bool = False) -> bytes:
    """The host of a URL with its port, if that is not the usual one."""
    host = host_of(url)
    name = f"[{host}]" if ":" in host else host
    return (f"{name}:{port_of(url)}" if with_port or url.port is not None else name).encode()


@functools.cache
def _trusted() -> ssl.SSLContext:
    return httpcore2.default_ssl_context()
