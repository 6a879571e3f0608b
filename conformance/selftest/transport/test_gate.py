"""The gate decides whether, when and how often a request is sent."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.document import RateLimit
from conformance.selftest.exchanges import CASES, CONTRACT, ONE, OTHER, TARGET, body, elsewhere, response
from conformance.selftest.in_memory import InMemoryTransport, Reply
from conformance.selftest.scripted_server import always, listen
from conformance.selftest.waiting import LONGEST
from conformance.transport.exchange import Response
from conformance.transport.gate import Gate, RunStopped, UnsafeRequestError
from conformance.transport.transport import NoResponse

OK = response(200)
CUT = replace(OK, is_cut=True)
REFUSED = NoResponse("connection refused")
BROKEN = NoResponse("the connection was reset", may_have_arrived=True)
SLOW = NoResponse("timed out after 10 s: no complete response", timed_out=True)


def limited(wait: object = 0, status: int = 429, *, header: str | None = None) -> Response:
    """A response with a time to wait."""
    made = response(status, {"retryAfter": wait})
    return replace(made, headers=made.headers + ((("retry-after", header),) if header else ()))


def gate_of(*replies: Reply, **settings: Any) -> tuple[Gate, InMemoryTransport]:  # noqa: ANN401 - fields of a gate
    """A gate before a transport without sockets."""
    transport = InMemoryTransport(*replies)
    return Gate(TARGET, CONTRACT, transport=transport, **settings), transport


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of a clock that stands still except when somebody waits for it."""
    waits: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: sum(waits))
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr("pyrate_limiter.clocks.monotonic_ns", lambda: round(sum(waits) * 1e9))
    return waits


def test_gate_returns_the_response() -> None:
    """A request that is sent is counted, and its response returned."""
    gate, transport = gate_of(OK)
    exchange = gate.send(CASES.update())
    assert exchange.response is OK
    assert (gate.sent, gate.own, gate.left, exchange.repeated) == (1, 1, float("inf"), False)
    assert transport.requests == [exchange.request]


def test_gate_stops_at_the_budget() -> None:
    """After the last request of the budget none is sent."""
    gate, transport = gate_of(OK, max_requests=3)
    for left in (3, 2, 1):
        assert gate.left == left
        gate.send(CASES.update())
    with pytest.raises(RunStopped, match="the budget of 3 requests is spent"):
        gate.send(CASES.update())
    assert (len(transport.requests), gate.stopped) == (3, "")


def test_gate_stops_at_the_share() -> None:
    """A test that has used its share sends nothing more, and the next one may."""
    gate, transport = gate_of(OK, max_requests=9)
    gate.share = 1
    gate.send(CASES.update())
    with pytest.raises(RunStopped, match="share of the budget"):
        gate.send(CASES.update())
    gate.share = float("inf")
    gate.send(CASES.update())
    assert len(transport.requests) == 2


def test_gate_keeps_the_pace(clock: list[float]) -> None:
    """No window of the rate holds more requests than the rate allows."""
    times: list[float] = []

    def note(_: object) -> Response:
        times.append(sum(clock))
        return OK

    gate, _ = gate_of(note, rate=RateLimit(3, 0.4))
    for _ in range(7):
        gate.send(CASES.update())
    assert all(later - earlier >= 0.4 for earlier, later in zip(times, times[3:], strict=False))


def test_gate_sends_nothing_after_the_time_limit(clock: list[float]) -> None:
    """A request whose turn comes after the time limit of the run is not waited for, and not sent."""
    gate, transport = gate_of(OK, rate=RateLimit(requests=1, seconds=30))
    gate.until = 40.0
    gate.send(CASES.update())
    gate.send(CASES.update())
    with pytest.raises(RunStopped, match="the time limit of the run is reached"):
        gate.send(CASES.update())
    assert (len(transport.requests), sum(clock) < 40) == (2, True)


def test_gate_waits_for_no_target_past_the_time_limit(clock: list[float]) -> None:
    """If a target wants the next request after the time limit of the run, the run ends at once."""
    gate, transport = gate_of(limited(50), OK)
    gate.until = 40.0
    with pytest.raises(RunStopped, match="the time limit of the run is reached"):
        gate.send(CASES.update())
    assert (len(transport.requests), clock) == (1, [])


