"""The first requests of a run, each of which asks several things at once.

Requests are the currency: the vendor allows 60 a minute. So the valid requests take another kind of id in
each field, the invalid ones have something wrong in every field, and what must be refused names an
enrollment, so that the next update shows whether it was written all the same. Where an answer to several
wrong fields does not name them all, each is asked about alone.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, zip_longest
from typing import Any

import pytest
from schemathesis import Case

from conformance import strategies
from conformance.cases import FULL, RESTRICTED, Cases
from conformance.checks.registry import named_fields
from conformance.exchange import Answer
from conformance.question import ID_FIELDS
from conformance.run import Run
from conformance.strategies import Kind

Ask = Callable[..., Answer | None]
Json = Any
UNKNOWN_KEY = "cc_0000000000000000000000000000"


@dataclass(frozen=True)
class Move:
    """One request."""

    name: str
    rules: Sequence[str]
    of: int | None = None
    """Which enrollment it names; None for fresh ids."""
    status: Json = "completed"
    ids: Sequence[Kind] = ()
    """The kinds of the two ids, where they are fresh ones."""
    recased: Callable[[str], str] | None = None
    swapped: bool = False
    extra: dict[str, Json] = field(default_factory=dict)
    key: Callable[[str], str | None] | str | None = FULL
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    spoil: Callable[[bytes], bytes] | None = None
    method: str = "PATCH"
    path: str = ""

    @property
    def needs(self) -> list[str]:
        """What it needs of a target."""
        needs = ["restricted_key"] if self.key == RESTRICTED else []
        return needs + (["prefer"] if "prefer" in self.headers else [])


_UPDATED = ("STATE-01", "STATE-02", "STATE-03", "STATE-05", "STATE-06", "RESPONSE-01", "RESPONSE-02")


def _update(of: int, status: Json, name: str = "", **how: Any) -> Move:  # noqa: ANN401 - of a Move
    return Move(name or f"update-{of}-{status}", _UPDATED, of=of, status=status, **how)


def _refused(of: int, status: Json, name: str, *rules: str, **how: Any) -> Move:  # noqa: ANN401 - of a Move
    return Move(name, rules, of=of, status=status, **how)


_OTHER = {kind.name: kind for kind in strategies.REFUSED}
_ALLOWED = {kind.name: kind for kind in strategies.ALLOWED}
_FAMILIES = {
    "ID-04": strategies.OTHER_VERSIONS + strategies.OTHER_VARIANTS,
    "ID-05": strategies.OTHER_MAX,
    "ID-06": strategies.MALFORMED,
    "ID-07": strategies.OTHER_TYPES,
}
_RULES = {kind.name: rule for rule, kinds in _FAMILIES.items() for kind in kinds}
# The kinds that a validator of some make is most likely to let through, each family once before any twice.
_LIKELY = [
    "version-9", "newline-after", "null", "variant-c", "braces", "max-in-upper-case", "number", "no-dashes",
    "version-0", "digit-of-another-script", "array", "urn", "variant-7", "empty", "one-digit-long", "true",
    "max-in-mixed-case", "space-before", "two-lines", "object", "digit-past-f", "version-f", "variant-0",
    "very-long", "last-digit-past-f", "variant-f",
]  # fmt: skip
_STATUSES = [
    "upper-case", "null", "space-after", "empty", "longer", "array", "unknown-word", "prefix", "number",
    "newline-after",
]  # fmt: skip


def _spoilt() -> list[Move]:
    """Both ids and the status wrong at once, each likely kind in either field."""
    half = len(_LIKELY) // 2
    turned = _LIKELY[half:] + _LIKELY[:half]
    statuses = cycle(_STATUSES)
    return [
        Move(
            f"{one}+{other}+{status}",
            (_RULES[one], _RULES[other], "STATUS-04", "RESPONSE-04", "RESPONSE-05", "RESPONSE-06"),
            ids=(_OTHER[one], _OTHER[other]),
            status=strategies.UNKNOWN_STATUSES[status],
        )
        for one, other, status in zip(_LIKELY, turned, statuses, strict=False)
    ]


def _versions() -> list[Move]:
    """Each version in either field, with either status, and with another variant each."""
    variants = cycle([_ALLOWED[f"variant-{digit}"] for digit in "9ab"])
    moves = []
    for index, version in enumerate(strategies.VERSIONS):
        other = strategies.VERSIONS[(index + 1) % len(strategies.VERSIONS)]
        kinds = [_both(kind, next(variants)) for kind in (version, other)]
        status = ("completed", "failed")[index % 2]
        moves.append(
            Move(f"{kinds[0]}+{kinds[1]}", ("ID-01", "STATUS-01", "LOOKUP-01"), ids=kinds, status=status)
        )
    return moves


def _both(one: Kind, other: Kind) -> Kind:
    return Kind(f"{one}-{other}", lambda id_: other.make(one.make(id_)))


def _upper(version: str, variant: str) -> Kind:
    kind = _both(_ALLOWED[f"version-{version}"], _ALLOWED[f"variant-{variant}"])
    return Kind(f"upper-{kind}", lambda id_: kind.make(id_).upper())


def _without(field: str, text: bytes) -> bytes:
    return json.dumps({name: value for name, value in json.loads(text).items() if name != field}).encode()


_PLAIN = Kind("plain", lambda id_: id_)
_NIL, _MAX = (_ALLOWED[name] for name in ("nil", "max"))
_MIXED = Kind("mixed", lambda id_: _ALLOWED["mixed-case"].make(_ALLOWED["variant-b"].make(id_)))

_STATE = [
    _update(0, "completed"),
    _update(0, "failed"),
    _update(0, "completed", "update-0-again"),
    _refused(0, "failed", "no-key", "AUTH-01", "AUTH-03", "AUTH-04", key=None),
    _refused(0, "failed", "unknown-key", "AUTH-02", "AUTH-03", "AUTH-04", key=UNKNOWN_KEY),
    _update(0, "completed", "update-after-bad-keys"),
    _update(1, "failed"),
    Move("plain-completed", ("STATUS-01", "LOOKUP-01", "LOOKUP-02", "LOOKUP-03")),
    Move("plain-failed", ("STATUS-01", "LOOKUP-01", "LOOKUP-02", "LOOKUP-03"), status="failed"),
    _refused(0, "pending", "pending", "STATUS-02", "STATUS-03"),
    _update(0, "completed", "update-in-other-case", recased=str.swapcase),
    _refused(0, "failed", "restricted-key", "AUTH-05", "AUTH-06", "AUTH-07", key=RESTRICTED),
    _update(0, "failed", "update-reversed"),
    _refused(0, "done", "unknown-status", "STATUS-04"),
    _update(1, "completed", "update-the-other"),
    _refused(0, "expired", "expired", "STATUS-02", "STATUS-03"),
    _update(0, "completed", "update-reversed-again"),
]
_REST = [
    Move("not-json-without-a-key", ("AUTH-04",), key=None, spoil=lambda text: text[:-1]),
    Move("no-key-not-terminal", ("AUTH-04",), key=None, status="pending"),
    Move("prefer-500", ("RESPONSE-03",), headers={"prefer": "code=500"}),
    Move("prefer-429", ("RATE-02",), headers={"prefer": "code=429"}),
    Move("truncated", ("BODY-03",), spoil=lambda text: text[:-1]),
    *(
        Move(f"no-{field}", ("BODY-01", "RESPONSE-06"), spoil=partial(_without, field))
        for field in (*ID_FIELDS, "status")
    ),
    Move("list", ("BODY-06",), spoil=lambda text: b"[" + text + b"]"),
    Move("key-elsewhere", ("AUTH-01",), of=0, status="failed", key=None, headers={"authorization": "KEY"}),
    Move("key-cut-short", ("AUTH-02",), of=0, status="failed", key=lambda key: key[:-1]),
    Move("key-extended", ("AUTH-02",), of=0, status="failed", key=lambda key: f"{key}0"),
    Move("key-in-other-case", ("AUTH-02",), of=0, status="failed", key=str.swapcase),
    Move("swapped", ("STATE-07",), of=0, swapped=True),
    Move("unknown-field", ("BODY-02",), status="failed", extra={"note": {"text": ["x"]}}),
    Move("charset", ("BODY-05",), media_type="application/json; charset=utf-8"),
    Move("text", ("BODY-04",), media_type="text/plain"),
    Move("upper+mixed", ("ID-03",), ids=(_upper("7", "a"), _MIXED)),
    Move("mixed+upper", ("ID-03",), ids=(_MIXED, _upper("4", "b")), status="failed"),
    Move("nil+plain", ("ID-02",), ids=(_NIL, _PLAIN), status="failed"),
    Move("plain+max", ("ID-02",), ids=(_PLAIN, _MAX)),
    Move("max+plain", ("ID-02",), ids=(_MAX, _PLAIN), status="failed"),
    Move("plain+nil", ("ID-02",), ids=(_PLAIN, _NIL)),
    Move("no-key-no-fields", ("AUTH-04",), key=None, spoil=lambda _: b"{}"),
    Move("restricted-no-fields", ("AUTH-07",), key=RESTRICTED, spoil=lambda _: b"{}"),
    Move("put", ("HTTP-01",), method="PUT"),
    Move("unknown-path", ("HTTP-02",), path="/v2/customers"),
    *(
        _refused(0, status, status, "STATUS-02", "STATUS-03")
        for status in ("skipped", "cancelled", "awaiting_call", "in_progress", "exceeded_max_calls")
    ),
]


def _in_turn(*groups: Sequence[Move]) -> list[Move]:
    """One move of each group in turn, so that a small budget gets something of each."""
    return [move for turn in zip_longest(*groups) for move in turn if move is not None]


MOVES = [
    pytest.param(
        move,
        marks=[pytest.mark.opening(turn=turn), pytest.mark.rule(*move.rules, needs=move.needs)],
        id=move.name,
    )
    for turn, moves in ((0, _STATE), (2, _in_turn(_spoilt(), _REST[::2], _versions(), _REST[1::2])))
    for move in moves
]


def make(move: Move, cases: Cases, run: Run) -> Case[Any]:
    """The case of a move; without an enrollment to name, its ids are fresh."""
    named = run.target.enrollments[move.of : move.of + 1] if move.of is not None else ()
    ids: list[Json] = [cases.id(), cases.id()]
    if named:
        ids = [named[0].customer_id, named[0].campaign_id]
    elif move.ids:
        ids = [kind.make(id_) for kind, id_ in zip(move.ids, ids, strict=True)]
    if move.swapped:
        ids.reverse()
    if move.recased is not None:
        ids = [move.recased(id_) if id_.lower() != strategies.MAX else id_ for id_ in ids]
    body: Json = dict(zip(ID_FIELDS, ids, strict=True)) | {"status": move.status} | move.extra
    if move.spoil is not None:
        body = move.spoil(json.dumps(body).encode())
    key = move.key(run.target.key) if callable(move.key) else move.key
    query = {}
    headers = dict(move.headers)
    if "authorization" in headers:
        headers["authorization"] = f"Bearer {run.target.key}"
        query = {run.contract.key_header: run.target.key}
    case = cases.update(body, key=key, headers=headers, query=query, media_type=move.media_type)
    case.method = move.method  # type: ignore[assignment]  # any method may be sent
    case.path = move.path or case.path
    return case


@pytest.mark.parametrize("move", MOVES)
def test_opening_is_answered_as_documented(ask: Ask, run: Run, cases: Cases, move: Move) -> None:
    """A request that asks several things at once gets the documented answer to each."""
    case = make(move, cases, run)
    answer = ask(case)
    wrong, body = run.read(case).wrong, run.read(case).value
    if answer is not None and len(wrong) > 1 and move.ids:
        unnamed = {name for name, _ in wrong} - named_fields(answer)
        ask_apart(ask, run, cases, {name: body[name] for name in sorted(unnamed)}, answer)


def ask_apart(ask: Ask, run: Run, cases: Cases, unnamed: dict[str, Json], answer: Answer) -> None:
    """Ask alone about each wrong field that an answer did not name: was it accepted, or left out?"""
    for name, value in unnamed.items():
        if "RESPONSE-06" in run.ledger.broken or (400 <= answer.status < 500 and not named_fields(answer)):
            return  # this target does not name what is wrong: later tests ask about each thing alone
        alone = ask(cases.update(cases.body(**{name: value})))
        if alone is not None and named_fields(alone) == {name} and named_fields(answer):
            run.disagree(
                "RESPONSE-06", f"a `path` to {name} beside the others", "none, though alone it has one"
            )
