"""Staying below the rate limit of the server, rather than running into it. Needs the extra `pacing`."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyrate_limiter import Limiter

_NAME = "requests"


class Pacer:
    """Lets a request pass when the limiter has a place for it."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter

    @classmethod
    def in_memory(cls, requests: int, seconds: float) -> Pacer:
        """A pacer of this process alone.

        Raises:
            ImportError: pyrate-limiter is not installed.

        """
        try:
            from pyrate_limiter import Limiter, Rate  # noqa: PLC0415 - only who paces needs it
        except ImportError as error:
            raise ImportError("rate_limit needs pyrate-limiter: install the extra `pacing`") from error
        return cls(Limiter(Rate(requests, round(seconds * 1000))))

    def wait(self, seconds: float) -> bool:
        """Wait for a place, but not longer than `seconds`; whether there was one."""
        passed = self._limiter.try_acquire(_NAME, timeout=_bounded(seconds))
        if isawaitable(passed):
            raise TypeError("the limiter has an asynchronous bucket: it can only pace `asyncio` functions")
        return bool(passed)

    async def wait_async(self, seconds: float) -> bool:
        """Wait for a place, but not longer than `seconds`; whether there was one."""
        return await self._limiter.try_acquire_async(_NAME, timeout=_bounded(seconds))


def _bounded(seconds: float) -> float:
    return max(0.0, min(seconds, 86400.0))  # the limiter knows no infinity
