"""Staying below the rate limit of the server, as the server counts requests.

A request can reach the server at any moment between its start and its response. So a request holds a place
from before it is sent until one window after its response has begun. Then no window of the server has more
requests than there are places, however long it takes to connect.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from inspect import isawaitable
from time import monotonic
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakValueDictionary

from ._fork import Renewed

if TYPE_CHECKING:
    from pyrate_limiter import Limiter

    from ._shared_places import SharedPlaces

_NAME = "requests"
_MARGIN = 0.01  # the clock of the server may be faster
_LOOK = 1.0  # a request that waits looks again after so long, as others may have given up


class PlacesError(Exception):
    """A file of places cannot be used any more."""


class _Turn:
    """A request that asks for a place."""

    __slots__ = ("has_place", "number")

    def __init__(self) -> None:
        self.has_place = False
        self.number: int | None = None
        """The number of its place, once the request may be sent."""


class Pacer(Renewed):
    """Places for requests, in the order in which they are asked for.

    `rates` are the windows, each a number of requests and of seconds. Processes can share a rate: through a
    file, or through a limiter of pyrate-limiter, which is asked as well.
    """

    def __init__(
        self,
        rates: Sequence[tuple[int, float]],
        *,
        limiter: Limiter | None = None,
        shared: SharedPlaces | None = None,
    ) -> None:
        super().__init__()
        self._rates = [(requests, seconds + _MARGIN) for requests, seconds in rates]
        self._longest = max((seconds for _, seconds in self._rates), default=0.0)
        self._limiter = limiter
        self._shared = shared
        self._lock = threading.Lock()
        self._waiting: list[_Turn] = []
        self._on_their_way = 0
        self._ended: list[float] = []
        """When the responses of the last window began, the oldest first."""

    @classmethod
    def of(cls, limiter: Limiter) -> Pacer:
        """The pacer of a limiter: one for all clients of this process that have the limiter."""
        return _PACERS.of(limiter)

    @classmethod
    def at(cls, path: str, rate: tuple[int, float]) -> Pacer:
        """A pacer of a file that processes share: one for all clients of this process that have the file."""
        return _PACERS.at(path, rate)

    def take(self, seconds: float) -> int | None:
        """Wait for a place, but not longer than `seconds`. The result is its number, or None without one.

        Raises:
            PlacesError: The file of the places cannot be used any more.

        """
        until = monotonic() + seconds
        with self._turn() as turn:
            for wait in self._waits_for_place(turn, until):
                time.sleep(wait)
            if not turn.has_place:
                return None
            if self._limiter is not None:
                passed: Any = self._limiter.try_acquire(_NAME, timeout=_bounded(until - monotonic()))
                if isawaitable(passed):
                    raise TypeError(
                        "the bucket of the limiter is asynchronous: it can only pace `asyncio` functions"
                    )
                if not passed:
                    return None
            for wait in self._waits_for_number(turn, until):
                time.sleep(wait)
            return turn.number

    async def take_async(self, seconds: float) -> int | None:
        """Wait for a place as `take` does."""
        import asyncio  # noqa: PLC0415 - it takes long to load, and synchronous callers do without

        until = monotonic() + seconds
        with self._turn() as turn:
            for wait in self._waits_for_place(turn, until):
                await asyncio.sleep(wait)
            if not turn.has_place:
                return None
            if self._limiter is not None:
                passed = await self._limiter.try_acquire_async(_NAME, timeout=_bounded(until - monotonic()))
                if not passed:
                    return None
            for wait in self._waits_for_number(turn, until):
                await asyncio.sleep(wait)
            return turn.number

    def leave(self, number: int = 0) -> None:
        """Say that the server has seen the request of a place, or will never see it."""
        if self._shared is not None:
            self._shared.leave(number)
        with self._lock:
            self._on_their_way = max(0, self._on_their_way - 1)
            if self._rates:
                self._ended.append(monotonic())

    def renew(self) -> None:
        """Count on in a forked process, without the requests that only its parent waits for."""
        self._lock = threading.Lock()
        self._waiting = []
        self._ended += [monotonic()] * self._on_their_way
        self._on_their_way = 0

    @contextmanager
    def _turn(self) -> Generator[_Turn]:
        """A turn in the queue. At its end it gives back a place that it has no number for."""
        turn = _Turn()
        with self._lock:
            self._waiting.append(turn)
        try:
            yield turn
        finally:
            with self._lock:
                self._drop(turn)
                if turn.has_place and turn.number is None:
                    self._on_their_way -= 1

    def _drop(self, turn: _Turn) -> None:
        if turn in self._waiting:  # it is not in a process that forked while it waited
            self._waiting.remove(turn)

    def _waits_for_place(self, turn: _Turn, until: float) -> Generator[float]:
        """The seconds to wait, again and again, until the turn has a place or the time is over."""
        while wait := self._wait(turn):
            if (left := until - monotonic()) <= 0:
                return
            yield min(wait, left, _LOOK)

    def _waits_for_number(self, turn: _Turn, until: float) -> Generator[float]:
        """The seconds to wait, again and again, until its place has a number or the time is over."""
        if self._shared is None:
            turn.number = 0
            return
        while (left := until - monotonic()) > 0:
            turn.number, wait = self._shared.take(left)
            if turn.number is not None:
                return
            yield min(wait, left, _LOOK)

    def _wait(self, turn: _Turn) -> float:
        """The seconds after which to look again, or 0 if the place is taken."""
        with self._lock:
            now = monotonic()
            while self._ended and self._ended[0] <= now - self._longest:
                self._ended.pop(0)
            ahead = self._waiting.index(turn) if turn in self._waiting else 0
            wait = max((self._wait_for(*rate, ahead, now) for rate in self._rates), default=0.0)
            if wait <= 0:
                self._drop(turn)
                turn.has_place = True
                self._on_their_way += 1
            return max(0.0, wait)

    def _wait_for(self, requests: int, seconds: float, ahead: int, now: float) -> float:
        """The shortest wait for a place in one window, if nothing ahead gives up."""
        ended = [end for end in self._ended if end > now - seconds]
        lacking = len(ended) + self._on_their_way + ahead + 1 - requests
        if lacking <= 0:
            return 0.0
        # A place whose request is still on its way is free in a whole window from now at the earliest.
        return ended[lacking - 1] + seconds - now if lacking <= len(ended) else seconds


class _Pacers(Renewed):
    """The pacers of limiters that clients of this process were given."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._pacers: WeakValueDictionary[int | str, Pacer] = WeakValueDictionary()

    def of(self, limiter: Limiter) -> Pacer:
        with self._lock:
            # A pacer has its limiter, so no other limiter gets the id of it meanwhile.
            if (pacer := self._pacers.get(id(limiter))) is None:
                rates, shared = _rates(limiter), _shared(limiter)
                pacer = self._pacers[id(limiter)] = Pacer(rates, limiter=limiter, shared=shared)
            return pacer

    def at(self, path: str, rate: tuple[int, float]) -> Pacer:
        from ._shared_places import SharedPlaces  # noqa: PLC0415 - few clients need SQLite

        shared = SharedPlaces(path, [(rate[0], rate[1] + _MARGIN)])
        with self._lock:
            if (pacer := self._pacers.get(shared.path)) is None:
                pacer = self._pacers[shared.path] = Pacer([rate], shared=shared)
            return pacer

    def renew(self) -> None:
        self._lock = threading.Lock()


