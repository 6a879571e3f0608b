"""The first requests of a run, each of which asks several things at once.

Requests are the currency: the vendor allows 60 a minute. So each update names another enrollment (or fresh
ids of other kinds, where the target has no such enrollment); an invalid request has something wrong in every
field; what must be refused names an enrollment, so that the next update shows whether it was written all the
same; and a bad key comes with a body that would be refused as well, were it looked at first.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from schemathesis import Case

from conformance import strategies
from conformance.cases import FULL, RESTRICTED, Cases
from conformance.question import ID_FIELDS, STATUS_FIELD
from conformance.run import Run
from conformance.strategies import NOT_JSON, UNDOCUMENTED, Kind

Json = Any
Body = dict[str, Json]
ABSENT: Final = object()
"""Stands for a field that is left out."""


@dataclass(frozen=True)
class Move:
    """One request."""

    name: str
    rules: Sequence[str]
    of: int | None = None
    """Which enrollment it names; None for fresh ids."""
    ids: Sequence[Kind] = ()
    """The kinds of fresh ids; without any, a move names another enrollment where the target lacks its own."""
    status: Json = "completed"
    change: Callable[[Body], Body] = dict
    """What happens to the body."""
    spoil: Callable[[bytes], bytes] = bytes
    """What happens to its JSON text."""
    fresh: str | None = None
    """Which id is a fresh one, though the other names an enrollment."""
    key: Callable[[str], str] | str | None = FULL
    key_elsewhere: bool = False
    """Whether the key is sent in every place where it does not belong."""
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    method: str = "PATCH"
    path: str = ""
    at_the_limit: bool = False
    """Whether it is sent where the target shows its rate limit, and counts there."""

    @property
    def needs(self) -> list[str]:
        """What it needs of a target."""
        needs = ["restricted_key"] if self.key == RESTRICTED else []
        return needs + (["prefer"] if "prefer" in self.headers else [])

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with its body, and the body names an enrollment."""
        names_one = self.of is not None and self.fresh is None
        return names_one and self.spoil is bytes and self.status in {"completed", "failed"}

    def case(self, cases: Cases, run: Run) -> Case[Any]:
        """Its request to a target."""
        ids = self._named(cases, run) or [kind.make(cases.id()) for kind in self.ids or (_PLAIN, _PLAIN)]
        fields = dict(zip((*ID_FIELDS, STATUS_FIELD), (*ids, self.status), strict=True))
        body = self.change({name: value for name, value in fields.items() if value is not ABSENT})
        key, name = run.target.key, run.contract.key_header
        places = {"authorization": f"Bearer {key}", "cookie": f"{name}={key}"} if self.key_elsewhere else {}
        case = cases.update(
            self.spoil(json.dumps(body).encode()),
            key=self.key(key) if callable(self.key) else self.key,
            headers={**self.headers, **places},
            query={name: key} if self.key_elsewhere else None,
            media_type=self.media_type,
        )
        case.method = self.method  # type: ignore[assignment]  # any method may be sent
        case.path = self.path or case.path
        return case

    def _named(self, cases: Cases, run: Run) -> list[str]:
        there = len(run.target.enrollments)
        if self.of is None or there == 0 or (self.ids and self.of >= there):
            return []
        named = run.target.enrollments[self.of % there]
        ids = {"customerId": named.customer_id, "campaignId": named.campaign_id}
        return [cases.id() if name == self.fresh else ids[name] for name in ID_FIELDS]


_PLAIN = Kind("plain", lambda id_: id_)
_KINDS = {kind.name: kind for kind in (_PLAIN, *strategies.ALLOWED, *strategies.REFUSED)}
_RULES = {
    kind.name: rule
    for rule, kinds in {
        "ID-04": strategies.OTHER_VERSIONS + strategies.OTHER_VARIANTS,
        "ID-05": strategies.OTHER_MAX,
        "ID-06": strategies.MALFORMED,
        "ID-07": strategies.OTHER_TYPES,
    }.items()
    for kind in kinds
}
_UPDATED = ("STATE-01", "STATE-02", "STATE-03", "STATE-05", "RESPONSE-01", "RESPONSE-02")
_FOUND = ("ID-01", "ID-02", "ID-03", "STATUS-01", "LOOKUP-01", "LOOKUP-02", "LOOKUP-03")


def _kind(names: str) -> Kind:
    """The kind that is all of the kinds named."""
    kinds = [_KINDS[name] for name in names.split("+")]

    def make(id_: str) -> Json:
        for kind in kinds:
            id_ = kind.make(id_)
        return id_

    return Kind(names, make)


