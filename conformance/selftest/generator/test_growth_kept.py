"""More inputs of the kinds that a growing contract brings. The client keeps the meaning of each."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from conformance.contract.document import Contract
from conformance.selftest.generator.growth import BODY, PET, boxed, connected, contract, generated, reading

ODD = ["a\\nb", 'q"q', "it's", "a\\", '\\"', '"""', "{x}", "%s", "é", "${x}"]


def check_choice(client: Any) -> None:  # noqa: ANN401 - generated
    """A dog in a list is a dog, and a tag that is 2 may be written 2.0."""
    box = client.models.Box.from_dict({"pets": [{"kind": "dog"}, {"kind": "cat"}], "one": {"k": 2.0}})
    assert ["Dog", "Cat", "Two"] == [type(one).__name__ for one in [*box.pets, box.one]]


def check_parts(client: Any) -> None:  # noqa: ANN401 - generated
    """Bounds in two parts hold both, and a part may say what another requires."""
    box = client.models.Box
    for wrong in ({}, {"a": 1, "s": "x"}, {"a": 5, "s": "x"}, {"a": 3.5, "s": "x"}):
        with pytest.raises(ValueError, match=r"^[as]: "):
            box.from_dict(wrong)
    assert {"a": 3, "s": "new"} == box.from_dict({"a": 3, "s": "new"}).to_dict()


def check_advice(client: Any) -> None:  # noqa: ANN401 - generated
    """What refusals advise, a second part and a choice of null, means what was meant."""
    box = client.models.Box
    for wrong in (
        {"a": "1", "c": None},
        {"a": "1", "b": "2"},
        {"b": "2", "c": "x"},
        {"a": "1", "b": "2", "c": 1},
    ):
        with pytest.raises(ValueError, match=r"^[abc]: "):
            box.from_dict(wrong)
    for right in ({"a": "1", "b": "2", "c": None}, {"a": "1", "b": "2", "c": "x"}):
        assert right == box.from_dict(right).to_dict()


def check_constants(client: Any) -> None:  # noqa: ANN401 - generated
    """Every printable constant and member is what the contract says, whatever quotation marks it has."""
    sent = {f"c{index}": value for index, value in enumerate(ODD)} | {
        f"e{index}": value for index, value in enumerate(ODD)
    }
    assert sent == client.models.Box.from_dict(sent).to_dict()
    assert sent == client.models.Box(**sent).to_dict()


def check_directions(client: Any) -> None:  # noqa: ANN401 - generated
    """Read-only and write-only properties belong to their side, also in a list, and are required there."""
    item = client.models.Item
    made, sent = connected(client, httpx2.Response(200, json={"items": [{"id": "1"}]}))
    assert "1" == made.boxes.send(items=[item(secret="s")]).items[0].id  # noqa: S106 - no password
    assert b'{"items":[{"secret":"s"}]}' == sent[0].content
    with pytest.raises(ValueError, match=r"^items\.0\.id: is missing"):
        client.models.Box.from_dict({"items": [{"secret": "s"}]})
    with pytest.raises(ValueError, match=r"^items\.0\.secret: is missing"):
        made.boxes.send(items=[item(id="2")])
    made.boxes.send(items=[item(id="2", secret="s", seen="x")])  # noqa: S106 - no password
    assert b'{"items":[{"secret":"s"}]}' == sent[1].content
    assert {"id": "2", "seen": "x"} == item(id="2", seen="x").to_dict()
    with pytest.raises(TypeError, match="made"):
        made.boxes.send(items=[], made="x")


def check_null(client: Any) -> None:  # noqa: ANN401 - generated
    """A parameter that is null is left out of query, header and cookie."""
    made, sent = connected(client, httpx2.Response(204))
    made.boxes.read(q=None, x_h=None, c=None)
    made.boxes.read(q="a", x_h="b", c=3)
    assert [("", None, None), ("q=a", "b", "c=3")] == [
        (one.url.query.decode(), one.headers.get("x-h"), one.headers.get("cookie")) for one in sent
    ]


def check_deprecated(client: Any) -> None:  # noqa: ANN401 - generated
    """A field of an item, a model and an enumeration that are deprecated warn where they are sent."""
    made, _ = connected(client, httpx2.Response(200, json={}))
    with pytest.warns(DeprecationWarning, match="is deprecated") as warned:
        made.boxes.send(items=[client.models.Item(old="o")], word="up")
    assert {"Item.old is deprecated", "Box.word is deprecated"} == {str(one.message) for one in warned}
    assert {__file__} == {one.filename for one in warned}


