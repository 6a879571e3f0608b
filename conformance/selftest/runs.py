"""Whole runs of the suite. Most are processes that are forked from one that has imported everything."""

import contextlib
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pyrate_limiter import clocks

from conformance.contract.document import REPOSITORY
from conformance.mock import server
from conformance.mock.limiter import Limiter
from conformance.mock.server import DEFAULT_KEY, DEFAULT_RESTRICTED_KEY
from conformance.runner.command import main
from conformance.selftest.waiting import LONGEST
from conformance.transport.interruption import INTERRUPTION
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE

KEYS = {KEY_VARIABLE: DEFAULT_KEY, RESTRICTED_KEY_VARIABLE: DEFAULT_RESTRICTED_KEY}

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["conformance.selftest.runs", "conformance.selftest.preloaded"])


@dataclass(frozen=True)
class Outcome:
    """The result of a run."""

    status: int
    text: str
    """The output of the run."""
    report: Mapping[str, Any]
    """The `report.json` of the run. It is empty if the run wrote none."""

    @property
    def flat(self) -> str:
        """The output, with each entry and each command in one line."""
        return re.sub(r" \\\n\s*|\n\s+", " ", self.text)

    def rules(self, result: str) -> set[str]:
        """The rules that have this verdict."""
        return {rule["id"] for rule in self.report["rules"] if rule["result"] == result}


class Clock:
    """A clock that a run and its target share. It moves only while the run waits."""

    def __init__(self) -> None:
        self._seconds = _PROCESSES.Value("d", 0.0)

    def __call__(self) -> float:
        """The seconds that the run has waited."""
        return float(self._seconds.value)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        with self._seconds.get_lock():
            self._seconds.value += seconds

    def replace_clocks(self) -> None:
        """Be the clock of this process, except for its time limits on connections."""
        time.monotonic = time.perf_counter = self
        vars(clocks)["monotonic_ns"] = lambda: round(self() * 1e9)
        INTERRUPTION.pause = self.wait  # type: ignore[method-assign]  # no wait takes time
        vars(server)["Limiter"] = partial(Limiter, clock=self)  # of the embedded mock


def run(
    directory: Path,
    *options: str,
    environment: Mapping[str, str] = KEYS,
    clock: Clock | None = None,
    started: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Run `python -m conformance` with the options. Its files are written to the directory.

    `started` gets the number of the process before it sends a request.
    """
    os.environ["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    output, reports = directory / "output.txt", directory / "report"
    arguments = ["--report-dir", str(reports), *options]
    process = _PROCESSES.Process(target=_work, args=(arguments, dict(environment), output, clock))
    process.start()
    started(process.pid or 0)
    process.join(LONGEST)
    if process.is_alive():
        process.kill()
        process.join()
    text = output.read_text(encoding="utf-8")
    assert process.exitcode is not None
    assert process.exitcode >= 0, f"killed after {LONGEST} s: {text}"
    path = reports / "report.json"
    return Outcome(process.exitcode, text, json.loads(path.read_text("utf-8")) if path.exists() else {})


@contextlib.contextmanager
def start(directory: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Start a run in a process group of its own, and kill what is left of it at the end."""
    (directory / "temporary").mkdir()
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "--report-dir", str(directory / "report"), *options],
        cwd=directory,
        env={**os.environ, **KEYS, "PYTHONPATH": paths, "TMPDIR": str(directory / "temporary")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _work(arguments: list[str], environment: Mapping[str, str], output: Path, clock: Clock | None) -> None:
    if clock is not None:
        clock.replace_clocks()
    for variable in (KEY_VARIABLE, RESTRICTED_KEY_VARIABLE):
        os.environ.pop(variable, None)
    os.environ.update(environment)
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, encoding="utf-8") for number in (1, 2))
    INTERRUPTION.install()  # as the program does; a process in the background may ignore SIGINT otherwise
    try:
        status = main(arguments)
    except BaseException:  # noqa: BLE001 - the test shows the traceback of a run that fails
        traceback.print_exc()
        status = 99
    sys.stdout.flush()
    sys.exit(status)
