"""Arguments that may have a key or a password in them, kept out of the text of tracebacks.

Tools that report errors write down the locals of each frame. So the functions that a caller gives headers to
hide them first. What is wrong with them is found in functions that raise nothing, and raised elsewhere.
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
    """An argument, hidden. The type is that of the argument, as those who read it call `shown`."""
    if argument is None or isinstance(cast(object, argument), Hidden | Unset):
        return argument
    return cast(T, Hidden(argument))


def shown(argument: T) -> T:
    """An argument that may be hidden, as it was given."""
    return cast("Hidden[T]", argument).given if isinstance(argument, Hidden) else argument
