"""No request leaves but those that may."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace

import pytest

from conformance.contract.document import RateLimit
from conformance.selftest.questions import CASES, CONTRACT, ONE, OTHER, TARGET, body
from conformance.selftest.servers import Handler, Reply, Respond, always, hang, listen, refuse_connections
from conformance.transport.gate import Gate, RunStopped, UnsafeRequestError
from conformance.transport.h11_transport import NoResponse, Transport

OK = always(200, {})
LIMITED = {"message": "later", "code": "RATE_LIMIT_EXCEEDED", "retryAfter": 0}


@contextmanager
def governing(
    respond: Respond | AbstractContextManager[str],
    *,
    max_requests: int | None = None,
    rate: RateLimit | None = None,
) -> Iterator[Gate]:
    """A gate of requests to a server."""
    with respond if isinstance(respond, AbstractContextManager) else listen(respond) as url:
        gate = Gate(replace(TARGET, url=url), CONTRACT, max_requests, rate, timeout=0.2)
        try:
            yield gate
        finally:
            gate.close()


def counting(*replies: Respond) -> tuple[Respond, list[str]]:
    """Answers in turn, the last one for ever, and the addresses that were asked for."""
    asked: list[str] = []

    def respond(request: Handler) -> Reply | None:
        asked.append(request.path)
        return replies[min(len(asked), len(replies)) - 1](request)

    return respond, asked


def break_off(_: Handler) -> None:
    """No answer at all."""


def test_governor_gives_the_answer() -> None:
    """A request gets its answer, with the names of headers in lower case."""
    with governing(always(404, {"code": "X"})) as gate:
        exchange = gate.send(CASES.update())
        assert exchange.response is not None
        assert (exchange.response.status, exchange.response.code) == (404, "X")
        assert exchange.response.header("content-type") == "application/json"
        assert 0 < exchange.response.seconds < 5
        assert (gate.sent, gate.left, exchange.repeated) == (1, float("inf"), False)


def test_governor_stops_at_the_budget() -> None:
    """After the last request of the budget none is sent."""
    respond, asked = counting(OK)
    with governing(respond, max_requests=3) as gate:
        for left in (3, 2, 1):
            assert gate.left == left
            gate.send(CASES.update())
        with pytest.raises(RunStopped, match="the budget of 3 requests is spent"):
            gate.send(CASES.update())
    assert len(asked) == 3


def test_governor_stops_at_the_share() -> None:
    """A test that has used its share sends nothing more, and the next one may."""
    with governing(OK, max_requests=9) as gate:
        gate.share = 1
        gate.send(CASES.update())
        with pytest.raises(RunStopped, match="share of the budget"):
            gate.send(CASES.update())
        gate.share = float("inf")
        gate.send(CASES.update())


def test_governor_keeps_the_pace() -> None:
    """No window of the rate holds more requests than the rate allows."""
    times: list[float] = []

    def respond(request: Handler) -> Reply | None:
        times.append(time.monotonic())
        return OK(request)

    with governing(respond, rate=RateLimit(3, 0.4)) as gate:
        for _ in range(7):
            gate.send(CASES.update())
    assert all(later - earlier > 0.3 for earlier, later in zip(times, times[3:], strict=False))
    assert times[-1] - times[0] < 3


@pytest.mark.parametrize(
    "ids",
    [
        {"customerId": ONE.customer_id, "campaignId": "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75"},
        {"customerId": "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75", "campaignId": ONE.campaign_id.upper()},
        {"customerId": ONE.campaign_id, "campaignId": OTHER.campaign_id},
        {"customerId": ONE.customer_id, "campaignId": ONE.campaign_id, "note": OTHER.campaign_id},
    ],
)
def test_governor_sends_nothing_harmful(ids: dict[str, str]) -> None:
    """A request that could reach a record which nobody named is not sent."""
    respond, asked = counting(OK)
    with governing(respond) as gate:
        with pytest.raises(UnsafeRequestError, match="neither fresh nor an --enrollment"):
            gate.send(CASES.update(CASES.body(**ids)))
        with pytest.raises(UnsafeRequestError):
            gate.send(CASES.update(json.dumps(CASES.body(**ids)).encode()))
        gate.send(CASES.update(body(ONE)))
    assert (len(asked), gate.sent) == (1, 1)


def test_governor_looks_for_harm_in_the_address() -> None:
    """Ids in a query count as much as ids in a body."""
    with governing(OK) as gate, pytest.raises(UnsafeRequestError):
        gate.send(CASES.update(query={"a": ONE.customer_id, "b": "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75"}))


@pytest.mark.parametrize(
    ("server", "sent"),
    [(refuse_connections, 6), (hang, 3), (lambda: listen(break_off), 6)],
    ids=["refuses", "hangs", "breaks"],
)
def test_governor_gives_up_on_a_silent_target(
    server: Callable[[], AbstractContextManager[str]], sent: int
) -> None:
    """After three requests without an answer a target counts as gone; a broken connection is tried twice."""
    with governing(server()) as gate:
        exchanges = [gate.send(CASES.update()) for _ in range(3)]
        with pytest.raises(RunStopped, match="the target gave no answer to 3 requests in a row"):
            gate.send(CASES.update())
    assert [exchange.response for exchange in exchanges] == [None] * 3
    assert all(exchange.no_response for exchange in exchanges)
    assert {exchange.timed_out for exchange in exchanges} == {server is hang}
    assert {exchange.repeated for exchange in exchanges} == {server is not hang}
    assert gate.sent == sent


def test_governor_tries_a_broken_connection_again() -> None:
    """A request whose connection broke is sent once more, and says so; an answer ends the silence."""
    respond, asked = counting(break_off, OK, break_off, break_off, OK)
    with governing(respond) as gate:
        first, second, third = (gate.send(CASES.update()) for _ in range(3))
    assert [bool(one.response) for one in (first, second, third)] == [True, False, True]
    assert [one.repeated for one in (first, second, third)] == [True, True, False]
    assert len(asked) == 5


def test_governor_does_not_overdraw_for_another_try() -> None:
    """The last request of a budget is not sent again."""
    respond, asked = counting(break_off)
    with governing(respond, max_requests=1) as gate:
        assert gate.send(CASES.update()).response is None
    assert len(asked) == 1


def test_governor_waits_as_a_429_asks() -> None:
    """A request that came too early is sent again after the wait."""
    respond, asked = counting(always(429, LIMITED | {"retryAfter": 0.2}), OK)
    with governing(respond) as gate:
        began = time.monotonic()
        response = gate.send(CASES.update()).response
    assert response is not None
    assert (response.status, len(asked)) == (200, 2)
    assert time.monotonic() - began >= 0.2


def test_governor_gives_up_on_a_target_that_only_limits() -> None:
    """After three answers of 429 in a row nothing more is sent."""
    respond, asked = counting(always(429, LIMITED))
    with governing(respond) as gate:
        response = gate.send(CASES.update()).response
        assert response is not None
        assert response.status == 429
        with pytest.raises(RunStopped, match="the target answered 429 to 3 requests in a row"):
            gate.send(CASES.update())
    assert len(asked) == 3


def test_governor_counts_only_429s_in_a_row() -> None:
    """Another answer between makes the count begin again."""
    limited = always(429, LIMITED)
    respond, asked = counting(limited, limited, OK, limited, limited, OK, OK)
    with governing(respond) as gate:
        for _ in range(3):
            gate.send(CASES.update())
    assert len(asked) == 7


@pytest.mark.parametrize("wait", [3600, None, "soon", -1, True])
def test_governor_waits_for_a_sensible_time(wait: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that is too long is not waited for, and a senseless one is a second."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    respond, asked = counting(always(429, LIMITED | {"retryAfter": wait}), OK)
    with governing(respond) as gate:
        gate.send(CASES.update())
    assert (waited, len(asked)) == (([], 1) if wait == 3600 else ([1.0], 2))


def test_governor_stops_where_it_is_told_to_wait_too_long() -> None:
    """A target that asks for a longer wait than a run has is asked nothing more."""
    respond, asked = counting(always(429, LIMITED | {"retryAfter": 3600}))
    with governing(respond) as gate:
        gate.send(CASES.update())
        with pytest.raises(RunStopped, match="asks to wait 3600 s"):
            gate.send(CASES.update())
    assert len(asked) == 1


def test_governor_takes_a_429_that_it_asked_for() -> None:
    """A preferred 429, and one at an address whose limit is tested, is an answer as any other."""
    respond, asked = counting(always(429, LIMITED))
    with governing(respond) as gate:
        for _ in range(4):
            gate.send(CASES.update(headers={"prefer": "code=429"}))
            gate.send(CASES.update(), base_url=gate.target.url)
    assert len(asked) == 8


def test_governor_masks_the_key_of_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an error of the connection says is told without a key."""

    def fail(*_: object, **__: object) -> None:
        raise NoResponse(f"cannot send {TARGET.key}", timed_out=False)

    with governing(nullcontext(TARGET.url)) as gate:
        monkeypatch.setattr(Transport, "send", fail)
        no_response = gate.send(CASES.update()).no_response
    assert no_response == "cannot send [masked]"


def test_governor_asks_by_the_proxy_of_the_target() -> None:
    """Where the target has a proxy, that is asked, for the whole address."""
    respond, asked = counting(OK)
    with listen(respond) as url:
        target = replace(TARGET, url="http://elsewhere.test", proxy=url)
        with closing(Gate(target, CONTRACT, timeout=0.2)) as gate:
            assert gate.send(CASES.update()).response is not None
    assert asked == ["http://elsewhere.test/v2/customers/campaign-status"]
