"""Processes that share a bucket, in Redis or in a file, share its rate."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY
from conformance.selftest.redis_server import serve_redis
from conformance.selftest.waiting import LONGEST

# Makes eight calls through a bucket of four in half a second, and prints when each was made.
PROGRAM = """
import asyncio, sys, time
import httpx2
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from conformance.selftest.client.calls import SUCCESS, UPDATE, responding
from pyrate_limiter import Limiter, Rate, RedisBucket, SQLiteBucket

mode, path = sys.argv[1:]
rates, done = [Rate(4, 500)], httpx2.Response(200, json=SUCCESS)

def work():
    if mode == "file":
        bucket = SQLiteBucket.init_from_file(rates, db_path=path, use_file_lock=True)
    else:
        import redis
        bucket = RedisBucket.init(rates, redis.Redis.from_url(path), "sync")
    with Limiter(bucket) as limiter:
        client = responding(done, rate_limit=limiter)
        for _ in range(8):
            endpoint.sync(client=client, body=UPDATE)
            print(time.time())

async def work_in_a_loop():
    import redis.asyncio
    async with redis.asyncio.Redis.from_url(path) as shared:
        client = responding(done, rate_limit=Limiter(await RedisBucket.init(rates, shared, "asyncio")))
        for _ in range(8):
            await endpoint.asyncio(client=client, body=UPDATE)
            print(time.time())

asyncio.run(work_in_a_loop()) if mode == "asyncio" else work()
"""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis server of this test only."""
    with serve_redis(tmp_path) as server:
        yield server.url


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["sync", "asyncio"])
def test_pacing_is_shared_through_redis(mode: str, redis: str) -> None:
    """Two processes with one bucket take as long together as one that makes all of their calls."""
    check_shared(mode, redis)


def test_pacing_is_shared_through_a_locked_file(tmp_path: Path) -> None:
    """Two processes with one SQLite file, and a lock for it, take as long as one."""
    check_shared("file", str(tmp_path / "rate.sqlite"))


def check_shared(mode: str, path: str) -> None:
    """Two processes take as long together as one that makes all of their calls."""
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client"), *sys.path])
    children = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, mode, path],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        printed = [child.communicate(timeout=LONGEST)[0] for child in children]
    finally:
        for child in children:
            child.kill()
    made = sorted(float(line) for lines in printed for line in lines.splitlines())
    assert ([0, 0], 16) == ([child.returncode for child in children], len(made))
    assert made[-1] - made[0] > 1.4  # each alone would take half a second
