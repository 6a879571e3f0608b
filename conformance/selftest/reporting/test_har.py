"""`traffic.har` has every exchange, without keys."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from conformance.reporting.har import IS_BASE64, Recorder, as_har
from conformance.requests.request import Request
from conformance.selftest.questions import CASES, CONTRACT, TARGET
from conformance.transport.exchange import Exchange, Response


def archive(content: bytes, response: Response | None, no_response: str = "") -> Mapping[str, Any]:
    """The only entry of an archive of one exchange."""
    headers = (("x-api-key", TARGET.key.encode()), ("content-type", b"application/json"))
    request = Request("PATCH", "http://127.0.0.1:1/v2/customers/campaign-status?a=b", headers, content)
    recorder = Recorder(CONTRACT, TARGET)
    recorder.record(Exchange(CASES.update(), request, response, no_response=no_response))
    found = json.loads(as_har(recorder.take(), CONTRACT))
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
