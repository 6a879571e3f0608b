"""The ways in which a server may write a key that it sends back."""

from __future__ import annotations

import functools
import re
from base64 import b64encode, urlsafe_b64encode

MASK = "***"
_MARKS = "%\\&"  # one of them stands before each escape
_NAMED = {'"': "&quot;", "&": "&amp;", "'": "&apos;", "<": "&lt;", ">": "&gt;"}


class Spellings:
    """A key as it is, in another letter case, escaped for JSON, HTML or a URL, in base64 or hexadecimal."""

    __slots__ = ("_literals", "key")

    def __init__(self, key: str) -> None:
        self.key = key
        literals = [key, ascii(key)[1:-1], key.encode().hex(), *_base64(key.encode())]
        self._literals = tuple(dict.fromkeys(literal.lower() for literal in literals))

    def masked(self, text: str) -> str:
        """`text` without the key."""
        lower = text.lower()
        for literal in self._literals:
            if literal in lower:
                text = re.sub(re.escape(literal), MASK, text, flags=re.IGNORECASE)
        if any(mark in text for mark in _MARKS):
            text = _escaped(self.key).sub(MASK, text)
        return text


def _base64(key: bytes) -> list[str]:
    """What base64 has of the key, whatever stands before and after it."""
    found: list[str] = []
    for before in range(3):
        whole = b"\0" * before + key
        first, last = (before * 8 + 5) // 6, len(whole) * 8 // 6
        found += [encode(whole).decode()[first:last] for encode in (b64encode, urlsafe_b64encode)]
    return found


@functools.lru_cache(8)
def _escaped(key: str) -> re.Pattern[str]:
    """The key with each character as it is, or escaped for JSON, HTML or a URL."""
    return re.compile("".join(map(_character, key)), re.IGNORECASE)


def _character(one: str) -> str:
    code = ord(one)
    # Each repetition is bounded, so that no text takes long to search.
    ways = [
        rf"\\{{0,8}}{re.escape(one)}",
        rf"\\{{1,8}}u{code:04x}",
        rf"%(?:25){{0,3}}{code:02x}",
        rf"&#(?:0{{0,4}}{code}|x0{{0,4}}{code:x});?",
    ]
    if one in _NAMED:
        ways.append(re.escape(_NAMED[one]))
    return f"(?:{'|'.join(ways)})"
