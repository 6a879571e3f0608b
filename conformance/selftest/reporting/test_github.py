"""GitHub Actions gets annotations that it cannot misread, and a summary in Markdown."""

import dataclasses
from pathlib import Path

import pytest

from conformance.reporting import github
from conformance.reporting.exit_status import ExitStatus
from conformance.reporting.files import ReportError
from conformance.selftest.reporting.runs_made_up import EXAMPLE, HOSTILE, RULES, SUMMARY, VERDICTS


def test_annotations_name_the_rule_and_its_place() -> None:
    """A broken rule is an error, a recommendation a warning, each a line at the rule in the contract."""
    error, warning = github.annotations(SUMMARY)
    assert error.startswith("::error file=openapi/carecycle.yaml,line=")
    assert f",title=STATUS-02::{RULES['STATUS-02'].text}%0Aexpected a refusal%0Areceived 200 {{}}%0A" in error
    assert warning.startswith("::warning file=openapi/carecycle.yaml,line=")
    assert not {"\n", "\r"} & set(error + warning)
    assert "%0A::error::no" in warning


@pytest.mark.parametrize("status", [0, 1, 2, 3, 6])
def test_annotations_say_why_a_run_decides_nothing(status: int) -> None:
    """A run that ends without a verdict on the target has an error that says so."""
    summary = dataclasses.replace(
        SUMMARY,
        exit_status=ExitStatus(status),
        verdicts=VERDICTS[:1],
        problems=("100% full",) * (status == 3),
    )
    expected = [f"::error title=conformance::{summary.sentence}"] if status not in {0, 1} else []
    assert [*(["::error title=conformance::100%25 full"] * (status == 3)), *expected] == list(
        github.annotations(summary)
    )


@pytest.mark.parametrize("value", ["true", "1"])
def test_log_is_no_place_for_commands_of_a_target(value: str) -> None:
    """Between two lines with a secret token GitHub takes no commands; elsewhere nothing is added."""
    lines: list[str] = []
    with github.log(lines.append, {"GITHUB_ACTIONS": value}, SUMMARY):
        lines.append("::error::from the target")
    token = lines[0].removeprefix("::stop-commands::")
    assert len(token) == 32
    assert lines[1:3] == ["::error::from the target", f"::{token}::"]
    assert lines[3:] == list(github.annotations(SUMMARY))
    lines.clear()
    with github.log(lines.append, {}, SUMMARY):
        pass
    assert [] == lines


def test_markdown_tells_the_run() -> None:
    """The summary has the verdict, the failure with its commands, a table of areas and the causes."""
    text = github.markdown(SUMMARY)
    assert text.startswith("## Does not conform\n\nhttp://127.0.0.1:40123 does not conform: it breaks 1 rule")
    assert f"**STATUS-02** {RULES['STATUS-02'].text}" in text
    assert f"replay    {VERDICTS[2].counterexample.replay if VERDICTS[2].counterexample else ''}\n```" in text
    assert "| AUTH | 2 | 1 | AUTH-10 untested |" in text
    assert "- 2 rules not applicable: give --enrollment" in text


@pytest.mark.parametrize(
    ("received", "fence"), [("no", "```"), ("a `path`", "```"), ("```", "````"), ("````\n# x", "`````")]
)
def test_markdown_shows_what_a_target_sent_as_text(received: str, fence: str) -> None:
    """A response stays inside its fence, whatever backticks it has, and text outside of one has no markup."""
    example = dataclasses.replace(EXAMPLE, received=received)
    broken = dataclasses.replace(VERDICTS[2], counterexample=example)
    text = github.markdown(dataclasses.replace(SUMMARY, verdicts=[broken]))
    assert [f"{fence}text", fence] == [line for line in text.splitlines() if line.startswith("```")]
    assert "&#60;script&#62;" in github.escape(HOSTILE)
    assert "\n" not in github.escape(HOSTILE)


def test_step_summary_is_added_to_the_file(tmp_path: Path) -> None:
    """The Markdown goes to the end of the file that GitHub names; without one nothing is written."""
    path = tmp_path / "summary.md"
    path.write_text("before\n", encoding="utf-8")
    github.add_to_step_summary(SUMMARY, {})
    github.add_to_step_summary(SUMMARY, {"GITHUB_STEP_SUMMARY": str(path)})
    assert f"before\n{github.markdown(SUMMARY)}" == path.read_text("utf-8")
    with pytest.raises(ReportError, match="GITHUB_STEP_SUMMARY"):
        github.add_to_step_summary(SUMMARY, {"GITHUB_STEP_SUMMARY": str(tmp_path)})


def test_reason_of_the_baseline_is_shown() -> None:
    """What the baseline accepts is a warning, with the reason in the annotation and in the Markdown."""
    accepted = dataclasses.replace(VERDICTS[2], accepted="100% *known*")
    summary = dataclasses.replace(SUMMARY, verdicts=[accepted], exit_status=ExitStatus.CONFORMS)
    (line,) = github.annotations(summary)
    assert line.startswith("::warning ")
    assert "%0Aaccepted by the baseline: 100%25 *known*%0A" in line
    assert "\naccepted  100% *known*\n" in github.markdown(summary)
