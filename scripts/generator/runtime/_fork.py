"""What a forked process must not share with its parent.

A child of `os.fork()` inherits sockets and locks. A request of the child on such a socket could get the
response of another process, and a lock that a thread of the parent held is never released in the child.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, cast
from weakref import WeakSet

import httpx2

_RENEWED: WeakSet[Renewed] = WeakSet()
# To drop a connection would close it, and an event loop that the parent still uses would stop to watch it.
_INHERITED: list[object] = []


class Renewed(ABC):
    """An object with state that a forked process replaces before anything else runs in it."""

    def __init__(self) -> None:
        _RENEWED.add(self)

    @abstractmethod
    def renew(self) -> None:
        """Replace what belongs to the parent process."""


def keep_inherited(inherited: object) -> None:
    """Keep an object of the parent process for as long as this process runs, unused."""
    _INHERITED.append(inherited)


def connection_pools(client: httpx2.Client | httpx2.AsyncClient) -> list[Any]:
    """The connection pools of the transports of an httpx2 client, of those transports that are httpx2's."""
    known: dict[str, Any] = vars(client)
    transports = [known.get("_transport"), *known.get("_mounts", {}).values()]
    pools = [getattr(transport, "_pool", None) for transport in transports]
    return [pool for pool in pools if hasattr(pool, "_connections")]


def leave_connections(client: httpx2.Client | httpx2.AsyncClient) -> None:
    """Make an httpx2 client forget its connections without closing them, and give it new locks.

    httpx2 has no public way to do so. Should it keep its connections elsewhere one day, a test fails.
    """
    for pool in connection_pools(client):
        state = cast("dict[str, Any]", vars(pool))
        keep_inherited((state["_connections"], state["_requests"]))
        state["_connections"], state["_requests"] = [], []
        if renewed := getattr(state.get("_network_backend"), "renewed", None):
            # To close this client must not end the streams of the parent.
            state["_network_backend"] = renewed()
        make_lock = cast("Callable[[], object]", type(state["_optional_thread_lock"]))
        state["_optional_thread_lock"] = make_lock()


def wake_waiting(client: httpx2.Client | httpx2.AsyncClient) -> None:
    """Wake what waits for a connection of a closed client: each gets one, which cannot be opened any more."""
    for pool in connection_pools(client):
        state = cast("dict[str, Any]", vars(pool))
        with state["_optional_thread_lock"]:
            for waiting in state["_requests"]:
                if waiting.is_queued():
                    waiting.assign_to_connection(pool.create_connection(waiting.request.url.origin))


def _renew() -> None:
    for renewed in list(_RENEWED):
        renewed.renew()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_renew)
