"""A schema without its prose, with each `$ref` and `allOf` folded into it, and the places of each part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.contract.document import Node
from scripts.contract.changes import PROSE, same
from scripts.contract.findings import child, lookup

LOWER_LIMITS = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
UPPER_LIMITS = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
NO_EFFECT: Mapping[str, tuple[object, ...]] = {
    **dict.fromkeys(("minLength", "minItems", "minProperties"), (0,)),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), (False,)),
    **dict.fromkeys(("additionalProperties", "unevaluatedProperties"), (True, {})),
    **dict.fromkeys(("required", "allOf"), ([],)),
    **dict.fromkeys(("properties", "patternProperties", "dependentRequired"), ({},)),
    "items": (True,),
    "not": (False,),
}
"""The values of keywords that mean the same as no keyword."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A node of a document, and the way by which the comparison reached it."""

    document: Node
    node: Any
    places: tuple[str, ...] = ("",)
    """The pointer of the node, then the `$ref`s that were followed, the last one first."""
    origin: str = ""
    """The pointer of the node before its own `$ref` was followed."""

    @property
    def at(self) -> tuple[str, ...]:
        """The places of the node as a part of its parent. The origin comes first."""
        return (self.origin, *self.places)

    def child(self, *keys: object) -> "Spot":
        """The node below, by one or more keys, with its `$ref` followed."""
        node = self.node
        for key in keys:
            node = node[key]
        origin = child(self.places[0], *keys)
        return Spot(self.document, node, (origin, *self.places[1:]), origin).followed()

    def get(self, key: object) -> "Spot | None":
        """The node below a key, or None."""
        return self.child(key) if isinstance(self.node, Mapping) and key in self.node else None

    def followed(self) -> "Spot":
        """The target of the `$ref` of this node, or the node itself."""
        spot, passed = self, set[str]()
        while isinstance(spot.node, Mapping) and isinstance(spot.node.get("$ref"), str):
            pointer = spot.node["$ref"].removeprefix("#")
            if pointer in passed or len(spot.node) > 1:
                break
            passed.add(pointer)
            places = (pointer, child(spot.places[0], "$ref"), *spot.places[1:])
            spot = Spot(self.document, lookup(self.document, pointer, (pointer,)), places, self.origin)
        return spot


Schema = tuple[Spot, ...]
"""Schemas that one value must match, all of them."""


@dataclass(slots=True)
class Part:
    """A keyword of a schema, with every place that contributes to its value."""

    value: Any
    places: tuple[str, ...]


Parts = dict[str, Part]


def flat(schema: Schema, above: frozenset[str] = frozenset()) -> Parts:
    """The keywords of a schema. A keyword that cannot be folded comes again, as `pattern#2`."""
    merged: Parts = {}
    for spot in schema:
        if spot.places[0] in above:
            continue
        passed = above | {spot.places[0]}
        for name, part in _own(spot):
            if name in {"$ref", "allOf"}:
                for key, more in flat(part.value, passed).items():
                    _fold(merged, key, more)
            else:
                _fold(merged, name, part)
    return merged


def _own(spot: Spot) -> Iterator[tuple[str, Part]]:
    """The keywords of one schema object. The values of some are schemas of their own."""
    if spot.node is False:
        yield "not", Part({}, spot.places)
    for name, value in _in_words_of_3_1(spot).items():
        if name in PROSE or name == "x-rules" or any(same(value, one) for one in NO_EFFECT.get(name, ())):
            continue
        places = (child(spot.places[0], name), *spot.places[1:])
        if name == "$ref":
            yield name, Part((replace(spot, node={"$ref": value}).followed(),), places)
        elif name == "allOf":
            yield name, Part(tuple(spot.child(name, index) for index in range(len(value))), places)
        elif name in {"anyOf", "oneOf"}:
            yield name, Part([(spot.child(name, index),) for index in range(len(value))], places)
        elif name in {"properties", "patternProperties"}:
            yield name, Part({key: (spot.child(name, key),) for key in value}, places)
        elif name in {"items", "additionalProperties"} and isinstance(value, Mapping):
            yield name, Part((spot.child(name),), places)
        elif name == "const":
            yield "enum", Part([value], places)
        else:
            yield name, Part(value, places)


def _in_words_of_3_1(spot: Spot) -> Mapping[str, Any]:
    """The keywords of a schema object. Those of OpenAPI 3.0 that differ are replaced."""
    if not isinstance(spot.node, Mapping):
        return {}
    if not str(spot.document.get("openapi")).startswith("3.0"):
        return spot.node
    node = dict(spot.node)
    if node.pop("nullable", False) and "type" in node:
        node["type"] = [node["type"], "null"]
    for name in ("minimum", "maximum"):
        exclusive = f"exclusive{name.capitalize()}"
        if node.get(exclusive) is True and name in node:
            node[exclusive] = node.pop(name)
        elif isinstance(node.get(exclusive), bool):
            del node[exclusive]
    return node


def _fold(merged: Parts, name: str, more: Part) -> None:
    known = merged.get(name)
    if known is None:
        merged[name] = more
        return
    value, other = known.value, more.value
    if name in {"properties", "patternProperties"}:
        value = {key: value.get(key, ()) + other.get(key, ()) for key in [*value, *other]}
    elif name == "required":
        value = [*value, *other]
    elif name == "enum":
        value = [one for one in value if any(same(one, twin) for twin in other)]
    elif name == "type":
        value = sorted(types(known) & types(more))
    elif name in LOWER_LIMITS:
        value = max(value, other)
    elif name in UPPER_LIMITS:
        value = min(value, other)
    elif name in {"items", "additionalProperties"} and isinstance(value, tuple) and isinstance(other, tuple):
        value += other
    elif not same(plain(value), plain(other)):
        _fold(merged, _again(name), more)
        return
    merged[name] = Part(value, (*known.places, *more.places))


def _again(name: str) -> str:
    keyword, _, number = name.partition("#")
    return f"{keyword}#{int(number or 1) + 1}"


def types(part: Part | None) -> set[str]:
    """The types that a schema allows. An integer is also a number."""
    if part is None:
        return {"array", "boolean", "integer", "null", "number", "object", "string"}
    named = set(part.value if isinstance(part.value, list) else [part.value])
    return named | {"integer"} if "number" in named else named


def plain(value: Any) -> Any:  # noqa: ANN401 - a JSON value with schemas in it
    """The value of a part with the nodes of its schemas in place of the schemas."""
    if isinstance(value, tuple):
        return [spot.node for spot in value]
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {name: plain(one) for name, one in value.items()} if isinstance(value, dict) else value
