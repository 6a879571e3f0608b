"""Variants of the responses to other paths and other methods."""

import re
from collections.abc import Mapping

from ..api import Served
from ..behaviour import Call, Response, Route
from .variant import altering, error, variant, with_headers

PAGE = "<!DOCTYPE html>\n<title>Error</title>\n<pre>Cannot {method} {path}</pre>\n"
PAGE_WITH_ASSETS = """<!DOCTYPE html>
<html lang="en"><head><title>404</title><link rel="stylesheet" href="/app/src/styles/page.css">
<script src="/_next/static/chunks/main-0c9f.js" async></script><script src="/assets/app/main.js"></script>
<script src="/cdn-cgi/scripts/5c5dd728/cloudflare-static/email-decode.min.js"></script></head>
<body>Not found at 10:15:30. See <a href="/var/docs/errors/validation.html">the errors</a>.</body></html>
"""


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


@altering
def bad_escape_400(call: Call, response: Response) -> Response:
    """A path with a percent sign that begins no escape is rejected with a 400."""
    is_bad = re.search("%(?![0-9a-fA-F]{2})", call.path) is not None
    return error(400, "BAD_REQUEST", "The path cannot be decoded") if is_bad else response


def _redirected(status: int, call: Call, response: Response) -> Response:
    place = _documented_path(call) if call.served is None and not call.allowed else None
    if place is None:
        return response
    location = place + (f"?{call.query}" if call.query else "")
    return Response(status, headers={"location": location}, media_type=None)


@altering
def other_spelling_307(call: Call, response: Response) -> Response:
    """A path with a final slash, or in another letter case, is redirected with a 307."""
    return _redirected(307, call, response)


@altering
def other_spelling_308(call: Call, response: Response) -> Response:
    """A path with a final slash, or in another letter case, is redirected with a 308."""
    return _redirected(308, call, response)


@altering
def other_spelling_301(call: Call, response: Response) -> Response:
    """A path with a final slash, or in another letter case, is redirected with a 301."""
    return _redirected(301, call, response)


@altering
def unknown_places_in_html(call: Call, response: Response) -> Response:
    """An unknown path or method gets a 404 in HTML."""
    if call.served is not None or call.method == "OPTIONS":
        return response
    return Response(404, PAGE.format(method=call.method, path="/").encode(), media_type="text/html")


@altering
def unknown_places_in_a_site(call: Call, response: Response) -> Response:
    """An unknown path or method gets the 404 of a web site, with scripts, styles and links."""
    if call.served is not None or call.method == "OPTIONS":
        return response
    return Response(404, PAGE_WITH_ASSETS.encode(), media_type="text/html")


@altering
def unknown_methods_404(call: Call, response: Response) -> Response:
    """A method that the path lacks gets a 404, OPTIONS too."""
    return error(404, "NOT_FOUND", "There is no such route") if call.served is None else response


@altering
def unknown_places_need_a_key(call: Call, response: Response) -> Response:
    """A gateway checks the key before it looks at the path."""
    return call.mock.reject(call, 401) if call.served is None and not call.mock.knows(call.key) else response


@altering
def head_and_options_200(call: Call, response: Response) -> Response:
    """HEAD and OPTIONS get a 200."""
    is_such = call.served is None and call.allowed and call.method in {"HEAD", "OPTIONS"}
    return Response(200, {}, {"allow": ", ".join(call.allowed)}) if is_such else response


@altering
def options_for_browsers(call: Call, response: Response) -> Response:
    """OPTIONS gets the CORS headers at every path, and every other response has one of them."""
    allowed = {"access-control-allow-origin": "*"}
    if call.method == "OPTIONS":
        allowed |= {"access-control-allow-methods": "PATCH", "access-control-allow-headers": "x-api-key"}
        return Response(204, headers=allowed, media_type=None)
    return with_headers(response, allowed)


def _rejected_content(status: int, call: Call, response: Response) -> Response:
    is_rejected = call.body and call.method in {"GET", "HEAD", "DELETE"}
    return Response(status, b"<h1>Bad Request</h1>", media_type="text/html") if is_rejected else response


@altering
def needless_content_400(call: Call, response: Response) -> Response:
    """A gateway rejects a GET, a HEAD or a DELETE that has content with a 400, in HTML."""
    return _rejected_content(400, call, response)


@altering
def needless_content_403(call: Call, response: Response) -> Response:
    """A gateway rejects a GET, a HEAD or a DELETE that has content with a 403, in HTML."""
    return _rejected_content(403, call, response)
