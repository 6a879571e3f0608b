"""What a hostile target can send: any status and body, with the keys of the run in any spelling."""

import html
import json
import re
import unicodedata
from collections.abc import Callable
from html.entities import html5
from urllib.parse import quote, unquote

from hypothesis import strategies as st

from conformance.selftest.exchanges import OPERATION

KEY, RESTRICTED_KEY = 'cc_Canary"7Qz9/Lm2X<w8', "cc_Restricted~Canary4Vb6"
STATUSES = [*OPERATION.responses, 201, 204, 301, 302, 405, 409, 413, 415, 418, 502, 503, 599, 999]
NAMES = {text: [name for name in html5 if html5[name] == text] for text in map(chr, range(33, 127))}
"""The names that HTML has for a character."""


def spelled_by(write: str) -> Callable[[str], str]:
    """Spell a character by its number, with a format."""
    return lambda character: write.format(ord(character))


def wide(character: str) -> str:
    """A full-width character."""
    return chr(ord(character) + 0xFEE0)


def named(character: str) -> str:
    """A character by its longest name in HTML, if it has one."""
    return f"&{max(NAMES[character], key=len)}" if NAMES[character] else character


def bare(character: str) -> str:
    """A character by a name that needs no semicolon in HTML, if it has one."""
    return next((f"&{name}" for name in NAMES[character] if name[-1] != ";"), character)


def bold(character: str) -> str:
    """A bold letter of mathematics, as JSON without other characters than ASCII has it."""
    if not character.islower():
        return character
    return json.dumps(unicodedata.lookup(f"MATHEMATICAL BOLD SMALL {character}"))[1:-1]


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.lower,
    *map(
        spelled_by,
        (
            *("\\u{:04x}", "\\u{:04X}", "\\\\u{:04x}", "%u{:04x}", "\\U{:08x}", "\\\\u{:04X}"),
            *(
                "\\u{{{:x}}}",
                "\\u{{{:08x}}}",
                "\\x{{{:x}}}",
                "\\x{:02x}",
                "\\x{:02X}",
                "\\{:03o}",
                "\\{:02o}",
            ),
            *(
                "%{:02x}",
                "%{:02X}",
                "%25{:02x}",
                "%252525{:02x}",
                "\\u0025{:02x}",
                "%5Cu{:04x}",
                "&#37;{:02x}",
            ),
            *("&#{};", "&#{}", "&#000{};", "&#x{:x};", "&#X{:X};", "&#x{:04x}", "&#x000{:x};", "&amp;#{};"),
            *("&amp;amp;amp;#x{:x};", "%26%2338;#{};"),
        ),
    ),
    named,
    bare,
    bold,
    wide,
    lambda character: quote(wide(character)),
    lambda character: json.dumps(wide(character))[1:-1],
    lambda character: repr(wide(character).encode())[2:-1],
    lambda character: f"&#{ord(wide(character))};",
)
"""How one character of a key can be written."""
BETWEEN = (
    *("", "", "", "", " ", "\t", "\n", "\r\n", "\xa0", "\xad", "\u200b", "\u2060", "\u0301", "\0"),
    *(
        "\u3164",
        "\u1160",
        "\uffa0",
        "\u2800",
        "\\n",
        "\\t",
        "\\r\\n",
        "\\\\n",
        "\\u000a",
        "\\u200b",
        "\\x20",
        "\\40",
    ),
    *("%20", "%0A", "%E2%80%8B", "%2520", "&nbsp;", "&shy;", "&Tab;", "&NewLine;", "&ZeroWidthSpace;"),
    *("&InvisibleComma;", "&#8203;", "&#x200B;", "&amp;nbsp;"),
)
"""What can stand between two characters so that a person still reads the key."""


