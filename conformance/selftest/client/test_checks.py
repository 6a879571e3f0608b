"""What a caller gives is refused where it is given, if nothing could be sent with it."""

import math
from typing import Any

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client._exchange import call as call_with
from carecycle_client._operation import Operation, Request, filled
from carecycle_client._schema import SchemaError
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import KEY, SUCCESS, UPDATE, Call, both, reaching, responding
from conformance.selftest.scripted_server import ScriptedServer

DONE = httpx2.Response(200, json=SUCCESS)
OPERATION: Operation[Any, Any] = Operation("GET", "/", idempotent=True, responses={})
REFUSED_URLS = {
    "http://a..b.invalid": "no host has this name",
    "http://.": "no host has this name",
    f"http://{'a' * 64}.invalid": "no host has this name",
    "http://127.0.0.1:99999": "ports go up to 65535",
    "http://127.0.0.1:0": "ports go up to 65535",
    "http://127.0.0.1/v2?a=1": "a query or a fragment",
    "http://127.0.0.1/v2#a": "a query or a fragment",
    "http://user@127.0.0.1": "a user name or a password",
    "http://127.0.0.1:http": "is not a URL",
    "": "is not the URL of a server",
}
REFUSED_HEADERS: dict[str, dict[Any, Any]] = {
    "is not the name of a header": {"a b": "1"},
    "'' is not the name": {"": "1"},
    "x has a value that no header can carry": {"x": "é"},
    "y has a value that no header can carry": {"y": "a\nb"},
    "z has a value that no header can carry": {"z": None},
    "Content-Length follows from the body": {"Content-Length": "3"},
    "transfer-encoding follows from the body": {"transfer-encoding": "chunked"},
}


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_base_url_that_cannot_be_reached_is_refused(url: str) -> None:
    """A host without a name, a port that is none, a query and a fragment end in the constructor."""
    with pytest.raises(ValueError, match=REFUSED_URLS[url]):
        AuthenticatedClient(url, KEY)


def test_base_url_may_be_a_url_of_the_http_library() -> None:
    """An `httpx2.URL` is as good as its text."""
    assert "http://127.0.0.1:9/v2" == AuthenticatedClient(httpx2.URL("http://127.0.0.1:9/v2/"), KEY).base_url


@both
@pytest.mark.parametrize("why", REFUSED_HEADERS)
def test_header_that_cannot_be_sent_is_refused(call: Call, why: str) -> None:
    """A bad header is the caller's mistake: a `ValueError`, with nothing sent."""
    headers = REFUSED_HEADERS[why]
    with ScriptedServer(b"") as server, reaching(server) as client:
        with pytest.raises(ValueError, match=why):
            call(client=client, body=UPDATE, headers=headers)
        with pytest.raises(ValueError, match=why):
            client.with_headers(headers)
        assert 0 == server.connections
    with pytest.raises(ValueError, match=why):
        AuthenticatedClient(token=KEY, headers=headers)


@pytest.mark.parametrize("value", ["a;b", "a\nb", "é", " a", "\x7f"])
def test_cookie_that_cannot_be_sent_is_refused(value: str) -> None:
    """A cookie would end at a `;`, and others could be slipped in behind it."""
    client = responding(DONE)
    for attempt in (
        lambda: AuthenticatedClient(token=KEY, cookies={"a": value}),
        lambda: client.with_cookies({"a": value}),
        lambda: call_with(
            client,
            OPERATION,
            Request("/", cookies={"a": value}),
            timeout=None,
            max_retries=None,
            headers=None,
        ),
    ):
        with pytest.raises(ValueError, match="the cookie a has a value that no cookie can carry"):
            attempt()


def test_header_parameter_that_cannot_be_sent_is_refused() -> None:
    """A header that comes from an argument is looked at as one that the caller names."""
    request = Request("/", headers={"X-P": "a\r\nX-Injected: 1"})
    with pytest.raises(ValueError, match="the header X-P has a value"):
        call_with(responding(DONE), OPERATION, request, timeout=None, max_retries=None, headers=None)


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_path_parameter_stays_in_its_place(text: str) -> None:
    """A text that would lead to another path is refused; elsewhere in a segment it is kept."""
    with pytest.raises(SchemaError, match=r"b: .* would make another path"):
        filled("/{a}/{b}/c", {"a": "1", "b": text})
    assert f"/x{text}/c" == filled("/x{b}/c", {"b": text})
    assert "/a%2F..%2Fb" == filled("/{b}", {"b": "a/../b"})


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"token": ""}, ValueError),
        ({"max_retries": None}, TypeError),
        ({"max_retries": -1}, ValueError),
        ({"max_retries": 1.5}, TypeError),
        ({"timeout": "5"}, TypeError),
        ({"timeout": True}, TypeError),
        ({"timeout": math.nan}, ValueError),
        ({"timeout": -1}, ValueError),
        ({"httpx_args": {"timeout": "5"}}, TypeError),
        ({"max_retry_wait": -1}, ValueError),
        ({"max_retry_wait": math.nan}, ValueError),
        ({"rate_limit": 60}, TypeError),
        ({"rate_limit": None}, TypeError),
    ],
)
def test_setting_that_says_nothing_is_refused(
    settings: dict[str, Any], kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting of the wrong type or value ends in the constructor, and an empty key is no key."""
    monkeypatch.setenv("CARECYCLE_API_KEY", "cc_environment")
    with pytest.raises(kind, match=r"API key|max_retries|timeout|max_retry_wait|rate_limit"):
        AuthenticatedClient(**{"token": KEY, **settings})


@both
@pytest.mark.parametrize("options", [{"timeout": "5"}, {"max_retries": "2"}, {"timeout": math.nan}])
def test_option_of_a_call_that_says_nothing_is_refused(call: Call, options: dict[str, Any]) -> None:
    """An option of a call is looked at as the setting that it takes the place of."""
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        call(client=responding(DONE), body=UPDATE, **options)


def test_closed_client_of_another_is_not_tried_again() -> None:
    """A closed client that was handed in stays closed, however often it is asked."""
    closed = httpx2.Client(verify=False)
    closed.close()
    client = AuthenticatedClient(token=KEY, verify_ssl=False).set_httpx_client(closed)
    with pytest.raises(e.APIConnectionError, match="closed") as raised:
        endpoint.sync(client=client, body=UPDATE)
    assert 1 == raised.value.attempts
