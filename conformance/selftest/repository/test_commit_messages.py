"""The messages of a range of commits and the message of a new commit are checked."""

import subprocess
from pathlib import Path

import pytest

from scripts.repository.commit_messages import LONGEST_SUBJECT, SCISSORS, main, problems, without_comments

BODY = "\n\nThe reason."


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Add a rule", []),
        (f"Add a rule{BODY}", []),
        ("a" * LONGEST_SUBJECT, []),
        ("a" * (LONGEST_SUBJECT + 1), ["has a subject of 73 characters; 72 are allowed"]),
        ("Add a rule.", ["has a subject that ends with a period"]),
        ("Add a rule\nThe reason.", ["has no blank line between subject and body"]),
        ("", ["has no subject in its first line"]),
        ("\n\nThe reason.", ["has no subject in its first line"]),
    ],
)
def test_messages_are_checked_for_subject_and_blank_line(message: str, expected: list[str]) -> None:
    """The check reports a long subject, a period, a missing subject and a missing blank line."""
    assert expected == list(problems(message))


def test_comments_of_git_are_not_checked() -> None:
    """The comments that git writes into the file of the hook are not part of the message."""
    text = f"\nAdd a rule\n# Please enter{BODY}\n{SCISSORS}\ndiff\n"
    assert f"Add a rule{BODY}" == without_comments(text)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two good commits and one commit with a long subject."""
    monkeypatch.chdir(tmp_path)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "init", "-q", "-b", "main"], check=True)
    for message in ("First", f"Second{BODY}", "b" * 80):
        subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", message], check=True)
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_ranges_are_checked_commit_by_commit(capsys: pytest.CaptureFixture[str]) -> None:
    """Each commit of a range is checked, and a bad commit is reported with its hash."""
    assert main(["HEAD~2..HEAD~1"]) == 0
    assert capsys.readouterr().out == "1 commit messages checked\n"
    assert main(["HEAD~2..HEAD"]) == 1
    short = subprocess.run(["git", "log", "-1", "--format=%h"], capture_output=True, text=True, check=True)
    assert capsys.readouterr().out == (
        f"{short.stdout.strip()} has a subject of 80 characters; 72 are allowed\n"
    )


@pytest.mark.usefixtures("repository")
def test_unknown_ranges_are_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A range that git does not know ends with 2 and the message of git."""
    with pytest.raises(SystemExit) as stopped:
        main(["missing..HEAD"])
    assert stopped.value.code == 2
    assert "missing" in capsys.readouterr().err


def test_hook_file_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file that git gives to its commit-msg hook is one message."""
    path = tmp_path / "COMMIT_EDITMSG"
    path.write_text(f"Add a rule.{BODY}\n# comment\n", encoding="utf-8")
    assert main(["--file", str(path)]) == 1
    assert f"{path} has a subject that ends with a period\n" == capsys.readouterr().out
