"""How many requests a run has sent and how soon the next may follow: one count for all its workers."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pyrate_limiter

from ..contract.document import RateLimit

GLANCE = 0.05
"""Seconds between two looks at whether another worker still sends alone."""


class Budget:
    """The requests that may be sent. Budgets with the same directory share their requests."""

    def __init__(
        self,
        most: int | None,
        rate: RateLimit | None,
        directory: Path | None = None,
        *,
        say: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.most = most
        self._say = say
        self._name = uuid4().hex
        self._sent = 0
        self._connection = None if directory is None else _connect(directory)
        self._bucket = None if rate is None else _bucket(rate, directory)
        self._limiter = None if self._bucket is None else pyrate_limiter.Limiter(self._bucket)

    def close(self) -> None:
        """Close the connections to what is shared."""
        if self._connection is not None:
            self._connection.close()
        if self._limiter is not None:
            self._limiter.close()

    @property
    def sent(self) -> int:
        """How many requests were sent by all who share it."""
        if self._connection is None:
            return self._sent
        return int(self._connection.execute("SELECT sent FROM budget").fetchone()[0])

    @property
    def left(self) -> float:
        """How many requests may still be sent."""
        return float("inf") if self.most is None else self.most - self.sent

    def take(self, *, paced: bool = True) -> int:
        """Wait for the turn of a request. Returns its number, or 0 if none is left."""
        if paced:
            self._keep_pace()
        if self._connection is None:  # nobody shares it
            if self.left <= 0:
                return 0
            self._sent += 1
            return self._sent
        while True:
            taken = self._connection.execute(
                "UPDATE budget SET sent = sent + 1 "
                "WHERE (?1 IS NULL OR sent < ?1) AND (alone IN ('', ?2) OR until < ?3) RETURNING sent",
                (self.most, self._name, time.time()),
            ).fetchall()
            if taken or self.left <= 0:
                return int(taken[0][0]) if taken else 0
            time.sleep(GLANCE)

    def _keep_pace(self) -> None:
        if self._limiter is None or self._bucket is None:
            return
        # Another worker can hold the lock of the bucket for a moment, which raises a TimeoutError.
        with suppress(TimeoutError):
            if self._limiter.try_acquire("target", timeout=GLANCE):
                return
        now: int = self._bucket.now()  # type: ignore[no-untyped-call]  # the library does not type it
        item = pyrate_limiter.RateItem("target", now)
        wait = self._bucket.waiting(item)
        if isinstance(wait, int):  # only buckets of other kinds would have to be awaited
            self._say(wait / 1000)
        self._limiter.try_acquire("target")

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """Let no other worker send until the block ends, or for so many seconds if this process dies."""
        if self._connection is None:
            yield
            return
        until = time.time() + seconds
        self._connection.execute("UPDATE budget SET alone = ?, until = ?", (self._name, until))
        try:
            yield
        finally:
            self._connection.execute("UPDATE budget SET alone = ''")


def _connect(directory: Path) -> sqlite3.Connection:
    # No file of it outlives the run, so nothing waits for a disk; a transaction a statement.
    connection = sqlite3.connect(directory / "budget.sqlite", timeout=60, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TABLE IF NOT EXISTS budget (sent INTEGER, alone TEXT, until REAL)")
    connection.execute("INSERT INTO budget SELECT 0, '', 0 WHERE NOT EXISTS (SELECT 1 FROM budget)")
    return connection


def _bucket(rate: RateLimit, directory: Path | None) -> pyrate_limiter.AbstractBucket:
    rates = [pyrate_limiter.Rate(rate.requests, int(rate.seconds * 1000))]
    if directory is None:
        return pyrate_limiter.InMemoryBucket(rates)
    path = str(directory / "pace.sqlite")
    return pyrate_limiter.SQLiteBucket.init_from_file(rates, db_path=path, use_file_lock=True)
