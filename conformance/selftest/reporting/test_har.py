"""`traffic.har` has every exchange, without keys."""

import base64
import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from conformance.reporting import har
from conformance.reporting.har import IS_BASE64, Recorder, as_har
from conformance.requests.request import Request
from conformance.selftest.exchanges import CASES, CONTRACT, TARGET
from conformance.selftest.reporting.runs_made_up import SUMMARY
from conformance.transport.exchange import Exchange, Response


def written(entries: Sequence[str], requests: int = 1) -> str:
    """An archive of the entries of a run."""
    return as_har(dataclasses.replace(SUMMARY, traffic=entries, requests=requests))


def exchange(content: bytes = b"", response: Response | None = None, no_response: str = "") -> Exchange:
    """An exchange of a request with the full key."""
    headers = (("x-api-key", TARGET.key.encode()), ("content-type", b"application/json"))
    request = Request("PATCH", "http://127.0.0.1:1/v2/customers/campaign-status?a=b", headers, content)
    return Exchange(CASES.update(), request, response, no_response=no_response)


def archive(content: bytes, response: Response | None, no_response: str = "") -> Mapping[str, Any]:
    """The only entry of an archive of one exchange."""
    recorder = Recorder(CONTRACT, TARGET)
    recorder.record(exchange(content, response, no_response))
    found = json.loads(written(recorder.take()))
    assert [] == recorder.take()
    assert "1.2" == found["log"]["version"]
    (entry,) = found["log"]["entries"]
    return dict(entry)


def test_archive_names_the_variable_in_place_of_the_key() -> None:
    """A key of the target is named by its variable in headers, and masked in bodies."""
    response = Response(404, (("x-echo", TARGET.key),), f'{{"code": "{TARGET.key}"}}'.encode(), 0.5)
    entry = archive(f'{{"key": "{TARGET.key}"}}'.encode(), response)
    assert TARGET.key not in json.dumps(entry)
    assert {"name": "x-api-key", "value": "$CARECYCLE_API_KEY"} in entry["request"]["headers"]
    assert [{"name": "a", "value": "b"}] == entry["request"]["queryString"]
    assert (entry["response"]["status"], entry["time"]) == (404, 500.0)


def test_archive_masks_a_secret_that_is_part_of_the_address() -> None:
    """A secret that is also a part of the host is masked, and the query is still read."""
    target = dataclasses.replace(TARGET, other_secrets=("0",))
    recorder = Recorder(CONTRACT, target)
    recorder.record(exchange(b"", Response(200, (), b"", 0.1), ""))
    (entry,) = json.loads(written(recorder.take()))["log"]["entries"]
    assert "[masked]" in entry["request"]["url"]
    assert [{"name": "a", "value": "b"}] == entry["request"]["queryString"]


def test_archive_has_bodies_that_are_no_text_in_base64() -> None:
    """A body that is not UTF-8 is kept byte for byte."""
    entry = archive(b"\xff\x00", Response(200, (), b"\xfe", 0.1))
    assert IS_BASE64 == entry["request"]["postData"]["comment"]
    assert b"\xff\x00" == base64.b64decode(entry["request"]["postData"]["text"])
    assert ("base64", b"\xfe") == (
        entry["response"]["content"]["encoding"],
        base64.b64decode(entry["response"]["content"]["text"]),
    )


def test_archive_has_requests_without_a_response() -> None:
    """A request that got no response has the status 0, and the reason."""
    entry = archive(b"", None, "refused")
    assert (entry["response"]["status"], entry["comment"]) == (0, "refused")
    assert "postData" not in entry["request"]


def test_archive_has_ascii_characters_only() -> None:
    """What a target sends is escaped, so that no terminal acts on it."""
    entry = archive(b"", Response(200, (("x-a", "\x1b[2J\u009b"),), "\u202e\x1b\u00e9".encode(), 0.1))
    assert "\u202e\x1b\u00e9" == entry["response"]["content"]["text"]
    recorder = Recorder(CONTRACT, TARGET)
    recorder.record(exchange(b"", Response(200, (), "\u202e\x1b\u00e9".encode(), 0.1)))
    text = written(recorder.take())
    assert text.isascii()
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("beginning", [b"x", b"\xff"], ids=["text", "base64"])
def test_archive_cuts_a_long_body(beginning: bytes) -> None:
    """Of a long body the beginning is kept, and no part of a key at the place of the cut."""
    body = beginning * (har.LONGEST - 5) + TARGET.key.encode() + beginning * har.LONGEST * 3
    content = archive(b"", Response(200, (), body, 0.1))["response"]["content"]
    text = content["text"] if beginning == b"x" else base64.b64decode(content["text"]).decode("latin-1")
    assert (len(text), content["size"]) == (har.LONGEST, len(body))
    assert text.endswith("[mask")
    assert f"the beginning of a body of {len(body)} bytes" == content["comment"]


def test_archive_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that is full keeps no more exchanges, and says how many it has."""
    recorder = Recorder(CONTRACT, TARGET)
    recorder.record(exchange())
    (entry,) = recorder.take()
    monkeypatch.setattr(har, "LARGEST", 2 * len(entry) + 10)
    for _ in range(5):
        recorder.record(exchange())
    entries = recorder.take()
    assert len(entries) == 2
    log = json.loads(written([entry, *entries], 9))["log"]
    assert len(log["entries"]) == 2
    assert log["comment"] == "2 of 9 exchanges; the others are not kept"
