"""`python -m conformance`: run the suite, by default against the embedded mock."""

import sys
from typing import NoReturn

from .transport.interruption import INTERRUPTION, ignore_from_now_on


def command() -> NoReturn:
    """Run the suite as a program."""
    # A shell starts what runs in the background deaf to interrupts; an interrupted run leaves its report.
    INTERRUPTION.install()
    from .runner.command import main  # noqa: PLC0415 - it takes a second, in which a signal may arrive

    status = main(sys.argv[1:])
    ignore_from_now_on()
    sys.exit(status)


if __name__ == "__main__":
    command()
