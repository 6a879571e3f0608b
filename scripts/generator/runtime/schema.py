"""The kinds of JSON values that a contract describes, checked at run time in both directions.

Decoding turns what a server sent into Python values, or raises `SchemaError` naming the place. Encoding does
the same for what a caller wants to send. An open kind keeps values that the contract does not list yet.
"""

from __future__ import annotations

import datetime
import functools
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, cast
from uuid import UUID

_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(_DATE.pattern + r"[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
_SHOWN = 80


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


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
class Text:
    """A string."""

    pattern: str | None = None
    min_length: int = 0
    max_length: float = math.inf

    def decode(self, value: object) -> str:
        if not isinstance(value, str):
            raise wrong("a string", value)
        if self.pattern is not None and not _compiled(self.pattern).search(value):
            raise wrong(f"a string that matches {self.pattern}", value)
        if not self.min_length <= len(value) <= self.max_length:
            raise wrong(f"a string of {self.min_length} to {self.max_length} characters", value)
        return value

    encode = decode


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean."""

    def decode(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise wrong("a boolean", value)
        return value

    encode = decode


@dataclass(frozen=True, slots=True)
class Number:
    """A number; JSON has no NaN and no infinity, and a boolean is none."""

    whole: bool = False
    minimum: float = -math.inf
    maximum: float = math.inf
    above: float = -math.inf
    below: float = math.inf
    multiple_of: float | None = None

    def decode(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong("a number", value)
        if isinstance(value, float) and not (value.is_integer() if self.whole else math.isfinite(value)):
            raise wrong("a whole number" if self.whole else "a finite number", value)
        if not self.minimum <= value <= self.maximum:
            raise wrong(f"a number from {self.minimum:g} to {self.maximum:g}", value)
        unbounded = self.above == -math.inf and self.below == math.inf
        if not (unbounded or self.above < value < self.below):
            raise wrong(f"a number above {self.above:g} and below {self.below:g}", value)
        if self.multiple_of is not None and not _is_multiple(value, self.multiple_of):
            raise wrong(f"a multiple of {self.multiple_of:g}", value)
        return int(value) if self.whole else value

    encode = decode


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
class Uuid:
    """A UUID in its canonical form, of the kinds that the pattern lets through."""

    pattern: str | None = None

    def decode(self, value: object) -> UUID:
        return UUID(self._checked(value))

    def encode(self, value: object) -> str:
        return self._checked(str(value) if isinstance(value, UUID) else value)

    def _checked(self, value: object) -> str:
        if not isinstance(value, str) or not _CANONICAL_UUID.fullmatch(value):
            raise wrong("a UUID in the form of 8-4-4-4-12 hexadecimal digits", value)
        if self.pattern is not None and not _compiled(self.pattern).search(value):
            if _compiled(self.pattern).search(value.lower()):
                raise SchemaError(f"{value!r} is allowed by the contract in lower case only")
            found = UUID(value)
            kind = "a UUID" if found.version is None else f"a UUID of version {found.version}"
            raise SchemaError(f"{value!r} is {kind} ({found.variant}) that the contract does not allow")
        return value


# As UTC, and written the way in which it came.
_ZULU = datetime.timezone(datetime.timedelta(0), "Z")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or a date with a time and its zone, in the form of RFC 3339.

    A time is written as it came, but for a fraction of a second: that has three digits or six, or none.
    """

    type: type[datetime.date]

    def decode(self, value: object) -> Any:  # noqa: ANN401 - a value of the type
        if not isinstance(value, str):
            raise wrong("a string", value)
        pattern = _TIME if self.type is datetime.datetime else _DATE
        try:
            found = self.type.fromisoformat(value.upper() if pattern.fullmatch(value) else "")
        except ValueError:
            raise wrong(f"a {self.type.__name__} in the form of RFC 3339", value) from None
        if isinstance(found, datetime.datetime) and value[-1] in "zZ":
            return found.replace(tzinfo=_ZULU)
        return found

    def encode(self, value: object) -> str:
        if not isinstance(value, self.type):
            raise wrong(f"a {self.type.__name__}", value)
        if not isinstance(value, datetime.datetime):
            return value.isoformat()
        if self.type is datetime.date or value.tzinfo is None:
            raise wrong("a date" if self.type is datetime.date else "a datetime with a time zone", value)
        short = value.microsecond and value.microsecond % 1000 == 0 and value.tzname() == "Z"
        text = value.isoformat(timespec="milliseconds" if short else "auto")
        return text.removesuffix("+00:00") + "Z" if value.tzname() == "Z" else text


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


def _is_multiple(value: float, of: float) -> bool:
    from fractions import Fraction  # noqa: PLC0415 - it takes long to load, and few contracts need it

    return Fraction(str(value)) % Fraction(str(of)) == 0
