"""Whatever a server answers ends in a model or one `APIError`; what the contract allows ends in a model."""

import gzip
import json
import pickle
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client import models as m
from carecycle_client._call import BODY_LIMIT
from carecycle_client._objects import Model
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.document import load
from conformance.selftest.client.calls import (
    KEY,
    OPERATION,
    SUCCESS,
    UPDATE,
    Call,
    answering,
    both,
    both_detailed,
    reaching,
)
from conformance.selftest.json_values import JSON_VALUES, allowed, close
from conformance.selftest.scripted_server import ScriptedServer, response

CONTRACT = load()
MODELS: dict[str, type[Model]] = {
    "CampaignStatusUpdated": m.CampaignStatusUpdated,
    "ErrorBody": m.ErrorBody,
    "ValidationErrorBody": m.ValidationErrorBody,
    "RateLimitErrorBody": m.RateLimitErrorBody,
    "ValidationIssue": m.ValidationIssue,
}
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
    done = call(client=answering(httpx2.Response(200, json=body)), body=UPDATE)
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
        call(client=answering(answer), body=UPDATE, max_retries=0)
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
    found = call(client=answering(httpx2.Response(status, json=body)), body=UPDATE, max_retries=0)
    assert (status, body, body) == (found.status_code, json.loads(found.content), found.parsed.to_dict())
    assert "application/json" == found.headers["content-type"]


@both_detailed
def test_detailed_call_raises_an_undocumented_status_if_set(call: Callable[..., Any]) -> None:
    """An undocumented status has no model; with `raise_on_unexpected_status` it is raised."""
    found = call(client=answering(httpx2.Response(418)), body=UPDATE)
    assert (418, None) == (found.status_code, found.parsed)
    for status, kind in ((418, e.APIStatusError), (204, e.UnexpectedResponseError)):
        with pytest.raises(kind, match=f"{status}, which is not a documented status"):
            call(client=answering(httpx2.Response(status), raise_on_unexpected_status=True), body=UPDATE)


@both_detailed
def test_detailed_call_raises_a_success_that_is_none(call: Callable[..., Any]) -> None:
    """A 200 without the documented body is no success."""
    with pytest.raises(e.UnexpectedResponseError):
        call(client=answering(httpx2.Response(200, json=[])), body=UPDATE)


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
        endpoint.sync(client=answering(httpx2.Response(status)), body=UPDATE, max_retries=0)
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
        endpoint.sync(client=answering(httpx2.Response(200, content=body)), body=UPDATE)
    assert f"200, the body is not the documented one ({problem}" in str(raised.value)
    assert body == raised.value.body


def test_broken_error_body_is_still_the_error_of_its_status() -> None:
    """A program acts on the status, so a proxy's HTML does not turn a 401 into something else."""
    with pytest.raises(e.AuthenticationError) as raised:
        endpoint.sync(client=answering(httpx2.Response(401, content=b"<html>")), body=UPDATE)
    assert (None, b"<html>") == (raised.value.parsed, raised.value.body)
    assert "not JSON" in str(raised.value)


def test_error_text_is_one_bounded_line() -> None:
    """A huge or hostile body cannot flood or forge a log."""
    hostile = {"message": "\n\x1b[2J\u202e\ud800" * 50_000, "code": "a\r\nb"}
    with pytest.raises(e.NotFoundError) as raised:
        endpoint.sync(
            client=answering(httpx2.Response(404, content=json.dumps(hostile).encode())), body=UPDATE
        )
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 1100


def raised_by(call: Call, **options: Any) -> e.APIError | None:  # noqa: ANN401 - those of a call
    """The error that a call ends in, if it does not end in a model."""
    try:
        assert isinstance(call(**options), m.CampaignStatusUpdated)
    except e.APIError as error:
        return error
    return None


DOCUMENTED = [response.schema for response in OPERATION.responses.values() if response.schema]
BODIES = st.one_of(
    st.binary(),
    JSON_VALUES.map(json.dumps).map(str.encode),
    st.one_of([close(CONTRACT, schema) for schema in DOCUMENTED]).map(json.dumps).map(str.encode),
    st.builds(
        lambda body, encoding: json.dumps(body).encode(encoding),
        allowed(CONTRACT, DOCUMENTED[0]),
        st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]),
    ),
    st.builds(
        lambda body, end: json.dumps(body).encode()[:end],
        allowed(CONTRACT, DOCUMENTED[0]),
        st.integers(0, 80),
    ),
    st.sampled_from([b'{"retryAfter": Infinity}', b"[" * 2000, b"<html>", b'{"code": 1, "code": "a"}']),
)
HEADER_VALUES = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(
            ["application/json", "text/html", "application/json; charset=utf-16", ""]
        ),
        "Content-Encoding": st.sampled_from(["gzip", "deflate", "br", "zstd", "nonsense"]),
        "Retry-After": HEADER_VALUES
        | st.sampled_from(["0", "9" * 400, "Wed, 21 Oct 2015 07:28:00 GMT", "²", "-1"]),
        "Location": HEADER_VALUES
        | st.sampled_from(["/", "//", "http://[", "http://other.invalid/", "ftp://x"]),
        "Set-Cookie": HEADER_VALUES,
        "X-Request-Id": HEADER_VALUES,
    },
)


