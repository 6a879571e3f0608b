"""Two schemas are compared by the values that they allow, in the direction in which the value is sent."""

from datetime import date
from typing import Any

import pytest

from scripts.contract.flat_schema import Spot, flat
from scripts.contract.schema_diff import Pair, diff_schema


def schema_effects(before: Any, after: Any, *, sent: bool) -> list[tuple[str, str]]:  # noqa: ANN401 - JSON values
    """The effect and the first place of each change between two schemas."""
    one, other = (Spot(schema, schema) for schema in (before, after))
    return [(found.effect, found.places[0]) for found in diff_schema(Pair(sent=sent), (one,), (other,))]


@pytest.mark.parametrize(
    ("before", "after", "sent", "read", "place"),
    [
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, "compatible", "warning", "/enum"),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "breaking", "compatible", "/enum"),
        ({"enum": ["a"]}, {"enum": ["b"]}, "breaking", "warning", "/enum"),
        ({"const": "a"}, {}, "compatible", "warning", "/const"),
        ({}, {"const": "a"}, "breaking", "compatible", "/const"),
        ({"type": "string"}, {"type": ["string", "null"]}, "compatible", "breaking", "/type"),
        ({"type": ["string", "null"]}, {"type": "string"}, "breaking", "compatible", "/type"),
        ({"type": "string"}, {"type": "integer"}, "breaking", "breaking", "/type"),
        ({"type": "integer"}, {"type": "number"}, "compatible", "breaking", "/type"),
        ({"type": "string"}, {}, "compatible", "breaking", "/type"),
        ({}, {"type": "string"}, "breaking", "compatible", "/type"),
        ({"maxLength": 1}, {"maxLength": 2}, "compatible", "warning", "/maxLength"),
        ({"maxLength": 2}, {"maxLength": 1}, "breaking", "compatible", "/maxLength"),
        ({"minimum": 1}, {"minimum": 2}, "breaking", "compatible", "/minimum"),
        ({"minimum": 2}, {"minimum": 1}, "compatible", "warning", "/minimum"),
        ({"maxLength": 1}, {}, "compatible", "warning", "/maxLength"),
        ({}, {"maxLength": 1}, "breaking", "compatible", "/maxLength"),
        ({"pattern": "a"}, {"pattern": "b"}, "breaking", "warning", "/pattern"),
        ({"default": 1}, {"default": 2}, "warning", "warning", "/default"),
        ({}, {"deprecated": True}, "compatible", "compatible", "/deprecated"),
        ({"items": {"type": "string"}}, {"items": {}}, "compatible", "breaking", "/items/type"),
        ({}, {"additionalProperties": False}, "breaking", "compatible", "/additionalProperties"),
        ({"additionalProperties": False}, {}, "compatible", "breaking", "/additionalProperties"),
        (
            {"oneOf": [{}, {"enum": ["a"]}]},
            {"oneOf": [{}, {"enum": [1]}]},
            "breaking",
            "warning",
            "/oneOf/1/enum",
        ),
        ({"anyOf": [{}]}, {"anyOf": [{}, {"type": "null"}]}, "compatible", "breaking", "/anyOf"),
        ({"anyOf": [{}, {"type": "null"}]}, {"anyOf": [{}]}, "breaking", "compatible", "/anyOf"),
        ({"enum": ["1"]}, {"enum": [1]}, "breaking", "warning", "/enum"),
        ({"enum": [1, 2]}, {"enum": [True, 2]}, "breaking", "warning", "/enum"),
        ({"const": 0}, {"const": False}, "breaking", "warning", "/const"),
        ({"type": "string"}, {"const": "a"}, "breaking", "compatible", "/const"),
        ({"type": "string"}, {"type": "string", "enum": ["a"]}, "breaking", "compatible", "/enum"),
        ({"default": 1}, {"default": True}, "warning", "warning", "/default"),
        ({"default": date(2020, 1, 1)}, {}, "warning", "warning", "/default"),
        ({}, {"not": {"const": 1}}, "breaking", "compatible", "/not"),
        ({}, {"contains": {"const": 1}}, "breaking", "compatible", "/contains"),
        ({}, {"prefixItems": [{"const": 1}]}, "breaking", "compatible", "/prefixItems"),
        ({}, {"uniqueItems": True}, "breaking", "compatible", "/uniqueItems"),
        ({}, {"dependentRequired": {"a": ["b"]}}, "breaking", "compatible", "/dependentRequired"),
        ({"items": True}, {"items": {"type": "string"}}, "breaking", "compatible", "/items/type"),
        (
            {"properties": {"a": True}},
            {"properties": {"a": False}},
            "breaking",
            "compatible",
            "/properties/a",
        ),
        (
            {"additionalProperties": False},
            {"additionalProperties": {"type": "string"}},
            "compatible",
            "breaking",
            "/additionalProperties",
        ),
        (
            {"additionalProperties": {"type": "string"}},
            {"additionalProperties": False},
            "breaking",
            "compatible",
            "/additionalProperties",
        ),
        (
            {"additionalProperties": {"type": "string"}},
            {"additionalProperties": {"type": ["string", "null"]}},
            "compatible",
            "breaking",
            "/additionalProperties/type",
        ),
        (
            {"patternProperties": {"^x": {"type": "string"}}},
            {"patternProperties": {"^x": {"type": "integer"}}},
            "breaking",
            "breaking",
            "/patternProperties/^x/type",
        ),
        ({"format": "date"}, {"format": "date-time"}, "breaking", "breaking", "/format"),
        ({"format": "date"}, {}, "compatible", "breaking", "/format"),
        ({}, {"format": "date"}, "breaking", "compatible", "/format"),
        ({"multipleOf": 4}, {"multipleOf": 2}, "compatible", "warning", "/multipleOf"),
        ({"multipleOf": 2}, {"multipleOf": 4}, "breaking", "compatible", "/multipleOf"),
        ({"multipleOf": 2}, {"multipleOf": 3}, "breaking", "warning", "/multipleOf"),
        ({"multipleOf": 0.1}, {"multipleOf": 0.05}, "compatible", "warning", "/multipleOf"),
        ({"minimum": 1}, {"exclusiveMinimum": 1}, "breaking", "compatible", "/exclusiveMinimum"),
        ({"exclusiveMinimum": 1}, {"minimum": 1}, "compatible", "warning", "/minimum"),
        ({"maximum": 1}, {"exclusiveMaximum": 1}, "breaking", "compatible", "/exclusiveMaximum"),
        (
            {"minimum": 1},
            {"minimum": 1, "exclusiveMinimum": 2},
            "breaking",
            "compatible",
            "/exclusiveMinimum",
        ),
        ({"exclusiveMaximum": 1}, {}, "compatible", "warning", "/exclusiveMaximum"),
        ({}, {"readOnly": True}, "breaking", "compatible", "/readOnly"),
        ({"readOnly": True}, {}, "compatible", "compatible", "/readOnly"),
        ({}, {"writeOnly": True}, "compatible", "breaking", "/writeOnly"),
        (
            {"type": "string"},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "compatible",
            "breaking",
            "/anyOf",
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            {"type": "string"},
            "breaking",
            "compatible",
            "",
        ),
        (
            {"oneOf": [{"const": 1}]},
            {"oneOf": [{"const": 2}, {"const": 1}]},
            "compatible",
            "breaking",
            "/oneOf",
        ),
        (
            {"allOf": [{"maxLength": 9}, {"maxLength": 5}]},
            {"allOf": [{"maxLength": 9}, {"maxLength": 7}]},
            "compatible",
            "warning",
            "/allOf/0/maxLength",
        ),
        (
            {"allOf": [{"pattern": "a"}, {"pattern": "b"}]},
            {"allOf": [{"pattern": "a"}, {"pattern": "c"}]},
            "breaking",
            "warning",
            "/allOf/1/pattern",
        ),
        (
            {"allOf": [{"type": "string"}, {"type": ["string", "null"]}]},
            {"allOf": [{"type": ["string", "null"]}, {"type": ["string", "null"]}]},
            "compatible",
            "breaking",
            "/allOf/0/type",
        ),
    ],
)
def test_directions_decide(before: Any, after: Any, sent: str, read: str, place: str) -> None:  # noqa: ANN401 - JSON values
    """The effect of a change depends on whether clients send the value or read it."""
    assert [(sent, place)] == schema_effects(before, after, sent=True)
    assert [(read, place)] == schema_effects(before, after, sent=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"title": "a", "description": "a", "examples": [1]}, {}),
        (
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
            {"oneOf": [{"type": "null"}, {"type": "string"}]},
        ),
        ({"enum": [1, 2]}, {"enum": [2, 1]}),
        ({"const": 1}, {"enum": [1]}),
        ({"allOf": [{"type": "string"}, {"maxLength": 2}]}, {"type": "string", "maxLength": 2}),
        ({"additionalProperties": True}, {}),
        ({"additionalProperties": {}}, {}),
        ({"items": {}}, {}),
        ({"uniqueItems": False, "minItems": 0}, {"deprecated": False, "readOnly": False}),
        ({"required": [], "properties": {}, "minLength": 0}, {}),
        ({"maximum": 1}, {"maximum": 1.0}),
        ({"enum": [1, 2]}, {"enum": [1.0, 2.0]}),
        ({"type": "string"}, {"type": ["string"]}),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
        ({"type": "integer", "maximum": 4}, {"type": "integer", "exclusiveMaximum": 5}),
        ({"type": "string", "const": "a"}, {"const": "a"}),
    ],
)
def test_equivalent_schemas_do_not_differ(before: Any, after: Any) -> None:  # noqa: ANN401 - JSON values
    """Prose, order, defaults and the composition of a schema do not change which values it allows."""
    assert [] == schema_effects(before, after, sent=True)
    assert [] == schema_effects(after, before, sent=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
    ],
)
def test_words_of_openapi_3_0_are_understood(old: dict[str, Any], new: dict[str, Any]) -> None:
    """A document of OpenAPI 3.0 with `nullable` says the same as one of 3.1 with the type null."""
    one, other = Spot({"openapi": "3.0.3"}, old), Spot({"openapi": "3.1.0"}, new)
    assert [] == list(diff_schema(Pair(sent=True), (one,), (other,)))


