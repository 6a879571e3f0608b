"""The kinds of strings, numbers and booleans."""

from __future__ import annotations

import datetime
import functools
import math
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ._schema import SchemaError, wrong

_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(_DATE.pattern + r"[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)
# As UTC, and written the way in which it came.
_ZULU = datetime.timezone(datetime.timedelta(0), "Z")


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@dataclass(frozen=True, slots=True)
class String:
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
            raise wrong(f"a string of {_range(self.min_length, self.max_length)} characters", value)
        return value

    encode = decode


@dataclass(frozen=True, slots=True)
class Boolean:
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
            raise wrong(f"a number of {_range(self.minimum, self.maximum)}", value)
        unbounded = self.above == -math.inf and self.below == math.inf
        if not (unbounded or self.above < value < self.below):
            raise wrong(f"a number above {self.above:g} and below {self.below:g}", value)
        if self.multiple_of is not None and not _is_multiple(value, self.multiple_of):
            raise wrong(f"a multiple of {self.multiple_of:g}", value)
        return int(value) if self.whole else value

    encode = decode


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


@dataclass(frozen=True, slots=True)
class DateTime:
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


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return f"at least {low:g}"
    return f"at most {high:g}" if low in {0, -math.inf} else f"{low:g} to {high:g}"


def _is_multiple(value: float, of: float) -> bool:
    from fractions import Fraction  # noqa: PLC0415 - it takes long to load, and few contracts need it

    return Fraction(str(value)) % Fraction(str(of)) == 0
