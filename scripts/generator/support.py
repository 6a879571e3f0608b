"""What the client can keep of a contract, and what it has to refuse.

The generator drops what it has no use for, and a client that lacks half of the contract looks fine. So each
part that the client does not send or check is named here, with its place, before anything is generated.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from openapi_python_client.strings import PythonIdentifier, snake_case

from conformance.contract.document import JSON, METHODS, Contract, Node
from scripts.contract.findings import Finding, child

# What says something about a value and does not restrict it; `x-` extensions besides.
ANNOTATIONS = frozenset({"title", "description", "default", "deprecated", "readOnly", "writeOnly"}) | {
    "example",
    "examples",
    "format",
    "$comment",
    "externalDocs",
    "contentMediaType",
    "contentEncoding",
}
# What the client checks of each type of value.
CHECKED: Mapping[str, frozenset[str]] = {
    "string": frozenset({"pattern", "minLength", "maxLength"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "boolean": frozenset(),
    "null": frozenset(),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}
# Of these forms of a string the client makes Python values, which have no length and no pattern any more.
CONVERTED: Mapping[str, frozenset[str]] = {
    "uuid": frozenset({"pattern"}),
    "date": frozenset(),
    "date-time": frozenset(),
}
UNIONS = ("anyOf", "oneOf")
STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


class UnsupportedError(Exception):
    """The client has no words for a part of the contract; the pointer says of which."""

    pointer = ""


@contextmanager
def at(pointer: str) -> Iterator[None]:
    """Name the place of what turns out to be unsupported."""
    try:
        yield
    except UnsupportedError as error:
        error.pointer = error.pointer or pointer
        raise


def unsupported(contract: Contract) -> Iterator[Finding]:
    """Every part of a valid contract that no client can be made of, and what to write instead."""
    raw = contract.raw
    yield from _server(raw)
    yield from _rate_limit(raw)
    names: dict[str, str] = {}
    headers: dict[str, str] = {}
    for path, item in raw.get("paths", {}).items():
        if "$ref" in item:
            yield Finding(child("/paths", path), "is behind a $ref, where it is not read; write it in place")
        for method in METHODS:
            if method in item:
                pointer = child("/paths", path, method)
                yield from _operation(contract, pointer, item[method], names)
                yield from _security(raw, pointer, item[method], headers)
                for place, node in ((child("/paths", path), item), (pointer, item[method])):
                    for index, parameter in enumerate(node.get("parameters", [])):
                        yield from _parameter(contract, child(place, "parameters", index), parameter)
    schemes = raw.get("components", {}).get("securitySchemes", {})
    if not any(_is_key(scheme) for scheme in schemes.values()):
        text = "has no key that is sent in a header (type: apiKey, in: header); describe the one of the API"
        yield Finding("/components/securitySchemes", text)
    for name, schema in raw.get("components", {}).get("schemas", {}).items():
        yield from _schema(contract, child("/components/schemas", name), schema)


def followed(contract: Contract, pointer: str, node: Node) -> tuple[str, Node]:
    """The place and the node that a node stands for: its own, or those that its `$ref` leads to."""
    return (
        (str(node["$ref"]).removeprefix("#"), contract.resolve(node)) if "$ref" in node else (pointer, node)
    )


def _server(raw: Node) -> Iterator[Finding]:
    url = (raw.get("servers") or [{}])[0].get("url", "")
    if urlsplit(url).scheme not in {"http", "https"} or "{" in url:
        yield Finding(
            "/servers/0/url", f"is {url!r}, where nothing can be sent; write the whole URL of the API"
        )


def _rate_limit(raw: Node) -> Iterator[Finding]:
    if "x-rate-limit" not in raw:
        return
    limit = raw["x-rate-limit"]
    counted = isinstance(limit, dict) and set(limit) == {"requests", "seconds"}
    if not counted or not all(type(number) in {int, float} and number > 0 for number in limit.values()):
        yield Finding(
            "/x-rate-limit", "is not a number of `requests` in a number of `seconds`; write both, or neither"
        )


def _operation(contract: Contract, pointer: str, node: Node, names: dict[str, str]) -> Iterator[Finding]:
    if id_ := node.get("operationId"):
        name = str(PythonIdentifier(id_, "field_"))
        if name in names:
            text = f"makes the module `{name}`, as that of {names[name]} does; give it another name"
            yield Finding(child(pointer, "operationId"), text)
        names.setdefault(name, pointer)
    else:
        yield Finding(
            child(pointer, "operationId"), "is missing; give one, it names the module of the client"
        )
    if not isinstance(node.get("x-idempotent", False), bool):
        yield Finding(child(pointer, "x-idempotent"), "is neither true nor false; write one of them")
    for status, response in node.get("responses", {}).items():
        place = child(pointer, "responses", status)
        if not re.fullmatch(r"[1-5]\d\d", status):
            yield Finding(place, f"{status!r} is not a status; write out each status that is answered")
        yield from _content(contract, place, response, f"answers {status} with")
    yield from _content(contract, child(pointer, "requestBody"), node.get("requestBody", {}), "takes")


def _content(contract: Contract, pointer: str, node: Node, does: str) -> Iterator[Finding]:
    pointer, node = followed(contract, pointer, node)
    content = node.get("content", {})
    if content and JSON not in content:
        types = ", ".join(content)
        text = f"{does} a body as {types}; the client reads and writes {JSON} alone, so describe it as that"
        yield Finding(child(pointer, "content"), text)
    elif JSON in content:
        schema = content[JSON].get("schema", {})
        yield from _schema(contract, child(pointer, "content", JSON, "schema"), schema)


def _security(raw: Node, pointer: str, node: Node, headers: dict[str, str]) -> Iterator[Finding]:
    place = child(pointer, "security") if "security" in node else "/security"
    schemes = raw.get("components", {}).get("securitySchemes", {})
    for requirement in node.get("security", raw.get("security", [])):
        for name in requirement:
            scheme = schemes.get(name, {})
            if not _is_key(scheme) or len(requirement) > 1:
                yield Finding(place, f"asks for {name!r}; the client can only send one key, in a header")
            elif headers.setdefault("name", scheme["name"]) != scheme["name"]:
                yield Finding(place, f"asks for {name!r}; the client sends its key as {headers['name']!r}")


def _is_key(scheme: Node) -> bool:
    return scheme.get("type") == "apiKey" and scheme.get("in") == "header"


def _parameter(contract: Contract, pointer: str, node: Node) -> Iterator[Finding]:
    pointer, node = followed(contract, pointer, node)
    if "schema" not in node:
        yield Finding(pointer, "has no schema; the client can send a parameter only as its schema says")
        return
    if node.get("style", STYLES[node["in"]]) != STYLES[node["in"]]:
        text = f"is {node['style']!r}; the client can only write {STYLES[node['in']]!r} in a {node['in']}"
        yield Finding(child(pointer, "style"), text)
    if node.get("allowReserved"):
        yield Finding(child(pointer, "allowReserved"), "is true; the client escapes what is reserved")
    for place, schema in _values(contract, child(pointer, "schema"), node["schema"]):
        if _is(schema, "object"):
            yield Finding(place, "is an object; the client can only send a parameter that is text or a list")
        elif _is(schema, "array") and (node["in"] != "query" or not node.get("explode", True)):
            yield Finding(pointer, "is a list; the client can only send one in a query, with explode: true")
        elif _is(schema, "array"):
            for inner, item in _values(contract, child(place, "items"), schema.get("items", {})):
                if _is(item, "array") or _is(item, "object"):
                    yield Finding(inner, "is not text; the client can only send a list of texts or numbers")
    yield from _schema(contract, child(pointer, "schema"), node["schema"])


def _values(contract: Contract, pointer: str, node: object) -> Iterator[tuple[str, Node]]:
    """The schemas that a value may be of, where one of several is a choice."""
    if not isinstance(node, Mapping):
        return  # true, or false: what is wrong with it is said elsewhere
    pointer, node = followed(contract, pointer, node)
    yield pointer, node
    for union in (*UNIONS, "allOf"):
        for index, member in enumerate(node.get(union, [])):
            yield from _values(contract, child(pointer, union, index), member)


def _is(schema: Node, name: str) -> bool:
    types = schema.get("type", "object" if "properties" in schema else [])
    return name in (types if isinstance(types, list) else [types])


def _schema(contract: Contract, pointer: str, node: object) -> Iterator[Finding]:
    if not isinstance(node, Mapping):
        yield Finding(pointer, f"is {str(node).lower()}; write {{}} for whatever there may be")
        return
    known = _known(node)
    for keyword in node:
        if keyword not in known and keyword not in ANNOTATIONS and not keyword.startswith("x-"):
            text = "the client would not check it here; say the same in another way, or leave it out"
            yield Finding(child(pointer, keyword), text)
    yield from _members(pointer, node)
    for place, part in [] if "$ref" in node else _below(pointer, node):
        yield from _schema(contract, place, part)
    if len(node.get("allOf", [])) > 1:
        yield from _parts(contract, pointer, node["allOf"])


def _members(pointer: str, node: Node) -> Iterator[Finding]:
    """Of an enumeration the generator makes constants, whose names are in capitals."""
    values, given = node.get("enum", []), node.get("x-enum-varnames", [])
    named: dict[str, object] = {}
    for index, value in enumerate(values):
        if len(given) == len(values):
            name = str(given[index])
        elif isinstance(value, str):
            name = value if value[:1].isalpha() else f"VALUE_{index}"
        else:
            continue
        name = snake_case(name).upper()
        if name in named:
            text = f"has {named[name]!r} and {value!r}, both of them `{name}` in Python; leave one out"
            yield Finding(child(pointer, "enum"), f"{text}, or write a pattern in place of the enum")
        named[name] = value


def _below(pointer: str, node: Node) -> Iterator[tuple[str, object]]:
    for name, schema in node.get("properties", {}).items():
        yield child(pointer, "properties", name), schema
    for group in ("allOf", *UNIONS):
        for index, part in enumerate(node.get(group, [])):
            yield child(pointer, group, index), part
    if "items" in node:
        yield child(pointer, "items"), node["items"]
    if not isinstance(others := node.get("additionalProperties", True), bool):
        yield child(pointer, "additionalProperties"), others


def _known(node: Node) -> frozenset[str]:
    """The keywords of a schema that the client keeps, in the order in which the generator looks at them."""
    parts = [part for group in ("allOf", *UNIONS) for part in node.get(group, [])]
    types: Any = node.get("type", "object" if "properties" in node or "allOf" in node else [])
    names = [name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)]
    known = {"type"}.union(*(CHECKED.get(name, ()) for name in names))
    if "$ref" in node:
        known = {"$ref"}
    elif len(parts) == 1 and "$ref" in parts[0]:
        known = {"allOf", *UNIONS}
    elif "enum" in node and names != ["boolean"]:
        known = {"enum"} if len(names) > 1 else {"type", "enum"}  # of a list the generator makes more kinds
    elif any(union in node for union in UNIONS):
        known = {"type", *UNIONS}
    elif node.get("const") is not None and names != ["boolean"]:
        known = {"type", "const"}
    elif names == ["string"] and node.get("format") in CONVERTED:
        known = {"type", *CONVERTED[node["format"]]}
    elif names == ["object"]:
        known.add("allOf")
    return frozenset(known)


def _parts(contract: Contract, pointer: str, parts: list[Node]) -> Iterator[Finding]:
    """What a part says of properties that are not its own is said of those of the other parts, too."""
    for index, part in enumerate(parts):
        place, node = followed(contract, child(pointer, "allOf", index), part)
        if node.get("additionalProperties", True) is not True:
            text = f"is said of all parts of {pointer}; the client would not check it there, leave it out"
            yield Finding(child(place, "additionalProperties"), text)
