"""One budget for all who share it."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyrate_limiter import clocks

from conformance.contract.document import RateLimit
from conformance.selftest.waiting import LONGEST
from conformance.transport.budget import Budget
from conformance.transport.interruption import INTERRUPTION


@pytest.mark.parametrize("is_shared", [False, True], ids=["alone", "shared"])
def test_budget_numbers_the_requests(tmp_path: Path, *, is_shared: bool) -> None:
    """Each request has a number, until none is left."""
    budget = Budget(2, None, tmp_path if is_shared else None)
    assert [budget.left, budget.take(), budget.take(), budget.take(), budget.left] == [2, 1, 2, 0, 0]
    budget.close()


def test_budget_without_an_end_lasts() -> None:
    """Without a limit there is always a request left."""
    budget = Budget(None, None)
    assert [budget.take() for _ in range(3)] == [1, 2, 3]
    assert (budget.left, budget.sent) == (float("inf"), 3)
    budget.close()


def test_budget_is_one_for_all(tmp_path: Path) -> None:
    """Those who share a directory share the count."""
    one, other = (Budget(3, None, tmp_path) for _ in range(2))
    assert [one.take(), other.take(), one.take(), other.take()] == [1, 2, 3, 0]
    assert one.sent == other.sent == 3
    one.close()
    other.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each wait for the pace is to be."""
    found: list[float] = []
    pause = INTERRUPTION.pause

    def note(seconds: float) -> None:
        found.append(seconds)
        pause(seconds)

    monkeypatch.setattr(INTERRUPTION, "pause", note)
    return found


def test_budget_keeps_one_pace(tmp_path: Path, waits: list[float]) -> None:
    """Those who share a directory share the window, but for what is sent at no pace."""
    one, other = (Budget(None, RateLimit(2, 0.3), tmp_path) for _ in range(2))
    for budget in (one, other, one, other):
        budget.take(paced=False)
    assert [] == waits
    began = time.monotonic()
    for budget in (one, other, one, other, one):
        budget.take()
    assert 0.55 <= time.monotonic() - began
    assert all(0 < wait <= 0.3 for wait in waits)
    one.close()
    other.close()


def test_budget_is_had_alone(tmp_path: Path) -> None:
    """While one is alone the other waits, and for no longer than a dead one's time."""
    one, other = (Budget(None, None, tmp_path) for _ in range(2))
    times = []

    def take() -> None:
        waiting = Budget(None, None, tmp_path)
        waiting.take()
        times.append(time.monotonic())
        waiting.close()

    with one.alone(60):
        thread = threading.Thread(target=take)
        thread.start()
        time.sleep(0.2)
        assert (one.take(), times) == (1, [])
        ended = time.monotonic()
    thread.join(LONGEST)
    assert times[0] >= ended
    with one.alone(0.1):
        assert other.take() == 3
    one.close()
    other.close()


def test_budget_says_how_long_a_request_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait for the pace is reported before it begins, and no wait is not."""
    said: list[float] = []
    waits: list[float] = []
    monkeypatch.setattr(clocks, "monotonic_ns", lambda: round(sum(waits) * 1e9))
    monkeypatch.setattr(INTERRUPTION, "pause", waits.append)
    budget = Budget(None, RateLimit(1, 0.5), say=said.append)
    budget.take()
    assert said == []
    budget.take()
    assert said == waits == [pytest.approx(0.5, abs=0.01)]
    budget.close()


def test_budget_reports_no_wait_for_a_turn_that_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that comes while the bucket is asked for the wait is taken, and no wait is reported."""
    said: list[float] = []
    turns = iter([False, True])
    budget = Budget(None, RateLimit(1, 0.5), say=said.append)
    monkeypatch.setattr(budget, "_limiter", SimpleNamespace(try_acquire=lambda *_, **__: next(turns)))
    assert (budget.take(), said) == (1, [])
