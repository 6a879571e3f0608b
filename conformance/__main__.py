"""`python -m conformance`: run the suite, by default against the embedded mock."""

# ruff: noqa: E402 - the handlers come first: what the suite imports takes up to a second, in which a signal
# may arrive. `_signal` and `os` are the modules that are there when Python has started.
import _signal  # type: ignore[import-not-found]  # `signal` wraps it, and takes 20 ms to import
import os


def _end_at_once(*_: object) -> None:
    try:
        os.write(2, b"INTERRUPTED\n")
    finally:  # the standard error may be closed
        os._exit(2)


for _number in (_signal.SIGINT, _signal.SIGTERM):
    _signal.signal(_number, _end_at_once)

import sys
from typing import NoReturn

from .transport.interruption import INTERRUPTION


def command() -> NoReturn:
    """Run the suite as a program."""
    from .reporting.command_line import exit_with  # noqa: PLC0415 - after the handler, as the import below

    exit_with(_run)


def _run() -> int:
    # A program that a shell starts in the background ignores interrupts, but this one has a report to write.
    INTERRUPTION.install()
    from .runner.command import main  # noqa: PLC0415 - it takes a second, in which a signal may arrive

    return main(sys.argv[1:])


if __name__ == "__main__":
    command()
