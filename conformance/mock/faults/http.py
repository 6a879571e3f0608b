"""Faults of HTTP: methods, paths and media types, and requests that make the server fail."""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..api import Served
from ..behaviour import Call, Finish, Response, Route
from .fault import Change, fault, table, wrap
from .steps import (
    FIELDS,
    Alteration,
    CallTest,
    ResponseTest,
    alter,
    alter_rejection,
    always,
    media_type,
    mentions,
    on,
    reject,
    reject_with,
    sets,
    with_status,
)

METHOD_HEADER = "x-http-method-override"


def route_also(path: Callable[[str], str]) -> Change:
    """Serve another path like the right path."""
    return wrap("route", lambda inner, sent: inner(sent) or inner(path(sent)))


def serve_as_patch(method: str) -> Change:
    """Serve another method like PATCH."""

    def wrapper(inner: Route, path: str) -> Mapping[str, Served]:
        methods = inner(path)
        return {**methods, method: methods["PATCH"]} if "PATCH" in methods else methods

    return wrap("route", wrapper)


def misrouted(status: int, when: CallTest = always) -> ResponseTest:
    """Responses to a path or a method that the contract lacks."""
    return lambda call, response: call.served is None and response.status == status and when(call)


def without_headers(_call: Call, response: Response) -> Response:
    """The response without its headers, except the content type."""
    return replace(response, headers={})


def with_media_type(media_type: str | None) -> Alteration:
    """The response with another media type, or with none."""
    return lambda _, response: replace(response, media_type=media_type)


def prefers_html(call: Call, _: Response) -> bool:
    """Updates whose header Accept begins with HTML."""
    return call.updates and call.headers.get("accept", "").lower().startswith("text/html")


def fail(when: CallTest, after: str = "rate") -> Change:
    """Respond with a 500 to calls that a check has accepted."""
    return reject(when, 500, after=after)


def matches(pattern: bytes) -> CallTest:
    """Calls whose body matches the pattern somewhere."""
    return lambda call: re.search(pattern, call.body) is not None


