"""How many requests a run has sent and how soon the next may follow: one count for all its workers."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pyrate_limiter

from conformance.contract import RateLimit

GLANCE = 0.05
"""Seconds between two looks whether another worker has ended what it does alone."""


class Budget:
    """The requests that may be sent; those that have a directory in common share it."""

    def __init__(self, most: int | None, rate: RateLimit | None, directory: Path | None = None) -> None:
        self.most = most
        self._name = uuid4().hex
        path = ":memory:" if directory is None else directory / "budget.sqlite"
        # No file of it outlives the run, so nothing waits for a disk; a transaction a statement.
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._execute("PRAGMA synchronous = OFF")
        self._execute("CREATE TABLE IF NOT EXISTS budget (sent INTEGER, alone TEXT, until REAL)")
        self._execute("INSERT INTO budget SELECT 0, '', 0 WHERE NOT EXISTS (SELECT 1 FROM budget)")
        self._limiter = None if rate is None else pyrate_limiter.Limiter(_bucket(rate, directory))

    def close(self) -> None:
        """Close the connections to what is shared."""
        self._connection.close()
        if self._limiter is not None:
            self._limiter.close()

    @property
    def sent(self) -> int:
        """How many requests were sent by all who share it."""
        return int(self._execute("SELECT sent FROM budget")[0][0])

    @property
    def left(self) -> float:
        """How many requests may still be sent."""
        return float("inf") if self.most is None else self.most - self.sent

    def take(self, *, paced: bool = True) -> int:
        """Wait for the turn of a request: its number, or 0 where none is left."""
        if paced and self._limiter is not None:
            self._limiter.try_acquire("target")
        while True:
            taken = self._execute(
                "UPDATE budget SET sent = sent + 1 "
                "WHERE (?1 IS NULL OR sent < ?1) AND (alone IN ('', ?2) OR until < ?3) RETURNING sent",
                self.most,
                self._name,
                time.time(),
            )
            if taken or self.left <= 0:
                return int(taken[0][0]) if taken else 0
            time.sleep(GLANCE)

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """Let none of the others send until the block ends; should its process die, for so many seconds."""
        self._execute("UPDATE budget SET alone = ?, until = ?", self._name, time.time() + seconds)
        try:
            yield
        finally:
            self._execute("UPDATE budget SET alone = ''")

    def _execute(self, statement: str, *values: float | str | None) -> list[tuple[float]]:
        return self._connection.execute(statement, values).fetchall()


def _bucket(rate: RateLimit, directory: Path | None) -> pyrate_limiter.AbstractBucket:
    rates = [pyrate_limiter.Rate(rate.requests, int(rate.seconds * 1000))]
    if directory is None:
        return pyrate_limiter.InMemoryBucket(rates)
    path = str(directory / "pace.sqlite")
    return pyrate_limiter.SQLiteBucket.init_from_file(rates, db_path=path, use_file_lock=True)
