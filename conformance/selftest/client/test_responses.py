"""A documented response ends in its model or error, and a broken one in an error that says why."""

import gzip
import json
import pickle
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client._call import BODY_LIMIT
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import (
    KEY,
    OPERATION,
    SUCCESS,
    UPDATE,
    Call,
    both,
    both_detailed,
    reaching,
    responding,
)
from conformance.selftest.scripted_server import ScriptedServer, response

ERRORS = {
    400: e.BadRequestError,
    401: e.AuthenticationError,
    403: e.PermissionDeniedError,
    404: e.NotFoundError,
    422: e.UnprocessableEntityError,
    429: e.RateLimitError,
    500: e.InternalServerError,
}


@both
def test_success_is_the_documented_model(call: Call) -> None:
    """The model of a 200 has the values of the body, as Python types, and what the contract lacks besides."""
    body = {**OPERATION.success.example, "since": 1}
    done = call(client=responding(httpx2.Response(200, json=body)), body=UPDATE)
    assert (True, "in_progress", "completed") == (done.success, done.previous_status, done.new_status)
    assert body["customerCampaignId"] == str(done.customer_campaign_id)
    assert {"since": 1} == done.additional_properties


@both
@pytest.mark.parametrize("status", ERRORS)
def test_documented_error_is_raised_by_its_name(call: Call, status: int) -> None:
    """Each documented error status has its class, which carries all that is known of the response."""
    body = OPERATION.responses[status].example
    answer = httpx2.Response(status, json=body, headers={"X-Request-Id": "r-1"})
    with pytest.raises(ERRORS[status]) as raised:
        call(client=responding(answer), body=UPDATE, max_retries=0)
    error = raised.value
    assert ("PATCH", "https://api.carecycle.ai/v2/customers/campaign-status") == (error.method, error.url)
    assert (status, "r-1", 1) == (error.status, error.request_id, error.attempts)
    assert error.headers is not None
    assert "application/json" == error.headers["content-type"]
    assert (body, body) == (json.loads(error.body), error.parsed.to_dict())
    assert f"{status}, code {body['code']!r}, message {body['message']!r}" in str(error)


@both_detailed
@pytest.mark.parametrize("status", [200, *ERRORS])
def test_detailed_call_returns_every_documented_response(call: Callable[..., Any], status: int) -> None:
    """The detailed functions raise for no status, and parse what is documented."""
    body = OPERATION.responses[status].example
    found = call(client=responding(httpx2.Response(status, json=body)), body=UPDATE, max_retries=0)
    assert (status, body, body) == (found.status_code, json.loads(found.content), found.parsed.to_dict())
    assert "application/json" == found.headers["content-type"]


@both_detailed
def test_detailed_call_raises_an_undocumented_status_if_set(call: Callable[..., Any]) -> None:
    """An undocumented status has no model; with `raise_on_unexpected_status` it is raised."""
    found = call(client=responding(httpx2.Response(418)), body=UPDATE)
    assert (418, None) == (found.status_code, found.parsed)
    for status, kind in ((418, e.APIStatusError), (204, e.UnexpectedResponseError)):
        with pytest.raises(kind, match=f"{status}, which is not a documented status"):
            call(client=responding(httpx2.Response(status), raise_on_unexpected_status=True), body=UPDATE)


@both_detailed
def test_detailed_call_raises_a_success_that_is_none(call: Callable[..., Any]) -> None:
    """A 200 without the documented body is no success."""
    with pytest.raises(e.UnexpectedResponseError):
        call(client=responding(httpx2.Response(200, json=[])), body=UPDATE)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (100, e.UnexpectedResponseError),
        (201, e.UnexpectedResponseError),
        (304, e.UnexpectedResponseError),
        (402, e.APIStatusError),
        (408, e.APIStatusError),
        (409, e.APIStatusError),
        (415, e.APIStatusError),
        (499, e.APIStatusError),
        (502, e.InternalServerError),
        (520, e.InternalServerError),
        (600, e.UnexpectedResponseError),
        (999, e.UnexpectedResponseError),
    ],
)
def test_undocumented_status_is_raised(status: int, kind: type[e.APIError]) -> None:
    """A 4xx or 5xx that the contract lacks is an `APIStatusError`; any other status is unexpected."""
    with pytest.raises(kind) as raised:
        endpoint.sync(client=responding(httpx2.Response(status)), body=UPDATE, max_retries=0)
    assert (kind, status) == (type(raised.value), raised.value.status)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"\\", "not JSON"),
        (b'{"success": true', "not JSON"),
        ('{"success": "é"}'.encode("latin-1"), "not JSON: 'utf-8'"),
        (b"[]", "expected an object, got a list"),
        (b"null", "expected an object, got None"),
        (b"{}", "success: is missing"),
        (b'{"success": NaN}', "not JSON: NaN"),
        (b'{"success": 1}', "success: expected a boolean, got 1"),
        (b"9" * 5000, "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "nested too deeply"),
        (b"[" * 200 + b"]" * 200, "nested too deeply"),
        (b"[" + b"[],[]," * 100 + b"[]]", "expected an object, got a list"),
    ],
)
def test_broken_success_is_unexpected_and_says_why(body: bytes, problem: str) -> None:
    """A 200 whose body is not the documented one names what is wrong with it, and keeps the body."""
    with pytest.raises(e.UnexpectedResponseError) as raised:
        endpoint.sync(client=responding(httpx2.Response(200, content=body)), body=UPDATE)
    assert f"200, the body is not the documented one ({problem}" in str(raised.value)
    assert body == raised.value.body


