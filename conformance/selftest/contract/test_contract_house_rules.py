"""The check has a finding for each rule of this repository that a contract breaks."""

import pytest

from conformance.selftest.changed_contract import REMOVED, brief, changed
from scripts.contract import facts
from scripts.contract.check import check_raw

PATCH = facts.OPERATION
SCHEMAS = "/components/schemas"
RESPONSES = "/components/responses"
TYPICAL = "content/application~1json/examples/typical"
RULE = "/x-rules/HTTP-03"


RULE_CHANGES: list[tuple[str, object, str, str]] = [
    ("/x-rules", [], "/x-rules", "is not a mapping"),
    ("/x-rules/http-6", {"known": "read", "text": "It MUST."}, "/x-rules/http-6", "is not the id of a rule"),
    (
        "/x-rules/HTTP-006",
        {"known": "read", "text": "It MUST."},
        "/x-rules/HTTP-006",
        "is not the id of a rule",
    ),
    (
        "/x-rules/STATUS-01",
        {"known": "read", "text": "It MUST."},
        f"{SCHEMAS}/TerminalCampaignStatus/x-rules/STATUS-01",
        "has the id of /x-rules/STATUS-01",
    ),
    (RULE, "It MUST.", RULE, "is not a rule"),
    (RULE, {"known": "read"}, RULE, "is not a rule"),
    (RULE, {"known": "read", "text": ["It MUST."]}, RULE, "has a value that is not a line of text"),
    (
        RULE,
        {"known": "read", "text": "It MUST.", "why": "a\nb"},
        RULE,
        "has a value that is not a line of text",
    ),
    (RULE, {"known": "read", "text": "It MUST.", "level": "MUST"}, RULE, "is not a rule"),
    (f"{RULE}/known", "guessed", f"{RULE}/known", "is 'guessed'"),
    (f"{RULE}/text", "It MUST", f"{RULE}/text", "is not one sentence"),
    (f"{RULE}/text", "it MUST.", f"{RULE}/text", "is not one sentence"),
    (f"{RULE}/text", "It MUST. And more.", f"{RULE}/text", "is not one sentence"),
    (f"{RULE}/text", "It is so.", f"{RULE}/text", "has the keywords: none"),
    (f"{RULE}/text", "It MUST and MUST NOT.", f"{RULE}/text", "has the keywords: MUST, MUST NOT"),
    (f"{RULE}/text", "It MUST and it MAY.", f"{RULE}/text", "has the keywords: MUST, MAY"),
    (f"{RULE}/text", "It SHALL.", f"{RULE}/text", "has the keywords: SHALL"),
    (f"{RULE}/text", "It SHOULD NOT.", f"{RULE}/text", "says SHOULD NOT, but the fact is read"),
    (f"{RULE}/known", "inferred", f"{RULE}/text", "says MUST NOT, but the fact is inferred"),
    (
        f"{SCHEMAS}/CampaignStatus/x-rules/STATUS-04/text",
        "It SHOULD.",
        f"{SCHEMAS}/CampaignStatus/x-rules/STATUS-04/text",
        "says SHOULD, but the fact is documented",
    ),
]


@pytest.mark.parametrize(("change", "value", "pointer", "text"), RULE_CHANGES)
def test_rules_have_an_id_and_one_sentence(change: str, value: object, pointer: str, text: str) -> None:
    """The check finds a rule without a unique id, without one sentence or with a wrong keyword."""
    assert [(pointer, text)] == brief(check_raw(changed(change, value)))


@pytest.mark.parametrize(
    "word", ["MUST NOT", "SHALL", "SHOULD", "MAY", "REQUIRED", "NOT RECOMMENDED", "OPTIONAL"]
)
@pytest.mark.parametrize(
    "pointer", ["/info/description", "/tags/0/description", f"{SCHEMAS}/Uuid/description"]
)
def test_keywords_stand_in_rules_only(pointer: str, word: str) -> None:
    """The check finds a keyword in capitals outside a rule, so every requirement has an id."""
    raw = changed(pointer, f"A key {word} be so, whatever must be.")
    assert [(pointer, f"says {word} outside a rule")] == brief(check_raw(raw))


