"""The controller's side of a run with workers, which are doubles here."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.runner.workers import GROUP, Start, make_scheduler

TESTS = [f"test_module.py::test_{number}" for number in range(12)]


class Worker:
    """A worker as pytest-xdist has it: it begins a test when it knows which is next, or that none is."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = False
        self.given: list[str] = []
        self.done: list[str] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        """Get more tests to run. Without one, the real worker waits for ever, too."""
        self.given += [TESTS[index] for index in indices]

    def shutdown(self) -> None:
        """Learn that there will be no more tests."""
        self.shutting_down = True

    @property
    def is_running(self) -> bool:
        """Whether it has a test that it can begin."""
        return len(self.given) > 1 or (self.shutting_down and bool(self.given))


class Division:
    """The tests of a run, divided between two workers."""

    def __init__(self, directory: Path, group: list[str]) -> None:
        (directory / GROUP).write_text("\n".join(group), encoding="utf-8")
        option = SimpleNamespace(loadscopereorder=False)
        config: Any = SimpleNamespace(getvalue=lambda _: ["popen", "popen"], option=option)
        log = SimpleNamespace(loadscopesched=lambda *_: None)
        self.scheduler: Any = make_scheduler(config, log, directory)
        self.workers: list[Worker] = []
        self.begin()
        self.begin()
        self.divide()

    def divide(self) -> None:
        """Give the workers what they can do now."""
        self.scheduler.schedule()

    def begin(self) -> None:
        """Start one more worker."""
        worker = Worker(f"gw{len(self.workers)}")
        self.workers.append(worker)
        self.scheduler.add_node(worker)
        self.scheduler.add_node_collection(worker, TESTS)

    @property
    def running(self) -> list[Worker]:
        """The workers that have a test to run."""
        return [worker for worker in self.workers if worker.is_running]

    def complete(self, worker: Worker) -> None:
        """Let a worker end its test."""
        test = worker.given.pop(0)
        worker.done.append(test)
        self.scheduler.mark_test_complete(worker, TESTS.index(test))
        self.end_if_finished()

    def kill(self, worker: Worker) -> str | None:
        """Let a worker end in the midst of its test, and start another in its place."""
        self.workers.remove(worker)
        lost: str | None = self.scheduler.remove_node(worker)
        self.begin()
        self.divide()
        self.end_if_finished()
        return lost

    def end_if_finished(self) -> None:
        """Tell all workers that there are no more tests, as the controller does after each event."""
        if self.scheduler.tests_finished:
            for worker in self.workers:
                worker.shutdown()


@given(st.integers(0, 30), st.randoms(use_true_random=False), st.lists(st.sampled_from(TESTS), unique=True))
def test_scheduling_goes_on_after_a_worker_was_killed(
    tmp_path_factory: Any,  # noqa: ANN401 - pytest's own type is not public
    moment: int,
    random: Any,  # noqa: ANN401 - a subclass of Random that Hypothesis has
    group: list[str],
) -> None:
    """A killed worker costs the test that it ran, and each other test is run by one worker, once."""
    run = Division(tmp_path_factory.mktemp("shared"), group)
    gone: list[Worker] = []
    lost = None
    for step in range(len(TESTS) + 2):
        if not run.running:
            break
        worker = random.choice(run.running)
        if step == moment:
            gone.append(worker)
            lost = run.kill(worker)
            assert lost == worker.given[0]
        else:
            run.complete(worker)
    done = [test for worker in [*run.workers, *gone] for test in worker.done]
    assert sorted(done) == sorted(set(TESTS) - {lost})
    assert all(worker.shutting_down and not worker.given for worker in run.workers)
    holders = [worker for worker in run.workers + gone if set(group) & set(worker.done)]
    assert len(holders) <= 1 + len(gone)


@pytest.mark.parametrize("error", [EOFError("expected 1 bytes, got 0"), BrokenPipeError()], ids=repr)
def test_scheduling_needs_workers_that_start(error: Exception) -> None:
    """The reason is shown, and no traceback, if a worker ends before it has said a word."""
    ended = []
    manager = SimpleNamespace(teardown_nodes=lambda: ended.append(True))
    plugins = SimpleNamespace(getplugin=lambda _: SimpleNamespace(nodemanager=manager))
    session: Any = SimpleNamespace(config=SimpleNamespace(pluginmanager=plugins))
    start = Start().pytest_sessionstart(session)
    next(start)
    with pytest.raises(pytest.exit.Exception, match="ERROR IN THE SUITE: a worker ended while it") as caught:
        start.throw(error)
    assert (caught.value.returncode, ended) == (3, [True])
