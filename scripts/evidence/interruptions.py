"""Interrupt runs of the suite at random moments, and report how they end.

`python -m scripts.evidence.interruptions [N] [--seed N]` interrupts N runs: alone and with two workers, by
Ctrl-C (once, twice or three times, to the process or to its whole group) and by SIGTERM. The moments are
counted from when the program handles signals, some 40 ms after Python's own start. Each run must exit
with 2, say INTERRUPTED, and leave a valid report, no traceback, no temporary file and no process. A run that
was over before the signal arrived must exit with the status of its report. `interruptions.md` has the figures
of the last run.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from conformance.contract.document import REPOSITORY

LONGEST = 120.0
"""Seconds in which a run must end after the signal, also on a busy machine."""
REPORT = Path(__file__).with_suffix(".md")
EXPECTED = {"report.json", "index.html", "junit.xml", "traffic.har"}


@dataclass(frozen=True)
class Trial:
    """How a run is interrupted."""

    workers: bool
    signals: tuple[signal.Signals, ...]
    to_group: bool
    moment: float
    pause: float

    @property
    def kind(self) -> str:
        """The trial in words."""
        names = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
        times = {1: "once", 2: "twice", 3: "three times"}[len(self.signals)]
        to = "group" if self.to_group else "process"
        return f"{'two workers' if self.workers else 'alone'}, {names[self.signals[0]]} {times} to the {to}"


def draw(random_: random.Random, longest: float) -> Trial:
    """A random trial whose first signal comes within so many seconds."""
    is_term = random_.random() < 0.2
    signals = (signal.SIGTERM,) if is_term else (signal.SIGINT,) * random_.choice([1, 1, 2, 3])
    return Trial(
        workers=random_.random() < 0.4,
        signals=signals,
        to_group=random_.random() < 0.5,
        moment=random_.uniform(0, longest),
        pause=random_.choice([0.0, 0.02, 0.2]),
    )


def interrupt(trial: Trial, directory: Path) -> tuple[str, list[str]]:
    """Run the suite and interrupt it. Returns how it ended, and what is wrong with that."""
    reports, temporary = directory / "report", directory / "temporary"
    temporary.mkdir()
    words = ["--profile", "quick", "--report-dir", str(reports), *(["-n", "2"] if trial.workers else [])]
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "conformance", *words],
        cwd=REPOSITORY,
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    wait_for_the_handler(process.pid)
    time.sleep(trial.moment)
    was_over = process.poll() is not None
    for each in trial.signals:
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if trial.to_group else os.kill)(process.pid, each)
        time.sleep(trial.pause)
    try:
        text = process.communicate(timeout=LONGEST)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return "hung", [f"did not end within {LONGEST:g} s"]
    return _check(process, text, reports, temporary, was_over=was_over)


def wait_for_the_handler(pid: int) -> None:
    """Wait until a run handles SIGTERM. Before that Python itself starts, and its own handlers count."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        status = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
        caught = next(line for line in status if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.002)


def _check(
    process: subprocess.Popen[str], text: str, reports: Path, temporary: Path, *, was_over: bool
) -> tuple[str, list[str]]:
    path, wrong = reports / "report.json", []
    try:
        report = json.loads(path.read_text("utf-8")) if path.exists() else None
    except ValueError:
        report, wrong = None, ["report.json is no JSON"]
    if report is not None:
        ended = f"exit {process.returncode} with a report"
        if report["exit_status"] != process.returncode:
            wrong.append(f"the report has the exit status {report['exit_status']}")
        is_over = was_over or "CONFORMS" in text  # the signal came after the last test
        if process.returncode != 2 and not (is_over and process.returncode == 0):
            wrong.append("the exit status is not 2")
        ended += " of the whole run" if process.returncode == 0 else ""
    else:
        ended = f"exit {process.returncode} before the first test"
        if process.returncode != 2:
            wrong.append("the exit status is not 2")
    if process.returncode == 2 and "INTERRUPTED" not in text:
        wrong.append("INTERRUPTED is not shown")
    if "Traceback" in text or "Error" in text:
        wrong.append(f"a traceback or an error is shown: {text[-400:]}")
    left = [each.name for each in temporary.iterdir()]
    left += (
        [each.name for each in reports.iterdir() if each.is_file() and each.name not in EXPECTED]
        if reports.exists()
        else []
    )
    if left:
        wrong.append(f"files are left: {', '.join(left)}")
    with contextlib.suppress(ProcessLookupError):
        time.sleep(0.2)
        os.killpg(process.pid, 0)
        wrong.append("a process is left")
        os.killpg(process.pid, signal.SIGKILL)
    return ended, wrong


def measure() -> float:
    """The seconds that a run takes which is not interrupted."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "conformance", "--profile", "quick", "--report-dir", directory]
        subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)  # noqa: S603 - our own program
    return time.perf_counter() - started


def main(arguments: list[str] | None = None) -> int:
    """Interrupt runs, write the figures, and return 1 if a run ended badly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", metavar="N", nargs="?", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    random_ = random.Random(options.seed)  # noqa: S311 - it chooses moments
    longest = measure()
    kinds: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(1, options.runs + 1):
        trial = draw(random_, longest)
        with tempfile.TemporaryDirectory() as directory:
            ended, found = interrupt(trial, Path(directory))
        kinds[trial.kind] += 1
        ends[ended] += 1
        wrong += [f"run {number} ({trial.kind}, after {trial.moment:.2f} s): {each}" for each in found]
        print(f"{'✗' if found else '✓'} {number:>3} {trial.moment:6.2f} s  {trial.kind}: {ended}", flush=True)
        for each in found:
            print(f"      {each}", flush=True)
    lines = [
        "# Runs that were interrupted at random moments",
        "",
        (
            f"{datetime.now(UTC).date()}, `python -m scripts.evidence.interruptions {options.runs} "
            f"--seed {options.seed}`: {options.runs} runs, {len(wrong)} findings."
        ),
        "",
        "| how the run ended | runs |",
        "|---|--:|",
        *(f"| {ended} | {count} |" for ended, count in ends.most_common()),
        "",
        "| how it was interrupted | runs |",
        "|---|--:|",
        *(f"| {kind} | {count} |" for kind, count in sorted(kinds.items())),
        "",
        *wrong,
    ]
    REPORT.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print(*wrong, f"{options.runs} runs, {len(wrong)} findings", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
