"""A run that several machines share on Redis."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.contract.document import RateLimit
from conformance.selftest.redis_server import RedisServer, serve_redis
from conformance.selftest.waiting import LONGEST, wait_until
from conformance.transport import redis_server, shared_run
from conformance.transport.budget import Budget
from conformance.transport.shared_run import PRESUMED_LOST, RUNNING, SharedRun, SharedRunLost

Join = Callable[..., SharedRun]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis server."""
    with serve_redis(tmp_path) as started:
        yield started


@pytest.fixture
def join(server: RedisServer) -> Iterator[Join]:
    """Has a machine take part in a run."""
    joined = []

    def join_run(name: str = "nightly", machine: str = "") -> SharedRun:
        run = SharedRun(redis_server.connect(server.url, "--shared", as_text=True), name, machine=machine)
        joined.append(run)
        return run

    yield join_run
    for run in joined:
        run.close()


def test_shared_run_has_one_cap(join: Join) -> None:
    """All machines together send as many requests as the run allows."""
    budgets = [Budget(5, None, run=join()) for _ in range(3)]
    numbers = [budget.take() for budget in budgets * 2]
    assert [1, 2, 3, 4, 5, 0] == numbers
    assert [(0, 5)] * 3 == [(budget.left, budget.sent) for budget in budgets]


def test_shared_runs_with_other_names_share_nothing(join: Join) -> None:
    """A run with another name has a count, tests and enrollments of its own."""
    one, other = join("one"), join("other")
    assert (one.take(1), one.take(1), other.take(1)) == (1, 0, 1)
    assert (one.claim("test"), other.claim("test")) == (True, True)
    assert (one.claim_enrollments(), other.claim_enrollments()) == (True, True)