def _update(of: int, status: Json, name: str = "", *kinds: str, **how: Any) -> Move:  # noqa: ANN401 - of a Move
    rules = _UPDATED + (_FOUND if kinds else ())
    ids = [_kind(kind) for kind in kinds]
    return Move(name or f"update-{of}-{status}", rules, of=of, status=status, ids=ids, **how)


def _refused(name: str, *rules: str, of: int = 0, status: Json = "failed", **how: Any) -> Move:  # noqa: ANN401 - of a Move
    return Move(name, rules, of=of, status=status, **how)


def _wrong(customer: str, campaign: str, status: str) -> Move:
    """Both ids and the status wrong at once."""
    rules = (_RULES[customer], _RULES[campaign], "STATUS-04", "RESPONSE-04", "RESPONSE-05", "RESPONSE-06")
    ids = (_KINDS[customer], _KINDS[campaign])
    return Move(f"{customer}+{campaign}+{status}", rules, ids=ids, status=_STATUSES[status])


def _swapped(body: Body) -> Body:
    return {**body, "customerId": body["campaignId"], "campaignId": body["customerId"]}


def _with_ids(make: Callable[[str], str]) -> Callable[[Body], Body]:
    """Change the case of the ids; max is allowed in lower case only."""
    return lambda body: (
        body | {name: make(body[name]) for name in ID_FIELDS if body[name].lower() != strategies.MAX}
    )


def _with_a_note(body: Body) -> Body:
    return {**body, "note": {"text": ["x"]}}


def _without(name: str) -> Callable[[Body], Body]:
    return lambda body: {key: value for key, value in body.items() if key != name}


def _emptied(_: bytes) -> bytes:
    return b"{}"


def _odd(text: bytes) -> bytes:
    """All at once of what a server might stumble over; only a 5xx would be wrong."""
    deep, large, number = b"[" * 500 + b"]" * 500, b"x" * 20_000, b"9" * 31
    odd = rb', "y": "\u0000\ud800", "z": ' + number + b', "deep": ' + deep + b', "large": "' + large + b'"}'
    return UNDOCUMENTED["property-twice"](text)[:-1] + odd


