"""The connections, shared by a client and its copies."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

import httpx2

from ._deadline import bounded, interrupt
from ._environment import checked_proxies, checked_trust
from ._fork import Renewed, keep_inherited, leave_connections
from ._hidden import hidden, shown
from ._retries import WithoutWaits

if TYPE_CHECKING:
    import asyncio


class Pool(Renewed):
    """An `httpx2.Client` for all threads and an `httpx2.AsyncClient` for each event loop, made when needed.

    All settings that a copy of a client may change travel with each request, so none of them is here. A
    forked process makes new connections and leaves those of its parent open and unused.
    """

    def __init__(
        self,
        *,
        verify: str | os.PathLike[str] | bool | ssl.SSLContext,
        arguments: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._own: httpx2.Client | None = None
        self._own_async: dict[asyncio.AbstractEventLoop, httpx2.AsyncClient] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._handed_in: WeakSet[httpx2.Client | httpx2.AsyncClient] = WeakSet()
        # Those that nearly every request has: to merge them each time would be most of what a call costs.
        self.headers = dict(headers or {})
        self.proxies = checked_proxies(arguments)
        """The variables of the environment that name a proxy."""
        known = hidden(arguments)
        trust = checked_trust(shown(known).get("verify", verify), known)
        # A server's cookies are not kept: an API with a key has no sessions, and a cookie that cannot be sent
        # back would break the next call.
        forgetful = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._arguments: dict[str, Any] = {"cookies": forgetful, **shown(known), "verify": trust}
        self._arguments["headers"] = httpx2.Headers(shown(known).get("headers")) | self.headers

    def get(self) -> httpx2.Client:
        """The client for synchronous calls."""
        if (client := self._own) is not None:
            return client
        with self._lock:
            if self._own is None:
                self._own = bounded(httpx2.Client(**self._arguments))
            return self._own

    def get_async(self) -> httpx2.AsyncClient:
        """The client for the calls of the event loop that is running."""
        loop = _running_loop()
        client = self._own_async.get(loop)
        if client is None:
            with self._lock:
                for other in [other for other in self._own_async if other.is_closed()]:
                    del self._own_async[other]  # its connections ended with it
                client = self._own_async[loop] = httpx2.AsyncClient(**self._arguments)
        return client

    def watch(self, client: httpx2.Client | httpx2.AsyncClient) -> None:
        """Make a forked process leave the connections of a client that was handed in."""
        self._handed_in.add(client)

    def close(self) -> None:
        """Close the connections of both kinds; the next call opens new ones.

        Synchronous calls in flight fail at once or are tried again. An event loop that runs closes its own
        connections soon. Those of a loop that has ended went with it.
        """
        client, others = self._take()
        if client is not None:
            interrupt(client)
        for loop, other in others.items():
            if loop.is_running():
                loop.call_soon_threadsafe(self._close_soon, loop, other)
            elif not loop.is_closed() and not _is_in_a_loop():
                loop.run_until_complete(end(other))

    async def aclose(self) -> None:
        """Close the connections of both kinds, those of the event loop that is running before it returns."""
        if _is_in_a_loop():
            with self._lock:
                client = self._own_async.pop(_running_loop(), None)
            if client is not None:
                await end(client)
        self.close()

    def _take(self) -> tuple[httpx2.Client | None, dict[asyncio.AbstractEventLoop, httpx2.AsyncClient]]:
        with self._lock:
            taken = self._own, self._own_async
            self._own, self._own_async = None, {}
        return taken

    def _close_soon(self, loop: asyncio.AbstractEventLoop, client: httpx2.AsyncClient) -> None:
        task = loop.create_task(end(client))
        self._closing.add(task)  # a loop has only weak references to its tasks
        task.add_done_callback(self._closing.discard)

    def renew(self) -> None:
        """Leave the connections of the parent process; also those of transports that were handed in."""
        self._lock = threading.Lock()
        own = [] if self._own is None else [self._own]
        for client in [*own, *self._own_async.values(), *self._handed_in]:
            leave_connections(client)
        keep_inherited((self._own, self._own_async))
        self._own, self._own_async = None, {}


_LIMITS: WeakKeyDictionary[httpx2.AsyncClient, set[asyncio.Timeout]] = WeakKeyDictionary()


@contextmanager
def limited(client: httpx2.AsyncClient, limit: asyncio.Timeout) -> Generator[None]:
    """Let `end` stop what a task does within a time limit."""
    limits = _LIMITS.setdefault(client, set())
    limits.add(limit)
    try:
        yield
    finally:
        limits.discard(limit)


async def end(client: httpx2.AsyncClient) -> None:
    """Close a client, and stop the tasks that use it: those too that connect, or wait for a connection."""
    import asyncio  # noqa: PLC0415 - as below

    for limit in _LIMITS.get(client, ()):
        if not limit.expired():
            limit.reschedule(asyncio.get_running_loop().time())
    await client.aclose()


def pause_of(client: httpx2.Client | httpx2.AsyncClient) -> Callable[[float], None] | None:
    """What takes the place of each wait, if the transport is one for tests."""
    transport = vars(client).get("_transport")
    return transport.pause if isinstance(transport, WithoutWaits) else None


def require_event_loop() -> None:
    """Check that an event loop of asyncio is running.

    Raises:
        RuntimeError: There is none.

    """
    _running_loop()


def _running_loop() -> asyncio.AbstractEventLoop:
    import asyncio  # noqa: PLC0415 - it takes long to load, and synchronous callers do without

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError("asynchronous calls need an event loop of asyncio; trio has none") from None


def _is_in_a_loop() -> bool:
    import asyncio  # noqa: PLC0415 - as above

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
