"""A rate that processes of one machine share through a file, as the server counts requests.

The file is an SQLite database with a row for each place that is taken. A row says when its place is free
again. That is one window after the response began; until it has begun, one window after the latest moment at
which it can. So a process that is killed blocks no place for ever.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from time import time

_LONGEST = 3600.0  # the most seconds that a request without a time limit is thought to be on its way
_BUSY = 0.01  # the seconds after which to look again, if another process writes
_TABLE = "CREATE TABLE IF NOT EXISTS places (id INTEGER PRIMARY KEY AUTOINCREMENT, free REAL NOT NULL)"


class SharedPlaces:
    """The places of a file. Nothing of it stays open, so threads and forked processes can use it."""

    def __init__(self, path: str, requests: int, seconds: float) -> None:
        """Make the file, if there is none.

        Raises:
            ValueError: The path cannot be used.

        """
        self.path = os.path.abspath(path)  # noqa: PTH100 - a process may change its directory
        self._requests, self._seconds = requests, seconds
        try:
            with closing(self._opened(10)) as file:
                file.execute(_TABLE)
        except sqlite3.Error as error:
            raise ValueError(f"rate_limit is no file to share a rate in, {path!r}: {error}") from None

    def take(self, seconds: float) -> tuple[int | None, float]:
        """Take a place for a request that ends within so many seconds.

        Returns the number of the place and 0; or None and the seconds after which to look again.
        """
        now = time()
        with closing(self._opened(0)) as file:
            try:
                file.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return None, _BUSY
            file.execute("DELETE FROM places WHERE free <= ?", (now,))
            taken = [float(row[0]) for row in file.execute("SELECT free FROM places ORDER BY free")]
            if (lacking := len(taken) + 1 - self._requests) > 0:
                file.execute("COMMIT")
                return None, max(_BUSY, taken[lacking - 1] - now)
            free = now + min(seconds, _LONGEST) + self._seconds
            number = file.execute("INSERT INTO places (free) VALUES (?)", (free,)).lastrowid
            file.execute("COMMIT")
            return number, 0.0

    def leave(self, number: int) -> None:
        """Free a place one window from now."""
        with closing(self._opened(5)) as file, suppress(sqlite3.OperationalError):  # it is freed later, then
            file.execute("UPDATE places SET free = ? WHERE id = ?", (time() + self._seconds, number))

    def _opened(self, timeout: float) -> sqlite3.Connection:
        file = sqlite3.connect(self.path, timeout=timeout, isolation_level=None)
        file.execute("PRAGMA synchronous = OFF")  # the places of a machine that fails do not matter
        return file
