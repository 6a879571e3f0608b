"""What clients share does not let one disturb another, and an error keeps what came of a response."""

import asyncio
import gzip
import json
import threading
import time
from datetime import UTC, datetime

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client._call import BODY_LIMIT
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import KEY, SUCCESS, UPDATE, Call, both, reaching, responding
from conformance.selftest.scripted_server import ScriptedServer, response
from conformance.selftest.waiting import LONGEST, wait_until

DONE = httpx2.Response(200, json=SUCCESS)


def junk(status: int, **headers: str) -> httpx2.Response:
    """A response that says it is compressed, and is not."""
    stream = httpx2.ByteStream(b"junk")
    return httpx2.Response(status, stream=stream, headers={"content-encoding": "gzip", **headers})


def sent(client: AuthenticatedClient, headers: dict[str, str]) -> httpx2.Request:
    """The request that a client sends."""
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json=SUCCESS)

    client.set_httpx_client(httpx2.Client(transport=httpx2.MockTransport(answer)))
    endpoint.sync(client=client, body=UPDATE, headers=headers)
    return requests[0]


def test_leaving_a_copy_leaves_a_call_in_flight_alone() -> None:
    """A call that waits to try again is not ended by the end of a copy's with block."""
    with ScriptedServer(response(503, b"{}"), response(200, json.dumps(SUCCESS).encode())) as server:
        client = reaching(server)
        results: list[object] = []
        thread = threading.Thread(target=lambda: results.append(endpoint.sync(client=client, body=UPDATE)))
        thread.start()
        wait_until(lambda: server.requests)
        with client.with_timeout(3):
            pass
        thread.join(LONGEST)
    assert 1 == len(results)


def test_client_that_was_closed_is_no_surprise() -> None:
    """A client that was handed in and closed since gives the error of a connection."""
    closed = httpx2.Client()
    closed.close()
    with pytest.raises(e.APIConnectionError, match="closed"):
        endpoint.sync(client=responding(DONE).set_httpx_client(closed), body=UPDATE, max_retries=0)


def test_asynchronous_client_that_was_closed_is_no_surprise() -> None:
    """In an event loop a client that was closed gives the same error."""

    async def work() -> None:
        closed = httpx2.AsyncClient()
        await closed.aclose()
        await endpoint.asyncio(
            client=responding(DONE).set_async_httpx_client(closed), body=UPDATE, max_retries=0
        )

    with pytest.raises(e.APIConnectionError, match="closed"):
        asyncio.run(work())


@both
def test_mistake_of_a_transport_is_not_hidden(call: Call) -> None:
    """An error that belongs to no response comes through as it is."""
    with pytest.raises(RuntimeError, match="a mistake"):
        call(client=responding(RuntimeError("a mistake")), body=UPDATE)


def test_leaving_an_asynchronous_copy_closes_nothing() -> None:
    """The connections of an event loop belong to the client that they were made for as well."""

    async def work(client: AuthenticatedClient) -> None:
        async with client:
            http = client.get_async_httpx_client()
            async with client.with_timeout(3) as copy:
                assert http is copy.get_async_httpx_client()
            assert http is client.get_async_httpx_client()
        assert http.is_closed

    asyncio.run(work(responding(DONE)))


def test_header_given_in_another_case_replaces_the_one_before() -> None:
    """Header names have no case: what a caller gives is sent once."""
    client = AuthenticatedClient(token=KEY, headers={"user-agent": "mine", "ACCEPT": "text/x"})
    request = sent(client, headers={"content-type": "application/json; charset=utf-8"})
    for name, value in (
        ("user-agent", "mine"),
        ("accept", "text/x"),
        ("content-type", "application/json; charset=utf-8"),
    ):
        assert [value] == request.headers.get_list(name)


def test_copy_with_connections_of_its_own_leaves_the_original_alone() -> None:
    """What is handed to a copy, or changed in it, does not show in the client that it was made of."""
    client = AuthenticatedClient(token=KEY, headers={"x-one": "1"})
    copy = client.with_timeout(2)
    mine = httpx2.Client()
    copy.set_httpx_client(mine)
    copy.headers["x-two"] = "2"
    assert mine is copy.get_httpx_client()
    assert mine is not client.get_httpx_client()
    assert "x-two" not in client.headers
    mine.close()


