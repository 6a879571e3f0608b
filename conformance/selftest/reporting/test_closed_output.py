"""A standard stream that is closed is like `/dev/null`: it changes no exit status and loses no report."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY
from conformance.selftest.waiting import LONGEST

RUN = ("-m", "conformance")
NO_TARGET = (*RUN, "--target", "http://x..y")
JUDGE = ("-m", "conformance.judge", "nofile")
COMPARE = ("-m", "conformance.compare", "nofile", "nofile")


def status(arguments: tuple[str, ...], redirections: str) -> int:
    """The exit status of a Python command that a shell starts with these redirections."""
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirections}', "sh", sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=LONGEST,
        check=False,
    )
    return done.returncode


@pytest.mark.parametrize(
    ("arguments", "redirections", "expected"),
    [
        ((*RUN, "--help"), ">&-", 0),
        ((*RUN, "--help"), "2>&-", 0),
        ((*RUN, "--list-rules"), "<&- >&- 2>&-", 0),
        (NO_TARGET, ">&-", 4),
        (NO_TARGET, "2>&-", 4),
        (JUDGE, ">&-", 4),
        (COMPARE, "<&- >&- 2>&-", 4),
    ],
)
def test_closed_stream_changes_no_exit_status(
    arguments: tuple[str, ...], redirections: str, expected: int
) -> None:
    """The exit status is what it would be, for what succeeds and for a usage error."""
    assert expected == status(arguments, redirections)


def test_run_without_any_stream_writes_its_reports(tmp_path: Path) -> None:
    """No report or database gets the number of a stream, into which something else is printed."""
    options = ("--max-requests", "20", "--report-dir", str(tmp_path))
    assert status((*RUN, *options), "<&- >&- 2>&-") == 6
    assert {"report.json", "index.html", "junit.xml", "traffic.har"} <= {
        each.name for each in tmp_path.iterdir()
    }


def test_signal_while_the_error_output_is_closed_is_an_interruption() -> None:
    """A signal that arrives while the command is loaded ends it with 2, also if it cannot say so."""
    code = f"import os, conformance.__main__; os.close(2); os.kill(os.getpid(), {signal.SIGTERM:d})"
    assert status(("-c", code), "") == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", [NO_TARGET, JUDGE, COMPARE], ids=["run", "judge", "compare"])
def test_usage_error_that_cannot_be_said_is_one(arguments: tuple[str, ...]) -> None:
    """A message that cannot be written does not make a usage error one of the suite."""
    assert status(arguments, "2>/dev/full") == 4
