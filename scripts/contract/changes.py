"""The changes between two contracts as values, and the places where the text of the contracts differs."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from conformance.contract.document import Node
from scripts.contract.findings import child

Effect = Literal["breaking", "warning", "compatible", "documentation"]
EFFECTS: Sequence[Effect] = ("breaking", "warning", "compatible", "documentation")
Direction = Literal["request", "response", "both", "neither"]

PROSE = frozenset(
    [
        "title",
        "summary",
        "description",
        "examples",
        "example",
        "$comment",
        "externalDocs",
        "tags",
        "info",
        "why",
        "untested",
    ]
)
NAMES = frozenset(
    [
        "paths",
        "responses",
        "content",
        "headers",
        "parameters",
        "schemas",
        "properties",
        "requestBodies",
        "patternProperties",
        "$defs",
        "securitySchemes",
        "callbacks",
        "x-rules",
    ]
)
"""The keys whose children have names of the contract's choice. A property named `title` is not prose."""
VALUES = frozenset(("enum", "required", "type", "tags", "examples", "security"))
"""The lists in which the order of the entries does not matter."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two contracts."""

    effect: Effect
    pointer: str
    """JSON pointer (RFC 6901) of the change."""
    text: str
    direction: Direction = "neither"
    """Whether the change affects what clients send, what clients receive, or both."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A change that the comparison of one request or response found."""

    effect: Effect
    places: tuple[str, ...]
    """The pointers where the text may differ: the pointer of the change, then each `$ref` that led there."""
    text: str
    direction: Direction = "neither"


def text_changes(old: Node, new: Node) -> Iterator[Change]:
    """Each place where two documents differ: prose as documentation, everything else as compatible."""
    for key in sorted(old.keys() | new.keys()):
        yield from _differ("", str(key), old.get(key, _ABSENT), new.get(key, _ABSENT), named=False)


_ABSENT = object()


def _differ(above: str, key: str, before: object, after: object, *, named: bool) -> Iterator[Change]:
    pointer = child(above, key)
    if above == "/components":
        before, after = ({} if value is _ABSENT else value for value in (before, after))
    if before is after or (_ABSENT not in (before, after) and same(before, after)):
        return
    if not named and key in PROSE:
        if (above, key) == ("", "info"):
            before, after = (_without_version(value) for value in (before, after))
        if before != after:
            yield Change("documentation", pointer, f"the {key} {_verb(before, after)}")
    elif isinstance(before, dict) and isinstance(after, dict):
        if (named or key not in NAMES) and ("$ref" in before) != ("$ref" in after):
            is_now = "$ref" in after
            yield Change("compatible", pointer, f"{key} is {'now' if is_now else 'no longer'} a reference")
            return
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, _ABSENT), after.get(name, _ABSENT)
            yield from _differ(pointer, name, one, other, named=not named and key in NAMES)
    elif isinstance(before, list) and isinstance(after, list) and key not in VALUES:
        yield from _differ_in_list(pointer, key, before, after)
    else:
        yield Change("compatible", pointer, _described(key, before, after))


def _differ_in_list(pointer: str, key: str, before: list[Any], after: list[Any]) -> Iterator[Change]:
    if key == "parameters":
        yield from _differ_by_name(pointer, before, after)
    elif len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differ(pointer, str(index), one, other, named=True)
    else:
        yield Change("compatible", pointer, f"the {key} {_verb(before, after)}")


def _differ_by_name(pointer: str, before: list[Any], after: list[Any]) -> Iterator[Change]:
    """The differences of parameters, whose order means nothing."""
    one, other = ({_identity(node): index for index, node in enumerate(nodes)} for nodes in (before, after))
    both = [(index, other[name]) for name, index in one.items() if name in other]
    gone = {index for name, index in one.items() if name not in other}
    come = {index for name, index in other.items() if name not in one}
    both += [(index, index) for index in sorted(gone & come)]
    for index, now in both:
        yield from _differ(pointer, str(now), before[index], after[now], named=True)
    for index in sorted(gone - come):
        yield Change("compatible", child(pointer, index), "the parameter was removed")
    for index in sorted(come - gone):
        yield Change("compatible", child(pointer, index), "the parameter was added")


