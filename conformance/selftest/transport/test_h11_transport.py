"""A request goes out as it was written, and what comes back is an answer or a reason for there being none."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.requests.request import Request
from conformance.selftest.servers import Handler, always, hang, listen, refuse_connections
from conformance.transport.exchange import Response
from conformance.transport.h11_transport import NoResponse, Transport

LENGTH = re.compile(rb"(?i)(content-length): (\d+)")
COMMON = {"User-Agent": "suite", "accept": "application/json"}


def send(
    url: str,
    *,
    method: str = "PATCH",
    headers: tuple[tuple[str, bytes], ...] = (),
    content: bytes = b"{}",
    proxy: str | None = None,
) -> Response:
    """The answer to one request."""
    transport = Transport(COMMON, 0.5, proxy)
    try:
        return transport.send(Request(method, url, headers, content))
    finally:
        transport.close()


@contextmanager
def recording(
    response: bytes = b"HTTP/1.1 204 No Content\r\n\r\n", host: str = "127.0.0.1"
) -> Iterator[tuple[int, bytearray]]:
    """The port of a server that answers one request, and the bytes that came."""
    received = bytearray()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:

        def answer_one() -> None:
            connection = listening.accept()[0]
            with connection:
                connection.settimeout(2)
                stream = connection.makefile("rb")
                received.extend(b"".join(iter(stream.readline, b"\r\n")) + b"\r\n")
                received.extend(stream.read(int(dict(LENGTH.findall(received)).get(b"content-length", 0))))
                connection.sendall(response)

        thread = threading.Thread(target=answer_one, daemon=True)
        thread.start()
        yield listening.getsockname()[1], received
        thread.join(2)


def test_transport_sends_what_was_written() -> None:
    """Path, query, headers and content go out as they are, and with them the headers that all have."""
    with recording() as (port, received):
        headers = (("x-api-key", "cc_ü".encode()), ("Accept", b"text/html"), ("content-length", b"2"))
        url = f"http://127.0.0.1:{port}/v2/%2F/ü?a=b%20c&a=ü"
        assert send(url, headers=headers, content=b"\x00\xff").status == 204
    head, _, content = bytes(received).partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    assert first == b"PATCH /v2/%2F/%C3%BC?a=b%20c&a=%C3%BC HTTP/1.1"
    assert {line.lower() for line in rest} == {
        f"host: 127.0.0.1:{port}".encode(),
        b"user-agent: suite",
        b"accept: text/html",
        b"x-api-key: cc_" + "ü".encode().lower(),
        b"content-length: 2",
    }
    assert content == b"\x00\xff"


@pytest.mark.parametrize(
    ("method", "length"), [("GET", False), ("PATCH", True), ("POST", True), ("DELETE", False)]
)
def test_transport_says_that_a_body_is_empty_where_one_is_expected(method: str, *, length: bool) -> None:
    """RFC 9110, 8.6: a method that means something by its content says that there is none."""
    with recording() as (port, received):
        send(f"http://127.0.0.1:{port}/", method=method, content=b"")
    assert (b"content-length: 0" in bytes(received).lower()) is length


def test_transport_reads_the_answer_whole() -> None:
    """Names of headers are in lower case, bytes beyond ASCII are kept, and a redirection is not followed."""
    response = b"HTTP/1.1 301 Moved\r\nLocation: /else\r\nX-Name: \xfc\r\nContent-Length: 3\r\n\r\nabc"
    with recording(response) as (port, _):
        got = send(f"http://127.0.0.1:{port}")
    assert (got.status, got.content, got.header("location")) == (301, b"abc", "/else")
    assert dict(got.headers)["x-name"] == "\xfc"
    assert 0 < got.seconds < 1


def test_transport_reaches_a_host_by_its_ipv6_address() -> None:
    """The address stands in brackets in the `host` header."""
    try:
        with recording(host="::1") as (port, received):
            assert send(f"http://[::1]:{port}/").status == 204
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert f"host: [::1]:{port}".encode() in bytes(received).lower()


def test_transport_tells_why_there_is_no_answer() -> None:
    """A target that is slow, one that is not there and one that does not speak HTTP are told apart."""
    with hang() as url, pytest.raises(NoResponse, match=r"ReadTimeout: (the time is up|timed out)") as slow:
        send(url)
    assert slow.value.timed_out
    with refuse_connections() as url, pytest.raises(NoResponse, match="ConnectError") as refused:
        send(url)
    assert not refused.value.timed_out
    with recording(b"not HTTP\r\n\r\n") as (port, _), pytest.raises(NoResponse, match="RemoteProtocolError"):
        send(f"http://127.0.0.1:{port}/")
    with pytest.raises(NoResponse, match="UnicodeError"):
        send(f"http://{'a' * 64}.test/")


def test_transport_uses_a_proxy() -> None:
    """A request by a proxy names its server whole, and brings what the proxy wants to know of the user."""
    asked: list[tuple[str, str | None]] = []

    def respond(request: Handler) -> tuple[int, str, bytes]:
        asked.append((request.path, request.headers["proxy-authorization"]))
        return always(204)(request) or (204, "", b"")

    with listen(respond) as url:
        send("http://elsewhere.test/v2?a=b", proxy=url.replace("//", "//me:p%40ss@"))
        send("http://elsewhere.test/v2", proxy=url)
    assert asked == [
        ("http://elsewhere.test/v2?a=b", "Basic bWU6cEBzcw=="),
        ("http://elsewhere.test/v2", None),
    ]


@pytest.mark.parametrize("closes", [False, True])
def test_transport_keeps_a_connection_until_the_target_closes_it(*, closes: bool) -> None:
    """Requests share a connection; one that was closed meanwhile is made anew, and none of them fails."""
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer_two() -> None:
            for _ in range(2):
                if closes or not connections:
                    connections.append(listening.accept()[0])
                connections[-1].recv(65536)
                connections[-1].sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                if closes:
                    connections[-1].close()

        thread = threading.Thread(target=answer_two, daemon=True)
        thread.start()
        transport = Transport(COMMON, 2)
        request = Request("PATCH", f"http://127.0.0.1:{listening.getsockname()[1]}", (), b"{}")
        assert transport.send(request).status == 204
        while closes and connections[0].fileno() != -1:
            time.sleep(0.01)
        assert transport.send(request).status == 204
        thread.join(2)
        transport.close()
    for connection in connections:
        connection.close()
    assert len(connections) == (2 if closes else 1)
