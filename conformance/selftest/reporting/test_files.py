"""The files of a report are written whole or not at all."""

import os
from pathlib import Path

import pytest

from conformance.reporting.everything import write_reports
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
    assert {"report.json", "junit.xml", "index.html", "traffic.har", "options.txt"} == {
        path.name for path in tmp_path.iterdir()
    }