def test_gate_in_a_dry_run_counts_only() -> None:
    """A dry run sends nothing and waits for nothing."""
    gate, transport = gate_of(OK, is_dry=True, rate=RateLimit(1, 60))
    exchanges = [gate.send(CASES.update(body(ONE))) for _ in range(3)]
    assert {exchange.no_response for exchange in exchanges} == {"a dry run sends nothing"}
    assert (gate.sent, gate.named[frozenset(ONE.pair)], transport.requests) == (3, 3, [])


@pytest.mark.parametrize(
    "ids",
    [
        {"customerId": ONE.customer_id, "campaignId": "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75"},
        {"customerId": ONE.campaign_id, "campaignId": ONE.customer_id},
        {"customerId": ONE.customer_id, "campaignId": ONE.campaign_id, "note": OTHER.campaign_id},
    ],
)
def test_gate_sends_no_unsafe_request(ids: dict[str, str]) -> None:
    """A request that could change a record which no --enrollment names is neither sent nor counted."""
    gate, transport = gate_of(OK)
    for content in (CASES.body(**ids), json.dumps(CASES.body(**ids)).encode()):
        with pytest.raises(UnsafeRequestError):
            gate.send(CASES.update(content))
    with pytest.raises(UnsafeRequestError):
        gate.send(CASES.update(query=ids))
    gate.send(CASES.update(body(ONE)))
    assert (len(transport.requests), gate.sent) == (1, 1)


def test_gate_of_a_worker_that_may_name_none_sends_no_enrollment() -> None:
    """Only one worker names enrollments."""
    gate, _ = gate_of(OK, may_name=False)
    with pytest.raises(UnsafeRequestError):
        gate.send(CASES.update(body(ONE)))


@pytest.mark.parametrize(("error", "sent"), [(REFUSED, 3), (BROKEN, 6), (SLOW, 3)])
def test_gate_gives_up_on_a_target_that_does_not_respond(error: NoResponse, sent: int) -> None:
    """Three requests without a response end the run; only a broken connection is retried."""
    gate, transport = gate_of(error)
    exchanges = [gate.send(CASES.update()) for _ in range(3)]
    with pytest.raises(RunStopped) as stopped:
        gate.send(CASES.update())
    assert str(stopped.value) == gate.stopped == f"no response to 3 requests in a row: {error}"
    assert {exchange.no_response for exchange in exchanges} == {str(error)}
    assert {exchange.timed_out for exchange in exchanges} == {error is SLOW}
    assert {exchange.repeated for exchange in exchanges} == {error is BROKEN}
    assert (gate.sent, len(transport.requests)) == (sent, sent)


def test_gate_keeps_the_first_reason_to_stop() -> None:
    """A later reason does not hide the first one."""
    gate, _ = gate_of(OK)
    gate.give_up("first")
    gate.give_up("second")
    with pytest.raises(RunStopped, match="first"):
        gate.send(CASES.update())


def test_gate_tries_a_broken_connection_again() -> None:
    """A request whose connection broke is sent once more, and a response ends the count."""
    gate, transport = gate_of(BROKEN, OK, BROKEN, BROKEN, OK)
    first, second, third = (gate.send(CASES.update()) for _ in range(3))
    assert [bool(one.response) for one in (first, second, third)] == [True, False, True]
    assert [one.repeated for one in (first, second, third)] == [True, True, False]
    assert len(transport.requests) == 5


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [("POST", "/v2/other", 1), ("PATCH", "/v2/other", 1), ("PUT", "/v2/other", 2), ("GET", "/v2/other", 2)],
)
def test_gate_sends_again_only_what_is_idempotent(method: str, path: str, sent: int) -> None:
    """An operation that is not idempotent could be carried out twice, so it is not sent again."""
    gate, transport = gate_of(BROKEN)
    assert gate.send(elsewhere(method, path)).response is None
    assert len(transport.requests) == sent


def test_gate_does_not_overdraw_for_another_try() -> None:
    """The last request of a budget is not sent again."""
    gate, transport = gate_of(BROKEN, max_requests=1)
    assert gate.send(CASES.update()).response is None
    assert len(transport.requests) == 1


@pytest.mark.parametrize("early", [limited(55), limited(header="55"), limited(7, header="55")])
def test_gate_waits_as_a_429_asks(early: Response, clock: list[float]) -> None:
    """A request that came too early is sent again after the longer one of both waits, which is reported."""
    said: list[str] = []
    gate, transport = gate_of(early, OK, say=said.append)
    assert gate.send(CASES.update()).response is OK
    assert (len(transport.requests), clock, said) == (2, [55.0], ["waiting 55 s for the rate limit"])


