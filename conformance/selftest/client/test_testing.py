"""The transport for users' unit tests answers from the contract, without network and without waits."""

import asyncio
import copy
import importlib
import json
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
import yaml
from carecycle_client import AsyncCareCycle, AuthenticatedClient, CareCycle
from carecycle_client import errors as e
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.testing import Responses, Sent, responds

from conformance.contract.document import Contract, load
from conformance.selftest.client.calls import KEY, OPERATION, UPDATE
from scripts.generator.regenerate import make

FIELDS: Any = {"customer_id": UPDATE.customer_id, "campaign_id": UPDATE.campaign_id, "status": "completed"}


@pytest.fixture(autouse=True)
def no_network_and_no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every socket that is connected and every sleep an error."""

    def refuse(*_arguments: object) -> None:
        raise AssertionError("there is a network, or a wait")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(time, "sleep", refuse)


def facade(server: Responses, **settings: Any) -> CareCycle:  # noqa: ANN401 - those of a client
    """A client of the facade that gets these responses."""
    return CareCycle(token=KEY, httpx_args={"transport": server}, **settings)


def call_async(server: Responses, **settings: Any) -> Any:  # noqa: ANN401 - those of a client, to its model
    """Call the asynchronous facade once."""

    async def work() -> Any:  # noqa: ANN401 - as above
        async with AsyncCareCycle(token=KEY, httpx_args={"transport": server}, **settings) as carecycle:
            return await carecycle.customers.update_campaign_status(**FIELDS)

    return asyncio.run(work())


@pytest.mark.parametrize("status", sorted(OPERATION.responses))
def test_each_documented_status_has_the_example_of_the_contract(status: int) -> None:
    """The body is the contract's typical one, and is read as the documented model."""
    expected = OPERATION.responses[status].example
    found = endpoint.sync_detailed(
        client=AuthenticatedClient(token=KEY, httpx_args={"transport": responds(status)}, max_retries=0),
        body=UPDATE,
    )
    parsed: Any = found.parsed
    assert (status, expected) == (found.status_code, json.loads(found.content))
    assert expected == parsed.to_dict()


def test_error_is_raised_as_the_server_would_cause_it() -> None:
    """`responds(404)` is a `NotFoundError` with its code, for either kind of client."""
    with pytest.raises(e.NotFoundError) as raised:
        facade(responds(404)).customers.update_campaign_status(**FIELDS)
    assert ("NOT_FOUND", 404) == (raised.value.code, raised.value.status)
    with pytest.raises(e.NotFoundError):
        call_async(responds(404))


def test_undocumented_status_has_an_empty_body() -> None:
    """A status that the contract lacks is an error of its family."""
    with pytest.raises(e.APIStatusError) as raised:
        facade(responds(409)).customers.update_campaign_status(**FIELDS)
    assert (409, b"") == (raised.value.status, raised.value.body)


def test_success_is_the_response_where_none_is_planned() -> None:
    """`responds()` gives each operation its documented success."""
    assert facade(responds()).customers.update_campaign_status(**FIELDS).success
    assert call_async(responds()).success


def test_sequence_is_given_one_by_one_and_waits_take_no_time() -> None:
    """A 429 that asks for a minute is retried at once, and the wait is noted; the last response stays."""
    server = responds(429, 503, 200)
    carecycle = facade(server, max_retry_wait=70)
    for _ in range(3):
        assert carecycle.customers.update_campaign_status(**FIELDS).success
    first, second = server.waits
    assert (5, True, True) == (len(server.requests), 60 <= first <= 66.2, second <= 1)
    again = responds(429, 200)
    assert call_async(again).success
    assert 1 == len(again.waits)


def test_rate_limit_takes_no_time() -> None:
    """More calls than the limit allows pass at once."""
    server = responds()
    carecycle = facade(server, rate_limit=True)
    for _ in range(70):
        carecycle.customers.update_campaign_status(**FIELDS)
    assert 70 == len(server.requests)


