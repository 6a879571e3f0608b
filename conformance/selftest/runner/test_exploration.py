"""What a property test found is kept, and is sent first in the next run."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase, InMemoryExampleDatabase

from conformance.mock.server import DEFAULT_KEY, Settings, serve
from conformance.runner.exploration import (
    REDIS_VARIABLE,
    Forgiving,
    find_database,
    first_violation,
    intervals_from_codec,
    part,
)
from conformance.runner.recorder import RuleViolation
from conformance.selftest.redis_server import PASSWORD, RedisServer, serve_redis
from conformance.selftest.runs import KEYS, run
from conformance.selftest.scripted_server import Received, Reply, forward, hang, listen, refuse_connections

RARE = b"abc"


def is_long(body: bytes) -> bool:
    """Whether a body is no JSON object and longer than the ones that Hypothesis begins with."""
    return len(body) > 5 and not body.startswith(b"{")


@pytest.fixture
def broken() -> Iterator[tuple[str, list[bytes]]]:
    """A server that fails on long bodies, and the bodies that it got."""
    bodies: list[bytes] = []
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            bodies.append(request.content)
            if is_long(request.content):
                return 500, "application/json", b"{}"
            return forward(request, mock.url)

        with listen(respond) as url:
            yield url, bodies


def ask(directory: Path, url: str, seed: int, environment: dict[str, str] = KEYS) -> str:
    """The seeded run of one property test, which finds a failure; what it said."""
    options = ["--rule", "HTTP-03", "-k", "any_bytes", "--seed", str(seed)]
    outcome = run(directory, "--target", url, *options, environment=environment)
    assert outcome.status == 1, outcome.text
    return outcome.text


def test_finds_are_asked_again_first(tmp_path: Path, broken: tuple[str, list[bytes]]) -> None:
    """A run with the same report directory begins with what the one before found, whatever its seed."""
    url, bodies = broken
    ask(tmp_path, url, 1)
    found = {body for body in bodies if is_long(body)}
    assert (tmp_path / "report" / "examples").is_dir()
    del bodies[:]
    ask(tmp_path, url, 2)
    assert bodies[0] in found


def test_finds_hold_no_key(tmp_path: Path, broken: tuple[str, list[bytes]]) -> None:
    """No file of the database has a key in it."""
    ask(tmp_path, broken[0], 1)
    files = [path for path in (tmp_path / "report" / "examples").rglob("*") if path.is_file()]
    assert files
    assert [] == [path for path in files for key in KEYS.values() if key.encode() in path.read_bytes()]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis server with a password: its address, and its process."""
    with serve_redis(tmp_path) as started:
        yield started


def test_finds_are_shared_through_redis(
    tmp_path: Path, broken: tuple[str, list[bytes]], server: RedisServer
) -> None:
    """A run elsewhere begins with what one with the same Redis server found, and shows no password."""
    url, bodies = broken
    texts = [ask(tmp_path, url, 1, KEYS | {REDIS_VARIABLE: server.url})]
    found = {body for body in bodies if is_long(body)}
    del bodies[:]
    (elsewhere := tmp_path / "elsewhere").mkdir()
    texts.append(ask(elsewhere, url, 2, KEYS | {REDIS_VARIABLE: server.url}))
    assert bodies[0] in found
    assert not (tmp_path / "report" / "examples").exists()
    client = redis.Redis.from_url(server.url)
    kept = [value for name in client.keys("*") for value in client.smembers(name)]
    assert kept
    assert [] == [value for value in kept if DEFAULT_KEY.encode() in value]
    assert PASSWORD not in "".join(texts)


def test_run_goes_on_when_redis_is_lost(tmp_path: Path, server: RedisServer) -> None:
    """A Redis server that ends in the middle of a run changes no verdict."""
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            server.process.terminate()
            return forward(request, mock.url)

        with listen(respond) as url:
            options = ["--target", url, "--rule", "STATUS-04"]
            outcome = run(tmp_path, *options, environment=KEYS | {REDIS_VARIABLE: server.url})
    assert (outcome.status, outcome.rules("pass")) == (0, {"STATUS-04"}), outcome.text


@pytest.mark.parametrize("scheme", ["redis", "http"])
def test_redis_that_cannot_be_used_is_a_usage_error(tmp_path: Path, scheme: str) -> None:
    """An address without a Redis server ends the run with a sentence that does not show the address."""
    with refuse_connections() as url:
        address = url.replace("http://", f"{scheme}://:{PASSWORD}@")
        outcome = run(tmp_path, "--rule", "AUTH-08", environment=KEYS | {REDIS_VARIABLE: address})
    assert (outcome.status, outcome.report) == (4, {})
    assert f"{REDIS_VARIABLE}: no Redis server can be used there" in outcome.text
    assert "Traceback" not in outcome.text
    assert PASSWORD not in outcome.text


def test_redis_that_says_nothing_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A server that takes the connection and keeps silent is not waited for."""
    monkeypatch.setattr("conformance.transport.redis_server.TIMEOUT", 0.2)
    with hang() as url, pytest.raises(pytest.UsageError, match="TimeoutError"):
        find_database(tmp_path, {REDIS_VARIABLE: url.replace("http", "redis")})


def test_redis_without_its_package_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the package is missing, the message names it."""
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(pytest.UsageError, match="there is no package `redis`"):
        find_database(tmp_path, {REDIS_VARIABLE: "redis://127.0.0.1:1/0"})


