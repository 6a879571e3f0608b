"""The deadline of a call, kept in every single read and write of a synchronous one.

httpx2 limits each read by itself, and a server that sends a byte at a time makes any number of them. So the
limits of a request carry the moment when its call ends, down to the streams of its connection, which heed it.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ._fork import connection_pools, wake_waiting

if TYPE_CHECKING:
    import httpx2
    from httpcore2 import NetworkBackend, NetworkStream


_CHUNK = 16384
_CLOSED = "the client was closed"


class Limit(float):
    """The seconds that a step may take, and the moment when the call that it is part of ends."""

    __slots__ = ("until",)
    until: float


def bounded(client: httpx2.Client) -> httpx2.Client:
    """The client, with streams that heed the deadlines of calls.

    httpx2 has no public place for a network backend, and to make its transports ourselves would be to copy
    how it chooses proxies, reads certificates and names errors. So the backend is put where httpx2 keeps its
    own. Should it keep it elsewhere one day, a test fails, and calls are limited as httpx2 limits them. A
    transport that is not httpx2's is left alone.
    """
    for pool in connection_pools(client):
        backend = getattr(pool, "_network_backend", None)
        if backend is None or (isinstance(backend, _Backend) and not backend.has_ended):
            continue
        vars(pool)["_network_backend"] = (
            backend.renewed() if isinstance(backend, _Backend) else _Backend(backend)
        )
    return client


def interrupt(client: httpx2.Client) -> None:
    """End what other threads do through a client, so that none of them waits for its time limit.

    To close a socket does not wake a thread that reads from it; to shut it down does. And the number of a
    closed socket can be that of the next one, whose response the thread would take. So the thread that uses a
    stream closes it.
    """
    for pool in connection_pools(client):
        backend = getattr(pool, "_network_backend", None)
        if isinstance(backend, _Backend):
            backend.end()
    client.close()
    wake_waiting(client)


def _left(timeout: float | None) -> float | None:
    """What is left of a limit.

    Raises:
        TimeoutError: nothing.

    """
    if not isinstance(timeout, Limit):
        return timeout
    left = timeout.until - monotonic()
    if left <= 0:
        raise TimeoutError("the time is up, and the response has not ended")
    return min(float(timeout), left)


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return [host]  # the backend finds nothing either, and says so as httpx2 expects it
    return [str(address[0]) for *_, address in found]


class _Backend:
    """A network backend of httpcore2 that makes bounded streams."""

    def __init__(self, backend: NetworkBackend) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self._streams: WeakSet[_Stream] = WeakSet()
        self.has_ended = False
        self.sleep = backend.sleep

    def renewed(self) -> _Backend:
        """Another backend of the same kind, without the streams of this one."""
        return _Backend(self._backend)

    def end(self) -> None:
        """End all streams, and make no more."""
        with self._lock:
            self.has_ended = True
            streams = list(self._streams)
        for stream in streams:
            stream.close()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        **options: Any,  # noqa: ANN401 - handed on
    ) -> _Stream:
        # Given a host, the backend would take the whole time for each address of it.
        self._require_open()
        *others, last = _addresses(host, port)
        for address in others:
            left = _left(timeout)
            with suppress(Exception):  # the next may do
                return self._made(self._backend.connect_tcp(address, port, left, **options))
        return self._made(self._backend.connect_tcp(last, port, _left(timeout), **options))

    def connect_unix_socket(self, path: str, timeout: float | None = None, **options: Any) -> _Stream:  # noqa: ANN401 - handed on
        return self._made(self._backend.connect_unix_socket(path, _left(timeout), **options))

    def _made(self, stream: NetworkStream) -> _Stream:
        made = _Stream(stream, self)
        self.add(made)
        return made

    def add(self, stream: _Stream) -> None:
        """Count a stream as one of this backend.

        Raises:
            ConnectError: The client was closed meanwhile.

        """
        with self._lock:
            self._streams.add(stream)
        if self.has_ended:
            stream.close()
        self._require_open()

    def _require_open(self) -> None:
        if self.has_ended:
            from httpcore2 import ConnectError  # noqa: PLC0415 - httpx2 loads it with its first client

            raise ConnectError(_CLOSED)


class _Stream:
    """A network stream of httpcore2. Each of its steps ends with the call at the latest."""

    def __init__(self, stream: NetworkStream, backend: _Backend) -> None:
        self._stream = stream
        self._backend = backend
        self._lock = threading.Lock()
        self._users = 0
        self._has_ended = False
        self._socket: object = None
        self.get_extra_info = stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._enter()
        try:
            return self._stream.read(max_bytes, _left(timeout))
        finally:
            self._leave()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._enter()
        try:
            for start in range(
                0, len(buffer), _CHUNK
            ):  # as a whole it would have the time once for each packet
                self._stream.write(buffer[start : start + _CHUNK], _left(timeout))
        finally:
            self._leave()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> _Stream:
        self._enter()
        plain = self.get_extra_info("socket")
        # The socket of TLS takes the place of the plain one, which can then not be shut down any more.
        spare = self._socket = plain.dup() if isinstance(plain, socket.socket) else None
        try:
            secure = _Stream(
                self._stream.start_tls(ssl_context, server_hostname, _left(timeout)), self._backend
            )
            self._backend.add(secure)
        finally:
            self._socket = None
            if spare is not None:
                spare.close()
            self._leave()
        return secure

    def close(self) -> None:
        """Close the stream; if a thread uses it, that thread does so, and is woken."""
        with self._lock:
            self._has_ended = True
            if not self._users:
                self._stream.close()
            elif isinstance(found := self._socket or self.get_extra_info("socket"), socket.socket):
                with suppress(OSError):  # it is closed already
                    socket.socket.shutdown(found, socket.SHUT_RDWR)  # and not TLS, which has a user

    def _enter(self) -> None:
        with self._lock:
            if self._has_ended:
                raise _read_error()
            self._users += 1

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._has_ended:
                return
            if not self._users:
                self._stream.close()
        raise _read_error() from None


def _read_error() -> Exception:
    from httpcore2 import ReadError  # noqa: PLC0415 - as above

    return ReadError(_CLOSED)
