"""Several machines make one run, through a Redis server."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.mock.server import Mock, Settings, serve
from conformance.runner.machines import NAME_VARIABLE, PASSWORD_VARIABLE
from conformance.selftest.redis_server import PASSWORD, RedisServer, serve_redis
from conformance.selftest.runs import KEYS, Outcome, run
from conformance.selftest.scripted_server import Received, Reply, forward, listen
from conformance.selftest.waiting import LONGEST
from conformance.transport.target import header_variable

pytestmark = pytest.mark.slow

MACHINES = 3
HEADER = "x-machine"
"""Says which machine a request is from."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis server."""
    with serve_redis(tmp_path) as started:
        yield started


def run_together(
    directory: Path, server: RedisServer, *options: str, machines: int = MACHINES, workers: int = 0
) -> list[Outcome]:
    """The outcome of one run on each of several machines. Only the first machine has workers."""
    url = server.url.replace(f":{PASSWORD}@", "")
    environment = KEYS | {PASSWORD_VARIABLE: PASSWORD, NAME_VARIABLE: "test-run"}

    def run_one(number: int) -> Outcome:
        (own := directory / f"machine-{number}").mkdir()
        named = environment | {header_variable(HEADER): f"machine-number-{number}"}
        divided = ("-n", str(0 if number else workers))
        return run(own, "--shared", url, *options, *divided, "--header", HEADER, environment=named)

    with ThreadPoolExecutor(machines) as pool:
        return list(pool.map(run_one, range(machines)))


def naming(mock: Mock) -> list[str]:
    """The options that name two enrollments of a mock."""
    pairs = mock.settings.enrollments[2:4]
    return [word for pair in pairs for word in ("--enrollment", ":".join(pair))]


def kept(server: RedisServer) -> str:
    """All that Redis has."""
    client, texts = server.client, []
    for name in client.keys("*"):
        read = {"hash": client.hgetall, "set": client.smembers, "string": client.get}
        kind = client.type(name)
        ranges = {"zset": client.zrange, "list": client.lrange}
        texts += [name, str(ranges[kind](name, 0, -1) if kind in ranges else read[kind](name))]
    return "\n".join(texts)


@contextmanager
def recorded_turns(server: RedisServer) -> Iterator[list[int]]:
    """When turns are taken in the block, in milliseconds by the clock of Redis."""
    turns: list[int] = []
    with server.client.monitor() as monitor:

        def record() -> None:
            for each in monitor.listen():
                name, *words = each["command"].split()
                if name.upper() == "ECHO":
                    return
                if name.upper() == "ZADD" and words[0].endswith(":pace"):
                    turns.append(int(float(words[1])))

        thread = threading.Thread(target=record)
        thread.start()
        yield turns
        server.client.echo("the end")
        thread.join(LONGEST)


def test_machines_keep_the_rate_and_the_cap(tmp_path: Path, server: RedisServer) -> None:
    """The target got as many requests as the cap, and by the clock of Redis no window had too many."""
    with serve(Settings(rate=None)) as mock, recorded_turns(server) as turns:
        options = ["--target", mock.url, *naming(mock), "--rate", "10/1", "--max-requests", "60"]
        outcomes = run_together(tmp_path, server, *options)
    assert [60] * MACHINES == [outcome.report["requests"] for outcome in outcomes], outcomes[0].text
    assert 60 == len(mock.log)
    assert 60 <= len(turns)
    assert [] == [one for one, eleventh in zip(turns, turns[10:], strict=False) if eleventh - one < 1000]


@pytest.mark.parametrize("workers", [0, 2])
def test_machines_come_to_one_verdict(tmp_path: Path, server: RedisServer, workers: int) -> None:
    """Each report has what all machines found, as one machine alone finds it, and Redis has no key."""
    with serve(Settings(rate=None)) as mock:
        rules = ("--rule", "STATUS", "--rule", "STATE", "--profile", "quick")
        common = ["--target", mock.url, *naming(mock), *rules, "--seed", "5"]
        alone = run(tmp_path, *common)
        sent = len(mock.log)
        outcomes = run_together(tmp_path, server, *common, machines=2, workers=workers)
        sent = len(mock.log) - sent
    for outcome in outcomes:
        assert (0, alone.rules("pass")) == (outcome.status, outcome.rules("pass")), outcome.text
        assert outcome.report["requests"] == sent
        assert PASSWORD not in outcome.text
    archives = [tmp_path / f"machine-{number}" / "report" / "traffic.har" for number in range(2)]
    entries = [json.loads(path.read_text("utf-8"))["log"]["entries"] for path in archives]
    assert sent == len(entries[0])
    assert entries[0] == entries[1]
    decisive = [
        {rule["id"]: rule["decisive_responses"] for rule in outcome.report["rules"]} for outcome in outcomes
    ]
    assert decisive[0] == decisive[1]
    assert [] == [secret for secret in (PASSWORD, *KEYS.values()) if secret in kept(server)]


