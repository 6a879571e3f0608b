"""The first requests of a run. Each one tests several rules.

Requests are the currency: the vendor allows 60 a minute. The state chain is written by hand, because its
order matters: which update follows which, and which rejection comes between two updates. Every other request
is put together from the table of distinctions. Each stage gets its share of the first 60.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from .distinctions import Cost, Distinction, Stage
from .probe import UPDATED, Probe
from .table import FOUND, TABLE, UNKNOWN, kinds_of, mixed

FORCED: Final = {429: "RATE-02", 500: "RESPONSE-03", 200: "RESPONSE-01"}
"""The rules about the body of each response that `Prefer` selects."""
SHARES: Final[Mapping[Stage, int]] = {
    Stage.FIELDS: 13,
    Stage.STATUS: 3,
    Stage.UPDATE: 3,
    Stage.KEY: 3,
    Stage.PARSE: 3,
    Stage.TOP: 3,
    Stage.PERMISSION: 2,
    Stage.MEDIA_TYPE: 1,
    Stage.ROUTE: 3,
}
"""How many requests each stage has among the first 60. Chosen on one half of the catalogue of faults."""
EARLY: Final = {Stage.FIELDS, Stage.STATUS, Stage.UPDATE, Stage.KEY, Stage.PERMISSION}
"""The stages whose share comes early: it takes a few more requests to attribute what they find."""
PACE: Final = 0.7
"""The part of the others' time in which an early stage has its turns."""


def _update(of: int, status: str, name: str = "", **how: Any) -> Probe:  # noqa: ANN401 - fields of a Probe
    kinds = kinds_of(of)
    rules = UPDATED + (FOUND if kinds else ())
    return Probe(name or f"update-{of}-{status}", rules, of=of, status=status, ids=kinds, **how)


def _forced(status: int, **how: Any) -> Probe:  # noqa: ANN401 - fields of a Probe
    return Probe(f"prefer-{status}", (FORCED[status], "HTTP-04"), headers={"prefer": f"code={status}"}, **how)


# Enrollments 0 and 1 have the same customer, 0 and 9 the same campaign. Between two updates of 0, one of the
# others is set to the status that 0 does not have, so a server that updates both shows it in the next
# `previousStatus` of 0. A `Stage` stands for its next request, which names 0 and must not change it.
_BEGIN: Sequence[Probe] = [
    *(_forced(status) for status in (429, 500)),
    _forced(200, below=1),  # the only success of a target without an enrollment
    Probe("pending-at-first", ("STATUS-02", "STATUS-03"), of=0, status="pending", below=10),
    _update(1, "failed"),
    _update(0, "failed"),
    _update(0, "failed", "update-0-again", again=True),
    _update(0, "completed", again=True),
]
_STATE: Sequence[Probe | Stage] = [
    Stage.KEY,
    Stage.PERMISSION,
    Stage.FIELDS,
    Stage.LOOKUP,
    _update(9, "failed"),
    _update(1, "completed"),
    _update(0, "failed", "update-after-rejections"),
    Stage.LOOKUP,
    Stage.STATUS,
    Stage.FIELDS,
    Stage.LOOKUP,
    Stage.ROUTE,
    Stage.MEDIA_TYPE,
    Stage.PARSE,
    Stage.STATUS,
    _update(1, "failed", "update-1-again"),
    _update(0, "completed", "update-in-mixed-case", change=mixed),
]
DEFAULT = Probe("", ())


def is_free(probe: Probe, sets: Mapping[str, Any]) -> bool:
    """Whether a request has nothing unusual in these parts."""
    return all(getattr(probe, part) == getattr(DEFAULT, part) for part in sets)


def _rides(stage: Stage) -> list[Distinction]:
    return [row for row in TABLE if row.stage is stage and row.cost is Cost.RIDE]


def with_rides(probes: Sequence[Probe]) -> list[Probe]:
    """Put each ride of an update on two requests: the first of each terminal status that is free for it."""
    probes = list(probes)
    for row in _rides(Stage.UPDATE):
        for status in ("completed", "failed"):
            fits = (
                index
                for index, probe in enumerate(probes)
                if probe.status == status and _may_carry(probe) and is_free(probe, row.sets)
            )
            if (index := next(fits, None)) is not None:
                rules = dict.fromkeys((*probes[index].rules, *row.rules))
                probes[index] = replace(probes[index], rules=tuple(rules), **row.sets)
    return probes


def _may_carry(probe: Probe) -> bool:
    return "STATUS-01" in probe.rules or ("STATE-01" in probe.rules and not probe.again)


def with_one_ride(probes: Sequence[Probe]) -> list[Probe]:
    """Put one ride of the stage `KEY` on each request, as far as there are rides."""
    rides = _rides(Stage.KEY)
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
    return Probe("odd", rows[0].rules, spoil=spoil, alone=alone, pair=UNKNOWN, **others)


def of_stage(stage: Stage) -> list[Probe]:
    """The requests of a stage, in the order of the table."""
    costs = {Cost.REQUEST, Cost.SLOT}
    return [_probe(row) for row in TABLE if row.stage is stage and row.cost in costs]


def in_turn(stages: Mapping[Stage, Sequence[Probe]]) -> list[Probe]:
    """The share of each stage, spread evenly; then the rest of each stage, spread evenly too."""
    first = {stage: probes[: SHARES.get(stage, 0)] for stage, probes in stages.items()}
    rest = {stage: probes[SHARES.get(stage, 0) :] for stage, probes in stages.items()}
    return [*_spread(first), *_spread(rest)]


def _spread(groups: Mapping[Stage, Sequence[Probe]]) -> list[Probe]:
    turns = [
        ((index + 0.5) / len(group) * (PACE if stage in EARLY else 1), probe)
        for stage, group in groups.items()
        for index, probe in enumerate(group)
    ]
    return [probe for _, probe in sorted(turns, key=lambda turn: turn[0])]


def queues() -> dict[Stage, list[Probe]]:
    """The requests of each stage that wait for their turn."""
    waiting = {stage: of_stage(stage) for stage in Stage}
    first, *keys = waiting[Stage.KEY]
    waiting[Stage.KEY] = [first, *with_one_ride(keys)]
    waiting[Stage.PARSE].insert(1, crashing())
    return waiting


def chain(waiting: Mapping[Stage, list[Probe]]) -> list[Probe]:
    """The chain of updates, with the next request of a stage where the stage stands."""
    return [
        replace(waiting[each].pop(0), of=0) if isinstance(each, Stage) else each
        for each in (*_BEGIN, *_STATE)
    ]


STAGES: Final = queues()
_chain = chain(STAGES)
_riding = with_rides([*_chain[len(_BEGIN) :], *STAGES[Stage.UPDATE]])
FIRST: Sequence[Probe] = [*_BEGIN, *_riding[: len(_STATE)]]
"""The requests before anything else. Each relies on those before it."""
STAGES[Stage.UPDATE] = _riding[len(_STATE) :]
THEN: Sequence[Probe] = in_turn(STAGES)
"""The requests after those that are about the rate limit."""
