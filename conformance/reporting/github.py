"""What a run tells GitHub Actions: annotations of its log, and a summary in Markdown."""

import contextlib
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from .exit_status import ExitStatus
from .files import ReportError
from .ledger import Result, Verdict
from .report import Summary, place, rows

ACTIONS = "GITHUB_ACTIONS"
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


@contextlib.contextmanager
def log(write: Callable[[str], object], environment: Mapping[str, str], summary: Summary) -> Iterator[None]:
    """Keep GitHub from taking what is printed within for its commands, and annotate the run after it."""
    if environment.get(ACTIONS) not in {"true", "1"}:
        yield
        return
    token = secrets.token_hex(16)
    write(f"::stop-commands::{token}")
    yield
    write(f"::{token}::")
    for line in annotations(summary):
        write(line)


def annotations(summary: Summary) -> Iterator[str]:
    """An `::error` for each broken rule, a `::warning` for each broken SHOULD, and other ends."""
    for problem in summary.problems:
        yield f"::error title=conformance::{_data(problem)}"
    for level, verdicts in (("error", summary.failed), ("warning", summary.warned)):
        for verdict in verdicts:
            example = verdict.counterexample
            assert example is not None
            file, _, line = place(summary.contract, verdict.rule).rpartition(":")
            where = f"file={_property(file)},line={line}," if line.isdecimal() else ""
            lines = [verdict.rule.text, f"expected {example.expected}", f"received {example.received}"]
            lines += [f"accepted by the baseline: {verdict.accepted}"] if verdict.accepted else []
            text = _data("\n".join([*lines, example.replay]))
            yield f"::{level} {where}title={_property(verdict.rule.id)}::{text}"
    for entry in summary.stale:
        yield f"::error title=conformance::{_data(entry)}"
    if summary.exit_status not in {ExitStatus.CONFORMS, ExitStatus.DOES_NOT_CONFORM}:
        yield f"::error title=conformance::{_data(summary.sentence)}"


def add_to_step_summary(summary: Summary, environment: Mapping[str, str]) -> None:
    """Add the summary in Markdown to the file that GitHub shows, if there is one.

    Raises:
        ReportError: it cannot be written.

    """
    name = environment.get(STEP_SUMMARY)
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(markdown(summary))
    except OSError as error:
        raise ReportError(f"cannot write {name} (${STEP_SUMMARY}): {error.strerror or error}") from error


def markdown(summary: Summary) -> str:
    """The run in Markdown: the verdict, failures, warnings, a table of areas, and what was not decided."""
    lines = [f"## {summary.meaning.capitalize()}", "", escape(summary.sentence), ""]
    lines += [f"**{escape(problem)}**\n" for problem in (*summary.problems, *summary.stale)]
    lines += [f"{escape(note)}\n" for note in summary.notes]
    for title, verdicts in (("Broken rules", summary.failed), ("Warnings", summary.warned)):
        if verdicts:
            lines += [f"### {title}", ""]
            lines += [line for verdict in verdicts for line in _failure(summary, verdict)]
    lines += ["| area | rules | pass | others |", "|---|--:|--:|---|"]
    for area, rules in summary.areas.items():
        others = [f"{one.rule.id} {summary.word(one)}" for one in rules if one.result is not Result.PASS]
        lines.append(f"| {area} | {len(rules)} | {len(rules) - len(others)} | {escape(', '.join(others))} |")
    lines.append("")
    for (result, reason), rules in summary.causes.items():
        which = rules[0].rule.id if len(rules) == 1 else f"{len(rules)} rules"
        lines.append(f"- {which} {result}: {escape(reason)}")
    sent = (
        f"{summary.requests} exchanges of {escape(summary.recording)} with"
        if summary.recording
        else f"{summary.requests} requests in {summary.seconds:.1f} s to"
    )
    ending = f"contract {escape(summary.contract.version)}, seed {escape(summary.seed)}."
    lines += ["", f"{sent} {escape(summary.target)}, {ending}", ""]
    return "\n".join(lines)


def escape(text: str) -> str:
    """The text as Markdown that shows it as it is, in one line."""
    return re.sub(r"([\\`*_\[\]<>#|~&@$])", lambda match: f"&#{ord(match[1])};", text.replace("\n", " "))


def _failure(summary: Summary, verdict: Verdict) -> list[str]:
    example = verdict.counterexample
    assert example is not None
    entries = rows(summary.contract, verdict.rule, example, verdict.accepted)
    text = "\n".join(f"{name:<9} {value}" for name, value in entries)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return [f"**{verdict.rule.id}** {escape(verdict.rule.text)}", "", f"{fence}text", text, fence, ""]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
