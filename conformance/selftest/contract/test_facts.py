"""Our contract agrees with the documented facts, and the check finds each fact that an edit changes."""

import re

import pytest

from conformance.selftest.changed_contract import CONTRACT, REMOVED, brief, changed
from scripts.contract import facts
from scripts.contract.check import check_facts
from scripts.contract.findings import lookup

PATCH = facts.OPERATION
SCHEMAS = "/components/schemas"
RESPONSES = "/components/responses"


@pytest.mark.parametrize("pointer", [*facts.VALUES, facts.REQUEST])
def test_documented_values_are_kept(pointer: str) -> None:
    """The check finds each documented value that the contract lacks."""
    raw = changed(pointer, REMOVED)
    assert pointer in [finding.pointer for finding in check_facts(raw)]


@pytest.mark.parametrize(
    ("change", "value", "pointer", "text"),
    [
        (
            "/components/securitySchemes/apiKey/name",
            "x-key",
            "/components/securitySchemes/apiKey/name",
            'is "x-key", but documented as "x-api-key"',
        ),
        (
            f"{RESPONSES}/Updated/content/application~1json/examples/documented/value/success",
            1,
            f"{PATCH}/responses/200/content/application~1json/examples/documented/value",
            None,
        ),
        (
            f"{PATCH}/responses/409",
            {"description": "x"},
            f"{PATCH}/responses/409",
            "is not among the documented responses",
        ),
        (
            f"{SCHEMAS}/CampaignStatusForm/required",
            ["status"],
            facts.REQUEST,
            "accepts a body without customerId",
        ),
        (f"{SCHEMAS}/CampaignStatusForm/additionalProperties", False, facts.REQUEST, None),
        (f"{SCHEMAS}/CampaignStatusUpdate/allOf/1", {}, facts.REQUEST, "accepts status 'pending'"),
        (
            f"{SCHEMAS}/ErrorBody/properties/code/type",
            ["string", "null"],
            facts.response(400),
            "accepts code null",
        ),
        (
            f"{SCHEMAS}/ValidationIssue/required",
            ["path", "expected"],
            facts.response(422),
            "rejects an error without expected and received",
        ),
    ],
)
def test_facts_hold(change: str, value: object, pointer: str, text: str | None) -> None:
    """The check finds that a valid contract contradicts a documented fact."""
    found = dict(reversed(brief(list(check_facts(changed(change, value))))))
    assert pointer in found
    assert (text or found[pointer]) == found[pointer]


def test_documented_operation_is_there() -> None:
    """A contract without the documented operation has one finding."""
    raw = changed(PATCH, REMOVED)
    assert [(PATCH, "is missing")] == brief(list(check_facts(raw)))


@pytest.mark.parametrize("field", facts.ID_FIELDS)
@pytest.mark.parametrize(("id_", "accepted"), facts.UUIDS.items())
def test_ids_are_judged_as_documented(field: str, id_: str, accepted: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """The contract accepts and rejects each kind of UUID as documented, in both fields."""
    schema = lookup(CONTRACT.raw, facts.REQUEST)
    body = {"customerId": facts.NIL, "campaignId": facts.NIL, "status": "failed", field: id_}
    assert accepted == CONTRACT.validator(schema).is_valid(body)


@pytest.mark.parametrize(
    "id_", [f"{facts.NIL}\n", f"{facts.MAX}\n", facts.MAX.upper(), "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f\n"]
)
def test_pattern_is_read_as_ecma_262(id_: str) -> None:
    """The pattern without the format rejects a final newline and the max UUID in upper case."""
    validator = CONTRACT.validator({"pattern": CONTRACT.schema("Uuid")["pattern"]})
    assert not validator.is_valid(id_)
    assert validator.is_valid(facts.MAX)


def test_pattern_means_something_else_in_python() -> None:
    """Python's regular expressions accept a final newline, so nothing here uses them for the pattern."""
    pattern = CONTRACT.schema("Uuid")["pattern"]
    assert re.search(pattern, f"{facts.NIL}\n")
