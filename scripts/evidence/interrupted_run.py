"""One run of the suite to which something happens at a moment, and what is wrong with how the run ends."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.contract.document import REPOSITORY
from conformance.mock.server import Mock
from conformance.selftest.runs import KEYS

LONGEST = 120.0
"""Seconds in which a run must end after the signal, also on a busy machine."""
EXPECTED = {"report.json", "index.html", "junit.xml", "traffic.har"}
"""The files of a report."""
STARTS: Mapping[str, Sequence[str]] = {"alone": [], "two workers": ["-n", "2"], "under tox": []}
"""How a run can be started, with the options that it takes."""
ENDED_BY_SIGINT = 256 - signal.SIGINT
"""The exit status of tox after a third Ctrl-C, when it does not wait for the run any longer."""
MOST_AFTER = 4
"""How many requests may still arrive after a signal: those that are on their way, of each process."""


@dataclass(frozen=True)
class Trial:
    """How a run is started, and what happens to it at which moment, as a part of a whole run."""

    number: int
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
    requests: str
    """The requests that the target had got before it happened, and how many it got afterwards."""
    ended: str
    findings: Sequence[str] = ()

    @property
    def row(self) -> str:
        """The line of the table."""
        found = "; ".join(self.findings).replace("|", "/").replace("\n", " ")
        what = f"{self.kind} | {self.seconds:.2f} | {self.requests}"
        return f"| {self.number} | {what} | {self.ended} | {found or '-'} |"


@dataclass
class Run:
    """A run of the suite that goes on."""

    process: subprocess.Popen[str]
    directory: Path
    was_over: bool = False
    killed: bool = False
    seen: int = 0
    """How many requests the target had got when it happened."""
    reports: Path = field(init=False)

    def __post_init__(self) -> None:
        """Remember where the reports go."""
        self.reports = self.directory / "report"


def begin(trial: Trial, directory: Path, tox: Sequence[str], mock: Mock) -> Run:
    """Start a run against the mock in a process group of its own."""
    (directory / "temporary").mkdir()
    words = ["--profile", "quick", "--report-dir", str(directory / "report"), *STARTS[trial.start]]
    words += ["--target", mock.url]
    for pair in mock.settings.enrollments[:2]:
        words += ["--enrollment", ":".join(pair)]
    program = [*tox, "run", "-e", "conformance", "--"] if trial.start == "under tox" else [
        sys.executable, "-m", "conformance",
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*program, *words],
        cwd=REPOSITORY,
        env=os.environ | KEYS | {"TMPDIR": str(directory / "temporary")},
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


def interrupt(trial: Trial, seconds: float, directory: Path, tox: Sequence[str], mock: Mock) -> Outcome:
    """Run the suite, let happen what the trial is about, and see how the run ends."""
    run = begin(trial, directory, tox, mock)
    wait_for_the_handler(run.process.pid)
    time.sleep(trial.moment * seconds)
    run.was_over = run.process.poll() is not None
    run.seen = len(mock.log)
    act(trial, run)
    try:
        if trial.event == "output closed":
            run.process.wait(LONGEST)
            text = ""
        else:
            text = run.process.communicate(timeout=LONGEST)[0]
    except subprocess.TimeoutExpired:
        os.killpg(run.process.pid, signal.SIGKILL)
        found = [f"no end within {LONGEST:g} s"]
        return Outcome(trial.number, trial.kind, trial.moment * seconds, f"{run.seen}, ?", "hung", found)
    wait_for_the_group(run)
    after = len(mock.log) - run.seen
    ended, found = check(trial, run, text, after)
    found += what_is_left(run)
    found = [each.replace(tempfile.gettempdir(), "TMPDIR") for each in found]
    return Outcome(trial.number, trial.kind, trial.moment * seconds, f"{run.seen}, {after}", ended, found)


def wait_for_the_group(run: Run) -> None:
    """Wait until a run has ended whose tox was ended by SIGTERM. tox does not wait for it."""
    until = time.monotonic() + LONGEST / 2
    while run.process.returncode == -signal.SIGTERM and time.monotonic() < until:
        if not any("-m conformance" in command for _, command in processes(run.process.pid)):
            return
        time.sleep(0.1)


def check(trial: Trial, run: Run, text: str, after: int) -> tuple[str, list[str]]:
    """How a run ended, and what is wrong with that. `after` so many requests arrived later."""
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
        rules = [] if report is None else report["rules"]
        passed = sum(rule["result"] == "pass" for rule in rules)
        lost = {rule["reason"] for rule in rules if rule["result"] == "error"}
        wanted = {0, 3} if run.killed else {0}
        is_reported = status == own or (status, own) == (3, None)  # without a report, no worker could start
        found += [] if is_reported and status in wanted else [f"the exit status is not one of {wanted}"]
        found += [f"more than one test is lost: {sorted(lost)}"] if len(lost) > 1 else []
        whole = ", a worker was killed" if run.killed else ", of a whole run"
        return f"exit {status}, {passed} rules pass, {len(lost)} tests lost{whole}", found
    found += judge_interrupted(trial, run, text, own)
    found += [f"{after} requests arrived after the signal"] if after > MOST_AFTER else []
    if after and 0 in {status, own}:
        found.append("the run goes on after the signal")
    if own is None:
        return f"exit {status} before the first test", found
    return f"exit {status} with a report" + (" of the whole run" if own == 0 else ""), found


def judge_interrupted(trial: Trial, run: Run, text: str, own: int | None) -> Iterator[str]:
    """What is wrong with the end of a run whose report has an exit status of its `own`, or is not there."""
    status = run.process.returncode
    # The signal came when the verdict was made. No request came afterwards, see `check`.
    if own == 0 and ("CONFORMS" in text or run.was_over or status < 0):
        if status != own and trial.start != "under tox":  # tox itself may still be interrupted
            yield "the exit status is not that of the report"
        return
    if own not in {None, 2}:
        yield f"the report has the exit status {own}"
    if trial.start == "under tox":  # SIGTERM and a third Ctrl-C end tox itself, which may be starting
        if status not in {1, 2, -signal.SIGINT, -signal.SIGTERM, ENDED_BY_SIGINT}:
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
    until = time.monotonic() + 10  # tox, when it is ended itself, does not wait for what it started
    while time.monotonic() < until:
        try:
            os.killpg(run.process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    yield f"processes are left: {[command for _, command in processes(run.process.pid)]}"
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.process.pid, signal.SIGKILL)
