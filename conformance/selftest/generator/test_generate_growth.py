"""What a contract may grow into works when it is generated: names, lists, choices, limits and times."""

import asyncio
import copy
import datetime
import importlib
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
import yaml

from conformance.contract.document import Contract, load
from scripts.generator.regenerate import make

MORE = yaml.safe_load(r"""
paths:
  /v2/calls:
    parameters:
      - {name: timeout, in: query, schema: {type: integer, minimum: 1, multipleOf: 5}}
      - {name: headers, in: header, schema: {type: string, maxLength: 3}}
      - {$ref: '#/components/parameters/Call'}
    get:
      operationId: listCalls
      parameters:
        - {name: client, in: query, schema: {type: string, pattern: ^c}}
        - {name: request, in: query, schema: {type: string}}
        - {name: body, in: query, schema: {type: string}}
        - {name: encoded, in: query, schema: {type: boolean}}
        - {name: max_retries, in: cookie, schema: {type: string}}
        - {name: datetime, in: query, schema: {type: string, format: date}}
        - name: tag
          in: query
          explode: true
          schema: {type: array, maxItems: 3, items: {type: string, minLength: 2}}
        - name: size
          in: query
          schema: {anyOf: [{type: integer, maximum: 9}, {type: string, pattern: ^all$}]}
      responses:
        '200':
          description: The calls.
          content: {application/json: {schema: {$ref: '#/components/schemas/Calls'}}}
        '429':
          description: Later.
          content: {application/json: {schema: {$ref: '#/components/schemas/Later'}}}
    post:
      operationId: makeCall
      security: []
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Calls'}}}
      responses:
        '204': {description: Made.}
components:
  parameters:
    Call: {name: call, in: query, schema: {type: number, exclusiveMaximum: 2}}
  schemas:
    Later:
      type: object
      required: [pause]
      properties:
        pause: {type: integer, x-retry-after: seconds}
    Calls:
      type: object
      properties:
        field: {type: string}
        dataclass: {type: string}
        additional_properties: {type: string}
        to_dict: {type: string}
        from_dict: {type: integer}
        wait_fields: {type: integer}
        at: {type: string, format: date-time}
        day: {type: string, format: date}
        share: {type: number, multipleOf: 0.1}
        names: {type: array, minItems: 1, maxItems: 2, uniqueItems: true, items: {type: string}}
        choice:
          oneOf:
            - {type: string, format: uuid, pattern: ^0}
            - {type: array, items: {type: integer, minimum: 3}}
        note: {type: [string, 'null'], maxLength: 2}
        level: {allOf: [{$ref: '#/components/schemas/Level'}], description: How loud.}
        maps: {type: object, additionalProperties: {type: integer, maximum: 5}}
        exact: {type: object, additionalProperties: false, properties: {a: {type: string}}}
        state: {enum: [up, down, null]}
    Level: {type: string, pattern: ^l}
""")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The client of the grown contract, under another name."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    raw["paths"].update(MORE["paths"])
    raw["components"]["parameters"] = MORE["components"]["parameters"]
    raw["components"]["schemas"].update(MORE["components"]["schemas"])
    for name in ("x-rate-limit", "security"):
        del raw[name]
    del raw["info"]["summary"]
    directory = tmp_path_factory.mktemp("grown")
    make(Contract(raw), directory / "larger_client")
    sys.path.insert(0, str(directory))
    try:
        for module in ("errors", "models", "api.default.list_calls", "api.default.make_call"):
            importlib.import_module(f"larger_client.{module}")
        return importlib.import_module("larger_client")
    finally:
        sys.path.remove(str(directory))