def test_broken_error_body_is_still_the_error_of_its_status() -> None:
    """A program acts on the status, so a proxy's HTML does not turn a 401 into something else."""
    with pytest.raises(e.AuthenticationError) as raised:
        endpoint.sync(client=responding(httpx2.Response(401, content=b"<html>")), body=UPDATE)
    assert (None, b"<html>") == (raised.value.parsed, raised.value.body)
    assert "not JSON" in str(raised.value)


def test_error_text_is_one_bounded_line() -> None:
    """A huge or hostile body cannot flood or forge a log."""
    hostile = {"message": "\n\x1b[2J\u202e\ud800" * 50_000, "code": "a\r\nb"}
    with pytest.raises(e.NotFoundError) as raised:
        endpoint.sync(
            client=responding(httpx2.Response(404, content=json.dumps(hostile).encode())), body=UPDATE
        )
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 1100


def test_huge_body_is_cut_off() -> None:
    """A body beyond the limit is not read to its end, packed or not."""
    packed = gzip.compress(b" " * (BODY_LIMIT + 1))
    answer = httpx2.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx2.ByteStream(packed))
    with pytest.raises(e.UnexpectedResponseError, match=f"longer than {BODY_LIMIT} bytes"):
        endpoint.sync(client=responding(answer), body=UPDATE)


def test_truncated_response_is_a_connection_error() -> None:
    """A response that ends early is none."""
    with (
        ScriptedServer(response(200, b'{"success": true}')[:-5]) as server,
        reaching(server) as client,
        pytest.raises(e.APIConnectionError, match="RemoteProtocolError"),
    ):
        endpoint.sync(client=client, body=UPDATE, max_retries=0)


@both
def test_redirect_is_followed_within_the_origin_only(call: Call) -> None:
    """A redirect is followed when asked for, and never takes the key to another host."""
    answers = {
        "/v2/customers/campaign-status": httpx2.Response(307, headers={"Location": "/moved"}),
        "/moved": httpx2.Response(308, headers={"Location": "https://other.invalid/"}),
    }
    asked: list[httpx2.URL] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url)
        assert KEY == request.headers["x-api-key"]
        return answers[request.url.path]

    arguments: dict[str, Any] = {"token": KEY, "httpx_args": {"transport": httpx2.MockTransport(handle)}}
    with pytest.raises(e.UnexpectedResponseError, match="307"):
        call(client=AuthenticatedClient(**arguments), body=UPDATE)
    with pytest.raises(e.UnexpectedResponseError, match="308"):
        call(client=AuthenticatedClient(**arguments, follow_redirects=True), body=UPDATE)
    assert ["api.carecycle.ai"] * 3 == [url.host for url in asked]


def test_redirect_that_is_not_followed_says_where_it_leads() -> None:
    """The error names the target, and the setting that would follow it."""
    answer = httpx2.Response(307, headers={"Location": "/elsewhere"})
    with pytest.raises(
        e.UnexpectedResponseError, match=r"a redirect to '/elsewhere', not followed \(follow_redir"
    ):
        endpoint.sync(client=responding(answer), body=UPDATE)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "[1e400]"])
def test_number_beyond_all_bounds_is_refused(text: str) -> None:
    """A number that Python takes for infinite could be read, and not be written again."""
    body = json.dumps(SUCCESS)[:-1] + f', "more": {text}}}'
    with pytest.raises(e.UnexpectedResponseError, match="is infinite"):
        endpoint.sync(client=responding(httpx2.Response(200, text=body)), body=UPDATE)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_pickles_what_a_call_gives(protocol: int) -> None:
    """Models, errors and responses travel with the oldest protocol of pickle as with the newest."""
    client = responding(
        httpx2.Response(200, json={**SUCCESS, "more": 1}),
        httpx2.Response(404, json=OPERATION.responses[404].example),
    )
    found = endpoint.sync_detailed(client=client, body=UPDATE)
    with pytest.raises(e.NotFoundError) as raised:
        endpoint.sync(client=client, body=UPDATE)
    again: Any = pickle.loads(pickle.dumps((found, raised.value, UPDATE), protocol))  # noqa: S301 - our own
    assert (found, UPDATE, raised.value.parsed) == (again[0], again[2], again[1].parsed)


def test_endless_redirect_ends() -> None:
    """A redirect to itself is given up."""
    answer = httpx2.Response(307, headers={"Location": "/v2/customers/campaign-status"})
    with pytest.raises(e.UnexpectedResponseError, match="307"):
        endpoint.sync(client=responding(answer, follow_redirects=True), body=UPDATE)
