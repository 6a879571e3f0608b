"""The files of a report are written whole or not at all."""

import json
import os
import re
from pathlib import Path
from typing import cast

import pytest

from conformance.reporting import terminal
from conformance.reporting.everything import WRITERS, write_reports
from conformance.reporting.exit_status import ExitStatus
from conformance.reporting.files import ReportError, write
from conformance.selftest.reporting.runs_made_up import SUMMARY


def test_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """A file that is written again has the new content, and nothing else is left beside it."""
    path = tmp_path / "new" / "report.txt"
    write(path, "old")
    write(path, "new\ud800")
    assert path.read_text("utf-8") == "new\\ud800"
    assert [path] == list(path.parent.iterdir())


def test_device_is_written_to() -> None:
    """A device stays a device; the error of one that is full names it."""
    write(Path(os.devnull), "text")
    with pytest.raises(ReportError, match=r"^cannot write /dev/full: No space left on device$"):
        write(Path("/dev/full"), "text")
    assert Path("/dev/full").is_char_device()


def test_report_that_cannot_be_written_is_an_error_of_the_suite(tmp_path: Path) -> None:
    """A report that cannot be written is an error in the suite, with a sentence that names the file."""
    (tmp_path / "report.json").mkdir()
    summary = write_reports(SUMMARY, tmp_path)
    assert (summary.exit_status, summary.meaning) == (ExitStatus.ERROR_IN_THE_SUITE, "ERROR IN THE SUITE")
    assert summary.problems == (f"cannot write {tmp_path / 'report.json'}: Is a directory",)
    assert summary.is_written, "index.html is what a person opens"
    assert {"report.json", "junit.xml", "index.html", "traffic.har", "options.txt"} == {
        path.name for path in tmp_path.iterdir()
    }


@pytest.mark.parametrize(("name", "names"), [("index.html", ["html", "har"]), ("report.json", ["har"])])
def test_report_that_could_not_be_written_is_not_named(tmp_path: Path, name: str, names: list[str]) -> None:
    """A person is told of a report to open only if it was written."""
    (tmp_path / name).mkdir()
    summary = write_reports(SUMMARY, tmp_path, names)
    text = [line for line, _ in terminal.lines(summary, tmp_path / name)]
    assert (summary.is_written, f"report: {tmp_path / name}" in text) == (False, False)
    (tmp_path / name).rmdir()
    text = [line for line, _ in terminal.lines(write_reports(SUMMARY, tmp_path, names), tmp_path / name)]
    assert f"report: {tmp_path / name}" in text


def test_report_with_a_bug_costs_no_other_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in a report is an error of the suite with its place, and the rest is written."""

    def fail(*_: object) -> None:
        raise KeyError(SUMMARY.target)

    monkeypatch.setitem(cast("dict[str, object]", WRITERS), "html", fail)
    summary = write_reports(SUMMARY, tmp_path)
    assert summary.exit_status is ExitStatus.ERROR_IN_THE_SUITE
    (problem,) = summary.problems
    assert re.fullmatch(r"a report has a bug: KeyError at test_files\.py:\d+", problem)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (3, True) == (report["exit_status"], (tmp_path / "junit.xml").is_file())
