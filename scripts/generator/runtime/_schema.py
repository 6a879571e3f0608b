"""The kinds of JSON values that a contract describes, checked at run time in both directions.

Decoding turns what a server sent into Python values, or raises `SchemaError` naming the place. Encoding does
the same for what a caller wants to send. An open kind keeps values that the contract does not list yet.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, cast
from uuid import UUID

_SHOWN = 80


class SchemaError(ValueError):
    """A value is not one that the contract allows; the message names its place in the body."""

    def __init__(self, problem: str, *path: str) -> None:
        super().__init__(problem, *path)
        self.problem = problem
        self.path = path

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.problem}" if self.path else self.problem

    def under(self, name: str) -> SchemaError:
        """The same problem, seen from one level further up."""
        return SchemaError(self.problem, name, *self.path)


class Kind(Protocol):
    """A kind of JSON value."""

    def decode(self, value: Any) -> Any:  # noqa: ANN401 - a JSON value, to a Python value
        """The Python value of a JSON value."""

    def encode(self, value: Any) -> Any:  # noqa: ANN401 - a Python value, to a JSON value
        """The JSON value of a Python value."""


def wrong(expected: str, value: object) -> SchemaError:
    """The error for a value that is not what was expected."""
    match value:
        case str():
            shown = ascii(value[:_SHOWN]) + "..." * (len(value) > _SHOWN)
        case int() if abs(value) > 1e18:
            shown = "a huge number"  # Python refuses to print some
        case None | bool() | int() | float() | UUID():
            shown = str(value)
        case _:
            shown = f"a {type(value).__name__}"
    return SchemaError(f"expected {expected}, got {shown}")


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value, kept as it is."""

    def decode(self, value: Any) -> Any:  # noqa: ANN401 - whatever it is
        return value

    def encode(self, value: Any) -> Any:  # noqa: ANN401 - whatever it is
        match value:
            case None | bool() | int() | str():
                return value
            case float() if math.isfinite(value):
                return value
            case list():
                return ListOf(self).encode(cast(object, value))
            case dict():
                return each(self.encode, cast("Mapping[Any, Any]", value))
            case _:
                raise wrong("a JSON value", value)


@dataclass(frozen=True, slots=True)
class Constant:
    """One value and no other."""

    value: str | float | bool | None

    def decode(self, value: object) -> Any:  # noqa: ANN401 - the type of the value
        if value != self.value or isinstance(value, bool) != isinstance(self.value, bool):
            raise wrong(ascii(self.value), value)
        return value

    encode = decode


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the members of an enumeration; an open one keeps other values of the same type."""

    members: type[Enum]
    open: bool = False

    def decode(self, value: object) -> Any:  # noqa: ANN401 - a member, or a value of an open choice
        try:
            return self.members(value)
        except ValueError:
            listed = [member.value for member in self.members]
            if self.open and type(value) is type(listed[0]):
                return value
            raise wrong(f"one of {', '.join(map(str, listed))}", value) from None

    def encode(self, value: object) -> Any:  # noqa: ANN401 - the value of a member
        decoded = self.decode(value)
        return decoded.value if isinstance(decoded, Enum) else decoded


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values of one kind."""

    items: Kind
    min_items: int = 0
    max_items: float = math.inf
    unique: bool = False

    def decode(self, value: object) -> list[Any]:
        converted = self._each(value, self.items.decode)
        self._check(cast("list[Any]", value))
        return converted

    def encode(self, value: object) -> list[Any]:
        converted = self._each(value, self.items.encode)
        self._check(converted)
        return converted

    def _check(self, sent: list[Any]) -> None:
        if not self.min_items <= len(sent) <= self.max_items:
            raise SchemaError(f"expected {self.min_items} to {self.max_items} items, got {len(sent)}")
        if self.unique and len({json.dumps(item, sort_keys=True) for item in sent}) < len(sent):
            raise SchemaError("expected items that all differ")

    def _each(self, value: object, convert: Any) -> list[Any]:  # noqa: ANN401 - a method of the items' kind
        if not isinstance(value, list):
            raise wrong("a list", value)
        converted: list[Any] = []
        for index, item in enumerate(cast("Iterable[Any]", value)):
            try:
                converted.append(convert(item))
            except SchemaError as error:
                raise error.under(str(index)) from None
        return converted


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value of one of several kinds: the first that fits."""

    kinds: tuple[Kind, ...]

    def decode(self, value: object) -> Any:  # noqa: ANN401 - of any of the kinds
        return self._first(value, "decode")

    def encode(self, value: object) -> Any:  # noqa: ANN401 - of any of the kinds
        return self._first(value, "encode")

    def _first(self, value: object, method: str) -> Any:  # noqa: ANN401 - of any of the kinds
        for kind in self.kinds:
            try:
                return getattr(kind, method)(value)
            except SchemaError:
                continue
        raise wrong(f"one of {len(self.kinds)} kinds of values", value)


def each(convert: Callable[[Any], Any], values: Mapping[Any, Any]) -> dict[str, Any]:
    """The values of an object, each converted.

    Raises:
        SchemaError: one of them cannot be; or a name is no string.

    """
    converted: dict[str, Any] = {}
    for name, value in values.items():
        if not isinstance(name, str):
            raise wrong("a string as the name of a property", name)
        try:
            converted[name] = convert(value)
        except SchemaError as error:
            raise error.under(name) from None
    return converted
