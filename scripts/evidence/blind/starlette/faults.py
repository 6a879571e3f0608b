"""The faults: each replaces a small part of a correct server; the docstring is the text of the fault."""

from __future__ import annotations

import hmac
import json
import re
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from app import FIELDS, ID_PATTERN, PATH, STATUSES, TERMINAL, Call, Enrollment, Refusal, Server, issue
from starlette.responses import PlainTextResponse, Response

Install = Callable[[Server], None]


@dataclass
class Fault:
    """One mistake, off unless installed."""

    id: str
    area: str
    rule: str
    text: str
    hard: bool
    install: Install


FAULTS: dict[str, Fault] = {}


def fault(name: str, area: str, rule: str, hard: bool = False) -> Callable[[Install], Install]:
    """Enter a function that breaks a server into the table of faults."""

    def enter(install: Install) -> Install:
        """Keep the function with its docstring as the text."""
        FAULTS[name] = Fault(name, area, rule, install.__doc__ or "", hard, install)
        return install

    return enter


def peek(call: Call) -> dict[str, Any]:
    """The body as an object, or nothing, before it has been checked."""
    try:
        data = json.loads(call.raw)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def move(server: Server, names: list[str], before: str) -> None:
    """Move steps to just before another."""
    steps = [name for name in server.steps if name not in names]
    place = steps.index(before)
    server.steps = steps[:place] + names + steps[place:]


# ---------------------------------------------------------------- key


@fault("C01", "key", "A missing key is UNAUTHORIZED with 401 (facts 15, 9).")
def missing_key_forbidden(server: Server) -> None:
    """A missing key gets 403 FORBIDDEN, as in Django REST framework without a WWW-Authenticate scheme."""
    correct = server.key

    def key(call: Call) -> None:
        """Answer 403 when there is no key."""
        if server.sent_key(call) is None:
            raise Refusal(403, "Authentication credentials were not provided", "FORBIDDEN")
        correct(call)

    server.key = key


@fault("C02", "key", "The key is in the header x-api-key; without it the answer is 401 (facts 2, 15).")
def key_in_query(server: Server) -> None:
    """A key in the query string (api_key, apiKey, key or x-api-key) is taken when the header is missing."""
    correct = server.sent_key

    def sent_key(call: Call) -> str | None:
        """Fall back to the query string."""
        query = call.request.query_params
        names = ("api_key", "apiKey", "key", "x-api-key")
        return correct(call) or next((query[name] for name in names if name in query), None)

    server.sent_key = sent_key


@fault("C03", "key", "An invalid key is UNAUTHORIZED with 401 (facts 15, 9).", hard=True)
def key_like(server: Server) -> None:
    """The key is looked up with SQL LIKE, so a key with the wild cards % and _ matches a real one."""

    def same_key(sent: str, known: str) -> bool:
        """Match as LIKE does."""
        return re.fullmatch(re.escape(sent).replace("%", ".*").replace("_", "."), known) is not None

    server.same_key = same_key


@fault("C04", "key", "An invalid key is UNAUTHORIZED with 401, never a 5xx (facts 15, 9).", hard=True)
def key_not_ascii(server: Server) -> None:
    """A key with a byte outside ASCII gets 500, because the constant-time comparison raises on it."""
    server.same_key = lambda sent, known: hmac.compare_digest(sent, known)


@fault("C05", "key", "A missing key is UNAUTHORIZED on every request (facts 2, 15).", hard=True)
def key_of_connection(server: Server) -> None:
    """A later request without a key on a connection that sent a good key before is let in with that key."""
    correct, known = server.sent_key, {}

    def sent_key(call: Call) -> str | None:
        """Remember the key of the connection."""
        sent = correct(call)
        if sent in (server.settings.api_key, server.settings.restricted_key):
            known[call.request.client] = sent
        return known.get(call.request.client) if sent is None else sent

    server.sent_key = sent_key


# ---------------------------------------------------------------- headers


@fault("C06", "headers", "FORBIDDEN means that the key lacks a permission (fact 15).", hard=True)
def origin_forbidden(server: Server) -> None:
    """Any request with an Origin header gets 403, as from a cross-site check meant for cookies."""
    correct = server.permission

    def permission(call: Call) -> None:
        """Refuse a foreign origin."""
        if "origin" in call.request.headers:
            raise Refusal(403, "CSRF failed: origin not trusted", "FORBIDDEN")
        correct(call)

    server.permission = permission


# ---------------------------------------------------------------- permission


@fault("C07", "permission", "A key that lacks a permission is FORBIDDEN with 403 (facts 15, 9).")
def restricted_unauthorized(server: Server) -> None:
    """The restricted key gets 401 UNAUTHORIZED in place of 403."""

    def permission(call: Call) -> None:
        """Take a lack of permission for a lack of identity."""
        if call.key != server.settings.api_key:
            raise Refusal(401, "Unauthorized", "UNAUTHORIZED")

    server.permission = permission