def repeats_property(call: Call) -> bool:
    """Calls whose body has a property twice."""
    repeated = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        repeated.append(len(pairs) > len({name for name, _ in pairs}))

    try:
        json.loads(call.body, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return False
    return any(repeated)


def lacks_a_field(call: Call) -> bool:
    """Calls whose body is an object that lacks a field."""
    return isinstance(call.json, dict) and not call.json.keys() >= set(FIELDS)


def has_another_charset(call: Call) -> bool:
    """Calls with a charset other than UTF-8."""
    return "charset=" in media_type(call) and "utf-8" not in media_type(call).lower()


table(
    "HTTP-01",
    takes_put_for_patch=("PUT does what PATCH does.", serve_as_patch("PUT")),
    takes_post_for_patch=("POST does what PATCH does.", serve_as_patch("POST")),
    welcomes_every_method=(
        "A method that the path lacks gets a 200.",
        alter(misrouted(405), with_status(200)),
    ),
    calls_an_unknown_method_bad=(
        "A method that the path lacks gets a 400.",
        alter(misrouted(405), with_status(400)),
    ),
)


@fault("HTTP-01", step="finish", unseen=True)
def takes_the_method_from_a_header(inner: Finish, call: Call, response: Response) -> Response:
    """A POST whose header X-HTTP-Method-Override says PATCH does what PATCH does."""
    wanted = call.headers.get(METHOD_HEADER, "").upper()
    if call.method == "POST" and wanted == "PATCH" and misrouted(405)(call, response):
        return call.mock.response(replace(call, method=wanted))
    return inner(call, response)


table(
    "HTTP-02",
    welcomes_every_path=(
        "A path that the contract lacks gets a 200.",
        alter(misrouted(404), with_status(200)),
    ),
    calls_an_unknown_path_gone=(
        "A path that the contract lacks gets a 410.",
        alter(misrouted(404), with_status(410)),
    ),
)
table(
    "HTTP-02",
    unseen=True,
    takes_every_version_of_the_path=route_also(lambda path: re.sub(r"^/v\d+/", "/v2/", path)),
    takes_a_suffix_of_the_path=(
        "A suffix like .json at the end of the path does not matter.",
        route_also(lambda path: re.sub(r"\.[a-z]+$", "", path)),
    ),
)
table(
    "HTTP-03",
    fails_on_an_unknown_method=(
        "A method that the path lacks gets a 501.",
        alter(misrouted(405), with_status(501)),
        ["HTTP-01"],
    ),
    fails_on_an_unknown_path=(
        "A path that the contract lacks gets a 500.",
        alter(misrouted(404), with_status(500)),
        ["HTTP-02"],
    ),
    fails_on_malformed_json=("A body that is not JSON gets a 500.", reject_with("json", 500), ["BODY-03"]),
    fails_on_an_empty_body=("An empty body gets a 500.", fail(lambda call: not call.body), ["BODY-03"]),
    fails_on_deep_nesting=(
        "A body nested deeper than 100 levels gets a 500.",
        fail(lambda call: call.body.count(b"[") + call.body.count(b"{") > 100),
        ["BODY-02", "BODY-06", "RESPONSE-05"],
    ),
    fails_on_null=(
        "A body with a null in it gets a 500.",
        fail(mentions(b"null")),
        ["ID-07", "STATUS-04", "BODY-02", "BODY-06", "RESPONSE-05"],
    ),
    fails_on_a_list=(
        "A body that is a list gets a 500.",
        fail(lambda call: call.body.lstrip().startswith(b"[")),
        ["BODY-06", "RESPONSE-05"],
    ),
    fails_on_long_ids=(
        "A body with more than 100 characters in a row gets a 500.",
        fail(matches(rb"[\w-]{101}")),
        ["ID-06", "STATUS-04", "BODY-02", "RESPONSE-05"],
    ),
    fails_on_a_large_body=(
        "A body of more than 10,000 bytes gets a 500.",
        fail(lambda call: len(call.body) > 10_000),
        ["BODY-02", "BODY-06", "ID-06", "RESPONSE-05"],
    ),
    fails_on_a_lone_surrogate=(
        "A body with an escaped surrogate gets a 500.",
        fail(matches(rb"\\u[dD][89a-fA-F]")),
        ["BODY-02", "ID-06", "STATUS-04", "RESPONSE-05"],
    ),
    fails_on_a_null_character=(
        "A body with an escaped null character gets a 500.",
        fail(mentions(b"\\u0000")),
        ["BODY-02", "ID-06", "STATUS-04", "RESPONSE-05"],
    ),
    fails_on_a_huge_number=(
        "A body with a number of more than 30 digits gets a 500.",
        fail(matches(rb"\d{31}|\d[eE]\d{3}")),
        ["BODY-02", "BODY-06", "ID-07", "RESPONSE-05"],
    ),
    fails_on_a_repeated_property=("A property that is given twice gets a 500.", fail(repeats_property)),
    fails_on_a_byte_order_mark=(
        "A body with a byte order mark gets a 500.",
        fail(lambda call: call.body.startswith(b"\xef\xbb\xbf")),
        ["BODY-03"],
    ),
)
table(
    "HTTP-03",
    unseen=True,
    fails_on_a_missing_field=(
        "A body that lacks a field gets a 500.",
        fail(lacks_a_field, after="json"),
        ["BODY-01", "RESPONSE-05"],
    ),
    fails_on_an_unknown_enrollment=(
        "An unknown enrollment gets a 500.",
        reject_with("lookup", 500),
        ["LOOKUP-02"],
    ),
    fails_on_a_status_with_parts=(
        "A status that is a list or an object gets a 500.",
        fail(lambda call: isinstance(call.value("status"), list | dict), after="json"),
        ["STATUS-04", "RESPONSE-05"],
    ),
    fails_on_a_query=("A path with a query gets a 500.", fail(lambda call: bool(call.query))),
    fails_on_a_body_that_is_null=(
        "A body that is null gets a 500.",
        fail(lambda call: call.json is None, after="json"),
        ["BODY-06", "RESPONSE-05"],
    ),
    fails_to_store_a_nul_character=(
        "An update gets a 500 if an unknown field holds a NUL character.",
        fail(mentions(b"\\u0000"), after="lookup"),
    ),
    fails_on_an_unknown_charset=(
        "JSON with an unknown charset gets a 500.",
        fail(has_another_charset, after="media"),
    ),
)
table(
    "HTTP-04",
    sends_a_404_as_html=(
        "The media type of a 404 is text/html.",
        alter(on(404), with_media_type("text/html")),
    ),
    sends_a_401_as_text=alter(on(401), with_media_type("text/plain")),
    sends_a_200_without_a_media_type=("A 200 has no media type.", alter(on(200), with_media_type(None))),
    sends_a_422_as_a_problem=(
        "The media type of a 422 is application/problem+json.",
        alter(on(422), with_media_type("application/problem+json")),
    ),
    sends_a_400_as_a_vendors_json=(
        "The media type of a 400 is application/vnd.api+json.",
        alter(on(400), with_media_type("application/vnd.api+json")),
    ),
)
table(
    "HTTP-04",
    unseen=True,
    sends_the_refusal_of_malformed_json_as_html=(
        "The rejection of a body that is not JSON has the media type text/html.",
        alter_rejection("json", with_media_type("text/html")),
    ),
    sends_every_error_as_a_problem=(
        "The media type of every error is application/problem+json.",
        alter(lambda _, response: response.status >= 400, with_media_type("application/problem+json")),
    ),
    sends_json_as_html_to_a_browser=(
        "A response has the media type text/html if the header Accept begins with it.",
        alter(prefers_html, with_media_type("text/html")),
    ),
)
table(
    "HTTP-05",
    calls_an_update_created=(
        "An accepted update gets a 201.",
        alter(on(200), with_status(201)),
        ["STATUS-01", "STATE-08"],
    ),
)
table(
    "HTTP-06",
    names_no_methods_with_a_405=("A 405 has no header Allow.", alter(misrouted(405), without_headers)),
)
table(
    "HTTP-05",
    unseen=True,
    calls_an_update_to_failed_accepted=(
        "An accepted update to `failed` gets a 202.",
        alter(on(200, when=sets("failed")), with_status(202)),
        ["STATUS-01", "STATE-08"],
    ),
)


@fault("HTTP-05", step="finish", memory=itertools.count, also=["STATE-08"], unseen=True)
def queues_every_twentieth_update(
    inner: Finish, accepted: Iterator[int], call: Call, response: Response
) -> Response:
    """Every twentieth accepted update gets a 202."""
    response = inner(call, response)
    twentieth = on(200)(call, response) and next(accepted) % 20 == 19
    return replace(response, status=202) if twentieth else response
