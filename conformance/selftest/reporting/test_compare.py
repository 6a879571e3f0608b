"""Two reports are compared rule by rule."""

import dataclasses
from pathlib import Path

import pytest

from conformance.compare import main
from conformance.reporting.json_report import write_json
from conformance.reporting.ledger import Result
from conformance.selftest.reporting.runs_made_up import SUMMARY


def test_comparison_fails_where_something_got_worse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule that changed is printed, and the exit status is 1 only if one got worse."""
    better = [
        dataclasses.replace(one, result=Result.PASS) if one.rule.id == "ID-01" else one
        for one in SUMMARY.verdicts
    ]
    before = write_json(SUMMARY, tmp_path / "a")
    after = write_json(dataclasses.replace(SUMMARY, verdicts=better), tmp_path / "b")
    assert (main([str(before), str(after)]), main([str(after), str(before)])) == (0, 1)
    printed = capsys.readouterr().out
    assert "  ID-01        inconclusive -> pass\n1 of 8 rules changed, 0 for the worse: " in printed
    assert "✗ ID-01        pass -> inconclusive\n1 of 8 rules changed, 1 for the worse: " in printed
    assert main([str(before), str(before)]) == 0


@pytest.mark.parametrize("text", ["{", "[]", '{"schema_version": "2.0"}'])
def test_comparison_refuses_what_is_no_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """A file that is no report is named, with the exit status of wrong usage."""
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    assert main([str(path), str(path)]) == 4
    assert str(path) in capsys.readouterr().err
