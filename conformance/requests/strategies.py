"""The domain, as values to send: kinds of ids, statuses and bodies.

Each kind is one distinction that a rule makes, and has a name. The tests take each kind once, and the
Hypothesis strategies draw from all kinds. Each id is made from a new id, so that no value names a record,
whatever Hypothesis shrinks it to.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from ..contract.document import Contract
from . import new_ids
from .ids import MAX, NIL
from .statuses import statuses

HEX = "0123456789abcdef"

Json = Any
"""A JSON value."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of id: its name, and how to make such an id from a new one."""

    name: str
    make: Callable[[str], Json]

    def __repr__(self) -> str:
        """Its name, which pytest shows as the id of the test."""
        return self.name


def _version(digit: str) -> Callable[[str], str]:
    return lambda id_: f"{id_[:14]}{digit}{id_[15:]}"


def _variant(digit: str) -> Callable[[str], str]:
    return lambda id_: f"{id_[:19]}{digit}{id_[20:]}"


def _mixed(id_: str) -> str:
    return "".join(digit.upper() if index % 2 else digit for index, digit in enumerate(id_))


def _constant(value: Json) -> Callable[[str], Json]:
    return lambda _: value


def _with_leading_zero(id_: str) -> str:
    return next(new for new in (new_ids.new_id(id_, number) for number in count()) if new[0] == "0")


VERSIONS = tuple(Kind(f"version-{digit}", _version(digit)) for digit in "12345678")
VARIANTS = tuple(Kind(f"variant-{digit}", _variant(digit)) for digit in "89abAB")
CASES = (Kind("upper-case", str.upper), Kind("mixed-case", _mixed))
LEADING_ZERO = Kind("leading-zero", _with_leading_zero)
SPECIAL = (Kind("nil", _constant(NIL)), Kind("max", _constant(MAX)))
ALLOWED = (*VERSIONS, *VARIANTS, *CASES, *SPECIAL, LEADING_ZERO)
"""The kinds of id that must be accepted."""

OTHER_VERSIONS = tuple(Kind(f"version-{digit}", _version(digit)) for digit in "09abcdef")
ALMOST_SPECIAL = (
    Kind("almost-nil", _constant(NIL[:-1] + "1")),
    Kind("almost-max", _constant(MAX[:-1] + "e")),
)
OTHER_VARIANTS = tuple(Kind(f"variant-{digit}", _variant(digit)) for digit in "01234567cdef")
OTHER_MAX = (
    Kind("max-in-upper-case", _constant(MAX.upper())),
    Kind("max-in-mixed-case", _constant(_mixed(MAX))),
)
MALFORMED = (
    Kind("empty", _constant("")),
    Kind("no-dashes", lambda id_: id_.replace("-", "")),
    Kind("one-dash-missing", lambda id_: id_.replace("-", "", 1)),
    Kind("short-groups", lambda id_: "-".join((id_[1:8], id_[10:13], id_[14:23], id_[25:]))),
    Kind("one-dash-moved", lambda id_: f"{id_[:7]}-{id_[7]}{id_[9:]}"),
    Kind("braces", lambda id_: f"{{{id_}}}"),
    Kind("urn", lambda id_: f"urn:uuid:{id_}"),
    Kind("space-before", lambda id_: f" {id_}"),
    Kind("space-after", lambda id_: f"{id_} "),
    Kind("newline-before", lambda id_: f"\n{id_}"),
    Kind("newline-after", lambda id_: f"{id_}\n"),
    Kind("tab-after", lambda id_: f"{id_}\t"),
    Kind("nul-after", lambda id_: f"{id_}\0"),
    Kind("one-digit-short", lambda id_: id_[:-1]),
    Kind("one-digit-long", lambda id_: f"{id_}0"),
    Kind("digit-past-f", lambda id_: f"g{id_[1:]}"),
    Kind("last-digit-past-f", lambda id_: f"{id_[:-1]}g"),
    Kind("digit-of-another-script", lambda id_: f"\u0663{id_[1:]}"),
    Kind("full-width-digit", lambda id_: f"\uff11{id_[1:]}"),
    Kind("two-ids", lambda id_: f"{id_},{id_}"),
    Kind("two-lines", lambda id_: f"x\n{id_}"),
    Kind("nil-in-a-word", _constant(f"x{NIL}x")),
    Kind("max-at-the-end", _constant(f"x{MAX}")),
    Kind("very-long", lambda id_: id_ + "x" * 4000),
    Kind("word", _constant("customer")),
)
OTHER_TYPES = (
    Kind("null", _constant(None)),
    Kind("number", _constant(7)),
    Kind("fraction", _constant(0.5)),
    Kind("true", _constant(True)),  # noqa: FBT003 - a value to send
    Kind("zero", _constant(0)),
    Kind("false", _constant(False)),  # noqa: FBT003 - a value to send
    Kind("empty-array", _constant([])),
    Kind("empty-object", _constant({})),
    Kind("array", lambda id_: [id_]),
    Kind("object", lambda id_: {"id": id_}),
)
REJECTED = OTHER_VERSIONS + OTHER_VARIANTS + ALMOST_SPECIAL + OTHER_MAX + MALFORMED + OTHER_TYPES
"""The kinds of id that must be rejected."""


