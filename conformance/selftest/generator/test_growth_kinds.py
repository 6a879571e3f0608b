"""A contract that grows is kept as it means."""

import datetime
import importlib
import sys
from typing import Any

import httpx2
import pytest
import yaml

from conformance.selftest.grown_contract import grown
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
