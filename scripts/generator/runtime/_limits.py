"""The time limits of a call: of each phase of an attempt, and of the whole call."""

from __future__ import annotations

import math
from time import monotonic

import httpx2

from ._deadline import Limit

CONNECT = 5.0  # seconds that an attempt may take to connect
ATTEMPT = httpx2.Timeout(30.0, connect=CONNECT).as_dict()  # seconds of each phase of an attempt
TOTAL = 180.0  # seconds of a whole call, with its attempts and the waits between them
_WHILE: dict[type[Exception], str] = {
    httpx2.ConnectTimeout: " while connecting",
    httpx2.PoolTimeout: " while waiting for a free connection",
    httpx2.WriteTimeout: " while sending",
    httpx2.ReadTimeout: " while waiting for the server",
}


class Limits:
    """The limits that a `timeout` means: a number is of the whole call, an `httpx2.Timeout` of phases."""

    __slots__ = ("_phases", "_total", "_until")

    def __init__(self, timeout: float | httpx2.Timeout | None) -> None:
        self._phases, self._total = ATTEMPT, TOTAL
        if isinstance(timeout, httpx2.Timeout):
            self._phases, self._total = timeout.as_dict(), math.inf
        elif timeout is not None:
            self._phases, self._total = {**dict.fromkeys(ATTEMPT, timeout), "connect": CONNECT}, timeout
        self._until = monotonic() + self._total

    def remaining(self) -> float:
        """The seconds that the call may still take."""
        return self._until - monotonic()

    def of_attempt(self) -> dict[str, float | None]:
        """The limits of the phases of an attempt that begins now, as httpx2 has them."""
        remaining = self.remaining()
        return {phase: self._of_phase(limit, remaining) for phase, limit in self._phases.items()}

    def _of_phase(self, seconds: float | None, remaining: float) -> float | None:
        if seconds is None:
            return None
        limit = Limit(min(seconds, remaining))
        limit.until = self._until
        return limit

    def exceeded(self, cause: Exception, *, begun: bool) -> str:
        """What took too long, if that is what failed. The HTTP library does not say it."""
        if not isinstance(cause, TimeoutError | httpx2.TimeoutException):
            return ""
        phase = _WHILE.get(type(cause), "")
        if self.remaining() <= 0.005:
            phase = phase or (" while the response came in" if begun else " while no response had begun")
            return f"no whole response within {self._total:g} s (the limit of the call),{phase}"
        limit = self._phases.get(type(cause).__name__.removesuffix("Timeout").lower())
        return f"nothing within {limit:g} s (the limit of the phase),{phase}" if limit is not None else ""
