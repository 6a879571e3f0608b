"""A command line whose errors end a command with our exit status."""

import argparse
from typing import NoReturn


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
