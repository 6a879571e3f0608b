"""A key is a string or a callable and never a header, and no constructor or response shows it."""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import Queue
from typing import Any, cast

import httpx2
import pytest
from carecycle_client import AuthenticatedClient, CareCycle, Client
from carecycle_client import errors as e
from carecycle_client._secret import Key
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import KEY, SUCCESS, UPDATE, Call, both, sending

OTHER = "cc_other-9b7e2c"
AS_HEADER = "the header x-api-key is the API key: give it as `token`"
HEADERS: dict[str, dict[str, Any]] = {
    "headers": {"headers": {"X-API-Key": OTHER}},
    "httpx_args": {"httpx_args": {"headers": [("x-api-KEY", OTHER)]}},
    "httpx_args in bytes": {"httpx_args": {"headers": [(b"x-api-key", OTHER.encode())]}},
}
WRONG: dict[str, dict[str, Any]] = {
    **HEADERS,
    "base_url": {"base_url": "not a url"},
    "token": {"token": KEY + "\n"},
    "token in bytes": {"token": KEY.encode()},
    "max_retries": {"max_retries": -1},
    "cookies": {"cookies": {"a": ";"}},
    "rate_limit": {"rate_limit": 7},
    "timeout": {"timeout": "5"},
}


def locals_of(error: BaseException) -> str:
    """The traceback of an error with the locals of the frames of the client."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in found.stack if "carecycle_client" in frame.filename]
    assert frames
    return "\n".join([str(found), *[repr(frame.locals) for frame in frames]])


@pytest.mark.parametrize("where", HEADERS)
@pytest.mark.parametrize("kind", [Client, AuthenticatedClient])
def test_key_as_a_header_is_refused_by_the_constructor(kind: type[Client], where: str) -> None:
    """A header with a key is refused with the reason, as nothing would mask it."""
    with pytest.raises(ValueError, match=AS_HEADER) as raised:
        kind(token=KEY, **HEADERS[where])
    assert OTHER not in str(raised.value)


@both
def test_key_as_a_header_of_a_call_is_refused(call: Call) -> None:
    """A call, a copy and a client that is handed in refuse a header with a key as well."""
    client, requests = sending(200, SUCCESS)
    with pytest.raises(ValueError, match=AS_HEADER):
        call(client=client, body=UPDATE, headers={"X-API-KEY": OTHER})
    with pytest.raises(ValueError, match=AS_HEADER):
        client.with_headers({"x-api-key": OTHER})
    with (
        httpx2.Client(headers={"X-Api-Key": OTHER}, verify=False) as http,
        pytest.raises(ValueError, match=AS_HEADER),
    ):
        client.set_httpx_client(http)
    with pytest.raises(ValueError, match=AS_HEADER):
        client.set_async_httpx_client(httpx2.AsyncClient(headers={"X-Api-Key": OTHER}, verify=False))
    assert [] == requests


def test_key_that_is_put_into_the_http_client_later_is_refused() -> None:
    """A header with a key that httpx2 would add is refused before anything is sent."""
    client, requests = sending(200, SUCCESS)
    client.get_httpx_client().headers["x-api-key"] = OTHER
    with pytest.raises(ValueError, match=AS_HEADER):
        endpoint.sync(client=client, body=UPDATE)
    assert [] == requests


@pytest.mark.parametrize("source", ["token", "environment"])
@pytest.mark.parametrize("setting", WRONG)
def test_constructor_that_raises_shows_no_key(
    setting: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No local of the client's frames has the key, and the half-built client has a repr."""
    monkeypatch.setenv("CARECYCLE_API_KEY", KEY)
    with pytest.raises((TypeError, ValueError)) as raised:
        AuthenticatedClient(**(({"token": KEY} if source == "token" else {}) | WRONG[setting]))
    shown = locals_of(raised.value)
    assert (False, False) == (KEY in shown, OTHER in shown)
    assert "AuthenticatedClient(base_url=" in shown


def test_client_that_was_never_built_has_a_repr() -> None:
    """A debugger can show a client before its constructor ran."""
    assert "AuthenticatedClient(base_url=None)" == repr(object.__new__(AuthenticatedClient))


@both
def test_callable_is_called_for_the_key_of_each_attempt(call: Call) -> None:
    """A key that changes between two attempts is sent as it is then."""
    keys = iter(["cc_first-1", "cc_second-2", "cc_third-3"])
    client, requests = sending(503, {}, token=lambda: next(keys), max_retry_wait=0.01)
    with pytest.raises(e.InternalServerError):
        call(client=client, body=UPDATE)
    assert ["cc_first-1", "cc_second-2", "cc_third-3"] == [one.headers["x-api-key"] for one in requests]


