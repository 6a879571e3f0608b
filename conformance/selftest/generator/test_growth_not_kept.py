"""A contract that grows by what the client cannot keep as it means is refused, with the place."""

import datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.selftest.grown_contract import grown
from scripts.generator.generate import GenerationError, generate_into
from scripts.generator.regenerate import make


def schema(**schemas: Any) -> dict[str, Any]:  # noqa: ANN401 - a schema
    """The change that adds schemas and an operation that returns the first."""
    first = {"$ref": f"#/components/schemas/{next(iter(schemas))}"}
    content = {"application/json": {"schema": first}}
    return operation(responses={"200": {"description": "X.", "content": content}}) | {
        "components": {"schemas": schemas}
    }


def operation(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - a part of an operation
    """The change that adds an operation."""
    node = {"operationId": "readX", "tags": ["X"], "responses": {"204": {"description": "X."}}}
    return {"paths": {"/v2/x": {"get": node | more}}}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


STRING = {"type": "string"}
A_LIST = {"type": "object", "properties": {"a": {"type": "array", "items": STRING}}}
B_LIST = {
    "type": "object",
    "properties": {"a": {"type": "array", "items": {"type": "string", "maxLength": 2}}},
}
TEXT = {"text/plain": {"schema": STRING}}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (schema(P={"oneOf": [A_LIST, B_LIST]}), "/schemas/P: P is one of several objects, and nothing tells"),
        (
            schema(P={"oneOf": [STRING, {"type": "string", "format": "uuid"}]}),
            "/schemas/P: P is a choice of 2",
        ),
        (
            schema(P={"anyOf": [STRING, {}]}),
            "/schemas/P: P is one of several schemas, one of which allows anything",
        ),
        (
            schema(P={"allOf": [A_LIST, B_LIST]}),
            "/P/allOf/1/properties/a: a is described at /components/schemas/P",
        ),
        (
            schema(A=ref("B"), B=ref("A")),
            "/schemas/A: the references lead in a circle: #/components/schemas/B",
        ),
        (schema(A=ref("A")), "/schemas/A: the references lead in a circle"),
        (
            schema(J={"anyOf": [STRING, ref("J")]}),
            "/schemas/J: consists of itself, and no property is in between",
        ),
        (schema(J={"type": "array", "items": ref("J")}), "/schemas/J: consists of itself"),
        (
            schema(R={"type": "object", "properties": {"d": {"type": "integer", "default": ""}}}),
            "/schemas/R/properties/d/default: is '', and the type is integer",
        ),
        (
            schema(
                R={"type": "object", "properties": {"d": {"type": "integer", "minimum": 2, "default": 1}}}
            ),
            "/schemas/R/properties/d/default: is 1, which its schema rejects",
        ),
        (
            schema(R={"type": "object", "properties": {"c": {"type": "string", "enum": [False, "SE"]}}}),
            "/schemas/R/properties/c/enum/0: is False, and the type is string",
        ),
        (
            schema(R={"type": "object", "properties": {"+1": STRING, "-1": STRING}}),
            "/schemas/R/properties: has '+1' and '-1', both of them `field_1` in Python",
        ),
        (
            schema(R={"type": "object", "properties": {"\ufb01le": STRING, "file": STRING}}),
            "/schemas/R/properties: has '\ufb01le' and 'file', both of them `file` in Python",
        ),
        (
            schema(Ab=A_LIST, AB=A_LIST),
            "/schemas/AB: AB makes the class `AB` or its module, as Ab (/components",
        ),
        (operation(operationId="\u00b5"), "/get/operationId: makes the name '\u00b5', which Python reads as"),
        (
            operation(responses={200: {"description": "X."}}),
            "/get/responses: has the status 200, which is no string",
        ),
        (
            operation(servers=[{"url": "https://b.example"}]),
            "/get/servers: is no keyword of operation objects",
        ),
        ({"paths": {"/v2/x": {"servers": []}}}, "/paths/~1v2~1x/servers: is no keyword of path item objects"),
        (operation(callbacks={}), "/get/callbacks: is no keyword of operation objects"),
        ({"webhooks": {}}, "/webhooks: is no keyword of contract objects"),
        (
            operation(responses={"200": {"description": "X.", "content": TEXT}}),
            "/responses/200/content: the 200 has a body as text/plain; the client reads JSON only",
        ),
        (
            operation(parameters=[{"name": "a", "in": "query", "schema": STRING, "allowEmptyValue": True}]),
            "/get/parameters/0/allowEmptyValue: is no keyword of parameter objects",
        ),
        ({"info": {"version": "1\nimport os"}}, "#/info/version: is '1\\nimport os', which is no version"),
        (
            {"info": {"version": datetime.date(2026, 1, 2)}},
            "#/info/version: is a date, which JSON does not have",
        ),
        (
            schema(R={"type": "number", "minimum": float("inf")}),
            "/schemas/R/minimum: is inf, which JSON does not",
        ),
    ],
)
def test_contract_that_the_client_cannot_keep_is_refused(
    change: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    """The place is named, and both sides of a clash."""
    with pytest.raises(GenerationError) as refused:
        generate_into(tmp_path / "client", grown(change))
    assert complaint in str(refused.value)


def test_package_that_loses_an_example_is_refused(tmp_path: Path) -> None:
    """A package is tried before it is used: an example that it cannot read stops generation."""
    moment = {"type": "string", "format": "date-time"}
    leap = {"d": "2016-12-31T23:59:60Z"}  # valid, and no `datetime` of Python
    broken = schema(R={"type": "object", "properties": {"d": moment}, "examples": [leap]})
    with pytest.raises(GenerationError, match="/schemas/R/examples/0: the client cannot read this example"):
        make(grown(broken), tmp_path / "client")


def test_package_that_cannot_be_imported_is_refused(tmp_path: Path) -> None:
    """Names that Python does not take stop generation before a package is replaced."""
    enum = {"type": "integer", "enum": [1], "x-enum-varnames": ["1x"]}
    with pytest.raises(GenerationError, match=r"ruff|cannot be compiled|cannot be imported"):
        make(grown(schema(R={"type": "object", "properties": {"d": enum}})), tmp_path / "client")
