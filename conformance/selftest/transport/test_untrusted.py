"""What a target sent is shown in one line of printable text, without a key."""

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.selftest.hostile import mixed
from conformance.transport.untrusted import MASK, Secrets, describe_body, escape

HEXADECIMAL = "cc_0a1b2c3d4e5f60718293"
"""A key whose characters go on where an escape ends."""
KEYS = ["cc_Unusual+'\"\\/Key<&>1", "cc_other-Key%7E"]
SECRETS = Secrets([*KEYS, None, ""])


def each(write: Callable[[int], str]) -> Callable[[str], str]:
    """Spell every character of a text by its number."""
    return lambda text: "".join(write(ord(character)) for character in text)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper case": str.upper,
    "swapped case": str.swapcase,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, solidus": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "Python": lambda text: repr(text)[1:-1],
    "URL": lambda text: quote(text, safe=""),
    "URL, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "HTML": html.escape,
    "JSON of HTML": lambda text: json.dumps(html.escape(text))[1:-1],
    "all JSON": each(lambda number: f"\\u{number:04x}"),
    "all JSON in JSON": each(lambda number: f"\\\\u{number:04X}"),
    "all JavaScript": each(lambda number: f"\\u{{{number:05x}}}"),
    "all Python": each(lambda number: f"\\x{number:02x}"),
    "all octal": each(lambda number: f"\\{number:03o}"),
    "all URL": each(lambda number: f"%{number:02x}"),
    "all HTML": each(lambda number: f"&#{number};"),
    "all HTML, hexadecimal": each(lambda number: f"&#x{number:04X}"),
    "all JavaScript, short": each(lambda number: f"\\u{{{number:x}}}"),
    "all Python, long": each(lambda number: f"\\U{number:08x}"),
    "all of old URLs": each(lambda number: f"%u{number:04x}"),
    "full width": each(lambda number: chr(number + 0xFEE0)),
    "spaced": " ".join,
    "on lines": "\n".join,
    "zero width": "\u200b".join,
    "UTF-16": "\0".join,
    "struck out": "\u0336".join,
    "quoted": each(lambda number: f"\\{chr(number)}"),
}
PIECES = {
    "whole": slice(None),
    "no first": slice(1, None),
    "no prefix": slice(3, None),
    "no last": slice(-1),
    "the beginning": slice(9),
    "the end": slice(-9, None),
    "the middle": slice(4, -2),
}


@pytest.mark.parametrize("key", KEYS, ids=["odd", "encoded"])
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_secrets_are_masked_in_every_spelling(key: str, piece: slice, spell: Callable[[str], str]) -> None:
    """A key or a long piece of it is masked in any case, escaped and encoded; the text around it stays."""
    written = spell(key[piece])
    masked = SECRETS.mask(f"before {written} after")
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert MASK in masked
    assert spell(key[7:9]) not in masked
    assert len(masked) <= len("before  after") + len(MASK) + 2


@pytest.mark.parametrize("key", [HEXADECIMAL, *KEYS], ids=["hexadecimal", "odd", "encoded"])
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_secrets_are_masked_with_a_spelling_for_each_character(key: str, data: st.DataObject) -> None:
    """The key is masked if each character is spelled differently, with invisible characters in between."""
    start = data.draw(st.integers(0, len(key) - 8))
    length = data.draw(st.integers(8, len(key)))
    # A piece of the others has fewer than eight characters when what is like an escape in it is read.
    pieces = [key, key[start : start + length]] if key == HEXADECIMAL else [key]
    for piece in pieces:
        written = data.draw(mixed(piece))
        assert Secrets([key]).mask(f"is {written} or") == f"is {MASK} or"


