"""The values of a contract as they are written in YAML: their types, and defaults and examples.

YAML reads some words as another type than was meant. `NO` is false, `200` is a number, and `2026-01-02` is
a date.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from conformance.contract.document import Contract, Node, walk
from scripts.contract.findings import Finding, child

# Below these keywords stands data, and no schema.
DATA = frozenset({"default", "const", "enum", "example", "examples"})
# Below these keywords stand names of the contract's own, each with a schema.
NAMED = frozenset({"properties", "schemas", "patternProperties", "$defs"})
JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (Mapping,),
}
IN_QUOTES = "YAML reads it so unless it is in quotes"


def ill_written(contract: Contract) -> Iterator[Finding]:
    """Every value that is not JSON, and every one of another type than its schema says."""
    yield from _values(contract.raw, "", ())


def ill_valued(contract: Contract) -> Iterator[Finding]:
    """Every default that its schema rejects."""
    yield from _rejected(contract, _defaults)


def ill_exemplified(contract: Contract) -> Iterator[Finding]:
    """Every example that its schema rejects."""
    yield from _rejected(contract, _examples)


def _rejected(
    contract: Contract, given: Callable[[str, Node], Iterator[tuple[str, object]]]
) -> Iterator[Finding]:
    relaxed = Contract(lenient(contract.raw), contract.path)
    for pointer, node in walk(contract.raw):
        if pointer.rpartition("/")[2] in {*NAMED, "responses"} or "/x-" in pointer:
            continue
        schema = node.get("schema", node)
        for place, value in given(pointer, node):
            try:
                is_valid = relaxed.validator(lenient(schema)).is_valid(value)
            except Exception:  # noqa: BLE001, S112 - the node is no schema, or a broken one, which is found elsewhere
                continue
            if not is_valid:
                yield Finding(place, f"is {value!r}, which its schema rejects")


def _defaults(pointer: str, node: Node) -> Iterator[tuple[str, object]]:
    if "schema" not in node and "default" in node:
        yield child(pointer, "default"), node["default"]


def _examples(pointer: str, node: Node) -> Iterator[tuple[str, object]]:
    """The examples beside a schema: in a schema, a parameter or a media type."""
    if "example" in node:
        yield child(pointer, "example"), node["example"]
    examples = node.get("examples", [])
    if isinstance(examples, list):
        yield from ((child(pointer, "examples", index), value) for index, value in enumerate(examples))
    elif "schema" in node:
        for name, example in examples.items():
            if isinstance(example, Mapping) and "value" in example:
                yield child(pointer, "examples", name, "value"), example["value"]


def lenient(node: Any, unset: Iterable[str] = ("readOnly", "writeOnly")) -> Any:  # noqa: ANN401 - a part of a contract
    """A contract as JSON Schema reads it rightly.

    JSON Schema does not know that a discriminator chooses, nor that a property is required on one side only.
    """
    if isinstance(node, list):
        return [lenient(one, unset) for one in node]
    if not isinstance(node, Mapping):
        return node
    changed = {key: lenient(value, unset) for key, value in node.items()}
    if "discriminator" in changed and "oneOf" in changed:
        changed["anyOf"] = changed.pop("oneOf")
    if isinstance(changed.get("required"), list) and isinstance(changed.get("properties"), Mapping):
        changed["required"] = [
            name
            for name in changed["required"]
            if not any(_said(changed["properties"].get(name)).get(keyword) for keyword in unset)
        ]
    return changed


def _said(schema: object) -> Node:
    return schema if isinstance(schema, Mapping) else {}


def _values(
    value: object, pointer: str, above: tuple[int, ...], *, data: bool = False, names: bool = False
) -> Iterator[Finding]:
    if id(value) in above:
        yield Finding(pointer, "contains itself, by an alias of YAML; refer to a schema with $ref")
    elif isinstance(value, Mapping):
        yield from _keys(value, pointer)
        if not data and not names:
            yield from _typed(value, pointer)
        for key, below in value.items():
            is_data = data or (not names and (key in DATA or str(key).startswith("x-")))
            place = child(pointer, key)
            is_names = not names and key in NAMED
            yield from _values(below, place, (*above, id(value)), data=is_data, names=is_names)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _values(below, child(pointer, index), (*above, id(value)), data=data)
    else:
        yield from _leaf(value, pointer)


def _leaf(value: object, pointer: str) -> Iterator[Finding]:
    match value:
        case None | bool() | int():
            pass
        case float() if not math.isfinite(value):
            yield Finding(pointer, f"is {value}, which JSON does not have")
        case float():
            pass
        case str():
            if not _is_encodable(value):
                yield Finding(pointer, "has half a surrogate pair, which UTF-8 does not have")
        case _:
            yield Finding(pointer, f"is a {type(value).__name__}, which JSON does not have; {IN_QUOTES}")


def _keys(node: Mapping[object, object], pointer: str) -> Iterator[Finding]:
    what = "status" if pointer.endswith("/responses") else "key"
    for key in node:
        if not isinstance(key, str):
            yield Finding(pointer, f"has the {what} {key!r}, which is no string; {IN_QUOTES}")
        elif not _is_encodable(key):
            yield Finding(pointer, "has a key with half a surrogate pair, which UTF-8 does not have")


def _typed(node: Node, pointer: str) -> Iterator[Finding]:
    types = node.get("type")
    names: list[str] = types if isinstance(types, list) else [str(types)]
    values = node.get("enum", [])
    values = values if isinstance(values, list) else []
    if set(names) <= set(JSON_TYPES):
        given = [(child(pointer, "enum", index), value) for index, value in enumerate(values)]
        given += [(child(pointer, key), node[key]) for key in ("const", "default") if key in node]
        for place, value in given:
            if not any(_is(value, name) for name in names):
                yield Finding(place, f"is {value!r}, and the type is {' or '.join(names)}; {IN_QUOTES}")
    elif types is None:
        kinds = {type(value) for value in values if value is not None}
        if len(kinds) > 1 or kinds - {str, int}:
            text = (
                f"has {', '.join(map(repr, values))}; write strings only or whole numbers only, in quotes if"
            )
            yield Finding(child(pointer, "enum"), f"{text} YAML reads them as another type")


def _is(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, JSON_TYPES[name])


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
