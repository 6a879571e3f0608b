"""Several workers, one run: pytest-xdist divides the tests, and the controller's ledger has what all found.

The controller finds the target, or starts the mock, and tells the workers. It sends no request itself. Tests
that name an enrollment all go to one worker, because only a worker that sees every update knows what an
enrollment holds.
"""

import contextlib
import functools
import os
import pickle
import shutil
import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ..reporting.exit_status import ExitStatus
from ..transport.target import Target
from .recorder import Recorder

_SHARED = pytest.StashKey[Path]()
GROUP = "enrollments"
"""What the tests have in common that one worker gets."""


@dataclass(frozen=True)
class Orders:
    """What the controller tells its workers."""

    target: Target
    seed: str
    shared: Path
    """Where the budget and the pace are."""
    machine: str = ""
    """The name of this machine in a run that several machines share."""


def is_controller(config: pytest.Config) -> bool:
    """Whether this process only divides the tests between workers."""
    options = config.option
    return getattr(options, "dist", "no") != "no" and not (is_worker(config) or options.collectonly)


def is_worker(config: pytest.Config) -> bool:
    """Whether a controller says which tests this process runs."""
    return hasattr(config, "workerinput")


def do_without(config: pytest.Config) -> None:
    """Run all tests in this process."""
    if is_controller(config):
        config.option.dist = "no"


def choose_directory(config: pytest.Config) -> None:
    """Choose the directory that the processes of this run will share, and have xdist use it too."""
    if is_controller(config):
        config.stash[_SHARED] = Path(tempfile.gettempdir()) / f"carecycle-conformance-{uuid4().hex}"
        config.option.basetemp = config.option.basetemp or str(config.stash[_SHARED] / "pytest")


def share(config: pytest.Config, stack: contextlib.ExitStack) -> Path | None:
    """The directory that the processes of this run share, where there are several."""
    if is_worker(config):
        return orders(config).shared
    if is_controller(config):
        for path in config.args:
            if not Path(path.partition("::")[0]).exists():  # workers would only find nothing to do
                raise pytest.UsageError(f"there is no file or directory {path}")
        directory = config.stash[_SHARED]
        directory.mkdir(mode=0o700)
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        return directory
    return None


def instruct(node: Any, given: Orders) -> None:  # noqa: ANN401 - of xdist, which need not be installed
    """Give a worker its orders, through the pipe that it is started with: they hold keys."""
    node.workerinput["orders"] = pickle.dumps(given)


def orders(config: pytest.Config) -> Orders:
    """What the controller sent to this worker."""
    given: Orders = pickle.loads(config.workerinput["orders"])  # type: ignore[attr-defined]  # noqa: S301 - xdist's attribute; our controller made it
    return given


def interruption_file(config: pytest.Config) -> Path | None:
    """The file with which the controller tells its workers that the run is to end."""
    directory = orders(config).shared if is_worker(config) else config.stash.get(_SHARED, None)
    return None if directory is None else directory / "interrupted"


def keep_together(config: pytest.Config, tests: Iterable[str]) -> None:
    """Tell the controller, which reads no tests itself, which ones are for one worker."""
    path = orders(config).shared / GROUP
    own = path.with_suffix(f".{os.getpid()}")
    own.write_text("\n".join(tests), encoding="utf-8")
    own.replace(path)  # each worker writes the same


