"""What changed between two schemas, and does it break clients?

It depends on the direction: fewer values are wrong for what a client sends, more values for what it reads.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from conformance.contract.document import Contract, Node

Effect = Literal["breaking", "warning", "compatible"]
EFFECTS: Sequence[Effect] = ("breaking", "warning", "compatible")
PROSE = frozenset(("title", "description", "examples", "example", "default", "deprecated", "$comment"))


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that a client can see."""

    effect: Effect
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The same part of two contracts."""

    old: Contract
    new: Contract
    place: str
    sent: bool
    """Whether clients send it, rather than read it."""

    def moved(self, where: str) -> "Pair":
        """The pair with a place further down."""
        return replace(self, place=self.place + where)

    def lost(self, text: str, *, if_read: Effect = "compatible") -> Change:
        """A change that leaves fewer values: wrong for what is sent."""
        return Change("breaking" if self.sent else if_read, self.place, text)

    def gained(self, text: str, *, if_read: Effect = "breaking") -> Change:
        """A change that allows more values: wrong for what is read."""
        return Change("compatible" if self.sent else if_read, self.place, text)


def diff_schema(
    pair: Pair, before: Node, after: Node, above: frozenset[str] = frozenset()
) -> Iterator[Change]:
    """Every change between two schemas and all that they are made of."""
    both = json.dumps([before, after], sort_keys=True)
    if both in above:
        return
    was, now = flat(pair.old, before), flat(pair.new, after)
    yield from _diff_values(pair, "type", was.pop("type", None), now.pop("type", None))
    yield from _diff_values(pair, "enum", was.pop("enum", None), now.pop("enum", None))
    yield from _diff_properties(pair, was, now)
    for where, one, other in _branches(was, now):
        yield from diff_schema(pair.moved(where), one, other, above | {both})
    for name in sorted(was.keys() | now.keys()):
        text = f"{name} {_shown(was.get(name))} became {_shown(now.get(name))}"
        if name not in was:
            yield pair.lost(text)
        elif name not in now:
            yield pair.gained(text, if_read="warning")
        elif was[name] != now[name]:
            yield pair.lost(text, if_read="warning")


def _diff_properties(pair: Pair, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
    required, still = set(was.pop("required", ())), set(now.pop("required", ()))
    properties, kept = was.get("properties", {}), now.get("properties", {})
    for name in sorted(still - required):
        yield pair.moved(f"/{name}").lost("became required")
    for name in sorted((required - still) & kept.keys()):
        yield pair.moved(f"/{name}").gained("became optional")
    for name in sorted(properties.keys() - kept.keys()):
        yield Change("breaking", f"{pair.place}/{name}", "the property was removed")
    for name in sorted(kept.keys() - properties.keys()):
        yield Change("compatible", f"{pair.place}/{name}", "the property was added")


def _branches(was: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, Node, Node]]:
    """The schemas below two schemas that belong together, which are taken out of both."""
    properties, kept = was.pop("properties", {}), now.pop("properties", {})
    for name in sorted(properties.keys() & kept.keys()):
        yield f"/{name}", properties[name], kept[name]
    if "items" in was and "items" in now:
        yield "/*", was.pop("items"), now.pop("items")
    for keyword in ("anyOf", "oneOf"):
        if len(was.get(keyword, ())) == len(now.get(keyword, ())):
            pairs = zip(was.pop(keyword, ()), now.pop(keyword, ()), strict=True)
            yield from ((f"/{keyword}/{index}", one, other) for index, (one, other) in enumerate(pairs))


def _diff_values(pair: Pair, name: str, before: object, after: object) -> Iterator[Change]:
    """Compare the values that `type` or `enum` allow; without the keyword, all are."""
    was, now = _listed(before), _listed(after)
    if after is not None and (before is None or was - now):
        removed = "any" if before is None else ", ".join(sorted(was - now))
        yield pair.lost(f"the {name} no longer allows {removed}")
    if before is not None and (after is None or now - was):
        added = "anything" if after is None else ", ".join(sorted(now - was))
        yield pair.gained(
            f"the {name} now allows {added}", if_read="warning" if name == "enum" else "breaking"
        )


def _listed(allowed: object) -> set[str]:
    return {str(value) for value in (allowed if isinstance(allowed, list) else [allowed])}


def flat(contract: Contract, schema: Node) -> dict[str, Any]:
    """A schema with its `$ref` and its `allOf` folded into it, without its prose."""
    own = {key: value for key, value in schema.items() if key not in PROSE and not key.startswith("x-")}
    parts = [contract.resolve({"$ref": own.pop("$ref")})] if "$ref" in own else []
    parts += own.pop("allOf", [])
    if "const" in own:
        own["enum"] = [own.pop("const")]
    merged: dict[str, Any] = own
    for part in parts:
        for key, value in flat(contract, part).items():
            if key not in merged:
                merged[key] = value
            elif key == "properties":
                merged[key] = _joined(merged[key], value)
            elif key == "required":
                merged[key] = [*merged[key], *value]
            elif key == "enum":
                merged[key] = [one for one in merged[key] if one in value]
    return merged


def _joined(some: Mapping[str, Node], more: Mapping[str, Node]) -> dict[str, Node]:
    shared = {name: {"allOf": [some[name], more[name]]} for name in some if name in more}
    return {**some, **more, **shared}


def _shown(value: object) -> str:
    return "nothing" if value is None else json.dumps(value)
