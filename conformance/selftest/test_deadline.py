"""What is sent and read for one request takes no longer than it may, whatever each step may take."""

import ssl
import time
from typing import Any

import httpcore2
import httpx2
import pytest

from conformance.deadline import Deadline


class Steps(httpcore2.NetworkBackend, httpcore2.NetworkStream):
    """A network that only notes the limit of each step."""

    def __init__(self) -> None:
        """Begin with no step."""
        self.limits: dict[str, float | None] = {}

    def connect_tcp(  # type: ignore[override]  # the options are not of interest  # noqa: D102 - a step
        self,
        host: str,
        port: int,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        self.limits[f"connect {host}:{port}"] = timeout
        return self

    def start_tls(  # noqa: D102 - a step
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        self.limits[f"tls {server_hostname} {ssl_context.verify_mode.name}"] = timeout
        return self

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: D102 - a step
        self.limits[f"read {max_bytes}"] = timeout
        return b"x"

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: D102 - a step
        self.limits[f"write {buffer!r}"] = timeout

    def close(self) -> None:  # noqa: D102 - a step
        self.limits["close"] = None


def watched(client: httpx2.Client) -> tuple[Deadline, Steps, Any]:
    """A deadline, the network that is below it, and what the client has in its place."""
    steps, pool = Steps(), vars(client)["_transport"]._pool  # noqa: SLF001 - where httpx2 keeps it
    assert isinstance(pool._network_backend, httpcore2.NetworkBackend)  # noqa: SLF001 - the same
    pool._network_backend = steps  # noqa: SLF001 - the same
    return Deadline(client), steps, pool._network_backend  # noqa: SLF001 - the same


@pytest.mark.parametrize(("limit", "most"), [(None, 5.0), (9.0, 5.0), (1.0, 1.0)])
def test_deadline_limits_every_step(limit: float | None, most: float) -> None:
    """Each step may take what its own limit allows, or what is left of the whole, whichever is less."""
    with httpx2.Client(verify=False) as client:
        deadline, steps, backend = watched(client)
        with deadline.within(5):
            stream = backend.connect_tcp("host", 80, limit).start_tls(
                ssl.create_default_context(), "host", limit
            )
            stream.write(b"ab", limit)
            assert stream.read(7, limit) == b"x"
            assert stream.get_extra_info("socket") is None
            stream.close()
    names = {"connect host:80", "tls host CERT_REQUIRED", "write b'ab'", "read 7"}
    assert steps.limits.keys() == names | {"close"}
    assert all(most - 0.5 < (steps.limits[name] or 0) <= most for name in names)


def test_deadline_ends_what_takes_too_long() -> None:
    """Past the time of the whole no step begins, and afterwards there is no such limit."""
    with httpx2.Client(verify=False) as client:
        deadline, steps, backend = watched(client)
        with deadline.within(0.01):
            stream = backend.connect_tcp("host", 80)
            time.sleep(0.02)
            with pytest.raises(httpcore2.ReadTimeout, match="the time is up"):
                stream.read(7)
        stream.read(8, 3.0)
    assert steps.limits["read 8"] == 3.0
    assert "read 7" not in steps.limits


def test_deadline_covers_the_proxies_of_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connections to a proxy heed it as well, and what has no network is left alone."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "other.test")
    with httpx2.Client(verify=False) as client:
        Deadline(client)
        pools = [getattr(mount, "_pool", None) for mount in vars(client)["_mounts"].values()]
        backends = {type(pool._network_backend).__module__ for pool in pools if pool is not None}  # noqa: SLF001 - where httpx2 keeps it
    assert backends == {"conformance.deadline"}
    with httpx2.Client(transport=httpx2.MockTransport(lambda _: httpx2.Response(200))) as client:
        Deadline(client)
        assert client.get("http://nobody.test").status_code == 200
