"""A request is shown as a curl line that sends it again, and has no key."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case

from conformance.contract.document import load
from conformance.requests.cases import RESTRICTED, Cases
from conformance.requests.request import Request, write_request
from conformance.requests.request_class import UPDATE
from conformance.transport.curl import attachment, curl
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target

CONTRACT = load()
OPERATION = CONTRACT.operations[UPDATE]
TARGET = Target(url="http://127.0.0.1:1", key="cc_Full+Key/1", restricted_key="cc_restricted'key")
USUAL = Target(url=TARGET.url, key="cc_mock_8Jt2vQx5LmR7", restricted_key="cc_mock_3Wn9Bq7Xk2Zp")
"""A target whose keys have the characters of the vendor's keys, which no URL and no JSON escapes."""
PATCH = schemathesis.openapi.from_dict(dict(CONTRACT.raw))[OPERATION.path][OPERATION.method]
CASES = Cases(PATCH, CONTRACT, TARGET.access, "exchanges")


def written(case: Case[Any]) -> Request:
    """The request of a case."""
    return write_request(case, TARGET.url)


def line(request: Request) -> str:
    """The curl line of a request."""
    return curl(request, TARGET)


def run(text: str, target: Target = TARGET) -> tuple[list[str], bytes]:
    """What a shell gives curl for a line: the arguments, and the bytes of its standard input."""
    stand_in = "curl() { for word; do case $word in @-) cat >&2;; esac; printf '%s\\0' \"$word\"; done; }; "
    keys = {KEY_VARIABLE: target.key, RESTRICTED_KEY_VARIABLE: target.restricted_key or ""}
    environment = {"PATH": os.environ["PATH"], **keys}
    done = subprocess.run(["bash", "-c", stand_in + text], env=environment, capture_output=True, check=True)
    return [word.decode("utf-8", "surrogateescape") for word in done.stdout.split(b"\0")[:-1]], done.stderr


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


def test_curl_line_names_the_file_of_a_long_body() -> None:
    """A body that is too long for a line is in a file beside the report, without keys."""
    request = written(CASES.update(b"x" * 5000 + TARGET.key.encode()))
    found = attachment(request, TARGET)
    assert found is not None
    name, content = found
    assert b"x" * 5000 + b"[masked]" == content
    assert f" --data-binary @reports/{name} " in curl(request, TARGET, "reports")
    assert None is attachment(written(CASES.update(b"x" * 1600)), TARGET)


def test_curl_line_adds_no_media_type() -> None:
    """Curl is kept from adding a media type to a body that was sent without one."""
    request = replace(written(CASES.update(b"{}")), headers=())
    words, _ = run(line(request))
    assert words[:4] == ["-X", "PATCH", "-H", "content-type:"]


def test_curl_line_sends_the_path_as_it_is() -> None:
    """Curl is kept from reading brackets and dots in a path, and from waiting for the body of a HEAD."""
    request = written(CASES.update(b"{}"))
    words, _ = run(line(replace(request, url=f"{request.url}/../[a]{{b}}", method="HEAD")))
    assert words[:3] == ["--head", "--globoff", "--path-as-is"]


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1],
        lambda key: f"{key}0",
        lambda key: f"{key}-",
        lambda key: key.swapcase(),
        lambda key: key[:3] + key[3:].swapcase(),
        lambda key: key[3:],
        lambda key: f"{key},{key}",
        lambda key: f"cc_other, {key}",
        lambda key: f"Bearer {key}",
    ],
)
def test_curl_line_sends_a_changed_key(change: Callable[[str], str]) -> None:
    """A key that the suite changed comes from the variable of the key, changed in the same way."""
    changed = change(USUAL.key)
    text = curl(written(CASES.update(b"{}", key=changed)), USUAL)
    assert f"x-api-key: {changed}" in run(text, USUAL)[0]
    assert USUAL.mask(text) == text


@pytest.mark.parametrize("key", [USUAL.key, USUAL.restricted_key or ""], ids=["full", "restricted"])
@pytest.mark.parametrize("body", [b'{"a": "it\'s %s"}', b"\x00%s\n"], ids=["text", "bytes"])
def test_curl_line_sends_keys_in_other_places(key: str, body: bytes) -> None:
    """A key in the query, in other headers and in the body comes from its variable."""
    content = body.replace(b"%s", key.encode())
    headers = {"authorization": f"Bearer {key}", "cookie": f"x-api-key={key}"}
    request = written(CASES.update(content, key=None, query={"x-api-key": key}, headers=headers))
    text = curl(request, USUAL)
    assert USUAL.mask(text) == text
    words, piped = run(text, USUAL)
    assert words[-1] == request.url
    assert {f"{name}: {value}" for name, value in headers.items()} <= set(words)
    assert content == (piped if words[-2] == "@-" else words[-2].encode())


def test_curl_line_masks_no_text_that_is_like_a_short_key() -> None:
    """A key of a few characters is no reason to change other texts of the line."""
    target = replace(USUAL, key="cc_a", restricted_key=None)
    words, _ = run(curl(written(CASES.update(b'{"a": "cc_b"}')), target), target)
    assert '{"a": "cc_b"}' in words


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


def test_curl_line_names_the_variables_of_more_headers() -> None:
    """A header of `--header` comes from its variable as well."""
    target = replace(TARGET, headers=(("Authorization", "Bearer of-the-gateway"),))
    text = curl(written(CASES.update()), target)
    assert '-H "Authorization: $CARECYCLE_HEADER_AUTHORIZATION"' in text
    assert "of-the-gateway" not in text
