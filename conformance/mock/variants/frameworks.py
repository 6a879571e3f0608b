"""Variants that are habits of frameworks, proxies and gateways: pages, texts and fields of their own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...contract.document import JSON
from ..behaviour import Call, Check, Finish, Perform, Response, takes_body
from .requests import LARGE
from .variant import variant

NGINX = b"<html>\n<head><title>%s</title></head>\r\n<body><center><h1>%s</h1></center></body>\r\n</html>\r\n"
NO_BODY = {"path": ["body"], "message": "Field required", "code": "missing"}
PROSE = {
    400: "Select a status from the list where it says terminal; update your request and set it again",
    401: "Insert into the header a key; values (such as cc_…) come from the dashboard",
    403: 'See the section "Permissions", line 3, in the documentation at /help/keys.html',
    404: "Nothing was found in table 4, column 2 of your list; delete from it what is gone",
    422: "at customerId: the value (line 1, column 15) is not a UUID",
}
"""Messages in words that SQL, stack traces and file paths have too."""


def page(title: str) -> bytes:
    """An error page as nginx writes it."""
    return NGINX % (title.encode(), title.encode())


def _with_fields(response: Response, **fields: Any) -> Response:  # noqa: ANN401 - JSON values
    is_object = isinstance(response.body, dict)
    return replace(response, body={**response.body, **fields}) if is_object else response


def _with_errors(response: Response, change: Callable[[list[Any]], list[Any]]) -> Response:
    if response.status != 422 or not isinstance(response.body, dict):
        return response
    return _with_fields(response, errors=change(list(response.body["errors"])))


@variant("perform")
def large_body_413_in_html(inner: Perform, call: Call) -> Response:
    """A proxy rejects a body of more than 10 KB with a page, and closes the connection."""
    if len(call.body) <= LARGE:
        return inner(call)
    title = "413 Request Entity Too Large"
    return Response(413, page(title), {"connection": "close"}, "text/html")


@variant("perform")
def long_header_400_in_html(inner: Perform, call: Call) -> Response:
    """A proxy rejects a header of more than 2 KB with a 400 and a page."""
    is_long = call.key is not None and len(call.key) > 2000
    return Response(400, page("400 Bad Request"), {}, "text/html") if is_long else inner(call)


@variant("perform")
def query_rejected_before_the_key(inner: Perform, call: Call) -> Response:
    """A validator rejects every query with a 400, before the key is checked."""
    return call.mock.reject(call, 400) if call.served is not None and call.query else inner(call)


@variant("schema")
def query_422(inner: Check, call: Call) -> Response | None:
    """A query is rejected with a 422 that names its parameter."""
    issue = {"path": ["query", "page"], "message": "Unknown parameter", "code": "unknown"}
    return call.mock.reject(call, 422, errors=[issue]) if call.query else inner(call)


@variant("media")
def media_type_415_without_a_body(_inner: Check, call: Call) -> Response | None:
    """Another media type gets a 415 without a body, and with the header `Accept-Patch`."""
    sent = call.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    rejected = Response(415, headers={"accept-patch": JSON}, media_type=None)
    return rejected if takes_body(call) and sent != JSON else None


@variant("json")
def empty_body_422(inner: Check, call: Call) -> Response | None:
    """A request without a body lacks a parameter of the framework: it gets a 422."""
    is_empty = call.updates and not call.body.strip()
    return call.mock.reject(call, 422, errors=[NO_BODY]) if is_empty else inner(call)


@variant("schema")
def null_body_422(inner: Check, call: Call) -> Response | None:
    """A body that is null counts as a missing one: its 422 names `body`."""
    is_null = takes_body(call) and call.json is None
    return call.mock.reject(call, 422, errors=[NO_BODY]) if is_null else inner(call)


@variant("finish")
def unknown_places_as_text(inner: Finish, call: Call, response: Response) -> Response:
    """An unknown path or method gets a line of text, and an unknown method the header `Allow`."""
    response = inner(call, response)
    if call.served is not None or response.body is None:
        return response
    text = b"404 page not found\n" if response.status == 404 else b"Method Not Allowed\n"
    return replace(response, body=text, media_type="text/plain; charset=utf-8")


@variant("finish")
def unknown_places_without_a_body(inner: Finish, call: Call, response: Response) -> Response:
    """An unknown path or method gets no body."""
    response = inner(call, response)
    return response if call.served is not None else replace(response, body=None, media_type=None)


@variant("finish")
def unknown_places_as_problems(inner: Finish, call: Call, response: Response) -> Response:
    """An unknown path or method gets a problem of RFC 9457."""
    response = inner(call, response)
    if call.served is not None or response.body is None:
        return response
    problem = {"type": "about:blank", "title": "Not Found", "status": response.status, "instance": call.path}
    return replace(response, body=problem, media_type="application/problem+json")


@variant("finish")
def errors_of_spring(inner: Finish, call: Call, response: Response) -> Response:
    """Each error has the fields of Spring too: the time, the status, its phrase, and the path of the URL."""
    response = inner(call, response)
    if response.status < 400:
        return response
    of_spring = {"timestamp": "2026-11-28T17:02:11.412+00:00", "error": "Bad Request", "path": call.path}
    return _with_fields(response, status=response.status, **of_spring)


@variant("finish")
def errors_with_links(inner: Finish, call: Call, response: Response) -> Response:
    """Each error has a link to its documentation, and ids of a trace."""
    response = inner(call, response)
    if response.status < 400:
        return response
    links = {"type": "https://docs.example/errors/index.html#select-from", "help": "/docs/errors.php?id=4"}
    trace = {"trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "stack": None}
    return _with_fields(response, **links, **trace)


@variant("finish")
def messages_that_name_the_ids(inner: Finish, call: Call, response: Response) -> Response:
    """The message of a 404 repeats the ids of the request."""
    response = inner(call, response)
    if response.status != 404 or call.served is None:
        return response
    ids = f"{call.value('customerId')}/{call.value('campaignId')}"
    return _with_fields(response, message=f"No enrollment {ids} (customer/campaign) exists")


@variant("finish")
def messages_of_parsers(inner: Finish, call: Call, response: Response) -> Response:
    """The message of a 400 is that of a JSON parser, with a line and a column."""
    response = inner(call, response)
    message = (
        'Unexpected token \'}\', ..."completed"}}" is not valid JSON at position 127 (line 1 column 128)'
    )
    return _with_fields(response, message=message) if response.status == 400 else response


@variant("finish")
def messages_in_prose(inner: Finish, call: Call, response: Response) -> Response:
    """The messages of errors have words that SQL, stack traces and file paths have too."""
    response = inner(call, response)
    return _with_fields(response, message=PROSE[response.status]) if response.status in PROSE else response


@variant("finish")
def several_errors_of_a_field(inner: Finish, call: Call, response: Response) -> Response:
    """A 422 has two errors for each wrong field, the last field first."""
    response = inner(call, response)
    return _with_errors(response, lambda errors: [*errors, *errors][::-1])


@variant("finish")
def errors_of_the_whole_body(inner: Finish, call: Call, response: Response) -> Response:
    """A 422 has one more error, which is about the body as a whole."""
    response = inner(call, response)
    whole = {"path": [], "message": "The body is not valid", "code": "custom"}
    return _with_errors(response, lambda errors: [whole, *errors])


@variant("finish")
def errors_with_long_paths(inner: Finish, call: Call, response: Response) -> Response:
    """The path of each error in a 422 goes on behind the field."""
    response = inner(call, response)
    return _with_errors(
        response, lambda errors: [{**each, "path": [*each["path"], "uuid"]} for each in errors]
    )


@variant("finish")
def record_ids_in_upper_case(inner: Finish, call: Call, response: Response) -> Response:
    """The `customerCampaignId` is in upper case."""
    response = inner(call, response)
    is_update = response.status == 200 and isinstance(response.body, dict)
    if not is_update or "customerCampaignId" not in response.body:
        return response
    return _with_fields(response, customerCampaignId=response.body["customerCampaignId"].upper())


@variant("finish")
def properties_in_reverse(inner: Finish, call: Call, response: Response) -> Response:
    """The properties of each body are in another order."""
    response = inner(call, response)
    is_object = isinstance(response.body, dict)
    return replace(response, body=dict(reversed(response.body.items()))) if is_object else response


@variant("finish")
def keep_alive_headers(inner: Finish, call: Call, response: Response) -> Response:
    """Each response says how long its connection is kept, and has an entity tag."""
    response = inner(call, response)
    kept = {"keep-alive": "timeout=5, max=100", "etag": 'W/"7b-kq3"', "x-powered-by": "Express"}
    return replace(response, headers={**response.headers, **kept})


@variant("finish")
def limits_in_headers(inner: Finish, call: Call, response: Response) -> Response:
    """Each response tells the rate limit in headers, and a 429 the wait in `Retry-After` too."""
    response = inner(call, response)
    limit_headers = {"ratelimit-policy": '"default";q=60;w=60', "ratelimit": '"default";r=59;t=1'}
    wait = response.body.get("retryAfter") if isinstance(response.body, dict) else None
    limit_headers |= {"retry-after": str(wait)} if response.status == 429 else {}
    return replace(response, headers={**response.headers, **limit_headers})


@variant("finish")
def codes_for_each_reason(inner: Finish, call: Call, response: Response) -> Response:
    """A 400 has a code for its reason, and each error of a 422 the code of its validator."""
    response = inner(call, response)
    if response.status == 400:
        return _with_fields(response, code="NON_TERMINAL_STATUS" if call.json else "MALFORMED_JSON")
    return _with_errors(response, lambda errors: [{**each, "code": "invalid_string"} for each in errors])


@variant("finish")
def statuses_first_seen_as_new(inner: Finish, call: Call, response: Response) -> Response:
    """An enrollment that was never called has a status of its own, which only `previousStatus` shows."""
    response = inner(call, response)
    is_new = isinstance(response.body, dict) and response.body.get("previousStatus") == "pending"
    return _with_fields(response, previousStatus="new") if is_new else response


@variant("perform")
def key_rejected_with_a_challenge(inner: Perform, call: Call) -> Response:
    """A gateway rejects a missing or unknown key at every path, with a challenge."""
    if call.mock.knows(call.key) or call.method == "OPTIONS":
        return inner(call)
    rejected = call.mock.reject(call, 401)
    return replace(rejected, headers={"www-authenticate": "ApiKey", "x-cache": "Error from gateway"})
