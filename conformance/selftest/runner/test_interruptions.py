"""A run that is interrupted ends in order: exit status 2, a valid report, and nothing else is left."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY
from conformance.mock.server import Settings, serve
from conformance.runner import interruptions
from conformance.selftest.runs import start
from conformance.selftest.scripted_server import Received, Reply, forward, listen
from conformance.selftest.waiting import LONGEST, wait_until
from conformance.transport.interruption import Interrupted, Interruption

SOON = 15
"""Seconds after a run within which its workers are gone. Left alone, they would send requests for longer."""


def assert_nothing_is_left(process: subprocess.Popen[str], directory: Path) -> None:
    """Check that the run left no process and no temporary file."""
    with contextlib.suppress(ProcessLookupError):
        for _ in range(SOON * 20):  # a worker that has ended may not have been collected yet
            os.killpg(process.pid, 0)
            time.sleep(0.05)
        pytest.fail("a process is left")
    assert [] == list((directory / "temporary").iterdir())
    assert [] == [each.name for each in (directory / "report").glob(".*")]


@pytest.mark.parametrize(
    ("signals", "options"),
    [
        pytest.param([signal.SIGINT], [], id="once", marks=pytest.mark.slow),
        pytest.param([signal.SIGINT] * 3, [], id="three times"),
        pytest.param([signal.SIGTERM], [], id="SIGTERM"),
        pytest.param([signal.SIGINT] * 2, ["-n", "2"], id="workers twice"),
        pytest.param([signal.SIGTERM], ["-n", "2"], id="workers SIGTERM", marks=pytest.mark.slow),
    ],
)
def test_run_that_is_interrupted_leaves_a_report_and_nothing_else(
    tmp_path: Path, signals: Sequence[signal.Signals], options: Sequence[str]
) -> None:
    """Signals to the whole process group end the run with 2, after a report of what was decided."""
    begun = threading.Event()
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            if len(mock.log) > 25:
                begun.set()
            return forward(request, mock.url)

        words = ["--rate", "30/1", *options]
        with listen(respond) as url, start(tmp_path, "--target", url, *words) as process:
            assert begun.wait(LONGEST)
            for each in signals:
                os.killpg(process.pid, each)
                time.sleep(0.05)
            text = process.communicate(timeout=LONGEST)[0]
            assert_nothing_is_left(process, tmp_path)
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert (2, 2) == (process.returncode, report["exit_status"]), text
    assert "INTERRUPTED: " in text
    assert "Traceback" not in text
    assert len([rule for rule in report["rules"] if rule["result"] == "pass"]) > 5
    archive = json.loads((tmp_path / "report" / "traffic.har").read_text("utf-8"))
    assert len(archive["log"]["entries"]) > 5


def test_run_that_is_interrupted_at_its_first_response_leaves_a_report(tmp_path: Path) -> None:
    """An interruption of the process alone ends the run with what it found so far."""
    begun = threading.Event()

    def respond(_: Received) -> Reply:
        begun.set()
        return 404, "application/json", b'{"message": "There is nothing here", "code": "NOT_FOUND"}'

    with listen(respond) as url, start(tmp_path, "--target", url, "--rate", "20/1") as process:
        assert begun.wait(LONGEST)
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=LONGEST)[0]
        assert_nothing_is_left(process, tmp_path)
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert (process.returncode, report["exit_status"], report["result"]) == (2, 2, "interrupted"), text
    assert "INTERRUPTED: " in text


@pytest.mark.parametrize(
    ("closed", "options"),
    [("stdout", []), ("stderr", []), ("both", []), ("both", ["-n", "2"])],
    ids=["stdout", "stderr", "both", "both with workers"],
)
def test_run_whose_output_has_no_reader_ends_as_its_report_says(
    tmp_path: Path, closed: str, options: Sequence[str]
) -> None:
    """A run goes on when nothing reads its output, and has the exit status of its verdicts."""
    reader, writer = os.pipe()
    os.close(reader)
    kept = tmp_path / "output.txt"
    with kept.open("w", encoding="utf-8") as file:
        process = subprocess.run(
            [
                sys.executable,
                "-m",
                "conformance",
                "--rule",
                "AUTH-08",
                "--report-dir",
                str(tmp_path),
                *options,
            ],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=file if closed == "stderr" else writer,
            stderr=file if closed == "stdout" else writer,
            timeout=LONGEST,
            check=False,
        )
    os.close(writer)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (process.returncode, report["exit_status"]) == (0, 0), kept.read_text("utf-8")
    assert "Error" not in kept.read_text("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_run_whose_output_is_full_is_an_error_of_the_suite(tmp_path: Path) -> None:
    """A disk that is full is no violation of a rule."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        process = subprocess.run(
            [sys.executable, "-m", "conformance", "--rule", "AUTH-08", "--report-dir", str(tmp_path)],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    assert (process.returncode, "Traceback" in process.stderr) == (3, False), process.stderr