UNKNOWN_STATUSES: Mapping[str, Json] = {
    "upper-case": "COMPLETED",
    "capitalised": "Failed",
    "space-before": " completed",
    "space-after": "failed ",
    "newline-after": "completed\n",
    "prefix": "complete",
    "longer": "completed_early",
    "dashes": "in-progress",
    "unknown-word": "done",
    "other-spelling": "canceled",
    "inherited": "constructor",  # which every object of JavaScript has
    "empty": "",
    "null": None,
    "number": 3,
    "true": True,
    "array": ["completed"],
    "object": {"status": "completed"},
}
"""Values that are no documented status, by name."""

RETURNED: Mapping[str, Json] = {
    "success": False,
    "previousStatus": "skipped",
    "newStatus": "expired",
    "customerCampaignId": new_ids.new_id("customerCampaignId"),
}
"""The fields of the response to an update. A careless server copies them from the request."""

FORM = "application/x-www-form-urlencoded"
NOT_JSON: Mapping[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "word": lambda _: b"completed",
    "truncated": lambda text: text[:-1],
    "trailing-comma": lambda text: text[:-1] + b",}",
    "trailing-junk": lambda text: text + b"}",
    "single-quotes": lambda text: text.replace(b'"', b"'"),
    "nan": lambda text: text[:-1] + b', "x": NaN}',
    "line-end-in-a-string": lambda text: text[:-1] + b', "x": "a\nb"}',
    "comment": lambda text: text + b" // done",
    "utf-16": lambda text: text.decode().encode("utf-16-le"),
    "invalid-utf-8": lambda text: text[:-1] + b', "x": "\xff"}',
    "form": lambda text: urlencode(json.loads(text)).encode(),
}
"""What makes a JSON text something else, by name."""


def _with_escapes(text: bytes, names: Collection[str]) -> bytes:
    """The text with every character of some values, and of the names of their properties, escaped."""
    for name, value in json.loads(text).items():
        if name in names:
            for word in (name, value):
                escaped = "".join(f"\\u{ord(character):04x}" for character in word)
                text = text.replace(f'"{word}"'.encode(), f'"{escaped}"'.encode())
    return text


REWRITTEN: Mapping[str, Callable[[bytes], bytes]] = {
    "white-space": lambda text: b"\r\n" + json.dumps(json.loads(text), indent="\t").encode() + b" \r\n",
    "other-order": lambda text: json.dumps(dict(reversed(json.loads(text).items()))).encode(),
    # An escaped id would hide from the check that no known record is named.
    "escapes": lambda text: _with_escapes(text, {"status"}),
}
"""What makes a JSON text another one that means the same, by name."""


