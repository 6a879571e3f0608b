"""Reads the ways in which a target can spell a text: escapes, encodings, look-alikes, invisible characters.

A reading takes time linear in the length of the text. Each spelling is longer than what it stands for, so all
readings of a text together have fewer spellings than the text has characters; and there are at most `NESTED`
readings in each of two ways. No pattern looks twice at a run of backslashes, zeros or letters: runs are taken
whole (`++`), have a bound, or always match.
"""

import functools
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html.entities import html5

NESTED = 10
"""How many spellings of a character may be nested, such as a percent-encoded JSON escape."""
_LONGEST_LIGATURE = 6
"""Into how many characters one is decomposed. What has more, such as U+FDFA with 18, has no Latin letters."""
_UNREAD_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Mn", "Me", "Zl", "Zp", "Zs"})
"""Categories of characters between which a person still reads a word: invisible ones, accents, spaces."""
_BLANK = frozenset("\\\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""More of these: letters and symbols without ink, and the backslash, because a shell reads `\\c` as `c`."""
_READ_ASCII = re.compile(r"[!-\[\]-~]+")
_UNREAD_ASCII = dict.fromkeys([*range(33), 127, ord("\\")])


def _numbered(base: int) -> Callable[[str], str]:
    def read(written: str) -> str:
        number = int(written, base)
        return chr(number) if number <= 0x10FFFF else "\ufffd"

    return read


def _pair(written: str) -> str:
    high, low = int(written[:4], 16), int(written[-4:], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _utf8(written: str) -> str:
    return written.encode("latin-1").decode("utf-8", "replace")


_ANY_CASE = {name.lower(): text for name, text in html5.items()}
"""The named references, for a text whose letter case was changed."""
_NO_SEMICOLON = "|".join(sorted((name for name in html5 if name[-1] != ";"), key=len, reverse=True))


def _named(written: str) -> str:
    return html5.get(written) or _ANY_CASE.get(written.lower()) or html.unescape(f"&{written}")


_WAYS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    # Two halves of a character, `\ud835\udc1c`: JSON, and the old form of URLs.
    ("pair", r"(?:\\++|%)u(?P<pair>d[89ab][0-9a-f]{2}(?:\\++|%)ud[c-f][0-9a-f]{2})", _pair),
    # `\u{63}` and `\x{63}`, also with zeros before: JavaScript, Rust, Perl.
    ("braced", r"\\++[ux]\{0*(?P<braced>[0-9a-f]{1,6})\}", _numbered(16)),
    # `\U00000063`: Python. The letter is a capital one, so `\u000a` with digits behind it is not meant.
    ("long", r"\\++(?-i:U)(?P<long>00(?:0[0-9a-f]|10)[0-9a-f]{4})", _numbered(16)),
    # `\u0063` and `%u0063`: JSON, and the old form of URLs. Hexadecimal digits behind it are text.
    ("four", r"(?:\\++|%)u(?P<four>[0-9a-f]{4})", _numbered(16)),
    # `\x63` and `%63`: Python, a shell, URLs.
    ("two", r"(?:\\++x|%)(?P<two>[0-9a-f]{2})", _numbered(16)),
    # `\143`, `\064` and `\64`: C, Python, a shell. A byte has no more than three digits.
    ("octal", r"\\++(?P<octal>[0-3]?[0-7]{2})", _numbered(8)),
    # `&#x63;` and `&#99;`, also with zeros before and without the semicolon: HTML.
    ("hexadecimal", r"&#x0*(?P<hexadecimal>[0-9a-f]{1,6});?", _numbered(16)),
    ("decimal", r"&#0*(?P<decimal>[0-9]{1,7});?", _numbered(10)),
    # `&lowbar;`, and the old names also without the semicolon: HTML.
    ("named", r"&(?P<named>[a-z][a-z0-9]{1,31};)", _named),
    ("bare", rf"&(?P<bare>{_NO_SEMICOLON})", _named),
    # Each byte of a character read as a character: percent-encoded UTF-8, or a header in Latin-1.
    (
        "bytes",
        r"(?P<bytes>(?-i:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}))",
        _utf8,
    ),
    # `\"`, `\'` and `\/`: JSON, Python.
    ("quoted", r"\\++(?P<quoted>[\"'/])", str),
)
_BLANKS = ("blank", r"\\++(?P<blank>[abefnrtv0])", lambda _: " ")
"""`\\n`, `\\t` and the like: white space in JSON and Python, and in a shell the letter itself."""
_BACKSLASHES = ("backslashes", r"(?P<backslashes>\\{2,})", lambda _: "\\")
"""A backslash that is escaped, any number of times. This is last and takes a run whole, so no run is long."""
_READERS = {name: read for name, _, read in (*_WAYS, _BLANKS, _BACKSLASHES)}


def _compiled(*ways: tuple[str, str, Callable[[str], str]]) -> re.Pattern[str]:
    # Most characters begin no spelling, which the first look tells.
    return re.compile(rf"(?=[\\%&\xc2-\xf4])(?:{'|'.join(pattern for _, pattern, _ in ways)})", re.IGNORECASE)


_WITH_BLANKS = _compiled(*_WAYS, _BLANKS, _BACKSLASHES)
_WITH_LETTERS = _compiled(*_WAYS, _BACKSLASHES)
_BLANK_ESCAPE = re.compile(r"\\[abefnrtv0]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it can be read, and where in the written text each of its characters begins and ends."""

    text: str
    starts: list[int]
    ends: list[int]

    def places(self, found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where in the written text places of the reading are."""
        return [(self.starts[start], self.ends[end - 1]) for start, end in found]

    def places_of_folded(self, found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where in the written text places of the folded reading are. See `fold`."""
        if self.text.isascii():
            kept = [at for run in _READ_ASCII.finditer(self.text) for at in range(*run.span())]
        else:
            kept = [at for at, character in enumerate(self.text) for _ in _fold_character(character)]
        return self.places((kept[start], kept[end - 1] + 1) for start, end in found)


def readings(text: str) -> Iterator[Reading]:
    """The text as it is written, and with its spellings read once, twice and so on until there are none."""
    written = Reading(text, list(range(len(text))), list(range(1, len(text) + 1)))
    yield written
    has_blanks = False
    for spelling in (_WITH_BLANKS, _WITH_LETTERS):
        if spelling is _WITH_LETTERS and not has_blanks:
            return  # it reads the same
        reading = written
        for _ in range(NESTED):
            has_blanks = has_blanks or _BLANK_ESCAPE.search(reading.text) is not None
            before, reading = reading, _read(reading, spelling)
            if reading.text == before.text:
                break
            yield reading


def _read(reading: Reading, spelling: re.Pattern[str]) -> Reading:
    text = reading.text
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in spelling.finditer(text):
        kind = str(match.lastgroup)
        start, end = match.span()
        characters = _READERS[kind](match[kind])
        if kind == "named" and characters == match[0]:
            continue  # HTML has no such name
        pieces += (text[at:start], characters)
        starts += reading.starts[at:start]
        ends += reading.ends[at:start]
        starts += [reading.starts[start]] * len(characters)
        ends += [reading.ends[end - 1]] * len(characters)
        at = end
    pieces.append(text[at:])
    return Reading("".join(pieces), starts + reading.starts[at:], ends + reading.ends[at:])


def lower(text: str) -> str:
    """The text in lower case, with as many characters."""
    found = text.lower()  # some characters become two
    return found if len(found) == len(text) else "".join(each.lower()[:1] for each in text)


def fold(text: str) -> str:
    """The text as a person reads it: without accents, spaces and what is invisible, in the usual letters."""
    if text.isascii():
        return text.lower().translate(_UNREAD_ASCII)
    return "".join(map(_fold_character, text))


@functools.lru_cache(1 << 14)
def _fold_character(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character)
    if len(decomposed) > _LONGEST_LIGATURE:
        return character
    return lower(
        "".join(
            each
            for each in decomposed
            if each not in _BLANK and unicodedata.category(each) not in _UNREAD_CATEGORIES
        )
    )
