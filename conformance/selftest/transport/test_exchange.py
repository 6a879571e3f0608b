"""A request is written, told as a curl line, and its answer described."""

import json
import subprocess
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case

from conformance.contract.document import load
from conformance.requests.cases import RESTRICTED, Cases
from conformance.requests.classify import UPDATE
from conformance.requests.request import NO_JSON, Request, read_json, write_request
from conformance.transport.exchange import Response, curl, describe
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target

CONTRACT = load()
OPERATION = CONTRACT.operations[UPDATE]
TARGET = Target(url="http://127.0.0.1:1", key="cc_Full+Key/1", restricted_key="cc_restricted'key")
PATCH = schemathesis.openapi.from_dict(dict(CONTRACT.raw))[OPERATION.path][OPERATION.method]
CASES = Cases(PATCH, CONTRACT, TARGET.access, "exchanges")


def written(case: Case[Any]) -> Request:
    """The request of a case."""
    return write_request(case, TARGET.url)


def line(request: Request) -> str:
    """The curl line of a request."""
    return curl(request, TARGET, CONTRACT.key_header)


def run(text: str) -> tuple[list[str], bytes]:
    """What a shell gives curl for a line: the arguments, and the bytes of its standard input."""
    stand_in = "curl() { for word; do case $word in @-) cat >&2;; esac; printf '%s\\0' \"$word\"; done; }; "
    keys = {KEY_VARIABLE: TARGET.key, RESTRICTED_KEY_VARIABLE: TARGET.restricted_key or ""}
    done = subprocess.run(["bash", "-c", stand_in + text], env=keys, capture_output=True, check=True)
    return [word.decode("utf-8", "surrogateescape") for word in done.stdout.split(b"\0")[:-1]], done.stderr


def test_request_of_a_value_is_json() -> None:
    """A body that is a value is sent as JSON in UTF-8, with its media type."""
    body = {"customerId": "ü", "status": None}
    request = written(CASES.update(body, query={"a b": "c&d"}))
    assert json.loads(request.content) == body
    assert "ü".encode() in request.content
    assert dict(request.headers) == {
        CONTRACT.key_header: TARGET.key.encode(),
        "content-type": b"application/json",
    }
    assert (request.method, request.url) == ("PATCH", f"{TARGET.url}{OPERATION.path}?a%20b=c%26d")


def test_request_of_bytes_is_sent_as_it_is() -> None:
    """A body of bytes is not changed, and may have any media type."""
    request = written(CASES.update(b"\xff\x00", media_type="text/plain", key=b"cc_\xfc"))
    assert request.content == b"\xff\x00"
    assert dict(request.headers) == {CONTRACT.key_header: b"cc_\xfc", "content-type": b"text/plain"}


def test_request_without_a_body_has_no_media_type() -> None:
    """A case without a body has neither content nor a media type."""
    case = PATCH.Case()
    assert (written(case).content, written(case).headers) == (b"", ())


def test_request_keeps_the_media_type_of_its_headers() -> None:
    """A media type among the headers is the only one."""
    request = written(CASES.update(headers={"Content-Type": "text/css"}))
    assert [value for name, value in request.headers if name.lower() == "content-type"] == [b"text/css"]


def test_request_shows_no_header_in_its_repr() -> None:
    """What a traceback prints of a request has no key in it."""
    assert TARGET.key not in repr(written(CASES.update()))


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"a": "it\'s"}',
        b"@file",
        b"-x",
        b"$HOME `id` \\ ! %s",
        b"\x00\xff\n\r\t'%\\-7",
        b"-\x01",
        "\u00fc \u0663".encode(),
        b"\xef\xbb\xbf{}",
        b"x" * 500,
    ],
)
def test_curl_line_sends_the_same_body(body: bytes) -> None:
    """A shell that runs the line gives curl the bytes of the body, whatever they are."""
    words, piped = run(line(written(CASES.update(body))))
    sent = piped if words[-2] == "@-" else words[-2].encode("utf-8", "surrogateescape")
    assert sent == body
    assert words[-3] == ("--data-binary" if words[-2] == "@-" else "--data-raw")


@given(body=st.binary(min_size=1, max_size=40))
def test_curl_line_is_one_command(body: bytes) -> None:
    """The line of any body is printable text without a line end."""
    assert line(written(CASES.update(body))).isprintable()


