"""The changes between two schemas, and whether they break clients.

The effect depends on the direction: fewer values break what a client sends, more values break what it reads.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from scripts.contract.changes import Effect, Observation, canonical, same, shown
from scripts.contract.flat_schema import (
    LOWER_LIMITS,
    UPPER_LIMITS,
    Part,
    Parts,
    Schema,
    Spot,
    flat,
    plain,
    types,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The direction of a comparison, and the schemas that were compared."""

    sent: bool
    """Whether clients send the value. Otherwise they read it."""
    published: bool = False
    """Whether the vendor publishes the new document. Then it has none of our `x-` keywords."""
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
    _wrap(was, now, after)
    _wrap(now, was, before)
    for name in ("minimum", "maximum"):
        yield from _diff_bounds(pair, name, was, now)
    yield from _diff_types(pair, was, now)
    yield from _diff_enums(pair, was, now)
    yield from _diff_properties(pair, was, now)
    yield from _diff_branches(pair, was, now)
    for name in sorted(was.keys() | now.keys()):
        yield from _diff_keyword(pair, name, was.get(name), now.get(name))


def _wrap(alternatives: Parts, parts: Parts, schema: Schema) -> None:
    """If one schema has alternatives and nothing else, make the other schema an only alternative."""
    for name in ("anyOf", "oneOf"):
        if alternatives.keys() - {"discriminator"} == {name} and parts and name not in parts:
            parts.clear()
            parts[name] = Part([schema], tuple(place for spot in schema for place in spot.at))


@dataclass(frozen=True, slots=True, order=True)
class _Bound:
    """The lowest or the highest number that a schema allows."""

    narrowness: tuple[Fraction, bool]
    """The higher, the fewer numbers are allowed."""
    text: str
    places: tuple[str, ...]


def _taken_bound(parts: Parts, name: str) -> _Bound | None:
    """Remove `minimum` and `exclusiveMinimum`, or the other two, and return the narrower one."""
    is_whole = types(parts.get("type")) == {"integer"}
    found = []
    for keyword, is_exclusive in ((name, False), (f"exclusive{name.capitalize()}", True)):
        part = parts.pop(keyword, None)
        if part is None:
            continue
        value = Fraction(str(part.value)) * (1 if name == "minimum" else -1)
        excluded = (Fraction(floor(value) + 1), False) if is_whole else (value, True)
        narrowness = excluded if is_exclusive else (value, False)
        found.append(_Bound(narrowness, f"{keyword} {shown(part.value)}", part.places))
    return max(found, default=None)


def _diff_bounds(pair: Pair, name: str, was: Parts, now: Parts) -> Iterator[Observation]:
    before, after = _taken_bound(was, name), _taken_bound(now, name)
    places = tuple(place for bound in (after, before) if bound for place in bound.places)
    if before is None and after is not None:
        yield pair.lost(places, f"{after.text} was added")
    elif before is not None and after is None:
        yield pair.gained(places, f"{before.text} was removed", "warning")
    elif before is not None and after is not None and before.narrowness != after.narrowness:
        text = f"{before.text} became {after.text}"
        narrower = after.narrowness > before.narrowness
        yield pair.lost(places, text) if narrower else pair.gained(places, text, "warning")


def _diff_types(pair: Pair, was: Parts, now: Parts) -> Iterator[Observation]:
    enums = was.get("enum"), now.get("enum")
    before, after = was.pop("type", None), now.pop("type", None)
    if before is None and after is None:
        return
    one, other = (
        _types_of(enum) if part is None and enum is not None else types(part)
        for part, enum in ((before, enums[0]), (after, enums[1]))
    )
    lost, gained = one - other, other - one
    if lost or gained:
        effect: Effect = "breaking" if (lost if pair.sent else gained) else "compatible"
        yield pair.observe(effect, _places(after, before), _moved("type", _either(lost), _either(gained)))


def _types_of(enum: Part) -> set[str]:
    """The types of the values of an enum."""
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return {names.get(type(canonical(value)), "null") for value in enum.value}


def _either(values: set[str]) -> str:
    return "other types" if len(values) >= len(types(None)) - 2 else ", ".join(sorted(values))


def _diff_enums(pair: Pair, was: Parts, now: Parts) -> Iterator[Observation]:
    before, after = was.pop("enum", None), now.pop("enum", None)
    one, other = (
        None if part is None else {json.dumps(canonical(value), default=str): value for value in part.value}
        for part in (before, after)
    )
    lost = "other values" if one is None else _but(one, one if other is None else other)
    gained = "other values" if other is None else _but(other, other if one is None else one)
    if (one is None and other is None) or not (lost or gained):
        return
    if pair.sent:
        effect: Effect = "breaking" if lost else "compatible"
    else:
        effect = "warning" if gained else "compatible"
    yield pair.observe(effect, _places(after, before), _moved("enum", lost, gained))


def _but(values: dict[str, object], others: dict[str, object]) -> str:
    """The values that are not among the others."""
    return ", ".join(sorted(shown(value) for key, value in values.items() if key not in others))


def _moved(name: str, lost: str, gained: str) -> str:
    parts = [f"no longer allows {lost}"] * bool(lost) + [f"now allows {gained}"] * bool(gained)
    return f"the {name} {' and '.join(parts)}"


