"""The suite finds every fault of the catalogue, says which rule broke, and needs few requests for it."""

import os
import re
import subprocess
import sys

from conformance.contract.document import REPOSITORY
from conformance.mock.faults import CATALOGUE

EARLY = 0.95
"""Which part of the faults 60 requests must find: the vendor allows as many a minute."""


def test_faults_are_all_found_by_the_rules_that_they_break() -> None:
    """Every fault is found by its rule and by none that it does not declare, mostly within 60 requests."""
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "scripts.evidence.run_faults",
            "--quick",
            f"--jobs={3 * (os.cpu_count() or 1)}",
        ],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert done.returncode == 0, "\n".join(wrong) or done.stderr
    early = re.search(r"(?m)(\d+) within 60, of (\d+) faults$", done.stdout)
    assert f"found {len(CATALOGUE)} of {len(CATALOGUE)} faults" in done.stdout
    assert early is not None
    assert int(early[1]) >= EARLY * int(early[2])
