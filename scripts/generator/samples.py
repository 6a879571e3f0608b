"""A value for a schema that has no example: the smallest that the schema allows."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.contract.document import Contract, Node
from scripts.generator.places import UnsupportedError
from scripts.generator.schema_support import UNIONS
from scripts.generator.schemas import Schemas
from scripts.generator.yaml_values import lenient

DEPTH = 8
STRINGS: Mapping[str, str] = {
    "uuid": "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75",
    "date": "2026-01-02",
    "date-time": "2026-01-02T03:04:05Z",
    "email": "name@example.com",
    "uri": "https://example.com/",
}


def sample(contract: Contract, schema: Node) -> Any:  # noqa: ANN401 - a JSON value
    """A value for a response, valid against a schema.

    Raises:
        LookupError: none was found.

    """
    read = Contract(lenient(contract.raw, ["writeOnly"]), contract.path)
    for value in _distinct(Schemas(read), lenient(schema, ["writeOnly"]), DEPTH):
        return value
    raise LookupError("no value was found that the schema allows")


def _values(schemas: Schemas, schema: Node, depth: int) -> Iterator[Any]:
    """Candidates, the likeliest first."""
    schema = schemas.resolved(schema)
    if depth == 0:
        return
    yield from schema.get("examples", [])
    for keyword in ("example", "const", "default"):
        if keyword in schema:
            yield schema[keyword]
    yield from schema.get("enum", [])
    for union in UNIONS:
        for part in schema.get(union, []):
            yield from _tagged(schema, part, _values(schemas, part, depth - 1))
    types = schema.get("type", "object" if {"properties", "allOf"} & set(schema) else "string")
    for type_ in types if isinstance(types, list) else [types]:
        yield from _of_type(schemas, str(type_), schema, depth)


def _tagged(union: Node, part: Node, values: Iterator[Any]) -> Iterator[Any]:
    """The values of one member of a union, with the value of the discriminator that means it."""
    discriminator = union.get("discriminator")
    for value in values:
        if discriminator is None or not isinstance(value, dict):
            yield value
            continue
        reference = str(part.get("$ref", ""))
        meant = [key for key, place in discriminator.get("mapping", {}).items() if str(place) in reference]
        tag = meant[0] if meant else reference.rpartition("/")[2]
        yield {**value, discriminator["propertyName"]: tag}


def _of_type(schemas: Schemas, type_: str, schema: Node, depth: int) -> Iterator[Any]:
    match type_:
        case "null":
            yield None
        case "boolean":
            yield True
        case "integer" | "number":
            yield from _numbers(schema)
        case "array":
            yield from _lists(schemas, schema, depth)
        case "object":
            yield from _objects(schemas, schema, depth)
        case _:
            yield from _strings(schema)


def _numbers(schema: Node) -> Iterator[float]:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    step = schema.get("multipleOf", 1)
    yield 0
    yield from (bound for bound in (low, high) if math.isfinite(bound))
    if math.isfinite(low):
        yield from (
            low + 1,
            (math.floor(low / step) + 1) * step,
            (low + high) / 2 if math.isfinite(high) else low,
        )
    elif math.isfinite(high):
        yield from (high - 1, (math.ceil(high / step) - 1) * step)


def _strings(schema: Node) -> Iterator[str]:
    length = max(schema.get("minLength", 0), min(6, schema.get("maxLength", 6)))
    if found := STRINGS.get(str(schema.get("format", ""))):
        yield found
    yield ("string" * (length // 6 + 1))[:length]
    for text in ("A", "a", "0", "AA", "aa", "00", "AAA", "aaa", "000", "DE", "EUR", "12345"):
        yield text
        yield (text * (length // len(text) + 1))[:length]


def _lists(schemas: Schemas, schema: Node, depth: int) -> Iterator[list[Any]]:
    items = schema.get("items", {})
    found = list(_distinct(schemas, items, depth))
    least = max(schema.get("minItems", 0), 1 if found else 0)
    yield found[:least] if schema.get("uniqueItems") else (found[:1] * least)
    yield []


def _distinct(schemas: Schemas, items: Node, depth: int) -> Iterator[Any]:
    seen: list[Any] = []
    validator = schemas.contract.validator(items)
    for value in _values(schemas, items, depth - 1):
        if value not in seen and validator.is_valid(value):
            seen.append(value)
            yield value


def _objects(schemas: Schemas, schema: Node, depth: int) -> Iterator[dict[str, Any]]:
    try:
        properties = schemas.properties(schema)
    except UnsupportedError:
        return
    yield {
        name: next(_distinct(schemas, properties.get(name, {}), depth), None)
        for name in sorted(schemas.required(schema))
    }
