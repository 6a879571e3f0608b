"""The comparison finds each change of a contract once, with its place and its effect on clients."""

from typing import Any

import pytest

from conformance.contract.document import Contract
from conformance.selftest.changed_contract import CONTRACT, REMOVED, changed, edited
from conformance.selftest.contract.grown_changes import CHANGES as GROWN
from conformance.selftest.contract.known_changes import BODY, CHANGES, PATCH, RESPONSES, SCHEMAS, Known
from scripts.contract import facts
from scripts.contract.changes import Change
from scripts.contract.diff import diff, markdown, table

RULE = "/x-rules/HTTP-05"


def differences(*edits: tuple[str, object]) -> list[tuple[str, str, str, str]]:
    """The changes from our contract to an edited contract."""
    return [
        (one.effect, one.pointer, one.direction, one.text) for one in diff(CONTRACT, Contract(edited(edits)))
    ]


@pytest.mark.parametrize("known", CHANGES, ids=lambda known: known.name)
def test_known_changes_get_their_verdict(known: Known) -> None:
    """Each of the known changes is found once, with the recorded effect, place and direction."""
    found = [(effect, pointer, direction) for effect, pointer, direction, _ in differences(*known.edits)]
    assert [(known.effect, known.pointer, known.direction)] == found


def test_known_changes_are_thirty() -> None:
    """The known changes have thirty different names and all effects."""
    assert len({known.name for known in CHANGES}) == 30
    assert {known.effect for known in CHANGES} == {"breaking", "warning", "compatible", "documentation"}


@pytest.mark.parametrize("name", GROWN)
def test_changes_of_a_larger_contract_get_their_verdict(name: str) -> None:
    """Each change of parameters, operations and access is found once, and nothing else is."""
    old, new = (Contract(raw) for raw in GROWN[name].contracts())
    found = [(one.effect, one.direction, one.pointer) for one in diff(old, new)]
    assert sorted(GROWN[name].expected) == sorted(found)


@pytest.mark.parametrize(
    ("pointer", "value", "expected"),
    [
        (RULE, REMOVED, ("warning", RULE, "neither", "the rule HTTP-05 was removed")),
        (
            f"{RULE}/text",
            "It MUST.",
            ("compatible", f"{RULE}/text", "neither", "SHOULD of the rule HTTP-05 became MUST"),
        ),
        (
            f"{RULE}/text",
            "It SHOULD.",
            ("warning", f"{RULE}/text", "neither", "the rule HTTP-05 is now: It SHOULD."),
        ),
        (
            "/x-rules/HTTP-99",
            {"known": "read", "text": "It MUST."},
            ("compatible", "/x-rules/HTTP-99", "neither", "the rule HTTP-99 was added"),
        ),
        (
            "/x-rate-limit/requests",
            90,
            (
                "compatible",
                "/x-rate-limit/requests",
                "request",
                "the documented rate limit, 60 requests in 60 s, became 90 requests in 60 s",
            ),
        ),
        (
            f"{PATCH}/x-idempotent",
            False,
            ("warning", f"{PATCH}/x-idempotent", "request", "the x-idempotent true became false"),
        ),
        (
            "/components/responses/NotFound/x-error-code",
            "MISSING",
            (
                "warning",
                "/components/responses/NotFound/x-error-code",
                "response",
                "the documented code NOT_FOUND became MISSING",
            ),
        ),
        (
            "/components/responses/Updated/content",
            {},
            (
                "breaking",
                "/components/responses/Updated/content/application~1json",
                "response",
                "the media type application/json was removed",
            ),
        ),
        (
            "/components/responses/Updated/headers",
            {"X-Id": {"schema": {"type": "string"}}},
            (
                "compatible",
                "/components/responses/Updated/headers/X-Id",
                "response",
                "the header x-id was added",
            ),
        ),
        (
            f"{BODY}/content/text~1plain",
            {"schema": {"type": "string"}},
            ("compatible", f"{BODY}/content/text~1plain", "request", "the media type text/plain was added"),
        ),
        (
            f"{SCHEMAS}/RateLimitErrorBody/properties/retryAfter/x-retry-after",
            "minutes",
            (
                "warning",
                f"{SCHEMAS}/RateLimitErrorBody/properties/retryAfter/x-retry-after",
                "response",
                "x-retry-after seconds became minutes",
            ),
        ),
        (
            "/tags/0/description",
            "Others.",
            ("documentation", "/tags", "neither", "the tags changed"),
        ),
        (
            f"{SCHEMAS}/Unused",
            {"type": "string"},
            (
                "compatible",
                f"{SCHEMAS}/Unused",
                "neither",
                "Unused was added; no documented request or response changes",
            ),
        ),
    ],
)
def test_other_changes_get_their_verdict(
    pointer: str, value: object, expected: tuple[str, str, str, str]
) -> None:
    """Rules, limits, headers, media types and extensions are compared too."""
    assert [expected] == differences((pointer, value))


def test_changes_differ_from_their_reverse() -> None:
    """A removed response breaks clients, but an added response is a warning."""
    smaller = Contract(changed(f"{RESPONSES}/429", REMOVED))
    expected = [Change("warning", f"{RESPONSES}/429", "the response 429 was added", "response")]
    assert expected == diff(smaller, CONTRACT)


def test_changes_of_shared_schemas_come_once() -> None:
    """A change of a schema that five responses share is one change."""
    found = differences((f"{SCHEMAS}/ErrorBody/properties/hint", {"type": "string"}))
    assert [
        ("compatible", f"{SCHEMAS}/ErrorBody/properties/hint", "response", "the property hint was added")
    ] == found


