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
    assert (
        "  ID-01        inconclusive -> pass\n1 rule changed, 0 for the worse; 0 responses changed: 8 rules"
        in printed
    )
    assert (
        "✗ ID-01        pass -> inconclusive\n1 rule changed, 1 for the worse; 0 responses changed: 8 rules"
        in printed
    )
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


def reports(tmp_path: Path) -> tuple[str, str]:
    """A report, and one with a worse verdict and another response to a case."""
    better = [
        dataclasses.replace(one, result=Result.PASS) if one.rule.id == "ID-01" else one
        for one in SUMMARY.verdicts
    ]
    cases = {"test_a[x]": "400 <script>|VALIDATION_ERROR", "test_b": "404 NOT_FOUND"}
    before = dataclasses.replace(SUMMARY, verdicts=better, cases=cases)
    after = dataclasses.replace(SUMMARY, cases={"test_a[x]": "422 VALIDATION_ERROR", "test_c": "200"})
    return str(write_json(before, tmp_path / "a")), str(write_json(after, tmp_path / "b"))


def test_comparison_shows_responses_that_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A case that both runs sent is compared by the status and the code of its response."""
    assert main([*reports(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "~ test_a[x]: 400 <script>|VALIDATION_ERROR -> 422 VALIDATION_ERROR\n" in printed
    assert "1 rule changed, 1 for the worse; 1 response changed" in printed
    assert "test_b" not in printed
    assert "test_c" not in printed
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_comparison_is_written_for_readers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """Markdown and the page have what the terminal shows, and text of a target is no markup in them."""
    assert main([*reports(tmp_path), "--format", form]) == 1
    printed = capsys.readouterr().out
    for part in ("ID-01", "inconclusive", "422 VALIDATION", "1 rule changed, 1 for the worse"):
        assert part in printed.replace("&#95;", "_")
    assert "<script>" not in printed
    if form == "markdown":
        (row,) = (line for line in printed.splitlines() if "422" in line)
        assert row.count("|") == 4
        assert "**worse**" in printed
    else:
        assert ": worse</td>" in printed
        assert "default-src 'none'" in printed
