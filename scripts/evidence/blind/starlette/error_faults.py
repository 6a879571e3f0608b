"""The faults of error bodies, codes and internals. The docstring of each is its text."""

from __future__ import annotations

import json
import traceback
from typing import Any

from starlette.responses import PlainTextResponse, Response

from app import TERMINAL, Call, Refusal, Server
from fault import fault


@fault("C48", "error body", "A 422 has message, code and errors (fact 12).")
def fastapi_detail(server: Server) -> None:
    """A 422 has the body of FastAPI: detail with loc, msg and type."""
    correct = server.error_body

    def error_body(refusal: Refusal) -> Any:
        """Write the errors as FastAPI does."""
        if refusal.status != 422:
            return correct(refusal)
        return {
            "detail": [
                {"loc": ["body", *found["path"]], "msg": found["message"], "type": found["code"]}
                for found in refusal.more["errors"]
            ]
        }

    server.error_body = error_body


@fault("C49", "error body", "errors[].path names the bad field (fact 17).")
def snake_case_path(server: Server) -> None:
    """errors[].path has the server's own names, customer_id and campaign_id, not those of the body."""
    correct = server.invalid

    def invalid(errors: list[dict[str, Any]]) -> Refusal:
        """Rename the fields."""
        return correct(
            [{**found, "path": [name.replace("Id", "_id") for name in found["path"]]} for found in errors]
        )

    server.invalid = invalid


@fault("C50", "error body", "errors[].path names the bad field (fact 17).")
def missing_field_path(server: Server) -> None:
    """For a missing field errors[].path is empty, since JSON Schema blames the object that lacks it."""
    correct = server.invalid
    server.invalid = lambda errors: correct(
        [{**found, "path": [] if found.get("received") == "undefined" else found["path"]} for found in errors]
    )


@fault("C51", "error body", "received is a string (fact 12).")
def received_raw(server: Server) -> None:
    """Received is the value itself, so for a number, null, array or object it is not a string."""
    correct = server.field_issue

    def field_issue(name: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """Echo the value."""
        found = correct(name, data)
        return {**found, "received": data[name]} if found and name in data else found

    server.field_issue = field_issue


@fault("C52", "error body", "Error bodies are JSON (facts 9, 11).")
def plain_text_errors(server: Server) -> None:
    """Errors are sent as text/plain, as Go's http.Error does, though their text is JSON."""
    correct = server.respond

    def respond(status: int, body: Any, headers: dict[str, str]) -> Response:
        """Send errors as text."""
        if status < 400:
            return correct(status, body, headers)
        return PlainTextResponse(json.dumps(body), status, headers)

    server.respond = respond


@fault("C53", "codes", "No such resource is NOT_FOUND (fact 15).", hard=True)
def campaign_not_found(server: Server) -> None:
    """A known customer with a campaign that it is not in gets 404 with the code CAMPAIGN_NOT_FOUND."""
    correct = server.lookup

    def lookup(call: Call) -> None:
        """Tell the two cases apart."""
        try:
            correct(call)
        except Refusal as refusal:
            if server.normal(call.fields["customerId"]) in {pair[0] for pair in server.enrollments}:
                refusal.code = "CAMPAIGN_NOT_FOUND"
            raise

    server.lookup = lookup


@fault("C54", "codes", "The codes are those of the list (fact 15).")
def invalid_status_code(server: Server) -> None:
    """The refusal of a non-terminal status has the code INVALID_STATUS."""

    def status_rule(call: Call) -> None:
        """Refuse with a code of its own."""
        if call.fields["status"] not in TERMINAL:
            raise Refusal(400, "Only completed and failed are allowed", "INVALID_STATUS")

    server.status_rule = status_rule


@fault("C55", "internals", "An error body does not reveal the server's internals (fact 28).")
def stack_trace(server: Server) -> None:
    """The message for a body that is not JSON is the stack trace with file paths."""

    def parse(call: Call) -> None:
        """Show the exception to the client."""
        try:
            call.data = server.load(call.raw.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Refusal(400, traceback.format_exc(), "VALIDATION_ERROR") from None

    server.parse = parse


@fault("C56", "internals", "A bad id gets 422, and no error reveals SQL (facts 17, 28).", hard=True)
def quote_in_sql(server: Server) -> None:
    """An id with an apostrophe reaches the database unescaped and gets 500 with the SQL in the message."""
    correct = server.schema

    def schema(call: Call) -> None:
        """Paste the id into a query before it is validated."""
        value = call.data.get("customerId") if isinstance(call.data, dict) else None
        if isinstance(value, str) and "'" in value:
            sql = f"SELECT * FROM enrollments WHERE customer_id = '{value}'"
            raise Refusal(500, f"ERROR: unterminated quoted string at or near: {sql}", "INTERNAL_ERROR")
        correct(call)

    server.schema = schema
