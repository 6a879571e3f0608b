"""Variants of how a response is written."""

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..behaviour import Call, Finish, Response
from .variant import variant

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


def _with_headers(response: Response, headers: Mapping[str, str]) -> Response:
    return replace(response, headers={**response.headers, **headers})


def _as_text(response: Response, **how: Any) -> Response:  # noqa: ANN401 - the options of `json.dumps`
    """The same JSON value as another JSON text."""
    if response.body is None or isinstance(response.body, bytes):
        return response
    return replace(response, body=json.dumps(response.body, **how).encode())


@variant("finish")
def gateway_headers(inner: Finish, call: Call, response: Response) -> Response:
    """A gateway adds headers to each response."""
    return _with_headers(inner(call, response), GATEWAY)


@variant("finish")
def header_names_in_title_case(inner: Finish, call: Call, response: Response) -> Response:
    """The names of the headers begin with capitals."""
    response = inner(call, response)
    headers = (
        {"content-type": response.media_type, **response.headers} if response.media_type else response.headers
    )
    return replace(
        response, headers={name.title(): value for name, value in headers.items()}, media_type=None
    )


@variant("finish")
def media_type_with_a_charset(inner: Finish, call: Call, response: Response) -> Response:
    """The media type of each response has a charset, in capitals."""
    response = inner(call, response)
    return (
        replace(response, media_type="Application/JSON; charset=UTF-8") if response.media_type else response
    )


@variant("finish")
def extra_fields(inner: Finish, call: Call, response: Response) -> Response:
    """The body of each response, and each error of a 422, has further fields."""
    response = inner(call, response)
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


@variant("finish")
def errors_without_optional_fields(inner: Finish, call: Call, response: Response) -> Response:
    """The errors of a 422 have neither `expected` nor `received`."""
    response = inner(call, response)
    if response.status != 422 or not isinstance(response.body, dict):
        return response
    kept = ("path", "message", "code")
    errors = [{name: issue[name] for name in kept} for issue in response.body["errors"]]
    return replace(response, body={**response.body, "errors": errors})


@variant("finish")
def indented_json(inner: Finish, call: Call, response: Response) -> Response:
    """The JSON text of each response has line ends, sorted properties, and one more line end."""
    response = _as_text(inner(call, response), indent="\t", sort_keys=True)
    return replace(response, body=response.body + b"\r\n") if isinstance(response.body, bytes) else response


@variant("finish")
def prose_in_other_languages(inner: Finish, call: Call, response: Response) -> Response:
    """The messages of errors are not in English, and not in ASCII."""
    response = inner(call, response)
    if response.status < 400 or not isinstance(response.body, dict):
        return response
    message = "Die Anfrage wurde abgelehnt: prüfen Sie Zeile 1, „SELECT“ ist kein Status 🙂"
    return _as_text(replace(response, body={**response.body, "message": message}), ensure_ascii=False)


@variant("finish")
def other_codes(inner: Finish, call: Call, response: Response) -> Response:
    """A 400 has another code than the mock: the contract documents no code for a 400."""
    response = inner(call, response)
    if response.status != 400 or not isinstance(response.body, dict):
        return response
    return replace(response, body={**response.body, "code": "BAD_REQUEST"})


@variant("finish")
def compressed(inner: Finish, call: Call, response: Response) -> Response:
    """A response is compressed if the request accepts gzip or deflate."""
    response = _as_text(inner(call, response))
    accepted = call.headers.get("accept-encoding", "")
    if not isinstance(response.body, bytes):
        return response
    if "gzip" in accepted:
        coded = _with_headers(response, {"content-encoding": "gzip", "vary": "Accept-Encoding"})
        return replace(coded, body=gzip.compress(response.body))
    if "deflate" in accepted:
        coded = _with_headers(response, {"content-encoding": "deflate", "vary": "Accept-Encoding"})
        return replace(coded, body=zlib.compress(response.body))
    return response


@variant("finish")
def chunked(inner: Finish, call: Call, response: Response) -> Response:
    """Each response with a body is sent in chunks."""
    response = inner(call, response)
    has_body = response.body is not None and call.method != "HEAD"
    return _with_headers(response, {"transfer-encoding": "chunked"}) if has_body else response


@variant("finish")
def connections_closed(inner: Finish, call: Call, response: Response) -> Response:
    """The connection is closed after each response."""
    return _with_headers(inner(call, response), {"connection": "close"})


@variant("finish")
def authenticate_header(inner: Finish, call: Call, response: Response) -> Response:
    """A 401 has a header `WWW-Authenticate`, as RFC 9110 has it."""
    response = inner(call, response)
    challenge = {"www-authenticate": 'ApiKey realm="api"'}
    return _with_headers(response, challenge) if response.status == 401 else response
