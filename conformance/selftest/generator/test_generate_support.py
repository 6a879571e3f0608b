"""What no client can be made of is refused before anything is written, with its place and what mends it."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.contract.document import Contract, load
from scripts.generator import generate, regenerate

Edit = Callable[[dict[str, Any]], object]
PATH = "/v2/customers/campaign-status"
OPERATION = "/paths/~1v2~1customers~1campaign-status/patch"
ISSUE = "/components/schemas/ValidationIssue"


def generated(edit: Edit, directory: Path) -> None:
    """Generate a client of the contract with a change."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    edit(raw)
    generate.generate_into(directory / "client", Contract(raw))


def operation(**changes: object) -> Edit:
    """Change the operation; what is None goes."""

    def edit(raw: dict[str, Any]) -> None:
        node = raw["paths"][PATH]["patch"]
        node.update(changes)
        for name in [name for name, value in changes.items() if value is None]:
            del node[name]

    return edit


def parameter(schema: object, place: str = "query", **more: object) -> Edit:
    """Give the operation a parameter."""
    return operation(parameters=[{"name": "p", "in": place, "schema": schema, **more}])


def prop(**schema: object) -> Edit:
    """Give a model a property of this schema."""
    return lambda raw: raw["components"]["schemas"]["ValidationIssue"]["properties"].update({"more": schema})


def model(**changes: object) -> Edit:
    """Change the schema of a model."""
    return lambda raw: raw["components"]["schemas"]["ValidationIssue"].update(changes)


def top(**changes: object) -> Edit:
    """Change the contract at its top; what is None goes."""
    return lambda raw: [
        raw.pop(name) if value is None else raw.update({name: value}) for name, value in changes.items()
    ]


def responses(**changes: object) -> Edit:
    """Give the operation more responses."""
    return lambda raw: raw["paths"][PATH]["patch"]["responses"].update(
        {name.strip("_"): value for name, value in changes.items()}
    )


def renamed(raw: dict[str, Any]) -> None:
    """Call a schema as a part of the client is called."""
    text = yaml.safe_dump(raw).replace("ValidationIssue", "Field")
    raw.update(yaml.safe_load(text))


def second_operation(raw: dict[str, Any]) -> None:
    """Add an operation whose name is the same to Python."""
    again = copy.deepcopy(raw["paths"][PATH]["patch"]) | {"operationId": "update_customer_campaign_status"}
    raw["paths"]["/v2/again"] = {"post": again}


def second_key(raw: dict[str, Any]) -> None:
    """Add an operation that takes another key."""
    raw["components"]["securitySchemes"]["other"] = {"type": "apiKey", "in": "header", "name": "x-other"}
    again = copy.deepcopy(raw["paths"][PATH]["patch"]) | {"operationId": "again", "security": [{"other": []}]}
    raw["paths"]["/v2/again"] = {"post": again}


def behind_a_reference(raw: dict[str, Any]) -> None:
    """Refer to a path instead of writing it."""
    raw["components"]["pathItems"] = {"x": {"summary": "x"}}
    raw["paths"]["/v2/x"] = {"$ref": "#/components/pathItems/x"}


def path_parameter(raw: dict[str, Any]) -> None:
    """Name a parameter in a path, and describe it nowhere."""
    answers = {"200": {"description": "x"}}
    raw["paths"]["/v2/x/{id}"] = {"get": {"operationId": "x", "tags": ["Customers"], "responses": answers}}


def closed_part(raw: dict[str, Any]) -> None:
    """Forbid in one part of a schema what stands in the other."""
    raw["components"]["schemas"]["CampaignStatusForm"]["additionalProperties"] = False


def two_lengths(raw: dict[str, Any]) -> None:
    """Say two things of one property, in two parts of a schema."""
    schemas = raw["components"]["schemas"]
    schemas["CampaignStatusForm"]["properties"]["note"] = {"type": "string", "maxLength": 9}
    schemas["CampaignStatusUpdate"]["allOf"][1]["properties"]["note"] = {"type": "string", "maxLength": 5}


