"""Servers that do not respond, or respond with nonsense, get an honest verdict in bounded time."""

import contextlib
import itertools
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from conformance.contract.document import JSON
from conformance.mock.server import Settings, serve
from conformance.selftest.runs import KEYS, Clock, run
from conformance.selftest.scripted_server import (
    Received,
    Reply,
    Respond,
    always,
    every,
    forward,
    hang,
    listen,
    redirect,
    refuse_connections,
)

EXPIRED = b'{"message": "The key has expired", "code": "UNAUTHORIZED"}'
GONE = {"message": "no such route", "code": "NOT_FOUND"}
LIMITED = {"message": "Rate limit exceeded", "code": "RATE_LIMIT_EXCEEDED", "retryAfter": 0}


def limit() -> AbstractContextManager[str]:
    """A server that returns 429 to everything."""
    return listen(always(429, LIMITED))


@pytest.mark.parametrize(
    ("serve_it", "options", "reason"),
    [
        (limit, [], "the target returned 429 to 3 requests in a row"),
        (refuse_connections, [], "no response to 3 requests in a row: connection refused"),
        (hang, ["--request-timeout", "0.2"], "no response to 3 requests in a row: timed out after 0.2 s"),
    ],
)
def test_target_that_gives_no_answer_is_inconclusive(
    tmp_path: Path, serve_it: Callable[[], AbstractContextManager[str]], options: list[str], reason: str
) -> None:
    """No rule passes for a target that only limits, rejects or hangs, and it gets few requests."""
    with serve_it() as url:
        outcome = run(tmp_path, "--target", url, *options, "--prefer")
    assert outcome.status == 6, outcome.text
    assert outcome.rules("pass") == set()
    assert outcome.rules("fail") == outcome.rules("error") == set()
    assert "STATUS-02" in outcome.rules("inconclusive")
    assert reason in outcome.flat
    assert outcome.report["requests"] <= 6


@pytest.mark.parametrize("is_carried_out", [False, True], ids=["before", "after"])
def test_target_that_breaks_connections_gets_a_verdict(tmp_path: Path, *, is_carried_out: bool) -> None:
    """A server that resets one connection in ten conforms all the same, before an update or after it."""
    with serve(Settings(rate=None)) as mock:

        def reset(request: Received) -> None:
            if is_carried_out:
                forward(request, mock.url)

        pairs = [f"{customer}:{campaign}" for customer, campaign in mock.settings.enrollments[:2]]
        options = [word for pair in pairs for word in ("--enrollment", pair)]
        with listen(every(10, reset, mock.url)) as url:
            outcome = run(tmp_path, "--target", url, "--prefer", *options, "--max-requests", "200")
    assert outcome.status == 0, outcome.text
    assert outcome.rules("inconclusive") == set()
    assert outcome.rules("pass") >= {"STATUS-02", "STATE-02", "STATE-05", "ID-08"}


def test_target_that_fails_now_and_then_is_found_out(tmp_path: Path) -> None:
    """A server that returns 500 to one request in 25 violates one rule, about the 5xx."""
    failure = {"message": "Something went wrong", "code": "INTERNAL_ERROR"}
    with serve(Settings(rate=None)) as mock, listen(every(25, always(500, failure), mock.url)) as url:
        outcome = run(tmp_path, "--target", url, "--max-requests", "150")
    assert outcome.status == 1, outcome.text
    assert outcome.rules("fail") == {"HTTP-03"}


@pytest.mark.parametrize(
    ("respond", "failed", "reason"),
    [
        (always(200, {}), {"RESPONSE-01", "LOOKUP-01", "AUTH-01"}, "200: is the address right?"),
        (always(204, b""), {"LOOKUP-01", "AUTH-01", "HTTP-05"}, "204: is the address right?"),
    ],
    ids=["empty-200", "204"],
)
def test_target_that_says_one_thing_passes_nothing(
    tmp_path: Path, respond: Callable[[Received], Reply | None], failed: set[str], reason: str
) -> None:
    """A run ends soon if the server responds to everything alike: rules fail, and none passes."""
    with listen(respond) as url:
        outcome = run(tmp_path, "--target", url)
    assert outcome.status == 1, outcome.text
    assert outcome.rules("fail") >= failed
    assert outcome.rules("pass") == outcome.rules("error") == set()
    assert reason in outcome.flat
    assert outcome.report["requests"] <= 40