def check_recursion(client: Any) -> None:  # noqa: ANN401 - generated
    """Objects may contain themselves by a property, a list and other properties."""
    value = {"b": {"l": [{"b": {}}]}, "x": {"b": {}}}
    assert value == client.models.Box.from_dict(value).to_dict()


def check_text(client: Any) -> None:  # noqa: ANN401 - generated
    """A body that is not described is in `content` of the detailed response, as the advice says."""
    module = importlib.import_module("carecycle_client.api.boxes.read_box")
    made, _ = connected(client, httpx2.Response(200, content=b"\xff%PDF"))
    assert b"\xff%PDF" == module.sync_detailed(client=made).content


def check_prose(client: Any) -> None:  # noqa: ANN401 - generated
    """Text with quotes, backslashes and line separators stays in the docstrings."""
    assert 'Gone \\ with """ and more' in str(client.NotFoundError.__doc__)
    assert "exec" not in vars(importlib.import_module("carecycle_client.api.boxes.read_box"))


CONSTANTS = {
    "Box": {
        "type": "object",
        "properties": {f"c{index}": {"const": value} for index, value in enumerate(ODD)}
        | {f"e{index}": {"type": "string", "enum": [value, "z"]} for index, value in enumerate(ODD)},
    }
}
KEPT: dict[str, tuple[Contract, Callable[[Any], None]]] = {
    "choice": (
        boxed(
            PET
            + """
One: {type: object, required: [k], properties: {k: {const: 1}}}
Two: {type: object, required: [k], properties: {k: {const: 2}}}
Box:
  type: object
  properties:
    pets:
      type: array
      items: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}
    one: {oneOf: [{$ref: '#/components/schemas/One'}, {$ref: '#/components/schemas/Two'}]}
"""
        ),
        check_choice,
    ),
    "parts": (
        boxed("""
            Box:
              allOf:
                - {type: object, properties: {a: {type: number, minimum: 2}, s: {type: string}}}
                - {type: object, properties: {a: {type: integer, maximum: 4}, s: {type: string, enum: [x]}}}
                - {type: object, required: [a, s]}
        """),
        check_parts,
    ),
    "advice": (
        boxed("""
            Base: {type: object, required: [a], properties: {a: {type: string}, b: {type: string}}}
            Box:
              allOf:
                - {$ref: '#/components/schemas/Base'}
                - type: object
                  required: [b, c]
                  properties: {c: {anyOf: [{type: string, enum: [x]}, {type: 'null'}]}}
        """),
        check_advice,
    ),
    "constants": (contract(BODY, {"components": {"schemas": CONSTANTS}}), check_constants),
    "directions": (
        boxed("""
            Id: {type: string, description: An id.}
            Item:
              type: object
              required: [id, secret]
              properties:
                id: {$ref: '#/components/schemas/Id', readOnly: true}
                secret: {type: string, writeOnly: true}
                seen: {type: string, readOnly: true}
            Box:
              type: object
              properties:
                items: {type: array, items: {$ref: '#/components/schemas/Item'}}
                made: {type: string, readOnly: true}
        """),
        check_directions,
    ),
    "null": (
        reading("""
            parameters:
              - name: q
                in: query
                required: true
                schema: {anyOf: [{type: string, enum: [a]}, {type: 'null'}]}
              - {name: X-H, in: header, schema: {type: [string, 'null']}}
              - {name: c, in: cookie, schema: {type: [integer, 'null']}}
        """),
        check_null,
    ),
    "deprecated": (
        boxed("""
            Word: {type: string, enum: [up], deprecated: true}
            Item: {type: object, properties: {old: {type: string, deprecated: true}}}
            Box:
              type: object
              properties:
                items: {type: array, items: {$ref: '#/components/schemas/Item'}}
                word: {$ref: '#/components/schemas/Word'}
        """),
        check_deprecated,
    ),
    "recursion": (
        boxed("""
            Box:
              type: object
              properties:
                b: {$ref: '#/components/schemas/Box'}
                l: {type: array, items: {$ref: '#/components/schemas/Box'}}
              additionalProperties: {$ref: '#/components/schemas/Box'}
        """),
        check_recursion,
    ),
    "text": (reading("responses: {'200': {description: A document.}}"), check_text),
    "prose": (
        reading(r'''
            summary: "Read \"\"\"\nexec('x')\n\"\"\""
            description: "ends with \\"
            responses: {'404': {description: "Gone \\ with \"\"\" and\u2028more"}}
        '''),
        check_prose,
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", KEPT)
def test_input_means_what_it_says(which: str, tmp_path: Path) -> None:
    """What is generated keeps the meaning of the contract."""
    grown, check = KEPT[which]
    with generated(grown, tmp_path) as client:
        check(client)
