"""What the client can keep of a contract, and what it has to refuse.

The generator drops what it has no use for, and a client that lacks half of the contract looks fine. So each
part that the client does not send or check is named here, with its place, before anything is generated.
"""

import re
from collections.abc import Iterator, Mapping

from openapi_python_client.strings import PythonIdentifier

from conformance.contract.document import JSON, METHODS, Contract, Node, walk
from scripts.contract.findings import Finding, child
from scripts.generator.allowed_keywords import unlisted
from scripts.generator.name_support import ill_named
from scripts.generator.places import UnsupportedError, at, followed
from scripts.generator.runtime._checks import checked_url
from scripts.generator.schema_support import UNIONS, unsupported_schema
from scripts.generator.schemas import Schemas
from scripts.generator.unions import require_apart

PROBLEM = "application/problem+json"
VERSION = r"[0-9]+(\.[0-9]+)*([.+-]?[0-9A-Za-z]+)*"
STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def unsupported(contract: Contract) -> Iterator[Finding]:
    """Every part of a valid contract that no client can be made of, and what to write instead."""
    raw = contract.raw
    yield from unlisted(contract)
    yield from _parts_and_choices(contract)
    yield from ill_named(contract)
    yield from _version(raw)
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
        yield from unsupported_schema(contract, child("/components/schemas", name), schema)


def _parts_and_choices(contract: Contract) -> Iterator[Finding]:
    schemas = Schemas(contract)
    for pointer, node in walk(contract.raw):
        try:
            with at(pointer):
                if isinstance(node.get("allOf"), list):
                    schemas.properties(node, pointer)
                if any(isinstance(node.get(union), list) for union in UNIONS):
                    require_apart(pointer.rpartition("/")[2], node, schemas)
        except UnsupportedError as error:
            yield Finding(error.pointer, str(error))


def _version(raw: Node) -> Iterator[Finding]:
    if not re.fullmatch(VERSION, str(raw["info"]["version"]), re.ASCII):
        text = f"is {raw['info']['version']!r}, which is no version of a package; write one as 1.2.3"
        yield Finding("/info/version", text)


def _server(raw: Node) -> Iterator[Finding]:
    url = (raw.get("servers") or [{}])[0].get("url", "")
    try:
        if "{" in url:
            raise ValueError("it has a variable")  # noqa: TRY301 - the same finding
        checked_url(url)
    except ValueError as error:
        text = f"is {url!r}, where nothing can be sent ({error}); write the whole URL of the API"
        yield Finding("/servers/0/url", text)


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
            text = f"{id_} makes the module `{name}`, as that of {names[name]} does; give it another name"
            yield Finding(child(pointer, "operationId"), text)
        names.setdefault(name, f"{id_} ({pointer})")
    else:
        yield Finding(
            child(pointer, "operationId"), "is missing; give one, it names the module of the client"
        )
    if not isinstance(node.get("x-idempotent", False), bool):
        yield Finding(child(pointer, "x-idempotent"), "is neither true nor false; write one of them")
    for status, response in node.get("responses", {}).items():
        place = child(pointer, "responses", status)
        if not re.fullmatch(r"[1-5]\d\d", status):
            text = "write out each status with a body to read. Any other 4xx or 5xx is an `APIStatusError`"
            yield Finding(place, f"{status!r} is not a status; {text}")
        else:
            yield from _response(contract, place, status, response)
    yield from _request_body(contract, child(pointer, "requestBody"), node.get("requestBody", {}))


def _response(contract: Contract, pointer: str, status: str, node: Node) -> Iterator[Finding]:
    pointer, node = followed(contract, pointer, node)
    content = node.get("content", {})
    media_type = json_of(content) if status.startswith(("4", "5")) else JSON
    if content and set(content) != {media_type}:
        text = f"the {status} has a body as {', '.join(content)}; the client reads JSON only. Leave out"
        advice = "`content`: then the body is in `content` of the response that `sync_detailed` returns"
        if media_type in content:
            advice = f"all but {media_type}, which the client asks for"
        elif any(name.partition(";")[0].strip().lower() == JSON for name in content):
            advice = f"what is not {JSON}, and write it so"
        yield Finding(child(pointer, "content"), f"{text} {advice}")
    elif content:
        yield from _schema_of(contract, child(pointer, "content", media_type), content[media_type])


def _schema_of(contract: Contract, pointer: str, media: Node) -> Iterator[Finding]:
    if "schema" not in media:
        yield Finding(
            pointer, "has no schema, so the client would drop the body; write {} for any JSON value"
        )
    yield from unsupported_schema(contract, child(pointer, "schema"), media.get("schema", {}))


def json_of(content: Node) -> str:
    """The media type of a JSON body that an error may have."""
    return next((name for name in (JSON, PROBLEM) if name in content), JSON)


def _request_body(contract: Contract, pointer: str, node: Node) -> Iterator[Finding]:
    pointer, node = followed(contract, pointer, node)
    content = node.get("content", {})
    if content and set(content) != {JSON}:
        text = f"takes a body as {', '.join(content)}; the client sends {JSON} only"
        yield Finding(
            child(pointer, "content"), f"{text}. Describe only that one, or leave the operation out"
        )
    elif content:
        yield from _schema_of(contract, child(pointer, "content", JSON), content[JSON])
    elif node:
        yield Finding(child(pointer, "content"), f"has no media type; describe {JSON}, or leave the body out")


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
    yield from _forms(contract, pointer, node)
    yield from unsupported_schema(contract, child(pointer, "schema"), node["schema"])


def _forms(contract: Contract, pointer: str, node: Node) -> Iterator[Finding]:
    """The values of a parameter that have no form where it is sent."""
    for place, schema in _values(contract, child(pointer, "schema"), node["schema"]):
        if not {"type", "enum", "const", "properties", "allOf", *UNIONS} & set(schema):
            yield Finding(
                place, "has no type; the client cannot tell how to write the parameter, so give it one"
            )
        elif _is(schema, "object"):
            yield Finding(place, "is an object; the client can only send a parameter that is text or a list")
        elif _is_null(schema) and node["in"] == "path":
            yield Finding(place, "may be null, which has no form in a path; leave null out")
        elif _is(schema, "array") and (node["in"] != "query" or not node.get("explode", True)):
            yield Finding(pointer, "is a list; the client can only send one in a query, with explode: true")
        elif _is(schema, "array"):
            for inner, item in _values(contract, child(place, "items"), schema.get("items", {})):
                if _is(item, "array") or _is(item, "object") or _is_null(item):
                    yield Finding(inner, "is not text; the client can only send a list of texts or numbers")


def _values(contract: Contract, pointer: str, node: object) -> Iterator[tuple[str, Node]]:
    """The schemas that a value may be of, where one of several is a choice."""
    if not isinstance(node, Mapping):
        return  # true, or false: what is wrong with it is said elsewhere
    pointer, node = followed(contract, pointer, node)
    yield pointer, node
    for union in (*UNIONS, "allOf"):
        for index, member in enumerate(node.get(union, [])):
            yield from _values(contract, child(pointer, union, index), member)


def _is_null(schema: Node) -> bool:
    return _is(schema, "null") or None in schema.get("enum", []) or schema.get("const", 0) is None


def _is(schema: Node, name: str) -> bool:
    types = schema.get("type", "object" if "properties" in schema else [])
    return name in (types if isinstance(types, list) else [types])