@both
@given(
    status=st.integers(100, 999) | st.sampled_from([200, 301, 401, 422, 429, 503]),
    headers=HEADERS,
    body=BODIES,
)
def test_any_response_ends_in_a_model_or_an_api_error(
    call: Call, status: int, headers: dict[str, str], body: bytes
) -> None:
    """No bytes make the client raise anything else, and what it raises can be shown and pickled."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    def handle(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, headers=raw, stream=httpx2.ByteStream(body))

    client = AuthenticatedClient(
        token=KEY,
        follow_redirects=bool(status % 2),
        max_retry_wait=0,
        httpx_args={"transport": httpx2.MockTransport(handle)},
    )
    error = raised_by(call, client=client, body=UPDATE, max_retries=1)
    if error is not None:
        assert str(error).isprintable()
        twin = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert (
            type(error),
            str(error),
            error.status,
            error.body,
        ) == (type(twin), str(twin), twin.status, twin.body)
        assert repr(error) == repr(twin)


@settings(max_examples=60)
@given(
    data=st.binary(max_size=200),
    status=st.sampled_from([b"200 OK", b"099 x", b"429", b"1000 x", b"2x0 x", b""]),
)
def test_any_bytes_on_the_wire_end_in_a_model_or_an_api_error(data: bytes, status: bytes) -> None:
    """What is not even HTTP ends no differently."""
    wire = b"HTTP/1.1 " + status + b"\r\nContent-Length: 20\r\n" + data if status else data
    with ScriptedServer(wire) as server, reaching(server, timeout=5) as client:
        assert raised_by(endpoint.sync, client=client, body=UPDATE, max_retries=0) is not None


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data())
def test_what_the_contract_allows_survives_a_round_trip(name: str, data: st.DataObject) -> None:
    """Every body that the contract allows parses, and comes back the same up to the case of its UUIDs."""
    body = data.draw(allowed(CONTRACT, CONTRACT.schema(name)))
    ids = {"customerCampaignId"} if name == "CampaignStatusUpdated" else set()
    expected = {key: value.lower() if key in ids else value for key, value in body.items()}
    assert expected == MODELS[name].from_dict(body).to_dict()


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data())
def test_decoding_agrees_with_the_schema(name: str, data: st.DataObject) -> None:
    """A body parses if, and only if, a JSON Schema validator lets it through."""
    body = data.draw(close(CONTRACT, CONTRACT.schema(name)))
    try:
        MODELS[name].from_dict(body)
    except ValueError:
        parsed = False
    else:
        parsed = True
    assert CONTRACT.validator(CONTRACT.schema(name)).is_valid(body) == parsed


def test_huge_body_is_cut_off() -> None:
    """A body beyond the limit is not read to its end, packed or not."""
    packed = gzip.compress(b" " * (BODY_LIMIT + 1))
    answer = httpx2.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx2.ByteStream(packed))
    with pytest.raises(e.UnexpectedResponseError, match=f"longer than {BODY_LIMIT} bytes"):
        endpoint.sync(client=answering(answer), body=UPDATE)


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
        endpoint.sync(client=answering(answer), body=UPDATE)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "[1e400]"])
def test_number_beyond_all_bounds_is_refused(text: str) -> None:
    """A number that Python takes for infinite could be read, and not be written again."""
    body = json.dumps(SUCCESS)[:-1] + f', "more": {text}}}'
    with pytest.raises(e.UnexpectedResponseError, match="is infinite"):
        endpoint.sync(client=answering(httpx2.Response(200, text=body)), body=UPDATE)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_pickles_what_a_call_gives(protocol: int) -> None:
    """Models, errors and responses travel with the oldest protocol of pickle as with the newest."""
    client = answering(
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
        endpoint.sync(client=answering(answer, follow_redirects=True), body=UPDATE)
