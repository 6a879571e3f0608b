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

from . import changes, strategies
from .access import Access
from .cases import FULL, RESTRICTED, Cases
from .classify import ID_FIELDS, STATUS_FIELD
from .strategies import FORM, NOT_JSON, REWRITTEN, UNDOCUMENTED, Kind

Json = Any
Body = dict[str, Json]
ABSENT: Final = object()
"""Stands for a field that is left out."""


@dataclass(frozen=True)
class Probe:
    """One request."""

    name: str
    rules: Sequence[str]
    of: int | None = None
    """Which enrollment it names; None for fresh ids."""
    ids: Sequence[Kind] = ()
    """The kinds of fresh ids; without `of`, or for an update where the target lacks that enrollment."""
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
    query: dict[str, str] | None = None
    media_type: str = "application/json"
    method: str = "PATCH"
    path: str = ""
    at_the_limit: bool = False
    """Whether it is sent where the target shows its rate limit, and counts there."""
    again: bool = False
    """Whether it updates an enrollment again: the one that was updated last, if a status is final."""
    below: float = float("inf")
    """With so many enrollments it is not asked, but later of another that was never updated."""

    @property
    def needs(self) -> list[str]:
        """What it needs of a target."""
        needs = ["restricted_key"] if self.key == RESTRICTED else []
        needs += ["swap_ids"] if self.change is changes.swapped else []
        return needs + (["prefer"] if "prefer" in self.headers else [])

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with its body, and the body names an enrollment."""
        names_one = self.of is not None and self.fresh is None
        means_the_same = self.spoil in {bytes, *REWRITTEN.values()}
        return names_one and means_the_same and self.status in {"completed", "failed"}

    def tested_rules(self, access: Access) -> tuple[str, ...]:
        """The rules that it tests: without an enrollment, none about the update of one."""
        of_updates = () if access.enrollments else (*_UPDATED, "STATE-07")
        return tuple(rule for rule in self.rules if rule not in of_updates)

    def case(self, cases: Cases) -> Case[Any]:
        """Its request to a target."""
        ids = self._named(cases) or [kind.make(cases.id()) for kind in self.ids or (_PLAIN, _PLAIN)]
        fields = dict(zip((*ID_FIELDS, STATUS_FIELD), (*ids, self.status), strict=True))
        body = self.change({name: value for name, value in fields.items() if value is not ABSENT})
        key, name = cases.access.key, cases.contract.key_header
        body |= {name: key} if self.key_elsewhere else {}
        places = {"authorization": f"Bearer {key}", "cookie": f"{name}={key}"} if self.key_elsewhere else {}
        case = cases.update(
            self.spoil(json.dumps(body).encode()),
            key=self.key(key) if callable(self.key) else self.key,
            headers={**self.headers, **places},
            query={name: key} if self.key_elsewhere else self.query,
            media_type=self.media_type,
        )
        case.method = self.method  # type: ignore[assignment]  # any method may be sent
        case.path = self.path or case.path
        return case

    def _named(self, cases: Cases) -> list[str]:
        is_update = "STATE-01" in self.rules
        enrollments = cases.enrollments(again=self.again)
        if not enrollments and not is_update:
            enrollments = cases.access.enrollments  # what is rejected may name any
        there = len(enrollments)
        if self.of is None or there == 0 or (self.ids and self.is_valid and self.of >= there):
            return []
        ids = enrollments[self.of % there].fields
        return [cases.id() if name == self.fresh else ids[name] for name in ID_FIELDS]


_PLAIN = Kind("plain", lambda id_: id_)
_KINDS = {kind.name: kind for kind in (_PLAIN, *strategies.ALLOWED, *strategies.REFUSED)}
_RULES = {
    kind.name: rule
    for rule, kinds in {
        "ID-04": strategies.OTHER_VERSIONS + strategies.OTHER_VARIANTS + strategies.ALMOST_SPECIAL,
        "ID-05": strategies.OTHER_MAX,
        "ID-06": strategies.MALFORMED,
        "ID-07": strategies.OTHER_TYPES,
    }.items()
    for kind in kinds
}
_UPDATED = ("STATE-01", "STATE-02", "STATE-03", "STATE-05", "RESPONSE-01", "RESPONSE-02")
_FOUND = ("ID-01", "ID-02", "ID-03", "STATUS-01", "LOOKUP-01", "LOOKUP-02", "LOOKUP-03")


def _kind(names: str) -> Kind:
    """The kind that is all of the kinds named, made from the last one on."""
    kinds = [_KINDS[name] for name in reversed(names.split("+"))]

    def make(id_: str) -> Json:
        for kind in kinds:
            id_ = kind.make(id_)
        return id_

    return Kind(names, make)


def _update(of: int, status: Json, name: str = "", **how: Any) -> Probe:  # noqa: ANN401 - of a Move
    kinds = [_kind(kind) for kind in _ENROLLED.get(of, ())]
    rules = _UPDATED + (_FOUND if kinds else ()) + (("BODY-07",) if "spoil" in how else ())
    return Probe(name or f"update-{of}-{status}", rules, of=of, status=status, ids=kinds, **how)


def _refused(name: str, *rules: str, of: int = 0, status: Json = "failed", **how: Any) -> Probe:  # noqa: ANN401 - of a Move
    return Probe(name, rules, of=of, status=status, **how)


def _bad_key(name: str, key: Callable[[str], str] | str, **how: Any) -> Probe:  # noqa: ANN401 - of a Move
    return _refused(name, "AUTH-02", "AUTH-04", key=key, **how)


def _in_vain(name: str, rule: str, **how: Any) -> Probe:  # noqa: ANN401 - of a Move
    """What is valid, and names nobody."""
    return Probe(name, (*_FOUND, rule), of=0, at_the_limit=True, **how)


def _wrong(customer: str, campaign: str, status: str) -> Probe:
    """Both ids and the status wrong at once."""
    kinds = [_kind(customer), _kind(campaign)]
    rules = [_RULES[kind.partition("+")[0]] for kind in (customer, campaign)]
    return Probe(
        f"{customer}-{campaign}-{status}",
        (*rules, "STATUS-04", "RESPONSE-04", "RESPONSE-05", "RESPONSE-06"),
        ids=kinds,
        status=_STATUSES[status],
        change=changes.with_another_name if status == "missing" else dict,
    )


def _other(of: int, status: str, name: str = "") -> Probe:
    """A status that is not terminal, for an enrollment whose ids are of kinds that must be accepted."""
    kinds = [_kind(kind) for kind in _ENROLLED[of]]
    return _refused(name or status, "STATUS-02", "STATUS-03", of=of, status=status, ids=kinds)


def _with_notes(body: Body) -> Body:
    """Unknown fields of every kind; a customer of version 7."""
    body = {**body, "customerId": _KINDS["version-7"].make(body["customerId"])}
    return {**body, "note": {"text": ["x"]}, **dict.fromkeys(map(str, range(30)), "x")}


def _of_version_8(body: Body) -> Body:
    return {**body, "campaignId": _KINDS["version-8"].make(body["campaignId"])}


# The kinds of the mock's enrollments after the first. Other targets get fresh ids of the same kinds.
_ENROLLED = {
    1: ("variant-9", "version-1+variant-b"),
    2: ("version-1+variant-a", "version-8"),
    3: ("version-2+variant-b", "version-6+variant-b"),
    4: ("version-3", "version-7+variant-9"),
    5: ("version-5+variant-9", "max"),
    6: ("version-6+variant-a", "nil"),
    7: ("version-7", "version-3+variant-b"),
    8: ("version-8", "version-5+variant-9"),
    9: ("nil", "variant-a"),
    10: ("max", "version-2"),
}
_CHARSET = "application/json; charset=utf-8"
_OTHER_CHARSET = "application/json; charset=x-unknown"
_BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
_STATE = [
    _refused("pending-at-first", "STATUS-02", "STATUS-03", status="pending", below=10),
    # The first two enrollments share a customer: each is updated to what the other has not.
    _update(1, "failed"),
    _update(0, "failed"),
    _update(0, "completed"),
    _update(0, "completed", "update-0-again", again=True),
    _refused("key-elsewhere", "AUTH-01", "AUTH-03", "AUTH-04", key=None, key_elsewhere=True),
    _refused("restricted-key", "AUTH-05", "AUTH-06", "AUTH-07", key=RESTRICTED),
    _refused("expired", "STATUS-02", "STATUS-03", status="expired"),
    _refused("put", "HTTP-01", method="PUT"),
    _update(
        0,
        "completed",
        "update-after-refusals",
        change=changes.with_an_answer,
        spoil=changes.unescaped,
        media_type=_CHARSET,
    ),
    _update(1, "completed", spoil=REWRITTEN["white-space"]),
    _update(9, "failed", headers=_BROWSER),
    _update(0, "failed", "update-in-mixed-case", change=changes.with_ids(_KINDS["mixed-case"].make)),
    _update(0, "completed", "update-in-lower-case", again=True, spoil=REWRITTEN["escapes"]),
    _in_vain(
        "fresh-campaign",
        "BODY-05",
        fresh="campaignId",
        status="failed",
        media_type=_CHARSET,
        change=_of_version_8,
    ),
    _in_vain("fresh-customer", "BODY-02", fresh="customerId", change=_with_notes),
]
# In lower case, so that a refusal is about the version or the variant.
_UPDATES = [
    _update(10, "completed", change=changes.with_ids(str.lower), spoil=REWRITTEN["other-order"]),
    _update(7, "failed", change=changes.with_ids(str.lower)),
    _update(7, "failed", "update-7-in-upper-case", change=changes.with_ids(str.upper)),
]
_MORE_UPDATES = [
    _update(of, status, change=changes.with_ids(str.lower))
    for of, status in zip((6, 2, 3, 4, 8, 5), ("completed", "failed") * 3, strict=True)
]
_OTHER_STATUSES = [
    _other(of, status)
    for of, status in {
        9: "pending",
        7: "cancelled",
        1: "in_progress",
        3: "skipped",
        6: "exceeded_max_calls",
    }.items()
]
_KEYS = [
    _bad_key("key-cut-short", lambda key: key[:-1], spoil=changes.emptied),
    _bad_key("empty-key-unknown-status", "", status="done"),
    _bad_key("key-among-others-not-terminal", lambda key: f"{key}, {key[:3]}0", status="pending"),
    _refused("restricted-fresh", "AUTH-07", fresh="campaignId", status="completed", key=RESTRICTED),
    _bad_key("key-in-other-case", lambda key: key[:3] + key[3:].swapcase(), fresh="campaignId"),
    _refused("restricted-no-ids", "AUTH-07", status="pending", key=RESTRICTED, change=changes.without_ids),
]
# The kinds that a validator of some make is most likely to let through: each family in either field.
_STATUSES = {**strategies.UNKNOWN_STATUSES, "missing": ABSENT, "pending": "pending"}
_WRONG = [
    _wrong(*kinds.split())
    for kinds in (
        "version-9 newline-after upper-case",
        "null empty missing",
        "variant-7+version-3 no-dashes space-after",
        "urn object null",
        "short-groups max-in-upper-case longer",
        "array variant-e+version-7 array",
        "no-dashes variant-0+version-1 pending",
        "braces zero empty",
        "full-width-digit last-digit-past-f number",
        "max-in-mixed-case true prefix",
        "two-lines+nil one-dash-moved newline-after",
        "variant-c almost-nil inherited",
    )
]
_WRONG_LATER = [
    _wrong(*kinds.split())
    for kinds in (
        "space-before one-digit-long unknown-word",
        "newline-after version-9 true",
        "version-0 variant-7 dashes",
        "one-dash-moved array object",
        "version-0 space-before newline-after",
        "number urn prefix",
        "object null capitalised",
        "variant-f two-lines missing",
        "true braces number",
        "max-in-upper-case empty longer",
        "one-digit-long max-in-mixed-case null",
    )
]
_BODIES = [
    Probe("odd", ("HTTP-03",), spoil=changes.odd, query={"page": "1"}),
    _refused("text", "BODY-04", of=7, status="completed", media_type="text/plain"),
    Probe("trailing-junk", ("BODY-03",), spoil=NOT_JSON["trailing-junk"]),
    Probe("null", ("BODY-06", "HTTP-03"), spoil=lambda _: b"null"),
    Probe("form-as-such", ("BODY-04",), media_type=FORM, spoil=NOT_JSON["form"]),
    Probe("list", ("BODY-06",), spoil=lambda text: b"[" + text + b"]"),
    Probe("text-of-json", ("BODY-06",), spoil=lambda text: json.dumps(text.decode()).encode()),
    # Neither may make a server fail; of such a charset nothing else is documented.
    Probe("empty", ("HTTP-03",), spoil=NOT_JSON["empty"], media_type=_OTHER_CHARSET),
    Probe("nan", ("BODY-03",), spoil=NOT_JSON["nan"]),
    _refused("json-patch", "BODY-04", media_type="application/json-patch+json"),
    *(Probe(name, ("BODY-03",), spoil=NOT_JSON[name]) for name in ("form", "single-quotes")),
]
_PLACES = [
    _refused("other-version", "HTTP-02", path="/v3/customers/campaign-status"),
    _refused("swapped", "STATE-07", change=changes.swapped),
    _refused(
        "no-campaign",
        "BODY-01",
        change=changes.renamed("campaignId", "campaign_id"),
        status=_STATUSES["capitalised"],
    ),
    _refused(
        "no-customer",
        "BODY-01",
        change=changes.renamed("customerId", "customer_id"),
        status=_STATUSES["true"],
    ),
    _refused("post", "HTTP-01", method="POST", headers={"x-http-method-override": "PATCH"}),
    _refused("path-with-suffix", "HTTP-02", path="/v2/customers/campaign-status.json"),
]
_LATER = [
    _other(4, "pending", "pending-of-another"),
    _bad_key("key-without-prefix", lambda key: key[3:]),
    _bad_key("bearer-key", lambda key: f"Bearer {key}"),
    _refused("final-slash", "HTTP-03", path="/v2/customers/campaign-status/"),
    _refused("other-path-case", "HTTP-03", path="/v2/Customers/Campaign-Status"),
    _other(2, "awaiting_call"),
    Probe("byte-order-mark", ("HTTP-03",), spoil=UNDOCUMENTED["byte-order-mark"]),
    Probe("form-type", ("BODY-04",), media_type=FORM),
    _refused("restricted-not-json", "AUTH-07", key=RESTRICTED, spoil=NOT_JSON["truncated"]),
    *(
        Probe(name, ("BODY-03",), spoil=NOT_JSON[name])
        for name in ("trailing-comma", "invalid-utf-8", "line-end-in-a-string")
    ),
    Probe("pairs", ("BODY-06",), spoil=lambda text: json.dumps(list(json.loads(text).items())).encode()),
    Probe("prefer-200", ("RESPONSE-01",), headers={"prefer": "code=200"}),
    Probe("prefer-500", ("RESPONSE-03",), headers={"prefer": "code=500"}),
    Probe("prefer-429", ("RATE-02",), headers={"prefer": "code=429"}),
]


def _in_turn(*groups: Sequence[Probe]) -> list[Probe]:
    """One move of each group in turn, so that a small budget gets something of each."""
    return [probe for turn in zip_longest(*groups) for probe in turn if probe is not None]


FIRST = _STATE
"""The moves before anything else, of which each relies on those before it."""
THEN = [
    *_in_turn(_UPDATES, _WRONG[:6], _KEYS, _BODIES, _WRONG[6:], _PLACES, _OTHER_STATUSES),
    *_in_turn(_LATER, _WRONG_LATER, _MORE_UPDATES),
]
"""The moves after what is asked of the rate limit."""
