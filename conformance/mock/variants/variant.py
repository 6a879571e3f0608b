"""What a variant is, and the functions that several variants use."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ...contract.document import JSON
from ..behaviour import Behaviour, Call, Response

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
        name = function.__name__
        if name in DESCRIBED:
            raise ValueError(f"two variants are called {name}")
        DESCRIBED[name] = Variant(name, inspect.getdoc(function) or "", step, function)
        return function

    return describe


def error(status: int, code: str, message: str) -> Response:
    """An error in the documented form, with an undocumented status code."""
    return Response(status, {"message": message, "code": code})


def is_json(call: Call) -> bool:
    """Whether the media type of the request is JSON, or the request has no media type."""
    return call.headers.get("content-type", JSON).partition(";")[0].strip().lower() == JSON


def is_utf_8(call: Call) -> bool:
    """Whether the charset of the request is UTF-8, or the request has no charset."""
    sent = call.headers.get("content-type", "")
    found = re.search(r"charset\s*=\s*[\"']?([^\"';\s]*)", sent, re.IGNORECASE)
    return found is None or found[1].lower() in {"utf-8", "utf8"}
