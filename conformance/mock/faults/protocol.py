"""Faults in how the server speaks HTTP."""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from ..api import Served
from ..behaviour import Behaviour, Call, Response
from .changes import Alteration, alters, as_status, on, refuses, turns
from .fault import Change, Fault
from .status import asks


def finds(path: Callable[[str], str]) -> Change:
    """Take another path for the right one."""

    def change(mock: Behaviour) -> None:
        before = mock.route
        mock.route = lambda sent: before(sent) or before(path(sent))

    return change


def answers(method: str) -> Change:
    """Do for another method what the path does."""

    def change(mock: Behaviour) -> None:
        before = mock.route

        def route(path: str) -> Mapping[str, Served]:
            methods = before(path)
            return {**methods, method: methods["PATCH"]} if "PATCH" in methods else methods

        mock.route = route

    return change


def misrouted(status: int) -> Callable[[Call, Response], bool]:
    """Answers to a path or a method that the contract lacks."""
    return lambda call, response: call.served is None and response.status == status


def with_media_type(media_type: str | None) -> Alteration:
    """The same content under another media type, or under none."""
    return lambda _, response: replace(response, media_type=media_type)


def prefers_html(call: Call, _: Response) -> bool:
    """Updates whose sender would like HTML best."""
    return call.updates and call.headers.get("accept", "").lower().startswith("text/html")


def redirects_to_the_path(mock: Behaviour) -> None:
    """Redirect what is a path but for a slash at its end."""

    def slashed(call: Call, response: Response) -> bool:
        known = call.path.endswith("/") and mock.route(call.path.removesuffix("/"))
        return misrouted(404)(call, response) and bool(known)

    def redirect(call: Call, _: Response) -> Response:
        return Response(307, headers={"location": call.path.removesuffix("/")}, media_type=None)

    alters(slashed, redirect)(mock)


def queues_every_twentieth_update(mock: Behaviour) -> None:
    """Answer one accepted update in twenty with a 202."""
    accepted = itertools.count(1)
    alters(lambda call, response: on(200)(call, response) and not next(accepted) % 20, as_status(202))(mock)


PROTOCOL = (
    Fault("takes_put_for_patch", "HTTP-01", "PUT does what PATCH does.", answers("PUT")),
    Fault("takes_post_for_patch", "HTTP-01", "POST does what PATCH does.", answers("POST")),
    Fault(
        "welcomes_every_method",
        "HTTP-01",
        "A method that the path lacks is answered with a 200.",
        alters(misrouted(405), as_status(200)),
    ),
    Fault(
        "calls_an_unknown_method_bad",
        "HTTP-01",
        "A method that the path lacks is refused with a 400.",
        alters(misrouted(405), as_status(400)),
    ),
    Fault(
        "takes_a_final_slash",
        "HTTP-02",
        "A slash at the end of the path does not matter.",
        finds(lambda path: path.rstrip("/")),
    ),
    Fault(
        "takes_a_path_in_any_case",
        "HTTP-02",
        "The letter case of the path does not matter.",
        finds(str.lower),
    ),
    Fault(
        "welcomes_every_path",
        "HTTP-02",
        "A path that the contract lacks is answered with a 200.",
        alters(misrouted(404), as_status(200)),
    ),
    Fault(
        "calls_an_unknown_path_gone",
        "HTTP-02",
        "A path that the contract lacks is refused with a 410.",
        alters(misrouted(404), as_status(410)),
    ),
    Fault(
        "fails_on_an_unknown_method",
        "HTTP-03",
        "A method that the path lacks is answered with a 501.",
        alters(misrouted(405), as_status(501)),
        also=("HTTP-01",),
    ),
    Fault(
        "fails_on_an_unknown_path",
        "HTTP-03",
        "A path that the contract lacks is answered with a 500.",
        alters(misrouted(404), as_status(500)),
        also=("HTTP-02",),
    ),
    Fault(
        "sends_a_404_as_html",
        "HTTP-04",
        "The media type of a 404 is text/html.",
        alters(on(404), with_media_type("text/html")),
    ),
    Fault(
        "sends_a_401_as_text",
        "HTTP-04",
        "The media type of a 401 is text/plain.",
        alters(on(401), with_media_type("text/plain")),
    ),
    Fault(
        "sends_a_200_without_a_media_type",
        "HTTP-04",
        "A 200 has no media type.",
        alters(on(200), with_media_type(None)),
    ),
    Fault(
        "sends_a_422_as_a_problem",
        "HTTP-04",
        "The media type of a 422 is application/problem+json.",
        alters(on(422), with_media_type("application/problem+json")),
    ),
    Fault(
        "sends_a_400_as_a_vendors_json",
        "HTTP-04",
        "The media type of a 400 is application/vnd.api+json.",
        alters(on(400), with_media_type("application/vnd.api+json")),
    ),
    Fault(
        "calls_an_update_created",
        "HTTP-05",
        "An accepted update is answered with a 201.",
        alters(on(200), as_status(201)),
        also=("STATUS-01", "STATE-08"),
    ),
    Fault(
        "takes_every_version_of_the_path",
        "HTTP-02",
        "The number of the version in the path does not matter.",
        finds(lambda path: re.sub(r"^/v\d+/", "/v2/", path)),
        unseen=True,
    ),
    Fault(
        "redirects_a_final_slash",
        "HTTP-02",
        "A slash at the end of the path is answered with a 308.",
        alters(
            lambda call, response: misrouted(404)(call, response) and call.path.endswith("/"),
            lambda call, response: replace(
                response, status=308, headers={"location": call.path.rstrip("/") or "/"}
            ),
        ),
        unseen=True,
    ),
    Fault(
        "sends_the_refusal_of_malformed_json_as_html",
        "HTTP-04",
        "The refusal of a body that is not JSON has the media type text/html.",
        turns("json", with_media_type("text/html")),
        unseen=True,
    ),
    Fault(
        "calls_an_update_to_failed_accepted",
        "HTTP-05",
        "An accepted update to `failed` is answered with a 202.",
        alters(lambda call, response: on(200)(call, response) and asks("failed")(call), as_status(202)),
        also=("STATUS-01", "STATE-08"),
        unseen=True,
    ),
    Fault(
        "redirects_a_final_slash_to_the_path",
        "HTTP-02",
        "The path with a slash at its end is answered with a 307 that leads to the path.",
        redirects_to_the_path,
        unseen=True,
    ),
    Fault(
        "sends_every_error_as_a_problem",
        "HTTP-04",
        "The media type of every error is application/problem+json.",
        alters(lambda _, response: response.status >= 400, with_media_type("application/problem+json")),
        unseen=True,
    ),
    Fault(
        "sends_json_as_html_to_a_browser",
        "HTTP-04",
        "An answer has the media type text/html if the header Accept begins with it.",
        alters(prefers_html, with_media_type("text/html")),
        unseen=True,
    ),
    Fault(
        "refuses_a_large_body_with_413",
        "HTTP-05",
        "A body of more than 100 KiB is refused with a 413.",
        refuses(
            lambda call: len(call.body) > 100 * 1024,
            413,
            after="rate",
            message="The body is too large",
            code="PAYLOAD_TOO_LARGE",
        ),
        unseen=True,
    ),
    Fault(
        "queues_every_twentieth_update",
        "HTTP-05",
        "Every twentieth accepted update is answered with a 202.",
        queues_every_twentieth_update,
        also=("STATE-08",),
        unseen=True,
    ),
)
