"""The API key, which must not be seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, cast

MASK = "***"
_SHORTEST = 8  # a shorter one, a word perhaps, stands in answers by chance


class Secret:
    """A string that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_telling", "_value")

    def __init__(self, value: str) -> None:
        # The HTTP library names a bad header in its error, value and all; so it never gets to see one.
        if not value or not value.isascii() or not value.isprintable() or value != value.strip():
            raise ValueError("the API key is empty, or has a character that a header cannot carry")
        self._value = value
        self._telling = value.encode() if len(value) >= _SHORTEST else None

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not to be copied or pickled")

    def reveal(self) -> str:
        """The string."""
        return self._value

    def is_in(self, data: bytes) -> bool:
        """Whether the string is in `data`; one that is too short to tell is in none."""
        return self._telling is not None and self._telling in data

    def masked(self, data: bytes) -> bytes:
        """`data` without the string, should a server have sent it back."""
        if self._telling is None or self._telling not in data:
            return data
        return data.replace(self._telling, MASK.encode())

    def masked_value(self, value: object) -> Any:  # noqa: ANN401 - a JSON value
        """A JSON value without the string, which escapes may have hidden in its text."""
        if isinstance(value, str):
            return value.replace(self._value, MASK) if self._telling is not None else value
        if isinstance(value, list):
            return [self.masked_value(item) for item in cast("Iterable[Any]", value)]
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value).items()
            return {self.masked_value(name): self.masked_value(item) for name, item in members}
        return value