@fault("C08", "permission", "The permission is checked before the body and the look-up (fact 21).")
def object_permission(server: Server) -> None:
    """The permission is checked on the found object only: an unknown pair gets 404 with such a key."""
    move(server, ["permission"], "apply")


@fault("C09", "permission", "A key that lacks a permission is FORBIDDEN whatever it asks (fact 15).", True)
def failed_without_permission(server: Server) -> None:
    """The permission is checked for the status completed only: the restricted key may set failed."""
    correct = server.permission

    def permission(call: Call) -> None:
        """Let failed through."""
        if peek(call).get("status") != "failed":
            correct(call)

    server.permission = permission


@fault("C10", "permission", "A key that lacks a permission is FORBIDDEN at all times (fact 15).", True)
def permission_cached(server: Server) -> None:
    """The decision is cached by pair, not by key: once a pair was updated the restricted key may too."""
    correct, correct_apply, allowed = server.permission, server.apply, set()

    def permission(call: Call) -> None:
        """Look into the cache first."""
        data = peek(call)
        if (str(data.get("customerId")).lower(), str(data.get("campaignId")).lower()) not in allowed:
            correct(call)

    def apply(call: Call) -> None:
        """Enter the pair into the cache."""
        correct_apply(call)
        allowed.add((call.enrollment.customer, call.enrollment.campaign))

    server.permission, server.apply = permission, apply


# ---------------------------------------------------------------- order of checks


@fault("C11", "order", "The key is checked before the schema of the body (fact 21).")
def schema_before_key(server: Server) -> None:
    """The body is validated before the key is looked at, so a bad body without a key gets 422."""
    move(server, ["length", "media_type", "parse", "schema"], "key")


@fault("C12", "order", "The status rule is checked before the look-up (facts 21, 16).")
def lookup_before_rule(server: Server) -> None:
    """The pair is looked up before the status rule, so an unknown pair and a non-terminal status get 404."""
    move(server, ["lookup"], "status_rule")


@fault("C13", "order", "The whole schema is checked before anything is looked up (facts 21, 17).", hard=True)
def customer_first(server: Server) -> None:
    """The customer is loaded before campaignId is validated: unknown customer and bad campaignId get 404."""
    correct = server.schema

    def schema(call: Call) -> None:
        """Load the customer as soon as its id is known to be good."""
        data = call.data if isinstance(call.data, dict) else {}
        customer = data.get("customerId")
        if isinstance(customer, str) and server.valid_id(customer):
            if server.normal(customer) not in {pair[0] for pair in server.enrollments}:
                raise Refusal(404, "Customer not found", "NOT_FOUND")
        correct(call)

    server.schema = schema


# ---------------------------------------------------------------- ids


@fault("C14", "ids", "An id must be of the documented pattern, hyphens included (facts 5, 17).")
def lenient_uuid(server: Server) -> None:
    """Ids go through uuid.UUID, which takes braces, urn:uuid: and a form without hyphens."""

    def valid_id(value: str) -> bool:
        """Take what the library takes."""
        try:
            return bool(uuid.UUID(value))
        except ValueError:
            return False

    server.valid_id, server.normal = valid_id, lambda value: str(uuid.UUID(value))


@fault("C15", "ids", "The pattern does not match before a final newline (fact 5).")
def final_newline(server: Server) -> None:
    """An id with a newline at its end is taken, because $ of the language matches before it."""
    server.valid_id = lambda value: re.match(f"^({ID_PATTERN})$", value) is not None
    server.normal = lambda value: value.strip().lower()


@fault("C16", "ids", "Ids of the versions 1 to 8 are valid (fact 5).")
def old_versions(server: Server) -> None:
    """Ids of the versions 6, 7 and 8 get 422, as from a validator older than RFC 9562."""
    pattern = ID_PATTERN.replace("[1-8]", "[1-5]")
    server.valid_id = lambda value: re.fullmatch(pattern, value) is not None


