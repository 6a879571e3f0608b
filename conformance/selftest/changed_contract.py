"""Our contract with some values changed."""

import copy
from collections.abc import Iterable
from typing import Any

from conformance.contract import document
from scripts.contract.findings import Finding, lookup

CONTRACT = document.load()
REMOVED = object()


def changed(pointer: str, value: object) -> dict[str, Any]:
    """Our contract with one value set or removed."""
    return edited(((pointer, value),))


def edited(edits: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """Our contract with several values set or removed."""
    raw: dict[str, Any] = copy.deepcopy(dict(CONTRACT.raw))
    for pointer, value in edits:
        parent, _, key = pointer.rpartition("/")
        key = key.replace("~1", "/")
        node = lookup(raw, parent)
        if value is REMOVED:
            del node[key]
        else:
            node[int(key) if isinstance(node, list) else key] = value
    return raw


def brief(findings: list[Finding]) -> list[tuple[str, str]]:
    """The findings without the way to fix them, which follows a semicolon."""
    assert [] == [finding for finding in findings if "; " not in finding.text]
    return [(finding.pointer, finding.text.partition(";")[0]) for finding in findings]
