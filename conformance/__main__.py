"""`python -m conformance`: run the suite, by default against the embedded mock."""

# ruff: noqa: E402 - the handlers come first: what the suite imports takes up to a second, in which a signal
# may arrive. `_signal` and `os` are the modules that are there when Python has started.
import _signal  # type: ignore[import-not-found]  # `signal` wraps it, and takes 20 ms to import
import os


def _end_at_once(*_: object) -> None:
    os.write(2, b"INTERRUPTED\n")
    os._exit(2)


for _number in (_signal.SIGINT, _signal.SIGTERM):
    _signal.signal(_number, _end_at_once)

import contextlib
import sys
from typing import NoReturn

from .transport.interruption import INTERRUPTION, ignore_from_now_on


def command() -> NoReturn:
    """Run the suite as a program."""
    # A program that a shell starts in the background ignores interrupts, but this one has a report to write.
    INTERRUPTION.install()
    from .runner.command import main  # noqa: PLC0415 - it takes a second, in which a signal may arrive

    try:
        status = main(sys.argv[1:])
        ignore_from_now_on()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and Python would exit with 1
        cause = getattr(error, "strerror", None) or type(error).__name__
        with contextlib.suppress(OSError):
            print(f"ERROR IN THE SUITE: {cause}", file=sys.stderr, flush=True)
        os._exit(3)
    sys.exit(status)


if __name__ == "__main__":
    command()
