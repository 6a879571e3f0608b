"""What is wrong with the contract, and where."""

from dataclasses import dataclass
from typing import Any

from conformance.contract.document import Node


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    pointer: str
    """JSON pointer (RFC 6901) of its place."""
    text: str
    """What is wrong; what to do."""


def child(pointer: str, *keys: object) -> str:
    """The pointer of what lies below `pointer`, under one key after the other."""
    return pointer + "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def lookup(raw: Node, pointer: str, passed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - a JSON value
    """What `pointer` leads to, through every local `$ref` on the way, of which `passed` are behind us.

    Raises:
        LookupError: it, or a `$ref` on the way, leads nowhere or round in a circle; holds which one does.

    """
    value: Any = raw
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key) if isinstance(value, list) else key]
        except (LookupError, TypeError, ValueError) as error:
            raise LookupError(pointer) from error
        reference = value.get("$ref") if isinstance(value, dict) else None
        if isinstance(reference, str):
            target = reference.removeprefix("#")
            if target in passed:
                raise LookupError(target)
            value = lookup(raw, target, (*passed, target))
    return value
