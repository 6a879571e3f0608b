"""The API key, which must not be seen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any, NoReturn, cast
from weakref import WeakSet

from .fork import Renewed

MASK = "***"
_SHORTEST = 8  # a shorter one, a word perhaps, stands in answers by chance
# Where the HTTP library logs what came, below the reach of a client.
LOGGERS = ("httpx2", *(f"httpcore2.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))


class Secret:
    """A string that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("__weakref__", "_shapes")

    def __init__(self, value: str) -> None:
        # The HTTP library names a bad header in its error, value and all; so it never gets to see one.
        if not value or not value.isascii() or not value.isprintable() or value != value.strip():
            raise ValueError("the API key is empty, or has a character that a header cannot carry")
        # As it is; as a header name may have come; and as `repr` shows it.
        self._shapes = tuple(dict.fromkeys([value, value.lower(), ascii(value)[1:-1]]))
        if len(value) >= _SHORTEST:
            _IN_USE.add(self)
            for name in LOGGERS:
                logging.getLogger(name).addFilter(_mask_record)  # once, however often it is added

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not to be copied or pickled")

    def reveal(self) -> str:
        """The string."""
        return self._shapes[0]

    def masked(self, text: str) -> str:
        """`text` without the string, should a server have sent it back; one too short to tell stays."""
        if self._tells:
            for shape in self._shapes:
                text = text.replace(shape, MASK)
        return text

    def masked_bytes(self, data: bytes) -> bytes:
        """`data` without the string, as in a text."""
        if self._tells:
            for shape in self._shapes:
                data = data.replace(shape.encode(), MASK.encode())
        return data

    def masked_value(self, value: object) -> Any:  # noqa: ANN401 - a JSON value
        """A JSON value without the string, which escapes may have hidden in its text."""
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, list):
            return [self.masked_value(item) for item in cast("Iterable[Any]", value)]
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value).items()
            return {self.masked_value(name): self.masked_value(item) for name, item in members}
        return value

    @property
    def _tells(self) -> bool:
        return len(self._shapes[0]) >= _SHORTEST


class _InUse(Renewed):
    """The keys of all clients of this process."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._secrets: WeakSet[Secret] = WeakSet()

    def add(self, secret: Secret) -> None:
        with self._lock:
            self._secrets.add(secret)

    def all(self) -> list[Secret]:
        with self._lock:
            return list(self._secrets)

    def renew(self) -> None:
        self._lock = threading.Lock()


_IN_USE = _InUse()


def _mask_record(record: logging.LogRecord) -> bool:
    """Take the keys of all clients out of what the HTTP library logs."""
    text = masked = record.getMessage()
    for secret in _IN_USE.all():
        masked = secret.masked(masked)
    if masked != text:
        record.msg, record.args = masked, None
    return True
