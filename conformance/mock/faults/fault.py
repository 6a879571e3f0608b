"""What a fault is, and the two forms in which faults are described: a row of a table, or a function."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..behaviour import Behaviour

Change = Callable[[Behaviour], None]
Row = Change | tuple[str, Change] | tuple[str, Change, Sequence[str]]
"""A change; before it a sentence, if the name does not say it all; after it rules that may break as well."""

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Fault:
    """A named way to break one rule of the contract."""

    name: str
    """The misbehaviour, as a verb and its object."""
    breaks: str
    """The id of the rule that it is about."""
    text: str
    """The misbehaviour in one sentence."""
    change: Change
    also: tuple[str, ...] = ()
    """The ids of the rules that the same misbehaviour breaks by their wording, and that may fail with it."""
    unseen: bool = False
    """Whether its author did not know what the suite sends, and in which order."""


DESCRIBED: dict[str, Fault] = {}
"""Every fault by its name, in the order of the modules that describe them."""


def table(breaks: str, *, also: Sequence[str] = (), unseen: bool = False, **rows: Row) -> None:
    """Describe faults that break one rule, each in a row; `also` holds for all of them."""
    for name, row in rows.items():
        text, change, *more = row if isinstance(row, tuple) else (_sentence(name), row)
        _describe(Fault(name, breaks, text, change, (*itertools.chain(*more), *also), unseen))


def fault(
    breaks: str,
    *,
    step: str = "",
    memory: Callable[[], Any] | None = None,
    also: Sequence[str] = (),
    unseen: bool = False,
) -> Callable[[Function], Function]:
    """Describe a fault by a function that takes the place of one step of the mock.

    The function gets the step as it was, and the step's own arguments. With `memory` it gets between them
    what `memory()` made for the mock: what it remembers from one request to the next. Without a step the
    function gets the mock and changes it.
    """

    def describe(function: Function) -> Function:
        def change(mock: Behaviour) -> None:
            if not step:
                function(mock)
            elif memory is None:
                mock.wrap(step, function)
            else:
                remembered = memory()
                mock.wrap(step, lambda inner, *arguments: function(inner, remembered, *arguments))

        text = (function.__doc__ or "").strip()
        _describe(Fault(function.__name__, breaks, text, change, tuple(also), unseen))
        return function

    return describe


def wrap(step: str, wrapper: Callable[..., Any]) -> Change:
    """Put a function in the place of one step, called with the step as it was and the step's arguments."""
    return lambda mock: mock.wrap(step, wrapper)


def both(*changes: Change) -> Change:
    """Make several changes, one after the other."""

    def change(mock: Behaviour) -> None:
        for each in changes:
            each(mock)

    return change


def _sentence(name: str) -> str:
    return f"{name.replace('_', ' ').capitalize()}."


def _describe(described: Fault) -> None:
    if described.name in DESCRIBED:
        raise ValueError(f"two faults are called {described.name}")
    DESCRIBED[described.name] = described
