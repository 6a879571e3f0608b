"""A correct server of PATCH /v2/customers/campaign-status, made of small steps that a fault may replace."""

from __future__ import annotations

import hmac
import inspect
import json
import math
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

PATH = "/v2/customers/campaign-status"
FIELDS = ("customerId", "campaignId", "status")
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
TERMINAL = ("completed", "failed")
FIRST_STATUSES = ("in_progress", "awaiting_call", "pending")
ID_PATTERN = (
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
    r"|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff"
)
MAX_BODY = 100 * 1024
JSON_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    float: "number",
    type(None): "null",
}


class Refusal(Exception):
    """An answer other than 200, raised by any step."""

    def __init__(self, status: int, message: str, code: str, **more: Any) -> None:
        """Keep the status, the message and code of the body, and further members of the body."""
        super().__init__(message)
        self.status, self.message, self.code, self.more = status, message, code, more
        self.headers: dict[str, str] = {}


@dataclass
class Enrollment:
    """A customer's place in a campaign."""

    customer: str
    campaign: str
    status: str


@dataclass
class Settings:
    """What the environment gives."""

    api_key: str
    restricted_key: str
    enrollments: list[tuple[str, str]]
    rate_limit: int = 60
    rate_window: float = 60.0


@dataclass
class Call:
    """One request on its way through the steps."""

    request: Request
    raw: bytes = b""
    size: int = 0
    key: str = ""
    data: Any = None
    fields: dict[str, Any] = field(default_factory=dict)
    enrollment: Enrollment | None = None
    body: dict[str, Any] = field(default_factory=dict)


def not_json(name: str) -> Any:
    """Refuse NaN and Infinity, which Python's parser would take."""
    raise ValueError(f"{name} is not JSON")


def issue(
    path: list[str], message: str, code: str, expected: str, received: str | None = None
) -> dict[str, Any]:
    """One member of the errors of a 422."""
    found = {"path": path, "message": message, "expected": expected, "received": received, "code": code}
    return {name: value for name, value in found.items() if value is not None}


