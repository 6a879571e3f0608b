"""Our verdict on the known changes, compared with the verdict of `redocly diff` if it is installed."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from conformance.contract.document import REPOSITORY
from conformance.selftest.changed_contract import CONTRACT, edited
from conformance.selftest.contract.known_changes import CHANGES, Known

INSTALLED = REPOSITORY / ".tox" / "second-opinion" / "node_modules" / ".bin" / "redocly"
PROGRAM = (
    os.environ.get("REDOCLY") or shutil.which("redocly") or (str(INSTALLED) if INSTALLED.exists() else "")
)
REASON = "redocly is not installed; `tox run -e second-opinion` installs it with npm"
DISAGREEMENTS = ["key_prefix", "property_sent_removed", "enum_read_widened"]
"""The changes about which the two programs disagree.

`redocly diff` ignores extensions, and takes the removal of a property from a request as compatible. For a new
value of an enum in a response, its verdict is breaking and ours is a warning.
"""


def test_disagreements_are_known() -> None:
    """The two programs disagree about three of the thirty changes, if major means breaking."""
    found = [known.name for known in CHANGES if (known.effect == "breaking") != (known.opinion == "major")]
    assert DISAGREEMENTS == found


@pytest.mark.skipif(not PROGRAM, reason=REASON)
@pytest.mark.parametrize("known", CHANGES, ids=lambda known: known.name)
def test_second_opinion_is_as_recorded(known: Known, tmp_path: Path) -> None:
    """The other program requires the version bump that is recorded with the change."""
    for name, raw in (("old", dict(CONTRACT.raw)), ("new", edited(known.edits))):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    command = [PROGRAM, "diff", "old.yaml", "new.yaml", "--format=json", "--fail-on=none"]
    environment = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert known.opinion == json.loads(done.stdout)["bump"]
