"""A Redis server for a test."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis

from conformance.selftest.waiting import LONGEST, wait_until

PASSWORD = "pass-Canary-word"  # noqa: S105 - of the server that a test starts


class RedisServer(NamedTuple):
    """A server that runs."""

    url: str
    """Its address, with the password."""
    process: "subprocess.Popen[bytes]"

    @property
    def client(self) -> Any:  # noqa: ANN401 - the types of redis-py are those of its asynchronous client too
        """A client of it, which reads text."""
        return redis.Redis.from_url(self.url, decode_responses=True, socket_timeout=LONGEST)


def responds(server: RedisServer) -> bool:
    """Whether a server has started."""
    try:
        return bool(server.client.ping())
    except redis.ConnectionError:
        return False


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
    try:
        wait_until(lambda: responds(server))
        yield server
    finally:
        process.terminate()
        process.wait(LONGEST)
