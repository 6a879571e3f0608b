"""What is sent and read for one request takes no longer than it may, and goes out at once."""

import ssl
import time

import httpcore2
import pytest

from conformance.network import Network


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


@pytest.mark.parametrize(("limit", "most"), [(None, 5.0), (9.0, 5.0), (1.0, 1.0)])
def test_network_limits_every_step(limit: float | None, most: float) -> None:
    """Each step may take what its own limit allows, or what is left of the whole, whichever is less."""
    steps = Steps()
    network = Network(steps)
    with network.within(5):
        stream = network.connect_tcp("host", 80, limit).start_tls(ssl.create_default_context(), "host", limit)
        stream.write(b"ab", limit)
        assert stream.read(7, limit) == b"x"
        assert stream.get_extra_info("socket") is None
        stream.close()
    names = {"connect host:80", "tls host CERT_REQUIRED", "write b'ab'", "read 7"}
    assert steps.limits.keys() == names | {"close"}
    assert all(most - 0.5 < (steps.limits[name] or 0) <= most for name in names)


def test_network_ends_what_takes_too_long() -> None:
    """Past the time of the whole no step begins, and afterwards there is no such limit."""
    steps = Steps()
    network = Network(steps)
    with network.within(0.01):
        stream = network.connect_tcp("host", 80)
        time.sleep(0.02)
        with pytest.raises(httpcore2.ReadTimeout, match="the time is up"):
            stream.read(7)
    stream.read(8, 3.0)
    assert steps.limits["read 8"] == 3.0
    assert "read 7" not in steps.limits


class Deaf(Steps):
    """A network that takes nothing, and answers all the same."""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: D102 - a step
        super().write(buffer, timeout)
        raise httpcore2.WriteError("broken pipe")


@pytest.mark.parametrize("steps", [Steps(), Deaf()])
def test_network_sends_a_request_at_once(steps: Steps) -> None:
    """What is written goes out with the next read, in one piece; an answer is read even where it does not."""
    stream = Network(steps).connect_tcp("host", 80)
    stream.write(b"head")
    stream.write(b"content")
    assert steps.limits.keys() == {"connect host:80"}
    assert (stream.read(1), stream.read(2)) == (b"x", b"x")
    assert list(steps.limits) == ["connect host:80", "write b'headcontent'", "read 1", "read 2"]
