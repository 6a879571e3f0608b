"""The facts about the API, written a second time, independently of the contract.

An edit could make the contract wrong although it stays valid. The facts here detect such an edit. They change
only if the vendor's reference changes. All of them are documented except two that are inferred: the fields of
the request are required and unknown fields are ignored, and the status code of each documented body.
"""

from collections.abc import Iterator, Mapping
from typing import Any

PATH = "/v2/customers/campaign-status"
METHOD = "patch"
OPERATION = f"/paths/{PATH.replace('/', '~1')}/{METHOD}"
REQUEST = f"{OPERATION}/requestBody/content/application~1json/schema"

Case = tuple[str, object, bool]
"""A description of a body, the body, and whether the contract accepts it."""

STATUSES = (
    "pending",
    "awaiting_call",
    "in_progress",
    "completed",
    "failed",
    "expired",
    "cancelled",
    "skipped",
    "exceeded_max_calls",
)
ACCEPTED_STATUSES = ("completed", "failed")
REQUIRED = ("customerId", "campaignId", "status")
ID_FIELDS = ("customerId", "campaignId")

ERROR_BODY = {"message": "string", "code": "string"}
RESPONSE_BODIES: Mapping[int, Mapping[str, Any]] = {
    200: {
        "success": True,
        "previousStatus": "string",
        "newStatus": "string",
        "customerCampaignId": "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75",
    },
    400: ERROR_BODY,
    401: ERROR_BODY,
    403: ERROR_BODY,
    404: ERROR_BODY,
    422: {
        "message": "string",
        "code": "VALIDATION_ERROR",
        "errors": [
            {
                "path": ["string"],
                "message": "string",
                "expected": "string",
                "received": "string",
                "code": "string",
            }
        ],
    },
    429: {"message": "string", "code": "string", "retryAfter": 0},
    500: ERROR_BODY,
}
ERROR_CODES = {
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
}

VALUES: Mapping[str, Any] = {
    "/servers/0/url": "https://api.carecycle.ai",
    "/x-rate-limit": {"requests": 60, "seconds": 60},
    "/components/securitySchemes/apiKey/type": "apiKey",
    "/components/securitySchemes/apiKey/in": "header",
    "/components/securitySchemes/apiKey/name": "x-api-key",
    "/components/securitySchemes/apiKey/x-key-prefix": "cc_",
    "/components/schemas/RateLimitErrorBody/properties/retryAfter/x-retry-after": "seconds",
    "/security": [{"apiKey": []}],
    f"{OPERATION}/operationId": "updateCustomerCampaignStatus",
    f"{OPERATION}/tags": ["Customers"],
    f"{OPERATION}/summary": "Update customer campaign status",
    f"{OPERATION}/requestBody/required": True,
    "/components/schemas/CampaignStatus/enum": list(STATUSES),
    "/components/schemas/TerminalCampaignStatus/enum": list(ACCEPTED_STATUSES),
    **{
        f"{OPERATION}/responses/{status}/content/application~1json/examples/documented/value": body
        for status, body in RESPONSE_BODIES.items()
    },
    **{f"{OPERATION}/responses/{status}/x-error-code": code for status, code in ERROR_CODES.items()},
}
"""The facts that are single values, by their JSON pointers. A pointer follows every `$ref`."""

NIL = "00000000-0000-0000-0000-000000000000"
MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff"
UUIDS: Mapping[str, bool] = {
    **{
        f"5f0c954e-3a7b-{version}d5c-9e0f-6b1d2c3a4e5f": version in "12345678"
        for version in "0123456789abcdef"
    },
    **{
        f"5f0c954e-3a7b-4d5c-{variant}e0f-6b1d2c3a4e5f": variant in "89abAB"
        for variant in "0123456789abcdefABCDEF"
    },
    "5F0C954E-3A7B-4D5C-9E0F-6B1D2C3A4E5F": True,
    "5F0c954e-3A7b-4d5C-9e0F-6b1D2c3A4e5F": True,
    NIL: True,
    MAX: True,
    MAX.upper(): False,
    "FFFFffff-ffff-ffff-ffff-ffffffffffff": False,
    "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f\n": False,
    "\n5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f": False,
    f"{NIL}\n": False,
    f"{MAX}\n": False,
    "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f\r\n": False,
    "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f\N{LINE SEPARATOR}": False,
    " 5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f ": False,
    "{5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f}": False,
    "urn:uuid:5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f": False,
    "5f0c954e3a7b4d5c9e0f6b1d2c3a4e5f": False,
    "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5": False,
    "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f0": False,
    "5g0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f": False,
    "\N{FULLWIDTH DIGIT FIVE}f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f": False,
    "": False,
}
"""Whether the documented pattern, an ECMA 262 regular expression, accepts an id of each kind."""


def requests() -> Iterator[Case]:
    """Bodies of the request."""
    good: dict[str, object] = {"customerId": NIL, "campaignId": MAX, "status": "completed"}
    no_ids: tuple[object, ...] = (None, 7, True, [NIL], {})
    no_objects: tuple[object, ...] = ([], [good], "completed", None, 1)
    for field in ID_FIELDS:
        for id_, accepted in UUIDS.items():
            yield f"{field} {id_!r}", {**good, field: id_}, accepted
        for value in no_ids:
            yield f"{field} {value!r}", {**good, field: value}, False
    for status in (*STATUSES, "Completed", "COMPLETED", " completed", "", None, 1):
        yield f"status {status!r}", {**good, "status": status}, status in ACCEPTED_STATUSES
    for field in REQUIRED:
        yield f"a body without {field}", {name: good[name] for name in REQUIRED if name != field}, False
    yield "a body with a field that is not documented", {**good, "note": "x"}, True
    for value in no_objects:
        yield f"the body {value!r}", value, False


def response(status: int) -> str:
    """The JSON pointer of the schema of a response."""
    return f"{OPERATION}/responses/{status}/content/application~1json/schema"


def responses(status: int) -> Iterator[Case]:
    """Bodies of a response."""
    documented = RESPONSE_BODIES[status]
    yield "the documented body", documented, True
    yield "a body with a field that is not documented", {**documented, "note": "x"}, True
    for field in documented:
        yield f"{field} null", {**documented, field: None}, False
    if status == 422:
        issue = {"path": ["status"], "message": "Required", "code": "invalid_type"}
        yield "an error without expected and received", {**documented, "errors": [issue]}, True