def test_exceptions_and_whole_responses_can_be_planned() -> None:
    """An exception is raised, and a response is given as it is, as often as it is asked for."""
    refused = httpx2.ConnectError("refused")
    body = {**OPERATION.success.example, "newStatus": "failed"}
    given = httpx2.Response(200, json=body, headers={"X-Request-Id": "r-1"})
    server = responds(refused, given)
    for _ in range(2):
        assert "failed" == facade(server).customers.update_campaign_status(**FIELDS).new_status
    with pytest.raises(e.APIConnectionError):
        facade(responds(refused)).customers.update_campaign_status(**FIELDS)
    with pytest.raises(ZeroDivisionError):
        call_async(responds(ZeroDivisionError("a bug of a fake")))
    detailed = endpoint.sync_detailed(client=facade(responds(given)), body=UPDATE)
    assert "r-1" == detailed.headers["x-request-id"]


def test_recorder_has_what_was_sent_and_no_key() -> None:
    """Operation, method, path, body and headers are recorded, with the key masked."""
    server = responds(503, 200)
    carecycle = facade(server, base_url="https://example.com/behind/a%20gateway")
    carecycle.customers.update_campaign_status(**FIELDS, headers={"X-Trace": "1"})
    expected = Sent(
        operation="updateCustomerCampaignStatus",
        method="PATCH",
        path="/behind/a%20gateway/v2/customers/campaign-status",
        body=UPDATE.to_dict(),
        headers=server.requests[0].headers,
    )
    assert [expected, expected] == [
        Sent(one.operation, one.method, one.path, one.body, one.query, expected.headers)
        for one in server.requests
    ]
    assert ("1", "***") == (expected.headers["x-trace"], expected.headers["x-api-key"])
    assert KEY not in repr([vars(server), [dict(one.headers) for one in server.requests]])


def test_transport_can_be_handed_in_and_shared_by_threads() -> None:
    """An httpx2 client with the transport takes no time to wait either, and threads may share it."""
    server = responds(429, 200)
    client = AuthenticatedClient(token=KEY, max_retry_wait=70)
    client.set_httpx_client(httpx2.Client(transport=server))
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(endpoint.sync, client=client, body=UPDATE) for _ in range(40)]
        assert [True] * 40 == [call.result().success for call in calls]
    assert 41 == len(server.requests)


@pytest.mark.parametrize("wrong", [True, "404", None, 404.0, Exception])
def test_response_of_another_type_is_refused(wrong: Any) -> None:  # noqa: ANN401 - anything
    """What is no status, response or exception is a `TypeError` when it is planned."""
    with pytest.raises(TypeError, match="a response is a status"):
        responds(200, wrong)


@pytest.mark.parametrize("wrong", [0, 99, 101, 600, -404])
def test_number_that_is_no_status_is_refused(wrong: int) -> None:
    """A number outside of the statuses that end a request is a `ValueError`."""
    with pytest.raises(ValueError, match="a status is a number from 200 to 599"):
        responds(wrong)


def test_request_of_no_operation_says_so() -> None:
    """Somebody else's request through the transport is a `LookupError` that names it."""
    with (
        httpx2.Client(transport=responds()) as client,
        pytest.raises(LookupError, match="GET /nowhere is no operation of the contract"),
    ):
        client.get("http://127.0.0.1:9/nowhere")