class Server:
    """The endpoint as an ASGI application; the steps run in the order of self.steps."""

    def __init__(self, settings: Settings) -> None:
        """Set the state up from the settings."""
        self.settings = settings
        self.limit = settings.rate_limit
        self.max_body = MAX_BODY
        self.windows: dict[str, tuple[float, int]] = {}
        self.enrollments: dict[tuple[str, str], Enrollment] = {}
        for number, (customer, campaign) in enumerate(settings.enrollments):
            pair = (customer.lower(), campaign.lower())
            self.enrollments[pair] = Enrollment(*pair, FIRST_STATUSES[number % len(FIRST_STATUSES)])
        self.steps = [
            "path",
            "method",
            "key",
            "permission",
            "rate",
            "length",
            "media_type",
            "parse",
            "schema",
            "status_rule",
            "lookup",
            "apply",
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one ASGI request."""
        if scope["type"] != "http":
            return
        call = Call(Request(scope, receive))
        try:
            await self.read(call)
        except ClientDisconnect:
            return
        await (await self.answer(call))(scope, receive, send)

    async def read(self, call: Call) -> None:
        """Read the whole body, but keep no more of it than the limit."""
        async for chunk in call.request.stream():
            call.size += len(chunk)
            if call.size <= MAX_BODY:
                call.raw += chunk

    async def answer(self, call: Call) -> Response:
        """Run the steps and make the response."""
        try:
            await self.run(call, self.steps)
            return self.respond(200, call.body, {})
        except Refusal as refusal:
            return self.respond(refusal.status, self.error_body(refusal), refusal.headers)
        except Exception:
            refusal = Refusal(500, "Internal server error", "INTERNAL_ERROR")
            return self.respond(500, self.error_body(refusal), {})

    async def run(self, call: Call, steps: list[str]) -> None:
        """Run the named steps in turn."""
        for name in steps:
            result = getattr(self, name)(call)
            if inspect.isawaitable(result):
                await result

    def respond(self, status: int, body: Any, headers: dict[str, str]) -> Response:
        """Make a JSON response."""
        return JSONResponse(body, status, headers)

    def error_body(self, refusal: Refusal) -> Any:
        """The body of a refusal."""
        return {"message": refusal.message, "code": refusal.code, **refusal.more}

    def path(self, call: Call) -> None:
        """Only one path exists."""
        if call.request.scope["path"] != PATH:
            raise Refusal(404, "Not found", "NOT_FOUND")

    def method(self, call: Call) -> None:
        """Only PATCH is allowed."""
        if call.request.method != "PATCH":
            refusal = Refusal(405, "Method not allowed", "NOT_FOUND")
            refusal.headers = {"Allow": "PATCH"}
            raise refusal

    def sent_key(self, call: Call) -> str | None:
        """The key of the request, or None."""
        values = call.request.headers.getlist("x-api-key")
        return ", ".join(values) if values else None

    def same_key(self, sent: str, known: str) -> bool:
        """Compare two keys in constant time."""
        return hmac.compare_digest(sent.encode("latin-1", "replace"), known.encode())

    def key(self, call: Call) -> None:
        """The key must be one of the two known keys."""
        sent = self.sent_key(call)
        if sent is None:
            raise Refusal(401, "Missing API key", "UNAUTHORIZED")
        for known in (self.settings.api_key, self.settings.restricted_key):
            if known and self.same_key(sent, known):
                call.key = known
                return
        raise Refusal(401, "Invalid API key", "UNAUTHORIZED")

    def permission(self, call: Call) -> None:
        """The restricted key may not update."""
        if call.key != self.settings.api_key:
            raise Refusal(403, "The API key lacks a permission", "FORBIDDEN")

    def bucket(self, call: Call) -> str:
        """Whose requests are counted together."""
        return call.key

    def over(self, count: int) -> bool:
        """Whether no further request is allowed after so many."""
        return count >= self.limit

    def retry_after(self, seconds: float) -> Any:
        """What the body of a 429 says of the time to wait."""
        return max(1, math.ceil(seconds))

    def rate(self, call: Call) -> None:
        """A fixed window of requests for each key."""
        if not self.limit:
            return
        now, bucket, length = time.monotonic(), self.bucket(call), self.settings.rate_window
        start, count = self.windows.get(bucket, (now, 0))
        if now - start >= length:
            start, count = now, 0
        if self.over(count):
            wait = self.retry_after(start + length - now)
            raise Refusal(429, "Rate limit exceeded", "RATE_LIMIT_EXCEEDED", retryAfter=wait)
        self.windows[bucket] = (start, count + 1)

    def length(self, call: Call) -> None:
        """A body over the limit is refused."""
        if call.size > self.max_body:
            raise Refusal(413, "Request body too large", "VALIDATION_ERROR")

    def is_json(self, content_type: str) -> bool:
        """Whether a Content-Type means JSON in UTF-8."""
        charset = re.search(r';\s*charset\s*=\s*"?([^";\s]+)', content_type, re.IGNORECASE)
        kind = content_type.split(";", maxsplit=1)[0].strip().lower()
        return kind == "application/json" and (charset is None or charset[1].lower() == "utf-8")

    def media_type(self, call: Call) -> None:
        """The body must be declared as JSON."""
        if not self.is_json(call.request.headers.get("content-type", "")):
            raise Refusal(415, "Unsupported media type", "VALIDATION_ERROR")

    def load(self, text: str) -> Any:
        """Parse JSON; numbers become floats, so none is too long."""
        return json.loads(text, parse_constant=not_json, parse_int=float)

    def parse(self, call: Call) -> None:
        """The body must be JSON in UTF-8."""
        try:
            call.data = self.load(call.raw.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Refusal(400, "The body is not valid JSON", "VALIDATION_ERROR") from None

    def take(self, call: Call) -> Any:
        """The value that the schema is for: the parsed body as it is."""
        return call.data

    def invalid(self, errors: list[dict[str, Any]]) -> Refusal:
        """A 422 with its errors."""
        return Refusal(422, "Validation failed", "VALIDATION_ERROR", errors=errors)

    def valid_id(self, value: str) -> bool:
        """Whether a string is an id of the documented pattern."""
        return re.fullmatch(ID_PATTERN, value) is not None

    def valid_status(self, value: str) -> bool:
        """Whether a string is one of the nine statuses."""
        return value in STATUSES

    def field_issue(self, name: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """What is wrong with a field, or None."""
        if name not in data:
            return issue([name], f"{name} is required", "invalid_type", "string", "undefined")
        value = data[name]
        if not isinstance(value, str):
            kind = JSON_TYPES[type(value)]
            return issue([name], f"{name} must be a string", "invalid_type", "string", kind)
        if name == "status":
            wrong = issue([name], "Unknown status", "invalid_value", "|".join(STATUSES))
            return None if self.valid_status(value) else wrong
        wrong = issue([name], f"{name} must be a UUID", "invalid_format", "uuid")
        return None if self.valid_id(value) else wrong

    def schema(self, call: Call) -> None:
        """The body must be an object with three good fields."""
        data = self.take(call)
        if not isinstance(data, dict):
            kind = JSON_TYPES[type(data)]
            raise self.invalid([issue([], "The body must be an object", "invalid_type", "object", kind)])
        errors = [found for name in FIELDS if (found := self.field_issue(name, data))]
        if errors:
            raise self.invalid(errors)
        call.fields = {name: data[name] for name in FIELDS}

    def status_rule(self, call: Call) -> None:
        """Only a terminal status may be set."""
        if call.fields["status"] not in TERMINAL:
            raise Refusal(400, "Only completed and failed are allowed", "VALIDATION_ERROR")

    def normal(self, value: str) -> str:
        """The form in which ids are compared."""
        return value.lower()

    def find(self, customer: str, campaign: str) -> Enrollment | None:
        """The enrollment of a pair."""
        return self.enrollments.get((self.normal(customer), self.normal(campaign)))

    def lookup(self, call: Call) -> None:
        """The pair must be enrolled."""
        call.enrollment = self.find(call.fields["customerId"], call.fields["campaignId"])
        if call.enrollment is None:
            raise Refusal(404, "Enrollment not found", "NOT_FOUND")

    def enrollment_id(self, call: Call) -> Any:
        """The id of the enrollment, made from the pair."""
        assert call.enrollment
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.enrollment.customer}/{call.enrollment.campaign}"))

    def apply(self, call: Call) -> None:
        """Set the status and make the body of the 200."""
        assert call.enrollment
        previous, new = call.enrollment.status, call.fields["status"]
        call.enrollment.status = new
        call.body = {
            "success": True,
            "previousStatus": previous,
            "newStatus": new,
            "customerCampaignId": self.enrollment_id(call),
        }
