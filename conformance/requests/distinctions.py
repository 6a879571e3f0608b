"""What a row of the screening's table is: something to distinguish, the stage that decides it, and its cost.

A server checks a request in stages and rejects it at the first defect. So a request tests one defect, with
three exceptions: a rejection names each wrong field, what must be accepted can be combined, and the order of
two stages shows in which of two defects is rejected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any


class Stage(Enum):
    """Where a server decides about a request, in the order in which it does."""

    ROUTE = auto()
    KEY = auto()
    PERMISSION = auto()
    MEDIA_TYPE = auto()
    PARSE = auto()
    TOP = auto()
    """Whether the JSON value is an object."""
    FIELDS = auto()
    STATUS = auto()
    """Whether the status is terminal."""
    LOOKUP = auto()
    """Whether the ids name an enrollment."""
    UPDATE = auto()
    """Nothing is wrong: the status is set."""


class Cost(Enum):
    """What it costs to test a distinction."""

    REQUEST = auto()
    """A request: it is rejected for this, or would be."""
    SLOT = auto()
    """A field of a request that is rejected for its fields: the rejection names each."""
    RIDE = auto()
    """Nothing: a request of the stage has it beside what that request tests."""
    CRASH = auto()
    """A part of one request: only a 5xx is wrong. If that request is rejected, each is sent alone."""


@dataclass(frozen=True, slots=True)
class Distinction:
    """Something that a server may decide wrongly."""

    name: str
    stage: Stage
    cost: Cost
    sets: Mapping[str, Any]
    """The parts of a `Probe` that it takes."""
    rules: tuple[str, ...] = ()


@dataclass
class Rows:
    """The rows of the table, as they are added."""

    rows: list[Distinction] = field(default_factory=list)

    def add(
        self,
        stage: Stage,
        *rules: str,
        cost: Cost = Cost.REQUEST,
        rows: Mapping[str, Mapping[str, Any]] | None = None,
        **named: Mapping[str, Any],
    ) -> None:
        """Add rows of a stage: the parts that each takes, by its name."""
        for name, sets in {**(rows or {}), **named}.items():
            self.rows.append(Distinction(name.replace("_", "-"), stage, cost, sets, rules))
