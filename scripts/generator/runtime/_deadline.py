"""The deadline of a call, kept in every single read and write of a synchronous one.

httpx2 limits each read by itself, and a server that sends a byte at a time makes any number of them. So the
limits of a request carry the moment when its call ends, down to the streams of its connection, which heed it.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ._fork import connection_pools

if TYPE_CHECKING:
    import httpx2
    from httpcore2 import NetworkBackend, NetworkStream


_CHUNK = 16384


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
        if backend is not None and not isinstance(backend, _Backend):
            vars(pool)["_network_backend"] = _Backend(backend)
    return client


def interrupt(client: httpx2.Client) -> None:
    """End what other threads read and write through a client, so that none of them waits for its time limit.

    To close a socket does not wake a thread that reads from it; to shut it down does.
    """
    for pool in connection_pools(client):
        backend = getattr(pool, "_network_backend", None)
        if isinstance(backend, _Backend):
            for stream in list(backend.streams):
                stream.shut_down()


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
        self.streams: WeakSet[_Stream] = WeakSet()
        self.sleep = backend.sleep

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        **options: Any,  # noqa: ANN401 - handed on
    ) -> _Stream:
        # Given a host, the backend would take the whole time for each address of it.
        *others, last = _addresses(host, port)
        for address in others:
            left = _left(timeout)
            with suppress(Exception):  # the next may do
                return self._made(self._backend.connect_tcp(address, port, left, **options))
        return self._made(self._backend.connect_tcp(last, port, _left(timeout), **options))

    def connect_unix_socket(self, path: str, timeout: float | None = None, **options: Any) -> _Stream:  # noqa: ANN401 - handed on
        return self._made(self._backend.connect_unix_socket(path, _left(timeout), **options))

    def _made(self, stream: NetworkStream) -> _Stream:
        made = _Stream(stream, self.streams)
        self.streams.add(made)
        return made


class _Stream:
    """A network stream of httpcore2. Each of its steps ends with the call at the latest."""

    def __init__(self, stream: NetworkStream, streams: WeakSet[_Stream]) -> None:
        self._stream = stream
        self._streams = streams
        self.close = stream.close
        self.get_extra_info = stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _CHUNK):  # as a whole it would have the time once for each packet
            self._stream.write(buffer[start : start + _CHUNK], _left(timeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> _Stream:
        secure = _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)), self._streams)
        self._streams.add(secure)
        return secure

    def shut_down(self) -> None:
        found = self.get_extra_info("socket")
        if isinstance(found, socket.socket):
            with suppress(OSError):  # it is closed already
                socket.socket.shutdown(found, socket.SHUT_RDWR)  # and not TLS, which another thread may use
