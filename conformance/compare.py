"""Compare two reports: which rules changed their verdict between two runs."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .reporting.text import visible, wrap

ORDER = ("fail", "error", "inconclusive", "warning", "untested", "not applicable", "pass")
"""Verdicts from the worst to the best."""


class ReportUnreadableError(ValueError):
    """A file is no report of the suite; the message names it."""


def read(path: Path) -> Mapping[str, Any]:
    """A `report.json`.

    Raises:
        ReportUnreadableError: the file is none.

    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReportUnreadableError(f"cannot read {path}: {error}") from error
    version = report.get("schema_version") if isinstance(report, dict) else None
    if not str(version).startswith("1."):
        raise ReportUnreadableError(f"{path} is no report.json of version 1")
    return dict(report)


def verdicts(report: Mapping[str, Any]) -> dict[str, str]:
    """The verdict of each rule in a word."""
    return {rule["id"]: "warning" if rule["warning"] else rule["result"] for rule in report["rules"]}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each rule whose verdict changed, with both; a rule of one run only was `not selected` in the other."""
    for rule in sorted({*before, *after}):
        old, new = before.get(rule, "not selected"), after.get(rule, "not selected")
        if old != new:
            yield rule, old, new


def is_worse(old: str, new: str) -> bool:
    """Whether a verdict is worse than the one before."""
    return old in ORDER and new in ORDER and ORDER.index(new) < ORDER.index(old)


def main(arguments: Sequence[str]) -> int:
    """Print what changed; 0, or 1 where something got worse, or 4 for a file that is no report."""
    parser = argparse.ArgumentParser(prog="python -m conformance.compare", description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    options = parser.parse_args(arguments)
    try:
        before, after = read(options.before), read(options.after)
    except ReportUnreadableError as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    found = list(changes(verdicts(before), verdicts(after)))
    worse = [change for change in found if is_worse(*change[1:])]
    for rule, old, new in found:
        mark = "✗" if (rule, old, new) in worse else " "
        print(visible(f"{mark} {rule:<12} {old} -> {new}"))
    text = f"{len(found)} of {len(before['rules'])} rules changed, {len(worse)} for the worse"
    print("\n".join(wrap(visible(f"{text}: {before['target']} -> {after['target']}"), rest="  ")))
    return 1 if worse else 0


def command() -> int:
    """Compare as a program."""
    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