_STATE = [
    _update(0, "failed", "", "plain", "plain"),
    _update(0, "completed", "", "plain", "plain"),
    _update(0, "completed", "update-0-again"),
    _refused("key-elsewhere", "AUTH-01", "AUTH-03", "AUTH-04", key=None, key_elsewhere=True),
    _refused("restricted-key", "AUTH-05", "AUTH-06", "AUTH-07", key=RESTRICTED),
    _refused("pending", "STATUS-02", "STATUS-03", status="pending"),
    _refused("unknown-status", "STATUS-04", status="done"),
    _update(0, "completed", "update-after-refusals"),
    _update(1, "failed", "", "variant-9", "version-1+variant-b"),
    _update(9, "failed", "", "nil", "variant-a"),
    _update(0, "completed", "update-in-mixed-case", change=_with_ids(_KINDS["mixed-case"].make)),
    _update(
        1,
        "completed",
        "update-in-upper-case",
        "upper-case",
        "variant-b+upper-case",
        change=_with_ids(str.upper),
    ),
    Move(
        "fresh-campaign",
        (*_FOUND, "BODY-05"),
        of=0,
        fresh="campaignId",
        media_type="application/json; charset=utf-8",
        at_the_limit=True,
    ),
    Move(
        "fresh-customer",
        (*_FOUND, "BODY-02"),
        of=0,
        fresh="customerId",
        status="failed",
        change=_with_a_note,
        at_the_limit=True,
    ),
]
# In lower case, so that a refusal is about the version or the variant.
_UPDATES = [
    _update(of, status, "", *kinds, change=_with_ids(str.lower))
    for of, status, *kinds in (
        (7, "failed", "version-7", "version-3+variant-b"),
        (2, "completed", "version-1+variant-a", "version-8"),
        (6, "completed", "version-6+variant-a", "nil"),
        (3, "failed", "version-2+variant-b", "version-6+variant-b"),
        (4, "failed", "version-3", "version-7+variant-9"),
        (10, "completed", "max", "version-2"),
        (8, "completed", "version-8", "version-5+variant-9"),
        (5, "failed", "version-5+variant-9", "max"),
    )
]
_KEYS = [
    _refused("no-key", "AUTH-01", "AUTH-03", "AUTH-04", fresh="campaignId", key=None),
    _refused("key-cut-short-no-fields", "AUTH-02", "AUTH-04", key=lambda key: key[:-1], spoil=_emptied),
    _refused("empty-key-not-json", "AUTH-02", "AUTH-04", key="", spoil=NOT_JSON["truncated"]),
    _refused("key-extended-not-terminal", "AUTH-02", "AUTH-04", key=lambda key: f"{key}0", status="pending"),
    _refused("key-in-other-case", "AUTH-02", key=str.swapcase),
    _refused("restricted-no-fields", "AUTH-07", key=RESTRICTED, spoil=_emptied),
    _refused("restricted-fresh", "AUTH-07", fresh="campaignId", key=RESTRICTED),
    _refused("bearer-key", "AUTH-02", key=lambda key: f"Bearer {key}"),
]
_OTHER_STATUSES = [
    _refused(status, "STATUS-02", "STATUS-03", of=of, status=status)
    for of, status in enumerate(
        ("expired", "cancelled", "in_progress", "skipped", "awaiting_call", "exceeded_max_calls")
    )
]
# The kinds that a validator of some make is most likely to let through: each family in either field first.
_LIKELY = {
    "version-9": "newline-after",
    "null": "version-0",
    "variant-7": "no-dashes",
    "urn": "object",
    "space-before": "max-in-upper-case",
    "array": "variant-c",
    "empty": "one-digit-long",
    "braces": "number",
    "last-digit-past-f": "full-width-digit",
    "max-in-mixed-case": "true",
    "two-lines": "variant-f",
}
_STATUSES = {**strategies.UNKNOWN_STATUSES, "missing": ABSENT}
_LIKELY_STATUSES = [
    "upper-case", "missing", "space-after", "null", "longer", "array", "empty", "unknown-word", "prefix",
    "number", "newline-after",
]  # fmt: skip
_WRONG = [_wrong(*ids, status) for ids, status in zip(_LIKELY.items(), _LIKELY_STATUSES, strict=True)]
_WRONG_TURNED = [
    _wrong(campaign, customer, status)
    for (customer, campaign), status in zip(_LIKELY.items(), reversed(_LIKELY_STATUSES), strict=True)
]
_BODIES = [
    Move("text", ("BODY-04",), media_type="text/plain"),
    Move("odd", ("HTTP-03",), spoil=_odd),
    Move("list", ("BODY-06",), spoil=lambda text: b"[" + text + b"]"),
    *(Move(name, ("BODY-03",), spoil=NOT_JSON[name]) for name in ("trailing-junk", "empty", "nan")),
    Move("text-of-json", ("BODY-06",), spoil=lambda text: json.dumps(text.decode()).encode()),
    *(Move(name, ("BODY-03",), spoil=NOT_JSON[name]) for name in ("trailing-comma", "form")),
]
_PLACES = [
    _refused("put", "HTTP-01", method="PUT"),
    _refused("final-slash", "HTTP-02", path="/v2/customers/campaign-status/"),
    _refused("swapped", "STATE-07", change=_swapped),
    _refused("no-campaign", "BODY-01", change=_without("campaignId")),
    _refused("no-customer", "BODY-01", change=_without("customerId")),
]
_LATER = [
    _refused("other-path-case", "HTTP-02", path="/v2/Customers/Campaign-Status"),
    _refused("post", "HTTP-01", method="POST"),
    *(Move(name, ("BODY-03",), spoil=NOT_JSON[name]) for name in ("single-quotes", "invalid-utf-8")),
    Move("byte-order-mark", ("HTTP-03",), spoil=UNDOCUMENTED["byte-order-mark"]),
    _update(
        7,
        "completed",
        "update-7-again",
        "version-7+upper-case",
        "version-3+variant-B",
        change=_with_ids(str.upper),
    ),
    Move("prefer-500", ("RESPONSE-03",), headers={"prefer": "code=500"}),
    Move("prefer-429", ("RATE-02",), headers={"prefer": "code=429"}),
]


def _in_turn(*groups: Sequence[Move]) -> list[Move]:
    """One move of each group in turn, so that a small budget gets something of each."""
    return [move for turn in zip_longest(*groups) for move in turn if move is not None]


FIRST = _STATE
"""The moves before anything else, of which each relies on those before it."""
THEN = [
    *_in_turn(_UPDATES[:6], _KEYS, _WRONG, _BODIES, _PLACES, _OTHER_STATUSES),
    *_in_turn(_LATER, _WRONG_TURNED, _UPDATES[6:]),
]
"""The moves after what is asked of the rate limit."""
