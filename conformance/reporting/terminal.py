"""The end of a run on a terminal: failures, warnings, a line for each area, the verdict."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .exit_status import ExitStatus
from .ledger import Counterexample, Result, Verdict
from .report import OPTIONS_FILE, Summary, place
from .text import wrap, wrap_command

LONGEST = 12
"""Lines of a failure."""
FEW = 3
"""Lines of a replay line in a warning. A longer one gets its options from a file."""
INDENT = " " * 12
COLOURS = {Result.PASS: "green", Result.FAIL: "red", Result.ERROR: "red", Result.INCONCLUSIVE: "yellow"}
"""Colour says nothing that the words do not say."""
CLOSING_COLOURS = {
    ExitStatus.CONFORMS: "green",
    ExitStatus.INTERRUPTED: "yellow",
    ExitStatus.INCONCLUSIVE: "yellow",
}
"""The colours of the verdict on the target. It is red with any other exit status."""

Line = tuple[str, Mapping[str, bool]]
"""A line and its markup, as the terminal of pytest takes it."""


def lines(summary: Summary, report: Path, *, verbose: bool = False) -> Iterator[Line]:
    """All that a run prints when it ends. The verdict on the target comes last.

    Args:
        summary: the run.
        report: the report to open, as a command line names it. The others are beside it.
        verbose: whether to print every rule, and the whole of every warning.

    """
    for verdict in summary.failed:
        yield from _block(failure(summary, verdict, report), "red")
    for verdict in summary.warned:
        text = failure if verbose else warning
        yield from _block(text(summary, verdict, report), "yellow")
    yield from table(summary) if verbose else areas(summary)
    yield "", {}
    yield from (
        (line, {}) for problem in summary.problems for line in wrap(problem, first="error: ", rest="  ")
    )
    yield from ((line, {"red": True}) for entry in summary.stale for line in wrap(entry, rest="  "))
    yield from ((line, {}) for note in summary.notes for line in wrap(note, rest="  "))
    if summary.is_written:
        yield f"report: {report}", {}
    colour = CLOSING_COLOURS.get(summary.exit_status, "red")
    yield from ((line, {colour: True, "bold": True}) for line in closing(summary))


def styled(line: str, markup: Mapping[str, bool]) -> str:
    """The line with the markup as a terminal takes it, where pytest does not print it."""
    codes = {"red": "31", "green": "32", "yellow": "33", "bold": "1"}
    chosen = ";".join(codes[name] for name in markup)
    return f"\x1b[{chosen}m{line}\x1b[0m" if chosen and line else line


def failure(summary: Summary, verdict: Verdict, report: Path) -> list[str]:
    """A broken rule in at most 12 lines.

    If there is no room, the replay line gets its options from a file, the response is cut, and these are left
    out in turn: the place, the requests to send before, the request.
    """
    example = _example(verdict)
    head = [*wrap(f"{verdict.rule.id}  {verdict.rule.text}", rest=INDENT)]
    where = _entry("source", place(summary.contract, verdict.rule))
    expected = _entry("expected", example.expected)[:2]
    expected += _entry("accepted", verdict.accepted)[:2] if verdict.accepted else []
    received = _entry("received", example.received)
    request = _command("request", example.request)
    before = [line for each in example.before for line in _command("before", each)]
    whole = _command("replay", example.replay)
    short = _command("replay", _with_options_of_file(summary, example, report.parent))
    elsewhere = _entry("before", f"in {report.name}") if before else []
    forms: Sequence[tuple[list[str], list[str], int]] = (
        (where, [*before, *request, *whole], 2),
        (where, [*before, *request, *short], 1),
        ([], [*before, *request, *short], 1),
        (where, [*elsewhere, *request, *short], 1),
        ([], [*elsewhere, *request, *short], 1),
        (where, [*_entry("request", f"in {report.name}, because it is long"), *short], 0),
    )
    for source, commands, least in forms:
        room = LONGEST - len([*head, *source, *expected, *commands])
        if room >= min(least, len(received)):
            break
    return [*head, *source, *expected, *_cut(received, min(max(room, 1), 4)), *commands]


def warning(summary: Summary, verdict: Verdict, report: Path) -> list[str]:
    """A broken rule that fails nothing, in a few lines: a SHOULD, or what the baseline accepts."""
    example = _example(verdict)
    replay = _command("replay", example.replay)
    if len(replay) > FEW:
        replay = _command("replay", _with_options_of_file(summary, example, report.parent))
    return [
        *wrap(f"{verdict.rule.id}  {verdict.rule.text}", rest=INDENT),
        *_entry("source", place(summary.contract, verdict.rule)),
        *_entry("expected", example.expected)[:2],
        *_cut(_entry("received", example.received), 2),
        *(_entry("accepted", verdict.accepted) if verdict.accepted else []),
        *replay,
    ]


def areas(summary: Summary) -> Iterator[Line]:
    """For each area how many of its rules pass; then why others were not decided."""
    for area, verdicts in summary.areas.items():
        passed = sum(verdict.result is Result.PASS for verdict in verdicts)
        others = [f"{verdict.rule.id} {summary.word(verdict)}" for verdict in verdicts]
        noted = [
            text for text, verdict in zip(others, verdicts, strict=True) if verdict.result is Result.FAIL
        ]
        text = f"{area:<10}{passed} of {len(verdicts)}" + (f"   {', '.join(noted)}" if noted else "")
        colour = (
            "red"
            if any(verdict in summary.failed for verdict in verdicts)
            else "yellow"
            if noted
            else "green"
        )
        is_plain = passed < len(verdicts) and not noted
        yield from ((line, {} if is_plain else {colour: True}) for line in wrap(text, rest=INDENT))
    for (result, reason), verdicts in summary.causes.items():
        rules = verdicts[0].rule.id if len(verdicts) == 1 else f"{len(verdicts)} rules"
        why = "the run stopped early" if reason in summary.stopped[:1] else reason
        for line in wrap(f"{rules} {result}" + (f": {why}" if why else ""), rest="  "):
            yield line, {"yellow": True} if result == Result.INCONCLUSIVE else {}


def table(summary: Summary) -> Iterator[Line]:
    """The verdict on each rule, with how many responses decided it."""
    for verdict in summary.verdicts:
        decisive = str(verdict.decisive or "")
        note = f"  [{verdict.reason}]" if verdict.reason else ""
        colour = "yellow" if summary.is_warning(verdict) else COLOURS.get(verdict.result)
        start = f"{summary.mark(verdict)} {verdict.rule.id:<12} {summary.word(verdict):<14} {decisive:>5}  "
        for line in wrap(verdict.rule.text + note, first=start, rest=" " * 4):
            yield line, {colour: True} if colour else {}


def closing(summary: Summary) -> list[str]:
    """The verdict on the target, why the run stopped early, the totals, and the seed that repeats the run."""
    totals = f"{summary.totals}; {summary.requests} "
    if summary.recording:
        totals += f"exchanges of {summary.recording} with {summary.target or 'no address of the API'}"
    else:
        totals += f"requests in {summary.seconds:.1f} s to {summary.target}; seed {summary.seed}"
    if not summary.stopped:
        return wrap(f"{summary.meaning}: {totals}", rest="  ")
    reason = wrap(summary.stopped[0], first="  ", rest="    ")
    return [f"{summary.meaning}: stopped early:", *reason, *wrap(totals, first="  ", rest="  ")]


def _block(text: list[str], colour: str) -> Iterator[Line]:
    yield text[0], {colour: True, "bold": True}
    yield from ((line, {}) for line in text[1:])
    yield "", {}


def _entry(name: str, text: str) -> list[str]:
    return wrap(text, first=f"  {name:<10}", rest=INDENT)


def _command(name: str, command: str) -> list[str]:
    return wrap_command(command, first=f"  {name:<10}", rest="    ")


def _with_options_of_file(summary: Summary, example: Counterexample, directory: Path) -> str:
    """The replay line, with the file that `write_options` wrote in the place of the options of the run."""
    return example.replay.replace(shlex.join(summary.options), shlex.quote(f"@{directory / OPTIONS_FILE}"), 1)


def _cut(text: list[str], most: int) -> list[str]:
    if len(text) <= most:
        return text
    last = text[most - 1]
    return [*text[: most - 1], last if last.endswith("…") else f"{last[:77]} …"]


def _example(verdict: Verdict) -> Counterexample:
    assert verdict.counterexample is not None
    return verdict.counterexample