MORE = yaml.safe_load(r"""
paths:
  /v2/visits/{visitId}/notes/{note}:
    parameters:
      - {name: visitId, in: path, required: true, schema: {type: string}}
      - {name: note, in: path, required: true, schema: {type: string}}
    get:
      operationId: readNote
      tags: [Visits]
      summary: Read
      parameters: [{name: words, in: query, schema: {type: array, items: {type: string}}}]
      responses:
        '200':
          description: The note.
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
        '404':
          description: None.
          content:
            application/problem+json:
              schema: {type: object, properties: {title: {type: string}}}
              examples: {typical: {value: {title: None here}}}
        '410': {description: Gone.}
        '422':
          description: No value is easily found.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Coded'}
  /v2/visits/{visitId}/notes/latest:
    parameters: [{name: visitId, in: path, required: true, schema: {type: string}}]
    get:
      operationId: readLatestNote
      tags: [Visits]
      summary: Latest
      responses: {'204': {description: Nothing.}}
components:
  schemas:
    Note:
      type: object
      required: [id, at, day, size, ratio, kind, tags, author, animal, secret, maybe, never]
      properties:
        id: {type: string, format: uuid}
        at: {type: string, format: date-time}
        day: {type: string, format: date}
        size: {type: integer, minimum: 3, multipleOf: 5}
        ratio: {type: number, exclusiveMinimum: 0, exclusiveMaximum: 1}
        kind: {type: string, enum: [long, short]}
        tags: {type: array, minItems: 2, uniqueItems: true, items: {type: string, minLength: 8}}
        author: {$ref: '#/components/schemas/Author'}
        animal:
          oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
          discriminator: {propertyName: type, mapping: {meow: '#/components/schemas/Cat'}}
        secret: {type: string, writeOnly: true}
        maybe: {type: [string, 'null'], maxLength: 3}
        never: {const: 7}
    Author:
      allOf:
        - {type: object, required: [name], properties: {name: {type: string, maxLength: 4}}}
        - type: object
          required: [friend]
          properties: {friend: {anyOf: [{type: 'null'}, {$ref: '#/components/schemas/Author'}]}}
    Coded: {type: object, required: [x], properties: {x: {type: string, pattern: '^q[uv]{3}-\d{9}$'}}}
    Cat: {type: object, required: [type], properties: {type: {type: string}}}
    Dog: {type: object, required: [type], properties: {type: {type: string}}}
""")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The client of a contract with more operations and few examples, under another name."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    raw["paths"].update(MORE["paths"])
    raw["components"]["schemas"].update(MORE["components"]["schemas"])
    directory = tmp_path_factory.mktemp("grown")
    make(Contract(raw), directory / "visited_client")
    sys.path.insert(0, str(directory))
    try:
        for module in ("testing", "models", "api.visits.read_note", "api.visits.read_latest_note"):
            importlib.import_module(f"visited_client.{module}")
        yield importlib.import_module("visited_client")
    finally:
        sys.path.remove(str(directory))


def test_operation_of_a_grown_contract_has_responses(grown: Any) -> None:  # noqa: ANN401 - generated
    """Without an example in the contract the body is one that its schema allows."""
    server = grown.testing.responds()
    client = grown.CareCycle(token=KEY, httpx_args={"transport": server})
    note = client.visits.read_note(visit_id="a/b", note="first", words=["x", "y"])
    assert ("Cat", "long", 7) == (type(note.animal).__name__, note.kind.value, note.never)
    assert client.visits.read_latest_note(visit_id="a/b") is None
    read, latest = server.requests
    assert ("readNote", "/v2/visits/a%2Fb/notes/first", (("words", "x"), ("words", "y"))) == (
        read.operation, read.path, read.query
    )  # fmt: skip
    assert ("readLatestNote", None) == (latest.operation, latest.body)


def test_errors_of_a_grown_contract_have_their_media_type(grown: Any) -> None:  # noqa: ANN401 - generated
    """A problem document is one, and a status without a body has none."""
    for status, body in [(404, {"title": "None here"}), (410, None)]:
        client = grown.CareCycle(token=KEY, httpx_args={"transport": grown.testing.responds(status)})
        with pytest.raises(grown.APIStatusError) as raised:
            client.visits.read_note(visit_id="v", note="n")
        assert (status, body) == (raised.value.status, json.loads(raised.value.body or b"null"))


def test_status_without_an_example_asks_for_a_response(grown: Any) -> None:  # noqa: ANN401 - generated
    """Where no value was found, the error says what to give in its place."""
    client = grown.CareCycle(token=KEY, httpx_args={"transport": grown.testing.responds(422)})
    with pytest.raises(LookupError, match=r"no example of a 422 of readNote; give an httpx2\.Response"):
        client.visits.read_note(visit_id="v", note="n")