def test_changes_in_both_directions_have_the_worse_effect() -> None:
    """A schema that is sent and received changes once, in both directions, with the worse effect."""
    received = {"$ref": "#/components/schemas/CampaignStatus"}
    status = "/components/schemas/CampaignStatusUpdated/properties/newStatus"
    old = Contract(edited([(status, received), (f"{BODY}/content/application~1json/schema", received)]))
    raw = edited([(status, received), (f"{BODY}/content/application~1json/schema", received)])
    raw["components"]["schemas"]["CampaignStatus"]["enum"] = ["completed", "paused"]
    lost = ", ".join(sorted(set(facts.STATUSES) - {"completed"}))
    text = f"the enum no longer allows {lost} and now allows paused"
    expected = [Change("breaking", "/components/schemas/CampaignStatus/enum", text, "both")]
    assert expected == diff(old, Contract(raw))


def test_references_to_another_schema_are_the_place() -> None:
    """If a response refers to another schema, the reference is the place of every difference."""
    schema = "/components/responses/Updated/content/application~1json/schema"
    reference = f"{schema}/$ref"
    found = differences((schema, {"$ref": "#/components/schemas/ErrorBody"}))
    assert {reference} == {pointer for _, pointer, _, _ in found}
    removed = f"the property success was removed (at {SCHEMAS}/CampaignStatusUpdated/properties/success)"
    assert ("breaking", reference, "response", removed) in found


def test_moved_operations_break_clients() -> None:
    """Another method or path of an operation breaks clients."""
    operation = CONTRACT.raw["paths"][facts.PATH]["patch"]
    moved = Contract({**CONTRACT.raw, "paths": {"/v3/status": {"put": operation}}})
    texts = [one.text for one in diff(CONTRACT, moved) if one.effect == "breaking"]
    id_ = "updateCustomerCampaignStatus"
    assert [
        f"the method of {id_}, patch, became put",
        f"the path of {id_}, {facts.PATH}, became /v3/status",
    ] == texts


def published() -> dict[str, Any]:
    """The contract as the vendor might publish it: with nine statuses, more operations, no extensions."""
    raw: dict[str, Any] = _without_extensions(CONTRACT.raw)
    raw["paths"]["/v2/customers"] = {"get": {"responses": {"204": {"description": "None."}}}}
    raw["paths"]["/v2/customers/campaign-status"]["patch"]["operationId"] = "patchStatus"
    raw["components"]["schemas"]["CampaignStatusUpdate"] = {"$ref": f"#{SCHEMAS}/CampaignStatusForm"}
    raw["components"]["securitySchemes"] = {"key": raw["components"]["securitySchemes"]["apiKey"]}
    raw["security"] = [{"key": []}]
    raw["servers"].insert(0, {"url": "https://sandbox.example.org"})
    return raw


def _without_extensions(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    if isinstance(value, list):
        return [_without_extensions(one) for one in value]
    if isinstance(value, dict):
        return {name: _without_extensions(one) for name, one in value.items() if not name.startswith("x-")}
    return value


def test_published_documents_are_compared_by_our_operations() -> None:
    """Only operations of the old contract are compared, and none of our extensions and narrowings."""
    raw = published()
    assert [] == diff(CONTRACT, Contract(raw), only_ours=True)
    raw["components"]["schemas"]["ErrorBody"]["required"] = ["message"]
    raw["components"]["schemas"]["CampaignStatus"]["enum"].append("paused")
    expected = [
        Change("breaking", f"{SCHEMAS}/ErrorBody/required", "the property code became optional", "response"),
        Change("compatible", f"{SCHEMAS}/CampaignStatus/enum", "the enum now allows paused", "request"),
    ]
    assert expected == diff(CONTRACT, Contract(raw), only_ours=True)


def test_published_documents_may_narrow_the_status_too() -> None:
    """A document of the vendor with our two statuses for an update is no difference."""
    assert [] == diff(CONTRACT, Contract(_without_extensions(CONTRACT.raw)), only_ours=True)


def test_worst_changes_come_first() -> None:
    """The table is ordered by effect and ends with the counts."""
    raw = changed(f"{SCHEMAS}/ErrorBody/properties/hint", {"type": "string"})
    del raw["x-rules"]["HTTP-05"]
    raw["components"]["securitySchemes"]["apiKey"]["name"] = "x-key"
    lines = table(diff(CONTRACT, Contract(raw))).splitlines()
    assert ["breaking", "warning", "compatible"] == [line.split()[0] for line in lines[:-1]]
    assert lines[-1] == "1 breaking, 1 warning, 1 compatible, 0 documentation"


def test_markdown_escapes_what_a_contract_says() -> None:
    """The text of a contract cannot leave its cell of the Markdown table."""
    rule = [Change("warning", "/x-rules/A-01", "now says: a | b\n`c` <img>", "neither")]
    page = markdown(rule, [Change("breaking", "client.Name", "public object was removed")], ["version: 1"])
    assert "| `/x-rules/A-01` | neither | now says: a \\| b 'c' &lt;img> |" in page.splitlines()
    assert "| `client.Name` | breaking | public object was removed |" in page.splitlines()
    assert page.endswith("\n- version: 1")


def test_server_of_a_contract_without_servers_is_a_change() -> None:
    """A contract that names no server is compared with one that does, in both comparisons."""
    old = Contract(changed("/servers", REMOVED))
    for only_ours in (False, True):
        (found,) = diff(old, CONTRACT, only_ours=only_ours)
        assert ("breaking", "/servers/0/url") == (found.effect, found.pointer)