def test_machines_find_a_fault_together(tmp_path: Path, server: RedisServer) -> None:
    """A rule that one machine saw violated fails the run on each of them."""
    with serve(Settings(rate=None, faults=("accepts_expired",))) as mock:
        outcomes = run_together(tmp_path, server, "--target", mock.url, *naming(mock), "--rule", "STATUS")
    assert [(1, {"STATUS-02"})] * MACHINES == [(one.status, one.rules("fail")) for one in outcomes]


def test_machines_name_an_enrollment_on_one_of_them(tmp_path: Path, server: RedisServer) -> None:
    """Only one machine sends requests that name an enrollment."""
    naming_machines: set[str] = set()
    others: set[str] = set()
    with serve(Settings(rate=None)) as mock:
        ids = {id_ for pair in mock.settings.enrollments[2:4] for id_ in pair}

        def respond(request: Received) -> Reply:
            machine = request.headers["x-machine"]
            is_naming = any(id_.encode() in request.content for id_ in ids)
            (naming_machines if is_naming else others).add(machine)
            return forward(request, mock.url)

        with listen(respond) as url:
            options = [
                "--target",
                url,
                *naming(mock),
                "--rule",
                "STATE",
                "--rule",
                "BODY-04",
                "--rule",
                "ID-05",
            ]
            outcomes = run_together(tmp_path, server, *options)
    assert [0] * MACHINES == [outcome.status for outcome in outcomes], outcomes[0].text
    assert 1 == len(naming_machines)
    assert others - naming_machines


def test_machines_stop_when_redis_goes_away(tmp_path: Path, server: RedisServer) -> None:
    """If Redis ends in the middle of a run, no machine sends more than what it had begun to send."""
    sent: list[bool] = []
    lock = threading.Lock()
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            with lock:
                if len(sent) == 30:
                    server.process.kill()
                    server.process.wait(LONGEST)
                sent.append(server.process.poll() is not None)
            return forward(request, mock.url)

        with listen(respond) as url:
            outcomes = run_together(tmp_path, server, "--target", url, "--max-requests", "200")
    assert 0 < sum(sent) <= MACHINES
    for outcome in outcomes:
        assert 6 == outcome.status, outcome.text
        assert "the Redis server of --shared is gone" in outcome.flat
        assert "what the other machines found is missing" in outcome.flat
        assert "Traceback" not in outcome.text
        assert outcome.report["problems"]


def test_machine_that_dies_leaves_the_run_inconclusive(tmp_path: Path, server: RedisServer) -> None:
    """The others wait for a machine no longer than it gives signs of life, and say that it is missing."""
    client = server.client
    client.hset("carecycle-conformance:{test-run}:machines", "dead", "running")
    with serve(Settings(rate=None)) as mock:
        (outcome,) = run_together(tmp_path, server, "--target", mock.url, "--rule", "STATUS-04", machines=1)
    assert (6, {"STATUS-04"}) == (outcome.status, outcome.rules("pass")), outcome.text
    assert "a machine of the run was lost: its last test is missing" in outcome.flat


def test_machines_with_other_settings_are_a_usage_error(tmp_path: Path, server: RedisServer) -> None:
    """A machine that tests another target, or with another cap, is not let into the run."""
    with serve(Settings(rate=None)) as mock:
        options = ["--target", mock.url, "--rule", "STATUS-04"]
        run_together(tmp_path, server, *options, machines=1)
        (second := tmp_path / "second").mkdir()
        (outcome,) = run_together(second, server, *options, "--max-requests", "50", machines=1)
        (third := tmp_path / "third").mkdir()
        (seeded,) = run_together(third, server, *options, "--seed", "1", machines=1)
    assert (4, 4) == (outcome.status, seeded.status)
    assert "have another --max-requests" in outcome.flat
    assert "--seed 1: the run test-run has the seed" in seeded.flat


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--target", "http://127.0.0.1:1"), "--shared needs --shared-run NAME"),
        (("--target", "http://127.0.0.1:1", "--shared-run", "a b"), "letters, digits and ._- only"),
        (("--shared-run", "a"), "--shared needs --target"),
        (("--target", "http://127.0.0.1:1", "--shared-run", "a"), "no Redis server can be used there"),
    ],
    ids=["no name", "bad name", "no target", "no server"],
)
def test_shared_options_are_checked(tmp_path: Path, options: tuple[str, ...], expected: str) -> None:
    """What --shared lacks is a usage error, which does not show its address."""
    outcome = run(tmp_path, "--shared", f"redis://:{PASSWORD}@127.0.0.1:1/0", *options)
    assert 4 == outcome.status
    assert expected in outcome.flat
    assert PASSWORD not in outcome.text


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "redis://[::1", "6379"])
def test_shared_takes_redis_only(tmp_path: Path, address: str) -> None:
    """Another address than that of a Redis server is a usage error."""
    outcome = run(tmp_path, "--shared", address, "--shared-run", "a", "--target", "http://[::1]:1")
    assert (4, True) == (outcome.status, "write redis://HOST:PORT/0" in outcome.flat)
