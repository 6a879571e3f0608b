"""The keywords of each object of OpenAPI that the client keeps, or that change nothing in it.

Any other keyword is refused with its place, so that none is dropped. `schema_support` has those of a schema.
"""

from collections.abc import Iterator, Mapping

from conformance.contract.document import METHODS, Contract, Node
from scripts.contract.findings import Finding, child

_METHODS = dict.fromkeys(METHODS, "operation")
# The keywords of each object. Each keyword has the kind of object that its value is, or `[kind]` for a list
# of such objects, or `{kind}` for a mapping of names to them, or nothing if the value is looked at elsewhere.
OBJECTS: Mapping[str, Mapping[str, str]] = {
    "contract": {
        "openapi": "",
        "info": "info",
        "servers": "[server]",
        "security": "",
        "tags": "[tag]",
        "paths": "{path item}",
        "components": "components",
        "externalDocs": "",
    },
    "info": dict.fromkeys(
        ("title", "version", "summary", "description", "license", "contact", "termsOfService"), ""
    ),
    "server": {"url": "", "description": ""},
    "tag": {"name": "", "description": "", "externalDocs": ""},
    "components": {
        "schemas": "",
        "responses": "{response}",
        "parameters": "{parameter}",
        "requestBodies": "{request body}",
        "headers": "{header}",
        "examples": "{example}",
        "securitySchemes": "{security scheme}",
    },
    "path item": {"summary": "", "description": "", "parameters": "[parameter]", "$ref": "", **_METHODS},
    "operation": {
        "operationId": "",
        "tags": "",
        "summary": "",
        "description": "",
        "deprecated": "",
        "externalDocs": "",
        "security": "",
        "parameters": "[parameter]",
        "requestBody": "request body",
        "responses": "{response}",
    },
    "parameter": {
        **dict.fromkeys(
            ("name", "in", "required", "description", "deprecated", "schema", "style", "explode", "example"),
            "",
        ),
        "allowReserved": "",
        "examples": "{example}",
    },
    "header": {
        **dict.fromkeys(
            ("required", "description", "deprecated", "schema", "style", "explode", "example"), ""
        ),
        "examples": "{example}",
    },
    "request body": {"description": "", "required": "", "content": "{media type}"},
    "response": {"description": "", "headers": "{header}", "content": "{media type}"},
    "media type": {"schema": "", "example": "", "examples": "{example}"},
    "example": {"summary": "", "description": "", "value": ""},
    "security scheme": {"type": "", "in": "", "name": "", "description": ""},
}
ADVICE = {
    "servers": "the client sends every request to the first server of the contract; describe operations of"
    " another server in a contract of their own",
    "variables": "the client does not fill in the URL of a server; write the whole URL",
    "callbacks": "the client receives no requests; leave it out",
    "webhooks": "the client receives no requests; leave it out",
    "links": "the client does not follow links; leave it out",
    "encoding": "the client sends JSON only; leave it out",
    "content": "the client can send a parameter only as its schema says; give it a schema",
}


def unlisted(contract: Contract) -> Iterator[Finding]:
    """Every keyword that the client would drop."""
    yield from _object("contract", contract.raw, "")


def _object(kind: str, node: object, pointer: str) -> Iterator[Finding]:
    if not isinstance(node, Mapping) or ("$ref" in node and kind != "path item"):
        return  # what it leads to is looked at where it stands
    keywords = OBJECTS[kind]
    for keyword, value in node.items():
        place = child(pointer, keyword)
        if keyword in keywords:
            yield from _below(keywords[keyword], value, place)
        elif not keyword.startswith("x-") and not _is_of_another_scheme(kind, node):
            advice = ADVICE.get(keyword, "the client would drop it; leave it out")
            yield Finding(place, f"is no keyword of {kind} objects that the client keeps: {advice}")


def _below(kind: str, value: object, pointer: str) -> Iterator[Finding]:
    name = kind.strip("[]{}")
    if kind.startswith("[") and isinstance(value, list):
        for index, node in enumerate(value):
            yield from _object(name, node, child(pointer, index))
    elif kind.startswith("{") and isinstance(value, Mapping):
        for key, node in value.items():
            if not str(key).startswith("x-"):
                yield from _object(name, node, child(pointer, key))
    elif name and not kind.startswith(("[", "{")):
        yield from _object(name, value, pointer)


def _is_of_another_scheme(kind: str, node: Node) -> bool:
    """Whether it describes a way to authenticate that no operation may ask for."""
    return kind == "security scheme" and node.get("type") != "apiKey"
