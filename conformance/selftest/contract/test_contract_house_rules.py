"""A contract is refused for each thing that the house does not write."""

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
    (f"{RULE}/text", "It SHOULD NOT.", f"{RULE}/text", "says SHOULD NOT of a fact that is read"),
    (f"{RULE}/known", "inferred", f"{RULE}/text", "says MUST NOT of a fact that is inferred"),
    (
        f"{SCHEMAS}/CampaignStatus/x-rules/STATUS-04/text",
        "It SHOULD.",
        f"{SCHEMAS}/CampaignStatus/x-rules/STATUS-04/text",
        "says SHOULD of a fact that is documented",
    ),
]


@pytest.mark.parametrize(("change", "value", "pointer", "text"), RULE_CHANGES)
def test_rules_say_one_thing_each(change: str, value: object, pointer: str, text: str) -> None:
    """A rule without an id of its own, a sentence or the right keyword is found."""
    assert [(pointer, text)] == brief(check_raw(changed(change, value)))


@pytest.mark.parametrize(
    "word", ["MUST NOT", "SHALL", "SHOULD", "MAY", "REQUIRED", "NOT RECOMMENDED", "OPTIONAL"]
)
@pytest.mark.parametrize(
    "pointer", ["/info/description", "/tags/0/description", f"{SCHEMAS}/Uuid/description"]
)
def test_keywords_stand_in_rules_alone(pointer: str, word: str) -> None:
    """A keyword in capitals outside a rule is found, so all that binds has an id."""
    raw = changed(pointer, f"A key {word} be so, whatever must be.")
    assert [(pointer, f"says {word} outside a rule")] == brief(check_raw(raw))


OPERATION_CHANGES: list[tuple[str, object, str, str]] = [
    (f"{PATCH}/operationId", REMOVED, f"{PATCH}/operationId", "'' makes no good name of a Python module"),
    (
        f"{PATCH}/operationId",
        "update-it",
        f"{PATCH}/operationId",
        "'update-it' makes no good name of a Python module",
    ),
    (
        f"{PATCH}/operationId",
        "Update",
        f"{PATCH}/operationId",
        "'Update' makes no good name of a Python module",
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
        "'default' is not a status",
    ),
    (f"{PATCH}/responses/4XX", {"description": "x"}, f"{PATCH}/responses/4XX", "'4XX' is not a status"),
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
        "is NOT_FOUND, and the example `typical` has GONE",
    ),
    (
        f"{RESPONSES}/NotFound/{TYPICAL}",
        REMOVED,
        f"{PATCH}/responses/404/x-error-code",
        "is NOT_FOUND, and the example `typical` has None",
    ),
]


@pytest.mark.parametrize(("change", "value", "pointer", "text"), OPERATION_CHANGES)
def test_operations_say_what_is_made_of_them(change: str, value: object, pointer: str, text: str) -> None:
    """An operation that the client, the mock or the suite could not use is found."""
    assert [(pointer, text)] == brief(check_raw(changed(change, value)))


def test_operations_without_bodies_are_sound() -> None:
    """An operation needs no request body, and a response no content."""
    operation = {"operationId": "ping", "tags": ["Customers"], "responses": {"204": {"description": "Here."}}}
    assert [] == check_raw(changed("/paths/~1ping", {"get": operation}))


def test_paths_are_written_in_place() -> None:
    """A path behind a reference is found, because nothing reads it."""
    raw = changed("/paths/~1other", {"$ref": "#/components/pathItems/Other"})
    raw["components"]["pathItems"] = {"Other": {"summary": "Elsewhere."}}
    assert [("/paths/~1other", "is behind a $ref, where it is not read")] == brief(check_raw(raw))


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
            "tells how long to wait and is no",
        ),
        (
            f"{WAIT}/pause",
            {"type": "integer", "x-retry-after": "seconds"},
            WAIT,
            "has ['retryAfter', 'pause'] to tell how long to wait",
        ),
    ],
)
def test_waits_are_a_number_of_seconds(change: str, value: object, pointer: str, text: str) -> None:
    """A wait in another unit or of another type, or a second one in a body, is found."""
    found = brief(check_raw(changed(change, value)))
    assert [(pointer, text)] == [(place, words[: len(text)]) for place, words in found]


def test_wait_that_is_told_stays_marked() -> None:
    """A contract that does not say which field tells how long to wait has lost a fact."""
    place = f"{WAIT}/retryAfter/x-retry-after"
    assert [(place, 'is missing, and documented as "seconds"')] == brief(check_raw(changed(place, REMOVED)))
