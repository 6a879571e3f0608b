"""The changes between two contracts outside their schemas: access, operations, parameters, rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.contract.document import METHODS, Node, walk
from scripts.contract.changes import Effect, Observation, shown
from scripts.contract.findings import child, lookup
from scripts.contract.schema_diff import Pair, Spot, diff_schema

Key = tuple[str, str]
"""A method and a path."""


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
    both = Comparison(old, new, Pair(sent=True), Pair(sent=False), only_ours)
    yield from _diff_servers(both)
    yield from _diff_key(both)
    if not only_ours:
        yield from _diff_rate_limit(both)
        yield from _diff_rules(both)
    yield from _diff_operations(both)


def _diff_servers(both: Comparison) -> Iterator[Observation]:
    before, after = ([server["url"] for server in raw.get("servers", ())] for raw in (both.old, both.new))
    if before[:1] != after[:1] and not (both.only_ours and before[0] in after):
        text = f"the server {_first(before)} became {_first(after)}"
        yield Observation("breaking", ("/servers/0/url", "/servers"), text, "request")


def _first(urls: list[str]) -> str:
    return urls[0] if urls else "nothing"


def _diff_key(both: Comparison) -> Iterator[Observation]:
    (place, before), (_, after) = (_key_scheme(raw) for raw in (both.old, both.new))
    names = ("in", "name") if both.only_ours else ("in", "name", "x-key-prefix")
    for name in names:
        one, other = (scheme.get(name) for scheme in (before, after))
        if one != other:
            what = {"in": "place", "name": "name", "x-key-prefix": "prefix"}[name]
            text = f"the {what} of the key, {one}, became {other or 'nothing'}"
            yield Observation("breaking", (child(place, name),), text, "request")


def _key_scheme(raw: Node) -> tuple[str, Node]:
    place = "/components/securitySchemes"
    schemes = raw.get("components", {}).get("securitySchemes", {})
    found = ((child(place, name), node) for name, node in schemes.items() if node.get("type") == "apiKey")
    return next(found, (place, {}))


def _diff_rate_limit(both: Comparison) -> Iterator[Observation]:
    before, after = both.old.get("x-rate-limit"), both.new.get("x-rate-limit")
    if before == after:
        return
    one, other = (
        f"{limit['requests']} requests in {limit['seconds']} s" if limit else "nothing"
        for limit in (before, after)
    )
    fewer = after and (not before or _pace(after) < _pace(before))
    text = f"the documented rate limit, {one}, became {other}"
    places = ("/x-rate-limit/requests", "/x-rate-limit/seconds", "/x-rate-limit")
    yield Observation("warning" if fewer else "compatible", places, text, "request")


def _pace(limit: Node) -> float:
    return float(limit["requests"]) / float(limit["seconds"])


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


def _operations(raw: Node) -> dict[Key, Spot]:
    root = Spot(raw, raw)
    return {
        (method, path): root.child("paths", path, method)
        for path, item in raw.get("paths", {}).items()
        for method in METHODS
        if method in item
    }


def _diff_operations(both: Comparison) -> Iterator[Observation]:
    before, after = _operations(both.old), _operations(both.new)
    moved = {spot.node.get("operationId"): key for key, spot in after.items() if key not in before}
    for key, spot in before.items():
        now = key if key in after else moved.pop(spot.node.get("operationId"), None)
        if now is None:
            yield Observation("breaking", spot.places, "the operation was removed", "both")
            continue
        for name, one, other in zip(("method", "path"), key, now, strict=True):
            if one != other:
                text = f"the {name} of {spot.node.get('operationId')}, {one}, became {other}"
                yield Observation("breaking", (after[now].places[0], spot.places[0]), text, "request")
        yield from _diff_operation(both, spot, after.pop(now), (key[1], now[1]))
    if not both.only_ours:
        for spot in after.values():
            yield Observation("compatible", spot.places, "the operation was added", "both")


def _diff_operation(both: Comparison, old: Spot, new: Spot, paths: Key) -> Iterator[Observation]:
    sent = both.request
    one, other = (bool(spot.node.get("security", spot.document.get("security"))) for spot in (old, new))
    if one != other:
        places = (child(new.places[0], "security"), "/security")
        yield (sent.lost if other else sent.gained)(places, f"the key is {_required(other)}")
    if not both.only_ours:
        for name in ("operationId", "x-idempotent"):
            before, after = (spot.node.get(name) for spot in (old, new))
            if before != after:
                text = f"the {name} {shown(before)} became {shown(after)}"
                yield sent.observe("warning", (child(new.places[0], name),), text)
    yield from _diff_parameters(both, old, new, paths)
    yield from _diff_body(both, old, new)
    yield from _diff_responses(both, old, new)


def _diff_parameters(both: Comparison, old: Spot, new: Spot, paths: Key) -> Iterator[Observation]:
    before, after = _parameters(old, paths[0]), _parameters(new, paths[1])
    for key in sorted(before.keys() - after.keys()):
        yield both.request.observe("breaking", before[key].at, f"the {key[0]} parameter {key[1]} was removed")
    for key in sorted(after.keys() - before.keys()):
        required = bool(after[key].node.get("required"))
        kind = "required" if required else "optional"
        text = f"the {kind} {key[0]} parameter {key[1]} was added"
        yield both.request.observe("breaking" if required else "compatible", after[key].at, text)
    for key in sorted(before.keys() & after.keys()):
        one, other = before[key], after[key]
        was, now = (bool(spot.node.get("required")) for spot in (one, other))
        if was != now:
            places = (child(other.places[0], "required"), *other.places[1:])
            text = f"the {key[0]} parameter {key[1]} is {_required(now)}"
            yield (both.request.lost if now else both.request.gained)(places, text)
        for name in ("style", "explode"):
            if one.node.get(name) != other.node.get(name):
                places = (child(other.places[0], name), *other.places[1:])
                yield both.request.observe(
                    "breaking", places, f"the {name} of the parameter {key[1]} changed"
                )
        yield from _diff_schemas(both.request, one, other)


def _parameters(operation: Spot, path: str) -> dict[Key, Spot]:
    """The parameters of an operation and of its path, by their place and name."""
    item = Spot(operation.document, operation.document).child("paths", path)
    found: dict[Key, Spot] = {}
    for holder in (item, operation):
        for index in range(len(holder.node.get("parameters", ()))):
            spot = holder.child("parameters", index)
            found[spot.node["in"], spot.node["name"]] = spot
    return found


def _diff_body(both: Comparison, old: Spot, new: Spot) -> Iterator[Observation]:
    before, after = old.get("requestBody"), new.get("requestBody")
    one, other = (bool(body and body.node.get("required")) for body in (before, after))
    if before and after:
        yield from _diff_content(both.request, before, after)
        if one != other:
            places = (child(after.places[0], "required"), *after.places[1:])
            yield (both.request.lost if other else both.request.gained)(
                places, f"the body is {_required(other)}"
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
        yield from _diff_content(both.response, one, other)
        yield from _diff_headers(both.response, one, other)
        code, now = (spot.node.get("x-error-code") for spot in (one, other))
        if code != now and not both.only_ours:
            places = (child(other.places[0], "x-error-code"), *other.places[1:])
            text = f"the documented code {shown(code)} became {shown(now)}"
            yield both.response.observe("warning", places, text)


def _diff_headers(pair: Pair, old: Spot, new: Spot) -> Iterator[Observation]:
    before, after = (spot.get("headers") for spot in (old, new))
    one, other = ({name.lower(): name for name in spot.node} if spot else {} for spot in (before, after))
    for name in sorted(one.keys() | other.keys()):
        if after is None or name not in other:
            assert before is not None
            yield pair.observe("breaking", before.child(one[name]).at, f"the header {name} was removed")
        elif before is None or name not in one:
            yield pair.observe("compatible", after.child(other[name]).at, f"the header {name} was added")
        else:
            yield from _diff_schemas(pair, before.child(one[name]), after.child(other[name]))


def _diff_content(pair: Pair, old: Spot, new: Spot) -> Iterator[Observation]:
    before, after = (_media(spot) for spot in (old, new))
    for name in sorted(before.keys() - after.keys()):
        yield pair.observe("breaking", before[name].at, f"the media type {name} was removed")
    for name in sorted(after.keys() - before.keys()):
        effect: Effect = "compatible" if pair.sent and before else "warning"
        yield pair.observe(effect, after[name].at, f"the media type {name} was added")
    for name in sorted(before.keys() & after.keys()):
        yield from _diff_schemas(pair, before[name], after[name])


def _media(spot: Spot) -> Mapping[str, Spot]:
    content = spot.get("content")
    return {} if content is None else {name: content.child(name) for name in content.node}


def _diff_schemas(pair: Pair, old: Spot, new: Spot) -> Iterator[Observation]:
    before, after = old.get("schema"), new.get("schema")
    if before and after:
        yield from diff_schema(pair, (before,), (after,))
    elif before:
        yield pair.gained(before.at, "the schema was removed", "warning")
    elif after:
        yield pair.lost(after.at, "the schema was added")


def _required(value: object) -> str:
    return "now required" if value else "no longer required"
