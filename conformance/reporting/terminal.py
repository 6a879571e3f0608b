"""The end of a run on a terminal: failures, warnings, a line for each area, the verdict."""

from collections.abc import Iterator, Mapping

from .ledger import Counterexample, Result, Verdict
from .report import Summary, place
from .text import wrap, wrap_command

LONGEST = 12
"""Lines of a failure."""
INDENT = " " * 12
COLOURS = {Result.PASS: "green", Result.FAIL: "red", Result.ERROR: "red", Result.INCONCLUSIVE: "yellow"}
"""Colour says nothing that the words do not say."""

Line = tuple[str, Mapping[str, bool]]
"""A line and its markup, as the terminal of pytest takes it."""


def lines(summary: Summary, *, verbose: bool = False) -> Iterator[Line]:
    """All that a run prints when it ends."""
    for verdict in summary.failed:
        yield from _block(failure(summary, verdict), "red")
    for verdict in summary.warned:
        yield from _block(failure(summary, verdict) if verbose else warning(summary, verdict), "yellow")
    yield from table(summary) if verbose else areas(summary)
    yield "", {}
    yield from (
        (line, {}) for problem in summary.problems for line in wrap(problem, first="error: ", rest="  ")
    )
    yield from ((line, {"red": True}) for entry in summary.stale for line in wrap(entry, rest="  "))
    yield from ((line, {}) for note in summary.notes for line in wrap(note, rest="  "))
    colour = {0: "green", 6: "yellow", 2: "yellow"}.get(summary.exit_status, "red")
    yield from ((line, {colour: True, "bold": True}) for line in closing(summary))


def styled(line: str, markup: Mapping[str, bool]) -> str:
    """The line with the markup as a terminal takes it, where pytest does not print it."""
    codes = {"red": "31", "green": "32", "yellow": "33", "bold": "1"}
    chosen = ";".join(codes[name] for name in markup)
    return f"\x1b[{chosen}m{line}\x1b[0m" if chosen and line else line


def failure(summary: Summary, verdict: Verdict) -> list[str]:
    """A broken rule in at most 12 lines: what gives way is the place, the response, and last the request."""
    example = _example(verdict)
    head = [*wrap(f"{verdict.rule.id}  {verdict.rule.text}", rest=INDENT)]
    where = _entry("source", place(summary.contract, verdict.rule))
    expected = _entry("expected", example.expected)[:2]
    replay = wrap_command(example.replay, first="  replay    ", rest="    ")
    request = [line for before in example.before for line in _command("before", before)]
    request += _command("request", example.request)
    received = _entry("received", example.received)
    for source in (where, []):
        room = LONGEST - len([*head, *source, *expected, *request, *replay])
        if room >= 1:
            return [*head, *source, *expected, *_cut(received, min(room, 4)), *request, *replay]
    pointer = _entry("request", "in index.html and report.json, because it is long")
    room = max(1, LONGEST - len([*head, *where, *expected, *pointer, *replay]))
    return [*head, *where, *expected, *_cut(received, room), *pointer, *replay]


def warning(summary: Summary, verdict: Verdict) -> list[str]:
    """A broken SHOULD that fails nothing, in a few lines."""
    example = _example(verdict)
    return [
        *wrap(f"{verdict.rule.id}  {verdict.rule.text}", rest=INDENT),
        *_entry("source", place(summary.contract, verdict.rule)),
        *_entry("expected", example.expected)[:2],
        *_cut(_entry("received", example.received), 2),
        *(_entry("accepted", verdict.accepted) if verdict.accepted else []),
        *wrap_command(example.replay, first="  replay    ", rest="    "),
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
    """The verdict on the target, the totals, and how to repeat the run.

    The reason why the run stopped stays in one line, so that it can be searched for.
    """
    totals = f"{summary.totals}; {summary.requests} "
    if summary.recording:
        totals += f"exchanges of {summary.recording} with {summary.target or 'no address of the API'}"
    else:
        totals += f"requests in {summary.seconds:.1f} s to {summary.target}; seed {summary.seed}"
    if not summary.stopped:
        return wrap(f"{summary.meaning}: {totals}", rest="  ")
    return [f"{summary.meaning}: stopped early: {summary.stopped[0]}", *wrap(totals, first="  ", rest="  ")]


def _block(text: list[str], colour: str) -> Iterator[Line]:
    yield text[0], {colour: True, "bold": True}
    yield from ((line, {}) for line in text[1:])
    yield "", {}


def _entry(name: str, text: str) -> list[str]:
    return wrap(text, first=f"  {name:<10}", rest=INDENT)


def _command(name: str, command: str) -> list[str]:
    return wrap_command(command, first=f"  {name:<10}", rest="    ")


def _cut(text: list[str], most: int) -> list[str]:
    if len(text) <= most:
        return text
    last = text[most - 1]
    return [*text[: most - 1], last if last.endswith("…") else f"{last[:77]} …"]


def _example(verdict: Verdict) -> Counterexample:
    assert verdict.counterexample is not None
    return verdict.counterexample
