"""The command that compares two contracts: what it prints, and its exit status."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.contract.document import DEFAULT_PATH
from conformance.selftest.changed_contract import changed, edited
from conformance.selftest.contract.known_changes import BODY, KEY, SCHEMAS
from scripts.contract import facts
from scripts.contract.diff import main

VERSION = "version: a none change is required; 0.1.0 became 0.1.0\n"


def test_equal_contracts_do_not_differ(capsys: pytest.CaptureFixture[str]) -> None:
    """A contract has no difference from itself, and the exit status is 0."""
    assert main([str(DEFAULT_PATH), str(DEFAULT_PATH), "--fail-on", "documentation", "--check-version"]) == 0
    assert f"No change.\n{VERSION}" == capsys.readouterr().out


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with our contract and a changelog with a release."""
    monkeypatch.chdir(tmp_path)
    Path("openapi").mkdir()
    Path("openapi/carecycle.yaml").write_text(DEFAULT_PATH.read_text(encoding="utf-8"), encoding="utf-8")
    Path("CHANGELOG.md").write_text("# Changelog\n\n## 0.1.0 - 2026-11-01\n\nFirst.\n", encoding="utf-8")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-q", "-m", "First"]):
        subprocess.run(["git", *command], check=True)
    return tmp_path


def write(repository: Path, raw: dict[str, Any]) -> None:
    """Edit the contract of the repository."""
    (repository / "openapi/carecycle.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")


@pytest.mark.parametrize(
    ("fail_on", "status"),
    [("none", 0), ("breaking", 0), ("warning", 1), ("compatible", 1), ("documentation", 1)],
)
def test_exit_status_follows_the_option_fail_on(
    repository: Path, capsys: pytest.CaptureFixture[str], fail_on: str, status: int
) -> None:
    """A warning fails if `--fail-on` is a warning or a milder effect. A revision means our contract in it."""
    write(repository, changed("/x-rate-limit/requests", 30))
    assert status == main(["main", "openapi/carecycle.yaml", "--fail-on", fail_on])
    assert capsys.readouterr().out.startswith("warning        request  /x-rate-limit/requests: ")


def test_version_and_changelog_are_checked(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A breaking change passes if the version and the changelog announce it."""
    command = [
        "main:openapi/carecycle.yaml",
        "openapi/carecycle.yaml",
        "--fail-on",
        "none",
        "--check-version",
    ]
    write(repository, changed(f"{KEY}/name", "x-key"))
    assert main([*command, "--markdown", "summary.md"]) == 1
    required = "version: a major change is required; 0.1.0 became 0.1.0\n"
    assert required in capsys.readouterr().out
    assert [
        "- version: a major change is required; 0.1.0 became 0.1.0",
        "- info.version is 0.1.0; a breaking change since 0.1.0 requires at least 0.2.0",
        "- CHANGELOG.md has nothing new under 0.1.0; describe the change",
        "- CHANGELOG.md has no breaking change under 0.1.0; write `### Breaking`",
    ] == Path("summary.md").read_text(encoding="utf-8").splitlines()[-4:]
    write(repository, edited([(f"{KEY}/name", "x-key"), ("/info/version", "0.2.0")]))
    path = repository / "CHANGELOG.md"
    entry = "## 0.2.0 - unreleased\n\n### Breaking\n- The key header is x-key.\n\n## 0.1.0"
    path.write_text(path.read_text(encoding="utf-8").replace("## 0.1.0", entry), encoding="utf-8")
    assert main(command) == 0


@pytest.mark.slow
@pytest.mark.usefixtures("repository")
def test_client_names_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """With `--client`, a new status is reported as a new name of the client."""
    write(Path(), changed(f"{SCHEMAS}/CampaignStatus/enum", [*facts.STATUSES, "paused"]))
    assert main(["main", "openapi/carecycle.yaml", "--client", "--fail-on", "breaking"]) == 0
    name = "carecycle_client.models.campaign_status.CampaignStatus.PAUSED"
    assert f"compatible     client  {name}: was added\n" in capsys.readouterr().out


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("HEAD:none.yaml", "cannot read HEAD:none.yaml: fatal: "),
        ("--output=x:y", "the following arguments are required"),
        ("none.yaml", "cannot read none.yaml: fatal: "),
        ("list.yaml", "cannot read list.yaml: it is not a YAML mapping"),
        ("broken.yaml", "cannot read broken.yaml: "),
        ("loose.yaml", "one of the contracts is not valid (LookupError("),
    ],
)
def test_contracts_that_cannot_be_compared_end_with_2(
    source: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing or invalid contract ends the command with 2."""
    Path("list.yaml").write_text("[]", encoding="utf-8")
    Path("broken.yaml").write_text("[", encoding="utf-8")
    loose = changed(f"{BODY}/content/application~1json/schema/$ref", "#/components/schemas/None")
    Path("loose.yaml").write_text(yaml.safe_dump(loose), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main([source, "openapi/carecycle.yaml"])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_markdown_that_cannot_be_written_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be written is no breaking change: the command ends with 2 and names the file."""
    with pytest.raises(SystemExit) as stopped:
        main([str(DEFAULT_PATH), str(DEFAULT_PATH), "--markdown", str(tmp_path)])
    assert stopped.value.code == 2
    assert f"cannot write {tmp_path}: " in capsys.readouterr().err