def test_curl_line_sends_the_same_request() -> None:
    """Method, headers and address come out of the line as they went in, the key from the environment."""
    for key, value in ((RESTRICTED, TARGET.restricted_key), (None, None), ("cc_it's", "cc_it's")):
        request = written(CASES.update(b"{}", key=key, headers={"prefer": 'code="200"'}, query={"q": "a'b"}))
        words, _ = run(line(request))
        assert words[:2] == ["-X", "PATCH"]
        headers = [words[index + 1] for index, word in enumerate(words) if word == "-H"]
        expected = [
            'prefer: code="200"',
            *([f"x-api-key: {value}"] if value else []),
            "content-type: application/json",
        ]
        assert headers == expected
        assert words[-1] == request.url
    words, _ = run(line(written(CASES.update(b"{}"))))
    assert f"x-api-key: {TARGET.key}" in words


def test_curl_line_sends_an_empty_header() -> None:
    """A header without a value is written as curl wants it, and not left out."""
    words, piped = run(line(written(CASES.update(b"", key=""))))
    assert words == [
        "-X",
        "PATCH",
        "-H",
        "x-api-key;",
        "-H",
        "content-type: application/json",
        written(CASES.update()).url,
    ]
    assert piped == b""


def test_curl_line_carries_header_bytes() -> None:
    """A header that is not UTF-8 comes out byte by byte."""
    words, _ = run(line(written(CASES.update(b"{}", key=b"cc_\xfc'"))))
    assert "x-api-key: cc_\udcfc'" in words


def test_curl_line_says_that_a_body_is_cut_short() -> None:
    """A very long body is not written out, and the line says so."""
    text = line(written(CASES.update(b"x" * 5000)))
    assert text.endswith("  # 400 of 5000 bytes")
    assert len(text) < 700


@pytest.mark.parametrize("key", [TARGET.key, TARGET.restricted_key or ""], ids=["full", "restricted"])
def test_curl_line_has_no_key(key: str) -> None:
    """No part of the line has a key, nor one that was cut short."""
    requests = [
        written(CASES.update(key=key)),
        written(CASES.update(key=key[:-1])),
        written(CASES.update(key=f"{key},{key}")),
        written(CASES.update(key=None, query={"x-api-key": key}, headers={"authorization": f"Bearer {key}"})),
        written(CASES.update({"customerId": key})),
        written(CASES.update(b"\x00" + key.encode())),
    ]
    for request in requests:
        assert "key" not in line(request).replace("x-api-key", "").lower().replace("_key", "")


def response(content: bytes, media_type: str | None = "application/json; charset=utf-8") -> Response:
    """A 404 with some content."""
    return Response(404, (("content-type", media_type),) if media_type else (), content, 0.0)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"null", None),
        (b' {"a": [1.5]} ', {"a": [1.5]}),
        (b"", NO_JSON),
        (b"{", NO_JSON),
        (b"NaN", NO_JSON),
        (b"[Infinity]", NO_JSON),
        (b'"\xff"', NO_JSON),
        (b"\xef\xbb\xbf{}", NO_JSON),
        (b"[" * 100_000, NO_JSON),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_answer_body_is_its_json_value(content: bytes, value: object) -> None:
    """A body is read as RFC 8259 has it, or it is no JSON."""
    assert value == read_json(content)
    assert value == response(content).body
    assert repr(NO_JSON) == "NO_JSON"


def test_answer_code_is_a_string_of_the_body() -> None:
    """A code that is no string, or in a body that is no object, is none."""
    contents = [b'{"code": "X"}', b'{"code": 1}', b"{}", b"[]", b"<html>"]
    assert [response(content).code for content in contents] == ["X", None, None, None, None]


def test_answer_is_described_in_a_line() -> None:
    """A description has status and body, and the media type where it is not JSON."""
    assert describe(response(b"{}"), TARGET) == "404 {}"
    assert describe(response(b"", None), TARGET) == "404 (no media type) (no body)"
    assert describe(response(b"<p>\xff", "text/html"), TARGET) == "404 (text/html) <p>\\xff"


def test_answer_is_described_without_a_key() -> None:
    """A key is masked in body and media type, also where the description is cut short in its middle."""
    told = describe(response(b"x" * 395 + TARGET.key.encode() + b"y" * 99, f"text/{TARGET.key}"), TARGET)
    assert told.startswith("404 (text/[masked]) xxx")
    assert told.endswith("\u2026 (507 bytes)")
    assert "cc_" not in told
