"""The mock returns a documented response to arbitrary requests, and does not hang or grow."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.document import JSON
from conformance.mock.server import (
    DEFAULT_ENROLLMENTS,
    DEFAULT_KEY,
    DEFAULT_RESTRICTED_KEY,
    Mock,
    Settings,
    serve,
)
from conformance.selftest.http_sender import CONTRACT, UPDATE, HTTPReply, connect, exchange_exactly, send

EXAMPLES = 60
PIECE = 0.05
"""How many seconds an incomplete request may take before the test goes on."""

KEY = CONTRACT.key_header
VALIDATORS = {
    status: CONTRACT.validator(response.schema)
    for status, response in UPDATE.responses.items()
    if response.schema is not None
}
CUSTOMER, CAMPAIGN = DEFAULT_ENROLLMENTS[0]
VALID = {"customerId": CUSTOMER, "campaignId": CAMPAIGN, "status": "completed"}

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=9), each, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from([*VALID, "__proto__", "customerid", ""])
OBJECTS = st.dictionaries(FIELDS, VALUES | st.sampled_from([*VALID.values(), "pending"]), max_size=4)
CONTENT = st.one_of(
    st.binary(max_size=60),
    OBJECTS.map(lambda value: json.dumps({**VALID, **value}).encode()),
    OBJECTS.map(lambda value: json.dumps(value).encode()),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]).map(lambda name: json.dumps(VALID).encode(name)),
    st.integers(1, 20_000).map(lambda levels: b"[" * levels + b"]" * levels),
)
# A field value has no control character except the tab (RFC 9110, 5.5).
FIELD_VALUES = st.binary(max_size=30).map(lambda value: bytes(c for c in value if c == 9 or 32 <= c != 127))
HEADERS = st.lists(
    st.one_of(
        st.tuples(
            st.just(KEY), st.sampled_from([DEFAULT_KEY, DEFAULT_RESTRICTED_KEY, "cc_x"]).map(str.encode)
        ),
        st.tuples(
            st.just("content-type"),
            st.sampled_from([JSON, f"{JSON}; charset=latin-1", "a/b"]).map(str.encode),
        ),
        st.tuples(
            st.just("prefer"), st.sampled_from(["code=418", "code=404", "example=x", '"']).map(str.encode)
        ),
        st.tuples(st.sampled_from([KEY, "content-type", "prefer", "accept", "cookie", "x"]), FIELD_VALUES),
        st.tuples(st.from_regex(r"[A-Za-z][A-Za-z-]{0,12}", fullmatch=True), FIELD_VALUES),
    ),
    max_size=4,
)
HANDLED = {"connection", "content-length", "expect", "host", "te", "transfer-encoding", "upgrade"}
METHODS = st.sampled_from([UPDATE.method] * 6 + ["GET", "HEAD", "OPTIONS", "POST", "TRACE", "patch"])
TOKENS = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", fullmatch=True).filter(
    lambda name: name != "CONNECT"
)
TARGETS = st.one_of(
    *[st.just(UPDATE.path)] * 3,
    st.sampled_from(
        [UPDATE.path + "?a=b&c", UPDATE.path + "/", UPDATE.path.upper(), "/", "*", "//a", "http://a/b"]
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30).map(lambda text: f"/{text}"),
)
Request = tuple[str, str, list[tuple[str, bytes]], bytes | None]
"""Method, target, headers and content."""
REQUESTS = st.tuples(METHODS | TOKENS, TARGETS, HEADERS, CONTENT | st.none())
HEAD = f"{UPDATE.method} {UPDATE.path} HTTP/1.1\r\nhost: a\r\n{KEY}: {DEFAULT_KEY}\r\n"
WHOLE = f"{HEAD}content-length: {len(json.dumps(VALID))}\r\n\r\n{json.dumps(VALID)}".encode()


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    """A mock without a limit and without a log."""
    with serve(Settings(rate=None, keeps_log=False)) as served:
        yield served


def assert_documented(reply: HTTPReply, method: str, prefer: bool = False) -> None:  # noqa: FBT001, FBT002 - one fact of a request
    """Check that a response is documented, or is the response of RFC 9110 to a method that the path lacks."""
    if reply.status in {204, 405}:
        assert method != UPDATE.method
        assert UPDATE.method in reply.headers["allow"]
    else:
        assert reply.status in VALIDATORS
        assert prefer or reply.status < 429
    if method == "HEAD" or reply.status == 204:
        assert reply.content == b""
    else:
        assert reply.headers["content-type"] == JSON
        assert len(reply.content) < 10_000
        VALIDATORS.get(reply.status, VALIDATORS[404]).validate(reply.body)
    assert DEFAULT_KEY.encode() not in reply.content + repr(reply.headers).encode()


def assert_is_http(received: bytes) -> None:
    """Check that bytes are the beginning of a documented response, or nothing."""
    assert received == b"" or received.startswith(b"HTTP/1.1 ")
    assert not received.startswith((b"HTTP/1.1 1", b"HTTP/1.1 3", b"HTTP/1.1 5"))


def assert_request_gets_a_documented_response(url: str, request: Request) -> None:
    """Send a request to a mock, and check that its response is documented."""
    method, target, headers, content = request
    sent = [(name, value) for name, value in headers if name.lower() not in HANDLED]
    reply = exchange_exactly(url, method, target, sent, content)
    assert_documented(reply, method, prefer=any(name.lower() == "prefer" for name, _ in sent))


def replies_to(url: str, sent: bytes, patience: float = PIECE) -> bytes:
    """The bytes that a mock sends until it ends the connection or waits for more bytes."""
    received = b""
    with (
        connect(url) as connection,
        # The mock waits for the rest of a request, or ends the connection without reading the rest.
        contextlib.suppress(TimeoutError, ConnectionError),
    ):
        connection.sendall(sent)
        connection.settimeout(patience)
        while piece := connection.recv(65536):
            received += piece
    return received


def mutated(data: st.DataObject) -> bytes:
    """Bytes that are similar to HTTP requests."""
    if data.draw(st.integers(0, 4)) == 0:
        return data.draw(st.binary(max_size=200))
    content = bytearray(WHOLE * data.draw(st.integers(1, 3)))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        noise = st.sampled_from(
            [b"\r\n", b"\n", b"\0", b":", b" ", b"transfer-encoding: chunked\r\n", b"\r\n\r\n"]
        )
        content[start : start + data.draw(st.integers(0, 8))] = data.draw(noise | st.binary(max_size=8))
    return bytes(content)


def resident() -> int:
    """The kilobytes of memory that this process uses."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


