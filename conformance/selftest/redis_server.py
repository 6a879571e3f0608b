"""A Redis server for a test."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis

PASSWORD = "pass-Canary-word"  # noqa: S105 - of the server that a test starts


class RedisServer(NamedTuple):
    """A server that runs."""

    url: str
    """Its address, with the password."""
    process: "subprocess.Popen[bytes]"

    @property
    def client(self) -> Any:  # noqa: ANN401 - the types of redis-py are those of its asynchronous client too
        """A client of it, which reads text."""
        return redis.Redis.from_url(self.url, decode_responses=True)


@contextlib.contextmanager
def serve_redis(directory: Path) -> Iterator[RedisServer]:
    """A server with a password, at a socket in a directory. A test is skipped where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server: apt-get install redis-server")
    socket = directory / "redis.sock"
    words = [program, "--port", "0", "--unixsocket", str(socket), "--requirepass", PASSWORD, "--save", ""]
    process = subprocess.Popen(words, cwd=directory, stdout=subprocess.DEVNULL)
    server = RedisServer(f"unix://:{PASSWORD}@{socket}?db=0", process)
    for _ in range(100):
        try:
            server.client.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    try:
        yield server
    finally:
        process.terminate()
        process.wait(10)