def has_its_handler(process: subprocess.Popen[str]) -> bool:
    """Whether the run handles SIGTERM. Before that Python itself starts, and its own handlers count."""
    status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    (caught,) = (line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


# A plugin of pytest. The run that loads it waits for its end, at first or when the tests are collected.
PLUGIN = f"""
import pathlib, time
def wait():
    pathlib.Path(__file__).with_name("waiting").touch()
    time.sleep({LONGEST})
"""
MOMENTS = {
    "at first": "",
    "while it loads plugins": "wait()\n",
    "while it lists tests": "def pytest_collection_modifyitems():\n    wait()\n",
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the handlers are read from /proc")
@pytest.mark.parametrize("moment", MOMENTS)
def test_run_that_is_interrupted_while_it_starts_ends_in_a_line(tmp_path: Path, moment: str) -> None:
    """A signal before the first test ends the process with 2 and a word."""
    (tmp_path / "report").mkdir()
    (tmp_path / "added.py").write_text(PLUGIN + MOMENTS[moment], encoding="utf-8")
    with start(tmp_path, "--collect-only", "-p", "added") as process:
        waiting = tmp_path / "waiting"
        wait_until(lambda: waiting.exists() if MOMENTS[moment] else has_its_handler(process))
        os.killpg(process.pid, signal.SIGINT)
        text = process.communicate(timeout=LONGEST)[0]
        assert_nothing_is_left(process, tmp_path)
    assert (2, True, False) == (process.returncode, "INTERRUPTED" in text, "Traceback" in text), text


def test_interruption_raises_only_where_the_run_waits() -> None:
    """The first signal is a flag, and an exception only in a wait. Further signals are nothing."""
    interruption = Interruption()
    interruption.is_running = True
    heard: list[str] = []
    interruption.on_first = lambda: heard.append("stop")
    interruption.handle()
    interruption.handle()
    assert (True, ["stop"]) == (interruption.is_wanted, heard)
    with pytest.raises(Interrupted):
        interruption.pause(60)


def test_interruption_in_a_wait_ends_it() -> None:
    """A signal that arrives in a block that waits raises there."""
    interruption = Interruption()
    interruption.is_running = True
    with pytest.raises(Interrupted), interruption.may_interrupt():
        interruption.handle()


def test_interruption_of_a_controller_is_seen_by_its_workers(tmp_path: Path) -> None:
    """A signal makes the file that ends the waits of workers."""
    controller, worker = Interruption(), Interruption()
    controller.is_running = worker.is_running = True
    controller.file = worker.file = tmp_path / "interrupted"
    assert not worker.is_wanted
    controller.handle()
    with pytest.raises(Interrupted):
        worker.pause(60)


def test_interruption_after_a_start_that_failed_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that could not begin no longer holds signals back."""
    interruption = Interruption()
    monkeypatch.setattr(interruptions, "INTERRUPTION", interruption)
    hook = interruptions.Interruptions(None).pytest_sessionstart(None)  # type: ignore[arg-type]  # neither is used
    next(hook)
    assert interruption.is_beginning
    with pytest.raises(ZeroDivisionError):
        hook.throw(ZeroDivisionError())
    assert not interruption.is_beginning


def test_interruption_while_the_run_begins_counts_when_it_has_begun() -> None:
    """A signal that a thread of a library gets meanwhile ends the run in order."""
    interruption = Interruption()
    interruption.is_beginning = True
    heard: list[str] = []
    interruption.handle()
    interruption.on_first = lambda: heard.append("stop")
    assert [] == heard
    interruption.begin()
    assert (True, ["stop"]) == (interruption.is_wanted, heard)
