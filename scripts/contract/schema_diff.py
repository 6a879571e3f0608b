"""The changes between two schemas, and whether they break clients.

The effect depends on the direction: fewer values break what a client sends, more values break what it reads.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.contract.document import Node
from scripts.contract.changes import PROSE, Effect, Observation, shown
from scripts.contract.findings import child, lookup

RAISED_LIMITS = frozenset(("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum"))
LOWERED_LIMITS = frozenset(("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum"))
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


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


@dataclass(frozen=True, slots=True)
class Pair:
    """The direction of a comparison, and the schemas that were compared."""

    sent: bool
    """Whether clients send the value. Otherwise they read it."""
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=set)
    """The schemas that were compared. Each pair of schemas is compared once."""

    def observe(self, effect: Effect, places: Sequence[str], text: str) -> Observation:
        """A change with a known effect."""
        return Observation(effect, tuple(places), text, "request" if self.sent else "response")

    def lost(self, places: Sequence[str], text: str, if_read: Effect = "compatible") -> Observation:
        """A change that allows fewer values, which breaks a client that sends them."""
        return self.observe("breaking" if self.sent else if_read, places, text)

    def gained(self, places: Sequence[str], text: str, if_read: Effect = "breaking") -> Observation:
        """A change that allows more values, which breaks a client that reads them."""
        return self.observe("compatible" if self.sent else if_read, places, text)


def diff_schema(pair: Pair, before: Schema, after: Schema) -> Iterator[Observation]:
    """Every change between two schemas and between their parts."""
    key = tuple(one.places[0] for one in before), tuple(one.places[0] for one in after)
    if key in pair.seen:
        return
    pair.seen.add(key)
    was, now = flat(before), flat(after)
    above = (*(one.places[0] for one in after), *before[0].places[1:], *after[0].places[1:])
    yield from _diff_types(pair, was, now, above)
    yield from _diff_enums(pair, was, now, above)
    yield from _diff_properties(pair, was, now)
    yield from _diff_branches(pair, was, now)
    for name in sorted(was.keys() | now.keys()):
        yield from _diff_keyword(pair, name, was.get(name), now.get(name))


def _diff_types(
    pair: Pair, was: dict[str, Part], now: dict[str, Part], above: tuple[str, ...]
) -> Iterator[Observation]:
    before, after = was.pop("type", None), now.pop("type", None)
    one, other = _types(before), _types(after)
    lost, gained = one - other, other - one
    if lost or gained:
        text = _moved("type", _either(lost, TYPES), _either(gained, TYPES))
        effect: Effect = "breaking" if (lost if pair.sent else gained) else "compatible"
        yield pair.observe(effect, _places(after, before) or above, text)


def _types(part: Part | None) -> set[str]:
    if part is None:
        return set(TYPES)
    named = set(part.value if isinstance(part.value, list) else [part.value])
    return named | {"integer"} if "number" in named else named


def _diff_enums(
    pair: Pair, was: dict[str, Part], now: dict[str, Part], above: tuple[str, ...]
) -> Iterator[Observation]:
    before, after = was.pop("enum", None), now.pop("enum", None)
    one, other = (
        None if part is None else {shown(value) for value in part.value} for part in (before, after)
    )
    lost = "other values" if one is None else ", ".join(sorted(one - (one if other is None else other)))
    gained = "other values" if other is None else ", ".join(sorted(other - (other if one is None else one)))
    if (one is None and other is None) or not (lost or gained):
        return
    if pair.sent:
        effect: Effect = "breaking" if lost else "compatible"
    else:
        effect = "warning" if gained else "compatible"
    yield pair.observe(effect, _places(after, before) or above, _moved("enum", lost, gained))


def _moved(name: str, lost: str, gained: str) -> str:
    parts = [f"no longer allows {lost}"] * bool(lost) + [f"now allows {gained}"] * bool(gained)
    return f"the {name} {' and '.join(parts)}"


def _either(values: set[str], everything: Sequence[str]) -> str:
    return "other types" if len(values) >= len(everything) - 2 else ", ".join(sorted(values))


def _diff_properties(pair: Pair, was: dict[str, Part], now: dict[str, Part]) -> Iterator[Observation]:
    required, still = (parts.pop("required", Part([], ())) for parts in (was, now))
    properties, kept = (parts.pop("properties", Part({}, ())) for parts in (was, now))
    places = _places(still, required)
    for name in sorted(properties.value.keys() - kept.value.keys()):
        own = (*properties.value[name][0].at, *(places if name in required.value else ()))
        yield pair.observe("breaking", own, f"the property {name} was removed")
    for name in sorted(kept.value.keys() - properties.value.keys()):
        own = kept.value[name][0].at
        if name in still.value and name not in required.value:
            yield pair.lost((*own, *places), f"the required property {name} was added")
        else:
            yield pair.observe("compatible", own, f"the property {name} was added")
    for name in sorted(set(still.value) - set(required.value)):
        if name in properties.value or name not in kept.value:
            yield pair.lost(places, f"the property {name} became required")
    for name in sorted(set(required.value) - set(still.value)):
        if name in kept.value:
            yield pair.gained(places, f"the property {name} became optional")
    for name in sorted(properties.value.keys() & kept.value.keys()):
        yield from diff_schema(pair, properties.value[name], kept.value[name])


def _diff_branches(pair: Pair, was: dict[str, Part], now: dict[str, Part]) -> Iterator[Observation]:
    """Compare the schemas of items and of alternatives, and remove them from both."""
    for name in ("items", "additionalProperties"):
        before, after = was.get(name), now.get(name)
        if before and after and isinstance(before.value, tuple) and isinstance(after.value, tuple):
            yield from diff_schema(pair, before.value, after.value)
            del was[name], now[name]
    for name in ("anyOf", "oneOf"):
        if name not in was or name not in now:
            continue
        before, after = was.pop(name), now.pop(name)
        one, other = list(before.value), list(after.value)
        for schema in list(one):
            equal = next((twin for twin in other if _dump(schema) == _dump(twin)), None)
            if equal is not None:
                one.remove(schema)
                other.remove(equal)
        for schema, twin in zip(one, other, strict=False):
            yield from diff_schema(pair, schema, twin)
        places = _places(after, before)
        if len(one) > len(other):
            yield pair.lost(places, f"{name} has fewer alternatives")
        if len(other) > len(one):
            yield pair.gained(places, f"{name} has more alternatives")


def _dump(schema: Schema) -> str:
    return json.dumps([_plain(part.value) for _, part in sorted(flat(schema).items())], sort_keys=True)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a JSON value with schemas in it
    if isinstance(value, tuple):
        return [spot.node for spot in value]
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, dict) else value


def _diff_keyword(pair: Pair, name: str, before: Part | None, after: Part | None) -> Iterator[Observation]:
    places = _places(after, before)
    one, other = (None if part is None else _plain(part.value) for part in (before, after))
    if name == "additionalProperties":
        one, other = (True if value is None else value for value in (one, other))
        if one != other and True in (one, other):
            yield (pair.lost if one is True else pair.gained)(places, _became(name, one, other))
            return
    if one == other:
        return
    if name.startswith("x-") or name in {"default", "deprecated"}:
        yield pair.observe(
            "warning" if name != "deprecated" else "compatible", places, _became(name, one, other)
        )
    elif before is None:
        yield pair.lost(places, f"{name} {shown(other)} was added")
    elif after is None:
        yield pair.gained(places, f"{name} {shown(one)} was removed", "warning")
    elif name in RAISED_LIMITS | LOWERED_LIMITS:
        wider = (after.value > before.value) == (name in RAISED_LIMITS)
        text = _became(name, one, other)
        yield pair.gained(places, text, "warning") if wider else pair.lost(places, text)
    else:
        yield pair.lost(places, _became(name, one, other), "warning")


def _became(name: str, before: object, after: object) -> str:
    return f"{name} {_or_nothing(before)} became {_or_nothing(after)}"


def _or_nothing(value: object) -> str:
    return "nothing" if value is None else shown(value)


def _places(*parts: Part | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for part in parts if part for place in part.places))


def flat(schema: Schema, above: frozenset[str] = frozenset()) -> dict[str, Part]:
    """A schema without its prose, and with its `$ref` and its `allOf` folded into it."""
    merged: dict[str, Part] = {}
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
    node = spot.node if isinstance(spot.node, Mapping) else {}
    for name, value in node.items():
        if name in PROSE or name == "x-rules":
            continue
        places = (child(spot.places[0], name), *spot.places[1:])
        if name == "$ref":
            yield name, Part((replace(spot, node={"$ref": value}).followed(),), places)
        elif name == "allOf":
            yield name, Part(tuple(spot.child(name, index) for index in range(len(value))), places)
        elif name in {"anyOf", "oneOf"}:
            yield name, Part([(spot.child(name, index),) for index in range(len(value))], places)
        elif name == "properties":
            yield name, Part({key: (spot.child(name, key),) for key in value}, places)
        elif name in {"items", "additionalProperties"} and isinstance(value, Mapping):
            yield name, Part((spot.child(name),), places)
        elif name == "const":
            yield "enum", Part([value], places)
        else:
            yield name, Part(value, places)


def _fold(merged: dict[str, Part], name: str, more: Part) -> None:
    known = merged.get(name)
    if known is None:
        merged[name] = more
        return
    value = known.value
    if name == "properties":
        value = {key: value.get(key, ()) + more.value.get(key, ()) for key in [*value, *more.value]}
    elif name == "required":
        value = [*value, *more.value]
    elif name == "enum":
        value = [one for one in value if one in more.value]
    elif name == "items" and isinstance(value, tuple) and isinstance(more.value, tuple):
        value = value + more.value
    merged[name] = Part(value, (*known.places, *more.places))
