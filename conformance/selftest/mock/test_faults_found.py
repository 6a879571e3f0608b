"""The suite finds every fault of the catalogue by its rule, most of them with few requests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY
from conformance.mock.faults import CATALOGUE
from scripts.evidence import run_faults

EARLY = 0.95
"""The share of the faults that the suite finds with 60 requests, the documented limit of a minute."""


@pytest.mark.slow
def test_faults_are_all_found_by_the_rules_that_they_break(tmp_path: Path) -> None:
    """The suite attributes every fault to a rule that the fault declares, mostly within 60 requests."""
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    saved = tmp_path / "findings.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "scripts.evidence.run_faults", "--quick"),
            *(f"--jobs={3 * (os.cpu_count() or 1)}", f"--findings={saved}"),
        ],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert done.returncode == 0, "\n".join(wrong) or done.stderr
    findings = run_faults.load(saved)
    assert set(CATALOGUE) == set(findings)
    early = [each for each in findings.values() if each.found_at is not None and each.found_at <= 60]
    assert len(early) >= EARLY * len(CATALOGUE)
