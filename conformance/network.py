"""The steps of an exchange: each ends with the time of the whole, and a request goes out in one.

A limit on each read is none on the answer: a server that sends a byte at a time makes any number of reads.
The look-up of a host name alone has no limit, and each address of a host has one of its own. What is written
waits for the next read: two packets would have the server begin twice.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

import httpcore2


class Network(httpcore2.NetworkBackend):
    """A network whose every step ends with the exchange that runs now, at the latest."""

    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        self._backend = backend
        self._until = float("inf")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let what is sent and read in a `with` block take so many seconds altogether."""
        self._until = monotonic() + seconds
        try:
            yield
        finally:
            self._until = float("inf")

    def left(self, timeout: float | None) -> float:
        """What is left of a limit, in seconds.

        Raises:
            ReadTimeout: nothing.

        """
        left = self._until - monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time is up, and the answer has not ended")
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        *args: Any,  # noqa: ANN401 - handed on
        **options: Any,  # noqa: ANN401 - handed on
    ) -> httpcore2.NetworkStream:
        """A connection whose steps end in time."""
        stream = self._backend.connect_tcp(host, port, self.left(timeout), *args, **options)
        return _Stream(stream, self)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, network: Network) -> None:
        self._stream, self._network = stream, network
        self._unsent = b""
        self.close = stream.close  # type: ignore[method-assign]  # handed on
        self.get_extra_info = stream.get_extra_info  # type: ignore[method-assign]  # handed on

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        unsent, self._unsent = self._unsent, b""
        if unsent:
            with suppress(httpcore2.WriteError):  # who stops listening may have answered before
                self._stream.write(unsent, self._network.left(timeout))
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - it comes with the read
        self._unsent += buffer

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout))
        return _Stream(stream, self._network)