@settings(max_examples=EXAMPLES)
@given(request=REQUESTS)
def test_an_arbitrary_request_gets_a_documented_response(mock: Mock, request: Request) -> None:
    """For every method, target, header and body, the response is documented."""
    assert_request_gets_a_documented_response(mock.url, request)


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_arbitrary_bytes_get_a_documented_response_or_none(mock: Mock, data: st.DataObject) -> None:
    """For arbitrary bytes, the mock sends HTTP or nothing, and it serves the next connection."""
    assert_is_http(replies_to(mock.url, mutated(data)))
    assert send(mock, VALID).status == 200


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the size of a process is read from /proc")
def test_many_requests_do_not_grow_the_mock(mock: Mock) -> None:
    """A thousand requests with different keys, paths and ids do not make the process larger."""

    def many(first: int) -> None:
        for number in range(first, first + 1000):
            body = {**VALID, "customerId": f"5f0c954e-3a7b-4d5c-9e0f-{number:012d}"}
            headers = {KEY: f"cc_{number}" if number % 2 else DEFAULT_KEY, f"x-{number}": "y" * 1000}
            send(mock, body, path=UPDATE.path if number % 3 else f"/{number}", headers=headers)

    many(0)
    before = resident()
    many(1000)
    assert resident() - before < 4000