_PACERS = _Pacers()


def _rates(limiter: Limiter) -> list[tuple[int, float]]:
    """The windows of a limiter, as far as it says."""
    buckets: list[Any] = limiter.buckets() if hasattr(limiter, "buckets") else []
    rates = [rate for bucket in buckets for rate in cast("list[Any]", getattr(bucket, "rates", []))]
    return [(int(rate.limit), int(rate.interval) / 1000) for rate in rates]


def _shared(limiter: Limiter) -> SharedPlaces | None:
    """The places of a limiter whose bucket is a file, which processes may share: in a file beside it.

    The limiter counts a request when it is sent, and not when the server sees it.
    """
    buckets: list[Any] = limiter.buckets() if hasattr(limiter, "buckets") else []
    rates = [(requests, seconds + _MARGIN) for requests, seconds in _rates(limiter)]
    for bucket in buckets:
        connection: Any = getattr(bucket, "conn", None)
        if type(connection).__module__ == "sqlite3":
            from ._shared_places import SharedPlaces  # noqa: PLC0415 - as above

            files = {name: path for _, name, path in connection.execute("PRAGMA database_list")}
            return SharedPlaces(f"{files['main']}.places", rates) if files["main"] else None
    return None


def _bounded(seconds: float) -> float:
    return max(0.0, min(seconds, 86400.0))  # the limiter knows no infinity
