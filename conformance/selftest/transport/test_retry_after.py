"""The time to wait is read from the body and from the header."""

import math

import pytest

from conformance.selftest.exchanges import response
from conformance.transport.exchange import Response
from conformance.transport.retry_after import in_words, seconds_to_wait


def limited(body: object, header: str | None = None) -> Response:
    """A 429 with a time to wait."""
    made = response(429, {"retryAfter": body})
    told = () if header is None else (("retry-after", header), ("date", "Sat, 28 Nov 2026 10:00:00 GMT"))
    return Response(429, made.headers + told, made.content, 0.0)


@pytest.mark.parametrize(
    ("body", "header", "seconds"),
    [
        (60, None, 60.0),
        (0.5, None, 0.5),
        (0, None, 0.0),
        (None, "7", 7.0),
        (None, "1.5", 1.5),
        (3, "7", 7.0),
        (9, "7", 9.0),
        (None, "Sat, 28 Nov 2026 10:00:55 GMT", 55.0),
        (None, "Sat, 28 Nov 2026 09:00:00 GMT", 0.0),
        (None, "Saturday, 28-Nov-26 10:00:05 GMT", 5.0),
        (None, "Sat Nov 28 10:00:05 2026", 5.0),
        (None, "60,55", 60.0),
        (None, "55, 60", 60.0),
        (None, "soon, 9", 9.0),
        (None, ", 9 ,", 9.0),
        (None, "60, Sat, 28 Nov 2026 10:00:55 GMT", 60.0),
        (None, "Sat, 28 Nov 2026 10:00:55 GMT, 50", 55.0),
        (None, "Sat, 28 Nov 2026 10:00:05 GMT, Saturday, 28-Nov-26 10:00:55 GMT", 55.0),
        (10**400, None, math.inf),
        (1e300, None, math.inf),
        (None, "9" * 400, math.inf),
        (None, "Sat, 28 Nov 99999 10:00:00 GMT", 1.0),
        (None, "soon", 1.0),
        (None, "Sat, 60", 1.0),
        (None, "a,b", 1.0),
        (None, ",", 1.0),
        (None, "-1", 1.0),
        (None, "٣", 1.0),
        ("soon", None, 1.0),
        (-1, None, 1.0),
        (True, None, 1.0),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_wait_is_the_longer_one_of_body_and_header(body: object, header: str | None, seconds: float) -> None:
    """Seconds and dates of the header count like the body's; what cannot be read counts as not given."""
    assert seconds == seconds_to_wait(limited(body, header), default=1.0)


@pytest.mark.parametrize("lines", [("1", "7"), ("7", "1"), ("soon", "7"), ("7", "soon")])
def test_wait_is_the_longest_of_several_headers(lines: tuple[str, ...]) -> None:
    """A proxy that adds its own header does not hide that of the target, nor the other way around."""
    made = Response(429, tuple(("retry-after", line) for line in lines), b"", 0.0)
    assert seconds_to_wait(made, default=1.0) == 7.0


def test_wait_of_a_date_without_a_date_of_the_response_is_from_now() -> None:
    """The clock of this machine counts if the response does not say when it was made."""
    past = Response(503, (("retry-after", "Sat, 28 Nov 2020 10:00:00 GMT"),), b"", 0.0)
    assert seconds_to_wait(past, default=1.0) == 0.0


def test_wait_is_told_whatever_its_size() -> None:
    """A wait is shown in words that fit a line."""
    assert [in_words(each) for each in (55.0, 3600.0, math.inf)] == ["55 s", "3600 s", "more than a day"]
