"""The server of the selftests. It sends what a test scripts: a response, or bytes that are not HTTP.

It also has the addresses of servers that send nothing: they refuse, accept or ignore connections.
"""

import contextlib
import http.client
import io
import itertools
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from types import TracebackType
from typing import Any, Self

from conformance.contract.document import JSON
from conformance.selftest.http_sender import exchange
from conformance.selftest.waiting import LONGEST

Script = Callable[[socket.socket], None]
"""A function that uses the connection. The connection stays open afterwards."""


@dataclass
class Received:
    """A request that arrived."""

    method: str
    path: str
    headers: Message
    content: bytes
    more: dict[str, str] = field(default_factory=dict)
    """More headers of the response, which a `Respond` may add."""


Reply = tuple[int, str, bytes]
"""The status code, the media type and the content of a response."""
Respond = Callable[[Received], Reply | None]
"""The response to a request. None ends the connection, and resets it if the client sends more."""
Act = Callable[[Received], Reply | Script | None]
"""The same, or a script that sends bytes itself. The connection is closed afterwards."""


class ScriptedServer:
    """Sends the next of `replies` to each request, later the last one again; or sends what `respond` returns.

    A reply is the bytes to send, or a script. Unless the bytes have `keep-alive`, the connection is closed.
    `host` is the IP address to listen on. `requests` has the bytes of the requests that arrived.
    """

    def __init__(
        self,
        *replies: bytes | Script,
        respond: Act | None = None,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.replies = replies
        self.requests: list[bytes] = []
        self.connections = 0
        self._respond = respond
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=128)
        self._threads: list[threading.Thread] = []
        self.authority = f"{f'[{host}]' if ':' in host else host}:{self._listener.getsockname()[1]}"
        self.url = f"{'https' if tls else 'http'}://{self.authority}"

    def __enter__(self) -> Self:
        """Start to accept connections."""
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop. A connection ends if the client disconnects or the reply is sent."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._respond is None:  # a client may keep an idle connection, and its thread would not end
            for thread in self._threads:
                thread.join()

    def has_closed_connections(self) -> bool:
        """Whether every connection that was accepted is closed again."""
        return not any(thread.is_alive() for thread in self._threads[1:])  # the first one accepts

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()  # the client rejected the certificate
                return
        with connection, connection.makefile("rb") as stream:
            connection.settimeout(LONGEST)
            with contextlib.suppress(OSError):  # the client disconnected
                while (raw := _read_request(stream)) and self._reply(connection, raw):
                    pass

    def _reply(self, connection: socket.socket, raw: bytes) -> bool:
        """Reply to a request. Returns whether the connection stays open."""
        self.requests.append(raw)
        if b"HTTP/1." not in raw:
            connection.sendall(response(400))
            return False
        if self._respond is not None:
            return _respond(connection, _parsed(raw), self._respond)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if callable(reply):
            reply(connection)
            return True
        connection.sendall(reply)
        return b"keep-alive" in reply


def _respond(connection: socket.socket, request: Received, respond: Act) -> bool:
    reply = respond(request)
    if reply is None:
        # The client sees the end first, then a reset, because the connection is closed without lingering.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_WR)
        return False
    if callable(reply):
        reply(connection)
        return False
    status, media_type, content = reply
    headers = {"content-type": media_type, **request.more}
    connection.sendall(response(status, content, *map(": ".join, headers.items()), keep=True))
    return True


def _read_request(stream: io.BufferedIOBase) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (more := stream.readline()):
            return b""
        head += more
        if b"HTTP/1." not in head:
            return head  # no request, such as the start of TLS
    lines = (line.lower() for line in head.splitlines())
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    return head + stream.read(length)


def _parsed(raw: bytes) -> Received:
    head = io.BytesIO(raw)
    method, path, _ = head.readline().decode("latin-1").split(" ", 2)
    headers = http.client.parse_headers(head)
    return Received(method, path, headers, head.read())


def response(status: int, body: bytes = b"", *headers: str, keep: bool = False) -> bytes:
    """A response as bytes."""
    head = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@contextlib.contextmanager
def listen(respond: Act) -> Iterator[str]:
    """The address of a server that sends the responses of a function."""
    with ScriptedServer(respond=respond) as server:
        yield server.url


@contextlib.contextmanager
def refuse_connections() -> Iterator[str]:
    """An address where no server listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # the socket does not listen, but no other process can use the port
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@contextlib.contextmanager
def listen_only(backlog: int = 128) -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens, and its address. Only the test accepts connections from the socket."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listener:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def hang() -> Iterator[str]:
    """An address that accepts connections but sends no response."""
    with listen_only() as (_, url):
        yield url


@contextlib.contextmanager
def ignore_connections() -> Iterator[str]:
    """An address where an attempt to connect is neither accepted nor refused."""
    with listen_only(backlog=0) as (listener, url), contextlib.ExitStack() as waiting:
        for _ in range(4):  # more than the queue holds, so the system ignores those that come later
            early = waiting.enter_context(socket.socket())
            early.settimeout(0)
            early.connect_ex(listener.getsockname())
        yield url


def redirect(location: str) -> Respond:
    """Redirect every request."""

    def respond(request: Received) -> Reply:
        request.more = {"location": location}
        return 302, "text/html", b""

    return respond


def always(status: int, body: Any = None, media_type: str = JSON) -> Respond:  # noqa: ANN401 - a JSON value, or bytes
    """The same response to every request."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: (status, media_type, content)


def forward(request: Received, url: str) -> Reply:
    """The response of another server to a request."""
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    found = exchange(url, request.method, request.path, headers, request.content)
    request.more = {name: value for name, value in found.headers.items() if name == "allow"}
    return found.status, found.headers.get("content-type", ""), found.content


def every(period: int, instead: Respond, url: str) -> Respond:
    """The responses of another server, except that every `period`th request gets another response."""
    count = itertools.count(1)
    return lambda request: instead(request) if next(count) % period == 0 else forward(request, url)
