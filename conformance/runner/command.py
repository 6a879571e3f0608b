"""The options of `python -m conformance`, and how it runs pytest."""

import argparse
import contextlib
import sys
from typing import TextIO, cast

import pytest

from ..contract.document import IS_INSTALLED, PACKAGE, REPOSITORY
from ..reporting.output import Output, say
from . import differences
from .options import OPTIONS

SUITE = PACKAGE / "suite"
SETTINGS = SUITE / "pytest.ini" if IS_INSTALLED else REPOSITORY / "pyproject.toml"
COMMAND = "carecycle-conformance" if IS_INSTALLED else "python -m conformance"
DESCRIPTION = "Run the suite, by default against the embedded mock."


def options() -> argparse.ArgumentParser:
    """The options of the suite, and those of pytest and its plugins that it gives a meaning."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=DESCRIPTION, epilog="Any other option is pytest's."
    )
    for flag, settings in OPTIONS:
        parser.add_argument(flag, **settings)
    parser.add_argument("-n", metavar="N", help="divide the tests between N processes")
    parser.add_argument("--strict", action="store_true", help="a broken SHOULD fails the run as a MUST does")
    return parser


def main(arguments: list[str]) -> int:
    """Run the suite with the options of the command line; the exit status."""
    if {"-h", "--help"} & set(arguments):
        say(options().format_help().rstrip())
        return 0
    # pytest and its plugins fail when the reader of their output has gone.
    with contextlib.redirect_stdout(cast("TextIO", Output(sys.stdout))):
        return differences.main(arguments, run) if differences.is_wanted(arguments) else run(arguments)


def run(arguments: list[str]) -> int:
    """Run the suite once; the exit status."""
    # Plain asserts: the suite's failures explain themselves, and rewriting takes a second of every start.
    quiet = ["-q", "--no-header", "--tb=no", "-rN", "-p", "no:cacheprovider", "--assert=plain"]
    # pytest looks for its settings beside whatever names a path, the value of --report-dir too.
    settings = [f"--rootdir={SETTINGS.parent}", f"--config-file={SETTINGS}"]
    return int(pytest.main([str(SUITE), *settings, *quiet, *arguments]))
