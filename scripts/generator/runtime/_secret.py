"""The API key, which nothing that the client shows may contain."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, NoReturn, cast
from weakref import WeakSet

from ._fork import Renewed
from ._spellings import MASK, Spellings

_SHORTEST = 8  # a shorter key, a word perhaps, can stand in a response by chance
_REMEMBERED = 8  # the last keys of a callable: a response may still hold one that was replaced since
_NOT_SENDABLE = "the API key is empty, or has a character that a header cannot carry"
# Where the HTTP library logs what it sent and received, out of reach of a client.
LOGGERS = ("httpx2", *(f"httpcore2.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))


class Key:
    """An API key, as one attempt sends it. Only `reveal` shows it.

    It masks the last keys of its client as well, because a response may still hold one of them.
    """

    __slots__ = ("__weakref__", "_spellings", "_text")

    def __init__(self, text: str = "", before: Key | None = None) -> None:
        self._text = text
        earlier: tuple[Spellings, ...] = () if before is None else before._spellings
        own = (Spellings(text),) if len(text) >= _SHORTEST else ()
        others = tuple(one for one in earlier if one.key != text)
        self._spellings: tuple[Spellings, ...] = (own + others)[:_REMEMBERED]
        _IN_USE.add(self)

    def __repr__(self) -> str:
        return f"Key({MASK})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key cannot be copied or pickled")

    def reveal(self) -> str:
        """The key."""
        return self._text

    def masked(self, text: str) -> str:
        """`text` without the key, however it is spelled. A key too short to recognise stays."""
        for spellings in self._spellings:
            text = spellings.masked(text)
        return text

    def masked_bytes(self, data: bytes) -> bytes:
        """`data` without the key, as in a text."""
        return self.masked(data.decode("latin-1")).encode("latin-1")

    def masked_value(self, value: object) -> Any:  # noqa: ANN401 - a JSON value
        """A JSON value without the key, which escapes may have hidden in its text."""
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, list):
            return [self.masked_value(item) for item in cast("Iterable[Any]", value)]
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value).items()
            return {self.masked_value(name): self.masked_value(item) for name, item in members}
        return value


class Secret:
    """Where a client has its API key from: a string, or a callable that returns the key of an attempt.

    The constructor accepts anything, so that no traceback through it shows the key; `check` raises.
    """

    __slots__ = ("_source", "latest")

    def __init__(self, source: object) -> None:
        self._source = source
        self.latest = Key(source if isinstance(source, str) else "")
        for name in LOGGERS:
            logging.getLogger(name).addFilter(_mask_record)  # it is there once, however often it is added

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key cannot be copied or pickled")

    def check(self) -> None:
        """Check a key that is a string.

        Raises:
            ValueError: The key is empty, or has a character that a header cannot carry.
            TypeError: It is neither a string nor a callable.

        """
        # The HTTP library names a bad header in its error, value and all, so it must never see one.
        if isinstance(self._source, str):
            if not _is_sendable(self._source):
                raise ValueError(_NOT_SENDABLE)
        elif not callable(self._source):
            raise TypeError("token is a string, or a callable that returns one")

    def of_attempt(self) -> Key:
        """The key of the next attempt. What the callable raises comes through.

        Threads that share a client can get different keys. Each sends the one that it got.

        Raises:
            ValueError: The callable returned a key that a header cannot carry.
            TypeError: It returned no string.

        """
        if isinstance(self._source, str):
            return self.latest
        text = cast("Callable[[], Any]", self._source)()
        if not isinstance(text, str):
            kind = type(text).__name__
            if isinstance(text, Coroutine):
                text.close()  # it would warn that it was never awaited
                kind = "coroutine; give a function that is not async"
            del text  # no local of a traceback shows it
            raise TypeError(f"token returned no string, but a value of type {kind}")
        if not _is_sendable(text):
            del text
            raise ValueError(_NOT_SENDABLE)
        latest = self.latest
        if text == latest.reveal():
            return latest
        self.latest = key = Key(text, latest)
        return key


def _is_sendable(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable() and key == key.strip()


class _InUse(Renewed):
    """The keys of all clients of this process."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._keys: WeakSet[Key] = WeakSet()

    def add(self, key: Key) -> None:
        with self._lock:
            self._keys.add(key)

    def all(self) -> list[Key]:
        with self._lock:
            return list(self._keys)

    def renew(self) -> None:
        self._lock = threading.Lock()


_IN_USE = _InUse()


def _mask_record(record: logging.LogRecord) -> bool:
    """Take the keys of all clients out of what the HTTP library logs."""
    text = masked = record.getMessage()
    for key in _IN_USE.all():
        masked = key.masked(masked)
    if masked != text:
        record.msg, record.args = masked, None
    return True
