"""The requests that the test of a target's rate limit needs, and that the other tests must leave to it."""

from collections.abc import Sequence

import pytest

from ..contract.document import RateLimit
from ..transport.gate import Gate

REJECTIONS = 2
"""How many requests in a row the rate limit must reject."""


def needed_for(limit: RateLimit) -> int:
    """How many requests it takes to go over a limit, and to be accepted again after the wait."""
    return limit.requests + REJECTIONS + 1


def reserve(gate: Gate, items: Sequence[pytest.Item]) -> str:
    """Keep the requests that the test of the target's rate limit needs.

    Returns:
        Why they cannot be kept, or nothing.

    """
    limiting = [item for item in items if item.get_closest_marker("limiting")]
    if not limiting:
        return ""
    limit, most = gate.target.limit or gate.contract.rate_limit, gate.max_requests
    if most is None or gate.target.limited_url != gate.target.url:
        return ""
    needed = needed_for(limit)
    if most < needed + min(len(items) - len(limiting), 1):
        return (
            f"--max-requests {most} is too small for --exercise-rate-limit: to go over the limit takes "
            f"{needed} requests, and the other tests need some too; give {2 * needed} or more"
        )
    gate.reserved = needed
    return ""
