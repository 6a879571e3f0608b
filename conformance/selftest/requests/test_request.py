"""A request is written from a case, and a body is read as JSON."""

import json
from typing import Any

import pytest
import schemathesis
from schemathesis import Case

from conformance.contract.document import load
from conformance.requests.access import Access
from conformance.requests.cases import Cases
from conformance.requests.request import NO_JSON, Request, read_json, write_request
from conformance.requests.request_class import UPDATE

CONTRACT = load()
OPERATION = CONTRACT.operations[UPDATE]
PATCH = schemathesis.openapi.from_dict(dict(CONTRACT.raw))[OPERATION.path][OPERATION.method]
ACCESS = Access(key="cc_Full+Key/1")
CASES = Cases(PATCH, CONTRACT, ACCESS, "requests")
URL = "http://127.0.0.1:1"


def written(case: Case[Any]) -> Request:
    """The request of a case."""
    return write_request(case, URL)


def test_request_of_a_value_is_json() -> None:
    """A body that is a JSON value is sent as JSON in UTF-8, with its media type."""
    body = {"customerId": "ü", "status": None}
    request = written(CASES.update(body, query={"a b": "c&d"}))
    assert json.loads(request.content) == body
    assert "ü".encode() in request.content
    assert dict(request.headers) == {
        CONTRACT.key_header: ACCESS.key.encode(),
        "content-type": b"application/json",
    }
    assert (request.method, request.url) == ("PATCH", f"{URL}{OPERATION.path}?a%20b=c%26d")


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
    """A media type among the headers replaces the default media type."""
    request = written(CASES.update(headers={"Content-Type": "text/css"}))
    assert [value for name, value in request.headers if name.lower() == "content-type"] == [b"text/css"]


def test_request_shows_no_header_in_its_repr() -> None:
    """The text of a request in a traceback does not contain the key."""
    assert ACCESS.key not in repr(written(CASES.update()))


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
        (b"1" * 10_000, int("1" * 1000)),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_json_value_of_a_body_follows_the_standard(content: bytes, value: object) -> None:
    """A body is read by the grammar of RFC 8259, or it is not JSON."""
    assert value == read_json(content)
    assert repr(NO_JSON) == "NO_JSON"
