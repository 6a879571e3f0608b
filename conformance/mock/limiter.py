"""A limit on the number of requests with one key."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable

from ..contract.document import RateLimit


class Limiter:
    """A sliding window for each key. At most `requests` requests are admitted in any `seconds` seconds."""

    def __init__(self, limit: RateLimit | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self.clock = clock
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

    def wait(self, key: str) -> int | None:
        """Admit a request and return None, or return the whole seconds until the next one is admitted."""
        if self.limit is None:
            return None
        now = self.clock()
        admitted = self._admitted[key]
        while admitted and now - admitted[0] >= self.limit.seconds:
            admitted.popleft()
        if len(admitted) < self.limit.requests:
            admitted.append(now)
            return None
        return max(1, math.ceil(admitted[0] + self.limit.seconds - now))
