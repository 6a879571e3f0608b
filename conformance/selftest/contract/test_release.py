"""A change requires a version and an entry in the changelog."""

import pytest

from scripts.contract.changes import Effect
from scripts.contract.release import Bump, bumped, entries, main, problems, release_problems

FIRST = "## 0.1.0 - 2026-11-01\n\nFirst.\n"
OPEN = "## 0.1.0 - unreleased\n\n### Added\n- The contract.\n"
SECOND = "## [0.2.0] - unreleased\n\n### Breaking\n- The key.\n\n"


@pytest.mark.parametrize(
    ("version", "bump", "expected"),
    [
        ("0.1.2", "none", "0.1.2"),
        ("0.1.2", "patch", "0.1.3"),
        ("0.1.2", "minor", "0.1.3"),
        ("0.1.2", "major", "0.2.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
    ],
)
def test_versions_follow_the_bump(version: str, bump: Bump, expected: str) -> None:
    """A breaking change raises the first number, or the second number before 1.0.0."""
    assert expected == bumped(version, bump)


def test_changelogs_are_read_by_version() -> None:
    """Each section of a changelog has a version, a state and a text."""
    found = entries(f"# Changelog\n\n{SECOND}{FIRST}")
    assert [("0.2.0", False), ("0.1.0", True)] == [(one.version, one.released) for one in found.values()]
    assert found["0.2.0"].text == "### Breaking\n- The key."
    assert {} == entries("# Changelog\n")


@pytest.mark.parametrize(
    ("effect", "versions", "changelogs", "expected"),
    [
        (None, ("0.1.0", "0.1.0"), (FIRST, FIRST), []),
        ("breaking", ("0.1.0", "0.2.0"), (FIRST, SECOND + FIRST), []),
        ("breaking", ("0.1.0", "0.1.0"), (OPEN, OPEN + "- More.\n"), []),
        ("documentation", ("0.1.0", "0.1.0"), (OPEN, OPEN), []),
        (
            "compatible",
            ("0.1.0", "0.1.0"),
            (OPEN, OPEN),
            ["CHANGELOG.md has nothing new under 0.1.0; describe the change"],
        ),
        (
            "warning",
            ("0.1.0", "0.1.0"),
            (FIRST, FIRST + "- More.\n"),
            ["info.version is 0.1.0; a warning change since 0.1.0 requires at least 0.1.1"],
        ),
        (
            "breaking",
            ("0.1.0", "0.2.0"),
            (FIRST, SECOND.replace("Breaking", "Changed") + FIRST),
            ["CHANGELOG.md has no breaking change under 0.2.0; write `### Breaking`"],
        ),
        (
            "breaking",
            ("0.1.0", "0.2.0"),
            (None, FIRST),
            ["CHANGELOG.md has no entry for 0.2.0; add `## 0.2.0 - unreleased` and describe the change"],
        ),
        (
            None,
            ("0.1.0", "0.0.9"),
            (None, OPEN + "## 0.0.9 - 2026-10-01\n\nOld.\n"),
            ["info.version 0.0.9 is lower than 0.1.0"],
        ),
        ("compatible", ("0.3.0", "0.3.1"), (None, None), ["the new contract has no CHANGELOG.md"]),
        (
            "compatible",
            ("0.3.0", "0.3.0"),
            (None, FIRST.replace("0.1.0", "0.3.0").replace("2026-11-01", "unreleased")),
            [],
        ),
    ],
)
def test_version_and_changelog_follow_the_effect(
    effect: Effect | None,
    versions: tuple[str, str],
    changelogs: tuple[str | None, str | None],
    expected: list[str],
) -> None:
    """The check reports what the version and the changelog lack."""
    assert expected == list(problems(effect, versions, changelogs))


def test_versions_without_three_numbers_are_rejected() -> None:
    """A version that does not have three numbers cannot be compared."""
    with pytest.raises(ValueError, match=r"1\.0 does not have three numbers"):
        bumped("1.0", "patch")


@pytest.mark.parametrize(
    ("tag", "changelog", "expected"),
    [
        ("v0.1.0", FIRST, []),
        ("0.1.0", FIRST, ["the tag is 0.1.0, but info.version requires v0.1.0"]),
        ("v0.2.0", FIRST, ["the tag is v0.2.0, but info.version requires v0.1.0"]),
        ("v0.1.0", OPEN, ["CHANGELOG.md has 0.1.0 as unreleased; write the date of the release"]),
        ("v0.1.0", "# Changelog\n", ["CHANGELOG.md has no entry for 0.1.0"]),
    ],
)
def test_tags_are_releases_of_the_version(tag: str, changelog: str, expected: list[str]) -> None:
    """A tag is a release if it is the version and the changelog has a dated entry."""
    assert expected == list(release_problems(tag, "0.1.0", changelog))


def test_wrong_tags_end_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A tag that is not a release of our contract ends the command with 1 and the reason."""
    assert main(["v999.0.0"]) == 1
    assert capsys.readouterr().out.startswith("the tag is v999.0.0, but info.version requires v")
