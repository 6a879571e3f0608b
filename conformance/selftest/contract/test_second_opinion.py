"""Our verdict on the known changes, compared with the verdict of `redocly diff` if it is installed."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.contract.document import REPOSITORY
from conformance.selftest.changed_contract import CONTRACT, edited
from conformance.selftest.contract.grown_changes import CHANGES as GROWN
from conformance.selftest.contract.known_changes import CHANGES, Known
from conformance.selftest.waiting import LONGEST

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

GROWN_DISAGREEMENTS = {
    "parameters: explode by default": "it takes a default that is written out as a change",
    "parameters: style by default": "it takes a default that is written out as a change",
    "operations: id": "it takes another name of a method as breaking, and we warn",
    "operations: one of two bodies": "it does not look into `oneOf` for the former schema",
    "operations: header optional": "it ignores `required` of a header",
    "access: server of an operation": "it takes the server as an addition to those of the contract",
    "access: server of a path": "it takes the server as an addition to those of the contract",
    "access: variable of a server": "it ignores the default of a variable",
    "access: key needed": "it ignores that an operation without a key needs one now",
    "access: scheme with another name": "it compares the names of schemes, and we what is sent",
}
"""The changes of the larger contract about which the two programs disagree, and why."""


def test_disagreements_are_known() -> None:
    """The two programs disagree about three of the thirty changes, if major means breaking."""
    found = [known.name for known in CHANGES if (known.effect == "breaking") != (known.opinion == "major")]
    assert DISAGREEMENTS == found


@pytest.mark.skipif(not PROGRAM, reason=REASON)
@pytest.mark.parametrize("known", CHANGES, ids=lambda known: known.name)
def test_second_opinion_is_as_recorded(known: Known, tmp_path: Path) -> None:
    """The other program requires the version bump that is recorded with the change."""
    assert known.opinion == required_bump(dict(CONTRACT.raw), edited(known.edits), tmp_path)


@pytest.mark.skipif(not PROGRAM, reason=REASON)
@pytest.mark.parametrize("name", GROWN)
def test_second_opinion_on_a_larger_contract_is_ours(name: str, tmp_path: Path) -> None:
    """The other program takes the same changes as breaking, except those with a known reason."""
    is_breaking = any(effect == "breaking" for effect, _, _ in GROWN[name].expected)
    agrees = is_breaking == (required_bump(*GROWN[name].contracts(), tmp_path) == "major")
    assert agrees == (name not in GROWN_DISAGREEMENTS)


def required_bump(before: dict[str, Any], after: dict[str, Any], directory: Path) -> str | None:
    """The version bump that the other program requires, or None if it finds no change."""
    for name, raw in (("old", before), ("new", after)):
        (directory / f"{name}.yaml").write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    command = [PROGRAM, "diff", "old.yaml", "new.yaml", "--format=json", "--fail-on=none"]
    environment = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=True, timeout=LONGEST
    )
    bump: str | None = json.loads(done.stdout).get("bump")
    return bump
