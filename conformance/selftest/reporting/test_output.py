"""Commands end well if the reader of their output has gone, or if it cannot show every character."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY
from conformance.reporting.everything import write_reports
from conformance.reporting.ledger import Result
from conformance.selftest.reporting.runs_made_up import SUMMARY
from conformance.selftest.waiting import LONGEST


def start(arguments: list[str], output: int, **environment: str) -> tuple[int, str]:
    """Run a module with a descriptor as its output; the exit status, and what it wrote about errors."""
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.fixture
def commands(tmp_path: Path) -> dict[str, tuple[list[str], int]]:
    """Commands that print, each with its exit status."""
    kept = [replace(one, result=Result.PASS) for one in SUMMARY.verdicts]
    write_reports(replace(SUMMARY, verdicts=kept), tmp_path / "a")
    write_reports(SUMMARY, tmp_path / "b")
    files = [str(tmp_path / name / "report.json") for name in "ab"]
    archive, reports = tmp_path / "a" / "traffic.har", tmp_path / "judged"
    return {
        "compare": (["conformance.compare", *files], 1),
        "judge": (["conformance.judge", str(archive), "--report-dir", str(reports)], 6),
        "rules": (["conformance", "--list-rules"], 0),
        "help": (["conformance", "--help"], 0),
        "plan": (["conformance", "--dry-run", "--rule", "STATUS-01"], 0),
        "tests": (["conformance", "--collect-only", "--rule", "STATUS-01"], 0),
    }


@pytest.mark.parametrize("name", ["compare", "judge", "rules", "help", "plan", "tests"])
def test_output_without_a_reader_changes_no_exit_status(
    commands: dict[str, tuple[list[str], int]], name: str
) -> None:
    """The exit status is that of the command, and no traceback is printed."""
    arguments, status = commands[name]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert (status, "") == start(arguments, writer)
    finally:
        os.close(writer)


def test_output_in_a_poor_encoding_loses_only_characters(
    commands: dict[str, tuple[list[str], int]], tmp_path: Path
) -> None:
    """A mark that the encoding lacks becomes a question mark."""
    arguments, status = commands["compare"]
    path = tmp_path / "printed.txt"
    with path.open("wb") as file:
        assert (status, "") == start(arguments, file.fileno(), PYTHONIOENCODING="ascii")
    assert "? ID-01" in path.read_text("ascii")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("name", ["compare", "judge", "rules", "help"])
def test_output_that_cannot_be_written_is_an_error_of_the_suite(
    commands: dict[str, tuple[list[str], int]], name: str
) -> None:
    """If the disk is full, the exit status says so, and not that a rule is broken or that all is well."""
    with Path("/dev/full").open("wb") as full:
        found = start(commands[name][0], full.fileno())
    assert (3, "ERROR IN THE SUITE: No space left on device\n") == found


# Runs a command that Ctrl-C interrupts, also where a shell in the background has its children ignore it.
INTERRUPTIBLE = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""


@pytest.mark.parametrize("name", ["compare", "judge"])
def test_command_that_is_interrupted_ends_in_a_word(tmp_path: Path, name: str) -> None:
    """Ctrl-C while a command reads its file ends it with 2, and no traceback is printed."""
    waits = tmp_path / "report.json"
    os.mkfifo(waits)
    files = [str(waits)] * (2 if name == "compare" else 1)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, f"conformance.{name}", *files],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process, waits.open("wb"):  # opens when the command reads
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=LONGEST)[1]
    assert (2, "INTERRUPTED\n") == (process.returncode, text)