@fault("C17", "ids", "The nil UUID is a valid id (fact 5).")
def nil_is_missing(server: Server) -> None:
    """The nil UUID counts as a missing value and gets 422, as with a required Guid or a Go zero value."""
    correct = server.field_issue

    def field_issue(name: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """Take the zero value for no value."""
        if data.get(name) == "00000000-0000-0000-0000-000000000000":
            return issue([name], f"{name} is required", "required", "string", "undefined")
        return correct(name, data)

    server.field_issue = field_issue


@fault("C18", "ids", "The max UUID is valid in lower case only (fact 5).", hard=True)
def max_any_case(server: Server) -> None:
    """The pattern is compiled without regard to case, so the max UUID in upper case passes."""
    server.valid_id = lambda value: re.fullmatch(ID_PATTERN, value, re.IGNORECASE) is not None


@fault("C19", "ids", "The hex digits of an id are 0-9, a-f and A-F (fact 5).", hard=True)
def any_digits(server: Server) -> None:
    r"""The pattern has \d for 0-9, which matches every Unicode digit, so an id with Arabic digits passes."""
    pattern = ID_PATTERN.replace("0-9", r"\d")
    server.valid_id = lambda value: re.fullmatch(pattern, value) is not None


# ---------------------------------------------------------------- letter case


@fault("C20", "letter case", "UUIDs compare without regard to case (fact 20).")
def lookup_case(server: Server) -> None:
    """Ids are looked up as sent in a text column of lower-case ids, so upper-case ids get 404."""
    server.normal = lambda value: value


@fault("C21", "letter case", "status is one of nine lower-case words (facts 6, 17).")
def status_any_case(server: Server) -> None:
    """The status is read as an enum without regard to case, so COMPLETED and Failed are carried out."""

    def take(call: Call) -> Any:
        """Lower the status."""
        if isinstance(call.data, dict) and isinstance(call.data.get("status"), str):
            return {**call.data, "status": call.data["status"].lower()}
        return call.data

    server.take = take


@fault("C22", "letter case", "The fields are customerId, campaignId and status, and required (facts 4, 8).")
def names_any_case(server: Server) -> None:
    """Property names match without regard to case, as in Go and ASP.NET, so CUSTOMERID will do."""

    def take(call: Call) -> Any:
        """Give every property its documented name."""
        names = {name.lower(): name for name in FIELDS}
        if isinstance(call.data, dict):
            return {names.get(name.lower(), name): value for name, value in call.data.items()}
        return call.data

    server.take = take


@fault("C23", "letter case", "customerCampaignId is the same for the same pair (facts 18, 20).", hard=True)
def id_from_input(server: Server) -> None:
    """CustomerCampaignId is hashed from the ids as sent, so it changes with their letter case."""
    server.enrollment_id = lambda call: str(
        uuid.uuid5(uuid.NAMESPACE_URL, f"{call.fields['customerId']}/{call.fields['campaignId']}")
    )


# ---------------------------------------------------------------- types


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


# ---------------------------------------------------------------- status


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
    """A number is taken as the place of a status in the enum, so 3 means completed."""

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


# ---------------------------------------------------------------- JSON


@fault("C32", "JSON", "A body that is not JSON is refused with 400, never a 5xx (facts 17, 23).")
def bad_json_500(server: Server) -> None:
    """A body that is not JSON gets 500, because nobody catches the parser's exception."""

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


# ---------------------------------------------------------------- media type


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


# ---------------------------------------------------------------- size


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


# ---------------------------------------------------------------- charset


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


# ---------------------------------------------------------------- error body


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


# ---------------------------------------------------------------- codes


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


# ---------------------------------------------------------------- internals


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


# ---------------------------------------------------------------- methods and paths


@fault("C57", "methods", "A 405 has an Allow header (fact 27).")
def no_allow(server: Server) -> None:
    """A 405 has no Allow header."""
    correct = server.respond
    server.respond = lambda status, body, headers: correct(status, body, {})


@fault("C58", "methods", "Methods that the contract lacks get 404 or 405 (fact 23).")
def put_accepted(server: Server) -> None:
    """PUT is carried out like PATCH, as a Rails resource route does."""
    correct = server.method

    def method(call: Call) -> None:
        """Let PUT through."""
        if call.request.method != "PUT":
            correct(call)

    server.method = method


@fault("C59", "methods", "Methods that the contract lacks get 404 or 405 (fact 23).", hard=True)
def method_override(server: Server) -> None:
    """POST with the header X-HTTP-Method-Override: PATCH is carried out."""
    correct = server.method

    def method(call: Call) -> None:
        """Believe the header."""
        override = call.request.headers.get("x-http-method-override", "").upper()
        if (call.request.method, override) != ("POST", "PATCH"):
            correct(call)

    server.method = method


@fault("C60", "paths", "Paths that the contract lacks get 404 or 405 (fact 23).")
def path_prefix(server: Server) -> None:
    """The route lacks its end anchor, so every path that begins like the right one is served."""
    correct = server.path

    def path(call: Call) -> None:
        """Compare the beginning only."""
        if not call.request.scope["path"].startswith(PATH):
            correct(call)

    server.path = path


# ---------------------------------------------------------------- rate limit


@fault("C61", "rate limit", "Too many requests get 429 (facts 9, 13).")
def limit_503(server: Server) -> None:
    """Too many requests get 503, the default of nginx, in place of 429."""
    correct = server.rate

    def rate(call: Call) -> None:
        """Refuse as nginx does."""
        try:
            correct(call)
        except Refusal as refusal:
            refusal.status = 503
            raise

    server.rate = rate


@fault("C62", "rate limit", "retryAfter is in seconds (fact 13).")
def retry_in_ms(server: Server) -> None:
    """RetryAfter is in milliseconds."""
    server.retry_after = lambda seconds: max(1, int(seconds * 1000))


@fault("C63", "rate limit", "The limit is 60 requests a minute (fact 14).")
def one_too_many(server: Server) -> None:
    """One request more than the limit is let through in each window."""
    server.over = lambda count: count > server.limit


@fault("C64", "rate limit", "A refused request changes nothing (fact 19).", hard=True)
def limited_but_done(server: Server) -> None:
    """A request over the limit is refused with 429 but carried out all the same."""
    correct = server.rate

    async def rate(call: Call) -> None:
        """Do the work, then refuse."""
        try:
            correct(call)
        except Refusal:
            await server.run(call, server.steps[server.steps.index("rate") + 1 :])
            raise

    server.rate = rate


@fault("C65", "rate limit", "The limit of 60 requests a minute holds for the key (facts 14, 2).", hard=True)
def forwarded_bucket(server: Server) -> None:
    """Requests are counted by X-Forwarded-For where it is sent, so a new value there gives a new quota."""
    server.bucket = lambda call: call.key + call.request.headers.get("x-forwarded-for", "")


# ---------------------------------------------------------------- success body


@fault("C66", "success body", "previousStatus is the status before the call (fact 18).")
def previous_is_new(server: Server) -> None:
    """PreviousStatus is read after the update, so it is always the new status."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Read the status too late."""
        correct(call)
        call.body["previousStatus"] = call.enrollment.status

    server.apply = apply


@fault("C67", "success body", "customerCampaignId is a UUID (fact 10).")
def integer_id(server: Server) -> None:
    """CustomerCampaignId is the integer primary key of the row."""
    server.enrollment_id = lambda call: 1 + list(server.enrollments.values()).index(call.enrollment)


@fault("C68", "success body", "previousStatus is a status of the list (facts 18, 6).")
def display_label(server: Server) -> None:
    """PreviousStatus is the label for people (In progress), as from get_status_display of Django."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Show the label."""
        correct(call)
        call.body["previousStatus"] = call.body["previousStatus"].replace("_", " ").capitalize()

    server.apply = apply


# ---------------------------------------------------------------- state


@fault("C69", "state", "previousStatus is the status before the call (facts 18, 1).")
def not_saved(server: Server) -> None:
    """The new status is never saved, so the next update tells the old status as previous again."""
    correct = server.apply

    def apply(call: Call) -> None:
        """Forget to save."""
        before = call.enrollment.status
        correct(call)
        call.enrollment.status = before

    server.apply = apply


@fault("C70", "state", "A refused request changes nothing (fact 19).", hard=True)
def refused_but_saved(server: Server) -> None:
    """A non-terminal status is refused with 400 but was assigned and saved before the rule was checked."""
    correct = server.status_rule

    def status_rule(call: Call) -> None:
        """Assign first."""
        found = server.find(call.fields["customerId"], call.fields["campaignId"])
        if found and call.fields["status"] not in TERMINAL:
            found.status = call.fields["status"]
        correct(call)

    server.status_rule = status_rule


@fault("C71", "state", "previousStatus is the status before the call (fact 18).", hard=True)
def replayed(server: Server) -> None:
    """A body seen before is answered from a cache and not carried out, though the status changed since."""
    correct, seen = server.apply, {}

    def apply(call: Call) -> None:
        """Replay the answer to the same body."""
        if call.raw not in seen:
            correct(call)
            seen[call.raw] = call.body
        call.body = seen[call.raw]

    server.apply = apply


# ---------------------------------------------------------------- look-up


@fault("C72", "look-up", "A pair that is not enrolled is NOT_FOUND with 404 (facts 15, 9).", hard=True)
def crossed_pairs(server: Server) -> None:
    """Customer and campaign are looked up apart: an enrolled customer with another's campaign gets 200."""

    def find(customer: str, campaign: str) -> Enrollment | None:
        """Find the two by themselves, then any enrollment of the customer."""
        pair = (server.normal(customer), server.normal(campaign))
        if pair in server.enrollments or pair[1] not in {known[1] for known in server.enrollments}:
            return server.enrollments.get(pair)
        return next((found for found in server.enrollments.values() if found.customer == pair[0]), None)

    server.find = find
