"""Text that a target sent, made safe to show: keys masked, special characters escaped, long text cut.

Every text that a target can influence passes through `Secrets.show` before a terminal, a log or a report gets
it.
"""

import functools
import html
import re
from collections.abc import Iterable, Sequence

MASK = "[masked]"
SHORTEST_PIECE = 8
"""A piece of a secret with so many characters is masked. A shorter secret is masked where it is whole."""
LONGEST_SHOWN = 400
"""How many characters of a text are shown."""
_LAYERS = 3
"""How many spellings may be nested, such as a percent-encoded JSON escape."""
_SPELLING = re.compile(
    r"\\+u\{?(?P<u>[0-9a-f]{4,6})\}?|(?:\\+x|%)(?P<x>[0-9a-f]{2})|\\+(?P<octal>[0-7]{3})"
    r"|&#x0*(?P<hex>[0-9a-f]{1,6});?|&#0*(?P<dec>[0-9]{1,7});?|(?P<entity>&[a-z]{2,8};)|\\+(?P<plain>[\"'\\/])",
    re.IGNORECASE,
)
"""The spellings of one character in JSON, Python, a shell, a URL and HTML."""
_BASES = {"u": 16, "x": 16, "octal": 8, "hex": 16, "dec": 10}
_COMMAND = re.compile(r"^(\s*):(?=:)|#(?=#\w*\[)")
"""What a CI system could take for a command: `::` at the start of a line, `##[` or `##vso[` anywhere."""
_MARKS = (
    (b"\xef\xbb\xbf", "a byte order mark"),
    (b"\xff\xfe", "a UTF-16 mark"),
    (b"\xfe\xff", "a UTF-16 mark"),
)
_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))


class Secrets:
    """The values that no output may show."""

    def __init__(self, values: Iterable[str | None]) -> None:
        # A secret that has something like an escape in it is read like the text around it.
        self._values = {reading for value in values if value for reading, _ in _readings(value)}

    def __repr__(self) -> str:
        """Show no value."""
        return f"{type(self).__name__}({len(self._values)} values)"

    def mask(self, text: str) -> str:
        """The text without the secrets: whole or a long piece, in any case, escaped or encoded.

        Percent-encoding, the escapes of JSON, Python and a shell, and the references of HTML are read.
        """
        spans: list[tuple[int, int]] = []
        for characters, places in _readings(text):
            for value in self._values:
                spans += [(places[start][0], places[end - 1][1]) for start, end in _find(value, characters)]
        shown, at = [], 0
        for start, end in _merge(spans):
            shown += [text[at:start], MASK]
            at = end
        return "".join(shown) + text[at:]

    def show(self, text: str, longest: int = LONGEST_SHOWN) -> str:
        """The text in one line that is safe to print: masked, escaped, and cut to a readable length."""
        # The first cut is far behind the second one, so no beginning of a secret remains at the end.
        masked = self.mask(text[: 8 * longest])
        cut = len(masked) > longest or len(text) > 8 * longest
        return escape(masked[:longest]) + ("…" if cut else "")


def escape(text: str) -> str:
    """The text in one line, of which a CI system takes nothing for a command. See `visible`."""
    return _COMMAND.sub(
        lambda found: (found[1] or "") + ("\\x3a" if ":" in found[0] else "\\x23"), visible(text)
    )


def visible(text: str) -> str:
    """The text with an escape in place of each character that a terminal or a page would act on or hide.

    These are control and format characters, separators, surrogates and unassigned ones.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def describe_body(content: bytes, content_coding: str = "") -> tuple[str, str]:
    """What is unusual about the bytes of a body, or nothing, and the text of their beginning."""
    coding = content_coding.strip().lower()
    if coding in {"", "identity"}:
        coding = next((name for magic, name in _MAGIC if content.startswith(magic)), "")
    if coding:
        note = f"the body is {coding}, which the request did not accept"
        return note, f"({len(content)} bytes of {coding})" if content else ""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return f"the body begins with {name}", _decode(content[len(mark) :])
    return "", _decode(content)


def _decode(content: bytes) -> str:
    return content[: 8 * LONGEST_SHOWN].decode("utf-8", "backslashreplace")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


Places = Sequence[tuple[int, int]]


def _readings(text: str) -> Iterable[tuple[str, Places]]:
    """The text in lower case, as it is and with its spellings read, and the place of each character."""
    characters, places = _lower(text), [(at, at + 1) for at in range(len(text))]
    yield characters, places
    for _ in range(_LAYERS):
        if not _SPELLING.search(characters):
            return
        characters, places = _read(characters, places)
        yield characters, places


def _lower(text: str) -> str:
    lower = text.lower()  # some characters become two
    return lower if len(lower) == len(text) else "".join(each.lower()[:1] for each in text)


def _read(text: str, places: Places) -> tuple[str, list[tuple[int, int]]]:
    characters: list[str] = []
    found: list[tuple[int, int]] = []
    at = 0
    for match in _SPELLING.finditer(text):
        start, end = match.span()
        characters.append(text[at:start] + _character(match))
        found += [*places[at:start], (places[start][0], places[end - 1][1])]
        at = end
    return "".join(characters) + text[at:], [*found, *places[at:]]


def _character(match: re.Match[str]) -> str:
    """The one character that a spelling stands for."""
    kind = str(match.lastgroup)
    written = match[kind]
    if kind == "plain":
        return written
    if kind == "entity":
        return _lower(html.unescape(written))[:1]
    number = int(written, _BASES[kind])
    return _lower(chr(number)) if number <= 0x10FFFF else "\ufffd"


def _find(value: str, text: str) -> Iterable[tuple[int, int]]:
    """Where a text has the value, or a piece of it that is long enough."""
    length = min(SHORTEST_PIECE, len(value))
    for piece in _pieces(value, length):
        start = text.find(piece)
        while start >= 0:
            yield start, start + length
            start = text.find(piece, start + 1)


@functools.lru_cache
def _pieces(value: str, length: int) -> tuple[str, ...]:
    pieces = dict.fromkeys(value[at : at + length] for at in range(len(value) - length + 1))
    return tuple(
        piece for piece in pieces if piece == piece.strip()
    )  # the space after `Bearer` is not secret


def _merge(spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The spans in order, those that touch or overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
