"""How many requests a run has sent and how soon the next may follow: one count for all its processes."""

import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pyrate_limiter

from ..contract.document import RateLimit
from .interruption import INTERRUPTION
from .shared_run import SharedRun

GLANCE = 0.05
"""Seconds between two looks at whether another process still sends alone."""


class Count(Protocol):
    """Counts the requests of all who share it."""

    @property
    def sent(self) -> int:
        """How many requests were sent."""

    @property
    def is_taken(self) -> bool:
        """Whether another process sends alone."""

    def take(self, most: int | None) -> int | None:
        """Count a request: its number, 0 if none is left, or None if another process sends alone."""

    def alone(self, seconds: float) -> AbstractContextManager[None]:
        """Let no other process send until the block ends, or for so many seconds if this process dies."""


class Budget:
    """The requests that may be sent. Those who give the same directory or the same run share them."""

    def __init__(
        self,
        most: int | None,
        rate: RateLimit | None,
        directory: Path | None = None,
        *,
        run: SharedRun | None = None,
        say: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.most = most
        self._say = say
        self._file = None if directory is None or run is not None else _InFile(directory)
        self._count: Count = run or self._file or _InMemory()
        self._bucket = None if rate is None else run.bucket(rate) if run else _bucket(rate, directory)
        self._limiter = None if self._bucket is None else pyrate_limiter.Limiter(self._bucket)

    def close(self) -> None:
        """Close the connections to what is shared."""
        if self._file is not None:
            self._file.close()
        if self._limiter is not None:
            self._limiter.close()

    @property
    def sent(self) -> int:
        """How many requests were sent by all who share it."""
        return self._count.sent

    @property
    def left(self) -> float:
        """How many requests may still be sent."""
        return float("inf") if self.most is None else self.most - self.sent

    def take(self, *, paced: bool = True, until: float = math.inf) -> int | None:
        """Wait for the turn of a request.

        Args:
            paced: whether the request keeps to the rate.
            until: when no turn is wanted any more, in seconds of the monotonic clock.

        Returns:
            Its number, 0 if none is left, or None if its turn does not come in time.

        """
        while time.monotonic() < until:
            if paced and not self._keep_pace(until):
                return None
            number = self._count.take(self.most)
            if number is not None:
                return number
            while self._count.is_taken and time.monotonic() < until:  # then another turn is waited for
                time.sleep(GLANCE)
        return None

    def alone(self, seconds: float) -> AbstractContextManager[None]:
        """Let no other process send until the block ends, or for so many seconds if this process dies."""
        return self._count.alone(seconds)

    def _keep_pace(self, until: float) -> bool:
        """Wait for a turn below the rate. Returns whether it comes in time."""
        if self._limiter is None or self._bucket is None:
            return True
        # Another process can hold the lock of the bucket for a moment, which raises a TimeoutError.
        with suppress(TimeoutError):
            if self._limiter.try_acquire("target", timeout=GLANCE):
                return True
        now: int = self._bucket.now()  # type: ignore[no-untyped-call]  # the library does not type it
        item = pyrate_limiter.RateItem("target", now)
        wait = self._bucket.waiting(item)
        if isinstance(wait, int) and wait > 0:  # only buckets of other kinds would have to be awaited
            if time.monotonic() + wait / 1000 >= until:
                return False
            self._say(wait / 1000)
            INTERRUPTION.pause(wait / 1000)
        self._limiter.try_acquire("target")
        return time.monotonic() < until


class _InMemory:
    """The count of one process."""

    is_taken = False

    def __init__(self) -> None:
        self.sent = 0

    def take(self, most: int | None) -> int:
        if most is not None and self.sent >= most:
            return 0
        self.sent += 1
        return self.sent

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:  # noqa: ARG002 - as the protocol has it
        yield


class _InFile:
    """The count of the workers of one machine."""

    def __init__(self, directory: Path) -> None:
        self._name = uuid4().hex
        # The file does not outlive the run, so no write waits for the disk. Each statement is a transaction.
        self._connection = sqlite3.connect(directory / "budget.sqlite", timeout=60, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("CREATE TABLE IF NOT EXISTS budget (sent INTEGER, alone TEXT, until REAL)")
        self._connection.execute("INSERT INTO budget SELECT 0, '', 0 WHERE NOT EXISTS (SELECT 1 FROM budget)")

    def close(self) -> None:
        self._connection.close()

    @property
    def sent(self) -> int:
        return int(self._connection.execute("SELECT sent FROM budget").fetchone()[0])

    @property
    def is_taken(self) -> bool:
        alone, until = self._connection.execute("SELECT alone, until FROM budget").fetchone()
        return alone not in {"", self._name} and until >= time.time()

    def take(self, most: int | None) -> int | None:
        taken = self._connection.execute(
            "UPDATE budget SET sent = sent + 1 "
            "WHERE (?1 IS NULL OR sent < ?1) AND (alone IN ('', ?2) OR until < ?3) RETURNING sent",
            (most, self._name, time.time()),
        ).fetchall()
        if taken:
            return int(taken[0][0])
        return 0 if most is not None and self.sent >= most else None

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        until = time.time() + seconds
        self._connection.execute("UPDATE budget SET alone = ?, until = ?", (self._name, until))
        try:
            yield
        finally:
            self._connection.execute("UPDATE budget SET alone = ''")


def _bucket(rate: RateLimit, directory: Path | None) -> pyrate_limiter.AbstractBucket:
    rates = [pyrate_limiter.Rate(rate.requests, int(rate.seconds * 1000))]
    if directory is None:
        return pyrate_limiter.InMemoryBucket(rates)
    path = str(directory / "pace.sqlite")
    return pyrate_limiter.SQLiteBucket.init_from_file(rates, db_path=path, use_file_lock=True)