def _identity(parameter: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(parameter.get(name) for name in ("$ref", "in", "name"))


def _without_version(value: object) -> object:
    return {key: one for key, one in value.items() if key != "version"} if isinstance(value, dict) else value


def _described(key: str, before: object, after: object) -> str:
    if isinstance(before, list) and isinstance(after, list):
        lost = [shown(one) for one in before if not any(same(one, twin) for twin in after)]
        gained = [shown(one) for one in after if not any(same(one, twin) for twin in before)]
        parts = [*(f"lost {one}" for one in lost), *(f"gained {one}" for one in gained)]
        return f"{key} {', '.join(parts) or 'has another order'}"
    if _ABSENT in (before, after) or isinstance(before, dict | list) or isinstance(after, dict | list):
        return f"{key} {_verb(before, after)}"
    return f"{key} {shown(before)} became {shown(after)}"


def _verb(before: object, after: object) -> str:
    if before is _ABSENT:
        return "was added"
    return "was removed" if after is _ABSENT else "changed"


def shown(value: object) -> str:
    """The text of a value in a sentence. A string that looks like another JSON value is quoted."""
    if isinstance(value, str):
        with suppress(ValueError):
            json.loads(value)
            return json.dumps(value)
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def canonical(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """A JSON value with whole numbers as integers, because 1 and 1.0 are the same number."""
    if isinstance(value, dict):
        return {key: canonical(one) for key, one in value.items()}
    if isinstance(value, list):
        return [canonical(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same(one: object, other: object) -> bool:
    """Whether two values are the same JSON value. In Python, 1 equals true."""
    first, second = (json.dumps(canonical(value), sort_keys=True, default=repr) for value in (one, other))
    return first == second


def merged(observations: Iterable[Observation], texts: Collection[Change]) -> list[Change]:
    """Each change once: the observations at the place where the text differs, and the other text changes.

    Two observations are the same change if they have the same place and the same text.
    """
    differing = [change.pointer for change in texts if change.effect != "documentation"]
    found: dict[tuple[str, str], Change] = {}
    explained: set[str] = set()
    for one in observations:
        pointer, reasons = _placed(one.places, differing)
        explained |= reasons
        text = one.text if pointer == one.places[0] else f"{one.text} (at {one.places[0]})"
        change = Change(one.effect, pointer, text, one.direction)
        before = found.get((pointer, text))
        found[pointer, text] = _joined(before, change) if before else change
    rest = [
        change if change.effect == "documentation" else _ineffective(change)
        for change in texts
        if change.pointer not in explained
    ]
    return sorted([*found.values(), *rest], key=lambda change: (EFFECTS.index(change.effect), change.pointer))


def _placed(places: Sequence[str], differing: Sequence[str]) -> tuple[str, set[str]]:
    """The first place whose text differs, or else the first place, and the differences that it explains."""
    above = {place: [text for text in differing if _within(place, text)] for place in places}
    below = {place: [text for text in differing if _within(text, place)] for place in places}
    reasons = {text for place in places for text in (*above[place], *below[place])}
    for place in places:
        if above[place] or below[place]:
            # A subtree with a `$ref` was replaced. Then the subtree is the place.
            return (min(above[place]) if above[place] and place != places[0] else place), reasons
    return places[0], reasons


def _within(pointer: str, above: str) -> bool:
    return f"{pointer}/".startswith(f"{above}/")


def _ineffective(change: Change) -> Change:
    return replace(change, text=f"{change.text}; no documented request or response changes")


def _joined(one: Change, other: Change) -> Change:
    direction = one.direction if one.direction == other.direction else "both"
    effect = min(one.effect, other.effect, key=EFFECTS.index)
    return replace(one, effect=effect, direction=direction)


def counted(changes: Collection[Change]) -> Mapping[Effect, int]:
    """The number of changes with each effect."""
    return {effect: sum(change.effect == effect for change in changes) for effect in EFFECTS}


def worst(changes: Collection[Change]) -> Effect | None:
    """The worst effect, or None if there is no change."""
    return min((change.effect for change in changes), key=EFFECTS.index, default=None)