def asked(client: Any, *answers: httpx2.Response, **arguments: Any) -> list[httpx2.Request]:  # noqa: ANN401 - a generated module
    """What is sent by a call that gets these responses."""
    sent: list[httpx2.Request] = []
    given = list(answers) or [httpx2.Response(200, json={})]

    def handle(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return given.pop(0)

    made = client.Client(httpx_args={"transport": httpx2.MockTransport(handle)})
    client.api.default.list_calls.sync(**{"client": made, **arguments})
    return sent


def test_parameter_with_a_name_of_the_client_gets_another(client: Any) -> None:  # noqa: ANN401 - a generated module
    """A parameter that is called as an option of the call is sent under its own name."""
    day = datetime.date(2026, 1, 2)
    names = {"request_": "r", "body_": "b", "encoded_": True, "datetime_": day, "timeout_": 5, "call_": 1.5}
    (sent,) = asked(client, client_query="c", max_retries_="m", headers_="h", timeout=9, **names)
    expected = {"request": "r", "body": "b", "encoded": "true", "datetime": "2026-01-02", "timeout": "5"}
    assert {"client": "c", "call": "1.5", **expected} == dict(sent.url.params)
    assert ("h", "max_retries=m") == (sent.headers["headers"], sent.headers["cookie"])


def test_parameter_is_held_to_its_schema(client: Any) -> None:  # noqa: ANN401 - a generated module
    """Patterns and bounds of parameters hold, wherever the parameter is described."""
    for name, value, problem in [
        ("client_query", "d", "client: expected a string that matches"),
        ("timeout_", 0, "timeout: expected a number of "),
        ("timeout_", 7, "timeout: expected a multiple of 5"),
        ("call_", 2, "call: expected a number above -inf and below 2"),
        ("headers_", "long", "headers: expected a string of at most 3"),
        ("size", 10, "size: expected one of 2 kinds"),
        ("size", "some", "size: expected one of 2 kinds"),
        ("tag", ["a"], "tag.0: expected a string of at least 2 characters"),
        ("tag", ["aa"] * 4, "tag: expected 0 to 3 items, got 4"),
        ("tag", "aa", "tag: expected a list, got 'aa'"),
    ]:
        with pytest.raises(ValueError, match="^" + problem.replace(".", r"\.")):
            asked(client, **{name: value})
    assert [("size", "all")] == asked(client, size="all")[0].url.params.multi_items()


def test_list_in_a_query_is_repeated(client: Any) -> None:  # noqa: ANN401 - a generated module
    """A parameter that is a list comes once for each of its items, and an empty one not at all."""
    (sent,) = asked(client, tag=["a b", "c&d"], size=3)
    assert b"tag=a%20b&tag=c%26d&size=3" == sent.url.query.replace(b"+", b"%20")
    assert b"" == asked(client, tag=[])[0].url.query


@pytest.mark.parametrize(
    "body",
    [
        {"field": "f", "dataclass": "d", "additional_properties": "a", "to_dict": "t", "from_dict": 1},
        {"wait_fields": 3, "more": {"a": [1.5, None, True]}},
        {"at": "2026-01-02T03:04:05Z"},
        {"at": "2026-01-02T03:04:05.123Z"},
        {"at": "2026-01-02T03:04:05.123456Z"},
        {"at": "2026-01-02T03:04:05+00:00"},
        {"at": "2026-01-02T03:04:05.123000-07:30"},
        {"day": "2026-01-02"},
        {"share": 0.3, "names": ["a"], "note": None, "level": "loud", "state": "down"},
        {
            "choice": "0f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f",
            "maps": {"a": 5},
            "exact": {"a": "b"},
            "state": None,
        },
        {"choice": [3, 4], "exact": {}, "names": ["1", "2"]},
    ],
)
def test_grown_model_survives_a_round_trip(client: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - a generated module
    """What a model was made of is what it makes, whatever its properties are called."""
    made = client.models.Calls.from_dict(body)
    assert body == made.to_dict()
    assert made == client.models.Calls.from_dict(copy.deepcopy(body))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"at": "2026-01-02T03:04:05"}, "at: expected a datetime in the form of RFC 3339"),
        ({"at": "2026-01-02"}, "at: expected a datetime in the form of RFC 3339"),
        ({"day": "20260102"}, "day: expected a date in the form of RFC 3339"),
        ({"share": 0.35}, "share: expected a multiple of 0.1, got 0.35"),
        ({"names": []}, "names: expected 1 to 2 items, got 0"),
        ({"names": ["a", "a"]}, "names: expected items that all differ"),
        ({"choice": "1f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"}, "choice: expected one of 2 kinds"),
        ({"choice": [2]}, "choice: expected one of 2 kinds of values, got a list"),
        ({"note": "abc"}, "note: expected one of 2 kinds"),
        ({"level": "quiet"}, "level: expected a string that matches ^l"),
        ({"maps": {"a": 6}}, "maps.a: expected a number of at most 5, got 6"),
        ({"exact": {"b": 1}}, "exact.b: is not a property that the contract allows"),
    ],
)
def test_grown_model_is_held_to_its_schema(client: Any, body: dict[str, Any], problem: str) -> None:  # noqa: ANN401 - a generated module
    """Each keyword that the contract uses is checked."""
    with pytest.raises(ValueError, match=":") as refused:
        client.models.Calls.from_dict(body)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"at": datetime.datetime(2026, 1, 2)}, "at: expected a datetime with a time zone"),  # noqa: DTZ001 - the mistake
        ({"day": datetime.datetime.now(datetime.UTC)}, "day: expected a date, got a datetime"),
        ({"additional_properties": {"x": {1, 2}}}, "x: expected a JSON value, got a set"),
        (
            {"additional_properties": {"x": [datetime.date(2026, 1, 2)]}},
            "x.0: expected a JSON value, got a date",
        ),
        ({"additional_properties": {"x": {"y": float("nan")}}}, "x.y: expected a JSON value, got nan"),
        ({"additional_properties": {1: "x"}}, "expected a string as the name of a property, got 1"),
    ],
)
def test_value_that_is_not_json_is_refused_before_it_is_sent(
    client: Any,  # noqa: ANN401 - a generated module
    change: dict[str, Any],
    problem: str,
) -> None:
    """A value that cannot be sent is a `ValueError` with its place, and no request is made."""
    body = client.models.Calls()
    for name, value in change.items():
        setattr(body, name, value)
    made = client.Client("http://127.0.0.1:9")
    with pytest.raises(ValueError, match="expected") as refused:
        asyncio.run(client.api.default.make_call.asyncio(client=made, body=body))
    assert str(refused.value).startswith(problem)


def test_wait_is_read_where_the_contract_says(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 - a generated module
    """The property with the time to wait may have any name."""
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    later = httpx2.Response(429, json={"pause": 7, "retryAfter": 1})
    assert 2 == len(asked(client, later, httpx2.Response(200, json={})))
    assert [True] == [7 <= wait < 10 for wait in waits]  # a wait is spread upward


def test_contract_without_a_rate_limit_asks_for_a_limiter(client: Any) -> None:  # noqa: ANN401 - a generated module
    """Pacing by a limit that the contract lacks is refused in words."""
    with pytest.raises(ValueError, match="the contract documents no limit; give a limiter"):
        client.Client(rate_limit=True)


@pytest.mark.slow
def test_larger_client_is_typed(client: ModuleType) -> None:
    """Names that are in the way of others do not confuse a type checker."""
    assert client.__file__ is not None
    package = Path(client.__file__).parent
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(package.parent), str(package)],
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (checked.returncode, checked.stderr), checked.stdout
