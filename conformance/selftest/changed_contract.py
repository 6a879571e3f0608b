"""Our contract with some values changed."""

import copy
from collections.abc import Iterable
from typing import Any

from conformance.contract import document
from conformance.contract.document import Node
from scripts.contract.findings import Finding, lookup

CONTRACT = document.load()
REMOVED = object()


def changed(pointer: str, value: object) -> dict[str, Any]:
    """Our contract with one value set or removed."""
    return edited(((pointer, value),))


def edited(edits: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """Our contract with several values set or removed."""
    return edit(CONTRACT.raw, edits)


def edit(contract: Node, edits: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """A copy of a contract with several values set or removed."""
    raw: dict[str, Any] = copy.deepcopy(dict(contract))
    for pointer, value in edits:
        parent, _, name = pointer.rpartition("/")
        node = lookup(raw, parent)
        key = int(name) if isinstance(node, list) else name.replace("~1", "/")
        if value is REMOVED:
            del node[key]
        else:
            node[key] = copy.deepcopy(value)
    return raw


def brief(findings: list[Finding]) -> list[tuple[str, str]]:
    """The findings without the way to fix them, which follows a semicolon."""
    assert [] == [finding for finding in findings if "; " not in finding.text]
    return [(finding.pointer, finding.text.partition(";")[0]) for finding in findings]
