"""`python -m conformance`: run the suite, by default against the embedded mock."""

import argparse
import sys

import pytest

from conformance.contract import REPOSITORY
from conformance.options import OPTIONS

SUITE = REPOSITORY / "conformance" / "suite"


def options() -> argparse.ArgumentParser:
    """The options of the suite, and those of pytest and Hypothesis that it gives a meaning."""
    parser = argparse.ArgumentParser(
        prog="python -m conformance", description=__doc__, epilog="Any other option is pytest's."
    )
    for flag, settings in OPTIONS:
        parser.add_argument(flag, **settings)
    parser.add_argument("--strict", action="store_true", help="a broken SHOULD fails the run as a MUST does")
    parser.add_argument("--hypothesis-seed", metavar="N", help="send what the run with this seed sent")
    return parser


def main(arguments: list[str]) -> int:
    """Run the suite with the options of the command line; the exit status."""
    if {"-h", "--help"} & set(arguments):
        options().print_help()
        return 0
    quiet = ["-q", "--no-header", "--tb=no", "-rN", "-p", "no:cacheprovider"]
    quick = ["--assert=plain"]  # to rewrite Schemathesis takes longer than many a run
    # pytest looks for its settings beside whatever names a path, the value of --report-dir too.
    settings = [f"--rootdir={REPOSITORY}", f"--config-file={REPOSITORY / 'pyproject.toml'}"]
    return int(pytest.main([str(SUITE), *settings, *quiet, *quick, *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
