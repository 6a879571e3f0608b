"""The version that a change of the contract requires, and whether a tag is a release of its version.

`python -m scripts.contract.release TAG` checks a tag against `info.version` and CHANGELOG.md.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.contract.document import REPOSITORY, load
from scripts.contract.changes import Effect

Bump = Literal["major", "minor", "patch", "none"]
REQUIRED: dict[Effect | None, Bump] = {
    "breaking": "major",
    "warning": "minor",
    "compatible": "minor",
    "documentation": "patch",
    None: "none",
}
_HEADING = re.compile(r"^## \[?(\d+\.\d+\.\d+)\]?(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """The section of one version in a changelog."""

    version: str
    released: bool
    text: str


def entries(changelog: str) -> dict[str, Entry]:
    """The sections of a changelog by version, the newest first."""
    headings = [*_HEADING.finditer(changelog)]
    ends = [*(heading.start() for heading in headings), len(changelog)][1:]
    return {
        heading[1]: Entry(
            heading[1], "unreleased" not in heading[2].lower(), changelog[heading.end() : end].strip()
        )
        for heading, end in zip(headings, ends, strict=True)
    }


def bumped(version: str, bump: Bump) -> str:
    """The lowest version that a bump allows. Before 1.0.0, a breaking change raises the minor number."""
    major, minor, patch = numbers(version)
    if bump == "none":
        return version
    if bump == "patch" or (bump == "minor" and major == 0):
        return f"{major}.{minor}.{patch + 1}"
    if bump == "minor" or major == 0:
        return f"{major}.{minor + 1}.0"
    return f"{major + 1}.0.0"


def numbers(version: str) -> tuple[int, int, int]:
    """The three numbers of a version.

    Raises:
        ValueError: the version does not have three numbers.

    """
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if match is None:
        raise ValueError(f"the version {version} does not have three numbers")
    return int(match[1]), int(match[2]), int(match[3])


def problems(
    effect: Effect | None, versions: tuple[str, str], changelogs: tuple[str | None, str | None]
) -> Iterator[str]:
    """What `info.version` and the changelog lack for a change with this effect.

    The version is compared with the last release, because an unreleased version may have several changes.
    """
    bump = REQUIRED[effect]
    old, new = versions
    if bump == "none" and old == new:
        return
    if changelogs[1] is None:
        yield "the new contract has no CHANGELOG.md"
    listed = entries(changelogs[1] or "")
    last = _last_release(listed, old)
    if last is not None:
        least = bumped(last, bump)
        if numbers(new) < numbers(least):
            yield f"info.version is {new}; a {effect} change since {last} requires at least {least}"
    if numbers(new) < numbers(old):
        yield f"info.version {new} is lower than {old}"
    if changelogs[1] is None:
        return
    entry = listed.get(new)
    if entry is None or not entry.text:
        yield f"CHANGELOG.md has no entry for {new}; add `## {new} - unreleased` and describe the change"
        return
    before = entries(changelogs[0]).get(new) if changelogs[0] else None
    if before and before.text == entry.text and bump != "patch":
        yield f"CHANGELOG.md has nothing new under {new}; describe the change"
    if effect == "breaking" and last is not None and "breaking" not in entry.text.lower():
        yield f"CHANGELOG.md has no breaking change under {new}; write `### Breaking`"


def _last_release(listed: dict[str, Entry], old: str) -> str | None:
    """The last release up to the old version. An old version that is not listed counts as a release."""
    if old not in listed:
        return old
    released = [
        version for version, entry in listed.items() if entry.released and numbers(version) <= numbers(old)
    ]
    return max(released, key=numbers, default=None)


def release_problems(tag: str, version: str, changelog: str) -> Iterator[str]:
    """The reasons why a tag is not a release of the version."""
    if tag != f"v{version}":
        yield f"the tag is {tag}, but info.version requires v{version}"
    entry = entries(changelog).get(version)
    if entry is None or not entry.text:
        yield f"CHANGELOG.md has no entry for {version}"
    elif not entry.released:
        yield f"CHANGELOG.md has {version} as unreleased; write the date of the release"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a tag. The exit status is 1 if it is not a release."""
    parser = argparse.ArgumentParser(prog="python -m scripts.contract.release", description=__doc__)
    parser.add_argument("tag", help="the tag: v and the version, such as v0.1.0")
    tag: str = parser.parse_args(arguments).tag
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    found = list(release_problems(tag, load().version, changelog))
    print("\n".join(found) or f"{tag} is a release")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
