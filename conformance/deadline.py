"""The time that a whole exchange may take, kept in every single read and write of it.

httpx2 limits each read by itself, and a server that sends a byte at a time makes any number of them. So the
streams of its connections look at a clock, which the governor winds up for each request. httpx2 has no
public place for them: should its own move, a selftest fails, and each read is limited by itself again. The
look-up of a host name alone has no limit.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import httpcore2
import httpx2


class Deadline:
    """When the exchange that runs now must have ended."""

    def __init__(self, client: httpx2.Client) -> None:
        self._until = float("inf")
        known = vars(client)
        for transport in (known.get("_transport"), *known.get("_mounts", {}).values()):
            pool = getattr(transport, "_pool", None)
            backend = getattr(pool, "_network_backend", None)
            if backend is not None:
                vars(pool)["_network_backend"] = _Backend(backend, self)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Let what is sent and read in a `with` block take so many seconds altogether."""
        self._until = monotonic() + seconds
        try:
            yield
        finally:
            self._until = float("inf")

    def left(self, timeout: float | None) -> float:
        """What is left of a limit.

        Raises:
            ReadTimeout: nothing.

        """
        left = self._until - monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time is up, and the answer has not ended")
        return left if timeout is None else min(left, timeout)


class _Backend(httpcore2.NetworkBackend):
    """Makes streams that heed a deadline."""

    def __init__(self, backend: httpcore2.NetworkBackend, deadline: Deadline) -> None:
        self._backend, self._deadline = backend, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        *args: Any,  # noqa: ANN401 - handed on
        **options: Any,  # noqa: ANN401 - handed on
    ) -> httpcore2.NetworkStream:
        stream = self._backend.connect_tcp(host, port, self._deadline.left(timeout), *args, **options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore2.NetworkStream):
    """A stream each step of which ends with the exchange at the latest."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline
        self.close = stream.close  # type: ignore[method-assign]  # handed on
        self.get_extra_info = stream.get_extra_info  # type: ignore[method-assign]  # handed on

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(stream, self._deadline)
