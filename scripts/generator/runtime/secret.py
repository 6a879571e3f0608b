"""The API key, which must not be seen."""

from __future__ import annotations

from typing import NoReturn

MASK = "***"


class Secret:
    """A string that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        # The HTTP library names a bad header in its error, value and all; so it never gets to see one.
        if not value or not value.isascii() or not value.isprintable() or value != value.strip():
            raise ValueError("the API key is empty, or has a character that a header cannot carry")
        self._value = value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not to be copied or pickled")

    def reveal(self) -> str:
        """The string."""
        return self._value

    def is_in(self, data: bytes) -> bool:
        """Whether the string is in `data`."""
        return self._value.encode() in data

    def masked(self, data: bytes) -> bytes:
        """`data` without the string, should a server have sent it back."""
        return data.replace(self._value.encode(), MASK.encode()) if self.is_in(data) else data
