"""The mock sends a documented response for whatever bytes arrive."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.document import JSON
from conformance.mock.app import MAX_BODY
from conformance.mock.server import Mock, Settings, serve
from conformance.selftest.http_sender import (
    CONTRACT,
    UPDATE,
    HTTPReply,
    connect,
    exchange,
    receive,
    send,
    update,
)

KEY = CONTRACT.key_header
VALIDATORS = {
    status: CONTRACT.validator(response.schema)
    for status, response in UPDATE.responses.items()
    if response.schema is not None
}

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
VALUES = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=8)
NAMES = st.sampled_from(["customerId", "campaignId", "status"])
JSON_BODIES = st.dictionaries(NAMES | st.text(), VALUES).map(json.dumps).map(str.encode)
BODIES = st.binary() | JSON_BODIES | VALUES.map(json.dumps).map(str.encode)
# HTTP forbids these bytes.
HEADER_VALUES = st.binary(max_size=50).map(lambda value: value.translate(None, delete=b"\0\r\n\v\f"))
HALF = f"{UPDATE.method} {UPDATE.path} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{{".encode()

HOSTILE = {
    "empty": (b"", 400),
    "spaces": (b" \n", 400),
    "cut off": (b'{"customerId": "', 400),
    "not UTF-8": (b'{"customerId": "\xff\xfe"}', 400),
    "UTF-16": ('{"status": "completed"}'.encode("utf-16"), 400),
    "byte order mark": (b"\xef\xbb\xbf{}", 400),
    "NaN": (b'{"status": NaN}', 400),
    "infinity": (b'{"status": -Infinity}', 400),
    "number beyond a float": (b'{"status": 1e99999}', 422),
    "integer beyond Python's limit": (b'{"status": -' + b"9" * 5000 + b"}", 422),
    "lone surrogate": (rb'{"customerId": "\ud800"}', 422),
    "lone surrogate as a name": (rb'{"\udfff": 1}', 422),
    "null character": (rb'{"customerId": "\u0000"}', 422),
    "repeated property": (b'{"status": "completed", "status": null}', 422),
    "deep list": (b"[" * 100_000 + b"]" * 100_000, 400),
    "deep object": (b'{"a":' * 100_000, 400),
    "wide list": (b"[" + b"0," * 200_000 + b"0]", 422),
    "long text": (b'{"customerId": "' + b"a" * 1_000_000 + b'"}', 422),
    "largest": (b" " * MAX_BODY, 400),
    "too large": (b" " * (MAX_BODY + 1), 400),
    "ten megabytes": (b"[" + b"0," * 5_000_000 + b"0]", 400),
}


def nested(opening: bytes, closing: bytes, levels: int) -> bytes:
    """A JSON value with this many levels."""
    return opening * (levels - 1) + (b"[]" if opening == b"[" else b"{}") + closing * (levels - 1)


def assert_documented(reply: HTTPReply) -> None:
    """Check that a response is documented, and no server error."""
    assert reply.status < 500
    assert reply.headers["content-type"] == JSON
    assert b"Traceback" not in reply.content
    assert len(reply.content) < 10_000
    VALIDATORS[reply.status].validate(reply.body)


@pytest.mark.parametrize(("content", "status"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_content_gets_a_documented_rejection(mock: Mock, content: bytes, status: int) -> None:
    """Content that exploits a weakness of parsers gets a documented rejection."""
    reply = send(mock, content)
    assert_documented(reply)
    assert status == reply.status


@pytest.mark.parametrize("levels", [255, 256, 900])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["list", "object"])
@pytest.mark.parametrize("name", ["customerId", "campaignId", "status"])
def test_a_deep_value_of_a_field_is_named(
    mock: Mock, name: str, opening: bytes, closing: bytes, levels: int
) -> None:
    """A field with a value of many levels is rejected like a field with a value of one level."""
    fields = {key: json.dumps(value).encode() for key, value in update(mock).items()}
    fields[name] = nested(opening, closing, levels)
    reply = send(mock, b"{" + b",".join(b'"%b":%b' % (key.encode(), fields[key]) for key in fields) + b"}")
    assert_documented(reply)
    assert (reply.status, [issue["path"] for issue in reply.body["errors"]]) == (422, [[name]])


def test_hostile_values_of_unknown_fields_are_ignored(mock: Mock) -> None:
    """A field that the contract lacks may have any value."""
    start = json.dumps(update(mock)).encode()[:-1]
    for value in (rb'"\ud800"', b"9" * 5000, b"1e99999", b"[" * 500 + b"]" * 500):
        reply = send(mock, start + b', "x": ' + value + b"}")
        assert (reply.status, reply.body["newStatus"]) == (200, "completed")


@settings(max_examples=200)
@given(content=BODIES)
def test_any_content_gets_a_documented_response(mock: Mock, content: bytes) -> None:
    """For arbitrary content, the response is documented."""
    assert_documented(send(mock, content))


@settings(max_examples=100)
@given(name=st.sampled_from([KEY, "content-type", "prefer", "accept", "x-other"]), value=HEADER_VALUES)
def test_any_header_value_gets_a_documented_response(mock: Mock, name: str, value: bytes) -> None:
    """For an arbitrary header value, the response is documented and contains no key."""
    reply = send(mock, update(mock), headers={name: value.decode("latin-1")})
    assert_documented(reply)
    assert mock.settings.key.encode() not in reply.content + repr(reply.headers).encode()


@settings(max_examples=100)
@given(path=st.binary(max_size=30), method=st.from_regex(r"[A-Z]{1,12}", fullmatch=True))
def test_any_path_and_method_get_a_response(mock: Mock, path: bytes, method: str) -> None:
    """For an arbitrary path or method, the mock sends the expected rejection."""
    sent = "/" + "".join(f"%{byte:02X}" for byte in path)
    assert send(mock, method=method, path=sent).status == 404
    assert send(mock, method=method).status in {200, 204, 400, 405}


@pytest.mark.parametrize("size", [1000, 100_000, 900_000])
def test_a_long_key_is_unauthorized(mock: Mock, size: int) -> None:
    """An unknown key of any length gets a 401."""
    reply = send(mock, update(mock), headers={KEY: "cc_" + "\xe9" * size})
    assert_documented(reply)
    assert reply.status == 401


def test_a_chunked_body_is_read(mock: Mock) -> None:
    """A body that is sent in chunks is read as one body."""
    content = json.dumps(update(mock)).encode()
    headers = {KEY: mock.settings.key, "content-type": JSON}
    pieces = iter([content[:10], content[10:]])
    assert 200 == exchange(mock.url, UPDATE.method, UPDATE.path, headers, pieces).status


@pytest.mark.parametrize(
    "sent",
    [
        b"\0\1\2\r\n\r\n",
        b"PATCH / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
        b"PATCH / HTTP/1.1\r\n\r\n",
        b"PATCH / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"PATCH /\xff HTTP/1.1\r\nhost: a\r\n\r\n",
        b"PATCH " + b"/" * 2_000_000 + b" HTTP/1.1\r\n\r\n",
        b"PATCH / HTTP/1.1\r\nhost: a\r\nx: " + b"x" * 2_000_000 + b"\r\n\r\n",
    ],
    ids=["noise", "length", "no host", "chunk", "target", "endless target", "endless header"],
)
def test_broken_http_is_a_bad_request(mock: Mock, sent: bytes) -> None:
    """Bytes that are not HTTP get the documented 400, and the connection ends."""
    with connect(mock.url) as connection:
        connection.sendall(sent)
        reply = receive(connection)
        assert_documented(reply)
        assert (reply.status, reply.headers["connection"]) == (400, "close")


def test_a_broken_head_request_gets_no_body(mock: Mock) -> None:
    """A HEAD request that is not HTTP is rejected without a body."""
    with connect(mock.url) as connection:
        connection.sendall(b"HEAD / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")
        head, content = connection.makefile("rb").read().split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/json" in head
    assert content == b""


@pytest.mark.parametrize("origin", ["http://x", "HTTPS://user@[::1]:80"])
def test_a_target_is_routed_by_its_path(mock: Mock, origin: str) -> None:
    """A target with a scheme and a host is routed by its path."""
    assert send(mock, update(mock), path=f"{origin}{UPDATE.path}?x=1").status == 200
    assert [send(mock, path=origin + path).status for path in ("", "/")] == [404, 404]
    assert mock.log[-2].path == mock.log[-1].path == "/"


def test_a_client_that_disconnects_does_not_change_the_mock(mock: Mock) -> None:
    """A connection that ends in the middle of a request leaves no trace in the mock."""
    seen = len(mock.log)
    with connect(mock.url) as connection:
        connection.sendall(HALF)
    assert send(mock, update(mock)).status == 200
    assert seen + 1 == len(mock.log)


def test_a_mock_stops_with_a_request_in_the_middle() -> None:
    """A mock that stops does not wait for the rest of a request."""
    with serve(Settings()) as mock:
        connection = connect(mock.url)
        connection.sendall(HALF)
        send(mock)
    with connection, contextlib.suppress(ConnectionResetError):
        assert connection.recv(1000) == b""