@pytest.mark.parametrize(
    "written",
    [
        "".join(each if at % 2 else f"\\u{ord(each):04x}" for at, each in enumerate(HEXADECIMAL)),
        "".join(each if at % 2 else f"%u{ord(each):04X}" for at, each in enumerate(HEXADECIMAL)),
        "".join(each if at % 2 else f"\\u0025{ord(each):02x}" for at, each in enumerate(HEXADECIMAL)),
        "\\u000a".join(HEXADECIMAL),
        HEXADECIMAL.replace("b", "\\tb"),
        HEXADECIMAL.replace("b", "&ZeroWidthSpace;b"),
        HEXADECIMAL.replace("b", "&NewLine;b"),
        HEXADECIMAL.replace("_", "&UnderBar;"),
        HEXADECIMAL.replace("_", "&lowbar;").upper(),
        HEXADECIMAL.replace("0", "\\60").replace("4", "\\64"),
        quote("".join(chr(ord(each) + 0xFEE0) for each in HEXADECIMAL)),
        "\u3164".join(HEXADECIMAL),
        "\u1160".join(HEXADECIMAL),
        "\uffa0".join(HEXADECIMAL),
        "\u2800".join(HEXADECIMAL),
        "".join(f"%2525252525252525{ord(each):02x}" for each in HEXADECIMAL),
        "".join(f"&amp;amp;amp;amp;amp;#{ord(each)};" for each in HEXADECIMAL),
        json.dumps(json.dumps(json.dumps(json.dumps("\n".join(HEXADECIMAL))))).strip('\\"'),
    ],
)
def test_secrets_are_masked_where_spellings_meet(written: str) -> None:
    """An escape ends where its digits end, and nested ones are read to the end."""
    masked = Secrets([HEXADECIMAL]).mask(f"before {written} after")
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert masked.count(MASK) == 1
    assert len(masked) <= len("before  after") + len(MASK) + len("\\\\\\\\\\\\\\\\n")


def test_secrets_nested_deeper_than_promised_are_not_found() -> None:
    """SECURITY.md says how many spellings in each other are read."""
    for levels, is_found in ((9, True), (10, False)):
        written = "".join(f"%{'25' * levels}{ord(each):02x}" for each in HEXADECIMAL)
        assert (Secrets([HEXADECIMAL]).mask(written) == MASK) is is_found


NESTED = "%" + "25" * 10 + "63"
HOSTILE = {  # how a text begins, and what it goes on with
    "backslashes": ("", "\\"),
    "escaped letters": ("", "\\n"),
    "percent signs": ("", "%"),
    "encoded percent signs": ("", "%25"),
    "percent signs in each other": ("%", "25"),
    "beginnings of references": ("", "&#"),
    "zeros in a decimal reference": ("&#", "0"),
    "zeros in a hexadecimal reference": ("&#x", "0"),
    "zeros in braces": ("\\u{", "0"),
    "beginnings of names": ("", "&a"),
    "ligatures": ("", "\ufdfa"),
    "ligatures and nested escapes": ("", "\ufdfb" * 6 + NESTED + "\\n"),
    "nested escapes": ("", NESTED),
    "nested references": ("", "&" + "amp;" * 11),
    "bytes": ("", "\xef\xbd\x83"),
    "keys": ("", HEXADECIMAL),
    "keys and nested escapes": ("", HEXADECIMAL + NESTED + "\\n"),
}


@pytest.mark.parametrize(("start", "unit"), HOSTILE.values(), ids=HOSTILE)
def test_secrets_are_masked_in_linear_time(start: str, unit: str) -> None:
    """No text of the length of a response body takes much longer than another."""
    text = start + unit * (256 * 1024 // len(unit))
    secrets, began = Secrets([HEXADECIMAL, *KEYS]), time.process_time()
    assert HEXADECIMAL not in secrets.mask(text)
    assert time.process_time() - began < 10  # most take less than half a second


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cc_ key",
        "\\u0063\\",
        "100 % &amp; &nothing; %zz &#99999999; \\u{110000}",
        "İstanbul",
        "a" * 10_000,
    ],
)
def test_secrets_leave_other_text_as_it_is(text: str) -> None:
    """Text without a key stays the same, whatever escapes it has."""
    assert SECRETS.mask(text) == text


def test_secrets_are_found_beside_characters_of_another_length() -> None:
    """A character that becomes two in lower case does not move the mask."""
    assert SECRETS.mask(f"İİ{KEYS[1]}İ") == f"İİ{MASK}İ"


def test_secrets_that_are_short_are_masked_where_they_are_whole() -> None:
    """A short key has no piece that differs from other text."""
    assert Secrets(["cc_ab"]).mask("ab cc_ab cc_a") == "ab [masked] cc_a"
    assert Secrets([]).mask("anything") == "anything"


def test_secrets_side_by_side_are_masked_each() -> None:
    """Two keys in a row are two masks, with what stands between them."""
    assert SECRETS.mask(f"{KEYS[0]}0,{KEYS[0]}") == "[masked]0,[masked]"


