"""Interrupt runs of the suite at random moments, and report how they end.

`python -m scripts.evidence.interruptions [N] [--seed N] [--seconds N] [--tox COMMAND]` interrupts N runs:
alone, with two workers and under tox, by Ctrl-C (once, twice or three times, to the process or to its whole
group) and by SIGTERM. Other runs lose the reader of their output, or a worker to `kill -9`. The moments are
counted from when the program handles signals, which is about 20 ms after Python has started.

`interruptions.md` has a line for each run. The next call continues there if it has the same seed, so the runs
can be made in pieces: `--seconds` ends a piece.
"""

import argparse
import contextlib
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from conformance.contract.document import REPOSITORY

LONGEST = 120.0
"""Seconds in which a run must end after the signal, also on a busy machine."""
REPORT = Path(__file__).with_suffix(".md")
EXPECTED = {"report.json", "index.html", "junit.xml", "traffic.har"}
_ROW = re.compile(r"\| (\d+) \| (.+) \| ([\d.]+) \| (.+) \| (.*) \|")
_TAKEN = re.compile(r"(alone|two workers|under tox) takes ([\d.]+) s")
_HOW = {"alone": [], "two workers": ["-n", "2"], "under tox": []}


@dataclass(frozen=True)
class Trial:
    """How a run is started, and what happens to it at which moment, as a part of a whole run."""

    start: str
    event: str
    moment: float
    pause: float

    @property
    def kind(self) -> str:
        """The trial in words."""
        return f"{self.start}, {self.event}"


@dataclass(frozen=True)
class Outcome:
    """How a trial ended."""

    number: int
    kind: str
    seconds: float
    ended: str
    findings: Sequence[str] = ()

    @property
    def row(self) -> str:
        """The line of the table."""
        found = "; ".join(self.findings).replace("|", "/").replace("\n", " ")
        return f"| {self.number} | {self.kind} | {self.seconds:.2f} | {self.ended} | {found or '-'} |"


@dataclass
class Run:
    """A run of the suite that goes on."""

    process: subprocess.Popen[str]
    directory: Path
    was_over: bool = False
    killed: bool = False
    reports: Path = field(init=False)

    def __post_init__(self) -> None:
        """Remember where the reports go."""
        self.reports = self.directory / "report"


def draw(seed: int, number: int) -> Trial:
    """The trial of a number."""
    random_ = random.Random(f"{seed} {number}")  # noqa: S311 - it chooses moments
    start = random_.choices(list(_HOW), weights=[4, 4, 2])[0]
    times = random_.choice(["once", "once", "twice", "three times"])
    to = random_.choice(["group", "process"]) if start != "under tox" else "group"
    event = random_.choices(
        [f"Ctrl-C {times} to the {to}", f"SIGTERM once to the {to}", "output closed", "kill -9 of a worker"],
        weights=[14, 4, 1, 1],
    )[0]
    if event == "kill -9 of a worker":
        start = "two workers"
    return Trial(start, event, random_.random(), random_.choice([0.0, 0.02, 0.2]))


def begin(trial: Trial, directory: Path, tox: Sequence[str]) -> Run:
    """Start a run in a process group of its own."""
    (directory / "temporary").mkdir()
    words = ["--profile", "quick", "--report-dir", str(directory / "report"), *_HOW[trial.start]]
    program = [*tox, "run", "-e", "conformance", "--"] if trial.start == "under tox" else [
        sys.executable, "-m", "conformance",
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*program, *words],
        cwd=REPOSITORY,
        env=os.environ | {"TMPDIR": str(directory / "temporary")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return Run(process, directory)


def processes(group: int) -> Iterator[tuple[int, str]]:
    """The id and the command line of each process of a group."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(path.name)) == group:
                yield int(path.name), (path / "cmdline").read_text("utf-8", "replace").replace("\0", " ")


def wait_for_the_handler(group: int) -> None:
    """Wait until a run handles SIGTERM. Before that Python itself starts, and its own handlers count."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        for pid, command in processes(group):
            if "-m conformance" not in command:
                continue
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
                caught = next(line for line in status if line.startswith("SigCgt"))
                if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
                    return
        time.sleep(0.002)


def kill_a_worker(run: Run) -> None:
    """End a worker at once, if there is one now."""
    workers = [pid for pid, command in processes(run.process.pid) if "exec(eval(sys.stdin" in command]
    if workers:
        os.kill(workers[-1], signal.SIGKILL)
        run.killed = True


def act(trial: Trial, run: Run) -> None:
    """Let happen to a run what the trial is about."""
    if trial.event == "kill -9 of a worker":
        kill_a_worker(run)
        return
    if trial.event == "output closed":
        assert run.process.stdout is not None, "it was started with a pipe"
        run.process.stdout.close()
        return
    number = signal.SIGTERM if "SIGTERM" in trial.event else signal.SIGINT
    for _ in range(3 if "three" in trial.event else 2 if "twice" in trial.event else 1):
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if "group" in trial.event else os.kill)(run.process.pid, number)
        time.sleep(trial.pause)


def interrupt(number: int, trial: Trial, seconds: float, directory: Path, tox: Sequence[str]) -> Outcome:
    """Run the suite, let happen what the trial is about, and see how the run ends."""
    run = begin(trial, directory, tox)
    wait_for_the_handler(run.process.pid)
    time.sleep(trial.moment * seconds)
    run.was_over = run.process.poll() is not None
    act(trial, run)
    try:
        if trial.event == "output closed":
            run.process.wait(LONGEST)
            text = ""
        else:
            text = run.process.communicate(timeout=LONGEST)[0]
    except subprocess.TimeoutExpired:
        os.killpg(run.process.pid, signal.SIGKILL)
        return Outcome(number, trial.kind, trial.moment * seconds, "hung", [f"no end within {LONGEST:g} s"])
    wait_for_the_group(run)
    ended, found = check(trial, run, text)
    found += what_is_left(run)
    found = [each.replace(tempfile.gettempdir(), "TMPDIR") for each in found]
    return Outcome(number, trial.kind, trial.moment * seconds, ended, found)


