"""A request goes out as it was written, and its response or the exact reason why there is none comes back."""

import errno
import socket
import ssl
import time

import httpcore2
import pytest

from conformance.requests.request import Request
from conformance.selftest.scripted_server import (
    Received,
    ScriptedServer,
    always,
    hang,
    listen,
    refuse_connections,
    response,
)
from conformance.selftest.waiting import LONGEST, wait_until
from conformance.transport.exchange import LARGEST_BODY, Response
from conformance.transport.h11_transport import H11Transport, reason
from conformance.transport.transport import NoResponse

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
COMMON = {"User-Agent": "suite", "accept": "application/json"}


def send(
    url: str,
    *,
    method: str = "PATCH",
    headers: tuple[tuple[str, bytes], ...] = (),
    content: bytes = b"{}",
    proxy: str | None = None,
    seconds: float = LONGEST,
) -> Response:
    """The response to one request, which may take so many seconds."""
    transport = H11Transport(COMMON, seconds, proxy)
    try:
        return transport.send(Request(method, url, headers, content))
    finally:
        transport.close()


def verification_error() -> ssl.SSLCertVerificationError:
    """What a certificate that is not trusted raises."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


def test_transport_sends_what_was_written() -> None:
    """Path, query, headers and content go out as they are, and with them the headers that all have."""
    with ScriptedServer(NO_CONTENT) as server:
        headers = (("x-api-key", "cc_ü".encode()), ("Accept", b"text/html"), ("content-length", b"2"))
        url = f"{server.url}/v2/%2F/ü?a=b%20c&a=ü"
        assert send(url, headers=headers, content=b"\x00\xff").status == 204
    head, _, content = server.requests[0].partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    assert first == b"PATCH /v2/%2F/%C3%BC?a=b%20c&a=%C3%BC HTTP/1.1"
    assert {line.lower() for line in rest} == {
        f"host: {server.authority}".encode(),
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
    with ScriptedServer(NO_CONTENT) as server:
        send(server.url, method=method, content=b"")
    assert (b"content-length: 0" in server.requests[0].lower()) is length


def test_transport_reads_the_whole_response() -> None:
    """Names of headers are in lower case, bytes beyond ASCII are kept, and a redirection is not followed."""
    with ScriptedServer(response(301, b"abc", "Location: /else", "X-Name: \xfc")) as server:
        began = time.perf_counter()
        got = send(server.url)
        took = time.perf_counter() - began
    assert (got.status, got.content, got.header("location")) == (301, b"abc", "/else")
    assert dict(got.headers)["x-name"] == "\xfc"
    assert 0 < got.seconds < took


def test_transport_reaches_a_host_by_its_ipv6_address() -> None:
    """The address stands in brackets in the `host` header."""
    try:
        with ScriptedServer(NO_CONTENT, host="::1") as server:
            assert send(server.url).status == 204
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert server.authority.startswith("[::1]:")
    assert f"host: {server.authority}".encode() in server.requests[0].lower()


HTTP2_SETTINGS = bytes.fromhex("000000040000000000")
TLS_ALERT = bytes.fromhex("15030300020228")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"SSH-2.0-\x1b[2J\r\n", "not HTTP/1.1: the target sent 'SSH-2.0-\\x1b[2J\\r\\n'"),
        (HTTP2_SETTINGS, "not HTTP/1.1: the target sent HTTP/2"),
        (TLS_ALERT, "not HTTP/1.1: the target sent TLS; is its address https?"),
        (b"HTTP/1.1 OK\r\n\r\n", "not HTTP/1.1: illegal status line: HTTP/1.1 OK"),
        (b"HTTP/1.1 099 X\r\n\r\n", "not HTTP/1.1: the status code is less than 100"),
        (b"HTTP/3.0 200 OK\r\n\r\n", "not HTTP/1.1: the version is 3.0"),
        (b"HTTP/1.1 101 X\r\n\r\n", "not HTTP/1.1: the target switched to another protocol"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 150_000, "not HTTP/1.1: more than 100 KiB of headers"),
        (b"HTTP/1.1 200 OK\r\na b: c\r\n\r\n", "not HTTP/1.1: illegal header line: a b: c"),
        (b"", "the connection was closed before a response came"),
        (b"HTTP/1.1 200 OK\r\n", "the connection was closed before a response came"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na",
            "the connection was closed before the response ended",
        ),
    ],
    ids=[
        "ssh",
        "http2",
        "tls",
        "status line",
        "status code",
        "version",
        "switch",
        "long header",
        "header",
        "nothing",
        "half a head",
        "half a body",
    ],
)
def test_transport_says_what_came_in_place_of_a_response(sent: bytes, reason: str) -> None:
    """What is not HTTP/1.1 is named, and so is a connection that ends early."""
    with ScriptedServer(sent) as server, pytest.raises(NoResponse) as error:
        send(server.url)
    assert str(error.value) == reason
    assert error.value.may_have_arrived is ("closed" in reason)


def test_transport_says_why_there_is_no_connection() -> None:
    """A slow target, one that does not listen, and one with a bad name each have their own reason."""
    with (
        hang() as url,
        pytest.raises(NoResponse, match=r"^timed out after 0\.5 s: no complete response$") as slow,
    ):
        send(url, seconds=0.5)
    assert (slow.value.timed_out, slow.value.may_have_arrived) == (True, False)
    with refuse_connections() as url, pytest.raises(NoResponse, match=r"^connection refused$") as refused:
        send(url)
    assert (refused.value.timed_out, refused.value.may_have_arrived) == (False, False)
    with pytest.raises(NoResponse, match="encoding with 'idna' codec failed"):
        send(f"http://{'a' * 64}.test/")
    with listen(always(204)) as url, pytest.raises(NoResponse, match=r"^TLS failed: wrong version number"):
        send(url.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (verification_error(), "certificate verify failed: self-signed certificate"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "TLS failed: "),
        (
            ssl.SSLError(1, "[SSL: TLSV1_ALERT_NO_APPLICATION_PROTOCOL] tlsv1 alert no application protocol"),
            "not HTTP/1.1: the target refused that protocol in TLS",
        ),
        (socket.gaierror(-2, "Name or service not known"), "the host name was not found: Name or service"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "network is unreachable"),
        (ConnectionResetError(104, "reset by peer"), "the connection was reset"),
    ],
)
def test_reason_is_the_exact_cause(cause: Exception, words: str) -> None:
    """What the network said first is the reason, and not what a library made of it."""
    error = httpcore2.ConnectError(cause)
    error.__cause__ = cause
    assert reason(error).startswith(words)


def test_transport_stops_reading_an_endless_body() -> None:
    """A body is read up to the limit, and the next request gets a new connection."""

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")

    with ScriptedServer(endless, response(204, keep=True)) as server:
        transport = H11Transport(COMMON, LONGEST)
        request = Request("PATCH", server.url, (), b"{}")
        got = transport.send(request)
        assert (got.status, len(got.content), got.is_cut) == (200, LARGEST_BODY, True)
        assert transport.send(request).status == 204
        transport.close()
    assert server.connections == 2


def test_transport_reaches_names_below_localhost() -> None:
    """RFC 6761 has them all mean this machine, whatever the resolver knows."""
    with ScriptedServer(NO_CONTENT) as server:
        url = server.url.replace("127.0.0.1", "api.localhost")
        assert send(url).status == 204
    assert url.replace("http://", "host: ").encode() in server.requests[0].lower()


def test_transport_uses_a_proxy() -> None:
    """A request by a proxy names its server whole, and brings what the proxy wants to know of the user."""
    asked: list[tuple[str, str | None]] = []

    def respond(request: Received) -> tuple[int, str, bytes]:
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
    # The server closes the connection after a response that does not announce it.
    with ScriptedServer(NO_CONTENT if closes else response(204, keep=True)) as server:
        transport = H11Transport(COMMON, LONGEST)
        request = Request("PATCH", server.url, (), b"{}")
        assert transport.send(request).status == 204
        wait_until(lambda: not closes or server.has_closed_connections())
        assert transport.send(request).status == 204
        transport.close()
    assert server.connections == (2 if closes else 1)
