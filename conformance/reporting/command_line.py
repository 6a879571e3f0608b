"""How a command reads its arguments and exits. Its errors have our exit statuses, and not those of Python."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from typing import NoReturn, TextIO, cast

from ..transport.interruption import ignore_from_now_on
from .exit_status import ExitStatus
from .output import Output, replace_closed
from .own_failure import describe


class UsageError(ValueError):
    """An argument cannot be used. The message says why."""


class CommandLine(argparse.ArgumentParser):
    """A parser that raises its errors. argparse would exit with 2, which means an interruption here."""

    def error(self, message: str) -> NoReturn:
        """Raise the error.

        Raises:
            UsageError: always.

        """
        raise UsageError(message)


def exit_with(run: Callable[[], int]) -> NoReturn:
    """Exit with the status that a command returns. If it raises an exception, that is an error in the suite.

    Python would exit with 1, which means that a rule is broken, and print a traceback after Ctrl-C. A closed
    output is like `/dev/null`, and so is a standard error that cannot be written: what is lost is a message,
    which the status does not depend on.
    """
    replace_closed()
    try:
        with contextlib.redirect_stderr(cast("TextIO", Output(sys.stderr, lost=OSError))):
            status = run()
        ignore_from_now_on()
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            print(ExitStatus.INTERRUPTED.words, file=sys.stderr, flush=True)
        os._exit(ExitStatus.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no broken rule
        with contextlib.suppress(OSError):
            print(f"{ExitStatus.ERROR_IN_THE_SUITE.words}: {describe(error)}", file=sys.stderr, flush=True)
        os._exit(ExitStatus.ERROR_IN_THE_SUITE)
    sys.exit(status)
