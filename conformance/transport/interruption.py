"""Ctrl-C and SIGTERM: the run ends soon, in order, and only once.

A signal raises an exception only where the process waits: in an exchange or in a pause. Everywhere else it
sets a flag, which the gate reads before the next request. So no signal can break pytest, a report or another
module in the middle of its work.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PATIENCE = 30.0
"""Seconds after the first signal. A further signal after them ends the process at once."""
EXIT_STATUS = 2
GLANCE = 0.2
"""Seconds between two looks at the file of the controller."""


class Interrupted(BaseException):
    """The user interrupted a wait."""


class Interruption:
    """Whether the user wants the run to end.

    Attributes:
        is_running: whether there is a run that can end in order. Before it, a signal ends the process.
        is_beginning: whether the run begins now. A signal counts when it has begun.
        file: what the controller of several workers makes, and what its workers look for.
        on_first: called with the first signal.

    """

    def __init__(self) -> None:
        self.is_running = self.is_beginning = False
        self.file: Path | None = None
        self.on_first: Callable[[], object] = lambda: None
        self._first = 0.0
        self._is_waiting = False
        self._stderr = 2

    def install(self) -> None:
        """Handle the signals from now on."""
        self._stderr = os.dup(2)  # pytest will put a file in its place, to keep the output of tests
        for each in SIGNALS:
            signal.signal(each, self.handle)

    def begin(self) -> None:
        """The run has begun. A signal that arrived meanwhile counts now."""
        self.is_running, self.is_beginning = True, False
        if self._first:
            self._end_soon()

    @property
    def is_wanted(self) -> bool:
        """Whether the run is to end."""
        return bool(self._first) or (self.file is not None and self.file.exists())

    @contextlib.contextmanager
    def may_interrupt(self) -> Iterator[None]:
        """A block that waits. A signal raises `Interrupted` in it."""
        self._is_waiting = True
        try:
            yield
        finally:
            self._is_waiting = False

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises:
            Interrupted: the run is to end.

        """
        until = time.monotonic() + seconds
        with self.may_interrupt():
            while (left := until - time.monotonic()) > 0:
                if self.is_wanted:
                    raise Interrupted
                time.sleep(left if self.file is None else min(left, GLANCE))

    def handle(self, *_: object) -> None:
        """A signal arrived."""
        is_first = not self._first
        self._first = self._first or time.monotonic()
        if self.is_beginning:  # the signals are held back, but a thread of a library may get one
            return
        if not self.is_running or time.monotonic() - self._first > PATIENCE:
            with contextlib.suppress(OSError, ValueError):
                os.write(self._stderr, b"INTERRUPTED\n")
            os._exit(EXIT_STATUS)
        if is_first:
            self._end_soon()
            if self._is_waiting:
                raise Interrupted

    def _end_soon(self) -> None:
        if self.file is not None:
            self.file.touch()
        self.on_first()


INTERRUPTION = Interruption()
"""The one of this process: signals are handled for a process, not for an object."""


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """A block in which no signal arrives, not even in processes that it starts. Those never get one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_from_now_on() -> None:
    """Ignore the signals while the process ends, so that its exit status is that of its report.

    A reader of the output that has gone away does not change the status either, nor do messages on the
    standard error that cannot be written.
    """
    for file, lost in ((sys.stdout, BrokenPipeError), (sys.stderr, OSError)):
        try:
            file.flush()
        except lost:  # Python would flush again, and exit with a status of its own
            os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
