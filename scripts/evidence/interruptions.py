"""Interrupt runs of the suite at random moments, and report how they end.

`python -m scripts.evidence.interruptions [N] [--seed N] [--seconds N] [--tox COMMAND]` interrupts N runs:
alone, with two workers and under tox, by Ctrl-C (once, twice or three times, to the process or to its whole
group) and by SIGTERM. Other runs lose the reader of their output, or a worker to `kill -9`. The moments are
counted from when the program handles signals, which is about 20 ms after Python has started.

`interruptions.md` has a line for each run. The next call continues there if it has the same seed, so the runs
can be made in pieces: `--seconds` ends a piece.
"""

import argparse
import random
import re
import shlex
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from conformance.mock.server import Settings, serve
from scripts.evidence.interrupted_run import LONGEST, MOST_AFTER, STARTS, Outcome, Trial, begin, interrupt

REPORT = Path(__file__).with_suffix(".md")
_ROW = re.compile(r"\| (\d+) \| (.+) \| ([\d.]+) \| (\d+, [\d?]+) \| (.+) \| (.*) \|")
_TAKEN = re.compile(r"(alone|two workers|under tox) takes ([\d.]+) s")


def draw(seed: int, number: int) -> Trial:
    """The trial of a number."""
    random_ = random.Random(f"{seed} {number}")  # noqa: S311 - it chooses moments
    start = random_.choices(list(STARTS), weights=[4, 4, 2])[0]
    times = random_.choice(["once", "once", "twice", "three times"])
    to = random_.choice(["group", "process"]) if start != "under tox" else "group"
    event = random_.choices(
        [f"Ctrl-C {times} to the {to}", f"SIGTERM once to the {to}", "output closed", "kill -9 of a worker"],
        weights=[14, 4, 1, 3],
    )[0]
    if event == "kill -9 of a worker":
        start = "two workers"
    return Trial(number, start, event, random_.random(), random_.choice([0.0, 0.02, 0.2]))


def measure(seed: int, tox: Sequence[str]) -> dict[str, float]:
    """The seconds that a run takes which is not interrupted, by how it is started.

    They are read from the report, if it is of this seed: another report may be of a faster or slower machine.
    """
    taken = {found[1]: float(found[2]) for found in _TAKEN.finditer(_report_of(seed))}
    for start in STARTS:
        if start in taken:
            continue
        trial = Trial(0, start, "", 0, 0)
        with tempfile.TemporaryDirectory() as directory, serve(Settings(rate=None)) as mock:
            started = time.perf_counter()
            begin(trial, Path(directory), tox, mock).process.communicate(timeout=LONGEST)
        taken[start] = time.perf_counter() - started
    return taken


def page(seed: int, outcomes: Sequence[Outcome], taken: Mapping[str, float]) -> str:
    """The text of the report."""
    findings = sum(len(each.findings) for each in outcomes)
    ends = Counter(each.ended for each in outcomes if "Ctrl-C" in each.kind or "SIGTERM" in each.kind)
    kinds = Counter(each.kind.partition(",")[0] for each in outcomes)
    lines = [
        "# Runs that were interrupted at random moments",
        "",
        (
            f"{datetime.now(UTC).date()}, `python -m scripts.evidence.interruptions {len(outcomes)} "
            f"--seed {seed}`: {len(outcomes)} runs, {findings} findings. A finding is anything but exit 2 "
            "(tox: 1, or 2 or a signal if tox itself is ended), INTERRUPTED, a valid report once the tests "
            "have begun, at most "
            f"{MOST_AFTER} requests that were on their way, and no traceback, no temporary file and no "
            "process left. Exit 0 is right only if no request arrived after the signal. A worker that is "
            "killed may cost one test."
        ),
        "",
        ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        + ". A run that is not interrupted: "
        + ", ".join(f"{start} takes {seconds:.1f} s" for start, seconds in taken.items())
        + ".",
        "",
        "| how an interrupted run ended | runs |",
        "|---|--:|",
        *(f"| {ended} | {count} |" for ended, count in ends.most_common()),
        "",
        "| run | what happened | after s | requests before, after | how it ended | findings |",
        "|--:|---|--:|--:|---|---|",
        *(each.row for each in outcomes),
    ]
    return "\n".join(lines) + "\n"


def _report_of(seed: int) -> str:
    text = REPORT.read_text("utf-8") if REPORT.exists() else ""
    return text if f"--seed {seed}`" in text else ""


def read(seed: int) -> list[Outcome]:
    """The outcomes that the report has, if it is of this seed."""
    return [
        Outcome(int(row[1]), row[2], float(row[3]), row[4], row[5], () if row[6] == "-" else (row[6],))
        for row in map(_ROW.fullmatch, _report_of(seed).splitlines())
        if row
    ]


def main(arguments: list[str] | None = None) -> int:
    """Interrupt runs, write the figures after each, and return 1 if a run ended badly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", metavar="N", nargs="?", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--tox", default="tox")
    options = parser.parse_args(arguments)
    tox = shlex.split(options.tox)
    outcomes, longest = read(options.seed), measure(options.seed, tox)
    until = time.monotonic() + options.seconds
    print(", ".join(f"{start}: {seconds:.1f} s" for start, seconds in longest.items()), flush=True)
    for number in range(len(outcomes) + 1, options.runs + 1):
        if time.monotonic() >= until:
            break
        trial = draw(options.seed, number)
        with tempfile.TemporaryDirectory() as directory, serve(Settings(rate=None)) as mock:
            outcome = interrupt(trial, longest[trial.start], Path(directory), tox, mock)
        print(outcome.row, flush=True)
        outcomes.append(outcome)
        REPORT.write_text(page(options.seed, outcomes, longest), encoding="utf-8")
    return 1 if any(each.findings for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
