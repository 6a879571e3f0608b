"""A contract that grows is kept as it means, or is refused at the place that the client cannot keep."""

import copy
import datetime
import importlib
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from conformance.contract.document import Contract, load
from scripts.generator.generate import GenerationError, generate_into
from scripts.generator.regenerate import make

ID = "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75"
MORE = yaml.safe_load(r"""
paths:
  /v2/pets:
    parameters:
      - {name: q, in: query, schema: {anyOf: [{type: string}, {type: 'null'}]}}
      - {name: old, in: query, deprecated: true, schema: {type: string}}
    post:
      operationId: makePet
      tags: [Pets]
      deprecated: true
      summary: Make
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Bug'}}}
      responses:
        '200':
          description: Made.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Box'}
              example: {pet: {kind: cat, lives: 9}, at: '2026-01-02T03:04:05.1Z'}
        '400':
          description: Wrong.
          content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}
components:
  schemas:
    Problem: {type: object, required: [title], properties: {title: {type: string}}}
    Bug:
      type: object
      required: [name, id, secret]
      properties:
        name: {type: string}
        id: {type: string, readOnly: true}
        secret: {type: string, writeOnly: true}
        size: {type: integer, deprecated: true}
    Box:
      type: object
      properties:
        pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}
        beast:
          oneOf: [{$ref: '#/components/schemas/Wolf'}, {$ref: '#/components/schemas/Fox'}]
          discriminator: {propertyName: type, mapping: {grey: '#/components/schemas/Wolf'}}
        word: {anyOf: [{$ref: '#/components/schemas/State'}, {type: string, format: uuid}]}
        at: {type: string, format: date-time}
        bug: {$ref: '#/components/schemas/Bug'}
        "\u00b5g": {type: string}
    State: {type: string, enum: [up, down]}
    Cat:
      type: object
      required: [kind]
      properties: {kind: {type: string, enum: [cat]}, lives: {type: integer}}
    Dog: {type: object, required: [kind], properties: {kind: {const: dog}, lives: {type: integer}}}
    Wolf: {type: object, required: [type], properties: {type: {type: string}}}
    Fox: {type: object, required: [type], properties: {type: {type: string}}}
""")


def grown(change: dict[str, Any]) -> Contract:
    """The contract with a change merged into it."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    merge(raw, copy.deepcopy(change))
    return Contract(raw)


def merge(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Merge a mapping into another."""
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            merge(old[key], value)
        else:
            old[key] = value


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - a generated module
    """The client of the grown contract, under another name."""
    directory = tmp_path_factory.mktemp("grown")
    make(grown(MORE), directory / "kinds_client")
    sys.path.insert(0, str(directory))
    try:
        importlib.import_module("kinds_client.api.pets.make_pet")
        importlib.import_module("kinds_client.models")
        return importlib.import_module("kinds_client")
    finally:
        sys.path.remove(str(directory))


def test_object_of_several_is_the_one_that_its_tag_names(client: Any) -> None:  # noqa: ANN401 - generated
    """A tag is an enum or a const of one value, or the property of a discriminator."""
    models = client.models
    found = models.Box.from_dict({"pet": {"kind": "dog", "lives": 1}, "beast": {"type": "Fox"}})
    assert (models.Dog, models.Fox) == (type(found.pet), type(found.beast))
    assert isinstance(models.Box.from_dict({"beast": {"type": "grey"}}).beast, models.Wolf)
    for value, problem in [
        ({"pet": {"kind": "cow"}}, "pet.kind: expected one of cat, dog, got 'cow'"),
        ({"pet": {}}, "pet.kind: is missing"),
        ({"pet": []}, "pet: expected an object, got a list"),
        ({"beast": {"type": ["Fox"]}}, "beast.type: expected one of grey, Fox, got a list"),
    ]:
        with pytest.raises(ValueError, match=r"^(pet|beast)") as refused:
            models.Box.from_dict(value)
        assert problem == str(refused.value)


def test_object_with_the_tag_of_another_is_not_written(client: Any) -> None:  # noqa: ANN401 - generated
    """A model whose tag means another model is a `ValueError`."""
    box = client.models.Box(beast=client.models.Fox(type_="grey"))
    with pytest.raises(ValueError, match=r"^beast\.type: 'grey' is not for a Fox$"):
        box.to_dict()
    with pytest.raises(ValueError, match=r"^beast: expected one of Wolf, Fox"):
        client.models.Box(beast=client.models.Cat(kind="cat")).to_dict()


