"""The findings about a contract, and their places."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conformance.contract.document import Node, walk


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the contract."""

    pointer: str
    """JSON pointer (RFC 6901) of the place."""
    text: str
    """What is wrong, a semicolon, and how to fix it."""


def child(pointer: str, *keys: object) -> str:
    """The pointer that one or more keys extend."""
    return pointer + "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)


def lookup(raw: Node, pointer: str, passed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - a JSON value
    """The value at `pointer`. Every local `$ref` on the way is followed; `passed` are those followed before.

    Raises:
        LookupError: a pointer points to nothing, or its `$ref`s form a circle. The argument is that pointer.

    """
    value: Any = raw
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            value = _step(value, key)
        except (LookupError, TypeError, ValueError) as error:
            raise LookupError(pointer) from error
        reference = value.get("$ref") if isinstance(value, dict) else None
        if isinstance(reference, str):
            target = reference.removeprefix("#")
            if target in passed:
                raise LookupError(target)
            value = lookup(raw, target, (*passed, target))
    return value


def locate(raw: Node, path: Iterable[object], value: object) -> str:
    """The pointer of an error of the OpenAPI validator, which has `path` and is about `value`.

    The validator counts the path of an error in a schema from that schema. So the place is the first whose
    pointer ends in `path` and that has `value`. No `$ref` is followed: the error is where its target stands.
    """
    keys = [str(key) for key in path]
    for pointer, node in walk(raw):
        try:
            found = functools.reduce(_step, keys, node)
        except (LookupError, TypeError, ValueError):
            continue
        if found == value:
            return child(pointer, *keys)
    return child("", *keys)


def _step(value: Any, key: str) -> Any:  # noqa: ANN401 - JSON values
    return value[int(key) if isinstance(value, list) else key]
