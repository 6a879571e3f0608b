"""Replaces ids of the screening that would decide nothing more by ids of other kinds.

An id of a kind that must be rejected decides nothing if its rule is violated already. Neither does a valid id
of a kind that the target's own enrollments have, because their updates show that it is accepted.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from . import new_ids
from .access import Access
from .probe import Probe
from .slots import KINDS, slot_rules
from .strategies import ALLOWED, REJECTED, SPECIAL, Kind

_NEW = new_ids.new_id("adapting")
USUAL = [kind for kind in ALLOWED if kind not in SPECIAL]
UNUSUAL = [kind for kind in REJECTED if not new_ids.possible_record_ids(str(kind.make(_NEW)))]
"""The kinds that may stand beside any other kind. Two ids that are not new could name a record."""


def adapt(probe: Probe, access: Access, violated: Collection[str]) -> Probe:
    """The request with ids of kinds that the target has not decided, as far as there are any."""

    def is_violated(kind: Kind) -> bool:
        return set(slot_rules(kind.name)) <= set(violated)

    def is_shown(kind: Kind) -> bool:
        parts = [KINDS[name] for name in kind.name.split("+")]
        ids = [id_ for each in access.enrollments for id_ in each.fields.values()]
        return all(any(part.make(id_) == id_ for id_ in ids) for part in parts)

    names_new_ids = probe.of is None or probe.of >= len(access.enrollments)
    turn = sum(probe.name.encode())
    kinds = []
    for field, kind in enumerate(probe.ids):
        names = set(kind.name.split("+"))
        if slot_rules(kind.name):
            kinds.append(_instead(kind, UNUSUAL, is_violated, turn + field))
        elif names_new_ids and names <= {each.name for each in ALLOWED}:
            kinds.append(_instead(kind, USUAL, is_shown, turn + field))
        else:
            kinds.append(kind)
    return replace(probe, ids=tuple(kinds))


def _instead(kind: Kind, others: Sequence[Kind], is_decided: Callable[[Kind], bool], turn: int) -> Kind:
    """Another kind that the target has not decided, if it has decided this one. The turn chooses which."""
    if not is_decided(kind):
        return kind
    undecided = [each for each in others if not is_decided(each)]
    return undecided[turn % len(undecided)] if undecided else kind
