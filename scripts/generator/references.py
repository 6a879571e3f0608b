"""Where the references of a contract lead, and whether they come to an end."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.contract.document import Contract, Node, walk
from scripts.contract.findings import Finding, child

# A schema that contains itself by these keywords only has no value that ends. By a property it has one.
WITHIN = ("allOf", "anyOf", "oneOf")


def ill_referred(contract: Contract) -> list[Finding]:
    """Every reference that leads nowhere or in a circle, and every schema that consists of itself."""
    return list(_references(contract.raw)) or list(_circles(contract.raw))


def _references(raw: Node) -> Iterator[Finding]:
    for pointer, node in walk(raw):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            continue
        passed = [reference]
        while True:
            target = _target(raw, passed[-1])
            if target is None:
                yield Finding(pointer, f"the reference {passed[-1]} leads nowhere")
                break
            following = target.get("$ref")
            if not isinstance(following, str):
                break
            if following in passed:
                circle = " → ".join([*passed, following])
                yield Finding(pointer, f"the references lead in a circle: {circle}; describe one of them")
                break
            passed.append(following)


def _target(raw: Node, reference: str) -> Node | None:
    target: Any = raw
    if not reference.startswith("#/"):
        return None
    for token in reference.removeprefix("#/").split("/"):
        try:
            target = target[token.replace("~1", "/").replace("~0", "~")]
        except (KeyError, TypeError):
            return None
    return target if isinstance(target, Mapping) else None


def _circles(raw: Node) -> Iterator[Finding]:
    finished: set[str] = set()
    for start, node in walk(raw):
        if any(keyword in node for keyword in (*WITHIN, "items")):
            yield from _circle(raw, start, node, [], finished)


def _circle(raw: Node, pointer: str, node: Node, above: list[str], finished: set[str]) -> Iterator[Finding]:
    if pointer in above:
        circle = " → ".join([*above[above.index(pointer) :], pointer])
        yield Finding(pointer, f"consists of itself, and no property is in between: {circle}")
        return
    if pointer in finished:
        return
    for place, part in _parts(raw, pointer, node):
        yield from _circle(raw, place, part, [*above, pointer], finished)
    finished.add(pointer)


def _parts(raw: Node, pointer: str, node: Node) -> Iterator[tuple[str, Node]]:
    reference = node.get("$ref")
    if isinstance(reference, str) and (target := _target(raw, reference)) is not None:
        yield reference.removeprefix("#"), target
    for keyword in WITHIN:
        parts = node.get(keyword, [])
        for index, part in enumerate(parts if isinstance(parts, list) else []):
            if isinstance(part, Mapping):
                yield child(pointer, keyword, index), part
    if isinstance(node.get("items"), Mapping):
        yield child(pointer, "items"), node["items"]
