"""The changes between two contracts outside their schemas: operations, parameters, responses, rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.contract.document import METHODS, Node, walk
from scripts.contract.access_diff import (
    diff_own_servers,
    diff_rate_limit,
    diff_schemes,
    diff_security,
    diff_servers,
)
from scripts.contract.changes import Effect, Observation, shown
from scripts.contract.content_diff import diff_content, diff_deprecated, diff_headers, required_word
from scripts.contract.findings import child, lookup
from scripts.contract.flat_schema import Spot
from scripts.contract.parameter_diff import diff_parameters
from scripts.contract.schema_diff import Pair

Key = tuple[str, str]
"""A method and a path without the names of its parameters."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two documents, and the two directions in which schemas are compared."""

    old: Node
    new: Node
    request: Pair
    response: Pair
    only_ours: bool
    """Whether the new document is published by the vendor. It has other operations and no `x-` extensions."""


def diff_documents(old: Node, new: Node, *, only_ours: bool = False) -> Iterator[Observation]:
    """Every change that affects a client."""
    request, response = (Pair(sent=sent, published=only_ours) for sent in (True, False))
    both = Comparison(old, new, request, response, only_ours)
    yield from diff_servers(old, new, only_ours=only_ours)
    yield from diff_schemes(old, new, only_ours=only_ours)
    if not only_ours:
        yield from diff_rate_limit(old, new)
        yield from _diff_rules(both)
    yield from _diff_operations(both)


def _diff_rules(both: Comparison) -> Iterator[Observation]:
    """Compare the rules. A rule that is added or removed together with what it governs is not reported."""
    (before, here), (after, there) = (_rules(raw) for raw in (both.old, both.new))
    for id_ in sorted(before.keys() | after.keys()):
        if id_ not in before:
            if _governs(both.old, there[id_]):
                yield Observation("compatible", (there[id_],), f"the rule {id_} was added")
        elif id_ not in after:
            if _governs(both.new, here[id_]):
                yield Observation("warning", (here[id_],), f"the rule {id_} was removed")
        elif before[id_] != after[id_]:
            place = (child(there[id_], "text"),)
            one, other = (_level(rules[id_]) for rules in (before, after))
            if one != other:
                effect: Effect = "compatible" if other == "MUST" else "warning"
                yield Observation(effect, place, f"{one} of the rule {id_} became {other}")
            else:
                yield Observation("warning", place, f"the rule {id_} is now: {after[id_]}")


def _rules(raw: Node) -> tuple[dict[str, str], dict[str, str]]:
    """The sentence of each rule, and its pointer."""
    found = [
        (id_, str(rule.get("text")), child(pointer, "x-rules", id_))
        for pointer, node in walk(raw)
        for id_, rule in node.get("x-rules", {}).items()
    ]
    return {id_: text for id_, text, _ in found}, {id_: place for id_, _, place in found}


def _governs(raw: Node, place: str) -> bool:
    """Whether a document has the part that the rule at `place` governs."""
    try:
        lookup(raw, place.partition("/x-rules/")[0])
    except LookupError:
        return False
    return True


def _level(text: str) -> str:
    return "MUST" if "MUST" in text else "SHOULD"


def _operations(raw: Node) -> dict[Key, tuple[Spot, str]]:
    """Each operation with its path, by its method and its path without the names of parameters."""
    root = Spot(raw, raw)
    return {
        (method, re.sub(r"\{.*?\}", "{}", path)): (root.child("paths", path, method), path)
        for path, item in raw.get("paths", {}).items()
        for method in METHODS
        if method in item
    }


def _diff_operations(both: Comparison) -> Iterator[Observation]:
    before, after = _operations(both.old), _operations(both.new)
    moved = {spot.node.get("operationId"): key for key, (spot, _) in after.items() if key not in before}
    for key, (spot, path) in before.items():
        key_now = key if key in after else moved.pop(spot.node.get("operationId"), None)
        if key_now is None:
            yield Observation("breaking", spot.places, "the operation was removed", "both")
            continue
        now, path_now = after.pop(key_now)
        if key_now != key:
            for name, one, other in (("method", key[0], key_now[0]), ("path", path, path_now)):
                if one != other:
                    text = f"the {name} of {spot.node.get('operationId')}, {one}, became {other}"
                    yield Observation("breaking", (now.places[0], spot.places[0]), text, "request")
        yield from _diff_operation(both, spot, now, (path, path_now))
    if not both.only_ours:
        for spot, _ in after.values():
            yield Observation("compatible", spot.places, "the operation was added", "both")


def _diff_operation(both: Comparison, old: Spot, new: Spot, paths: tuple[str, str]) -> Iterator[Observation]:
    sent = both.request
    items = tuple(
        Spot(spot.document, spot.document).child("paths", path)
        for spot, path in zip((old, new), paths, strict=True)
    )
    yield from diff_security(old, new)
    yield from diff_own_servers(old, new, (items[0], items[1]))
    if not both.only_ours:
        for name in ("operationId", "x-idempotent"):
            before, after = (spot.node.get(name) for spot in (old, new))
            if before != after:
                text = f"the {name} {shown(before)} became {shown(after)}"
                yield sent.observe("warning", (child(new.places[0], name),), text)
    yield from diff_deprecated(sent, old, new, "operation")
    yield from diff_parameters(sent, old, new, paths)
    yield from _diff_body(both, old, new)
    yield from _diff_responses(both, old, new)


def _diff_body(both: Comparison, old: Spot, new: Spot) -> Iterator[Observation]:
    before, after = old.get("requestBody"), new.get("requestBody")
    one, other = (bool(body and body.node.get("required")) for body in (before, after))
    if before and after:
        yield from diff_content(both.request, before, after)
        if one != other:
            places = (child(after.places[0], "required"), *after.places[1:])
            yield (both.request.lost if other else both.request.gained)(
                places, f"the body is {required_word(other)}"
            )
    elif before:
        yield both.request.observe("breaking", before.at, "the body was removed")
    elif after:
        yield both.request.observe("breaking" if other else "compatible", after.at, "the body was added")


def _diff_responses(both: Comparison, old: Spot, new: Spot) -> Iterator[Observation]:
    responses = [spot.get("responses") for spot in (old, new)]
    before, after = (
        {} if spot is None else {str(key): spot.child(key) for key in spot.node} for spot in responses
    )
    for status in sorted(before.keys() - after.keys()):
        yield both.response.observe("breaking", before[status].at, f"the response {status} was removed")
    for status in sorted(after.keys() - before.keys()):
        yield both.response.observe("warning", after[status].at, f"the response {status} was added")
    for status in sorted(before.keys() & after.keys()):
        one, other = before[status], after[status]
        yield from diff_content(both.response, one, other)
        yield from diff_headers(both.response, one, other)
        code, now = (spot.node.get("x-error-code") for spot in (one, other))
        if code != now and not both.only_ours:
            places = (child(other.places[0], "x-error-code"), *other.places[1:])
            text = f"the documented code {shown(code)} became {shown(now)}"
            yield both.response.observe("warning", places, text)
