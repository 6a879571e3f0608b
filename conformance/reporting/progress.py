"""How far a run is: a live line on a terminal, a plain line from time to time elsewhere."""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO, cast

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from ..contract.document import RateLimit
from .output import Output

BETWEEN = 15.0
"""Seconds between two plain lines."""


@dataclass(frozen=True, slots=True)
class State:
    """How far a run is."""

    decided: int
    rules: int
    sent: int
    done: int = 0
    """Tests that ended."""
    tests: int = 0
    most: int | None = None
    """The most requests that may be sent."""
    rate: RateLimit | None = None
    waiting: float = 0.0
    """Seconds until the rate limit allows the next request."""

    @property
    def seconds_left(self) -> float | None:
        """The time that the requests to come take at the rate limit, as far as the tests so far tell."""
        if self.rate is None or not self.done:
            return None
        requests = self.sent * (self.tests - self.done) / self.done
        if self.most is not None:
            requests = min(requests, self.most - self.sent)
        return requests * self.rate.seconds / self.rate.requests


def describe(state: State) -> str:
    """How far a run is, in a line."""
    budget = "" if state.most is None else f" of {state.most}"
    parts = [f"{state.decided} of {state.rules} rules decided", f"{state.sent}{budget} requests"]
    if state.waiting >= 1:
        parts.append(f"waiting {state.waiting:.0f} s for the rate limit")
    elif (left := state.seconds_left) is not None:
        parts.append(f"about {left / 60:.0f} min left" if left >= 90 else f"about {left:.0f} s left")
    return ", ".join(parts)


class Progress:
    """Shows how far a run is, from `start` to `stop`."""

    def __init__(self, file: TextIO, state: Callable[[], State]) -> None:
        self._file = _without_capture(file)
        self._state = state
        self._console = Console(file=self._file)
        self._live: Live | None = None
        self._last = 0.0

    def start(self) -> None:
        """Begin to show it, live where the file is a terminal."""
        if self._file.isatty():
            self._live = Live(
                get_renderable=self._render,
                console=self._console,
                refresh_per_second=4,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def advance(self) -> None:
        """A test ended: print a line where nothing is live, the first at once."""
        if self._live is None and time.monotonic() - self._last >= BETWEEN:
            self._last = time.monotonic()
            print(f"... {describe(self._state())}", file=self._file, flush=True)

    def say(self, text: str) -> None:
        """Print a line, above the live line if there is one."""
        if self._live is not None:
            self._live.console.print(text, markup=False, highlight=False)
        else:
            print(f"... {text}", file=self._file, flush=True)

    def stop(self) -> None:
        """Take the live line away."""
        live, self._live = self._live, None
        if live is not None:
            with contextlib.suppress(KeyboardInterrupt):  # a second Ctrl-C: the report is still to be written
                live.stop()

    def _render(self) -> Table:
        state = self._state()
        grid, text = Table.grid(padding=(0, 1)), describe(state)
        room = self._console.width - len(text) - 2
        bar = ProgressBar(max(1, state.tests), state.done, width=min(12, room))
        grid.add_row(*([bar, text] if room >= 4 else [text]))
        return grid


def _without_capture(file: TextIO) -> TextIO:
    """The file, past what takes the output of tests while they run, as pytest does with the descriptor."""
    try:
        copy = os.fdopen(os.dup(file.fileno()), "w", encoding=file.encoding, errors="replace")
        return cast("TextIO", Output(copy))
    except (OSError, ValueError):  # it has no descriptor
        return file
