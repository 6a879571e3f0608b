"""Check that each commit message has a short subject, and a blank line between subject and body.

The messages come from a range of git revisions, or from the file that git gives to its commit-msg hook.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

LONGEST_SUBJECT = 72
SCISSORS = "# ------------------------ >8 ------------------------"


def problems(message: str) -> Iterator[str]:
    """What is wrong with a message."""
    subject, _, rest = message.partition("\n")
    if not subject.strip():
        yield "has no subject in its first line"
        return
    if len(subject) > LONGEST_SUBJECT:
        yield f"has a subject of {len(subject)} characters; {LONGEST_SUBJECT} are allowed"
    if subject.endswith("."):
        yield "has a subject that ends with a period"
    if rest.strip() and not rest.startswith("\n"):
        yield "has no blank line between subject and body"


def without_comments(text: str) -> str:
    """The part of the hook's file that git keeps as the message."""
    lines = text.partition(SCISSORS)[0].splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")).strip("\n")


def messages(revisions: str) -> dict[str, str]:
    """The message of each commit in a range, except merges, by the short hash."""
    command = ["git", "log", "-z", "--no-merges", "--format=%h%n%B", "--end-of-options", revisions, "--"]
    listed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout  # noqa: S603 - git reads what its user names
    entries = (entry.partition("\n") for entry in listed.split("\0") if entry)
    return {commit: message.rstrip("\n") for commit, _, message in entries}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check messages. Exit with 1 if something is wrong, with 2 if git cannot read the range."""
    parser = argparse.ArgumentParser(prog="python -m scripts.repository.commit_messages", description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("revisions", nargs="?", help="a range, for example origin/main..HEAD")
    source.add_argument("--file", type=Path, help="one message, as the commit-msg hook gets it")
    options = parser.parse_args(arguments)
    if options.file:
        found = {str(options.file): without_comments(options.file.read_text(encoding="utf-8"))}
    else:
        try:
            found = messages(options.revisions)
        except subprocess.CalledProcessError as error:
            parser.error(error.stderr.strip() if error.stderr else "git log failed")
    broken = [f"{name} {problem}" for name, message in found.items() for problem in problems(message)]
    print("\n".join(broken) or f"{len(found)} commit messages checked")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
