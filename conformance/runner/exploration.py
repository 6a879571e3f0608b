"""How property tests explore: how many examples they take, and where those that failed are kept.

The next run of a test with the same database begins with the examples that failed. Apart from these, the same
seed always sends the same requests.
"""

import contextlib
import functools
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase
from hypothesis.internal import charmap
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.internal.intervalsets import IntervalSet

from ..transport import redis_server
from .recorder import RuleViolation

STORAGE_VARIABLE = "HYPOTHESIS_STORAGE_DIRECTORY"
MOST = 10**9
"""The examples of a test that the limit of the run ends."""
REDIS_VARIABLE = "HYPOTHESIS_REDIS_URL"
Result = TypeVar("Result")


_OF_CODEC = charmap.intervals_from_codec
_KNOWN: Mapping[str, IntervalSet] = {
    "ascii": IntervalSet(((0, 127),)),
    "utf-8": IntervalSet(((0, 0xD7FF), (0xE000, 0x10FFFF))),
}
"""The characters that a codec can encode."""


class _Limit:
    """Whether a limit of requests or of time ends the run."""

    is_set = False


def configure(
    examples: int, *, shrinks: bool, database: ExampleDatabase | None, is_limited: bool = False
) -> None:
    """Have every property test take so many examples."""
    if STORAGE_VARIABLE not in os.environ:  # its own choice is the working directory
        with contextlib.suppress(RuntimeError):  # there is no home directory
            caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
            set_hypothesis_home_dir(Path(caches) / "carecycle-conformance" / "hypothesis")
    _Limit.is_set = is_limited
    # It draws constants of whichever modules of ours are loaded. A seed is to send the same in any process.
    providers._get_local_constants = Constants  # noqa: SLF001 - there is no setting for it
    charmap.intervals_from_codec = intervals_from_codec
    left_out = {hypothesis.Phase.explain} | (set() if shrinks else {hypothesis.Phase.shrink})
    hypothesis.settings.register_profile(
        "conformance",
        max_examples=examples,
        phases=[phase for phase in hypothesis.Phase if phase not in left_out],
        deadline=None,
        database=database,
        derandomize=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("conformance")


@functools.cache
def intervals_from_codec(codec_name: str) -> tuple[IntervalSet, IntervalSet]:
    """The characters that a codec can encode, and those that it decodes to others.

    Hypothesis tries all characters, unless it has done so before on this machine. That takes seconds, and
    200 MB of memory.
    """
    if codec_name in _KNOWN:
        return _KNOWN[codec_name], IntervalSet(())
    return _OF_CODEC(codec_name)


def part(divisor: int) -> hypothesis.settings:
    """The settings of a test whose example costs as much as `divisor` usual ones.

    It takes at least two, because Hypothesis' first is always the simplest; or one, if one is usual.
    """
    usual = hypothesis.settings()
    examples = max(usual.max_examples // divisor, min(2, usual.max_examples))
    return hypothesis.settings(usual, max_examples=examples)


def until_the_limit(*, is_dry: bool) -> hypothesis.settings:
    """The settings of a test that goes on until the run's limit, or takes a few examples without one."""
    goes_on = _Limit.is_set and not is_dry
    return hypothesis.settings(hypothesis.settings(), max_examples=MOST) if goes_on else part(4)


def at_most(examples: int) -> hypothesis.settings:
    """The settings of a test that takes a few examples, whatever the profile is."""
    return hypothesis.settings(hypothesis.settings(), max_examples=examples)


def is_wanted(item: pytest.Item, wanted: Collection[str] | None, rules: Collection[str]) -> bool:
    """Whether a test of these rules is part of a run of the wanted rules, or of all rules if that is None.

    A test with the marker `of_every_run` is part of every run, whatever its rules are. A test whose list of
    parameters is empty, which pytest marks to be skipped, is part of none.
    """
    if item.get_closest_marker("skip"):
        return False
    is_selected = wanted is None or not set(wanted).isdisjoint(rules)
    return is_selected or item.get_closest_marker("of_every_run") is not None


@contextlib.contextmanager
def first_violation() -> Iterator[list[RuleViolation]]:
    """Raise the first violation in the list, if Hypothesis cannot repeat a failure.

    The target still holds what earlier requests set, so the same request may get another response.
    """
    violations: list[RuleViolation] = []
    try:
        yield violations
    except hypothesis.errors.Flaky:
        if not violations:
            raise
        raise violations[0] from None


def keep(test: object, key: bytes) -> None:
    """Let a property test use the database, with this key. Hypothesis uses none if a seed is given."""
    vars(test)["_hypothesis_internal_database_key"] = key


def remember(item: pytest.Item) -> None:
    """Let a property test use the database."""
    test = getattr(item, "obj", None)
    if getattr(test, "is_hypothesis_test", False):
        keep(test, item.nodeid.encode())


def find_database(directory: Path, environment: Mapping[str, str]) -> ExampleDatabase:
    """The Redis database that the environment names, or one in a directory."""
    url = environment.get(REDIS_VARIABLE)
    return _connect(url) if url else DirectoryBasedExampleDatabase(directory / "examples")


def _connect(url: str) -> ExampleDatabase:
    try:
        client = redis_server.connect(url, REDIS_VARIABLE)
    except redis_server.RedisUnusable as error:
        raise pytest.UsageError(str(error)) from None
    from hypothesis.extra.redis import RedisExampleDatabase  # noqa: PLC0415 - it needs the package `redis`

    database = RedisExampleDatabase(client, key_prefix=b"carecycle-conformance:examples:")
    return Forgiving(database, redis_server.lost())


class Forgiving(ExampleDatabase):
    """A database that may be lost in the middle of a run, which then goes on without it."""

    def __init__(self, database: ExampleDatabase, error: type[Exception]) -> None:
        super().__init__()
        self._database: ExampleDatabase | None = database
        self._error = error

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """The examples of a test."""
        return self._try(lambda database: list(database.fetch(key))) or []

    def save(self, key: bytes, value: bytes) -> None:
        """Keep an example."""
        self._try(lambda database: database.save(key, value))

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget an example."""
        self._try(lambda database: database.delete(key, value))

    def _try(self, use: Callable[[ExampleDatabase], Result]) -> Result | None:
        if self._database is None:
            return None
        try:
            return use(self._database)
        except self._error:
            self._database = None
            return None
