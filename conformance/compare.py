"""Compare two reports: rules that changed their verdict, and responses to the same case that differ.

Two runs: against the mock and a sandbox, or of yesterday and today. The exit status is 1 if something got
worse.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from .contract.document import program
from .reporting.command_line import CommandLine, UsageError, exit_with
from .reporting.exit_status import ExitStatus
from .reporting.github import escape
from .reporting.output import say
from .reporting.page import render
from .reporting.text import counted, wrap
from .transport.untrusted import visible, visible_lines

ORDER = ("fail", "warning", "error", "inconclusive", "untested", "not applicable", "pass")
"""Verdicts from the worst to the best. A violation that was found is worse than a rule that is open."""


class ReportUnreadableError(ValueError):
    """A file is no report of the suite; the message names it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A rule or a case that differs between two reports."""

    name: str
    before: str
    after: str
    text: str = ""
    """The sentence of a rule."""

    @property
    def is_worse(self) -> bool:
        """Whether the verdict is worse than the one before."""
        known = self.before in ORDER and self.after in ORDER
        return known and ORDER.index(self.after) < ORDER.index(self.before)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two reports."""

    before: str
    """The target of the first report, and when it was tested."""
    after: str
    rules: Sequence[Change]
    cases: Sequence[Change]
    compared: str
    """How many rules and cases were compared."""

    @property
    def worse(self) -> Sequence[Change]:
        """The rules that got worse."""
        return [change for change in self.rules if change.is_worse]

    @property
    def sentence(self) -> str:
        """The result in a sentence."""
        return (
            f"{counted(len(self.rules), 'rule')} changed, {len(self.worse)} for the worse; "
            f"{counted(len(self.cases), 'response')} changed: {self.compared}"
        )


def read(path: Path) -> Mapping[str, Any]:
    """A `report.json`.

    Raises:
        ReportUnreadableError: the file is none.

    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ReportUnreadableError(f"cannot read {path}: {error}") from error
    version = report.get("schema_version") if isinstance(report, dict) else None
    if not str(version).startswith("1."):
        raise ReportUnreadableError(f"{path} is no report.json of version 1")
    return dict(report)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """What differs between two reports.

    Raises:
        ReportUnreadableError: a report lacks what each report has.

    """
    try:
        texts = {rule["id"]: str(rule["text"]) for report in (before, after) for rule in report["rules"]}
        rules = [
            Change(rule, old, new, texts[rule])
            for rule, old, new in _changes(_verdicts(before), _verdicts(after), missing="not selected")
        ]
        old_cases, new_cases = _cases(before), _cases(after)
        both = old_cases.keys() & new_cases.keys()
        cases = [
            Change(name, old_cases[name], new_cases[name])
            for name in sorted(both)
            if old_cases[name] != new_cases[name]
        ]
        names = [f"{report['target']} ({report['started']})" for report in (before, after)]
    except (KeyError, TypeError, AttributeError) as error:
        raise ReportUnreadableError(f"a report lacks a member of version 1: {error}") from error
    return Comparison(
        names[0], names[1], rules, cases, f"{len(texts)} rules and {counted(len(both), 'case')} compared"
    )


def as_text(comparison: Comparison) -> str:
    """The comparison for a terminal."""
    lines = [
        line
        for change in comparison.rules
        for line in wrap(
            f"{change.name:<12} {change.before} -> {change.after}",
            first="✗ " if change.is_worse else "  ",
            rest="    ",
        )
    ]
    lines += [
        line
        for change in comparison.cases
        for line in wrap(f"{change.name}: {change.before} -> {change.after}", first="~ ", rest="    ")
    ]
    lines += wrap(f"{comparison.sentence}: {comparison.before} -> {comparison.after}", rest="  ")
    return "\n".join(map(visible, lines))


def as_markdown(comparison: Comparison) -> str:
    """The comparison for a comment or a summary."""
    lines = [f"## {'Worse' if comparison.worse else 'Not worse'}", "", escape(comparison.sentence), ""]
    lines += [f"Before: {escape(comparison.before)}", "", f"After: {escape(comparison.after)}", ""]
    if comparison.rules:
        lines += ["| rule | before | after | |", "|---|---|---|---|"]
        for change in comparison.rules:
            mark = "**worse**" if change.is_worse else ""
            lines.append(
                f"| {change.name} {escape(change.text)} | {change.before} | {change.after} | {mark} |"
            )
        lines.append("")
    if comparison.cases:
        lines += ["| case | before | after |", "|---|---|---|"]
        lines += [
            f"| {escape(each.name)} | {escape(each.before)} | {escape(each.after)} |"
            for each in comparison.cases
        ]
        lines.append("")
    return visible_lines("\n".join(lines))


def as_html(comparison: Comparison) -> str:
    """The comparison as a page in one file."""
    return render("compare.html.jinja", comparison=comparison, tone="fail" if comparison.worse else "pass")


FORMATS = {"text": as_text, "markdown": as_markdown, "html": as_html}


def main(arguments: Sequence[str]) -> int:
    """Print what changed; 0, or 1 where something got worse, or 4 for a wrong argument."""
    parser = CommandLine(prog=program("compare"), description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="what to print (default %(default)s)"
    )
    try:
        options = parser.parse_args(arguments)
        comparison = compare(read(options.before), read(options.after))
    except (UsageError, ReportUnreadableError) as error:
        print(f"error: {error}", file=sys.stderr)
        return ExitStatus.USAGE_ERROR
    say(FORMATS[options.format](comparison))
    return ExitStatus.DOES_NOT_CONFORM if comparison.worse else ExitStatus.CONFORMS


def command() -> NoReturn:
    """Compare as a program."""
    exit_with(lambda: main(sys.argv[1:]))


def _verdicts(report: Mapping[str, Any]) -> dict[str, str]:
    """The verdict of each rule in a word."""
    return {rule["id"]: "warning" if rule["warning"] else str(rule["result"]) for rule in report["rules"]}


def _cases(report: Mapping[str, Any]) -> dict[str, str]:
    """The first response to each case. Reports of version 1.0 have none."""
    return {str(case["name"]): str(case["response"]) for case in report.get("cases", ())}


def _changes(
    before: Mapping[str, str], after: Mapping[str, str], *, missing: str
) -> Iterator[tuple[str, str, str]]:
    for name in sorted({*before, *after}):
        old, new = before.get(name, missing), after.get(name, missing)
        if old != new:
            yield name, old, new


if __name__ == "__main__":
    command()
