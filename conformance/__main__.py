"""`python -m conformance`: run the suite, by default against the embedded mock."""

import argparse
import sys

import pytest

from conformance.contract import REPOSITORY, load
from conformance.options import OPTIONS


def main(arguments: list[str]) -> int:
    """Run the suite with the options of the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    for flag, settings in OPTIONS:
        parser.add_argument(flag, **settings)
    parser.add_argument("--strict", action="store_true", help="a broken SHOULD fails the run as a MUST does")
    parser.add_argument(
        "--hypothesis-seed", metavar="N", help="send the same requests as the run with this seed"
    )
    parser.epilog = "Any other option is pytest's."
    known, _ = parser.parse_known_args(arguments)
    if known.list_rules:
        for rule in load().rules.values():
            print(f"{rule.id:<12} {rule.level:<7} {rule.known:<11} {rule.text}")
        return 0
    suite = str(REPOSITORY / "conformance" / "suite")
    quiet = ["-q", "--no-header", "--tb=no", "-rN", "-p", "no:cacheprovider"]
    return int(pytest.main([suite, f"--rootdir={REPOSITORY}", *quiet, *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