@pytest.mark.parametrize("token", ["1", "success", "pending"])
def test_short_key_is_not_looked_for_in_answers(token: str) -> None:
    """A key that stands in an answer by chance does not spoil it."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json=SUCCESS))
    client = AuthenticatedClient(token=token, httpx_args={"transport": transport})
    assert SUCCESS == endpoint.sync(client=client, body=UPDATE).to_dict()


def test_escaped_key_in_an_answer_is_masked() -> None:
    """A key that JSON escapes hide from a search in the text is found as well."""
    key = "cc_ab/cd+ef012345"
    body = b'{"message": "no cc_ab\\/cd\\u002Bef012345", "code": "UNAUTHORIZED"}'
    transport = httpx2.MockTransport(lambda _: httpx2.Response(401, content=body))
    client = AuthenticatedClient(token=key, httpx_args={"transport": transport})
    with pytest.raises(e.AuthenticationError) as raised:
        endpoint.sync(client=client, body=UPDATE)
    assert "cd+ef" not in str(raised.value)
    assert "ef012345" not in repr(raised.value.body)
    assert "***" in raised.value.parsed.message


@both
@pytest.mark.parametrize(
    ("answer", "kind", "status"),
    [
        (httpx2.Response(500, content=b" " * (BODY_LIMIT + 1)), e.InternalServerError, 500),
        (httpx2.Response(200, content=b" " * (BODY_LIMIT + 1)), e.UnexpectedResponseError, 200),
        (junk(404), e.NotFoundError, 404),
    ],
    ids=["long-500", "long-200", "bad-gzip-404"],
)
def test_response_that_breaks_off_keeps_what_came(
    call: Call, answer: httpx2.Response, kind: type[e.APIError], status: int
) -> None:
    """The error of a response that could not be read has its status and its headers."""
    answer.headers["x-request-id"] = "r-1"
    with pytest.raises(kind) as raised:
        call(client=responding(answer), body=UPDATE, max_retries=0)
    assert (status, "r-1") == (raised.value.status, raised.value.request_id)
    assert raised.value.headers is not None


def test_response_that_is_cut_short_is_waited_for_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 whose body breaks off still says how long to wait, in its header."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    assert endpoint.sync(client=responding(junk(429, **{"retry-after": "7"}), DONE), body=UPDATE).success
    assert 7 <= waits[0] <= 7.8


def test_date_without_a_zone_is_in_universal_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A date in the oldest of the HTTP forms names no zone, and means UTC wherever it is read."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        waits: list[float] = []
        monkeypatch.setattr(time, "sleep", waits.append)
        soon = datetime(2026, 1, 31, 23, 59, 50, tzinfo=UTC)
        monkeypatch.setattr("carecycle_client._received.time", lambda: soon.timestamp() - 20)
        when = soon.strftime("%a %b %d %H:%M:%S %Y")
        busy = httpx2.Response(503, headers={"retry-after": when})
        assert endpoint.sync(client=responding(busy, DONE), body=UPDATE).success
        assert 20 <= waits[0] <= 22.1
    finally:
        monkeypatch.undo()
        time.tzset()


def test_redirect_that_changes_the_method_is_not_followed() -> None:
    """An answer to a GET is not taken for the answer to a PATCH."""
    client = responding(
        httpx2.Response(302, headers={"location": "/v2/elsewhere"}), DONE, follow_redirects=True
    )
    with pytest.raises(e.UnexpectedResponseError, match="302"):
        endpoint.sync(client=client, body=UPDATE)


def test_address_that_is_none_is_a_value_error() -> None:
    """An address that cannot be read is refused in words."""
    with pytest.raises(ValueError, match="base_url"):
        AuthenticatedClient(token=KEY, base_url="http://[::1")


def test_gzip_still_decodes() -> None:
    """A body that was compressed is read like any other."""
    body = gzip.compress(json.dumps(SUCCESS).encode())
    answer = httpx2.Response(200, content=body, headers={"content-encoding": "gzip"})
    assert endpoint.sync(client=responding(answer), body=UPDATE).success