@st.composite
def mixed(draw: st.DrawFn, key: str) -> str:
    """A key with each of its characters, and what is between them, in a spelling of its own."""
    pieces: list[str] = []
    for character in key:
        pieces += [draw(st.sampled_from(SPELLINGS))(character), draw(st.sampled_from(BETWEEN))]
    pieces = [piece for piece in pieces[:-1] if piece]
    # A reference without its semicolon ends where no digit follows.
    return "".join(
        f"{piece};"
        if re.search(r"&#x?[0-9a-f]+$", piece, re.IGNORECASE) and after[0] in HEXADECIMAL
        else piece
        for piece, after in zip(pieces, [*pieces[1:], "-"], strict=True)
    )


HEXADECIMAL = frozenset("0123456789abcdefABCDEF;")


def spellings(key: str) -> list[str]:
    """A key as a target could send it, all of it in one spelling."""
    escaped = "".join(f"\\u{ord(each):04x}" for each in key)
    referenced = "".join(f"&#{ord(each)};" for each in key)
    return [
        key,
        key.upper(),
        key[:-1],
        key[2:],
        quote(key, safe=""),
        json.dumps(key)[1:-1],
        escaped,
        referenced,
    ]


KEYS = st.sampled_from([*spellings(KEY), *spellings(RESTRICTED_KEY)]) | mixed(KEY) | mixed(RESTRICTED_KEY)
TEXTS = (
    st.text(max_size=30)
    | KEYS
    | st.sampled_from(["::error::", " ::error::", "\x1b[2J", "\r\nCONFORMS", "\u202e", "NOT_FOUND"])
)
DOCUMENTED = {status: each.example for status, each in OPERATION.responses.items()}


@st.composite
def contents(draw: st.DrawFn, status: int) -> bytes:
    """A body: the documented one with any text in it, other JSON, bytes, a page, or a very long one."""
    kind = draw(st.sampled_from(["documented", "documented", "json", "bytes", "page", "long", "deep"]))
    if kind == "documented":
        value = dict(DOCUMENTED.get(status) or {"message": "m", "code": "c"})
        value[draw(st.sampled_from(sorted(value)))] = draw(
            TEXTS | st.none() | st.integers() | st.lists(TEXTS)
        )
        return json.dumps(value).encode()
    if kind == "json":
        return json.dumps(
            draw(st.dictionaries(TEXTS, TEXTS, max_size=3) | st.lists(TEXTS, max_size=3))
        ).encode()
    if kind == "page":
        return f"<html>{draw(TEXTS)}</html>".encode("utf-8", "replace")
    if kind == "long":
        return (draw(TEXTS).encode("utf-8", "replace") or b"x") * 200
    return b"[" * 3000 if kind == "deep" else draw(st.binary(max_size=60))


def assert_no_key(*texts: str) -> None:
    """No text has a key in any spelling, nor after its escapes were read, in any order."""
    for text in texts:
        for read in readings(text):
            assert not [key for key in (KEY, RESTRICTED_KEY) if _bare(key) in read]


def readings(text: str) -> list[str]:
    """A text without what a person reads over: as it is, and with its escapes read until there are none."""
    found, before = [_bare(text)], ""
    while text != before:
        before = text
        for read in (unquote, html.unescape, _unescape):
            text = read(text)
        found.append(_bare(text))
    return found


def _bare(text: str) -> str:
    return re.sub(r"[^!-\[\]-~]", "", unicodedata.normalize("NFKD", text)).lower()


def _unescape(text: str) -> str:
    text = re.sub(r"\\+[ntr]|\\+(?=\\)", " ", text)
    text = re.sub(r"\\+[ux]\{([0-9a-f]{1,8})\}", _character, text)
    text = re.sub(r"\\+U([0-9a-f]{8})", _character, text)
    text = re.sub(r"(?:\\+|%)u([0-9a-fA-F]{4})", _character, text)
    text = re.sub(r"\\+x([0-9a-fA-F]{2})", _character, text)
    return re.sub(r"\\+([0-7]{2,3})", lambda match: chr(int(match[1], 8)), text)


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number <= 0x10FFFF else ""
