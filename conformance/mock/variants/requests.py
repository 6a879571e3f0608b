"""Variants of how a request is read."""

import json
from typing import Any

from ..behaviour import Call, Check, Inspect, Parse, Perform, Response, takes_body
from ..problems import Issue, find_issues
from .variant import error, is_json, is_utf_8, variant

LARGE = 10_000
"""The size in bytes beyond which the contract documents nothing about a body."""
UNSUPPORTED = error(415, "UNSUPPORTED_MEDIA_TYPE", "The media type is not supported")
TOO_LARGE = error(413, "PAYLOAD_TOO_LARGE", "The body is too large")
NO_OBJECT = {"path": [], "message": "Expected an object", "code": "invalid_type"}
GUARDED = {"__proto__", "constructor", "prototype"}


@variant("media")
def media_type_415(_inner: Check, call: Call) -> Response | None:
    """Another media type is rejected with a 415."""
    return UNSUPPORTED if takes_body(call) and not is_json(call) else None


@variant("media")
def charset_415(_inner: Check, call: Call) -> Response | None:
    """Another media type, or another charset than UTF-8, is rejected with a 415."""
    is_taken = is_json(call) and is_utf_8(call)
    return UNSUPPORTED if takes_body(call) and not is_taken else None


@variant("media")
def charset_400(inner: Check, call: Call) -> Response | None:
    """Another charset than UTF-8 is rejected with a 400."""
    return inner(call) or (None if is_utf_8(call) else call.mock.reject(call, 400))


@variant("media")
def media_type_422(_inner: Check, call: Call) -> Response | None:
    """A body of another media type is read as a value that is not an object, and rejected with a 422."""
    wrong = takes_body(call) and not is_json(call)
    return call.mock.reject(call, 422, errors=[NO_OBJECT]) if wrong else None


@variant("json")
def large_body_413(inner: Check, call: Call) -> Response | None:
    """A body of more than 10 KB is rejected with a 413."""
    return TOO_LARGE if len(call.body) > LARGE else inner(call)


@variant("json")
def large_body_400(inner: Check, call: Call) -> Response | None:
    """A body of more than 10 KB is rejected with a 400."""
    return call.mock.reject(call, 400) if len(call.body) > LARGE else inner(call)


@variant("perform")
def large_body_413_before_the_key(inner: Perform, call: Call) -> Response:
    """A gateway rejects every body of more than 10 KB with a 413, before the key is checked."""
    return TOO_LARGE if len(call.body) > LARGE else inner(call)


@variant("perform")
def odd_header_400(inner: Perform, call: Call) -> Response:
    """A gateway rejects a key that is not ASCII with a 400."""
    is_odd = call.key is not None and not call.key.isascii()
    return error(400, "BAD_REQUEST", "A header is malformed") if is_odd else inner(call)


@variant("perform")
def long_header_431(inner: Perform, call: Call) -> Response:
    """A gateway rejects a header of more than 2 KB with a 431."""
    is_long = call.key is not None and len(call.key) > 2000
    return error(431, "HEADERS_TOO_LARGE", "A header is too large") if is_long else inner(call)


@variant("json")
def array_400(inner: Check, call: Call) -> Response | None:
    """A JSON body that is an array is rejected with a 400, any other body that is no object with a 422."""
    rejection = inner(call)
    is_array = takes_body(call) and isinstance(call.json, list)
    return rejection or (call.mock.reject(call, 400) if is_array else None)


@variant("perform")
def parses_before_the_key(inner: Perform, call: Call) -> Response:
    """A JSON body that cannot be parsed is rejected before the key is checked."""
    early = call.mock.checks["json"](call) if takes_body(call) and is_json(call) else None
    return early or inner(call)


@variant("perform")
def reads_before_the_key(inner: Perform, call: Call) -> Response:
    """A body that has another media type or cannot be parsed is rejected before the key is checked."""
    early = call.mock.checks["media"](call) or call.mock.checks["json"](call) if takes_body(call) else None
    return early or inner(call)


@variant("parse")
def invalid_bytes_replaced(inner: Parse, body: bytes) -> object:
    """A byte that is not UTF-8 is read as U+FFFD."""
    return inner(body.decode("utf-8", "replace").encode())


@variant("parse")
def byte_order_mark_skipped(inner: Parse, body: bytes) -> object:
    """A byte order mark before the JSON text is skipped."""
    return inner(body.removeprefix(b"\xef\xbb\xbf"))


@variant("parse")
def repeated_property_rejected(inner: Parse, body: bytes) -> object:
    """A body that has a property twice is rejected with a 400."""
    value = inner(body)
    json.loads(body, object_pairs_hook=_once, parse_int=float)
    return value


@variant("parse")
def deep_body_rejected(inner: Parse, body: bytes) -> object:
    """A body of more than 64 levels is rejected with a 400."""
    value = inner(body)
    if _is_deep(value, 64):
        raise ValueError("nested too deep")
    return value


@variant("parse")
def prototype_names_rejected(inner: Parse, body: bytes) -> object:
    """A property `__proto__`, `constructor` or `prototype` is rejected with a 400, as parsers of Node do."""
    value = inner(body)
    if isinstance(value, dict) and value.keys() & GUARDED:
        raise ValueError("a property that the parser rejects")
    return value


@variant("inspect")
def prototype_names_422(inner: Inspect, call: Call) -> list[Issue]:
    """A property `__proto__`, `constructor` or `prototype` is rejected with a 422 that names it."""
    names = sorted(call.json.keys() & GUARDED) if isinstance(call.json, dict) else []
    guarded = [Issue((name,), "Forbidden", "forbidden", "another name", "a value") for name in names]
    return inner(call) + guarded


@variant("json")
def scalar_400(inner: Check, call: Call) -> Response | None:
    """A JSON body that is neither an object nor an array is rejected with a 400."""
    rejection = inner(call)
    is_taken = not takes_body(call) or isinstance(call.json, dict | list)
    return rejection or (None if is_taken else call.mock.reject(call, 400))


@variant("json")
def malformed_json_422(inner: Check, call: Call) -> Response | None:
    """A body that is not JSON is rejected with a 422."""
    return call.mock.reject(call, 422, errors=[NO_OBJECT]) if inner(call) else None


@variant("inspect")
def two_statuses(_inner: Inspect, call: Call) -> list[Issue]:
    """The schema has the two accepted statuses only: a 422 names `status` beside the other wrong fields."""
    whole = call.served.whole if call.served and takes_body(call) else None
    return find_issues(whole, call.json) if whole else []


@variant("status")
def status_422(inner: Check, call: Call) -> Response | None:
    """A non-terminal status is rejected with a 422 that names it."""
    issue = {"path": ["status"], "message": "The status is not terminal", "code": "custom"}
    return call.mock.reject(call, 422, errors=[issue]) if inner(call) else None


@variant("schema")
def query_rejected(inner: Check, call: Call) -> Response | None:
    """A query is rejected with a 400."""
    return call.mock.reject(call, 400) if call.query else inner(call)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a property is given twice")
    return found


def _is_deep(value: Any, levels: int) -> bool:  # noqa: ANN401 - a JSON value
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deep(each, levels - 1) for each in inside)