ERROR = {"$ref": "#/components/responses/BadRequest"}
LIST = {"type": "array", "items": {"type": "string"}}
NOTHING: dict[str, Any] = {"schema": {}}
FORM = {"schema": {"type": "object"}}
TEXT = {"schema": {"type": "string"}}
KEY = {"apiKey": {"type": "apiKey", "in": "query", "name": "key"}}


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        (operation(operationId=None), f"{OPERATION}/operationId: is missing; give one"),
        (
            second_operation,
            "/post/operationId: update_customer_campaign_status makes the module",
        ),
        (operation(**{"x-idempotent": "yes"}), f"{OPERATION}/x-idempotent: is neither true nor false"),
        (
            responses(default=ERROR),
            f"{OPERATION}/responses/default: 'default' is not a status",
        ),
        (responses(_4XX=ERROR), f"{OPERATION}/responses/4XX: '4XX' is not a status; write out each"),
        (
            operation(security=[{"a": []}]),
            f"{OPERATION}/security: asks for 'a'; the",
        ),
        (second_key, "/post/security: asks for 'other'; the client sends its key as 'x-api-key'"),
        (
            lambda raw: raw["components"].update(securitySchemes=KEY),
            "/components/securitySchemes: has no key that is sent in a header",
        ),
        (lambda raw: raw["components"].pop("securitySchemes"), "/components/securitySchemes: has no key"),
        (top(servers=None), "/servers/0/url: is '', where nothing can be sent (base_url"),
        (top(servers=[{"url": "https://{region}.example.com"}]), "/servers/0/url: is 'https://{region}"),
        (top(**{"x-rate-limit": {"requests": 60}}), "/x-rate-limit: is not a number of `requests` in"),
        (top(**{"x-rate-limit": {"requests": 60, "seconds": "1"}}), "/x-rate-limit: is not a number"),
        (behind_a_reference, "/paths/~1v2~1x: is behind a $ref, where it is not read; write it in place"),
        (
            parameter(LIST, "header"),
            f"{OPERATION}/parameters/0: is a list; the client can only send one",
        ),
        (
            parameter(LIST, explode=False),
            "/parameters/0: is a list; the client can only send one",
        ),
        (
            parameter(LIST, style="pipeDelimited"),
            "/parameters/0/style: is 'pipeDelimited'; the",
        ),
        (parameter({"type": "array", "items": LIST}), "/parameters/0/schema/items: is not text"),
        (parameter({"type": "object"}), "/parameters/0/schema: is an object; the client can only send"),
        (parameter({"type": "string"}, allowReserved=True), "/parameters/0/allowReserved: is true"),
        (
            operation(parameters=[{"name": "p", "in": "query", "content": {"text/x": {}}}]),
            "/parameters/0: has no schema",
        ),
        (parameter({"type": "string", "not": {}}), "/parameters/0/schema/not: the client would not check it"),
        (
            prop(type="object", minProperties=1),
            f"{ISSUE}/properties/more/minProperties: the client",
        ),
        (
            prop(type="array", items={}, contains={}),
            f"{ISSUE}/properties/more/contains: the client",
        ),
        (
            prop(type="string", minimum=1),
            f"{ISSUE}/properties/more/minimum: the client would not",
        ),
        (
            prop(type="string", format="date", pattern="^2"),
            f"{ISSUE}/properties/more/pattern: the client",
        ),
        (prop(type=["string", "null"], enum=["a", None]), f"{ISSUE}/properties/more/type: the client would"),
        (prop(type="number", **{"x-retry-after": "ms"}), f"{ISSUE}: more has an x-retry-after other than"),
        (
            prop(type="string", **{"x-retry-after": "seconds"}),
            f"{ISSUE}: more has an x-retry-after and is no",
        ),
        (
            prop(type="string", enum=["completed", "Completed"]),
            "/more/enum: has 'completed' and 'Completed', both of them `COMPLETED` in Python; leave one",
        ),
        (prop(type="string", enum=["a b", "a-b"]), "/more/enum: has 'a b' and 'a-b', both of them `A_B`"),
        (
            prop(type="integer", enum=[1, 2], **{"x-enum-varnames": ["one", "One"]}),
            "/more/enum: has 1 and 2, both of them `ONE` in Python; leave one out",
        ),
        (
            responses(_404={"description": "x", "content": {"application/hal+json": TEXT}}),
            "/404/content: the 404 has a body as application/hal+json; the client reads JSON only",
        ),
        (path_parameter, "/paths/~1v2~1x~1{id}/get/parameters: Path parameter 'id' for"),
        (prop(enum=[1, "a"]), "/more/enum: has 1, 'a'; write strings only or whole numbers only"),
        (
            operation(requestBody={"content": {"application/json": NOTHING, "multipart/form-data": FORM}}),
            f"{OPERATION}/requestBody/content: takes a body as application/json, multipart/form-data; the",
        ),
        (
            responses(
                _200={"description": "x", "content": {"text/plain": TEXT, "application/json": NOTHING}}
            ),
            f"{OPERATION}/responses/200/content: the 200 has a body as text/plain, application/json",
        ),
        (model(properties=None), "is not OpenAPI, KeyError('properties') stops the validator"),
        (operation(parameters=[5]), f"{OPERATION}/parameters/0: 5 is not of type"),
        (parameter(schema=True), f"{OPERATION}/parameters/0/schema: is true; write {{}}"),
        (prop(const=None), f"{ISSUE}/properties/more/const: the client would not"),
        (
            prop(**{"$ref": "#/components/schemas/Uuid", "maxLength": 3}),
            f"{ISSUE}/properties/more/maxLength",
        ),
        (prop(type="array", items=True), f"{ISSUE}/properties/more/items: is true; write {{}}"),
        (
            prop(oneOf=[{"type": "integer", "enum": [1], "minimum": 0}, {}]),
            "/oneOf/0/minimum: the",
        ),
        (
            prop(oneOf=[{"type": "string", "maxLength": 1}, {"type": "string", "minLength": 9}]),
            f"{ISSUE}/properties/more: more is a choice of two schemas of one type; make them one",
        ),
        (
            model(required=["absent"]),
            f"{ISSUE}: ValidationIssue requires ['absent']; describe them among its properties",
        ),
        (model(additionalProperties={"type": "string", "not": {}}), f"{ISSUE}/additionalProperties/not: the"),
        (closed_part, "/components/schemas/CampaignStatusForm/additionalProperties: is said of all parts of"),
        (
            two_lengths,
            "/CampaignStatusUpdate/allOf/1/properties/note: note has two values of maxLength, here and at",
        ),
        (
            renamed,
            "/components/schemas/Field: Field is the name of a schema, and of a part of the client",
        ),
        (
            model(properties={"field": {"type": "string"}, "field_": {"type": "string"}}, required=[]),
            f"{ISSUE}: ValidationIssue has ['field', 'field_'], all of them `field_` in Python; rename one",
        ),
    ],
)
def test_what_no_client_can_keep_is_refused(edit: Edit, complaint: str, tmp_path: Path) -> None:
    """Each part of a contract that would be lost, or make broken code, is named, and what mends it."""
    with pytest.raises(generate.GenerationError) as refused:
        generated(edit, tmp_path)
    assert complaint in str(refused.value)


def test_refused_contract_is_an_exit_status_and_leaves_the_client_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that is wrong is printed at once, a line each, with exit status 1; the old client stays."""
    target = tmp_path / "clients" / generate.PACKAGE
    target.mkdir(parents=True)
    monkeypatch.setattr(regenerate, "TARGET", target)
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    operation(operationId=None)(raw)
    responses(default=ERROR)(raw)
    path = tmp_path / "contract.yaml"
    path.write_text(yaml.safe_dump(raw))
    assert 1 == regenerate.main(["--contract", str(path)])
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{path}#{OPERATION}/operationId: ")
    assert second.startswith(f"{path}#{OPERATION}/responses/default: ")
    assert [target] == list(target.parent.iterdir())
