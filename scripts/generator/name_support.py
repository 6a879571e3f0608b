"""Names of the contract that Python cannot tell apart, or reads otherwise than they are written."""

import unicodedata
from collections.abc import Iterator, Mapping

from openapi_python_client.strings import ClassName, PythonIdentifier

from conformance.contract.document import METHODS, Contract, Node, walk
from scripts.contract.findings import Finding, child


def ill_named(contract: Contract) -> Iterator[Finding]:
    """Every name that Python would take for another one."""
    yield from _classes(contract.raw.get("components", {}).get("schemas", {}))
    for path, item in contract.raw.get("paths", {}).items():
        for method in METHODS:
            operation = item.get(method, {})
            place = child("/paths", path, method)
            if id_ := operation.get("operationId"):
                yield from _read_otherwise(child(place, "operationId"), str(PythonIdentifier(id_, "field_")))
            for index, tag in enumerate(operation.get("tags", [])):
                yield from _read_otherwise(child(place, "tags", index), str(PythonIdentifier(tag, "tag")))
    for pointer, node in walk(contract.raw):
        if isinstance(node.get("properties"), Mapping) and not pointer.endswith("/properties"):
            yield from _attributes(child(pointer, "properties"), node["properties"])


def _classes(schemas: Node) -> Iterator[Finding]:
    named: dict[str, str] = {}
    for key, schema in schemas.items():
        if not {"properties", "allOf", "enum"} & set(schema) and schema.get("type") != "object":
            continue  # no class is made of it
        name = str(ClassName(schema.get("title", key), "field_"))
        place = child("/components/schemas", key)
        yield from _read_otherwise(place, name)
        module = str(PythonIdentifier(name, ""))
        if module in named:
            text = f"{key} makes the class `{name}` or its module, as {named[module]} does; rename one"
            yield Finding(place, text)
        named.setdefault(module, f"{key} ({place})")


def _attributes(pointer: str, properties: Node) -> Iterator[Finding]:
    named: dict[tuple[str, str], str] = {}
    for key in properties:
        # The generator takes the second name where two properties have the same first one.
        forms = [str(PythonIdentifier(key, "field_", skip_snake_case=skip)) for skip in (False, True)]
        first, second = (unicodedata.normalize("NFKC", form) for form in forms)
        if (first, second) in named:
            text = f"has {named[first, second]!r} and {key!r}, both of them `{first}` in Python; rename one"
            yield Finding(pointer, text)
        named.setdefault((first, second), key)


def _read_otherwise(pointer: str, name: str) -> Iterator[Finding]:
    normal = unicodedata.normalize("NFKC", name)
    if normal != name:
        yield Finding(
            pointer, f"makes the name {name!r}, which Python reads as {normal!r}; write it in that form"
        )
