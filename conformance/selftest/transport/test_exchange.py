"""A response is read once, and described in one line that is safe to show."""

import gzip

import pytest

from conformance.contract.document import JSON
from conformance.requests.request import NO_JSON
from conformance.selftest.exchanges import TARGET
from conformance.transport.exchange import LARGEST_BODY, Response, describe

TYPED = f"{JSON}; charset=utf-8"


def response(
    content: bytes, media_type: str | None = TYPED, *, is_cut: bool = False, **headers: str
) -> Response:
    """A 404 with some content."""
    found = {"content-type": media_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Response(404, tuple((n, v) for n, v in found.items() if v is not None), content, 0.0, is_cut)


def test_response_body_is_its_json_value() -> None:
    """The value is read once; a body that was cut has none, even if its beginning is JSON."""
    whole = response(b' {"a": [1]} ')
    assert whole.body == {"a": [1]}
    assert whole.body is whole.body
    assert response(b"{}" + b" " * LARGEST_BODY, is_cut=True).body is NO_JSON


def test_response_code_is_a_string_of_the_body() -> None:
    """A code that is no string, or in a body that is no object, is none."""
    contents = [b'{"code": "X"}', b'{"code": 1}', b"{}", b"[]", b"<html>"]
    assert [response(content).code for content in contents] == ["X", None, None, None, None]


@pytest.mark.parametrize(
    ("made", "described"),
    [
        (response(b"{}"), "404 {}"),
        (response(b"", None), "404 (no media type) (no body)"),
        (response(b"<p>\xff", "text/html"), "404 (text/html) <p>\\xff"),
        (response(b"a\r\nb\x1b[2J"), "404 a\\r\\nb\\x1b[2J"),
        (response(b"x", "text/\x1b[2J\x07"), "404 (text/\\x1b[2J\\x07) x"),
        (response(b"\xef\xbb\xbf{}"), "404 (the body begins with a byte order mark) {}"),
        (
            response(gzip.compress(b"{}", mtime=0), content_encoding="gzip"),
            "404 (the body is gzip, which the request did not accept) (22 bytes of gzip)",
        ),
        (
            response(b"x", "text/html", content_encoding="br\n"),
            "404 (text/html; the body is br, which the request did not accept) (1 bytes of br)",
        ),
        (response(b"x" * 500), f"404 {'x' * 400}… (500 bytes)"),
        (
            response(b"x" * LARGEST_BODY, is_cut=True),
            f"404 (the body has more than 256 KiB, which were read) {'x' * 400}…",
        ),
    ],
)
def test_response_is_described_in_a_line(made: Response, described: str) -> None:
    """A description has the status, what is unusual, and the beginning of the body, all of it printable."""
    assert described == describe(made, TARGET)


def test_response_is_described_without_a_key() -> None:
    """A key is masked in body and media type, also where the description is cut in its middle."""
    made = response(b"x" * 395 + TARGET.key.encode() + b"y" * 99, f"text/{TARGET.key}")
    described = describe(made, TARGET)
    assert described.startswith("404 (text/[masked]) xxx")
    assert described.endswith("… (509 bytes)")
    assert "cc_" not in described
