"""A call ends in time, whatever a server sends, and by whatever route it comes."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client._deadline import Limit, bounded
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import KEY, UPDATE, Call, both, reaching
from conformance.selftest.scripted_server import ScriptedServer, ignore_connections, response
from conformance.selftest.waiting import LONGEST

LONG = 3
"""Seconds: ten times the limit, and less than a server dribbles."""
NAP = 0.05


@contextmanager
def ends_soon() -> Iterator[None]:
    """Check that a block ends within `LONG`, by a clock that stands still while this process does."""
    has_ended, naps = threading.Event(), list[float]()

    def count() -> None:
        while not has_ended.wait(NAP):
            naps.append(NAP)

    clock = threading.Thread(target=count)
    clock.start()
    try:
        yield
    finally:
        has_ended.set()
        clock.join()
    assert sum(naps) < LONG


def drip(connection: socket.socket) -> None:
    """Send a body a byte at a time, and never the last."""
    connection.sendall(response(200, b" " * 1000)[:-1000])
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(NAP)


def drip_head(connection: socket.socket) -> None:
    """Send a header a byte at a time, and never its end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(100):
        connection.sendall(b"s")
        time.sleep(NAP)


def drip_chunk(connection: socket.socket) -> None:
    """Begin a chunk of a body a byte at a time, so that no part of it ever comes."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    for _ in range(100):
        connection.sendall(b"s")
        time.sleep(NAP)


def stall(connection: socket.socket) -> None:
    """Send nothing until the client leaves."""
    connection.recv(1)


@both
@pytest.mark.parametrize("script", [drip, drip_head, drip_chunk, stall])
def test_slow_server_is_given_up_in_time(call: Call, script: Callable[[socket.socket], None]) -> None:
    """A number as `timeout` limits the whole call, whether the server stalls or dribbles."""
    late = pytest.raises(e.APITimeoutError)
    with ScriptedServer(script) as server, reaching(server) as client, ends_soon(), late:
        call(client=client, body=UPDATE, timeout=0.3)


@pytest.mark.parametrize(
    "arguments",
    [
        {"transport": httpx2.HTTPTransport(verify=False)},
        {"mounts": {"http://": httpx2.HTTPTransport(verify=False), "https://": None}},
        {"proxy": "the server itself"},
    ],
    ids=["transport", "mount", "proxy"],
)
def test_slow_server_is_given_up_in_time_by_any_route(arguments: dict[str, Any]) -> None:
    """The time limit holds through proxies and transports of httpx2, too, once and again."""
    with ScriptedServer(drip_head) as server:
        given = arguments | ({"proxy": server.url} if "proxy" in arguments else {})
        for _ in range(2):
            with reaching(server, httpx_args=given) as client, ends_soon(), pytest.raises(e.APITimeoutError):
                endpoint.sync(client=client, body=UPDATE, timeout=0.3)


@both
def test_server_of_many_addresses_is_given_up_in_time(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses that do not respond have the time of the call together, and not each of them."""
    with ignore_connections() as url:
        genuine = socket.getaddrinfo

        def lookup(host: str | bytes | None, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the system has it
            if host not in {"many.test", b"many.test"}:
                return genuine(host, *arguments, **options)
            return genuine("127.0.0.1", *arguments, **options) * 3

        monkeypatch.setattr(socket, "getaddrinfo", lookup)
        client = AuthenticatedClient(url.replace("127.0.0.1", "many.test"), KEY, verify_ssl=False)
        with ends_soon(), pytest.raises(e.APITimeoutError):
            call(client=client, body=UPDATE, timeout=1.5)


@both
@pytest.mark.parametrize(
    ("timeout", "words"),
    [
        (0.3, r"no whole response within 0\.3 s \(the limit of the call\), while "),
        (
            httpx2.Timeout(LONGEST, read=0.3),
            r"nothing within 0\.3 s \(the limit of the phase\), while waiting for the server",
        ),
    ],
)
def test_time_limit_that_is_reached_is_named(call: Call, timeout: float | httpx2.Timeout, words: str) -> None:
    """Who reads the error sees which limit it was, and what the client waited for."""
    named = pytest.raises(e.APITimeoutError, match=words)
    with ScriptedServer(stall) as server, reaching(server) as client, named:
        call(client=client, body=UPDATE, timeout=timeout, max_retries=0)


def test_name_that_nobody_knows_is_a_connection_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without an address fails as it does in httpx2."""

    def lookup(*_arguments: object, **_options: object) -> Any:  # noqa: ANN401 - as the system has it
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    client = AuthenticatedClient("http://nobody.test", KEY, verify_ssl=False)
    with pytest.raises(e.APIConnectionError, match=r"ConnectError.*Name or service not known"):
        endpoint.sync(client=client, body=UPDATE, max_retries=0)


@both
def test_slow_transport_of_another_is_given_up_between_parts(call: Call) -> None:
    """A transport that is not httpx2's own is limited when a part of the body came."""
    arguments = {"transport": httpx2.MockTransport(lambda _: httpx2.Response(200, stream=Dripping()))}
    with ends_soon(), pytest.raises(e.APITimeoutError):
        call(client=AuthenticatedClient(token=KEY, httpx_args=arguments), body=UPDATE, timeout=0.3)


class Dripping(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that comes a byte at a time."""

    def __iter__(self) -> Iterator[bytes]:  # noqa: D105 - the parts
        for _ in range(100):
            time.sleep(NAP)
            yield b" "

    async def __aiter__(self) -> AsyncIterator[bytes]:  # noqa: D105 - the parts
        for _ in range(100):
            await asyncio.sleep(NAP)
            yield b" "


class Stream:
    """A stream and the backend that makes it; notes the time that each step is given."""

    def __init__(self) -> None:
        self.given: list[float | None] = []

    def step(self, *arguments: Any, **_options: Any) -> "Stream":  # noqa: ANN401 - whatever the step takes
        """Any step, whose time limit comes last."""
        self.given.append(arguments[-1])
        return self

    connect_tcp = connect_unix_socket = start_tls = read = write = close = sleep = step

    def get_extra_info(self, _info: str) -> None:
        """Nothing: there is no socket."""


@pytest.mark.parametrize("connect", [("connect_tcp", "host", 80), ("connect_unix_socket", "path")])
def test_stream_keeps_its_deadline_when_it_is_encrypted(connect: tuple[Any, ...]) -> None:
    """Each step of a stream, before and after TLS, has the time that its call has left."""
    own, transport = Stream(), httpx2.HTTPTransport(verify=False)
    vars(vars(transport)["_pool"])["_network_backend"] = own
    with bounded(httpx2.Client(transport=transport)):
        backend = vars(vars(transport)["_pool"])["_network_backend"]
    name, *place = connect
    soon = Limit(90)
    soon.until = time.monotonic() + 50
    stream = getattr(backend, name)(*place, soon).start_tls(ssl.create_default_context(), "host", soon)
    stream.write(b"a" * 20_000, soon)
    stream.read(1, soon)
    assert [pytest.approx(50, abs=20)] * 5 == own.given
    stream.read(1, 30)
    stream.read(1, None)
    assert [30, None] == own.given[5:]
    soon.until = time.monotonic()
    with pytest.raises(TimeoutError, match="the time is up"):
        stream.read(1, soon)


def test_client_that_keeps_its_transport_elsewhere_is_left_alone() -> None:
    """Where httpx2 does not keep what is looked for, the client is as it was."""
    with httpx2.Client(transport=httpx2.MockTransport(lambda _: httpx2.Response(200))) as client:
        before = dict(vars(client))
        assert client is bounded(client)
        assert before == vars(client)
    stranger: Any = Stream()
    assert stranger is bounded(stranger)
