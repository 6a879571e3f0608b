"""A call is tried again when that may help, waits as it is asked, and never longer than it may."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Collection
from email.utils import formatdate
from typing import Any

import httpx2
import pytest
from carecycle_client import errors as e
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import SUCCESS, UPDATE, Call, both, both_detailed, reaching, responding
from conformance.selftest.scripted_server import ScriptedServer, response
from conformance.selftest.waiting import LONGEST

DONE = httpx2.Response(200, json=SUCCESS)
CONNECTION_ERRORS = [
    httpx2.ConnectError("refused"),
    httpx2.ReadError("reset"),
    httpx2.RemoteProtocolError("gone"),
    httpx2.ConnectTimeout("slow"),
    httpx2.ReadTimeout("slow"),
    httpx2.PoolTimeout("full"),
]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the client waited, had it waited."""
    waited: list[float] = []
    sleep, own = time.sleep, threading.current_thread()

    async def note(seconds: float) -> None:
        waited.append(seconds)

    def note_own(seconds: float) -> None:
        """Threads of a limiter that another test made sleep too."""
        (waited.append if threading.current_thread() is own else sleep)(seconds)

    monkeypatch.setattr(time, "sleep", note_own)
    monkeypatch.setattr(asyncio, "sleep", note)
    return waited


def limited(after: Any = None, **headers: str) -> httpx2.Response:  # noqa: ANN401 - a JSON value
    """A 429 that says how long to wait: in the body, in the header or not at all."""
    body: dict[str, Any] = {"message": "Slow down", "code": "RATE_LIMIT_EXCEEDED"}
    return httpx2.Response(
        429, json=body if after is None else {**body, "retryAfter": after}, headers=headers
    )


@both
@pytest.mark.parametrize("failure", CONNECTION_ERRORS, ids=lambda failure: type(failure).__name__)
def test_connection_error_is_tried_again(call: Call, failure: Exception, waits: list[float]) -> None:
    """What failed on the way is sent again, after a wait that grows and is never quite the same."""
    assert call(client=responding(failure, failure, DONE), body=UPDATE).success
    assert 0.25 <= waits[0] <= 0.5
    assert 0.5 <= waits[1] <= 1


@both
@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_passing_status_is_tried_again(call: Call, status: int, waits: list[float]) -> None:
    """A status that may pass is asked for again, twice by default."""
    assert call(
        client=responding(httpx2.Response(status), httpx2.Response(status), DONE), body=UPDATE
    ).success
    assert 2 == len(waits)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500, 501])
def test_lasting_status_is_not_tried_again(status: int, waits: list[float]) -> None:
    """A status that does not pass by itself ends the call."""
    with pytest.raises(e.APIError):
        endpoint.sync(client=responding(httpx2.Response(status), DONE), body=UPDATE)
    assert [] == waits


@pytest.mark.parametrize("failure", [httpx2.LocalProtocolError("no"), httpx2.UnsupportedProtocol("no")])
def test_own_mistake_is_not_tried_again(failure: Exception, waits: list[float]) -> None:
    """What is wrong with the request itself is wrong the next time, too."""
    with pytest.raises(e.APIConnectionError):
        endpoint.sync(client=responding(failure, DONE), body=UPDATE)
    assert [] == waits


@both
def test_retries_end(call: Call, waits: list[float]) -> None:
    """After the last retry the error is raised, with the number of attempts and its cause."""
    with pytest.raises(
        e.APITimeoutError, match=r"ConnectTimeout: .* while connecting \(attempt 3\)"
    ) as raised:
        call(client=responding(httpx2.ConnectTimeout("slow")), body=UPDATE)
    assert (3, 2) == (raised.value.attempts, len(waits))
    assert isinstance(raised.value.__cause__, httpx2.ConnectTimeout)


def test_number_of_retries_is_set_by_client_or_call(waits: list[float]) -> None:
    """`max_retries` of a call goes before that of the client."""
    client = responding(httpx2.Response(503), max_retries=4)
    for max_retries, expected in [(None, 4), (1, 1), (0, 0)]:
        waits.clear()
        with pytest.raises(e.InternalServerError):
            endpoint.sync(client=client, body=UPDATE, max_retries=max_retries)
        assert expected == len(waits)


