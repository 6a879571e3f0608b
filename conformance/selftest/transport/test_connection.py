"""One connection: its steps end in time, a request goes out at once, and a response is read whole."""

import itertools
from urllib.parse import urlsplit

import h11
import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.transport.connection import (
    BrokenConnectionError,
    Connection,
    Deadline,
    NotHttpError,
    Proxy,
    connect,
)
from conformance.transport.tls import Tls

REQUEST = h11.Request(method="PATCH", target="/", headers=[("host", "x"), ("content-length", "2")])
SENT = b"PATCH / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
CONNECT = b"CONNECT [::1]:443 HTTP/1.1\r\nhost: [::1]:443\r\nproxy-authorization: Basic bWU6cEBzcw==\r\n\r\n"
CONNECTED = b"HTTP/1.1 200 Connected\r\n\r\n"


class Steps(httpcore2.NetworkStream):
    """A stream that notes its steps and their limits, and reads what it is given."""

    def __init__(self, *answers: bytes, is_deaf: bool = False) -> None:
        """Begin with no step."""
        self.names: list[str] = []
        self.limits: list[float | None] = []
        self._answers = [*answers]
        self._is_deaf = is_deaf

    def note(self, name: str, timeout: float | None) -> "Steps":
        """Note a step."""
        self.names.append(name)
        self.limits.append(timeout)
        return self

    def connect(self, host: str, port: int, timeout: float | None = None) -> httpcore2.NetworkStream:
        """The stream itself."""
        return self.note(f"connect {host}:{port}", timeout)

    def start_tls(  # noqa: D102 - a step
        self, ssl_context: object, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        mode = getattr(ssl_context, "verify_mode").name  # noqa: B009 - a context of any library
        return self.note(f"tls {server_hostname} {mode}", timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, D102 - a step
        self.note("read", timeout)
        return self._answers.pop(0)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: D102 - a step
        self.note(f"write {buffer!r}", timeout)
        if self._is_deaf:
            raise httpcore2.WriteError("broken pipe")

    def close(self) -> None:  # noqa: D102 - a step
        self.names.append("close")


def open_(steps: Steps, monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None, seconds: float) -> None:
    """Connect to a URL, by these steps."""
    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", steps.connect)
    connect(urlsplit(url), Proxy(proxy) if proxy else None, Deadline(seconds), Tls().context)


@pytest.mark.parametrize(
    ("url", "proxy", "expected"),
    [
        ("http://host/x", None, ["connect host:80"]),
        ("https://host/x", None, ["connect host:443", "tls host CERT_REQUIRED"]),
        ("https://[::1]:8443/x", None, ["connect ::1:8443", "tls ::1 CERT_REQUIRED"]),
        ("http://host/x", "http://proxy:3128", ["connect proxy:3128"]),
        ("http://host/x", "https://proxy", ["connect proxy:443", "tls proxy CERT_REQUIRED"]),
        (
            "https://[::1]/x",
            "http://me:p%40ss@proxy:3128",
            [
                "connect proxy:3128",
                f"write {CONNECT!r}",
                "read",
                "tls ::1 CERT_REQUIRED",
            ],
        ),
    ],
)
def test_connection_is_made_to_the_host_or_by_the_proxy(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None, expected: list[str]
) -> None:
    """The CONNECT to a proxy names only the host and port; each step may take the time that is left."""
    steps, ticks = Steps(CONNECTED), itertools.count(0, 0.25)
    monkeypatch.setattr("conformance.transport.connection.monotonic", lambda: next(ticks))
    open_(steps, monkeypatch, url, proxy, 5)
    assert steps.names == expected
    left = [limit or 0.0 for limit in steps.limits]
    assert left[0] == 4.75
    assert left == sorted(set(left), reverse=True)


def test_connection_by_a_proxy_that_refuses_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the proxy returns is the reason, and the connection is closed."""
    steps = Steps(b"HTTP/1.1 407 Who are you\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(httpcore2.ProxyError, match="the proxy returned 407"):
        open_(steps, monkeypatch, "https://host", "http://proxy:1", 5)
    assert steps.names[-1] == "close"


@pytest.mark.parametrize("is_deaf", [False, True])
def test_connection_sends_a_request_at_once(*, is_deaf: bool) -> None:
    """A request goes out in one piece; a response is read even if the request could not be sent whole."""
    steps = Steps(NO_CONTENT, is_deaf=is_deaf)
    received = Connection(steps).exchange(REQUEST, b"{}", Deadline(5))
    assert (received.head.status_code, received.content, received.is_cut) == (204, b"", False)
    assert steps.names == [f"write {SENT!r}", "read"]


def test_connection_ends_what_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the time of the whole no step begins, though each was short."""
    now = 0.0
    monkeypatch.setattr("conformance.transport.connection.monotonic", lambda: now)
    steps = Steps(b"HTTP/1.1 200", b" OK\r\n", NO_CONTENT)
    deadline = Deadline(0.1)
    read = steps.read

    def slow(max_bytes: int, timeout: float | None = None) -> bytes:
        nonlocal now
        now += 0.06
        return read(max_bytes, timeout)

    steps.read = slow  # type: ignore[method-assign]  # for this one
    with pytest.raises(httpcore2.ReadTimeout, match="the time is up"):
        Connection(steps).exchange(REQUEST, b"{}", deadline)
    assert steps.names == [f"write {SENT!r}", "read", "read"]


@pytest.mark.parametrize(
    ("answers", "content", "is_kept"),
    [
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\n\r\n", NO_CONTENT], b"", True),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na", b"bc"], b"abc", True),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\na"], b"a", False),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"], b"ab", True),
        ([b"HTTP/1.0 200 OK\r\n\r\na", b"b", b""], b"ab", False),
        ([NO_CONTENT + b"{}"], b"", False),
    ],
    ids=["informational", "length", "close", "chunked", "to the end", "more than was told"],
)
def test_connection_reads_the_answer_whole(answers: list[bytes], content: bytes, *, is_kept: bool) -> None:
    """Each way to mark a body's end is read; the connection is kept unless the target says otherwise."""
    connection = Connection(Steps(*answers))
    assert connection.exchange(REQUEST, b"{}", Deadline(5)).content == content
    assert connection.is_usable() is is_kept


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        ([b""], BrokenConnectionError, "before a response came"),
        ([b"HTTP/1.1 200 OK\r\n", b""], BrokenConnectionError, "before a response came"),
        (
            [b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na", b""],
            BrokenConnectionError,
            "before the response ended",
        ),
        ([b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000], NotHttpError, "more than 100 KiB"),
        ([b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"], NotHttpError, "illegal"),
        ([b"H", b"TTP", b"2"], NotHttpError, "no status line"),
    ],
    ids=["nothing", "half a head", "half a body", "large head", "broken head", "no status line"],
)
def test_connection_takes_no_half_response(answers: list[bytes], error: type[Exception], words: str) -> None:
    """What ends too early, or is not HTTP, is no response, and the connection is not used again."""
    connection = Connection(Steps(*answers))
    with pytest.raises(error, match=words):
        connection.exchange(REQUEST, b"{}", Deadline(5))
    assert not connection.is_usable()


FRAGMENTS = [
    b"HTTP/1.1 ",
    b"200 OK\r\n",
    b"100 Continue\r\n\r\n",
    b"content-length: 2\r\n",
    b"content-length: -1\r\n",
    b"transfer-encoding: chunked\r\n",
    b"connection: upgrade\r\n",
    b"\r\n",
    b"2\r\n{}\r\n0\r\n\r\n",
    b"ffffffffffff\r\n",
    b"\x16\x03\x01",
    b"\0" * 9,
    b"x: y\r\n" * 9000,
]


@given(pieces=st.lists(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=9)).map(b"".join)))
def test_connection_reads_a_response_or_says_why_not(pieces: list[bytes]) -> None:
    """Whatever bytes come in whatever pieces, they are a response, no HTTP, or end too early."""
    connection = Connection(Steps(NO_CONTENT[:9], *pieces, b"", b""))
    try:
        found = str(connection.exchange(REQUEST, b"{}", Deadline(5)).head.status_code)
    except (NotHttpError, BrokenConnectionError) as error:
        found = str(error)
    assert found
    assert found.isdecimal() or not connection.is_usable()


def test_connection_that_switches_to_another_protocol_gives_no_response() -> None:
    """A switch is no response, also where the request allowed it."""
    headers = [("host", "x"), ("upgrade", "x"), ("connection", "upgrade")]
    request = h11.Request(method="GET", target="/", headers=headers)
    with pytest.raises(NotHttpError, match="switched to another protocol"):
        Connection(Steps(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n")).exchange(request, b"", Deadline(5))


def test_connection_is_not_kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may close one that was idle, just when the next request goes out."""
    monkeypatch.setattr("conformance.transport.connection.IDLE", 0.0)
    connection = Connection(Steps(NO_CONTENT))
    connection.exchange(REQUEST, b"{}", Deadline(5))
    assert not connection.is_usable()