def test_gate_waits_before_the_next_request_as_a_503_asks(clock: list[float]) -> None:
    """A 503 is returned, because it can break a rule. The next request is sent when the target wants it."""
    gate, transport = gate_of(limited(None, 503, header="20"), OK, say=lambda _: None)
    exchange = gate.send(CASES.update())
    assert exchange.response is not None
    assert (exchange.response.status, len(transport.requests), clock) == (503, 1, [])
    gate.send(CASES.update())
    assert (len(transport.requests), clock) == (2, [20.0])


def test_gate_gives_up_on_a_target_that_only_limits(clock: list[float]) -> None:
    """After three responses of 429 in a row nothing more is sent."""
    gate, transport = gate_of(limited())
    exchange = gate.send(CASES.update())
    assert exchange.response is not None
    assert exchange.response.status == 429
    with pytest.raises(RunStopped, match="the target returned 429 to 3 requests in a row"):
        gate.send(CASES.update())
    assert (len(transport.requests), clock) == (3, [])


def test_gate_counts_only_429s_in_a_row() -> None:
    """Another response between makes the count begin again."""
    gate, transport = gate_of(limited(), limited(), OK, limited(), limited(), OK, OK)
    for _ in range(3):
        gate.send(CASES.update())
    assert len(transport.requests) == 7


@pytest.mark.parametrize(
    ("wait", "words"), [(3600, "3600 s"), (10**400, "more than a day"), (1e300, "more than a day")]
)
def test_gate_stops_where_the_wait_is_too_long(wait: object, words: str) -> None:
    """A target whose wait is longer than the time of the run gets no further requests."""
    gate, transport = gate_of(limited(wait))
    gate.send(CASES.update())
    with pytest.raises(RunStopped, match=f"the target asks to wait {words}; a run waits 60 s at most"):
        gate.send(CASES.update())
    assert len(transport.requests) == 1


def test_gate_takes_a_429_that_was_preferred() -> None:
    """A preferred 429, and one at an address whose limit is tested, is a response like any other."""
    gate, transport = gate_of(limited(60))
    for _ in range(4):
        gate.send(CASES.update(headers={"prefer": "code=429"}))
        gate.send(CASES.update(), base_url=TARGET.url)
    assert (len(transport.requests), gate.stopped) == (8, "")


def test_gate_gives_up_on_bodies_that_are_too_large() -> None:
    """Three bodies in a row that are longer than the limit end the run."""
    gate, transport = gate_of(CUT, CUT, OK, CUT)
    for _ in range(6):
        gate.send(CASES.update())
    with pytest.raises(RunStopped, match="the bodies of 3 responses in a row have more than 256 KiB"):
        gate.send(CASES.update())
    assert len(transport.requests) == 6


@pytest.mark.parametrize("spell", [str, str.upper, repr], ids=["plain", "upper case", "quoted"])
def test_gate_shows_no_key_in_a_reason(spell: Callable[[str], str]) -> None:
    """What the target sent in place of a response is masked and escaped."""
    gate, _ = gate_of(NoResponse(f"not HTTP/1.1: the target sent \x1b[2J{spell(TARGET.key)}"))
    reason = gate.send(CASES.update()).no_response
    assert reason.startswith("not HTTP/1.1: the target sent \\x1b[2J")
    assert "[masked]" in reason
    assert TARGET.key not in reason.lower()


def test_gate_sends_through_the_proxy_and_the_headers_of_the_target() -> None:
    """A proxy gets the request with the whole address and the headers of the target."""
    received: list[tuple[str, str | None]] = []

    def respond(request: Any) -> Any:  # noqa: ANN401 - of the server
        received.append((request.path, request.headers["x-gate"]))
        return always(200, {})(request)

    with listen(respond) as url:
        target = replace(TARGET, url="http://elsewhere.test", proxy=url, headers=(("x-gate", "open sesame"),))
        with closing(Gate(target, CONTRACT, timeout=LONGEST)) as gate:
            assert gate.send(CASES.update()).response is not None
    assert received == [("http://elsewhere.test/v2/customers/campaign-status", "open sesame")]
