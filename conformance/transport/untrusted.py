"""Text that a target sent, made safe to show: keys masked, special characters escaped, long text cut.

Every text that a target can influence passes through `Secrets.show` before a terminal, a log or a report gets
it.
"""

import re
from collections.abc import Collection, Iterable

from .spellings import fold, lower, readings

MASK = "[masked]"
SHORTEST_PIECE = 8
"""A piece of a secret with so many characters is masked. A shorter secret is masked where it is whole."""
LONGEST_SHOWN = 400
"""How many characters of a text are shown."""
_COMMAND = re.compile(r"(?:^|(?<=\s)):(?=:)|#(?=#\w*\[)")
"""What a CI system could take for a command: `::` where a line could begin, `##[` or `##vso[` anywhere."""
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

    def __init__(self, values: Iterable[str | None], doubtful: Iterable[str] = (), public: str = "") -> None:
        """Prepare to mask.

        Args:
            values: the secrets.
            doubtful: values that may be no secrets. One that is shorter than `SHORTEST_PIECE` is none, nor is
                a piece that `public` has.
            public: text that no doubtful value masks.

        """
        # A secret that has something like an escape in it is read like the text around it.
        known = _spelled(value for value in values if value)
        others = set(_long(_spelled(doubtful)))
        self._count = len(known | others)
        self._folded = _pieces(_long(map(fold, known))) | _pieces(_long(map(fold, others)), fold(public))
        # A piece that is folded stands in a folded text wherever it stands in the text.
        self._pieces = (_pieces(known) | _pieces(others, lower(public))) - self._folded

    def __repr__(self) -> str:
        """Show no value."""
        return f"{type(self).__name__}({self._count} values)"

    def mask(self, text: str) -> str:
        """The text without the secrets: whole or a long piece, in any case, escaped or encoded.

        Percent-encoding, the escapes of JSON, Python and a shell, and the references of HTML are read, also
        nested and mixed. So are look-alikes, such as full-width letters, and characters with accents, spaces
        or invisible characters between them.
        """
        spans: list[tuple[int, int]] = []
        for reading in readings(text):
            spans += reading.places(_find(self._pieces, lower(reading.text)))
            if found := _find(self._folded, fold(reading.text)):
                spans += reading.places_of_folded(found)
        shown, at = [], 0
        for start, end in _merge(spans):
            shown += [text[at:start], MASK]
            at = end
        return "".join(shown) + text[at:]

    def show(self, text: str, longest: int = LONGEST_SHOWN) -> str:
        """The text in one line that is safe to print: masked, escaped, and cut to a readable length."""
        # The first cut is far behind the second one, so no beginning of a secret remains at the end.
        shown = escape(self.mask(text[: 8 * longest])[: longest + 1])
        cut = len(shown) > longest or len(text) > 8 * longest
        return shown[:longest] + ("…" if cut else "")


def escape(text: str) -> str:
    """The text in one line, as `visible` has it, without what a CI system takes for a command."""
    return disarm(visible(text))


def disarm(line: str) -> str:
    """A printable line without what a CI system takes for a command, also if it is broken at white space."""
    return _COMMAND.sub(lambda found: "\\x3a" if found[0] == ":" else "\\x23", line)


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


def _spelled(values: Iterable[str]) -> set[str]:
    """The values in lower case, as they are and with their spellings read."""
    return {lower(reading.text) for value in values for reading in readings(value)}


def _long(values: Iterable[str]) -> Iterable[str]:
    return (value for value in values if len(value) >= SHORTEST_PIECE)


def _pieces(values: Iterable[str], public: str = "") -> frozenset[str]:
    """What is looked for: each piece that is long enough, and a short value whole."""
    found = set()
    for value in values:
        length = min(SHORTEST_PIECE, len(value))
        found |= {value[at : at + length] for at in range(len(value) - length + 1)}
    # The space after `Bearer` is not secret.
    return frozenset(piece for piece in found if piece == piece.strip() and piece not in public)


def _find(pieces: Collection[str], text: str) -> list[tuple[int, int]]:
    """Where the text has pieces. Those that overlap can be one place."""
    found: list[tuple[int, int]] = []
    there = [piece for piece in pieces if piece in text]
    for length in {len(piece) for piece in there}:
        known = {piece for piece in there if len(piece) == length}
        any_piece = re.compile("|".join(map(re.escape, known)))
        at = 0
        while match := any_piece.search(text, at):
            at = match.start() + 1
            while text[at : at + length] in known:  # a secret has one piece behind the other
                at += 1
            found.append((match.start(), at + length - 1))
    return found


def _merge(spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The spans in order. Those that overlap are one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
