"""Waits that end as soon as what they wait for has happened, however slow the machine is."""

import time
from collections.abc import Callable

LONGEST = 180
"""Seconds. A wait of the selftests ends much earlier, unless what it waits for never happens."""


def wait_until(has_happened: Callable[[], object]) -> None:
    """Wait until a function returns a true value. The test fails if it does not within `LONGEST`."""
    end = time.monotonic() + LONGEST
    while not has_happened():
        assert time.monotonic() < end, f"nothing happened for {LONGEST} s"
        time.sleep(0.01)
