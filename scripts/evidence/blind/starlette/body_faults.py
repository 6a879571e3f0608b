"""The faults of fields, JSON, media types and sizes. The docstring of each is its text."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from app import FIELDS, STATUSES, TERMINAL, Call, Refusal, Server, issue
from fault import fault


@fault("C24", "types", "Every field is a string (facts 5, 6, 17).")
def unwrap_arrays(server: Server) -> None:
    """A field given as an array of one string is unwrapped and taken, as by a lenient Jackson."""

    def unwrap(value: Any) -> Any:
        """Take the only member of an array."""
        return value[0] if isinstance(value, list) and len(value) == 1 else value

    server.take = lambda call: (
        {name: unwrap(value) for name, value in call.data.items()}
        if isinstance(call.data, dict)
        else call.data
    )


@fault("C25", "types", "An id that is null breaks the schema: 422 (facts 5, 17).")
def null_id(server: Server) -> None:
    """Ids are declared as optional, so null passes validation, is looked up and gets 404."""
    correct, correct_normal = server.field_issue, server.normal

    def field_issue(name: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """Let a null id through."""
        return None if name in data and data[name] is None and name != "status" else correct(name, data)

    server.field_issue = field_issue
    server.normal = lambda value: correct_normal(value or "")


@fault("C26", "status", "Only completed and failed are allowed (facts 7, 16).")
def any_status(server: Server) -> None:
    """Any of the nine statuses is carried out: the rule of terminal statuses is missing."""
    server.status_rule = lambda call: None


@fault("C27", "status", "A non-terminal status is refused whatever the state (facts 7, 16).", hard=True)
def same_status(server: Server) -> None:
    """A non-terminal status that the enrollment already has is answered with 200 as no change."""
    correct = server.status_rule

    def status_rule(call: Call) -> None:
        """Skip the rule when nothing would change."""
        found = server.find(call.fields["customerId"], call.fields["campaignId"])
        if not found or found.status != call.fields["status"]:
            correct(call)

    server.status_rule = status_rule


@fault("C28", "status", "status is a string (facts 6, 17).")
def status_number(server: Server) -> None:
    """A number selects a status by its place in the enum, so 3 means completed."""

    def take(call: Call) -> Any:
        """Turn a place into a name."""
        value = call.data.get("status") if isinstance(call.data, dict) else None
        if isinstance(value, float) and value in range(len(STATUSES)):
            return {**call.data, "status": STATUSES[int(value)]}
        return call.data

    server.take = take


@fault("C29", "status", "All three fields are required (facts 8, 17).")
def status_default(server: Server) -> None:
    """A missing status defaults to completed and is carried out."""
    server.take = lambda call: (
        {"status": "completed", **call.data} if isinstance(call.data, dict) else call.data
    )


@fault("C30", "status", "status is exactly one of nine words (facts 6, 17).")
def status_substring(server: Server) -> None:
    """The status is sought in a comma-separated string, so part of a word (fail) or nothing will do."""
    server.valid_status = lambda value: value in ",".join(STATUSES)

    def status_rule(call: Call) -> None:
        """Seek the status in a string."""
        if call.fields["status"] not in ",".join(TERMINAL):
            raise Refusal(400, "Only completed and failed are allowed", "VALIDATION_ERROR")

    server.status_rule = status_rule


@fault("C31", "status", "completed is allowed for an enrollment that is not terminal yet (facts 1, 7).", True)
def no_way_from_pending(server: Server) -> None:
    """A state machine knows no way from pending to completed and answers 400, while failed passes."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Ask the state machine."""
        if (call.enrollment.status, call.fields["status"]) == ("pending", "completed"):
            raise Refusal(400, "Cannot go from pending to completed", "VALIDATION_ERROR")
        correct(call)

    server.apply = apply


@fault("C32", "JSON", "A body that is not JSON is refused with 400, never a 5xx (facts 17, 23).")
def bad_json_500(server: Server) -> None:
    """A body that is not JSON gets 500, because the exception of the parser is not caught."""

    def parse(call: Call) -> None:
        """Parse without care."""
        call.data = server.load(call.raw.decode("utf-8"))

    server.parse = parse


@fault("C33", "JSON", "A body that is not JSON by RFC 8259 is refused with 400 (facts 17, 25).", hard=True)
def nan_accepted(server: Server) -> None:
    """NaN and Infinity in a field that is otherwise ignored pass, as in Python's own parser."""
    server.load = lambda text: json.loads(text, parse_int=float)


@fault("C34", "JSON", "A body that is not JSON is refused with 400 (facts 17, 25).")
def trailing_garbage(server: Server) -> None:
    """Whatever follows the first JSON value is ignored, as by Go's Decoder and Jackson."""
    server.load = lambda text: json.JSONDecoder(parse_int=float).raw_decode(text.lstrip(" \t\r\n"))[0]


@fault("C35", "JSON", "Unknown fields are ignored (fact 8).")
def unknown_refused(server: Server) -> None:
    """A body with an unknown field gets 422, as with extra='forbid'."""
    correct = server.schema

    def schema(call: Call) -> None:
        """Refuse what is not known."""
        correct(call)
        extra = [name for name in call.data if name not in FIELDS]
        if extra:
            raise server.invalid(
                [issue([name], "Extra inputs are not permitted", "extra", "never") for name in extra]
            )

    server.schema = schema


