"""A pull request that changes the contract, from the edit to a client without drift."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY

pytestmark = pytest.mark.slow

CONTRACT, CHANGELOG = "openapi/carecycle.yaml", "CHANGELOG.md"
PARTS = ("openapi", "scripts", "conformance", "generated_client")
FILES = ("CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", "constraints.txt")
IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
FIELD = """
        note:
          type: string
          description: A remark about the update.
"""
OPERATION = """
  /v2/calls/{callId}:
    delete:
      operationId: cancelCall
      tags: [Customers]
      summary: Cancel a call
      parameters:
        - {name: callId, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
      responses:
        '204': {description: The call was cancelled.}
        '401': {$ref: '#/components/responses/Unauthorized'}
        '403': {$ref: '#/components/responses/Forbidden'}
        '404': {$ref: '#/components/responses/NotFound'}
        '422': {$ref: '#/components/responses/UnprocessableContent'}
        '429': {$ref: '#/components/responses/TooManyRequests'}
        '500': {$ref: '#/components/responses/InternalServerError'}
"""


@dataclass(frozen=True)
class Checkout:
    """A checkout of the repository on a branch. The branch `main` has the state before the edits."""

    root: Path

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command of the repository. Returns the status and the printed text."""
        paths = os.pathsep.join([str(self.root), str(self.root / "generated_client")])
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def diff(self, *options: str) -> tuple[int, str]:
        """Run the comparison that CI runs on a pull request."""
        command = ("scripts.contract.diff", "--client", "--check-version", "--fail-on", "none")
        return self.run(*command, "main", CONTRACT, *options)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that is in a file exactly once."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert 1 == text.count(old), f"{path} has {old!r} {text.count(old)} times"
        (self.root / path).write_text(text.replace(old, new), encoding="utf-8")

    def git(self, *words: str) -> str:
        """Run git in the checkout."""
        command = ["git", *IDENTITY, *words]
        return subprocess.run(command, cwd=self.root, capture_output=True, check=True, text=True).stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout whose branch `main` has a release of the present version."""
    ignored = shutil.ignore_patterns("selftest", "__pycache__")
    for name in PARTS:
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=ignored)
    for name in FILES:
        shutil.copy(REPOSITORY / name, tmp_path / name)
    found = Checkout(tmp_path)
    found.edit(CHANGELOG, "## 0.1.0 - unreleased", "## 0.1.0 - 2026-11-01")
    found.git("init", "-q", "-b", "main")
    found.git("add", ".")
    found.git("commit", "-q", "-m", "Release 0.1.0")
    found.git("switch", "-q", "-c", "feature")
    return found


def add_operation(checkout: Checkout) -> None:
    """Add an operation to the contract."""
    checkout.edit(CONTRACT, "\ncomponents:\n", f"{OPERATION}\ncomponents:\n")


def test_pull_request_goes_from_the_edit_to_a_client_without_drift(checkout: Checkout) -> None:
    """Each command reports what is missing, until version, changelog and client follow the contract."""
    add_operation(checkout)
    status, text = checkout.run("scripts.contract.check")
    assert (0, True) == (status, "operations: 2" in text), text

    status, text = checkout.diff("--markdown", "summary.md")
    assert 1 == status
    assert "/paths/~1v2~1calls~1{callId}/delete: the operation was added" in text
    assert "info.version is 0.1.0; a compatible change since 0.1.0 requires at least 0.1.1" in text
    checkout.edit(CONTRACT, "  version: 0.1.0\n", "  version: 0.1.1\n")
    status, text = checkout.diff()
    assert 1 == status
    assert "CHANGELOG.md has no entry for 0.1.1; add `## 0.1.1 - unreleased`" in text
    checkout.edit(
        CHANGELOG, "## 0.1.0 -", "## 0.1.1 - unreleased\n\n### Added\n- Cancel a call.\n\n## 0.1.0 -"
    )
    assert 0 == checkout.diff()[0]
    summary = (checkout.root / "summary.md").read_text(encoding="utf-8")
    assert "| `/paths/~1v2~1calls~1{callId}/delete` | both | the operation was added |" in summary
    assert "cancel_call" in summary

    status, text = checkout.run("scripts.generator.regenerate", "--check")
    assert (1, True) == (status, "Mend it with: tox -e regenerate" in text)
    status, text = checkout.run("scripts.generator.regenerate")
    assert 0 == status
    assert "added api/customers/cancel_call.py" in text
    assert "files written or removed" in text
    assert (0, "") == checkout.run("scripts.generator.regenerate", "--check")
    changed = {line[3:].split("/")[0] for line in checkout.git("status", "--porcelain").splitlines()}
    assert {"CHANGELOG.md", "generated_client", "openapi", "summary.md"} == changed


def test_pull_request_that_breaks_clients_needs_an_entry(checkout: Checkout) -> None:
    """A change that breaks clients requires a higher second number and an entry in the changelog."""
    text = (checkout.root / CONTRACT).read_text(encoding="utf-8")
    field = next(line.strip() for line in text.splitlines() if line.strip() == "previousStatus:")
    (checkout.root / CONTRACT).write_text(text.replace(field, "formerStatus:"), encoding="utf-8")
    status, printed = checkout.diff()
    assert 1 == status
    assert "breaking" in printed
    assert "a breaking change since 0.1.0 requires at least 0.2.0" in printed
    checkout.edit(CONTRACT, "  version: 0.1.0\n", "  version: 0.2.0\n")
    checkout.edit(CHANGELOG, "## 0.1.0 -", "## 0.2.0 - unreleased\n\n### Changed\n- A name.\n\n## 0.1.0 -")
    status, printed = checkout.diff()
    assert (1, True) == (status, "write `### Breaking`" in printed), printed
    checkout.edit(CHANGELOG, "### Changed\n- A name.", "### Breaking\n- A name.")
    assert 0 == checkout.diff()[0]


def test_pull_request_against_a_documented_fact_names_the_file(checkout: Checkout) -> None:
    """A change of a documented fact is reported with the file that has the fact."""
    checkout.edit(
        CONTRACT, "        - exceeded_max_calls\n", "        - exceeded_max_calls\n        - paused\n"
    )
    status, text = checkout.run("scripts.contract.check")
    assert 1 == status
    assert "or edit scripts/contract/facts.py" in text
