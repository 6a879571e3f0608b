"""Any response ends in a model or one `APIError`; what the contract allows ends in a model."""

import json
import pickle
from typing import Any

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client import models as m
from carecycle_client._objects import Model
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.document import load
from conformance.selftest.client.calls import (
    KEY,
    OPERATION,
    UPDATE,
    Call,
    both,
    reaching,
)
from conformance.selftest.json_values import JSON_VALUES, allowed, close
from conformance.selftest.scripted_server import ScriptedServer

CONTRACT = load()
MODELS: dict[str, type[Model]] = {
    "CampaignStatusUpdated": m.CampaignStatusUpdated,
    "ErrorBody": m.ErrorBody,
    "ValidationErrorBody": m.ValidationErrorBody,
    "RateLimitErrorBody": m.RateLimitErrorBody,
    "ValidationIssue": m.ValidationIssue,
}


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