@fault("C36", "JSON", "Unknown fields are ignored and do not reach the answer (facts 8, 18).", hard=True)
def mass_assignment(server: Server) -> None:
    """Unknown fields of the body that bear the names of members of the answer overwrite them."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Assign all that was sent."""
        correct(call)
        call.body.update({name: value for name, value in call.data.items() if name in call.body})

    server.apply = apply


@fault("C37", "JSON", "The fields come in the JSON body, and are required there (facts 4, 8).", hard=True)
def query_merged(server: Server) -> None:
    """Fields that the body lacks are taken from the query string, as in the merged params of Rails."""
    server.take = lambda call: (
        {**dict(call.request.query_params), **call.data} if isinstance(call.data, dict) else call.data
    )


@fault("C38", "JSON", "Escapes in strings do not change what they mean (fact 25).", hard=True)
def escaped_names(server: Server) -> None:
    """A field is seen only if its name stands literally in the raw body, so an escaped name is missing."""
    server.take = lambda call: (
        {name: value for name, value in call.data.items() if f'"{name}"'.encode() in call.raw}
        if isinstance(call.data, dict)
        else call.data
    )


@fault("C39", "JSON", "The order of properties means nothing (fact 25).")
def positional_ids(server: Server) -> None:
    """The two ids are taken by position, so a body with campaignId before customerId swaps them."""
    correct = server.schema

    def schema(call: Call) -> None:
        """Give the ids to the names in the order of the body."""
        correct(call)
        ids = [value for name, value in call.data.items() if name in ("customerId", "campaignId")]
        call.fields["customerId"], call.fields["campaignId"] = ids

    server.schema = schema


@fault("C40", "JSON", "A body whose top is not an object is refused (fact 26).")
def array_of_one(server: Server) -> None:
    """An array with one good object is carried out, as a bulk request of one."""
    server.take = lambda call: (
        call.data[0] if isinstance(call.data, list) and len(call.data) == 1 else call.data
    )
    correct = server.schema

    def schema(call: Call) -> None:
        """Go on with the object."""
        correct(call)
        call.data = call.fields

    server.schema = schema


@fault("C41", "media type", "A body of another media type than JSON is refused (fact 24).")
def form_accepted(server: Server) -> None:
    """A form body is parsed and carried out, as by the default parsers of Django REST framework."""
    correct, correct_parse, form = server.is_json, server.parse, "application/x-www-form-urlencoded"
    server.is_json = lambda content_type: content_type.startswith(form) or correct(content_type)

    def parse(call: Call) -> None:
        """Parse a form as well."""
        if not call.request.headers["content-type"].startswith(form):
            return correct_parse(call)
        call.data = dict(parse_qsl(call.raw.decode("latin-1")))

    server.parse = parse


@fault("C42", "media type", "A body of another media type than JSON is refused (fact 24).")
def media_type_prefix(server: Server) -> None:
    """Every media type that begins with application/json is taken, application/json-patch+json too."""
    server.is_json = lambda content_type: content_type.lower().startswith("application/json")


@fault("C43", "media type", "application/json; charset=utf-8 is JSON (fact 24).")
def charset_refused(server: Server) -> None:
    """The Content-Type is compared as a whole, so a charset parameter leads to 415."""
    server.is_json = lambda content_type: content_type == "application/json"


@fault("C44", "size", "A body of a few KB with ignored fields is valid (facts 8, 23).")
def small_limit(server: Server) -> None:
    """A body over 4 KB gets 413."""
    server.max_body = 4096


@fault("C45", "size", "The body is what is sent, however it is framed (facts 4, 25).", hard=True)
def chunked_empty(server: Server) -> None:
    """A body sent in chunks without Content-Length counts as empty and gets 400, as in bare WSGI."""
    correct = server.parse

    def parse(call: Call) -> None:
        """Read as many bytes as Content-Length says."""
        call.raw = call.raw[: int(call.request.headers.get("content-length", 0))]
        correct(call)

    server.parse = parse


@fault("C46", "charset", "Unknown fields are ignored, and no answer is a 5xx (facts 8, 25, 23).", hard=True)
def nul_500(server: Server) -> None:
    r"""A good request with \u0000 in an unknown field gets 500, because the audit column cannot hold NUL."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Write the body to the audit table first."""
        if "\\u0000" in json.dumps(call.data):
            raise ValueError("unsupported Unicode escape sequence")
        correct(call)

    server.apply = apply


@fault("C47", "charset", "A JSON body that breaks the schema gets 422, never a 5xx (facts 17, 23).", True)
def surrogate_500(server: Server) -> None:
    r"""A refused body with a lone surrogate (\ud800) gets 500: the value cannot be encoded for the answer."""
    correct = server.schema

    def schema(call: Call) -> None:
        """Encode what was received when it is refused."""
        try:
            correct(call)
        except Refusal:
            json.dumps(call.data, ensure_ascii=False).encode("utf-8")
            raise

    server.schema = schema
