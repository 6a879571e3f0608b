"""Thirty changes of our contract, each with the verdict of a person."""

from dataclasses import dataclass
from typing import Any, Literal

from conformance.selftest.changed_contract import REMOVED
from scripts.contract import facts
from scripts.contract.changes import Direction, Effect

PATCH = facts.OPERATION
BODY = f"{PATCH}/requestBody"
RESPONSES = f"{PATCH}/responses"
SCHEMAS = "/components/schemas"
KEY = "/components/securitySchemes/apiKey"
SUCCESS = f"{SCHEMAS}/CampaignStatusUpdated"
FORM = f"{SCHEMAS}/CampaignStatusForm"
CUSTOMERS = "/paths/~1v2~1customers~1{customerId}"

Edits = tuple[tuple[str, Any], ...]
Opinion = Literal["major", "minor", "patch"]
"""The version bump that `redocly diff` requires."""


@dataclass(frozen=True)
class Known:
    """A change with its verdict."""

    name: str
    edits: Edits
    effect: Effect
    pointer: str
    direction: Direction
    opinion: Opinion


GET_CUSTOMER = {
    "operationId": "getCustomer",
    "tags": ["Customers"],
    "parameters": [
        {"name": "customerId", "in": "path", "required": True, "schema": {"$ref": f"#{SCHEMAS}/Uuid"}}
    ],
    "responses": {"204": {"description": "Known."}},
}
OPTIONAL = {"name": "dryRun", "in": "query", "schema": {"type": "boolean"}}
STATUSES = list(facts.STATUSES)