def nested(levels: int) -> Callable[[bytes], bytes]:
    """Add an unknown field of so many levels."""
    return lambda text: text[:-1] + b', "x": ' + b"[" * levels + b"]" * levels + b"}"


def of_size(size: int) -> Callable[[bytes], bytes]:
    """Add an unknown field of so many bytes."""
    return lambda text: text[:-1] + b', "x": "' + b"x" * size + b'"}'


UNDOCUMENTED: Mapping[str, Callable[[bytes], bytes]] = {
    "byte-order-mark": lambda text: b"\xef\xbb\xbf" + text,
    "prototype": lambda text: text[:-1] + b', "__proto__": {"status": "pending"}, "constructor": {}}',
    "property-twice": lambda text: text[:-1] + b', "status": "failed"}',
    "lone-surrogate": lambda text: text[:-1] + rb', "x": "\ud800"}',
    "deep": nested(2_000),
    "large": of_size(120_000),
}
"""What makes the text of an object one about which nothing is documented, by name."""


# Made once: Hypothesis looks at each new strategy anew, which takes longer than to draw from it.
_SHAPES = tuple(
    (version, variant, case)
    for version in map(_version, "12345678")
    for variant in map(_variant, "89ab")
    for case in (str.lower, str.upper, _mixed)
)
_WRONG_DIGITS = st.characters(codec="utf-8", exclude_characters=HEX + HEX.upper() + "-")
_PLACES = st.tuples(st.integers(0, 35), st.integers(0, 1))
_SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
_VALUES: st.SearchStrategy[Json] = st.deferred(
    lambda: (
        _SCALARS | st.lists(_VALUES, max_size=3) | st.dictionaries(st.text(max_size=8), _VALUES, max_size=3)
    )
)


def random_new_ids() -> st.SearchStrategy[str]:
    """Ids that no record has."""
    return st.integers(0, 2**64 - 1).map(new_ids.new_id)


def allowed_ids() -> st.SearchStrategy[str]:
    """Ids that must be accepted, of every kind except nil and max: two of these could name a record."""
    return st.builds(_shape, random_new_ids(), st.sampled_from(_SHAPES))


def rejected_ids() -> st.SearchStrategy[Json]:
    """Ids that must be rejected: of a kind that is, or allowed ones with one character spoilt."""
    of_a_kind = st.builds(lambda kind, id_: kind.make(id_), st.sampled_from(REJECTED), allowed_ids())
    return of_a_kind | st.builds(_spoil, allowed_ids(), _WRONG_DIGITS, _PLACES)


def unknown_statuses(contract: Contract) -> st.SearchStrategy[Json]:
    """Values that are no documented status."""
    known = sorted(statuses(contract))
    changed = [
        other
        for word in known
        for other in (word.upper(), word.title(), f" {word}", f"{word}\0", word[:-1], word + "s")
    ]
    words = st.text(max_size=30).filter(lambda word: word not in known)
    return st.sampled_from(changed) | words | st.sampled_from(list(UNKNOWN_STATUSES.values()))


def json_values() -> st.SearchStrategy[Json]:
    """JSON values of every type."""
    return _VALUES


def extra_fields(contract: Contract) -> st.SearchStrategy[dict[str, Json]]:
    """Fields that the contract lacks."""
    known = set(contract.schema("CampaignStatusForm")["properties"])
    names = st.text(min_size=1, max_size=12).filter(lambda name: name not in known)
    return st.dictionaries(names, _VALUES, min_size=1, max_size=3)


def _shape(id_: str, shape: tuple[Callable[[str], str], ...]) -> str:
    for change in shape:
        id_ = change(id_)
    return id_


def _spoil(id_: str, wrong: str, place: tuple[int, int]) -> str:
    index, replaced = place
    return f"{id_[:index]}{wrong}{id_[index + replaced :]}"