@both
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (limited(7), 7),
        (limited(0), 0),
        (limited(2.5), 2.5),
        (limited(**{"Retry-After": "9"}), 9),
        (limited(7, **{"Retry-After": "9"}), 9),
        (limited(7, **{"Retry-After": "soon"}), 7),
        (limited(60, **{"Retry-After": "0"}), 60),
        (httpx2.Response(429, json={"message": "No code", "retryAfter": 12}), 12),
        (httpx2.Response(429, json={"retryAfter": -1}, headers={"Retry-After": "4"}), 4),
        (limited(**{"Retry-After": "1.5"}), 1.5),
        (limited(**{"Retry-After": "3."}), 3),
        (limited(**{"retry-after-ms": "1500"}), 1.5),
        (limited(**{"Retry-After-Ms": "250.5"}), 0.2505),
        (limited(**{"retry-after-ms": "1500", "Retry-After": "2"}), 2),
        (limited(**{"retry-after-ms": "2500", "Retry-After": "soon"}), 2.5),
        (httpx2.Response(503, headers={"Retry-After": "0.75"}), 0.75),
        (httpx2.Response(503, headers={"Retry-After": ".5"}), 0.5),
        (httpx2.Response(503, headers={"Retry-After": " 2 "}), 2),
        (httpx2.Response(503, headers={"Retry-After": "+4"}), 4),
        (limited(**{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), 0),
        (httpx2.Response(503, headers={"Retry-After": "3"}), 3),
    ],
)
def test_wait_is_as_asked(call: Call, answer: httpx2.Response, expected: float, waits: list[float]) -> None:
    """The longest wait that the headers and the body ask for is kept, and up to a tenth and 0.1 s more."""
    assert call(client=responding(answer, DONE), body=UPDATE).success
    check_waits([expected], waits)


@pytest.mark.parametrize("value", ["-1", "1e2", "inf", "nan", "", "1,5", "٣", "1 s", "0x10"])
@pytest.mark.parametrize("name", ["Retry-After", "retry-after-ms"])
def test_header_that_is_no_wait_is_ignored(name: str, value: str, waits: list[float]) -> None:
    """What is neither a number nor a date leaves the wait to the client."""
    answer = httpx2.Response(503, headers={name.encode(): value.encode()})
    assert endpoint.sync(client=responding(answer, DONE), body=UPDATE).success
    assert 0.25 <= waits[0] <= 0.5


def test_huge_wait_is_bounded() -> None:
    """A number that no clock holds is a long wait, and no error of Python."""
    for value in ("9" * 250, "9" * 250 + ".5", "9" * 400):
        with pytest.raises(e.RateLimitError, match="longer than max_retry_wait") as raised:
            endpoint.sync(client=responding(limited(**{"Retry-After": value})), body=UPDATE)
        assert 1e9 == raised.value.retry_after


def test_waits_that_are_asked_for_differ(waits: list[float]) -> None:
    """Clients that were limited at one moment do not come back at one moment."""
    for _ in range(20):
        endpoint.sync(client=responding(limited(10), DONE), body=UPDATE)
    check_waits([10] * 20, waits)
    assert len(set(waits)) > 10