def test_shared_run_has_one_pace(join: Join) -> None:
    """No window by the clock of Redis has more turns, of all machines, than the rate allows."""
    rate = RateLimit(4, 0.4)
    budgets = [Budget(None, rate, run=join()) for _ in range(3)]
    threads = [
        threading.Thread(target=lambda budget=budget: [budget.take() for _ in range(4)]) for budget in budgets
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    client = redis_times(join())
    assert 12 == len(client)
    assert [] == [one for one, fifth in zip(client, client[4:], strict=False) if fifth - one < 400]
    for budget in budgets:
        budget.close()


def redis_times(run: SharedRun) -> list[float]:
    """When turns were taken, in milliseconds by the clock of Redis."""
    return [at for _, at in run._client.zrange(run._key("pace"), 0, -1, withscores=True)]  # noqa: SLF001 - what Redis has is the fact


@pytest.mark.parametrize("skew", [-3600, 3600])
def test_shared_run_has_one_clock(join: Join, monkeypatch: pytest.MonkeyPatch, skew: float) -> None:
    """A machine whose clock is wrong takes its turns by the clock of Redis."""
    here = Budget(None, RateLimit(2, 0.3), run=join())
    there = Budget(None, RateLimit(2, 0.3), run=join())
    right = time.time_ns
    for budget, seconds in ((here, 0.0), (there, skew)) * 2:
        monkeypatch.setattr(time, "time_ns", lambda seconds=seconds: right() + int(seconds * 1e9))
        budget.take()
    times = redis_times(join())
    assert [] == [one for one, third in zip(times, times[2:], strict=False) if third - one < 300]
    here.close()
    there.close()


def test_shared_run_is_slower_when_the_clock_of_redis_goes_back(join: Join) -> None:
    """A turn in the future of Redis' clock counts as taken now."""
    budget = Budget(None, RateLimit(1, 0.3), run=join())
    budget.take()
    run = join()
    (first,) = redis_times(run)
    run._client.zadd(run._key("pace"), {"later": first + 500})  # noqa: SLF001 - no public way to set a clock back
    budget.take()
    assert redis_times(run)[-1] >= first + 800
    budget.close()


def test_shared_run_is_had_alone(join: Join) -> None:
    """While one process sends alone the others wait, and for no longer than the time of a dead one."""
    one, other = join(), join()
    with one.alone(60):
        assert (other.is_taken, one.is_taken) == (True, False)
        assert (other.take(None), one.take(None)) == (None, 1)
    assert (other.is_taken, other.take(None)) == (False, 2)
    with one.alone(0.1):
        budget = Budget(None, None, run=other)
        assert 3 == budget.take()
    assert not other.is_taken


def test_shared_run_gives_a_test_to_one_process(join: Join) -> None:
    """The first process that takes a test gets it, and gets it again if its command is repeated."""
    one, other = join(machine="a"), join(machine="a")
    assert (one.claim("x"), other.claim("x"), one.claim("x"), other.claim("y")) == (True, False, True, True)


def test_shared_run_gives_the_enrollments_to_one_machine(join: Join) -> None:
    """The workers of one machine may name enrollments, and those of another may not."""
    runs = [join(machine=name) for name in ("a", "b", "a")]
    assert [True, False, True] == [run.claim_enrollments() for run in runs]
    assert [True, False, True] == [run.holds_enrollments for run in runs]


def test_shared_run_passes_violations_on(join: Join) -> None:
    """Each process learns which rules the others saw violated."""
    one, other = join(), join()
    assert set() == one.share_violations(set())
    assert {"ID-01"} == one.share_violations({"ID-01"})
    assert {"ID-01", "BODY-01"} == other.share_violations({"BODY-01"})


def test_shared_run_keeps_the_latest_snapshots_of_other_machines(join: Join) -> None:
    """A machine gets the snapshots of each process of the others, as they were last."""
    here, worker, there = join(machine="a"), join(machine="a"), join(machine="b")
    for run, snapshot in ((here, {"n": 1}), (worker, {"n": 2}), (here, {"n": 3}), (there, {"n": 4})):
        run.publish(snapshot)
    assert [{"n": 4}] == here.snapshots()
    assert [{"n": 2}, {"n": 3}] == sorted(there.snapshots(), key=lambda found: found["n"])


def test_shared_run_names_settings_that_differ(join: Join) -> None:
    """A machine with other settings than the first one learns which, and Redis has hashes of them only."""
    first, second = join(), join()
    assert [] == first.differences({"--target": "http://a.example", "--rate": None})
    assert [] == second.differences({"--target": "http://a.example", "--rate": None})
    assert ["--rate"] == second.differences({"--target": "http://a.example", "--rate": "1/1"})
    assert "a.example" not in json.dumps(first._client.hgetall(first._key()))  # noqa: SLF001 - what Redis has is the fact


def test_shared_run_knows_how_machines_ended(
    join: Join, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that runs, one that has ended and one that gives no sign of life have different states."""
    monkeypatch.setattr(shared_run, "BEAT", 0.05)
    here, running, ended = (join(machine=name) for name in ("here", "running", "ended"))
    lost = join(machine="lost")
    for run in (here, running, ended):
        run.begin()
    lost._give_sign(RUNNING)  # noqa: SLF001 - the sign of a machine that dies after it
    ended.end("done")
    assert (["lost", "running"], ["done"]) == (sorted(here.others()[0]), here.others()[1])
    signs = [here._key(f"alive:{name}") for name in ("lost", "running")]  # noqa: SLF001 - what Redis has is the fact
    assert [True] * 2 == [0 < server.client.ttl(sign) <= PRESUMED_LOST for sign in signs]
    server.client.delete(*signs)  # as Redis does then
    wait_until(lambda: here.others()[0] == ["running"])  # it gives a sign again
    assert ["done", "lost"] == sorted(here.others()[1])


def test_shared_run_is_not_kept_for_ever(join: Join, server: RedisServer) -> None:
    """Every key of a run has an end."""
    run = join()
    run.begin()
    run.take(None)
    run.claim("test")
    run.publish({})
    run.share_violations({"ID-01"})
    run._give_sign()  # noqa: SLF001 - what a machine does every few seconds
    names = server.client.keys("*")
    assert 5 <= len(names)
    assert [] == [name for name in names if server.client.ttl(name) <= 0]


@pytest.mark.parametrize("change", ["flushall", "older"])
def test_shared_run_ends_when_redis_forgets(join: Join, server: RedisServer, change: str) -> None:
    """If Redis loses the count, or returns to an older one, no further request is sent."""
    run = join()
    assert [1, 2] == [run.take(9), run.take(9)]
    if change == "flushall":
        server.client.flushall()
    else:
        server.client.hset(run._key(), "sent", 1)  # noqa: SLF001 - as an older snapshot on its disk has it
    for _ in range(2):
        with pytest.raises(SharedRunLost, match="lost the run"):
            run.take(9)


def test_shared_run_ends_when_redis_is_gone(join: Join, server: RedisServer) -> None:
    """If Redis goes away, each call says so, and what is known of the count stays."""
    run = join()
    budget = Budget(9, RateLimit(5, 1), run=run)
    assert 1 == budget.take()
    run.begin()
    server.process.terminate()
    server.process.wait(LONGEST)
    with pytest.raises(SharedRunLost, match="the Redis server of --shared is gone") as error:
        budget.take()
    assert "Canary" not in str(error.value)
    for call in (run.claim_enrollments, run.snapshots, run.others, lambda: run.end("done")):
        with pytest.raises(SharedRunLost):
            call()
    assert 1 == budget.sent
    budget.close()


def test_shared_run_stays_lost(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a time without Redis a machine does not come back, though Redis may."""
    run = join()
    with monkeypatch.context() as patch:
        patch.setattr(run._client, "hget", lambda *_: 1 / 0)  # noqa: SLF001 - stands for the network
        patch.setattr(redis_server, "lost", lambda: ZeroDivisionError)
        assert 0 == run.sent
    with pytest.raises(SharedRunLost):
        run.take(None)
