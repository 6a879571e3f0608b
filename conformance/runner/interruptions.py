"""Ends a run in order when the user interrupts it: alone or with workers."""

from collections.abc import Generator
from typing import Any

import pytest

from ..transport.interruption import INTERRUPTION, held_back
from . import workers

REASON = "interrupted"


class Interruptions:
    """Stops pytest after the test that runs now, in which no further request is sent."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._session: pytest.Session | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> Generator[None, object, object]:
        """Hold signals back while the mock and the workers start. Workers never get one."""
        self._session = session
        INTERRUPTION.is_beginning = True
        try:
            with held_back():
                result = yield
                INTERRUPTION.on_first = self._stop
                INTERRUPTION.file = workers.interruption_file(self._config)
                INTERRUPTION.begin()
        finally:
            INTERRUPTION.is_beginning = False  # if the start fails, a signal ends the process
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self) -> None:
        """Stop after a test, if a signal arrived while pytest did not yet look for a reason to stop."""
        if INTERRUPTION.is_wanted:
            self._stop()

    def _stop(self) -> None:
        if workers.is_worker(self._config) or self._session is None:
            return  # the tests that are left to it send nothing
        self._session.shouldstop = REASON
        scheduler: Any = self._config.pluginmanager.getplugin("dsession")
        if scheduler is not None:
            scheduler.shouldstop = REASON
