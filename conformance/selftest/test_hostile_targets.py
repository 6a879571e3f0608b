"""Servers that will not answer, or not sensibly, get an honest verdict in bounded time."""

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from conformance.mock.server import Settings, serve
from conformance.selftest.runs import KEYS, run
from conformance.selftest.servers import (
    Handler,
    Reply,
    always,
    every,
    forward,
    hang,
    listen,
    refuse_connections,
)

LIMITED = {"message": "Rate limit exceeded", "code": "RATE_LIMIT_EXCEEDED", "retryAfter": 0}
OF_NO_ANSWER = {"AUTH-08"}
"""Rules that are decided without an answer."""
OF_ANY_ANSWER = {
    "AUTH-09",
    "HTTP-01",
    "HTTP-02",
    "HTTP-03",
    "HTTP-04",
    "HTTP-05",
    "RATE-02",
    "RATE-03",
    "RATE-04",
}
"""Rules that a 429 decides."""


def limit() -> AbstractContextManager[str]:
    """A server that answers 429 to everything."""
    return listen(always(429, LIMITED))


@pytest.mark.parametrize(
    ("serve_it", "decided", "reason"),
    [
        (limit, OF_NO_ANSWER | OF_ANY_ANSWER, "the target answered 429"),
        (refuse_connections, OF_NO_ANSWER, "the target gave no answer to 3 requests in a row"),
        (hang, OF_NO_ANSWER, "the target gave no answer to 3 requests in a row"),
    ],
)
def test_target_that_gives_no_answer_is_inconclusive(
    tmp_path: Path, serve_it: Callable[[], AbstractContextManager[str]], decided: set[str], reason: str
) -> None:
    """A target that only limits, refuses or hangs passes nothing that needs an answer, in little time."""
    with serve_it() as url:
        outcome = run(tmp_path, "--target", url, "--request-timeout", "0.2", "--prefer")
    assert outcome.status == 6, outcome.text
    assert outcome.rules("pass") <= decided
    assert outcome.rules("fail") == outcome.rules("error") == set()
    assert "STATUS-02" in outcome.rules("inconclusive")
    assert reason in outcome.text
    assert outcome.report["requests"] <= 6
    assert outcome.report["seconds"] < 20


@pytest.mark.parametrize("is_carried_out", [False, True], ids=["before", "after"])
def test_target_that_breaks_connections_gets_a_verdict(tmp_path: Path, *, is_carried_out: bool) -> None:
    """A server that resets one connection in ten conforms all the same, before an update or after it."""
    with serve(Settings(rate=None)) as mock:

        def reset(request: Handler) -> None:
            if is_carried_out:
                forward(request, mock.url)

        pairs = [f"{customer}:{campaign}" for customer, campaign in mock.settings.enrollments[:2]]
        options = [word for pair in pairs for word in ("--enrollment", pair)]
        with listen(every(10, reset, mock.url)) as url:
            outcome = run(tmp_path, "--target", url, "--prefer", *options, "--max-requests", "400")
    assert outcome.status == 0, outcome.text
    assert outcome.rules("inconclusive") == set()
    assert outcome.rules("pass") >= {"STATUS-02", "STATE-02", "STATE-05", "ID-08"}


def test_target_that_fails_now_and_then_is_found_out(tmp_path: Path) -> None:
    """A server that answers 500 to one request in 25 does not conform, and nothing else is blamed."""
    failure = {"message": "Something went wrong", "code": "INTERNAL_ERROR"}
    with serve(Settings(rate=None)) as mock, listen(every(25, always(500, failure), mock.url)) as url:
        outcome = run(tmp_path, "--target", url, "--max-requests", "150")
    assert outcome.status == 1, outcome.text
    assert outcome.rules("fail") == {"HTTP-03"}


@pytest.mark.parametrize(
    ("respond", "failed", "passed"),
    [
        (
            always(404, b"<h1>Not Found</h1>", "text/html"),
            {"HTTP-04", "RESPONSE-03", "STATUS-04", "AUTH-04"},
            set(),
        ),
        (always(200, {}), {"RESPONSE-01", "LOOKUP-01", "AUTH-01", "STATUS-02", "ID-06"}, {"HTTP-04"}),
    ],
    ids=["html-404", "empty-200"],
)
def test_target_that_says_one_thing_does_not_conform(
    tmp_path: Path, respond: Callable[[Handler], Reply | None], failed: set[str], passed: set[str]
) -> None:
    """A server that gives everything the same wrong answer breaks every rule that it bears upon."""
    with listen(respond) as url:
        outcome = run(tmp_path, "--target", url, "--max-requests", "150")
    assert outcome.status == 1, outcome.text
    assert outcome.rules("fail") >= failed
    assert outcome.rules("pass") >= passed
    assert outcome.rules("error") == set()


def test_target_that_refuses_the_key_is_inconclusive(tmp_path: Path) -> None:
    """A server that answers 401 to everything is right about keys, and nothing else is known of it."""
    with listen(always(401, {"message": "no", "code": "UNAUTHORIZED"})) as url:
        outcome = run(
            tmp_path,
            "--target",
            url,
            "--max-requests",
            "100",
            environment={"CARECYCLE_API_KEY": KEYS["CARECYCLE_API_KEY"]},
        )
    assert outcome.status == 6, outcome.text
    assert {one for one in outcome.rules("fail") if not one.startswith("HTTP")} == set()
    assert {"AUTH-01", "AUTH-02", "AUTH-03"} <= outcome.rules("pass")
    assert {"STATUS-01", "STATUS-04", "ID-01", "ID-04"} <= outcome.rules("inconclusive")
    assert "the target answered 401" in outcome.text


def test_target_that_limits_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    """A 429 with a wait is obeyed, and the request asked again."""
    waits = []

    def respond(request: Handler) -> Reply | None:
        waits.append(time.monotonic())
        return (
            always(429, LIMITED | {"retryAfter": 0.3})(request)
            if len(waits) == 1
            else forward(request, mock.url)
        )

    with contextlib.ExitStack() as stack:
        mock = stack.enter_context(serve(Settings(rate=None)))
        url = stack.enter_context(listen(respond))
        outcome = run(tmp_path, "--target", url, "--rule", "STATUS-01", "--max-requests", "5")
    assert outcome.status == 0, outcome.text
    assert waits[1] - waits[0] >= 0.3