def test_secrets_do_not_show_in_a_repr() -> None:
    """A traceback with local variables shows no key."""
    assert repr(SECRETS) == "Secrets(4 values)"


def test_secrets_reversed_or_in_base64_are_not_found() -> None:
    """SECURITY.md says that these spellings are not masked."""
    for written in (KEYS[0][::-1], base64.b64encode(KEYS[0].encode()).decode()):
        assert SECRETS.mask(written) == written


@given(text=st.text(max_size=60), key=st.sampled_from(KEYS), spell=st.sampled_from([*SPELLINGS.values()]))
def test_shown_text_is_one_printable_line_without_a_key(
    text: str, key: str, spell: Callable[[str], str]
) -> None:
    """What is shown is printable, bounded, no command of a CI system, and has no key."""
    shown = SECRETS.show(f"{text}{spell(key)}{text}", longest=100)
    assert shown.isprintable()
    assert len(shown) <= 100 + 1
    assert not any(word.startswith("::") for word in shown.split())
    assert key[4:13].lower() not in shown.lower()
    shown.encode()  # no surrogate is left


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x\r\nCONFORMS", "x\\r\\nCONFORMS"),
        ("\x1b[2J\x07\x9b", "\\x1b[2J\\x07\\x9b"),
        ("\u202e\u200b\ufeff\u2028", "\\u202e\\u200b\\ufeff\\u2028"),
        ("\ud83d", "\\ud83d"),
        ("a\xa0b", "a\\xa0b"),
        ("::error::x", "\\x3a:error::x"),
        ("  ::error::x", "  \\x3a:error::x"),
        ("x ::error::x", "x \\x3a:error::x"),
        ("x\n::error::x", "x\\n::error::x"),
        ("a::b ::: c", "a::b \\x3a:: c"),
        ("a ##[group]x ##vso[task]y # #", "a \\x23#[group]x \\x23#vso[task]y # #"),
        ("über 日本 🙂", "über 日本 🙂"),
    ],
)
def test_escaped_text_is_one_line_that_no_program_obeys(text: str, shown: str) -> None:
    """Control characters, line ends, surrogates and commands of a CI system are escaped."""
    assert shown == escape(text)


def test_shown_text_is_cut_to_a_readable_length() -> None:
    """A long text is cut, and a key across the cut is masked first."""
    assert SECRETS.show("x" * 500) == "x" * 400 + "…"
    assert SECRETS.show("x" * 10_000_000, longest=10) == "x" * 10 + "…"
    assert "cc_" not in SECRETS.show("x" * 395 + KEYS[0] + "y" * 99)
    assert len(SECRETS.show("\U000e0001" * 400)) == 400 + 1
    assert SECRETS.show("\x1b" * 100) == "\\x1b" * 100


@pytest.mark.parametrize(
    ("content", "coding", "described"),
    [
        (b"{}", "", ("", "{}")),
        (b"{}", "identity", ("", "{}")),
        (
            b"\x1f\x8b\x08\x00",
            "",
            ("the body is gzip, which the request did not accept", "(4 bytes of gzip)"),
        ),
        (b"\x0b\x02", " BR ", ("the body is br, which the request did not accept", "(2 bytes of br)")),
        (b"", "gzip", ("the body is gzip, which the request did not accept", "")),
        (b"\xef\xbb\xbf{}", "", ("the body begins with a byte order mark", "{}")),
        (b"\xff\xfe{\x00", "", ("the body begins with a UTF-16 mark", "{")),
        (b"\xfe\xff\x00{\xd8", "", ("the body begins with a UTF-16 mark", "{\\xd8")),
        (b"\0\0\xfe\xff\0\0\0{", "", ("the body begins with a UTF-32 mark", "{")),
        (b"\xff", "", ("", "\\xff")),
        (b"{}", "gzip", ("its header says gzip, which the body is not", "{}")),
        (b"\x78\x9c" + bytes(range(128, 160)), "", ("the body is binary", "(34 bytes)")),
        ("日本語のエラーです".encode(), "", ("", "日本語のエラーです")),
        ("Ungültig, nämlich".encode("latin-1"), "", ("", "Ung\\xfcltig, n\\xe4mlich")),
    ],
)
def test_body_that_is_no_plain_text_is_named(content: bytes, coding: str, described: tuple[str, str]) -> None:
    """A content coding and a byte order mark are named in words."""
    assert described == describe_body(content, coding)
