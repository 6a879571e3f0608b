"""Variants of the responses to other paths and other methods."""

import re
from collections.abc import Mapping

from ..api import Served
from ..behaviour import Call, Finish, Response, Route
from .variant import error, variant

PAGE = "<!DOCTYPE html>\n<title>Error</title>\n<pre>Cannot {method} {path}</pre>\n"


def _documented_path(call: Call) -> str | None:
    """The documented path that differs from the sent path only in letter case and a final slash."""
    paths = [served.operation.path for served in call.mock.api.operations.values()]
    return next((each for each in paths if each.lower() == call.path.lower().removesuffix("/")), None)


@variant("route")
def trailing_slash_routed(inner: Route, path: str) -> Mapping[str, Served]:
    """A slash at the end of the path makes no difference."""
    return inner(path) or inner(path.removesuffix("/"))


@variant("route")
def path_case_routed(inner: Route, path: str) -> Mapping[str, Served]:
    """The letter case of the path makes no difference."""
    return inner(path) or inner(path.lower())


@variant("finish")
def bad_escape_400(inner: Finish, call: Call, response: Response) -> Response:
    """A path with a percent sign that begins no escape is rejected with a 400."""
    is_bad = re.search("%(?![0-9a-fA-F]{2})", call.path) is not None
    return error(400, "BAD_REQUEST", "The path cannot be decoded") if is_bad else inner(call, response)


def _redirected(status: int, inner: Finish, call: Call, response: Response) -> Response:
    place = _documented_path(call) if call.served is None and not call.allowed else None
    if place is None:
        return inner(call, response)
    location = place + (f"?{call.query}" if call.query else "")
    return Response(status, headers={"location": location}, media_type=None)


@variant("finish")
def other_spelling_307(inner: Finish, call: Call, response: Response) -> Response:
    """A path with a final slash, or in another letter case, is redirected with a 307."""
    return _redirected(307, inner, call, response)


@variant("finish")
def other_spelling_308(inner: Finish, call: Call, response: Response) -> Response:
    """A path with a final slash, or in another letter case, is redirected with a 308."""
    return _redirected(308, inner, call, response)


@variant("finish")
def other_spelling_301(inner: Finish, call: Call, response: Response) -> Response:
    """A path with a final slash, or in another letter case, is redirected with a 301."""
    return _redirected(301, inner, call, response)


@variant("finish")
def unknown_places_in_html(inner: Finish, call: Call, response: Response) -> Response:
    """An unknown path or method gets a 404 in HTML."""
    response = inner(call, response)
    if call.served is not None or call.method == "OPTIONS":
        return response
    return Response(404, PAGE.format(method=call.method, path="/").encode(), media_type="text/html")


@variant("finish")
def unknown_methods_404(inner: Finish, call: Call, response: Response) -> Response:
    """A method that the path lacks gets a 404, OPTIONS too."""
    response = inner(call, response)
    return error(404, "NOT_FOUND", "There is no such route") if call.served is None else response


@variant("finish")
def unknown_places_need_a_key(inner: Finish, call: Call, response: Response) -> Response:
    """A gateway checks the key before it looks at the path."""
    response = inner(call, response)
    return call.mock.reject(call, 401) if call.served is None and not call.mock.knows(call.key) else response


@variant("finish")
def head_and_options_200(inner: Finish, call: Call, response: Response) -> Response:
    """HEAD and OPTIONS get a 200."""
    response = inner(call, response)
    is_such = call.served is None and call.allowed and call.method in {"HEAD", "OPTIONS"}
    return Response(200, {}, {"allow": ", ".join(call.allowed)}) if is_such else response


@variant("finish")
def options_for_browsers(inner: Finish, call: Call, response: Response) -> Response:
    """OPTIONS gets the CORS headers at every path, and every other response has one of them."""
    response = inner(call, response)
    allowed = {"access-control-allow-origin": "*"}
    if call.method == "OPTIONS":
        allowed |= {"access-control-allow-methods": "PATCH", "access-control-allow-headers": "x-api-key"}
        return Response(204, headers=allowed, media_type=None)
    return Response(response.status, response.body, {**response.headers, **allowed}, response.media_type)
