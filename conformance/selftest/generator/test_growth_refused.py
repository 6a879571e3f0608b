"""More inputs of the kinds that a growing contract brings, each refused at its place."""

from pathlib import Path

import pytest

from conformance.contract.document import Contract
from conformance.selftest.generator.growth import BOX, PATH, PET, READ, boxed, contract, generate, reading
from scripts.generator.generate import GenerationError

CIRCLE = {"$ref": "#/components/responses/R"}


def success(content: str) -> Contract:
    """The contract with an operation whose success has this content."""
    return reading(f"responses: {{'200': {{description: A., content: {content}}}}}")


REFUSED: dict[str, tuple[Contract, str, str]] = {
    "tag that may be left out": (
        boxed("""
            Box: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}
            Cat: {type: object, properties: {kind: {const: cat}}}
            Dog: {type: object, properties: {kind: {const: dog}}}
        """),
        BOX,
        "nothing tells them apart",
    ),
    "discriminator of a base schema": (
        boxed("""
            Box:
              type: object
              required: [t]
              properties: {t: {type: string}}
              discriminator: {propertyName: t}
            Big: {allOf: [{$ref: '#/components/schemas/Box'}, {type: object}]}
        """),
        f"{BOX}/discriminator",
        "beside a `oneOf` of the objects",
    ),
    "objects that differ by their closed properties": (
        boxed("""
            Box: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}
            A: {type: object, required: [a], properties: {a: {type: string}}, additionalProperties: false}
            B: {type: object, required: [b], properties: {b: {type: string}}, additionalProperties: false}
        """),
        BOX,
        "nothing tells them apart",
    ),
    "enumerations that overlap": (
        boxed("""
            Box:
              type: object
              properties: {p: {anyOf: [{type: string, enum: [a, b]}, {type: string, enum: [b]}]}}
        """),
        f"{BOX}/properties/p",
        "both allow 'b'",
    ),
    "parts of a scalar": (
        boxed("""
            Box: {type: object, properties: {a: {allOf: [{type: string, minLength: 2}, {type: string}]}}}
        """),
        f"{BOX}/properties/a/allOf/0",
        "no plain object",
    ),
    "part that is a choice": (
        boxed(
            PET
            + """
Box:
  allOf:
    - {type: object, properties: {a: {type: string}}}
    - {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}
"""
        ),
        f"{BOX}/allOf/1",
        "no plain object",
    ),
    "part that is false": (
        boxed("Box: {allOf: [{type: object, properties: {a: {type: string}}}, false]}"),
        f"{BOX}/allOf/1",
        "is false",
    ),
    "part that is closed": (
        boxed("Box: {allOf: [{type: object, additionalProperties: false}, {type: object}]}"),
        f"{BOX}/allOf/0/additionalProperties",
        "is said of all parts",
    ),
    "server with a query": (
        contract("servers: [{url: 'https://a.example/?q=1'}]"),
        "/servers/0/url",
        "query",
    ),
    "server with a password": (
        contract("servers: [{url: 'https://u:p@a.example'}]"),
        "/servers/0/url",
        "password",
    ),
    "server with a port too high": (
        contract("servers: [{url: 'https://a.example:99999'}]"),
        "/servers/0/url",
        "ports",
    ),
    "server of a path": (
        contract(READ, {"paths": {"/v2/boxes": {"servers": [{"url": "https://files.carecycle.ai"}]}}}),
        f"{PATH}/servers",
        "first server",
    ),
    "nullable of an older OpenAPI": (
        reading("parameters: [{name: q, in: query, schema: {type: string, nullable: true}}]"),
        f"{PATH}/get/parameters/0/schema/nullable",
        "a second type, `null`",
    ),
    "null among the items of a parameter": (
        reading("parameters: [{name: q, in: query, schema: {type: array, items: {type: [string, 'null']}}}]"),
        f"{PATH}/get/parameters/0/schema/items",
        "is not text",
    ),
    "member that does not print": (
        boxed(r'Box: {type: object, properties: {a: {type: string, enum: ["a\nb", c]}}}'),
        f"{BOX}/properties/a/enum/0",
        "does not print",
    ),
    "constant that is an object": (
        boxed("Box: {type: object, properties: {a: {const: {x: 1}}}}"),
        f"{BOX}/properties/a/const",
        "an object or a list",
    ),
    "enumeration of nothing": (
        boxed("Box: {type: object, properties: {a: {type: string, enum: []}}}"),
        f"{BOX}/properties/a/enum",
        "at least 1 item",
    ),
    "parameters with one name in Python": (
        reading("""
            parameters:
              - {name: ﬁle, in: query, schema: {type: string}}
              - {name: file, in: query, schema: {type: string}}
        """),
        f"{PATH}/get",
        "['ﬁle', 'file']",
    ),
    "full-width name beside another": (
        boxed(r'Box: {type: object, properties: {"\uff21": {type: string}, a: {type: string}}}'),
        BOX,
        "['\uff21', 'a']",
    ),
    "text beside JSON": (
        success("{application/json: {schema: {}}, text/csv: {}}"),
        f"{PATH}/get/responses/200/content",
        "all but application/json",
    ),
    "JSON under another spelling": (
        success("{application/json; charset=utf-8: {schema: {}}}"),
        f"{PATH}/get/responses/200/content",
        "what is not application/json, and write it so",
    ),
    "JSON without a schema": (
        success("{application/json: {}}"),
        f"{PATH}/get/responses/200/content/application~1json",
        "would drop the body",
    ),
    "body of no media type": (
        reading("requestBody: {content: {}}"),
        f"{PATH}/get/requestBody/content",
        "no media type",
    ),
    "binary success": (
        success("{application/pdf: {}}"),
        f"{PATH}/get/responses/200/content",
        "`content` of the response that `sync_detailed` returns",
    ),
    "range of successes": (
        reading("responses: {2XX: {description: A.}}"),
        f"{PATH}/get/responses/2XX",
        "write out each status",
    ),
    "problem document as a success": (
        success("{application/problem+json: {schema: {}}}"),
        f"{PATH}/get/responses/200/content",
        "reads JSON only",
    ),
    "circle of responses": (
        contract(
            {"paths": {"/v2/boxes": {"get": {"operationId": "r", "responses": {"204": CIRCLE}}}}},
            {"components": {"responses": {"R": CIRCLE}}},
        ),
        f"{PATH}/get/responses/204",
        "in a circle",
    ),
    "circle through a property": (
        boxed("Box: {type: object, properties: {a: {$ref: '#/components/schemas/Box/properties/a'}}}"),
        f"{BOX}/properties/a",
        "in a circle",
    ),
    "example of an inline schema": (
        reading("requestBody: {content: {application/json: {schema: {type: integer, example: x}}}}"),
        f"{PATH}/get/requestBody/content/application~1json/schema/example",
        "its schema rejects",
    ),
    "example of a property": (
        boxed("Box: {type: object, properties: {a: {type: integer, examples: [x]}}}"),
        f"{BOX}/properties/a/examples/0",
        "its schema rejects",
    ),
    "example of a parameter": (
        reading("parameters: [{name: q, in: query, schema: {type: integer}, example: x}]"),
        f"{PATH}/get/parameters/0/example",
        "its schema rejects",
    ),
    "version with a line break": (contract({"info": {"version": "1.0\n"}}), "/info/version", "no version"),
    "version of a template": (contract({"info": {"version": "{{ 7*7 }}"}}), "/info/version", "no version"),
}  # fmt: skip


@pytest.mark.parametrize("which", REFUSED)
def test_input_is_refused_at_its_place(which: str, tmp_path: Path) -> None:
    """What the client could not keep is named with its pointer and a true advice."""
    grown, pointer, words = REFUSED[which]
    with pytest.raises(GenerationError) as refused:
        generate(grown, tmp_path)
    lines = str(refused.value).splitlines()
    assert [line for line in lines if f"#{pointer}: " in line and words in line], lines