@pytest.mark.parametrize(("word", "expected"), [("up", "State"), (ID, "UUID"), ("sideways", "str")])
def test_string_of_several_forms_is_the_closest(
    client: Any,  # noqa: ANN401 - generated
    word: str,
    expected: str,
) -> None:
    """What an enumeration does not list may be of the other form, and only then is a new value."""
    found = client.models.Box.from_dict({"word": word})
    assert (expected, {"word": word}) == (type(found.word).__name__, found.to_dict())


def test_read_only_property_is_required_where_it_is_read(client: Any) -> None:  # noqa: ANN401 - generated
    """A request is made without it, and a response has it; write-only is the reverse."""
    bug = client.models.Bug
    assert {"name": "n", "secret": "s"} == bug(name="n", secret="s").to_dict()  # noqa: S106 - no password
    assert {"name": "n", "id": "1"} == bug.from_dict({"name": "n", "id": "1"}).to_dict()
    with pytest.raises(ValueError, match=r"^id: is missing$"):
        bug.from_dict({"name": "n", "secret": "s"})


def test_name_is_read_in_the_form_that_python_has(client: Any) -> None:  # noqa: ANN401 - generated
    """A property with a compatibility character is set and sent."""
    assert {"\u00b5g": "1"} == client.models.Box(μg="1").to_dict()


def test_deprecated_parts_warn_and_null_is_left_out(client: Any) -> None:  # noqa: ANN401 - generated
    """The operation, a parameter and a field warn where the caller is, and say so in their docstrings."""
    sent: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, json={"at": "2026-01-02T03:04:05Z"})

    made = client.CareCycle(token="k", httpx_args={"transport": httpx2.MockTransport(handle)})  # noqa: S106 - no password
    with pytest.warns(DeprecationWarning, match="is deprecated") as warned:
        found = made.pets.make(q=None, old="o", name="n", secret="s", size=1)  # noqa: S106 - no password
    assert [
        "make_pet is deprecated",
        "make_pet(old=) is deprecated",
        "Bug.size is deprecated",
    ] == [str(one.message) for one in warned]
    assert {__file__} == {one.filename for one in warned}
    assert datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC) == found.at
    assert b"old=o" == sent[0].url.query
    assert "Deprecated" in client.api.pets.make_pet.sync.__doc__
    assert "size: Deprecated." in client.models.Bug.__doc__


def test_problem_details_are_an_errors_model(client: Any) -> None:  # noqa: ANN401 - generated
    """The body of an error may be `application/problem+json`."""
    headers = {"content-type": "application/problem+json"}
    response = httpx2.Response(400, headers=headers, content=b'{"title": "t"}')
    transport = httpx2.MockTransport(lambda _: response)
    made = client.CareCycle(token="k", httpx_args={"transport": transport})  # noqa: S106 - no password
    with pytest.raises(client.BadRequestError) as raised, pytest.warns(DeprecationWarning, match="make_pet"):
        made.pets.make(name="n", secret="s")  # noqa: S106 - no password
    assert client.models.Problem(title="t") == raised.value.parsed


def schema(**schemas: Any) -> dict[str, Any]:  # noqa: ANN401 - a schema
    """The change that adds schemas and an operation that returns the first."""
    first = {"$ref": f"#/components/schemas/{next(iter(schemas))}"}
    content = {"application/json": {"schema": first}}
    return operation(responses={"200": {"description": "X.", "content": content}}) | {
        "components": {"schemas": schemas}
    }


