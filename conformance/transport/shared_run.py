"""A run that several machines share on a Redis server: one count, one pace, one record of who tests what.

Redis holds what a report holds, and neither keys nor passwords. If it goes away, or if it forgets the run,
every call raises `SharedRunLost` from then on: a machine that cannot see the others sends nothing.
"""

import contextlib
import hashlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import pyrate_limiter
from pyrate_limiter.buckets.redis_bucket import LuaScript

from ..contract.document import RateLimit
from . import redis_server

KEPT = 3600
"""Seconds after the last sign of life for which Redis keeps a run."""
BEAT = 3.0
"""Seconds between two signs of life of a machine."""
PRESUMED_LOST = 15
"""Seconds without one after which a machine counts as lost."""
RUNNING = "running"

_TAKE = """
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return -2 end
local sent = tonumber(redis.call('HGET', KEYS[1], 'sent') or '0')
if sent < tonumber(ARGV[2]) then return -2 end
if ARGV[3] ~= '' and sent >= tonumber(ARGV[3]) then return 0 end
local alone = redis.call('GET', KEYS[2])
if alone and alone ~= ARGV[4] then return -1 end
return redis.call('HINCRBY', KEYS[1], 'sent', 1)
"""
"""Counts a request. -1: another process sends alone. -2: this is not the run that the process joined."""
_BY_THE_CLOCK_OF_REDIS = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] and tonumber(last[2]) > now then now = tonumber(last[2]) end
for i = 5, #ARGV, 3 do ARGV[i] = ARGV[i] + now - ARGV[1] end
ARGV[1] = now
"""
"""Comes before the script of pyrate-limiter, which counts by the clock of each machine. They differ."""


class SharedRunLost(Exception):  # noqa: N818 - the run is lost, not an error of its own
    """The run that machines share cannot be reached any more. The message says why."""


class SharedRun:
    """One process' part of a run that several machines share."""

    def __init__(self, client: Any, name: str, *, machine: str = "") -> None:  # noqa: ANN401 - of `redis`
        self.name = name
        self.machine = machine or uuid4().hex
        """The machine of this process. Its workers share the name."""
        self.process = f"{self.machine}:{uuid4().hex}"
        self.holds_enrollments = False
        """Whether this machine is the one that names enrollments."""
        self.reason = ""
        """Why the run cannot be reached any more, or nothing."""
        self._client = client
        self._prefix = f"carecycle-conformance:{{{name}}}"  # the braces keep the keys together in a cluster
        self._seen = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        with self._reached():
            self._token = self._agree("token", uuid4().hex)
            self._take = client.register_script(_TAKE)
            self._expire()

    def _key(self, name: str = "run") -> str:
        return f"{self._prefix}:{name}"

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """Turn an error of Redis into the end of the run."""
        if self.reason:
            raise SharedRunLost(self.reason)
        try:
            yield
        except redis_server.lost() as error:
            self.reason = f"the Redis server of --shared is gone ({type(error).__name__})"
            raise SharedRunLost(self.reason) from None

    def _agree(self, field: str, value: str) -> str:
        with self._client.pipeline() as pipe:
            pipe.hsetnx(self._key(), field, value)
            pipe.hget(self._key(), field)
            return str(pipe.execute()[1])

    def agree(self, field: str, value: str) -> str:
        """The value that the first machine gave a field of the run."""
        with self._reached():
            return self._agree(field, value)

    def differences(self, settings: Mapping[str, object]) -> list[str]:
        """The settings that the first machine has otherwise. Redis gets hashes of them."""
        hashes = {name: hashlib.sha256(repr(value).encode()).hexdigest() for name, value in settings.items()}
        return [name for name, value in hashes.items() if self.agree(f"setting {name}", value) != value]

    @property
    def sent(self) -> int:
        """How many requests all machines have sent, as far as this process can know."""
        with contextlib.suppress(SharedRunLost), self._reached():
            self._seen = max(self._seen, int(self._client.hget(self._key(), "sent") or 0))
        return self._seen

    def take(self, most: int | None) -> int | None:
        """Count a request. Returns its number, 0 if none is left, or None if another process sends alone.

        Raises:
            SharedRunLost: Redis is gone, or no longer has the run.

        """
        with self._reached():
            number = int(
                self._take(
                    keys=[self._key(), self._key("alone")],
                    args=[self._token, self._seen, "" if most is None else most, self.process],
                )
            )
        if number == -2:
            self.reason = "the Redis server of --shared has lost the run"
            raise SharedRunLost(self.reason)
        self._seen = max(self._seen, number)
        return None if number == -1 else number

    @property
    def is_taken(self) -> bool:
        """Whether another process sends alone."""
        with self._reached():
            return self._client.get(self._key("alone")) not in {None, self.process}

    @contextlib.contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """Let no other process send until the block ends, or for so many seconds if this process dies."""
        with self._reached():
            self._client.set(self._key("alone"), self.process, px=int(seconds * 1000))
        try:
            yield
        finally:
            with contextlib.suppress(SharedRunLost):
                if not self.is_taken:
                    self._client.delete(self._key("alone"))

    def bucket(self, rate: RateLimit) -> pyrate_limiter.AbstractBucket:
        """The pace of all machines, by the clock of Redis."""
        rates = [pyrate_limiter.Rate(rate.requests, int(rate.seconds * 1000))]
        with self._reached():
            script = self._client.script_load(_BY_THE_CLOCK_OF_REDIS + LuaScript.PUT_ITEM)
        return _Bucket(rates, self._client, self._key("pace"), script, self._reached)

    def claim(self, test: str) -> bool:
        """Whether this process is the one to run a test."""
        with self._reached(), self._client.pipeline() as pipe:
            pipe.hsetnx(self._key("tests"), test, self.process)
            pipe.hget(self._key("tests"), test)
            return bool(pipe.execute()[1] == self.process)

    def claim_enrollments(self) -> bool:
        """Whether this machine is the one that names enrollments. The first one to ask is."""
        self.holds_enrollments = self.agree("enrollments", self.machine) == self.machine
        return self.holds_enrollments

    def share_violations(self, violated: set[str]) -> set[str]:
        """Tell the other machines which rules this process saw violated, and learn what they saw."""
        with self._reached(), self._client.pipeline() as pipe:
            if violated:
                pipe.sadd(self._key("violated"), *violated)
            pipe.smembers(self._key("violated"))
            return set(pipe.execute()[-1])

    def publish(self, snapshot: Mapping[str, Any], traffic: Sequence[str] = ()) -> None:
        """Keep the latest snapshot of the ledger of this process, and its exchanges since the last time."""
        with self._reached():
            self._client.hset(self._key("ledgers"), self.process, json.dumps(snapshot))
            if traffic:
                self._client.rpush(self._key(f"traffic:{self.machine}"), *traffic)

    def snapshots(self) -> list[dict[str, Any]]:
        """The latest snapshots of the ledgers of all other machines."""
        with self._reached():
            found = self._client.hgetall(self._key("ledgers"))
        return [json.loads(text) for process, text in found.items() if process.split(":")[0] != self.machine]

    def traffic(self) -> list[str]:
        """The exchanges of all other machines, each as the entry of an archive in JSON."""
        with self._reached():
            machines = set(self._client.hkeys(self._key("machines"))) - {self.machine}
            found = [self._client.lrange(self._key(f"traffic:{name}"), 0, -1) for name in sorted(machines)]
        return list(itertools.chain.from_iterable(found))

    def begin(self) -> None:
        """Tell the other machines that this one takes part, and go on to give signs of life."""
        with self._reached():
            self._give_sign(RUNNING)
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def end(self, state: str) -> None:
        """Tell the other machines how the tests of this one ended."""
        self._stop.set()
        with self._reached():
            self._client.hset(self._key("machines"), self.machine, state)

    def others(self) -> tuple[list[str], list[str]]:
        """Of the other machines how many still run, and how each other one ended: in a word, or lost."""
        with self._reached():
            states = self._client.hgetall(self._key("machines"))
            states.pop(self.machine, None)
            alive = {name for name in states if self._client.exists(self._key(f"alive:{name}"))}
        running = [name for name, state in states.items() if state == RUNNING and name in alive]
        ended = [
            "lost" if state == RUNNING else state for name, state in states.items() if name not in running
        ]
        return running, ended

    def close(self) -> None:
        """Give no more signs of life, and close the connections."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(redis_server.TIMEOUT)
        self._client.close()

    def _beat(self) -> None:
        while not self._stop.wait(BEAT):
            try:
                self._give_sign()
            except redis_server.lost():  # the next request finds out by itself
                return

    def _give_sign(self, state: str = "") -> None:
        with self._client.pipeline() as pipe:
            pipe.set(self._key(f"alive:{self.machine}"), 1, ex=PRESUMED_LOST)
            if state:
                pipe.hset(self._key("machines"), self.machine, state)
            pipe.execute()
        self._expire()

    def _expire(self) -> None:
        with self._client.pipeline() as pipe:
            for name in (
                "run",
                "tests",
                "ledgers",
                "violated",
                "machines",
                "pace",
                f"traffic:{self.machine}",
            ):
                pipe.expire(self._key(name), KEPT)
            pipe.execute()


class _Bucket(pyrate_limiter.RedisBucket):
    """The bucket of pyrate-limiter, by the clock of Redis."""

    def __init__(
        self,
        rates: list[pyrate_limiter.Rate],
        client: Any,  # noqa: ANN401 - of `redis`
        key: str,
        script: str,
        reached: Callable[[], contextlib.AbstractContextManager[None]],
    ) -> None:
        super().__init__(rates, client, key, script)
        self._client = client
        self._reached = reached

    def now(self) -> int:
        """Milliseconds by the clock of Redis."""
        with self._reached():
            seconds, microseconds = self._client.time()
        return int(seconds * 1000 + microseconds // 1000)

    def put(self, item: pyrate_limiter.RateItem) -> Any:  # noqa: ANN401 - as the library has it
        """Take a turn, if there is one."""
        with self._reached():
            return super().put(item)

    def leak(self, current_timestamp: int | None = None) -> Any:  # noqa: ANN401 - as the library has it
        """Forget old turns. A thread of the library calls this, which must not end in an error."""
        with contextlib.suppress(SharedRunLost), self._reached():
            return super().leak(current_timestamp)
        return 0