def wait_for_the_group(run: Run) -> None:
    """Wait until a run has ended whose tox was ended by SIGTERM. tox does not wait for it."""
    until = time.monotonic() + LONGEST / 2
    while run.process.returncode == -signal.SIGTERM and time.monotonic() < until:
        if not any("-m conformance" in command for _, command in processes(run.process.pid)):
            return
        time.sleep(0.1)


def check(trial: Trial, run: Run, text: str) -> tuple[str, list[str]]:
    """How a run ended, and what is wrong with that."""
    path, found, report = run.reports / "report.json", [], None
    if path.exists():
        try:
            report = json.loads(path.read_text("utf-8"))
        except ValueError:
            found.append("report.json is no JSON")
    if "Traceback" in text:
        found.append(f"a traceback is shown: {text[-600:]}")
    status, own = run.process.returncode, None if report is None else report["exit_status"]
    if trial.event in {"output closed", "kill -9 of a worker"}:
        passed = 0 if report is None else sum(rule["result"] == "pass" for rule in report["rules"])
        # A busy machine cannot decide the rules of the rate limit.
        wanted = {0, 3, 6} if run.killed else {0, 6}
        found += [] if status == own and own in wanted else [f"the exit status is not one of {wanted}"]
        return (
            f"exit {status}, {passed} rules pass" + ("" if run.killed else ", of a whole run"),
            found,
        )
    found += judge_interrupted(trial, run, text, own)
    if own is None:
        return f"exit {status} before the first test", found
    return f"exit {status} with a report" + (" of the whole run" if own in {0, 6} else ""), found


def judge_interrupted(trial: Trial, run: Run, text: str, own: int | None) -> Iterator[str]:
    """What is wrong with the end of a run whose report has an exit status of its `own`, or is not there."""
    status = run.process.returncode
    # The signal came after the last test. A busy machine cannot decide the rules of the rate limit.
    if (own == 0 and "CONFORMS" in text) or (own in {0, 6} and run.was_over):
        if status != own and trial.start != "under tox":  # tox itself may still be interrupted
            yield "the exit status is not that of the report"
        return
    if own not in {None, 2}:
        yield f"the report has the exit status {own}"
    if trial.start == "under tox":  # SIGTERM and a third Ctrl-C end tox itself, which may be starting
        if status not in {1, 2, -signal.SIGINT, -signal.SIGTERM}:
            yield "the exit status is not that of an interrupted tox"
        is_shown = status < 0 or "INTERRUPTED" in text
    else:
        if status != 2:
            yield "the exit status is not 2"
        is_shown = "INTERRUPTED" in text
    if not is_shown:
        yield "INTERRUPTED is not shown"


def what_is_left(run: Run) -> Iterator[str]:
    """The files and processes that a run left."""
    left = [each.name for each in (run.directory / "temporary").iterdir()]
    if run.reports.exists():
        left += [each.name for each in run.reports.iterdir() if each.is_file() and each.name not in EXPECTED]
    if left:
        yield f"files are left: {', '.join(left)}"
    until = time.monotonic() + 2  # a worker that has ended may not have been collected yet
    while time.monotonic() < until:
        try:
            os.killpg(run.process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    yield f"processes are left: {[command for _, command in processes(run.process.pid)]}"
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.process.pid, signal.SIGKILL)


def measure(tox: Sequence[str]) -> dict[str, float]:
    """The seconds that a run takes which is not interrupted, by how it is started.

    They are read from the report, if it has them.
    """
    text = REPORT.read_text("utf-8") if REPORT.exists() else ""
    taken = {found[1]: float(found[2]) for found in _TAKEN.finditer(text)}
    for start in _HOW:
        if start in taken:
            continue
        trial = Trial(start, "", 0, 0)
        with tempfile.TemporaryDirectory() as directory:
            started = time.perf_counter()
            begin(trial, Path(directory), tox).process.communicate(timeout=LONGEST)
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
            "have begun, and no traceback, no temporary "
            "file and no process left."
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
        "| run | what happened | after s | how it ended | findings |",
        "|--:|---|--:|---|---|",
        *(each.row for each in outcomes),
    ]
    return "\n".join(lines) + "\n"


def read(seed: int) -> list[Outcome]:
    """The outcomes that the report has, if it is of this seed."""
    text = REPORT.read_text("utf-8") if REPORT.exists() else ""
    if f"--seed {seed}`" not in text:
        return []
    return [
        Outcome(int(row[1]), row[2], float(row[3]), row[4], () if row[5] == "-" else (row[5],))
        for row in map(_ROW.fullmatch, text.splitlines())
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
    outcomes, longest = read(options.seed), measure(tox)
    until = time.monotonic() + options.seconds
    print(", ".join(f"{start}: {seconds:.1f} s" for start, seconds in longest.items()), flush=True)
    for number in range(len(outcomes) + 1, options.runs + 1):
        if time.monotonic() >= until:
            break
        trial = draw(options.seed, number)
        with tempfile.TemporaryDirectory() as directory:
            outcome = interrupt(number, trial, longest[trial.start], Path(directory), tox)
        print(outcome.row, flush=True)
        outcomes.append(outcome)
        REPORT.write_text(page(options.seed, outcomes, longest), encoding="utf-8")
    return 1 if any(each.findings for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
