"""Arguments that may have a key or a password in them, kept out of the text of tracebacks.

Tools that report errors write down the locals of each frame. So a function that takes headers of a caller
hides them first. Functions that read what is hidden return an error, and their callers raise it.
"""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from .types import Unset

T = TypeVar("T")


class Hidden(Generic[T]):
    """An argument whose text says nothing of its value."""

    __slots__ = ("given",)

    def __init__(self, given: T) -> None:
        self.given = given

    def __repr__(self) -> str:
        return "<hidden>"


def hidden(argument: T) -> T:
    """An argument, hidden. For type checkers it keeps its type. `shown` returns it."""
    if argument is None or isinstance(cast(object, argument), Hidden | Unset):
        return argument
    return cast(T, Hidden(argument))


def shown(argument: T) -> T:
    """An argument that may be hidden, as it was given."""
    return cast("Hidden[T]", argument).given if isinstance(argument, Hidden) else argument