def _diff_properties(pair: Pair, was: Parts, now: Parts) -> Iterator[Observation]:
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


def _diff_branches(pair: Pair, was: Parts, now: Parts) -> Iterator[Observation]:
    """Compare the schemas below the two schemas, except those of properties, and remove them from both."""
    for parts, others in ((was, now), (now, was)):
        if "items" in others and "items" not in parts:  # without `items`, every item is allowed
            parts["items"] = Part((Spot({}, {}, others["items"].places),), ())
    for name in ("items", "additionalProperties"):
        before, after = was.get(name), now.get(name)
        if before and after and isinstance(before.value, tuple) and isinstance(after.value, tuple):
            yield from diff_schema(pair, before.value, after.value)
            del was[name], now[name]
    patterns, kept = (parts.get("patternProperties", Part({}, ())).value for parts in (was, now))
    for pattern in sorted(patterns.keys() & kept.keys()):
        yield from diff_schema(pair, patterns[pattern], kept[pattern])
    if patterns.keys() == kept.keys():
        was.pop("patternProperties", None)
        now.pop("patternProperties", None)
    for name in ("anyOf", "oneOf"):
        if name in was and name in now:
            yield from _diff_alternatives(pair, name, was.pop(name), now.pop(name))


def _diff_alternatives(pair: Pair, name: str, before: Part, after: Part) -> Iterator[Observation]:
    one, other = list(before.value), list(after.value)
    _pairs(one, other, _dump)
    twins = _pairs(one, other, lambda schema: schema[0].places[0])
    for schema, twin in (*twins, *zip(one, other, strict=False)):
        yield from diff_schema(pair, schema, twin)
    places = _places(after, before)
    if len(one) > len(other):
        yield pair.lost(places, f"{name} has fewer alternatives")
    if len(other) > len(one):
        yield pair.gained(places, f"{name} has more alternatives")


def _pairs(
    one: list[Schema], other: list[Schema], key: Callable[[Schema], str]
) -> list[tuple[Schema, Schema]]:
    """Remove the schemas that share a key from both lists, and return them in pairs."""
    found = []
    for schema in list(one):
        twin = next((twin for twin in other if key(schema) == key(twin)), None)
        if twin is not None:
            one.remove(schema)
            other.remove(twin)
            found.append((schema, twin))
    return found


def _dump(schema: Schema) -> str:
    parts = {name: canonical(plain(part.value)) for name, part in flat(schema).items()}
    return json.dumps(parts, sort_keys=True, default=str)


def _diff_keyword(pair: Pair, name: str, before: Part | None, after: Part | None) -> Iterator[Observation]:
    keyword = name.partition("#")[0]
    places = _places(after, before)
    one, other = (None if part is None else plain(part.value) for part in (before, after))
    if before and after and same(one, other):
        return
    effect = _effect_of_note(pair, keyword, other)
    if effect is not None:
        if not (pair.published and keyword.startswith("x-")):
            yield pair.observe(effect, places, _became(keyword, one, other))
    elif keyword == "additionalProperties":
        rank, now = (2 if part is None else bool(part.value) for part in (before, after))
        words = ("false", "a schema", "true")
        change = pair.lost if now < rank else pair.gained
        yield change(places, f"{keyword} {words[rank]} became {words[now]}")
    elif before is None:
        yield pair.lost(places, f"{keyword} {shown(other)} was added")
    elif after is None:
        text = f"{keyword} {shown(one)} was removed"
        yield pair.gained(places, text, "breaking" if keyword == "format" else "warning")
    elif _is_wider(keyword, before, after):
        yield pair.gained(places, _became(keyword, one, other), "warning")
    elif _is_wider(keyword, after, before):
        yield pair.lost(places, _became(keyword, one, other))
    else:
        # A client reads a value of another format as another type.
        if_read: Effect = "breaking" if keyword == "format" else "warning"
        yield pair.lost(places, _became(keyword, one, other), if_read)


def _effect_of_note(pair: Pair, keyword: str, now: object) -> Effect | None:
    """The effect of a keyword that does not say which values are allowed, or None for one that does."""
    if keyword.startswith("x-") or keyword == "default":
        return "warning"
    if keyword in {"readOnly", "writeOnly"}:
        is_gone = now and keyword == ("readOnly" if pair.sent else "writeOnly")
        return "breaking" if is_gone else "compatible"
    return "compatible" if keyword == "deprecated" else None


def _is_wider(keyword: str, before: Part, after: Part) -> bool:
    """Whether a limit certainly allows more values than before."""
    if keyword in UPPER_LIMITS:
        return bool(after.value > before.value)
    if keyword in LOWER_LIMITS:
        return bool(after.value < before.value)
    if keyword == "multipleOf":
        return Fraction(str(before.value)) % Fraction(str(after.value)) == 0
    return False


def _became(name: str, before: object, after: object) -> str:
    return f"{name} {_or_nothing(before)} became {_or_nothing(after)}"


def _or_nothing(value: object) -> str:
    return "nothing" if value is None else shown(value)


def _places(*parts: Part | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for part in parts if part for place in part.places))
