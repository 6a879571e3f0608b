"""What the client can keep of a schema, and what it has to refuse."""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi_python_client.strings import snake_case

from conformance.contract.document import Contract, Node
from scripts.contract.findings import Finding, child
from scripts.generator.places import followed

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
ADVICE: Mapping[str, str] = {
    "discriminator": "describe a schema with it beside a `oneOf` of the objects, and refer to that schema"
    " where one of them can be",
    "nullable": "OpenAPI 3.1 has it as a second type, `null`",
}


def unsupported_schema(contract: Contract, pointer: str, node: object) -> Iterator[Finding]:
    """Every keyword of a schema that the client would not check, in the schemas below it too."""
    if not isinstance(node, Mapping):
        yield Finding(pointer, f"is {str(node).lower()}; write {{}} for whatever there may be")
        return
    known = known_keywords(node)
    for keyword in node:
        if keyword not in known and keyword not in ANNOTATIONS and not keyword.startswith("x-"):
            text = ADVICE.get(keyword) or _advice(keyword, node)
            yield Finding(child(pointer, keyword), f"the client would not check it here; {text}")
    if isinstance(node.get("const"), Mapping | list):
        yield Finding(child(pointer, "const"), "is an object or a list, which the client does not compare")
    yield from _members(pointer, node)
    for place, part in [] if "$ref" in node else _below(pointer, node):
        yield from unsupported_schema(contract, place, part)
    if len(node.get("allOf", [])) > 1:
        yield from _parts(contract, pointer, node["allOf"])


def _advice(keyword: str, node: Node) -> str:
    """How else to say what a keyword says."""
    if isinstance(node.get("type"), list) and "enum" in node:
        return "write `anyOf` of an enum of one type and of `type: 'null'`"
    if len(node.get("allOf", [])) == 1 and keyword in {"type", "properties", "required"}:
        return "write it in an object of its own, as a second part of the `allOf`"
    if "type" not in node and any(keyword in keywords for keywords in CHECKED.values()):
        return "give the schema a `type`"
    return "say the same in another way, or leave it out"


def _members(pointer: str, node: Node) -> Iterator[Finding]:
    """The members of an enumeration that cannot become constants of Python, whose names are in capitals."""
    values, given = node.get("enum", []), node.get("x-enum-varnames", [])
    named: dict[str, object] = {}
    for index, value in enumerate(values):
        if isinstance(value, str) and not value.isprintable():
            text = (
                "has a character that does not print, which the generator drops; write a pattern in place of"
            )
            yield Finding(child(pointer, "enum", index), f"{text} the enum")
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


def known_keywords(node: Node) -> frozenset[str]:
    """The keywords of a schema that the client keeps, in the order in which the generator looks at them."""
    parts = [part for group in ("allOf", *UNIONS) for part in node.get(group, [])]
    types: Any = node.get("type", "object" if "properties" in node or "allOf" in node else [])
    names = [name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)]
    known = {"type"}.union(*(CHECKED.get(name, ()) for name in names))
    if "$ref" in node:
        known = {"$ref"}
    elif len(parts) == 1 and "$ref" in parts[0]:
        known = {"allOf", *UNIONS}  # a discriminator of one schema has nothing to tell apart
    elif "enum" in node and names != ["boolean"]:
        known = {"enum"} if len(names) > 1 else {"type", "enum"}  # of a list the generator makes more kinds
    elif any(union in node for union in UNIONS):
        known = {"type", "discriminator", *UNIONS}
    elif node.get("const") is not None and names != ["boolean"]:
        known = {"type", "const"}
    elif names == ["string"] and node.get("format") in CONVERTED:
        known = {"type", *CONVERTED[node["format"]]}
    elif names == ["object"]:
        known.add("allOf")
    return frozenset(known)


def _parts(contract: Contract, pointer: str, parts: list[Any]) -> Iterator[Finding]:
    """What the client cannot merge. A part says what it says of the properties of the other parts, too."""
    for index, part in enumerate(parts):
        if not isinstance(part, Mapping):
            continue  # true, or false: what is wrong with it is said where it is looked at by itself
        place, node = followed(contract, child(pointer, "allOf", index), part)
        if node.get("additionalProperties", True) is not True:
            text = f"is said of all parts of {pointer}; the client would not check it there, leave it out"
            yield Finding(child(place, "additionalProperties"), text)
        if node.get("type", "object") != "object" or {"enum", "const", "items", *UNIONS} & set(node):
            text = f"is a part of {pointer} and no plain object; the client merges objects only, so write one"
            yield Finding(child(pointer, "allOf", index), f"{text} schema in place of the parts")
