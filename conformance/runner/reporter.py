"""What pytest prints in a run of the suite: how far the run is, and at the end its verdicts."""

import contextlib
import sys
from collections.abc import Callable, Generator
from dataclasses import replace

import pytest
from _pytest.terminal import TerminalReporter  # pytest exports no name for what it lets plugins replace

from ..reporting.progress import Progress, State
from ..transport.gate import say_on_stderr

NAME = "terminalreporter"


def watch(config: pytest.Config, state: Callable[[], State]) -> None:
    """Show the state of a run, where our reporter prints."""
    ours = config.pluginmanager.getplugin(NAME)
    if isinstance(ours, Reporter):
        ours.watch(state)


def sayer(config: pytest.Config) -> Callable[[str], None]:
    """What prints a line for the user while a test runs, whose own output pytest keeps."""

    def say(text: str) -> None:
        capture = config.pluginmanager.getplugin("capturemanager")
        with contextlib.nullcontext() if capture is None else capture.global_and_fixture_disabled():
            ours = config.pluginmanager.getplugin(NAME)
            if isinstance(ours, Reporter):
                ours.say(text)
            else:  # a worker
                say_on_stderr(f"... {text}")

    return say


class Installer:
    """Puts our reporter in the place of pytest's, in runs that decide something."""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Replace pytest's reporter, which has registered itself by now."""
        theirs = config.pluginmanager.getplugin(NAME)
        if theirs is None or config.option.collectonly or config.getoption("--dry-run"):
            return
        config.pluginmanager.unregister(theirs)
        config.pluginmanager.register(Reporter(config), NAME)


class Reporter(TerminalReporter):  # type: ignore[misc]  # final to pytest, which has no other way to replace it
    """Prints progress in place of a letter a test, and no counts of tests, which are not those of rules."""

    showheader = False

    def __init__(self, config: pytest.Config) -> None:
        self._output = sys.stdout
        super().__init__(config, self._output)
        self._show_progress_info = False
        self._progress: Progress | None = None
        self._done = 0

    def watch(self, state: Callable[[], State]) -> None:
        """Show the state of a run from now on."""

        def whole() -> State:
            tests = self._session.testscollected if self._session is not None else 0
            return replace(state(), done=self._done, tests=tests)

        self._progress = Progress(self._output, whole)
        self._progress.start()

    def say(self, text: str) -> None:
        """Print a line while a test runs."""
        if self._progress is not None:
            self._progress.say(text)

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Print nothing when a test begins."""

    def pytest_collection(self) -> None:
        """Print nothing while tests are collected."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Print nothing when they have been collected."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what ended, and keep its report for the summaries of pytest that an option asks for."""
        category = self.config.hook.pytest_report_teststatus(report=report, config=self.config)[0]
        self._add_stats(category, [report])
        self._done += report.when == "teardown"
        if self._progress is not None:
            self._progress.advance()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Take the live line away before anything else is printed."""
        try:
            return (yield)
        finally:
            if self._progress is not None:
                self._progress.stop()

    def summary_stats(self) -> None:
        """Print no counts of tests."""

    def _report_keyboardinterrupt(self) -> None:
        """Print no place in the code: the verdict says that the run was interrupted."""