@both
def test_key_of_a_callable_is_masked(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    """The key of this attempt and the one before it are masked as a key that is a string."""
    keys = iter([OTHER, KEY])
    body = {"message": f"not {KEY} but {OTHER}", "code": OTHER}
    client, _ = sending(401, body, token=lambda: next(keys))
    with caplog.at_level(logging.DEBUG):
        for _ in range(2):
            with pytest.raises(e.AuthenticationError) as raised:
                call(client=client, body=UPDATE)
    shown = " ".join(
        [repr(raised.value), str(raised.value), repr(vars(raised.value)), repr(vars(client)), caplog.text]
    )
    assert (False, False) == (KEY in shown, OTHER in shown)
    assert "not *** but ***" in shown


@both
@pytest.mark.parametrize(
    ("returned", "kind", "words"),
    [
        (None, TypeError, "token returned no string, but a value of type NoneType"),
        (KEY.encode(), TypeError, "token returned no string, but a value of type bytes"),
        ("", ValueError, "the API key is empty"),
        (KEY + "\n", ValueError, "a character that a header cannot carry"),
    ],
)
def test_callable_that_returns_no_key_is_an_error_of_the_caller(
    call: Call, returned: object, kind: type[Exception], words: str
) -> None:
    """What a callable returns is checked as a key that is a string, and its error shows no key."""
    client, requests = sending(200, SUCCESS, token=cast("Callable[[], str]", lambda: returned))
    with pytest.raises(kind, match=words) as raised:
        call(client=client, body=UPDATE)
    assert [] == requests
    assert KEY not in locals_of(raised.value)


def test_threads_send_the_keys_that_a_callable_gave_them() -> None:
    """A callable may return another key to each thread, and no thread sends or shows that of another."""
    own = threading.local()
    crossed = Queue[str]()

    def handle(request: httpx2.Request) -> httpx2.Response:
        if json.loads(request.content)["customerId"][:8] not in request.headers["x-api-key"]:
            crossed.put(request.headers["x-api-key"])
        return httpx2.Response(200, json={**SUCCESS, "previousStatus": request.headers["x-api-key"]})

    client = AuthenticatedClient(
        token=lambda: str(own.key), httpx_args={"transport": httpx2.MockTransport(handle)}
    )

    def call(thread: int) -> None:
        own.key = f"cc_own-{thread:08x}"
        body = replace(UPDATE, customer_id=f"{thread:08x}-2fa1-41d2-883f-0016d3cca427")
        for _ in range(60):
            if endpoint.sync(client=client, body=body).previous_status != "***":
                crossed.put("shown")

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(call, range(12)))
    finally:
        sys.setswitchinterval(before)
    assert crossed.empty()


def test_asynchronous_callable_is_refused() -> None:
    """A coroutine is no key. It is closed, so that nothing warns that it was never awaited."""

    async def key() -> str:
        return KEY

    client = AuthenticatedClient(token=cast(Any, key))
    with pytest.raises(TypeError, match="give a function that is not async"):
        endpoint.sync(client=client, body=UPDATE)


@pytest.mark.parametrize(
    "headers",
    [{"X-API-KEY": OTHER}, {"x-api-key ": OTHER}, {"X-Own": OTHER + "\n"}],
    ids=["as a header", "misspelled", "in another header"],
)
@pytest.mark.parametrize("how", ["call", "facade", "copy", "constructor", "httpx_args", "cookie"])
def test_headers_that_are_refused_show_no_key(headers: dict[str, str], how: str) -> None:
    """No local of a frame of the client shows a header or a cookie that is refused."""
    client, _ = sending(200, SUCCESS)
    calls: dict[str, Callable[[], object]] = {
        "call": lambda: endpoint.sync(client=client, body=UPDATE, headers=headers),
        "facade": lambda: CareCycle(token=KEY).customers.update_campaign_status(
            customer_id=UPDATE.customer_id,
            campaign_id=UPDATE.campaign_id,
            status="completed",
            headers=headers,
        ),
        "copy": lambda: client.with_headers(headers),
        "constructor": lambda: CareCycle(token=KEY, headers=headers),
        "httpx_args": lambda: CareCycle(token=KEY, httpx_args={"headers": headers}),
        "cookie": lambda: client.with_cookies({"a": OTHER + ";"}),
    }
    with pytest.raises(ValueError, match=r"header|cookie") as raised:
        calls[how]()
    assert OTHER not in locals_of(raised.value)


@both
def test_what_a_callable_raises_comes_through(call: Call) -> None:
    """A key store that fails is no failure of the network, and its traceback is kept."""

    def broken_store() -> str:
        raise OSError("the key store is closed")

    client, requests = sending(200, SUCCESS, token=broken_store)
    with pytest.raises(OSError, match="the key store is closed") as raised:
        call(client=client, body=UPDATE)
    assert "in broken_store" in "".join(traceback.format_exception(raised.value))
    assert [] == requests


@pytest.mark.parametrize(
    "change", [str.upper, str.swapcase, str.lower, str.title], ids=lambda change: change.__name__
)
def test_key_that_is_sent_back_in_another_letter_case_is_masked(change: Callable[[str], str]) -> None:
    """Body, header and model of a response are without the key, in whatever letter case it came."""
    echo = change(KEY)
    client, _ = sending(
        400, {"message": f"bad {echo}", "code": echo}, {f"x-{echo.lower()}": echo, "x-request-id": echo}
    )
    found = endpoint.sync_detailed(client=client, body=UPDATE)
    with pytest.raises(e.BadRequestError) as raised:
        endpoint.sync(client=client, body=UPDATE)
    shown = repr([found, found.content, found.headers.raw, raised.value, vars(raised.value)])
    assert KEY.lower() not in shown.lower()


def test_masking_leaves_all_else_as_it_was() -> None:
    """Texts of any letters, and bytes that are no text, come back the same."""
    key = Key(KEY)
    text = "İ ß cc_canary \u212a"
    assert text == key.masked(text)
    assert f"İ {text}***" == key.masked(f"İ {text}{KEY.upper()}")
    assert bytes(range(256)) + b"***" == key.masked_bytes(bytes(range(256)) + KEY.swapcase().encode())
