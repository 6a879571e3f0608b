"""What a variant is, and the functions that several variants use."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ...contract.document import JSON
from ..behaviour import Behaviour, Call, Finish, Response

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Variant:
    """A correct server that differs from the mock: a function replaces one step of the mock."""

    name: str
    text: str
    """The difference, in one sentence."""
    step: str
    wrapper: Callable[..., Any]
    """The function. It gets the step that it replaces, and the arguments of the step."""

    def change(self, mock: Behaviour) -> None:
        """Replace the step with the function."""
        mock.wrap(self.step, self.wrapper)


DESCRIBED: dict[str, Variant] = {}
"""Every variant by its name, in the order in which the modules describe them."""


def variant(step: str) -> Callable[[Function], Function]:
    """Describe a variant by a function that replaces one step of the mock."""

    def describe(function: Function) -> Function:
        _describe(function, step, function)
        return function

    return describe


def altering(function: Finish) -> Finish:
    """Describe a variant by a function that alters the response: it gets the call and the response."""

    def wrapper(inner: Finish, call: Call, response: Response) -> Response:
        return function(call, inner(call, response))

    _describe(function, "finish", wrapper)
    return function


def _describe(function: Callable[..., Any], step: str, wrapper: Callable[..., Any]) -> None:
    name = function.__name__
    if name in DESCRIBED:
        raise ValueError(f"two variants are called {name}")
    DESCRIBED[name] = Variant(name, inspect.getdoc(function) or "", step, wrapper)


def error(status: int, code: str, message: str) -> Response:
    """An error in the documented form, with an undocumented status code."""
    return Response(status, {"message": message, "code": code})


def with_headers(response: Response, headers: Mapping[str, str]) -> Response:
    """The response with more headers."""
    return replace(response, headers={**response.headers, **headers})


def with_fields(response: Response, **fields: Any) -> Response:  # noqa: ANN401 - JSON values
    """The response with more fields in its body, if the body is an object."""
    is_object = isinstance(response.body, dict)
    return replace(response, body={**response.body, **fields}) if is_object else response


def with_errors(response: Response, change: Callable[[list[Any]], list[Any]]) -> Response:
    """The response with other errors in its body, if it is a 422."""
    if response.status != 422 or not isinstance(response.body, dict):
        return response
    return with_fields(response, errors=change(list(response.body["errors"])))


def is_json(call: Call) -> bool:
    """Whether the media type of the request is JSON, or the request has no media type."""
    return call.headers.get("content-type", JSON).partition(";")[0].strip().lower() == JSON


def is_utf_8(call: Call) -> bool:
    """Whether the charset of the request is UTF-8, or the request has no charset."""
    sent = call.headers.get("content-type", "")
    found = re.search(r"charset\s*=\s*[\"']?([^\"';\s]*)", sent, re.IGNORECASE)
    return found is None or found[1].lower() in {"utf-8", "utf8"}
