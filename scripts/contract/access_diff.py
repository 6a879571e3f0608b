"""The changes of where requests go, which key they need, and how many are allowed."""

import re
from collections.abc import Iterator, Mapping, Sequence

from conformance.contract.document import Node
from scripts.contract.changes import Effect, Observation
from scripts.contract.findings import child
from scripts.contract.flat_schema import Spot

Alternative = frozenset[str]
"""The security schemes, and their scopes, that one request needs together."""


def diff_servers(old: Node, new: Node, *, only_ours: bool) -> Iterator[Observation]:
    """The first server of the contract. With `only_ours` it may be any server of the new document."""
    before, after = (_urls(raw.get("servers")) for raw in (old, new))
    is_one_of_theirs = only_ours and bool(before) and before[0] in after
    if before[:1] != after[:1] and not is_one_of_theirs:
        text = f"the server {_first(before)} became {_first(after)}"
        urls = [raw["servers"][0]["url"] if raw.get("servers") else None for raw in (old, new)]
        place = "/servers/0/variables" if urls[0] == urls[1] else "/servers/0/url"
        yield Observation("breaking", (place, "/servers"), text, "request")


def diff_own_servers(old: Spot, new: Spot, items: tuple[Spot, Spot]) -> Iterator[Observation]:
    """The servers of an operation, or of its path. `items` are the paths."""
    (before, _), (after, place) = (
        _own_servers(spot, item) for spot, item in zip((old, new), items, strict=True)
    )
    if before != after:
        text = f"the server of the operation, {before or 'that of the contract'}, became "
        places = (place, child(new.places[0], "servers"), child(items[1].places[0], "servers"))
        yield Observation("breaking", places, text + (after or "that of the contract"), "request")


def _own_servers(operation: Spot, item: Spot) -> tuple[str, str]:
    """The first address that is not the contract's, or nothing, and its pointer."""
    for spot in (operation, item):
        urls = _urls(spot.node.get("servers"))
        if urls:
            root = _urls(spot.document.get("servers"))
            return "" if urls[:1] == root[:1] else urls[0], child(spot.places[0], "servers")
    return "", child(operation.places[0], "servers")


def _urls(servers: Sequence[Node] | None) -> list[str]:
    """The address of each server, with the default of each variable."""
    return [_url(server["url"], server.get("variables", {})) for server in servers or ()]


def _url(template: str, variables: Node) -> str:
    return re.sub(r"\{(.+?)\}", lambda found: str(variables[found[1]]["default"]), template)


def _first(urls: list[str]) -> str:
    return urls[0] if urls else "nothing"


def schemes(old: Node, new: Node) -> dict[str, str]:
    """Each security scheme of the old contract, and its name in the new one. Its type may identify it."""
    before, after = _schemes(old), _schemes(new)
    found = {name: name for name in before if name in after}
    for name, node in before.items():
        others = (other for other in after if other not in found.values())
        twin = next((other for other in others if after[other].get("type") == node.get("type")), None)
        if name not in found and twin is not None:
            found[name] = twin
    return found


def _schemes(raw: Node) -> Mapping[str, Node]:
    return raw.get("components", {}).get("securitySchemes", {})  # type: ignore[no-any-return]  # a JSON value


def diff_schemes(old: Node, new: Node, *, only_ours: bool) -> Iterator[Observation]:
    """The security schemes that both contracts have."""
    words = {"in": "place", "name": "name", "scheme": "HTTP scheme", "x-key-prefix": "prefix"}
    if only_ours:
        del words["x-key-prefix"]
    for name, twin in schemes(old, new).items():
        before, after = _schemes(old)[name], _schemes(new)[twin]
        place = child("/components/securitySchemes", twin)
        if before.get("type") != after.get("type"):
            text = f"the type of the security scheme {name}, {before.get('type')}, became {after.get('type')}"
            yield Observation("breaking", (child(place, "type"), place), text, "request")
            continue
        for field, word in words.items():
            one, other = before.get(field), after.get(field)
            if one != other:
                text = f"the {word} of the key, {one or 'nothing'}, became {other or 'nothing'}"
                yield Observation("breaking", (child(place, field),), text, "request")


def diff_security(old: Spot, new: Spot) -> Iterator[Observation]:
    """The security requirements of an operation. What a client of the old contract sends must be enough."""
    names = schemes(old.document, new.document)
    before, after = _alternatives(old, names), _alternatives(new, {})
    if set(before) == set(after):
        return
    is_own = "security" in old.node or "security" in new.node
    places = (*([child(new.places[0], "security")] if is_own else []), "/security")
    text = f"the access with {_listed(before)} became access with {_listed(after)}"
    is_enough = all(any(needed <= sent for needed in after) for sent in before)
    effect: Effect = "compatible" if is_enough else "breaking"
    yield Observation(effect, places, text, "request")


def _alternatives(spot: Spot, names: Mapping[str, str]) -> list[Alternative]:
    required = spot.node.get("security", spot.document.get("security")) or [{}]
    return [
        frozenset(
            name
            for scheme, scopes in one.items()
            for name in (names.get(scheme, scheme), *(f"the scope {scope}" for scope in scopes))
        )
        for one in required
    ]


def _listed(alternatives: list[Alternative]) -> str:
    return " or ".join(" and ".join(sorted(one)) or "no key" for one in alternatives)


def diff_rate_limit(old: Node, new: Node) -> Iterator[Observation]:
    """The documented rate limit. Fewer requests at once, or in all, may require a change of a client."""
    before, after = old.get("x-rate-limit"), new.get("x-rate-limit")
    if before == after:
        return
    one, other = (
        f"{limit['requests']} requests in {limit['seconds']} s" if limit else "nothing"
        for limit in (before, after)
    )
    fewer = after and (not before or _pace(after) < _pace(before) or after["requests"] < before["requests"])
    text = f"the documented rate limit, {one}, became {other}"
    places = ("/x-rate-limit/requests", "/x-rate-limit/seconds", "/x-rate-limit")
    yield Observation("warning" if fewer else "compatible", places, text, "request")


def _pace(limit: Node) -> float:
    return float(limit["requests"]) / float(limit["seconds"])
