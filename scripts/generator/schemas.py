"""Schemas as the contract has them: behind references, in several parts, or one of several."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.contract.document import Contract, Node
from scripts.contract.findings import child
from scripts.generator.places import UnsupportedError, at, followed
from scripts.generator.schema_support import ANNOTATIONS, CONVERTED, UNIONS, known_keywords

CONSTRAINTS: Mapping[str, str] = {
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "multipleOf": "multiple_of",
    "minItems": "min_items",
    "maxItems": "max_items",
    "uniqueItems": "unique",
}
# What may stand beside a `$ref` and changes nothing in the values that are allowed.
BESIDE = ("description", "deprecated", "readOnly", "writeOnly")
CLASSES = frozenset({"properties", "allOf", "enum"})
INSIDE = frozenset({"properties", "required", "additionalProperties", "items", "allOf", *UNIONS})


class Schemas:
    """The schemas of a contract."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract

    def resolved(self, node: Node) -> Node:
        """What a schema says if it is behind a `$ref`, or is the only one of an `allOf`."""
        beside = {key: node[key] for key in BESIDE if key in node}
        found = self.contract.resolve(node)
        if found is not node and {"description"} <= set(beside) & set(found) and not CLASSES & set(found):
            # What the reference leads to has no class whose docstring could say it.
            beside["description"] = f"{beside['description']} {found['description']}"
        node = {**found, **beside}
        parts = [part for group in ("allOf", *UNIONS) for part in node.get(group, [])]
        if len(parts) == 1 and "$ref" in parts[0]:
            return {
                **self.resolved(parts[0]),
                **{key: node[key] for key in node if key not in ("allOf", *UNIONS)},
            }
        return node

    def members(self, schema: Node) -> Iterator[Node]:
        """The schemas that a value may be of, if it is of one of several, in the generator's order."""
        schema = self.resolved(schema)
        types = schema.get("type")
        parts = [part for union in UNIONS for part in schema.get(union, [])]
        if not parts and isinstance(types, list):
            parts = [{**schema, "type": type_} for type_ in types]
        if not parts:
            yield schema
        for part in parts:
            if "discriminator" in self.resolved(part):
                words = "a schema with a discriminator is one of several; list its schemas in their place"
                raise UnsupportedError(words)
            yield from self.members(part)

    def is_exclusive(self, schema: Node) -> bool:
        """Whether a value has to be of one schema only."""
        schema = self.resolved(schema)
        parts = [part for union in UNIONS for part in schema.get(union, [])]
        return "oneOf" in schema or any(map(self.is_exclusive, parts))

    def properties(self, schema: Node, pointer: str = "") -> dict[str, Node]:
        """The properties of an object, with what all parts of its `allOf` say of each.

        Raises:
            UnsupportedError: two parts say of one property what the client cannot check together.

        """
        return {name: node for name, (node, _) in self._described(schema, pointer).items()}

    def _described(self, schema: Any, pointer: str) -> dict[str, tuple[Node, str]]:  # noqa: ANN401 - a schema, true or false
        if not isinstance(schema, Mapping):
            return {}  # true, or false: it is refused elsewhere
        pointer, schema = followed(self.contract, pointer, schema)
        groups = [
            self._described(part, child(pointer, "allOf", index))
            for index, part in enumerate(schema.get("allOf", []))
        ]
        groups.append(
            {
                name: (self.resolved(node), child(pointer, "properties", name))
                for name, node in schema.get("properties", {}).items()
            }
        )
        found: dict[str, tuple[Node, str]] = {}
        for group in groups:
            for name, (node, place) in group.items():
                merged = node
                if name in found:
                    before, there = found[name]
                    with at(place):
                        merged = _merged(name, before, node, there)
                found[name] = (merged, place)
        return found

    def required(self, schema: Any) -> set[str]:  # noqa: ANN401 - a schema, true or false
        """The names of the properties that an object must have."""
        schema = self.contract.resolve(schema) if isinstance(schema, Mapping) else {}
        return set(schema.get("required", [])).union(*map(self.required, schema.get("allOf", [])))


def _merged(name: str, before: Node, after: Node, there: str) -> Node:
    """What two parts of an `allOf` say of one property."""
    one, other = _meaning(before), _meaning(after)
    merged = {**before, **after}
    if one == other:
        return merged
    if (INSIDE & {*one, *other}) and one and other and other != {"type": one.get("type")}:
        words = "and no object, list or choice is merged with another; describe it once"
        raise UnsupportedError(f"{name} is described at {there} too, {words}")
    if twice := [key for key in (*CONSTRAINTS, "format", "const") if _differ(key, one, other)]:
        raise UnsupportedError(f"{name} has two values of {twice[0]}, here and at {there}; write one")
    if _differ("type", one, other):
        if {str(one["type"]), str(other["type"])} != {"integer", "number"}:
            raise UnsupportedError(f"{name} has two types, here and at {there}; write one")
        merged["type"] = "integer"
    if "enum" in one and "enum" in other:
        # The generator takes the narrower of the two, and refuses if neither is.
        merged["enum"] = min(before["enum"], after["enum"], key=len)
    known = known_keywords(merged) | ANNOTATIONS
    if lost := [key for key in merged if key not in known and not key.startswith("x-")]:
        words = f"and the client would not check {lost[0]} of the two together; describe it once"
        raise UnsupportedError(f"{name} is described at {there} too, {words}")
    if merged.get("format") in CONVERTED and "enum" in merged:
        raise UnsupportedError(f"{name} has a format and an enum, here and at {there}; write one")
    return merged


def _differ(key: str, one: Node, other: Node) -> bool:
    return key in one and key in other and one[key] != other[key]


def _meaning(node: Node) -> dict[str, object]:
    ignored = ANNOTATIONS - {"format"}
    return {key: value for key, value in node.items() if key not in ignored and not key.startswith("x-")}
