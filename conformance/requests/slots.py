"""Values of the three fields that must be rejected, three to a request: a 422 names each wrong field."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import strategies
from .probe import ABSENT
from .strategies import ALLOWED, REJECTED, UNKNOWN_STATUSES, Kind

KINDS = {kind.name: kind for kind in (*ALLOWED, *REJECTED)}


def kind(names: str) -> Kind:
    """The kind that is all of the kinds named, made from the last one on."""
    kinds = [KINDS[name] for name in reversed(names.split("+"))]

    def make(id_: str) -> Any:  # noqa: ANN401 - a JSON value
        for each in kinds:
            id_ = each.make(id_)
        return id_

    return Kind(names, make)


STATUSES: Mapping[str, Any] = {**UNKNOWN_STATUSES, "missing": ABSENT, "pending": "pending"}
SLOTS: Sequence[tuple[str, str, str]] = (
    ("version-9", "newline-after", "upper-case"),
    ("null", "empty", "missing"),
    ("variant-7+version-3", "no-dashes", "space-after"),
    ("urn", "object", "null"),
    ("short-groups", "max-in-upper-case", "longer"),
    ("array", "variant-e+version-7", "array"),
    ("no-dashes", "variant-0+version-1", "pending"),
    ("braces", "zero", "empty"),
    ("full-width-digit", "last-digit-past-f", "number"),
    ("max-in-mixed-case", "true", "prefix"),
    ("two-lines+nil", "one-dash-moved", "newline-after"),
    ("variant-c", "almost-nil", "inherited"),
    ("very-long", "one-digit-long", "dashes"),
    ("space-before", "version-9", "unknown-word"),
    ("newline-after", "variant-7", "true"),
    ("version-0", "array", "capitalised"),
    ("one-dash-moved", "space-before", "object"),
    ("false", "very-long", "space-before"),
    ("number", "urn", "other-spelling"),
    ("object", "null", "prefix"),
    ("variant-f", "two-lines", "null"),
    ("true", "braces", "missing"),
    ("max-in-upper-case", "empty-object", "number"),
    ("one-digit-long", "max-in-mixed-case", "empty"),
    ("word", "nil-in-a-word", "longer"),
)
"""A customer, a campaign and a status that must be rejected together, by the names of their kinds.

First come the kinds that careless validators let through most often, each family in either field.
"""


def slot_rules(name: str) -> tuple[str, ...]:
    """The rules that an id of a kind violates."""
    families = {
        "ID-04": strategies.OTHER_VERSIONS + strategies.OTHER_VARIANTS + strategies.ALMOST_SPECIAL,
        "ID-05": strategies.OTHER_MAX,
        "ID-06": strategies.MALFORMED,
        "ID-07": strategies.OTHER_TYPES,
    }
    first = name.partition("+")[0]
    return tuple(rule for rule, kinds in families.items() if first in {each.name for each in kinds})
