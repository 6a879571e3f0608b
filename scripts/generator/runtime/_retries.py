"""Which failed attempts are made again, and after which wait."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import cast

MAX_RETRIES = 2
MAX_RETRY_WAIT = 60.0
STATUSES = frozenset({408, 429, 502, 503, 504})
# The server did nothing yet, so that an operation that is not idempotent can be sent again.
STATUSES_OF_NOTHING_DONE = frozenset({429})


class WithoutWaits(ABC):
    """A transport for tests. The waits before retries and for the rate limit take no time with it."""

    @abstractmethod
    def pause(self, seconds: float) -> None:
        """Note a wait."""


def checked_statuses(given: object) -> frozenset[int] | None:
    """The statuses to retry.

    Raises:
        TypeError: They are no collection of whole numbers.
        ValueError: One of them is no 4xx or 5xx.

    """
    if given is None:
        return None
    if isinstance(given, str | bytes) or not isinstance(given, Collection):
        raise TypeError(f"retry_statuses is a collection of statuses, and not {given!r}")
    statuses = frozenset(cast("Collection[object]", given))
    for status in statuses:
        if not isinstance(status, int):
            raise TypeError(f"retry_statuses has {status!r}, which is no whole number")
        if not 400 <= status < 600:
            raise ValueError(f"retry_statuses has {status!r}, which is neither a 4xx nor a 5xx")
    return cast("frozenset[int]", statuses)


def wait_without_advice(attempt: int, longest: float) -> float:
    """The seconds to wait after an attempt; the first is 1. They double each time, and are never the same."""
    doubled = 0.5 * 2.0 ** min(attempt - 1, 64)
    return min(doubled, longest) * random.uniform(0.5, 1)  # noqa: S311 - no secret


def wait_as_asked(seconds: float) -> float:
    """The seconds that a server asked for and a few more, so that clients do not come back all at once."""
    return seconds + random.uniform(0, 0.1 * seconds + 0.1)  # noqa: S311 - no secret
