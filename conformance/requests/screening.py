"""The first requests of a run. Each one tests several rules.

Requests are the currency: the vendor allows 60 a minute. The state chain is written by hand, because its
order matters: which update follows which, and which rejection comes between two updates. Every other request
is put together from the table of distinctions. Each stage gets its share of the first 60.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from . import changes
from .cases import RESTRICTED
from .distinctions import TABLE, Cost, Distinction, Stage
from .probe import PLAIN, UPDATED, Probe
from .slots import KINDS, kind
from .strategies import NOT_JSON

FORCED: Final = {429: "RATE-02", 500: "RESPONSE-03", 200: "RESPONSE-01"}
"""The rules about the body of each response that `Prefer` selects."""
FOUND: Final = ("ID-01", "ID-02", "ID-03", "STATUS-01", "LOOKUP-01", "LOOKUP-02", "LOOKUP-03")
"""The rules that a request with valid ids of some kinds tests."""
SHARES: Final[Mapping[Stage, int]] = {
    Stage.FIELDS: 14,
    Stage.ACCEPTED: 7,
    Stage.KEY: 3,
    Stage.PARSE: 2,
    Stage.TOP: 3,
    Stage.PERMISSION: 2,
    Stage.MEDIA_TYPE: 1,
    Stage.ROUTE: 1,
}
"""How many requests each stage has among the first 60. Chosen on one half of the catalogue of faults."""
# The kinds of the mock's enrollments after the first. Other targets get new ids of the same kinds.
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


def _update(of: int, status: str, name: str = "", **how: Any) -> Probe:  # noqa: ANN401 - fields of a Probe
    kinds = [kind(each) for each in _ENROLLED.get(of, ())]
    rules = UPDATED + (FOUND if kinds else ())
    return Probe(name or f"update-{of}-{status}", rules, of=of, status=status, ids=kinds, **how)


def _rejected(name: str, *rules: str, status: str = "completed", **how: Any) -> Probe:  # noqa: ANN401 - fields of a Probe
    return Probe(name, rules, of=0, status=status, **how)


def _not_found(name: str, **how: Any) -> Probe:  # noqa: ANN401 - fields of a Probe
    return Probe(name, FOUND, of=0, at_the_limit=True, **how)


def _forced(status: int) -> Probe:
    return Probe(f"prefer-{status}", (FORCED[status], "HTTP-04"), headers={"prefer": f"code={status}"})


_mixed, _upper = (changes.with_ids(KINDS[name].make) for name in ("mixed-case", "upper-case"))
_lower = changes.with_ids(str.lower)
# The first two enrollments share a customer. An update of one comes between two updates of the other, to the
# status that the other does not have, so that an update of both shows. One rejected request of each stage
# names the first enrollment, and must not show in its next update.
_BEGIN: Sequence[Probe] = [
    *(_forced(status) for status in (429, 500)),
    _rejected("pending-at-first", "STATUS-02", "STATUS-03", status="pending", below=10),
    _update(1, "failed"),
    _update(0, "failed"),
    _update(0, "failed", "update-0-again", again=True),
    _update(0, "completed", again=True),
]
_STATE: Sequence[Probe] = [
    _rejected(
        "key-elsewhere", "AUTH-01", "AUTH-03", "AUTH-04", key=None, key_elsewhere=True, status="failed"
    ),
    _rejected("restricted-key", "AUTH-05", "AUTH-06", "AUTH-07", key=RESTRICTED, status="failed"),
    _rejected("unknown-status", "STATUS-04", "RESPONSE-04", "RESPONSE-05", status="COMPLETED"),
    _rejected("swapped", "STATE-07", change=changes.swapped, status="failed"),
    _update(1, "completed"),
    _update(0, "failed", "update-after-rejections"),
    _not_found("new-campaign", new="campaignId", status="failed", ids=(PLAIN, kind("version-8"))),
    _not_found("new-customer", new="customerId", ids=(kind("version-7+leading-zero"), PLAIN)),
    _rejected("expired", "STATUS-02", "STATUS-03", status="expired"),
    _rejected("put", "HTTP-01", "HTTP-06", method="PUT"),
    _rejected("text", "BODY-04", media_type="text/plain"),
    _rejected("comment", "BODY-03", spoil=NOT_JSON["comment"]),
    _update(1, "failed", "update-1-again"),
    _update(0, "completed", "update-after-more-rejections"),
    _update(9, "failed"),
    _update(0, "failed", "update-in-mixed-case", change=_mixed),
]


def _not_terminal(of: int, status: str, name: str = "") -> Probe:
    kinds = [kind(each) for each in _ENROLLED[of]]
    return Probe(name or status, ("STATUS-02", "STATUS-03"), of=of, status=status, ids=kinds)


_MORE: Sequence[Probe] = [
    _forced(200),  # the only success where no enrollment is listed
    _update(10, "completed", change=_lower),
    _not_terminal(6, "exceeded_max_calls"),
    _update(7, "failed", change=_lower),
    _not_terminal(7, "cancelled"),
    _update(7, "failed", "update-7-in-upper-case", change=_upper),
    _not_terminal(9, "pending"),
    _not_terminal(3, "skipped"),
    _not_terminal(1, "in_progress"),
    _not_terminal(2, "awaiting_call"),
    *(
        _update(of, status, change=_lower)
        for of, status in zip((6, 2, 3, 4, 8, 5), ("completed", "failed") * 3, strict=True)
    ),
    _not_terminal(4, "pending", "pending-of-another"),
    Probe("unknown-pair", FOUND, pair="unknown"),
    Probe("unknown-pair-in-upper-case", FOUND, pair="unknown", change=_upper),
    _update(0, "failed", "update-at-last", again=True),
]
DEFAULT = Probe("", ())


def is_free(probe: Probe, sets: Mapping[str, Any]) -> bool:
    """Whether a request has nothing unusual in these parts."""
    return all(getattr(probe, part) == getattr(DEFAULT, part) for part in sets)


def with_rides(
    probes: Sequence[Probe], stage: Stage, *, carries: Callable[[Probe], bool], both: bool = False
) -> list[Probe]:
    """Put each ride on the first request that is free for it; with `both`, on one of each status."""
    probes = list(probes)
    for row in (row for row in TABLE if row.stage is stage and row.cost is Cost.RIDE):
        for statuses in (["completed"], ["failed"]) if both else (["completed", "failed"],):
            fits = (
                index
                for index, probe in enumerate(probes)
                if carries(probe) and probe.status in statuses and is_free(probe, row.sets)
            )
            if (index := next(fits, None)) is not None:
                rules = dict.fromkeys((*probes[index].rules, *row.rules))
                probes[index] = replace(probes[index], rules=tuple(rules), **row.sets)
    return probes


def with_one_ride(probes: Sequence[Probe], stage: Stage) -> list[Probe]:
    """Put one ride of a stage on each request, as far as there are rides."""
    rides = [row for row in TABLE if row.stage is stage and row.cost is Cost.RIDE]
    changed = [replace(probe, **row.sets) for probe, row in zip(probes, rides, strict=False)]
    return [*changed, *probes[len(changed) :]]


def _probe(row: Distinction) -> Probe:
    """The request of a distinction that costs one, or that fills the fields of one."""
    named = {"of": 0} if row.stage in {Stage.ROUTE, Stage.KEY, Stage.PERMISSION} else {}
    return Probe(row.name, row.rules, **{**named, **row.sets})


def crashing() -> Probe:
    """One request with everything that only must not make a server fail."""
    rows = [row for row in TABLE if row.cost is Cost.CRASH]
    texts = [row.sets["spoil"] for row in rows if "spoil" in row.sets]
    others = {name: value for row in rows for name, value in row.sets.items() if name != "spoil"}

    def spoil(text: bytes) -> bytes:
        return functools.reduce(lambda changed, change: change(changed), texts, text)

    alone = [Probe(row.name, row.rules, **row.sets) for row in rows]
    return Probe("odd", rows[0].rules, spoil=spoil, alone=alone, **others)


def of_stage(stage: Stage) -> list[Probe]:
    """The requests of a stage, in the order of the table."""
    costs = {Cost.REQUEST, Cost.SLOT}
    return [_probe(row) for row in TABLE if row.stage is stage and row.cost in costs]


def in_turn(stages: Mapping[Stage, Sequence[Probe]]) -> list[Probe]:
    """The share of each stage, spread evenly; then the rest of each stage, spread evenly too."""
    first = [probes[: SHARES[stage]] for stage, probes in stages.items()]
    rest = [probes[SHARES[stage] :] for stage, probes in stages.items()]
    return [*_spread(first), *_spread(rest)]


def _spread(groups: Iterable[Sequence[Probe]]) -> list[Probe]:
    turns = [((i + 0.5) / len(group), probe) for group in groups for i, probe in enumerate(group)]
    return [probe for _, probe in sorted(turns, key=lambda turn: turn[0])]


_updates = with_rides(
    [*_STATE, *_MORE],
    Stage.ACCEPTED,
    carries=lambda probe: "STATUS-01" in probe.rules or ("STATE-01" in probe.rules and not probe.again),
    both=True,
)
FIRST: Sequence[Probe] = [*_BEGIN, *_updates[: len(_STATE)]]
"""The requests before anything else. Each relies on those before it."""
STAGES: Mapping[Stage, Sequence[Probe]] = {
    **{stage: of_stage(stage) for stage in Stage},
    Stage.ACCEPTED: _updates[len(_STATE) :],
    Stage.PARSE: [crashing(), *of_stage(Stage.PARSE)],
    Stage.KEY: with_one_ride(of_stage(Stage.KEY), Stage.KEY),
}
THEN: Sequence[Probe] = in_turn(STAGES)
"""The requests after those that are about the rate limit."""
