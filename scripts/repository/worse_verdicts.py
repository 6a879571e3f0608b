"""List the rules whose verdict is worse in a report of the suite than in an earlier report.

The list is Markdown, and is empty if no verdict got worse. The script needs only Python.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

RANKS = ("pass", "not applicable", "untested", "inconclusive", "error", "fail")
"""The verdicts, from the best to the worst, in the order of `conformance.compare`. A warning is a `fail`.

An error in the suite leaves open whether the target keeps the rule, so a broken rule is worse.
"""
LISTED = ("error", "fail")


def verdicts(path: Path) -> dict[str, str]:
    """The verdict of each rule in a report. There are none if there is no report."""
    if not path.is_file():
        return {}
    report = json.loads(path.read_text(encoding="utf-8"))
    return {rule["id"]: rule["result"] for rule in report["rules"]}


def worse(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Each rule that got worse, with its verdict before and after.

    A rule that the earlier report lacks got worse only if its verdict is `error` or `fail`.
    """
    found = []
    for rule, verdict in sorted(after.items()):
        known = before.get(rule)
        if verdict in LISTED if known is None else RANKS.index(verdict) > RANKS.index(known):
            found.append((rule, known or "not reported", verdict))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare two reports. The exit status is 2 if the later report is missing."""
    parser = argparse.ArgumentParser(prog="python -m scripts.repository.worse_verdicts", description=__doc__)
    parser.add_argument("before", type=Path, help="the earlier report.json, which may be missing")
    parser.add_argument("after", type=Path, help="the later report.json")
    options = parser.parse_args(arguments)
    if not options.after.is_file():
        parser.error(f"{options.after} is missing: the run wrote no report")
    rules = worse(verdicts(options.before), verdicts(options.after))
    if rules:
        print("| rule | before | now |\n|---|---|---|")
        print(*(f"| {rule} | {before} | {now} |" for rule, before, now in rules), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
