"""A server on loopback that answers with whatever bytes it is told to, sense or nonsense."""

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

Script = Callable[[socket.socket], None]


class Loopback:
    """Answers each request with the next of `replies`, and with the last one from then on.

    A reply is the bytes to send before the connection is closed, or a function that does what it likes with
    the connection.
    """

    def __init__(self, *replies: bytes | Script, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.replies: Sequence[bytes | Script] = replies
        self.requests: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:  # noqa: D105 - it starts
        self._start(self._accept)
        return self

    def __exit__(  # noqa: D105 - it stops
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()  # the client refused the certificate
                return
        with connection, connection.makefile("rb") as stream:
            connection.settimeout(10)
            try:
                while request := _request(stream.readline, stream.read):
                    self.requests.append(request)
                    reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
                    if callable(reply):
                        reply(connection)
                    else:
                        connection.sendall(reply)
                    if not callable(reply) and b"keep-alive" not in reply:
                        return
            except OSError:
                return  # the client left


def _request(line: Callable[[], bytes], read: Callable[[int], bytes]) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        if not (more := line()):
            return b""
        head += more
    length = next(
        (int(row[15:]) for row in head.splitlines() if row.lower().startswith(b"content-length:")), 0
    )
    return head + read(length)


def response(status: int, body: bytes = b"", *headers: str, keep: bool = False) -> bytes:
    """A response as it goes over the wire."""
    head = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep else 'close'}",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
