"""Rates that processes of one machine share through a file, as the server counts requests.

The file is an SQLite database with a row for each place that is taken. A row has the moment when the response
began, or until then the latest moment at which it can. One window after that the place is free again. So a
process that is killed blocks no place for ever.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from time import time

from ._pacing import PlacesError

_LONGEST = 3600.0  # the most seconds that a request without a time limit is thought to be on its way
_BUSY = 0.01  # the seconds after which to look again, if another process writes
_TABLE = "CREATE TABLE IF NOT EXISTS places (id INTEGER PRIMARY KEY AUTOINCREMENT, ended REAL NOT NULL)"


class SharedPlaces:
    """The places of a file. Nothing of it stays open, so threads and forked processes can use it."""

    def __init__(self, path: str, rates: Sequence[tuple[int, float]]) -> None:
        """Make the file, if there is none.

        Raises:
            ValueError: The path cannot be used.

        """
        self.path = os.path.abspath(path)  # noqa: PTH100 - a process may change its directory
        self._rates = [*rates]
        self._longest = max(seconds for _, seconds in rates)
        try:
            with closing(self._opened(10)) as file:
                file.execute(_TABLE)
        except sqlite3.Error as error:
            raise ValueError(f"rate_limit is no file to share a rate in, {path!r}: {error}") from None

    def take(self, seconds: float) -> tuple[int | None, float]:
        """Take a place for a request that ends within so many seconds.

        Returns the number of the place and 0; or None and the seconds after which to look again.

        Raises:
            PlacesError: The file cannot be used any more.

        """
        try:
            with closing(self._opened(0)) as file:
                return self._taken(file, seconds)
        except sqlite3.Error as error:
            if _is_busy(error):
                return None, _BUSY
            raise PlacesError(f"the file of its rate limit cannot be used, {self.path!r}: {error}") from error

    def leave(self, number: int) -> None:
        """Say that the server has seen the request of a place, or will never see it."""
        with suppress(sqlite3.Error), closing(self._opened(5)) as file:  # else it is freed later
            file.execute("UPDATE places SET ended = ? WHERE id = ?", (time(), number))

    def _taken(self, file: sqlite3.Connection, seconds: float) -> tuple[int | None, float]:
        now = time()
        file.execute("BEGIN IMMEDIATE")
        file.execute(_TABLE)  # someone may have deleted the file
        file.execute("DELETE FROM places WHERE ended <= ?", (now - self._longest,))
        taken = [float(row[0]) for row in file.execute("SELECT ended FROM places ORDER BY ended")]
        wait = max(_wait_for(*rate, taken, now) for rate in self._rates)
        number = None
        if wait <= 0:
            latest = now + min(seconds, _LONGEST)
            number = file.execute("INSERT INTO places (ended) VALUES (?)", (latest,)).lastrowid
        file.execute("COMMIT")
        return number, 0.0 if number else max(_BUSY, wait)

    def _opened(self, timeout: float) -> sqlite3.Connection:
        file = sqlite3.connect(self.path, timeout=timeout, isolation_level=None)
        file.execute("PRAGMA synchronous = OFF")  # the places of a machine that fails do not matter
        return file


def _is_busy(error: sqlite3.Error) -> bool:
    """Whether another process uses the file at this moment. Any statement can find that, a PRAGMA too."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _wait_for(requests: int, seconds: float, taken: list[float], now: float) -> float:
    """The seconds until a window has a place."""
    within = [ended for ended in taken if ended > now - seconds]
    lacking = len(within) + 1 - requests
    return within[lacking - 1] + seconds - now if lacking > 0 else 0.0
