"""How long a target asks to wait, in the documented `retryAfter` of a body or the header `Retry-After`."""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .exchange import Response

_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_PART = re.compile(
    r"\s*((?:(?:mon|tue|wed|thu|fri|sat|sun|tues|wednes|thurs|satur)(?:day)?\s*,)?[^,]+)", re.IGNORECASE
)
"""What is between two commas. The comma behind the day of a date is no end of it."""
_DAY = 86400.0


def seconds_to_wait(response: Response, *, default: float) -> float:
    """The longest wait that can be read, in seconds, or the default if the response has none.

    A proxy can add a header `Retry-After` of its own, or join both with a comma.
    """
    found = [_of_body(response.member("retryAfter"))]
    found += [
        _of_text(part, response)
        for name, value in response.headers
        if name == "retry-after"
        for part in _PART.findall(value)
    ]
    given = [wait for wait in found if wait is not None]
    return max(given) if given else default


def in_words(seconds: float) -> str:
    """A wait, whatever its size."""
    return f"{seconds:g} s" if seconds <= _DAY else "more than a day"


def _of_body(value: object) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value < 0:
        return None
    return math.inf if value > _DAY else float(value)  # an integer can be too large for a float


def _of_text(text: str, response: Response) -> float | None:
    value = text.strip()
    if value.isascii() and _SECONDS.fullmatch(value):
        return float(value)
    wanted = _moment(value)
    if wanted is None:
        return None
    now = _moment(response.header("date") or "") or datetime.now(UTC)
    return max(0.0, (wanted - now).total_seconds())


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