def test_finds_are_kept_in_a_directory_by_default(tmp_path: Path) -> None:
    """Without a Redis server to use, the database is in the directory of the report."""
    assert find_database(tmp_path, {}) == DirectoryBasedExampleDatabase(tmp_path / "examples")
    assert not (tmp_path / "examples").exists()


class Losing(ExampleDatabase):
    """A database that fails at every call."""

    def fetch(self, key: bytes) -> Iterable[bytes]:  # noqa: ARG002 - it does not come to that
        """Fail."""
        raise redis.RedisError

    def save(self, key: bytes, value: bytes) -> None:  # noqa: ARG002 - it does not come to that
        """Fail."""
        raise redis.RedisError

    delete = save


def test_database_that_is_lost_is_empty() -> None:
    """Whatever fails first, nothing is raised, then or later."""
    for first in ("fetch", "save", "delete"):
        database = Forgiving(Losing(), redis.RedisError)
        for operation in (first, "fetch", "save", "delete"):
            values = (RARE,) if operation == "fetch" else (RARE, RARE)
            assert not getattr(database, operation)(*values)


def test_database_that_is_there_is_used() -> None:
    """What is saved is fetched until it is deleted."""
    database = Forgiving(InMemoryExampleDatabase(), redis.RedisError)
    database.save(RARE, RARE)
    assert list(database.fetch(RARE)) == [RARE]
    database.delete(RARE, RARE)
    assert list(database.fetch(RARE)) == []


@pytest.mark.parametrize(
    ("usual", "divisor", "examples"), [(60, 2, 30), (60, 4, 15), (5, 2, 2), (5, 4, 2), (1, 4, 1)]
)
def test_part_of_the_examples_holds_two_where_it_can(usual: int, divisor: int, examples: int) -> None:
    """The first example is always the simplest: alone it would be no search."""
    before = hypothesis.settings.get_current_profile_name()
    hypothesis.settings.register_profile("usual", max_examples=usual)
    hypothesis.settings.load_profile("usual")
    try:
        assert part(divisor).max_examples == examples
    finally:
        hypothesis.settings.load_profile(before)


@pytest.mark.parametrize("codec", ["ascii", "utf-8"])
def test_characters_of_a_codec_are_those_that_it_encodes(codec: str) -> None:
    """The characters that are known without trying them are the ones that Hypothesis would find."""
    encodable, others = intervals_from_codec(codec)
    tried = [chr(each) for first, last in encodable.intervals for each in {first, last}]
    outside = [
        chr(each)
        for first, last in encodable.intervals
        for each in (first - 1, last + 1)
        if 0 <= each < 0x110000
    ]
    assert [] == [each for each in tried if each.encode(codec).decode(codec) != each]
    assert [] == [each for each in outside if each.encode(codec, "ignore")]
    assert len(encodable) == sum(bool(chr(each).encode(codec, "ignore")) for each in range(0x110000))
    assert len(others) == 0


@pytest.mark.parametrize(
    "most", [60, pytest.param(700, marks=pytest.mark.slow, id="more than the examples of a profile")]
)
def test_deep_run_explores_until_its_budget_is_spent(tmp_path: Path, most: int) -> None:
    """With a budget the deep profile goes on until it is spent, and a mock that conforms breaks no rule."""
    options = ["--profile", "deep", "-k", "test_exploration", "--max-requests", str(most), "--seed", "1"]
    outcome = run(tmp_path, *options)
    assert outcome.report["requests"] == most, outcome.text
    assert set() == outcome.rules("fail") | outcome.rules("error")


def test_time_limit_ends_a_run(tmp_path: Path) -> None:
    """After the time limit nothing more is sent, and what was not decided is inconclusive."""
    outcome = run(tmp_path, "--profile", "deep", "-k", "test_exploration", "--time-limit", "0.001")
    assert (outcome.status, outcome.report["requests"]) == (6, 0)
    assert "the time limit of the run is reached" in outcome.flat
    assert run(tmp_path, "--time-limit", "0").status == 4


def test_deep_run_begins_with_what_another_found(tmp_path: Path, server: RedisServer) -> None:
    """A deep run keeps what it found in Redis, and one elsewhere with another seed sends that first."""
    bodies: list[bytes] = []
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            bodies.append(request.content)
            is_found = b'"cancelled"' in request.content
            return (500, "application/json", b"{}") if is_found else forward(request, mock.url)

        with listen(respond) as url:
            options = [
                "--target",
                url,
                "--profile",
                "deep",
                "-k",
                "test_exploration",
                "--max-requests",
                "200",
            ]
            first = [b'"cancelled"']
            for seed in ("1", "2"):
                del bodies[:]
                (directory := tmp_path / seed).mkdir()
                environment = KEYS | {REDIS_VARIABLE: server.url}
                outcome = run(directory, *options, "--seed", seed, environment=environment)
                assert "HTTP-03" in outcome.rules("fail"), outcome.text
                first.append(bodies[0])
    assert first[0] not in first[1]
    assert first[0] in first[2]
    assert not list(tmp_path.glob("*/report/examples"))


@pytest.mark.parametrize("violations", [[RuleViolation("one"), RuleViolation("two")], []], ids=len)
def test_failure_that_does_not_repeat_is_the_first_violation(violations: list[RuleViolation]) -> None:
    """A violation that Hypothesis cannot repeat is raised. Without one, its own error comes through."""
    expected = violations[0] if violations else hypothesis.errors.Flaky("it passed")

    def explore() -> None:
        with first_violation() as noted:
            noted.extend(violations)
            raise hypothesis.errors.Flaky("it passed")

    with pytest.raises(type(expected), match=str(expected)):
        explore()