def make_scheduler(config: pytest.Config, log: Any, shared: Path) -> object:  # noqa: ANN401, C901 - xdist need not be there
    """What gives each worker the first test that is left. One worker gets all tests of the group."""
    from xdist.scheduler import (  # type: ignore[import-untyped]  # noqa: PLC0415 - has no types; need not be there
        LoadScopeScheduling,
    )

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
        """Every test is a unit of its own, so that the order of the run is kept."""

        @functools.cached_property
        def group(self) -> frozenset[str]:
            return frozenset((shared / GROUP).read_text(encoding="utf-8").split("\n"))

        def _split_scope(self, nodeid: str) -> str:
            return nodeid

        def _first_for(self, node: Any) -> str | None:  # noqa: ANN401 - of xdist
            takes_all = node is next((each for each in self.nodes if not each.shutting_down), None)
            return next((test for test in self.workqueue if takes_all or test not in self.group), None)

        def _assign_work_unit(self, node: Any) -> None:  # noqa: ANN401 - of xdist
            if (test := self._first_for(node)) is not None:
                self.workqueue.move_to_end(test, last=False)
                super()._assign_work_unit(node)

        def _reschedule(self, node: Any) -> None:  # noqa: ANN401 - of xdist
            # A worker begins a test only when it has the next one too, or knows that there is none. A worker
            # that replaces a killed one has no test yet, so it needs two.
            while not node.shutting_down and self._pending_of(self.assigned_work[node]) < 2:
                if self._first_for(node) is None:
                    node.shutdown()
                else:
                    self._assign_work_unit(node)

        def remove_node(self, node: Any) -> str | None:  # noqa: ANN401 - of xdist
            # xdist would hand on every unit of this worker. Another one would wait for ever for those that
            # are completed, and would run the test that ended this one.
            left = _unfinished(self.assigned_work.pop(node))
            self.workqueue.update(list(left.items())[1:])
            if left:
                self.schedule()
            return next(iter(left), None)

    return Scheduling(config, log)


def _unfinished(units: Mapping[str, Mapping[str, bool]]) -> dict[str, Mapping[str, bool]]:
    """The units that have a test which is not completed."""
    return {test: unit for test, unit in units.items() if not all(unit.values())}


class Start:
    """Ends a run with the reason when a worker ends while it starts. xdist would show a traceback."""

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self, session: pytest.Session) -> Generator[None, object, object]:
        """Start the workers."""
        try:
            return (yield)
        except (EOFError, BrokenPipeError):  # of the pipe to the worker
            session.config.pluginmanager.getplugin("dsession").nodemanager.teardown_nodes()
            status = ExitStatus.ERROR_IN_THE_SUITE
            pytest.exit(f"{status.words}: a worker ended while it started", returncode=status)


def share_violations(config: pytest.Config, recorder: Recorder) -> None:
    """Tell the other workers which rules this one saw violated, and learn what they saw."""
    path = orders(config).shared / "violated"
    noted = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    with path.open("a", encoding="utf-8") as file:  # a write of a few lines, which no other comes between
        file.write("".join(f"{rule}\n" for rule in sorted(recorder.violated.difference(noted))))
    recorder.violated_elsewhere.update(noted)


def tell(test_report: pytest.TestReport, recorder: Recorder, traffic: Sequence[str] = ()) -> None:
    """Send the controller what this worker's ledger has, with the report of a test."""
    test_report.__dict__["ledger"] = recorder.ledger.snapshot()
    test_report.__dict__["traffic"] = list(traffic)


def mark_violation(test_report: pytest.TestReport) -> None:
    """Note in the report of a test that a rule was violated, which is no bug of ours."""
    test_report.__dict__["is_violation"] = True


class Reports:
    """What the reports of tests say, with the latest snapshot of each worker's ledger."""

    def __init__(self) -> None:
        self._latest: dict[str, dict[str, Any]] = {}
        self.has_bug = False
        """Whether a test failed for another reason than the violation of a rule."""
        self.traffic: list[str] = []
        """The entries of the archive that the workers recorded."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the snapshot that came with the report of a test."""
        received = report.__dict__
        self.has_bug = self.has_bug or (report.failed and "is_violation" not in received)
        if "ledger" in received:
            self._latest[received["worker_id"]] = received["ledger"]
            self.traffic += received["traffic"]

    @property
    def decided(self) -> set[str]:
        """The rules that a worker saw decided."""
        return {rule for snapshot in self._latest.values() for rule in snapshot["decided_at"]}

    def enter(self, recorder: Recorder) -> None:
        """Enter what all workers found."""
        for snapshot in self._latest.values():
            recorder.ledger.add(snapshot)
        self._latest.clear()
