"""The settings for editors, git and GitHub are valid, and the files of the repository follow them."""

import configparser
import re

import pytest
import yaml

from conformance.selftest.repository.sources import texts

# The files with versions, and what Dependabot calls each kind of them.
VERSIONED = {
    r"\.github/workflows/.+\.yml|(.+/)?action\.yml": "github-actions",
    r"(.+/)?constraints\.txt": "pip",
    r"(.+/)?package-lock\.json": "npm",
    r"(.+/)?Dockerfile": "docker",
}


def forms() -> list[str]:
    """The forms for issues."""
    found = [path for path in texts() if re.fullmatch(r"\.github/ISSUE_TEMPLATE/(?!config).*\.yml", path)]
    assert found
    return found


def environments() -> set[str]:
    """The names of the tox environments."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read_string(texts()["tox.ini"])
    return {name.removeprefix("testenv:") for name in settings.sections() if name.startswith("testenv:")}


def test_files_keep_the_editor_settings() -> None:
    """Every text file has line feeds, no white space at the end of a line and one newline at its end."""
    assert "[*]" in texts()[".editorconfig"]
    kept = {path: text for path, text in texts().items() if text and path != "LICENSE"}
    assert [] == [
        path for path, text in kept.items() if "\r" in text or re.search(r"[ \t]+$", text, re.MULTILINE)
    ]
    assert [] == [path for path, text in kept.items() if not re.search(r"[^\n]\n\Z", text)]


def test_hooks_of_git_run_environments_of_tox() -> None:
    """Every hook of pre-commit runs one existing tox environment."""
    config = yaml.safe_load(texts()[".pre-commit-config.yaml"])
    entries = [hook["entry"] for repo in config["repos"] for hook in repo["hooks"]]
    named = [re.fullmatch(r"\.venv/bin/tox run -q -e (\w+)( -- --file)?", entry) for entry in entries]
    assert ["lint", "contract", "drift", "commits"] == [match[1] for match in named if match]
    assert {match[1] for match in named if match} <= environments()


def test_updates_cover_every_file_with_versions() -> None:
    """Dependabot proposes new versions in every folder that has a file with versions."""
    config = yaml.safe_load(texts()[".github/dependabot.yml"])
    covered = [(update["package-ecosystem"], update["directory"]) for update in config["updates"]]
    needed = {
        # For the actions, the root stands for the folder of the workflows too.
        (ecosystem, "/" if ecosystem == "github-actions" else f"/{path.rpartition('/')[0]}")
        for path in texts()
        for pattern, ecosystem in VERSIONED.items()
        if re.fullmatch(pattern, path)
    }
    assert set(VERSIONED.values()) == {ecosystem for ecosystem, _ in needed}
    assert sorted(needed) == sorted(covered)


@pytest.mark.parametrize("path", forms())
def test_issue_forms_have_what_github_requires(path: str) -> None:
    """Each form for an issue has a name, a description and fields with unique ids."""
    form = yaml.safe_load(texts()[path])
    assert {"name", "description", "body"} <= form.keys()
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    ids = [field["id"] for field in fields]
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(field["attributes"]["label"] for field in fields)


def test_pull_request_template_names_environments_that_exist() -> None:
    """Every tox environment that the template names is in tox.ini."""
    named = re.findall(r"tox run -e (\w+)", texts()[".github/pull_request_template.md"])
    assert named
    assert set(named) <= environments()
