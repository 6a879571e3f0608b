"""The comparison with plain Schemathesis counts the faults that each tool finds, without false alarms."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY, load
from conformance.mock.faults import CATALOGUE
from conformance.mock.server import Settings, serve
from conformance.selftest.scripts.test_run_faults import finding
from scripts.evidence import compare_schemathesis, plain_schemathesis, run_faults
from scripts.evidence.plain_schemathesis import Failure, Outcome, Setup

NONE = Outcome((), requests=900)
MALFORMED = Failure("response_schema_conformance", "Response violates schema", 3)
ALARM = Failure("unsupported_method", "Method is not rejected", 2)


SMALL = """
import sys
from scripts.evidence import compare_schemathesis, plain_schemathesis
plain_schemathesis.SETUPS = (plain_schemathesis.Setup(examples=1, phases="examples"),)
sys.exit(compare_schemathesis.main(sys.argv[1:]))
"""


def test_comparison_runs_both_tools_on_the_same_faults(tmp_path: Path) -> None:
    """Plain Schemathesis finds a missing field by the examples, but not a status that is in no example."""
    names = ["leaves_out_success", "accepts_expired"]
    made = [finding(name, CATALOGUE[name].breaks, found_at=9) for name in names]
    run_faults.save(made, tmp_path / "findings.json")
    done = subprocess.run(  # in a process of its own: in this one, Schemathesis may know our checks
        [
            *(sys.executable, "-c", SMALL, *names),
            *("--jobs=2", "--rounds=0", f"--findings={tmp_path / 'findings.json'}"),
        ],
        cwd=REPOSITORY,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = done.stdout
    assert done.returncode == 0, printed + done.stderr
    assert "0 false alarms" in printed
    assert "= leaves_out_success" in printed
    assert "response_schema_conformance" in printed
    assert "+ accepts_expired" in printed
    assert "| faults found, of 2 | 1 | 2 |" in printed
    assert "| … within 20 requests | 1 | 2 |" in printed


def test_findings_are_read_as_they_were_saved(tmp_path: Path) -> None:
    """A finding in a file is equal to the finding that was saved."""
    made = finding("accepts_expired", "STATUS-02", found_at=7)
    run_faults.save([made], tmp_path / "findings.json")
    assert run_faults.load(tmp_path / "findings.json") == {"accepts_expired": made}


def test_comparison_rejects_findings_of_other_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file of findings that lacks one of the given faults is a usage error."""
    run_faults.save([], tmp_path / "findings.json")
    with pytest.raises(SystemExit) as stopped:
        compare_schemathesis.main(["accepts_expired", f"--findings={tmp_path / 'findings.json'}"])
    assert stopped.value.code == 2
    assert "has no findings about accepts_expired" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failures", "expected"),
    [((), None), ((ALARM,), None), ((ALARM, MALFORMED), MALFORMED)],
    ids=["none", "alarm", "both"],
)
def test_false_alarms_do_not_count(failures: tuple[Failure, ...], expected: Failure | None) -> None:
    """A failure that a mock without a fault shows too does not count as a found fault."""
    outcome = Outcome(failures, requests=9)
    assert compare_schemathesis.first(outcome, {ALARM.kind}) == expected


@pytest.mark.parametrize(
    ("failed", "outcome", "mark"),
    [
        (["STATUS-02"], NONE, "+"),
        (["STATUS-02"], Outcome((MALFORMED,), 9), "="),
        ([], NONE, "="),
        ([], Outcome((MALFORMED,), 9), "-"),
    ],
)
def test_comparison_marks_the_tool_that_found_more(failed: list[str], outcome: Outcome, mark: str) -> None:
    """A plus marks a fault that only the suite found, a minus one that only plain Schemathesis found."""
    line = compare_schemathesis.describe(finding("accepts_expired", *failed, found_at=7), outcome, set())
    assert line.startswith(mark)


@pytest.mark.parametrize("setup", plain_schemathesis.SETUPS, ids=repr)
def test_configurations_of_schemathesis_are_toml(setup: Setup) -> None:
    """Each configuration has wrong values for at most one field."""
    configuration = tomllib.loads(plain_schemathesis.configure(setup, load()))
    allowed = {"completed", "failed"}
    assert (set(configuration["dictionaries"]["status"]["values"]) > allowed) == (setup.wrong == "status")
    assert ("" in configuration["dictionaries"]["customerId"]["values"]) == (setup.wrong == "customerId")


def test_pace_counts_the_requests_of_a_process() -> None:
    """The pace of a process is measured at the mock, from the first response to the last."""
    program = (
        "import sys, time, urllib.error, urllib.request\n"
        "for _ in range(3):\n"
        "    time.sleep(0.05)\n"
        "    try: urllib.request.urlopen(sys.argv[1])\n"
        "    except urllib.error.HTTPError: pass\n"
    )
    with serve(Settings()) as mock:
        pace = compare_schemathesis.measure(["-c", program, mock.url], mock, {})
    assert pace.requests == 3
    assert 0.05 < pace.sending < pace.whole


def test_pace_needs_two_requests() -> None:
    """A process that sends no request is an error that has its output."""
    with (
        serve(Settings()) as mock,
        pytest.raises(RuntimeError, match="no key"),
    ):
        compare_schemathesis.measure(["-c", "print('no key')"], mock, {})
