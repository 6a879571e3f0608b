"""What a fault is."""

from collections.abc import Callable
from dataclasses import dataclass

from ..behaviour import Behaviour

Change = Callable[[Behaviour], None]


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
    """Whether it was written by somebody who did not know what the suite asks, and in which order."""
