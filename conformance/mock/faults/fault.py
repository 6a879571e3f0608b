"""What a fault is, and the two forms of its description: a row of a table, or a function."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..behaviour import Behaviour

Change = Callable[[Behaviour], None]
Row = Change | tuple[str, Change] | tuple[str, Change, Sequence[str]]
"""A change, or a sentence and a change, or a sentence, a change and the rules that may break too.

A row without a sentence has a name that is the whole sentence.
"""

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Fault:
    """A server that breaks one rule of the contract: a named change of the mock."""

    name: str
    """What the server does wrong, as a verb and its object."""
    breaks: str
    """The id of the rule that the fault breaks."""
    text: str
    """What the server does wrong, in one sentence."""
    change: Change
    also: tuple[str, ...] = ()
    """The ids of other rules that the fault breaks by their wording. They may fail too."""
    unseen: bool = False
    """Whether the author of the fault did not know what the suite sends, and in which order."""


DESCRIBED: dict[str, Fault] = {}
"""Every fault by its name, in the order in which the modules describe them."""


def table(breaks: str, *, also: Sequence[str] = (), unseen: bool = False, **rows: Row) -> None:
    """Describe the faults of one rule, each in a row. `also` applies to all of them."""
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
    """Describe a fault by a function that replaces one step of the mock.

    The function gets the replaced step and the arguments of the step. If `memory` is given, the function gets
    the value of `memory()` between them. That value is made once for each mock, so it can hold what the fault
    remembers from one request to the next. Without a step, the function gets the mock and changes it.
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
    """Replace one step by a function, which gets the replaced step and the arguments of the step."""
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
