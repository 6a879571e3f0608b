"""The fault runner reports which faults were found, by which request, and which other rules failed."""

import pytest

from conformance.mock.faults import CATALOGUE
from scripts.evidence import run_faults
from scripts.evidence.run_faults import Finding


def finding(name: str, *failed: str, found_at: int | None = None) -> Finding:
    """A finding about a fault."""
    return Finding(name, frozenset(failed), requests=9, found_at=found_at, exit_status=1, output="")


def test_runner_finds_faults_by_separate_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Two faults are found by the rules that they break, each within the budget of its run."""
    status = run_faults.main(["accepts_expired", "forgets_the_update", "--max-requests", "24", "--jobs", "2"])
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert "✓ accepts_expired" in printed
    assert "✓ forgets_the_update" in printed
    assert "found 2 of 2 faults" in printed
    assert "48 requests" in printed
    assert max(map(len, printed.splitlines())) <= 100


def test_runner_takes_an_area_for_its_faults() -> None:
    """The area of a rule selects every fault that breaks a rule of the area."""
    faults = [name for name, fault in CATALOGUE.items() if fault.breaks.startswith("RATE-")]
    assert run_faults.choose(["RATE"]) == faults
    assert run_faults.choose([]) == list(CATALOGUE)


def test_runner_divides_the_catalogue_into_parts() -> None:
    """The parts together are the catalogue, and a part that does not exist is refused."""
    parts = [run_faults.choose([], run_faults.read_part(f"{part}/3")) for part in (1, 2, 3)]
    assert sorted(CATALOGUE) == sorted(name for part in parts for name in part)
    with pytest.raises(ValueError, match="4/3"):
        run_faults.read_part("4/3")


def test_runner_rejects_unknown_names(capsys: pytest.CaptureFixture[str]) -> None:
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
        (finding("accepts_expired", "STATUS-02", "ID-01", found_at=7), "✗", "not declared: ID-01"),
    ],
)
def test_runner_describes_a_finding(made: Finding, mark: str, words: str) -> None:
    """A line shows whether the fault was found, and which rules failed."""
    assert run_faults.describe(made).startswith(mark)
    assert run_faults.describe(made).endswith(words)


def test_runner_describes_many_rules_in_lines_that_fit() -> None:
    """A description of many rules has lines of at most 100 columns and begins with the broken rule."""
    fault = CATALOGUE["empties_the_body_of_a_200"]
    lines = run_faults.describe(finding(fault.name, fault.breaks, *fault.also, found_at=7)).splitlines()
    assert max(map(len, lines)) <= 100
    assert [fault.breaks, *sorted(fault.also)] == " ".join(line[71:].strip() for line in lines).split(", ")


def test_runner_counts_requests_until_found(capsys: pytest.CaptureFixture[str]) -> None:
    """The totals count faults by the request that found them, and give the median and the 95th percentile."""
    at = {
        "accepts_expired": 20,
        "accepts_pending": 61,
        "forgets_the_update": 240,
        "accepts_a_part_of_a_status": None,
    }
    made = [finding(name, CATALOGUE[name].breaks, found_at=number) for name, number in at.items()]
    run_faults.print_totals(made, 1.0)
    printed = capsys.readouterr().out
    assert "| | faults | found | within 20 | within 60 | within 120 | within 240 | median | 95 % |" in printed
    assert "| all | 4 | 4 | 1 | 1 | 2 | 3 | 61 | later |" in printed
    assert "| unseen | 1 | 1 | 0 | 0 | 0 | 0 | later | later |" in printed


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([finding("accepts_expired", "STATUS-02", found_at=7)], 0),
        ([finding("accepts_expired", "STATUS-02", "ID-01", found_at=7)], 1),
        ([finding("accepts_expired")], 1),
    ],
    ids=["found", "stray", "missed"],
)
def test_runner_fails_if_a_fault_is_missed_or_misattributed(findings: list[Finding], status: int) -> None:
    """The exit status is 1 if a fault is missed, or if a rule fails that the fault does not declare."""
    assert run_faults.print_totals(findings, 1.0) == status