def test_parts_are_folded() -> None:
    """A schema in parts allows the values that all its parts allow."""
    parts = {
        "description": "In two parts.",
        "allOf": [
            {"required": ["a"], "properties": {"a": {"enum": [1, 2]}}, "minProperties": 1},
            {"required": ["b"], "properties": {"a": {"enum": [2, 3]}, "b": {}}, "minProperties": 1},
        ],
    }
    folded = flat((Spot(parts, parts),))
    assert {"required", "properties", "minProperties"} == folded.keys()
    assert ["a", "b"] == folded["required"].value
    assert ["/allOf/0/required", "/allOf/1/required"] == list(folded["required"].places)
    assert [2] == flat(folded["properties"].value["a"])["enum"].value


def test_recursive_schemas_end() -> None:
    """A schema that contains itself is compared once."""
    itself = {"$ref": "#/components/schemas/A"}

    def recursive(kind: object) -> Spot:
        document = {"components": {"schemas": {"A": {"type": kind, "properties": {"a": itself}}}}}
        return Spot(document, itself).followed()

    before, after = recursive("object"), recursive(["object", "null"])
    found = [one.text for one in diff_schema(Pair(sent=False), (before,), (after,))]
    assert ["the type now allows null"] == found


def test_parts_that_refer_to_themselves_end() -> None:
    """A schema that is a part of itself is folded once."""
    document = {
        "components": {"schemas": {"A": {"type": "object", "allOf": [{"$ref": "#/components/schemas/A"}]}}}
    }
    spot = Spot(document, {"$ref": "#/components/schemas/A"}).followed()
    assert ["type"] == list(flat((spot,)))