OPERATION_CHANGES: list[tuple[str, object, str, str]] = [
    (f"{PATCH}/operationId", REMOVED, f"{PATCH}/operationId", "'' is no good name for a Python module"),
    (
        f"{PATCH}/operationId",
        "update-it",
        f"{PATCH}/operationId",
        "'update-it' is no good name for a Python module",
    ),
    (
        f"{PATCH}/operationId",
        "Update",
        f"{PATCH}/operationId",
        "'Update' is no good name for a Python module",
    ),
    (f"{PATCH}/tags", REMOVED, f"{PATCH}/tags", "is missing"),
    (f"{PATCH}/tags", [], f"{PATCH}/tags", "is missing"),
    (f"{PATCH}/tags", ["Customers", "Others"], f"{PATCH}/tags/1", "'Others' is not declared"),
    ("/tags", REMOVED, f"{PATCH}/tags/0", "'Customers' is not declared"),
    (f"{PATCH}/responses/200", REMOVED, f"{PATCH}/responses", "has no success"),
    (
        f"{PATCH}/responses/default",
        {"description": "x"},
        f"{PATCH}/responses/default",
        "'default' is not a status code",
    ),
    (f"{PATCH}/responses/4XX", {"description": "x"}, f"{PATCH}/responses/4XX", "'4XX' is not a status code"),
    (
        f"{PATCH}/requestBody/content/application~1json/examples",
        REMOVED,
        f"{PATCH}/requestBody/content/application~1json",
        "has no example",
    ),
    (
        f"{RESPONSES}/Updated/content/application~1json/examples",
        {},
        f"{PATCH}/responses/200/content/application~1json",
        "has no example",
    ),
    (
        f"{RESPONSES}/Updated/content/application~1json/schema",
        REMOVED,
        f"{PATCH}/responses/200/content/application~1json",
        "has no schema",
    ),
    (f"{RESPONSES}/Updated/content", {}, f"{PATCH}/responses/200/content", "has no application/json"),
    (
        f"{RESPONSES}/Updated/{TYPICAL}",
        {"externalValue": "https://example.org"},
        f"{PATCH}/responses/200/content/application~1json/examples/typical",
        "has no `value`",
    ),
    (
        f"{RESPONSES}/NotFound/{TYPICAL}/value/code",
        "GONE",
        f"{PATCH}/responses/404/x-error-code",
        "is NOT_FOUND, but the example `typical` has GONE",
    ),
    (
        f"{RESPONSES}/NotFound/{TYPICAL}",
        REMOVED,
        f"{PATCH}/responses/404/x-error-code",
        "is NOT_FOUND, but the example `typical` has None",
    ),
]


@pytest.mark.parametrize(("change", "value", "pointer", "text"), OPERATION_CHANGES)
def test_operations_are_complete(change: str, value: object, pointer: str, text: str) -> None:
    """The check finds an operation that the client, the mock or the suite cannot use."""
    assert [(pointer, text)] == brief(check_raw(changed(change, value)))


def test_operations_without_bodies_are_sound() -> None:
    """An operation does not need a request body, and a response does not need content."""
    operation = {"operationId": "ping", "tags": ["Customers"], "responses": {"204": {"description": "Here."}}}
    assert [] == check_raw(changed("/paths/~1ping", {"get": operation}))


def test_paths_are_written_in_place() -> None:
    """The check finds a path behind a reference, because no reader follows the reference."""
    raw = changed("/paths/~1other", {"$ref": "#/components/pathItems/Other"})
    raw["components"]["pathItems"] = {"Other": {"summary": "Elsewhere."}}
    assert [("/paths/~1other", "is behind a $ref, which is not read")] == brief(check_raw(raw))


WAIT = f"{SCHEMAS}/RateLimitErrorBody/properties"


@pytest.mark.parametrize(
    ("change", "value", "pointer", "text"),
    [
        (
            f"{WAIT}/retryAfter/x-retry-after",
            "minutes",
            f"{WAIT}/retryAfter/x-retry-after",
            "is not `seconds`",
        ),
        (
            f"{WAIT}/retryAfter/type",
            ["number", "null"],
            f"{WAIT}/retryAfter",
            "is a time to wait but not a number",
        ),
        (
            f"{WAIT}/pause",
            {"type": "integer", "x-retry-after": "seconds"},
            WAIT,
            "has several times to wait: ['retryAfter', 'pause']",
        ),
    ],
)
def test_times_to_wait_are_a_number_of_seconds(change: str, value: object, pointer: str, text: str) -> None:
    """The check finds a time to wait in another unit or of another type, and a second one in a body."""
    found = brief(check_raw(changed(change, value)))
    assert [(pointer, text)] == [(place, words[: len(text)]) for place, words in found]


def test_time_to_wait_stays_marked() -> None:
    """A contract without the mark `x-retry-after` on the time to wait lacks a documented fact."""
    place = f"{WAIT}/retryAfter/x-retry-after"
    assert [(place, 'is missing, but documented as "seconds"')] == brief(check_raw(changed(place, REMOVED)))
