"""Judge recorded traffic: the same checks as a run, on exchanges that somebody else recorded. Sends nothing.

The recording is an HTTP Archive (HAR) of a browser, a proxy, a gateway, or of a run of the suite.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from ..contract import document
from ..contract.document import IS_INSTALLED, Contract, ContractError, program
from ..reporting import github, terminal
from ..reporting.command_line import CommandLine, UsageError, exit_with
from ..reporting.everything import WRITERS, report_to_open, write_reports
from ..reporting.exit_status import ExitStatus
from ..reporting.output import say
from ..requests.access import Enrollment
from ..transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE
from ..transport.target_options import TargetError, read_enrollments
from .archive import ArchiveError, read_archive
from .matching import normalise
from .recording import Recording

COMMAND = (
    ("carecycle-judge",)
    if IS_INSTALLED
    else (".venv/bin/tox", "exec", "-q", "-e", "conformance", "--", "python", "-m", "conformance.judge")
)
REPORTS = Path("conformance-report/judged")


def main(arguments: Sequence[str]) -> int:
    """Judge a recording, print and write the reports; the exit status is that of a run."""
    try:
        options = _parser().parse_args(arguments)
        contract = document.load_to_run(options.contract)
        rules = contract.select_rules(options.rule)
        recording = Recording(
            read_archive(options.archive),
            contract,
            name=options.archive.name,
            base_urls=[_address(url) for url in options.target],
            enrollments=_enrollments(options.enrollment, contract),
            keys=_keys(os.environ),
            honours_prefer=options.prefer,
            strict=options.strict,
            reports=str(options.report_dir),
            replay=(*COMMAND, *_replay(options)),
        )
    except (ArchiveError, ContractError, UsageError) as error:
        print(f"error: {error}", file=sys.stderr)
        return ExitStatus.USAGE_ERROR
    recording.judge()
    summary = recording.summarize(_replay(options), rules)
    names = options.report or WRITERS
    summary = write_reports(summary, options.report_dir, names)
    report = report_to_open(options.report_dir, names)
    with github.log(say, os.environ, summary):
        for line, markup in terminal.lines(summary, report, verbose=options.verbose):
            say(terminal.styled(line, markup) if sys.stdout.isatty() else line)
    return summary.exit_status


def command() -> NoReturn:
    """Judge as a program."""
    exit_with(lambda: main(sys.argv[1:]))


def _parser() -> CommandLine:
    parser = CommandLine(
        prog=program("judge"),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        fromfile_prefix_chars="@",
        epilog=f"{KEY_VARIABLE} and {RESTRICTED_KEY_VARIABLE} say which of the recorded keys is which.",
    )
    parser.add_argument("archive", type=Path, metavar="FILE", help="the recording, such as traffic.har")
    parser.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="URL",
        help="an address of the API, below which every exchange is judged; repeatable "
        "(default: any host, and the paths of the contract)",
    )
    parser.add_argument(
        "--enrollment",
        action="append",
        default=[],
        metavar="CUSTOMER_ID:CAMPAIGN_ID",
        help="an enrollment that exists; repeatable (default: those whose updates were accepted)",
    )
    parser.add_argument("--prefer", action="store_true", help="the target honours `Prefer: code=NNN`")
    parser.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="ID",
        help="a rule or an area; repeatable (default: all)",
    )
    parser.add_argument("--strict", action="store_true", help="a broken SHOULD fails as a MUST does")
    parser.add_argument("--contract", type=Path, default=document.DEFAULT_PATH, metavar="PATH")
    parser.add_argument(
        "--report-dir",
        type=Path,
        default=REPORTS,
        metavar="DIR",
        help="where reports go (default %(default)s)",
    )
    parser.add_argument(
        "--report", action="append", choices=["json", *WRITERS], help="write this report only"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="print the verdict on every rule")
    return parser


def _keys(environment: Mapping[str, str]) -> dict[str, str]:
    names = (KEY_VARIABLE, RESTRICTED_KEY_VARIABLE)
    return {name: environment[name] for name in names if environment.get(name)}


def _address(url: str) -> str:
    found = normalise(url)
    if found is None:
        raise UsageError("--target is no http or https address")  # a password may be in it
    return found.partition("?")[0].rstrip("/")


def _enrollments(texts: Sequence[str], contract: Contract) -> Sequence[Enrollment]:
    try:
        return read_enrollments(texts, contract)
    except TargetError as error:
        raise UsageError(str(error)) from error


def _replay(options: argparse.Namespace) -> list[str]:
    """The options that judge the recording again in the same way."""
    words = [str(options.archive)]
    for flag, values in (("--target", options.target), ("--enrollment", options.enrollment)):
        words += [word for value in values for word in (flag, value)]
    if options.contract != document.DEFAULT_PATH:
        words += ["--contract", str(options.contract)]
    words += ["--prefer"] if options.prefer else []
    return [*words, "--strict"] if options.strict else words


if __name__ == "__main__":
    command()