CHANGES = [
    Known(
        "server",
        (("/servers/0/url", "https://api.example.org"),),
        "breaking",
        "/servers/0/url",
        "request",
        "major",
    ),
    Known("key_header", ((f"{KEY}/name", "x-key"),), "breaking", f"{KEY}/name", "request", "major"),
    Known(
        "key_prefix",
        ((f"{KEY}/x-key-prefix", "key_"),),
        "breaking",
        f"{KEY}/x-key-prefix",
        "request",
        "patch",
    ),
    Known("key_dropped", ((f"{PATCH}/security", []),), "compatible", f"{PATCH}/security", "request", "minor"),
    Known(
        "rate_limit",
        (("/x-rate-limit/requests", 30),),
        "warning",
        "/x-rate-limit/requests",
        "request",
        "patch",
    ),
    Known("operation_removed", ((PATCH, REMOVED),), "breaking", PATCH, "both", "major"),
    Known(
        "operation_added",
        ((CUSTOMERS, {"get": GET_CUSTOMER}),),
        "compatible",
        f"{CUSTOMERS}/get",
        "both",
        "minor",
    ),
    Known(
        "parameter_optional",
        ((f"{PATCH}/parameters", [OPTIONAL]),),
        "compatible",
        f"{PATCH}/parameters/0",
        "request",
        "minor",
    ),
    Known(
        "parameter_required",
        ((f"{PATCH}/parameters", [{**OPTIONAL, "required": True}]),),
        "breaking",
        f"{PATCH}/parameters/0",
        "request",
        "major",
    ),
    Known(
        "body_optional", ((f"{BODY}/required", False),), "compatible", f"{BODY}/required", "request", "patch"
    ),
    Known("body_removed", ((BODY, REMOVED),), "breaking", BODY, "request", "major"),
    Known(
        "property_sent_optional",
        ((f"{FORM}/properties/note", {"type": "string"}),),
        "compatible",
        f"{FORM}/properties/note",
        "request",
        "minor",
    ),
    Known(
        "property_sent_required",
        ((f"{FORM}/properties/note", {"type": "string"}), (f"{FORM}/required", [*facts.REQUIRED, "note"])),
        "breaking",
        f"{FORM}/properties/note",
        "request",
        "major",
    ),
    Known(
        "property_sent_now_optional",
        ((f"{FORM}/required", ["customerId", "status"]),),
        "compatible",
        f"{FORM}/required",
        "request",
        "patch",
    ),
    Known(
        "property_sent_removed",
        ((f"{FORM}/properties/campaignId", REMOVED), (f"{FORM}/required", ["customerId", "status"])),
        "breaking",
        f"{FORM}/properties/campaignId",
        "request",
        "patch",
    ),
    Known(
        "enum_sent_narrowed",
        ((f"{SCHEMAS}/TerminalCampaignStatus/enum", ["completed"]),),
        "breaking",
        f"{SCHEMAS}/TerminalCampaignStatus/enum",
        "request",
        "major",
    ),
    Known(
        "enum_sent_widened",
        ((f"{SCHEMAS}/TerminalCampaignStatus/enum", ["completed", "failed", "expired"]),),
        "compatible",
        f"{SCHEMAS}/TerminalCampaignStatus/enum",
        "request",
        "patch",
    ),
    Known(
        "tenth_status",
        ((f"{SCHEMAS}/CampaignStatus/enum", [*STATUSES, "paused"]),),
        "compatible",
        f"{SCHEMAS}/CampaignStatus/enum",
        "neither",
        "patch",
    ),
    Known(
        "pattern_sent_removed",
        ((f"{SCHEMAS}/Uuid/pattern", REMOVED),),
        "compatible",
        f"{SCHEMAS}/Uuid/pattern",
        "request",
        "patch",
    ),
    Known(
        "limit_sent_added",
        ((f"{SCHEMAS}/Uuid/maxLength", 36),),
        "breaking",
        f"{SCHEMAS}/Uuid/maxLength",
        "request",
        "major",
    ),
    Known(
        "narrowing_dropped",
        ((f"{SCHEMAS}/CampaignStatusUpdate/allOf", [{"$ref": f"#{FORM}"}]),),
        "compatible",
        f"{SCHEMAS}/CampaignStatusUpdate/allOf",
        "request",
        "patch",
    ),
    Known(
        "response_removed",
        ((f"{RESPONSES}/429", REMOVED),),
        "breaking",
        f"{RESPONSES}/429",
        "response",
        "major",
    ),
    Known(
        "response_added",
        ((f"{RESPONSES}/409", {"$ref": "#/components/responses/BadRequest"}),),
        "warning",
        f"{RESPONSES}/409",
        "response",
        "minor",
    ),
    Known(
        "property_read_removed",
        (
            (f"{SUCCESS}/properties/previousStatus", REMOVED),
            (f"{SUCCESS}/required", ["success", "newStatus", "customerCampaignId"]),
        ),
        "breaking",
        f"{SUCCESS}/properties/previousStatus",
        "response",
        "major",
    ),
    Known(
        "property_read_added",
        ((f"{SUCCESS}/properties/note", {"type": "string"}),),
        "compatible",
        f"{SUCCESS}/properties/note",
        "response",
        "minor",
    ),
    Known(
        "property_read_now_optional",
        ((f"{SCHEMAS}/ErrorBody/required", ["message"]),),
        "breaking",
        f"{SCHEMAS}/ErrorBody/required",
        "response",
        "major",
    ),
    Known(
        "property_read_now_required",
        ((f"{SCHEMAS}/ValidationIssue/required", ["path", "message", "code", "expected"]),),
        "compatible",
        f"{SCHEMAS}/ValidationIssue/required",
        "response",
        "patch",
    ),
    Known(
        "type_read_changed",
        ((f"{SUCCESS}/properties/previousStatus/type", "integer"),),
        "breaking",
        f"{SUCCESS}/properties/previousStatus/type",
        "response",
        "major",
    ),
    Known(
        "enum_read_widened",
        ((f"{SCHEMAS}/ValidationErrorBody/properties/code", {"enum": ["VALIDATION_ERROR", "MALFORMED"]}),),
        "warning",
        f"{SCHEMAS}/ValidationErrorBody/properties/code/enum",
        "response",
        "major",
    ),
    Known(
        "prose",
        ((f"{SUCCESS}/description", "Another sentence."),),
        "documentation",
        f"{SUCCESS}/description",
        "neither",
        "patch",
    ),
]
