"""Text that a target sent, made safe to show: keys masked, special characters escaped, long text cut.

Every text that a target can influence passes through `Secrets.show` before a terminal, a log or a report gets
it.
"""

import functools
import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

MASK = "[masked]"
SHORTEST_PIECE = 8
"""A piece of a secret with so many characters is masked. A shorter secret is masked where it is whole."""
LONGEST_SHOWN = 400
"""How many characters of a text are shown."""
_LAYERS = 3
"""How many spellings may be nested, such as a percent-encoded JSON escape."""
_SPELLING = re.compile(
    r"\\+u\{(?P<braced>[0-9a-f]{1,6})\}|\\+u(?P<long>00(?:0[0-9a-f]|10)[0-9a-f]{4})"
    r"|(?:\\+|%)u(?P<u>[0-9a-f]{4,6})|(?:\\+x|%)(?P<x>[0-9a-f]{2})|\\+(?P<octal>[0-7]{3})"
    r"|&#x0*(?P<hex>[0-9a-f]{1,6});?|&#0*(?P<dec>[0-9]{1,7});?|(?P<entity>&[a-z]{2,8};)|\\+(?P<plain>[\"'\\/])",
    re.IGNORECASE,
)
"""The spellings of one character in JSON, Python, a shell, a URL and HTML."""
_BASES = {"braced": 16, "long": 16, "u": 16, "x": 16, "octal": 8, "hex": 16, "dec": 10}
_UNREAD = frozenset({"Cc", "Cf", "Mn", "Me", "Zl", "Zp", "Zs"})
"""Categories of characters between which a person still reads a word: invisible ones, accents, spaces."""
_UNREAD_ASCII = dict.fromkeys([*range(33), 127, ord("\\")])
_COMMAND = re.compile(r"^(\s*):(?=:)|#(?=#\w*\[)")
"""What a CI system could take for a command: `::` at the start of a line, `##[` or `##vso[` anywhere."""
_MARKS = (
    (b"\xef\xbb\xbf", "a byte order mark", "utf-8"),
    (b"\xff\xfe\0\0", "a UTF-32 mark", "utf-32-le"),
    (b"\0\0\xfe\xff", "a UTF-32 mark", "utf-32-be"),
    (b"\xff\xfe", "a UTF-16 mark", "utf-16-le"),
    (b"\xfe\xff", "a UTF-16 mark", "utf-16-be"),
)
_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
"""A control character, or what an undecodable byte is read as."""
_SHORTEST_BINARY = 16
"""Bytes of a body that can be called binary. Fewer are shown."""


class Secrets:
    """The values that no output may show."""

    def __init__(self, values: Iterable[str | None]) -> None:
        # A secret that has something like an escape in it is read like the text around it.
        self._values = {reading for value in values if value for reading, _ in _readings(value)}
        self._folded = {_fold(value) for value in self._values if len(_fold(value)) >= SHORTEST_PIECE}

    def __repr__(self) -> str:
        """Show no value."""
        return f"{type(self).__name__}({len(self._values)} values)"

    def mask(self, text: str) -> str:
        """The text without the secrets: whole or a long piece, in any case, escaped or encoded.

        Percent-encoding, the escapes of JSON, Python and a shell, and the references of HTML are read. So are
        look-alikes, such as full-width letters, and characters with accents, spaces or invisible characters
        between them.
        """
        spans: list[tuple[int, int]] = []
        for characters, places in _readings(text):
            spans += _find_all(self._values, characters, places)
            folded = _fold(characters)
            if folded != characters and any(True for value in self._folded for _ in _find(value, folded)):
                spans += _find_all(self._folded, *_folded_places(characters, places))
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
    """The text in one line, as `visible` has it, without what a CI system takes for a command."""
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


def visible_lines(text: str) -> str:
    """The text as `visible` has it, with its line ends."""
    return "\n".join(map(visible, text.split("\n")))


def describe_body(content: bytes, content_coding: str = "") -> tuple[str, str]:
    """What is unusual about the bytes of a body, or nothing, and the text of their beginning.

    Args:
        content: the body.
        content_coding: the value of its header Content-Encoding.

    """
    claimed = content_coding.strip().lower()
    found = next((name for magic, name in _MAGIC if content.startswith(magic)), "")
    if claimed in {"", "identity"} and not found:
        return _describe_decoded(content)
    coding = found or claimed
    if content.lstrip()[:1] in {b"{", b"[", b"<"} and not _noise(content):
        return f"its header says {coding}, which the body is not", _describe_decoded(content)[1]
    note = f"the body is {coding}, which the request did not accept"
    return note, f"({len(content)} bytes of {coding})" if content else ""


def _describe_decoded(content: bytes) -> tuple[str, str]:
    for mark, name, encoding in _MARKS:
        if content.startswith(mark):
            return f"the body begins with {name}", _decode(content[len(mark) :], encoding)
    if len(content) >= _SHORTEST_BINARY and _noise(content) > 1 / 4:
        return "the body is binary", f"({len(content)} bytes)"
    return "", _decode(content)


def _noise(content: bytes) -> float:
    """Which part of the beginning of a body is no text."""
    text = content[: 8 * LONGEST_SHOWN].decode("utf-8", "replace")
    return len(_NO_TEXT.findall(text)) / len(text)


def _decode(content: bytes, encoding: str = "utf-8") -> str:
    return content[: 8 * LONGEST_SHOWN].decode(encoding, "backslashreplace")


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


def _fold(text: str) -> str:
    """The text as a person reads it: without accents, spaces and what is invisible, in the usual letters."""
    if text.isascii():
        return text.translate(_UNREAD_ASCII)
    decomposed = unicodedata.normalize("NFKD", text)
    return _lower("".join(each for each in decomposed if unicodedata.category(each) not in _UNREAD)).replace(
        "\\", ""
    )


def _folded_places(text: str, places: Places) -> tuple[str, Places]:
    """The folded text, and the place of each of its characters."""
    folded = [
        (character, place) for each, place in zip(text, places, strict=True) for character in _fold(each)
    ]
    return "".join(character for character, _ in folded), [place for _, place in folded]


def _find_all(values: Iterable[str], text: str, places: Places) -> Iterable[tuple[int, int]]:
    """Where in the text with these places one of the values is."""
    return [(places[start][0], places[end - 1][1]) for value in values for start, end in _find(value, text)]


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
    """The spans in order. Those that overlap are one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
