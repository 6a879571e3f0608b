"""Variants that are habits of frameworks, proxies and gateways: pages, texts and fields of their own."""

from dataclasses import replace

from ...contract.document import JSON
from ..behaviour import Call, Check, Perform, Response, takes_body
from .requests import LARGE
from .variant import altering, is_json, variant, with_errors, with_fields, with_headers

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
    rejected = Response(415, headers={"accept-patch": JSON}, media_type=None)
    return rejected if takes_body(call) and not is_json(call) else None


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


@altering
def unknown_places_as_text(call: Call, response: Response) -> Response:
    """An unknown path or method gets a line of text, and an unknown method the header `Allow`."""
    if call.served is not None or response.body is None:
        return response
    text = b"404 page not found\n" if response.status == 404 else b"Method Not Allowed\n"
    return replace(response, body=text, media_type="text/plain; charset=utf-8")


@altering
def unknown_places_without_a_body(call: Call, response: Response) -> Response:
    """An unknown path or method gets no body."""
    return response if call.served is not None else replace(response, body=None, media_type=None)


@altering
def unknown_places_as_problems(call: Call, response: Response) -> Response:
    """An unknown path or method gets a problem of RFC 9457."""
    if call.served is not None or response.body is None:
        return response
    problem = {"type": "about:blank", "title": "Not Found", "status": response.status, "instance": call.path}
    return replace(response, body=problem, media_type="application/problem+json")


@altering
def errors_of_spring(call: Call, response: Response) -> Response:
    """Each error has the fields of Spring too: the time, the status, its phrase, and the path of the URL."""
    if response.status < 400:
        return response
    of_spring = {"timestamp": "2026-11-28T17:02:11.412+00:00", "error": "Bad Request", "path": call.path}
    return with_fields(response, status=response.status, **of_spring)


@altering
def errors_with_links(_call: Call, response: Response) -> Response:
    """Each error has a link to its documentation, and ids of a trace."""
    if response.status < 400:
        return response
    links = {"type": "https://docs.example/errors/index.html#select-from", "help": "/docs/errors.php?id=4"}
    trace = {"trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "stack": None}
    return with_fields(response, **links, **trace)


@altering
def messages_that_name_the_ids(call: Call, response: Response) -> Response:
    """The message of a 404 repeats the ids of the request."""
    if response.status != 404 or call.served is None:
        return response
    ids = f"{call.value('customerId')}/{call.value('campaignId')}"
    return with_fields(response, message=f"No enrollment {ids} (customer/campaign) exists")


@altering
def messages_of_parsers(_call: Call, response: Response) -> Response:
    """The message of a 400 is that of a JSON parser, with a line and a column."""
    message = (
        'Unexpected token \'}\', ..."completed"}}" is not valid JSON at position 127 (line 1 column 128)'
    )
    return with_fields(response, message=message) if response.status == 400 else response


@altering
def messages_in_prose(_call: Call, response: Response) -> Response:
    """The messages of errors have words that SQL, stack traces and file paths have too."""
    return with_fields(response, message=PROSE[response.status]) if response.status in PROSE else response


@altering
def several_errors_of_a_field(_call: Call, response: Response) -> Response:
    """A 422 has two errors for each wrong field, the last field first."""
    return with_errors(response, lambda errors: [*errors, *errors][::-1])


@altering
def errors_of_the_whole_body(_call: Call, response: Response) -> Response:
    """A 422 has one more error, which is about the body as a whole."""
    whole = {"path": [], "message": "The body is not valid", "code": "custom"}
    return with_errors(response, lambda errors: [whole, *errors])


@altering
def errors_with_long_paths(_call: Call, response: Response) -> Response:
    """The path of each error in a 422 goes on behind the field."""
    return with_errors(
        response, lambda errors: [{**each, "path": [*each["path"], "uuid"]} for each in errors]
    )


@altering
def record_ids_in_upper_case(_call: Call, response: Response) -> Response:
    """The `customerCampaignId` is in upper case."""
    is_update = response.status == 200 and isinstance(response.body, dict)
    if not is_update or "customerCampaignId" not in response.body:
        return response
    return with_fields(response, customerCampaignId=response.body["customerCampaignId"].upper())


@altering
def properties_in_reverse(_call: Call, response: Response) -> Response:
    """The properties of each body are in another order."""
    is_object = isinstance(response.body, dict)
    return replace(response, body=dict(reversed(response.body.items()))) if is_object else response


@altering
def keep_alive_headers(_call: Call, response: Response) -> Response:
    """Each response says how long its connection is kept, and has an entity tag."""
    kept = {"keep-alive": "timeout=5, max=100", "etag": 'W/"7b-kq3"', "x-powered-by": "Express"}
    return with_headers(response, kept)


@altering
def limits_in_headers(_call: Call, response: Response) -> Response:
    """Each response tells the rate limit in headers, and a 429 the wait in `Retry-After` too."""
    limit_headers = {"ratelimit-policy": '"default";q=60;w=60', "ratelimit": '"default";r=59;t=1'}
    wait = response.body.get("retryAfter") if isinstance(response.body, dict) else None
    limit_headers |= {"retry-after": str(wait)} if response.status == 429 else {}
    return with_headers(response, limit_headers)


@altering
def codes_for_each_reason(call: Call, response: Response) -> Response:
    """A 400 has a code for its reason, and each error of a 422 the code of its validator."""
    if response.status == 400:
        return with_fields(response, code="NON_TERMINAL_STATUS" if call.json else "MALFORMED_JSON")
    return with_errors(response, lambda errors: [{**each, "code": "invalid_string"} for each in errors])


@altering
def statuses_first_seen_as_new(_call: Call, response: Response) -> Response:
    """An enrollment that was never called has a status of its own, which only `previousStatus` shows."""
    is_new = isinstance(response.body, dict) and response.body.get("previousStatus") == "pending"
    return with_fields(response, previousStatus="new") if is_new else response


@variant("perform")
def key_rejected_with_a_challenge(inner: Perform, call: Call) -> Response:
    """A gateway rejects a missing or unknown key at every path, with a challenge."""
    if call.mock.knows(call.key) or call.method == "OPTIONS":
        return inner(call)
    rejected = call.mock.reject(call, 401)
    return replace(rejected, headers={"www-authenticate": "ApiKey", "x-cache": "Error from gateway"})