@pytest.mark.parametrize(
    ("instead", "workers", "reason"),
    [
        (always(401, json.loads(EXPIRED)), (), "the key is no longer accepted since request 31 or so"),
        (always(403, {"message": "no", "code": "FORBIDDEN"}), (), "the key is no longer accepted since"),
        (
            always(503, b"<html>down</html>", "text/html"),
            ("-n", "2"),
            "or so the target returned 503 to every",
        ),
        (always(500, {"message": "no", "code": "INTERNAL_ERROR"}), (), "since request 31 or so the target"),
        (always(200, b"<html>down</html>", "text/html"), (), "the target returned 200, an HTML page"),
        (redirect("/maintenance"), (), "the target returned 302, a redirect to /maintenance"),
        (lambda _: None, (), "no response to 3 requests in a row: the connection was "),
        (always(404, GONE), (), "or so the target returned 404 NOT_FOUND to every update"),
        (
            always(404, {"message": "no such route"}),
            ("-n", "2"),
            "or so the target returned 404 to every update",
        ),
        (always(410, GONE), (), "or so the target returned 410 NOT_FOUND to every update"),
        (
            always(400, {"message": "Bad Request", "code": "BAD"}),
            (),
            "the target returned 400 BAD to every update",
        ),
        (always(301, b""), (), "or so the target returned 301 to every update"),
        (always(204, b""), (), "or so the target returned 204 to every update"),
    ],
    ids=[
        *("expired", "forbidden", "503", "500", "page", "redirect", "reset"),
        *("404", "404-without-code", "410", "400", "301-without-location", "204"),
    ],
)
def test_target_that_changes_during_a_run_decides_nothing_more(
    tmp_path: Path, instead: Respond, workers: tuple[str, ...], reason: str
) -> None:
    """Responses from some request on that do not come from the API end the run, and decide no rule."""
    with serve(Settings(rate=None)) as mock:
        count = itertools.count(1)

        def change(request: Received) -> Reply | None:
            return instead(request) if next(count) > 30 else forward(request, mock.url)

        with listen(change) as url:
            outcome = run(tmp_path, "--target", url, *workers)
    assert outcome.status == 6, outcome.text
    assert outcome.rules("fail") == outcome.rules("error") == set()
    assert outcome.rules("pass") > {"LOOKUP-01", "STATUS-01"}
    assert reason in outcome.flat
    assert "stopped early: " in outcome.flat
    assert outcome.report["requests"] <= 30 + 12


def test_target_that_fails_for_one_kind_of_request_is_found_out(tmp_path: Path) -> None:
    """A server that returns 500 to every request of one kind violates one rule, and the run goes on."""
    failure = {"message": "Something went wrong", "code": "INTERNAL_ERROR"}
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply | None:
            return always(500, failure)(request) if len(request.content) > 150 else forward(request, mock.url)

        with listen(respond) as url:
            outcome = run(tmp_path, "--target", url)
    assert outcome.status == 1, outcome.text
    assert {"HTTP-03"} == outcome.rules("fail")
    assert outcome.report["stopped"] == []


@pytest.mark.parametrize("code", [401, 403])
def test_target_that_refuses_the_key_is_inconclusive(tmp_path: Path, code: int) -> None:
    """A run ends soon if the server rejects every request with the key, and the key is the reason."""
    refusal = {"message": "no", "code": "UNAUTHORIZED" if code == 401 else "FORBIDDEN"}
    with listen(always(code, refusal)) as url:
        outcome = run(tmp_path, "--target", url, environment={"CARECYCLE_API_KEY": KEYS["CARECYCLE_API_KEY"]})
    assert outcome.rules("pass") == outcome.rules("error") == set()
    assert outcome.status == 6, outcome.text
    assert outcome.rules("fail") == set()
    assert {"STATUS-01", "STATUS-04", "ID-01", "ID-04"} <= outcome.rules("inconclusive")
    assert "is CARECYCLE_API_KEY right?" in outcome.flat
    assert outcome.report["requests"] <= 20


def test_target_that_stops_taking_the_key_is_left_alone(tmp_path: Path) -> None:
    """A key that expires in the middle of a run ends it soon, and is the reason that is given."""
    with serve(Settings(rate=None)) as mock:

        def expire(request: Received) -> Reply:
            expired = len(mock.log) >= 60
            return (401, JSON, EXPIRED) if expired else forward(request, mock.url)

        with listen(expire) as url:
            outcome = run(tmp_path, "--target", url, "--profile", "quick")
    assert "the key is no longer accepted since request" in outcome.flat
    assert not {"AUTH-06", "STATUS-01", "LOOKUP-01"} & outcome.rules("fail")
    assert outcome.report["requests"] <= 80


def test_target_that_limits_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    """After a 429 with a wait, the request is sent again when the wait is over."""
    waits = []

    def respond(request: Received) -> Reply | None:
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


@pytest.mark.parametrize("status", [429, 503])
def test_target_that_names_a_wait_in_a_header_is_waited_for(tmp_path: Path, status: int) -> None:
    """The run says how long it waits, and sends nothing before the wait is over."""
    times: list[float] = []
    clock = Clock()

    def respond(request: Received) -> Reply:
        times.append(clock())
        if len(times) > 1:
            return forward(request, mock.url)
        request.more = {"retry-after": "3"}
        return status, JSON, json.dumps(LIMITED).encode()

    with serve(Settings(rate=None)) as mock, listen(respond) as url:
        options = ["--rule", "STATUS-01", "--max-requests", "5"]
        outcome = run(tmp_path, "--target", url, *options, clock=clock)
    assert "waiting 3 s for the rate limit" in outcome.text
    assert times[1] - times[0] >= 3


def test_target_that_returns_the_key_as_its_code_is_masked(tmp_path: Path) -> None:
    """The code of a response is text of the target, also where it is the reason of a verdict."""
    key = KEYS["CARECYCLE_API_KEY"]
    with listen(always(400, {"message": "m", "code": f"{key}\u001b[2J"})) as url:
        outcome = run(tmp_path, "--target", url, "--profile", "quick", "--rule", "STATUS")
    written = "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())
    assert any("400 [masked]\\x1b[2J" in rule["reason"] for rule in outcome.report["rules"])
    assert key not in outcome.text + written