def operation(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - a part of an operation
    """The change that adds an operation."""
    node = {"operationId": "readX", "tags": ["X"], "responses": {"204": {"description": "X."}}}
    return {"paths": {"/v2/x": {"get": node | more}}}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


STRING = {"type": "string"}
A_LIST = {"type": "object", "properties": {"a": {"type": "array", "items": STRING}}}
B_LIST = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "string", "maxLength": 2}}},
}
TEXT = {"text/plain": {"schema": STRING}}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (schema(P={"oneOf": [A_LIST, B_LIST]}), "/schemas/P: P is one of several objects, and nothing tells"),
        (
            schema(P={"oneOf": [STRING, {"type": "string", "format": "uuid"}]}),
            "/schemas/P: P is a choice of 2",
        ),
        (
            schema(P={"anyOf": [STRING, {}]}),
            "/schemas/P: P is one of several schemas, one of which allows anything",
        ),
        (
            schema(P={"allOf": [A_LIST, B_LIST]}),
            "/P/allOf/1/properties/a: a is described at /components/schemas/P",
        ),
        (
            schema(A=ref("B"), B=ref("A")),
            "/schemas/A: the references lead in a circle: #/components/schemas/B",
        ),
        (schema(A=ref("A")), "/schemas/A: the references lead in a circle"),
        (
            schema(J={"anyOf": [STRING, ref("J")]}),
            "/schemas/J: consists of itself, and no property is in between",
        ),
        (schema(J={"type": "array", "items": ref("J")}), "/schemas/J: consists of itself"),
        (
            schema(R={"type": "object", "properties": {"d": {"type": "integer", "default": ""}}}),
            "/schemas/R/properties/d/default: is '', and the type is integer",
        ),
        (
            schema(
                R={"type": "object", "properties": {"d": {"type": "integer", "minimum": 2, "default": 1}}}
            ),
            "/schemas/R/properties/d/default: is 1, which its schema rejects",
        ),
        (
            schema(R={"type": "object", "properties": {"c": {"type": "string", "enum": [False, "SE"]}}}),
            "/schemas/R/properties/c/enum/0: is False, and the type is string",
        ),
        (
            schema(R={"type": "object", "properties": {"+1": STRING, "-1": STRING}}),
            "/schemas/R/properties: has '+1' and '-1', both of them `field_1` in Python",
        ),
        (
            schema(R={"type": "object", "properties": {"\ufb01le": STRING, "file": STRING}}),
            "/schemas/R/properties: has '\ufb01le' and 'file', both of them `file` in Python",
        ),
        (
            schema(Ab=A_LIST, AB=A_LIST),
            "/schemas/AB: AB makes the class `AB` or its module, as Ab (/components",
        ),
        (operation(operationId="\u00b5"), "/get/operationId: makes the name '\u00b5', which Python reads as"),
        (
            operation(responses={200: {"description": "X."}}),
            "/get/responses: has the status 200, which is no string",
        ),
        (
            operation(servers=[{"url": "https://b.example"}]),
            "/get/servers: is no keyword of operation objects",
        ),
        ({"paths": {"/v2/x": {"servers": []}}}, "/paths/~1v2~1x/servers: is no keyword of path item objects"),
        (operation(callbacks={}), "/get/callbacks: is no keyword of operation objects"),
        ({"webhooks": {}}, "/webhooks: is no keyword of contract objects"),
        (
            operation(responses={"200": {"description": "X.", "content": TEXT}}),
            "/responses/200/content: the 200 has a body as text/plain; the client reads JSON only",
        ),
        (
            operation(parameters=[{"name": "a", "in": "query", "schema": STRING, "allowEmptyValue": True}]),
            "/get/parameters/0/allowEmptyValue: is no keyword of parameter objects",
        ),
        ({"info": {"version": "1\nimport os"}}, "#/info/version: is '1\\nimport os', which is no version"),
        (
            {"info": {"version": datetime.date(2026, 1, 2)}},
            "#/info/version: is a date, which JSON does not have",
        ),
        (
            schema(R={"type": "number", "minimum": float("inf")}),
            "/schemas/R/minimum: is inf, which JSON does not",
        ),
    ],
)
def test_contract_that_the_client_cannot_keep_is_refused(
    change: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    """The place is named, and both sides of a clash."""
    with pytest.raises(GenerationError) as refused:
        generate_into(tmp_path / "client", grown(change))
    assert complaint in str(refused.value)


def test_package_that_loses_an_example_is_refused(tmp_path: Path) -> None:
    """A package is tried before it is used: an example that it cannot read stops generation."""
    moment = {"type": "string", "format": "date-time"}
    leap = {"d": "2016-12-31T23:59:60Z"}  # valid, and no `datetime` of Python
    broken = schema(R={"type": "object", "properties": {"d": moment}, "examples": [leap]})
    with pytest.raises(GenerationError, match="/schemas/R/examples/0: the client cannot read this example"):
        make(grown(broken), tmp_path / "client")


def test_package_that_cannot_be_imported_is_refused(tmp_path: Path) -> None:
    """Names that Python does not take stop generation before a package is replaced."""
    enum = {"type": "integer", "enum": [1], "x-enum-varnames": ["1x"]}
    with pytest.raises(GenerationError, match=r"ruff|cannot be compiled|cannot be imported"):
        make(grown(schema(R={"type": "object", "properties": {"d": enum}})), tmp_path / "client")
