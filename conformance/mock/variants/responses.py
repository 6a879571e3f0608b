"""Variants of how a response is written."""

import gzip
import json
import zlib
from dataclasses import replace
from typing import Any

from ..behaviour import Call, Response
from .variant import altering, with_errors, with_fields, with_headers

GATEWAY = {
    "cache-control": "no-store",
    "retry-after": "0",
    "server": "gateway/1.2",
    "set-cookie": "route=a1b2c3; Path=/; HttpOnly",
    "strict-transport-security": "max-age=31536000",
    "vary": "Origin",
    "via": "1.1 gateway",
    "x-content-type-options": "nosniff",
    "x-ratelimit-limit": "60",
    "x-ratelimit-remaining": "59",
    "x-request-id": "0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a",
}


def _as_text(response: Response, **how: Any) -> Response:  # noqa: ANN401 - the options of `json.dumps`
    """The same JSON value as another JSON text."""
    if response.body is None or isinstance(response.body, bytes):
        return response
    return replace(response, body=json.dumps(response.body, **how).encode())


@altering
def gateway_headers(_call: Call, response: Response) -> Response:
    """A gateway adds headers to each response."""
    return with_headers(response, GATEWAY)


@altering
def header_names_in_title_case(_call: Call, response: Response) -> Response:
    """The names of the headers begin with capitals."""
    headers = (
        {"content-type": response.media_type, **response.headers} if response.media_type else response.headers
    )
    return replace(
        response, headers={name.title(): value for name, value in headers.items()}, media_type=None
    )


@altering
def media_type_with_a_charset(_call: Call, response: Response) -> Response:
    """The media type of each response has a charset, in capitals."""
    return (
        replace(response, media_type="Application/JSON; charset=UTF-8") if response.media_type else response
    )


@altering
def extra_fields(_call: Call, response: Response) -> Response:
    """The body of each response, and each error of a 422, has further fields."""
    if not isinstance(response.body, dict):
        return response
    body = {
        **response.body,
        "requestId": "a1b2c3",
        "timestamp": "2026-01-02T03:04:05Z",
        "details": [None, {}],
    }
    if isinstance(body.get("errors"), list):
        body["errors"] = [{**issue, "field": "x", "value": None} for issue in body["errors"]]
    return replace(response, body=body)


@altering
def errors_without_optional_fields(_call: Call, response: Response) -> Response:
    """The errors of a 422 have neither `expected` nor `received`."""
    kept = ("path", "message", "code")
    return with_errors(response, lambda errors: [{name: each[name] for name in kept} for each in errors])


@altering
def indented_json(_call: Call, response: Response) -> Response:
    """The JSON text of each response has line ends, sorted properties, and one more line end."""
    response = _as_text(response, indent="\t", sort_keys=True)
    return replace(response, body=response.body + b"\r\n") if isinstance(response.body, bytes) else response


@altering
def prose_in_other_languages(_call: Call, response: Response) -> Response:
    """The messages of errors are not in English, and not in ASCII."""
    if response.status < 400 or not isinstance(response.body, dict):
        return response
    message = "Die Anfrage wurde abgelehnt: prüfen Sie Zeile 1, „SELECT“ ist kein Status 🙂"
    return _as_text(with_fields(response, message=message), ensure_ascii=False)


@altering
def prose_like_internals(_call: Call, response: Response) -> Response:
    """The messages of errors have words that SQL has too, times and links."""
    if response.status < 400:
        return response
    message = (
        "UPDATE campaign SET status = completed is not allowed: SELECT a status FROM the list WHERE it is "
        "terminal, and see /var/docs/errors/validation.html\nat 10:15:30"
    )
    return with_fields(response, message=message)


@altering
def beginning_of_an_unknown_key_repeated(call: Call, response: Response) -> Response:
    """The message about an unknown key has the first six characters of the key."""
    if response.status != 401 or not call.key:
        return response
    return with_fields(response, message=f"Unknown API key {call.key[:6]}…")


@altering
def words_of_keys_in_errors(_call: Call, response: Response) -> Response:
    """The rejection of a key has words that keys may have: valid, test and token."""
    if response.status != 401:
        return response
    return with_fields(response, message="Missing or invalid API key or token", env="test")


@altering
def other_codes(_call: Call, response: Response) -> Response:
    """A 400 has another code than the mock: the contract documents no code for a 400."""
    return with_fields(response, code="BAD_REQUEST") if response.status == 400 else response


@altering
def compressed(call: Call, response: Response) -> Response:
    """A response is compressed if the request accepts gzip or deflate."""
    response = _as_text(response)
    accepted = call.headers.get("accept-encoding", "")
    if not isinstance(response.body, bytes):
        return response
    if "gzip" in accepted:
        coded = with_headers(response, {"content-encoding": "gzip", "vary": "Accept-Encoding"})
        return replace(coded, body=gzip.compress(response.body))
    if "deflate" in accepted:
        coded = with_headers(response, {"content-encoding": "deflate", "vary": "Accept-Encoding"})
        return replace(coded, body=zlib.compress(response.body))
    return response


@altering
def chunked(call: Call, response: Response) -> Response:
    """Each response with a body is sent in chunks."""
    has_body = response.body is not None and call.method != "HEAD"
    return with_headers(response, {"transfer-encoding": "chunked"}) if has_body else response


@altering
def connections_closed(_call: Call, response: Response) -> Response:
    """The connection is closed after each response."""
    return with_headers(response, {"connection": "close"})


@altering
def authenticate_header(_call: Call, response: Response) -> Response:
    """A 401 has a header `WWW-Authenticate`, as RFC 9110 has it."""
    challenge = {"www-authenticate": 'ApiKey realm="api"'}
    return with_headers(response, challenge) if response.status == 401 else response
