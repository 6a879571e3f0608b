"""The changes of the parameters of an operation."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.contract.document import Node
from scripts.contract.changes import Observation, same
from scripts.contract.content_diff import diff_content, diff_deprecated, diff_schemas, required_word
from scripts.contract.findings import child
from scripts.contract.flat_schema import Spot
from scripts.contract.schema_diff import Pair

Key = tuple[str, str]
"""The place and the name of a parameter. The names of headers are in lower case."""
NOT_SENT = frozenset(("name", "in", "description", "example", "examples"))
"""The fields of a parameter that do not say how its value is sent."""


def diff_parameters(pair: Pair, old: Spot, new: Spot, paths: tuple[str, str]) -> Iterator[Observation]:
    """Every change of the parameters of an operation and of its path."""
    before, after = _parameters(old, paths[0]), _parameters(new, paths[1])
    yield from _renamed_in_path(pair, before, after, paths)
    yield from _renamed(pair, before, after)
    for key in sorted(before.keys() - after.keys()):
        yield pair.observe("breaking", before[key].at, f"the {_named(before[key])} was removed")
    for key in sorted(after.keys() - before.keys()):
        required = bool(after[key].node.get("required"))
        text = f"the {'required' if required else 'optional'} {_named(after[key])} was added"
        yield pair.observe("breaking" if required else "compatible", after[key].at, text)
    for key in sorted(before.keys() & after.keys()):
        yield from _diff_parameter(pair, before[key], after[key])


def _diff_parameter(pair: Pair, old: Spot, new: Spot) -> Iterator[Observation]:
    was, now = (bool(spot.node.get("required")) for spot in (old, new))
    if was != now:
        text = f"the {_named(new)} is {required_word(now)}"
        yield (pair.lost if now else pair.gained)(_below(new, "required"), text)
    one, other = (_form(spot.node) for spot in (old, new))
    for name in one:
        if one[name] != other[name]:
            yield pair.observe("breaking", _below(new, name), f"the {name} of the {_named(new)} changed")
    yield from diff_deprecated(pair, old, new, _named(new))
    if ("content" in old.node) != ("content" in new.node):
        text = f"the {_named(new)} is now sent in another form"
        yield pair.observe("breaking", (*_below(new, "content"), *_below(new, "schema")), text)
        return
    yield from diff_content(pair, old, new)
    yield from diff_schemas(pair, old, new)


def _renamed_in_path(
    pair: Pair, before: dict[Key, Spot], after: dict[Key, Spot], paths: tuple[str, str]
) -> Iterator[Observation]:
    """A path parameter with another name is the same parameter, because its name is not sent."""
    names = [re.findall(r"\{(.*?)\}", path) for path in paths]
    if len(names[0]) != len(names[1]):
        return
    for one, other in zip(*names, strict=True):
        old, new = before.get(("path", one)), after.get(("path", other))
        if one != other and old and new:
            before[("path", other)] = before.pop(("path", one))
            items = (child("/paths", path) for path in reversed(paths))
            places = (*_below(new, "name"), *items)
            yield pair.observe("warning", places, f"the path parameter {one} is now named {other}")


def _renamed(pair: Pair, before: dict[Key, Spot], after: dict[Key, Spot]) -> Iterator[Observation]:
    """A parameter that only got another name or another place is one change, not two."""
    for key in sorted(before.keys() - after.keys()):
        old = before[key]
        twins = (other for other in after.keys() - before.keys() if _is_twin(old.node, after[other].node))
        twin = min(twins, default=None)
        if twin is not None:
            new = after.pop(twin)
            field = "name" if twin[0] == key[0] else "in"
            places = (*_below(new, field), *new.at, *old.at)
            del before[key]
            yield pair.observe("breaking", places, f"the {_named(old)} became the {_named(new)}")


def _is_twin(one: Node, other: Node) -> bool:
    first, second = (
        {name: value for name, value in node.items() if name not in NOT_SENT} for node in (one, other)
    )
    return same(first, second) and (one["in"] == other["in"] or one["name"] == other["name"])


def _parameters(operation: Spot, path: str) -> dict[Key, Spot]:
    """The parameters of an operation and of its path, by their place and name."""
    item = Spot(operation.document, operation.document).child("paths", path)
    found: dict[Key, Spot] = {}
    for holder in (item, operation):
        for index in range(len(holder.node.get("parameters", ()))):
            spot = holder.child("parameters", index)
            place, name = spot.node["in"], spot.node["name"]
            found[place, name.lower() if place == "header" else name] = spot
    return found


def _form(parameter: Mapping[str, Any]) -> dict[str, object]:
    """How the value of a parameter is written, with the defaults of OpenAPI."""
    style = parameter.get("style", "form" if parameter["in"] in {"query", "cookie"} else "simple")
    return {"style": style, "explode": parameter.get("explode", style == "form")}


def _named(parameter: Spot) -> str:
    return f"{parameter.node['in']} parameter {parameter.node['name']}"


def _below(parameter: Spot, name: str) -> tuple[str, ...]:
    return (child(parameter.places[0], name), *parameter.places[1:])
