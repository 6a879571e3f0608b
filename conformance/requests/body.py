"""What the bytes of a body say: its JSON value, and what about it is documented nowhere."""

import json
from collections.abc import Sequence
from typing import Any

from .request import NO_JSON, Request, is_deep, read_json

LARGEST_DOCUMENTED = 10_000
"""Bytes; nothing is documented about larger bodies."""
DEEPEST_DOCUMENTED = 60
"""Levels; nothing is documented about JSON that is nested deeper. A parser may limit them (RFC 8259, 9)."""
GUARDED = {"__proto__", "constructor", "prototype"}
"""Names of properties that parsers guard against. Nothing is documented about them."""


def media_type_of(request: Request) -> tuple[str | None, str]:
    """The media type of a body, and its parameters."""
    header = request.header("content-type")
    if header is None:
        return None, ""
    essence, _, parameters = header.partition(";")
    return essence.strip().lower(), parameters.strip().lower()


def read_body(content: bytes) -> tuple[Any, bool]:
    """The value of a body, and whether nothing is documented about such a body."""
    if len(content) > LARGEST_DOCUMENTED or content.startswith(b"\xef\xbb\xbf"):
        return NO_JSON, True
    value = read_json(content)
    replaced = content.decode("utf-8", "replace").encode()
    if replaced != content:  # some parsers replace a byte that is not UTF-8
        return value, read_json(replaced) is not NO_JSON
    is_too_deep = value is not NO_JSON and is_deep(content, DEEPEST_DOCUMENTED)
    return value, is_too_deep or _has_doubtful_names(content)


def has_lone_surrogate(content: bytes, value: object) -> bool:
    """Whether a string has half of a surrogate pair, which no rule covers (RFC 8259, 8.2)."""
    if b"\\u" not in content:
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _has_doubtful_names(content: bytes) -> bool:
    """Whether an object has a name twice, or a name that parsers guard against."""
    doubtful = False

    def count(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubtful
        names = {name for name, _ in pairs}
        doubtful = doubtful or len(names) < len(pairs) or not names.isdisjoint(GUARDED)
        return dict(pairs)

    try:
        json.loads(content, object_pairs_hook=count)
    except RecursionError:
        return True
    except ValueError:
        return False
    return doubtful


def writes_unusually(content: bytes, value: object, fields: Sequence[str]) -> bool:
    """Whether the text of an object is another one than JSON libraries write."""
    if not isinstance(value, dict):
        return False
    if [name for name in value if name in fields] != [name for name in fields if name in value]:
        return True
    text = content.decode("utf-8")
    try:
        return all(
            text != json.dumps(value, ensure_ascii=ensure_ascii, separators=separators)
            for ensure_ascii in (True, False)
            for separators in ((", ", ": "), (",", ":"))
        )
    except RecursionError:
        return False
