"""The runner of the fault catalogue tells what was found, when, and what else failed."""

import pytest

from conformance.mock.faults import CATALOGUE
from scripts.evidence import run_faults
from scripts.evidence.run_faults import Finding


def finding(name: str, *failed: str, found_at: int | None = None) -> Finding:
    """A finding about a fault."""
    return Finding(name, frozenset(failed), requests=9, found_at=found_at, exit_status=1, output="")


def test_runner_finds_faults_in_runs_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Two faults are found by the rules that they break, each by a request within its budget."""
    status = run_faults.main(["accepts_expired", "forgets_the_update", "--max-requests", "24", "--jobs", "2"])
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert "✓ accepts_expired" in printed
    assert "✓ forgets_the_update" in printed
    assert "found 2 of 2 faults" in printed
    assert "2 within 60" in printed
    assert "48 requests" in printed


def test_runner_takes_an_area_for_its_faults() -> None:
    """The area of a rule stands for every fault that breaks one of its rules."""
    faults = [name for name, fault in CATALOGUE.items() if fault.breaks.startswith("RATE-")]
    assert run_faults.choose(["RATE"]) == faults
    assert run_faults.choose([]) == list(CATALOGUE)


def test_runner_refuses_names_that_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    """A fault that the catalogue lacks is a usage error."""
    with pytest.raises(SystemExit) as stopped:
        run_faults.main(["accepts_everything"])
    assert stopped.value.code == 2
    assert "accepts_everything" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("made", "mark", "words"),
    [
        (finding("accepts_expired", "STATUS-02", found_at=7), "✓", "STATUS-02"),
        (finding("accepts_expired"), "✗", "-"),
        (finding("accepts_expired", "STATUS-02", "ID-01", found_at=7), "✗", "(not declared: ID-01)"),
    ],
)
def test_runner_describes_a_finding(made: Finding, mark: str, words: str) -> None:
    """A line tells whether the fault was found, and by which rules."""
    assert run_faults.describe(made).startswith(mark)
    assert run_faults.describe(made).endswith(words)


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([finding("accepts_expired", "STATUS-02", found_at=7)], 0),
        ([finding("accepts_expired", "STATUS-02", "ID-01", found_at=7)], 1),
        ([finding("accepts_expired")], 1),
    ],
    ids=["found", "stray", "missed"],
)
def test_runner_fails_for_what_was_missed_or_misattributed(findings: list[Finding], status: int) -> None:
    """Every fault is to be found, and by no rule that it does not declare."""
    assert run_faults.tell(findings, 1.0) == status