def test_wait_that_is_asked_for_stays_within_the_time_limit(
    waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is added to a wait does not lead beyond the time of the call."""
    monkeypatch.setattr("carecycle_client._limits.monotonic", lambda: 0.0)
    for _ in range(20):
        endpoint.sync(client=responding(limited(10), DONE), body=UPDATE, timeout=10.1)
    assert all(10 <= wait <= 10.1 for wait in waits)


@both
def test_statuses_to_retry_are_set_by_the_client(call: Call, waits: list[float]) -> None:
    """Those that are given are retried, and no others."""
    client = responding(httpx2.Response(500), DONE, retry_statuses=[500])
    assert call(client=client, body=UPDATE).success
    others: list[Collection[int]] = [[], {500, 409}, range(400, 429)]
    for statuses in others:
        with pytest.raises(e.RateLimitError):
            call(client=responding(limited(1), DONE, retry_statuses=statuses), body=UPDATE)
    assert 1 == len(waits)


@pytest.mark.parametrize("given", ["429", 429, [200], ["429"], [429.5], [600], b"429"])
def test_statuses_that_are_none_are_refused(given: Any) -> None:  # noqa: ANN401 - what a caller gives by mistake
    """The constructor names the setting."""
    with pytest.raises((TypeError, ValueError), match="retry_statuses"):
        responding(DONE, retry_statuses=given)


def check_waits(expected: list[float], waits: list[float]) -> None:
    """Each wait is as long as expected, or up to a tenth and 0.1 s longer."""
    assert len(expected) == len(waits)
    assert all(least <= wait <= 1.1 * least + 0.1 for least, wait in zip(expected, waits, strict=True)), waits


def test_wait_is_until_the_date(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """`Retry-After` may be a date."""
    monkeypatch.setattr("carecycle_client._received.time", lambda: 1_800_000_000.0)
    answer = limited(**{"Retry-After": formatdate(1_800_000_030, usegmt=True)})
    assert endpoint.sync(client=responding(answer, DONE), body=UPDATE).success
    check_waits([30], waits)


@both
@pytest.mark.parametrize(
    ("settings", "options", "words"),
    [
        ({}, {}, "the server asks to wait 61 s, longer than max_retry_wait (60 s)"),
        ({"max_retry_wait": 100}, {"timeout": 20}, "to be tried again in 61 s, when the time is up"),
    ],
)
def test_longer_wait_than_allowed_is_raised_at_once(
    call: Call, settings: dict[str, Any], options: dict[str, Any], words: str, waits: list[float]
) -> None:
    """Asked to wait beyond the cap or the deadline, a call fails now, and says for how long."""
    with pytest.raises(e.RateLimitError) as raised:
        call(client=responding(limited(61), DONE, **settings), body=UPDATE, **options)
    assert words in str(raised.value)
    assert (61, 1, []) == (raised.value.retry_after, raised.value.attempts, waits)


@both_detailed
def test_detailed_call_is_tried_again_as_well(call: Any, waits: list[float]) -> None:  # noqa: ANN401 - either function
    """The detailed functions retry like the others, and return the last response."""
    assert 200 == call(client=responding(limited(1), DONE), body=UPDATE).status_code
    assert 1 == call(client=responding(limited(1)), body=UPDATE).parsed.retry_after
    with pytest.raises(e.APIConnectionError):
        call(client=responding(httpx2.ReadError("reset")), body=UPDATE, max_retries=0)
    check_waits([1, 1, 1], waits)


@both
def test_wait_that_is_too_long_is_named_when_the_body_fails(call: Call) -> None:
    """A refusal that breaks off says for how long it asks to wait as well."""
    broken = response(429, b"{}", "Retry-After: 61")[:-1]
    asked = pytest.raises(
        e.RateLimitError, match=r"the server asks to wait 61 s, longer than max_retry_wait \(60 s\)"
    )
    with ScriptedServer(broken) as server, reaching(server) as client, asked:
        call(client=client, body=UPDATE)


def begin_and_stall(connection: socket.socket) -> None:
    """Send all but the end of a response, and wait until the client leaves."""
    connection.sendall(response(200, b"{}")[:-1])
    connection.recv(1)


def test_response_that_stalls_is_not_tried_again() -> None:
    """The server has begun to answer: it has done what it was asked, and once is enough."""
    with ScriptedServer(begin_and_stall) as server:
        with reaching(server) as client, pytest.raises(e.APITimeoutError):
            endpoint.sync(client=client, body=UPDATE, timeout=httpx2.Timeout(LONGEST, read=0.2))
        assert 1 == len(server.requests)


@both
def test_server_that_comes_back_is_reached(call: Call) -> None:
    """A connection that is dropped without an answer is made again."""
    body = response(200, httpx2.Response(200, json=SUCCESS).content)
    with ScriptedServer(b"", body) as server, reaching(server) as client:
        assert call(client=client, body=UPDATE).success
        assert 2 == len(server.requests)


def test_attempts_are_logged(caplog: pytest.LogCaptureFixture, waits: list[float]) -> None:
    """Each attempt is logged with path, status, code, request id, number and time; so is each wait."""
    with caplog.at_level(logging.DEBUG, logger="carecycle_client"):
        endpoint.sync(client=responding(limited(4, **{"X-Request-Id": "r-1"}), DONE), body=UPDATE)
    logged = [record.getMessage() for record in caplog.records if record.name == "carecycle_client"]
    where = "PATCH /v2/customers/campaign-status: "
    assert logged[0].startswith(where + "429 RATE_LIMIT_EXCEEDED, request id r-1, attempt 1, 0.")
    assert logged[1].startswith(where + "429 RATE_LIMIT_EXCEEDED, request id r-1, again in 4")
    assert logged[2].startswith(where + "200, attempt 2, 0.")
    check_waits([4], waits)
