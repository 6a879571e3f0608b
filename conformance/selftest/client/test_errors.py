"""An error and its log line have the status, the code and the request id of the response."""

import logging
import pickle
from typing import Any

import httpx2
import pytest
from carecycle_client import errors as e
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import UPDATE, Call, both, responding

CONFLICT = {"message": "Conflict", "code": "CONFLICT"}
BODIES: dict[str, tuple[int, Any, str | None]] = {
    "documented": (404, {"message": "No such", "code": "NOT_FOUND"}, "NOT_FOUND"),
    "undocumented status": (409, CONFLICT, "CONFLICT"),
    "undocumented body": (404, {"code": "GONE", "message": 1}, "GONE"),
    "server": (503, {"code": "DOWN"}, "DOWN"),
    "code of another type": (409, {"code": 7}, None),
    "no code": (409, {}, None),
    "no object": (409, ["code"], None),
    "problem details": (415, {"type": "about:blank", "title": "No", "status": 415, "code": "MEDIA"}, "MEDIA"),
}


@both
@pytest.mark.parametrize("which", BODIES)
def test_error_has_the_code_and_the_request_id(
    call: Call, which: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Attributes, text and log line have both, whether or not the contract has the response."""
    status, body, code = BODIES[which]
    answer = httpx2.Response(status, json=body, headers={"x-request-id": "req-7f3a"})
    with caplog.at_level(logging.DEBUG, "carecycle_client"), pytest.raises(e.APIStatusError) as raised:
        call(client=responding(answer), body=UPDATE, max_retries=0)
    error = raised.value
    assert (status, code, "req-7f3a") == (error.status, error.code, error.request_id)
    assert "request id 'req-7f3a'" in str(error)
    expected = f": {status} {code}, request id req-7f3a, " if code else f": {status}, request id req-7f3a, "
    assert expected in caplog.text
    if code:
        assert f"code {code!r}" in str(error)
    twin = pickle.loads(pickle.dumps(error))  # noqa: S301 - just pickled
    assert (code, str(error)) == (twin.code, str(twin))


def test_error_without_a_body_has_no_code() -> None:
    """A text, an empty body and a failed connection leave the attributes empty."""
    for answer in (httpx2.Response(415, content=b"no"), httpx2.Response(404), httpx2.ConnectError("refused")):
        with pytest.raises(e.APIError) as raised:
            endpoint.sync(client=responding(answer), body=UPDATE, max_retries=0)
        assert (None, None) == (raised.value.code, raised.value.request_id)


def test_response_that_breaks_off_is_logged_with_its_request_id(caplog: pytest.LogCaptureFixture) -> None:
    """The log line of a body that could not be read has what the headers had."""
    broken = httpx2.Response(404, stream=httpx2.ByteStream(b"junk"))
    broken.headers.update({"content-encoding": "gzip", "x-request-id": "req-1"})
    with (
        caplog.at_level(logging.DEBUG, "carecycle_client"),
        pytest.raises(e.NotFoundError, match="DecodingError"),
    ):
        endpoint.sync(client=responding(broken), body=UPDATE, max_retries=0)
    assert ": 404, request id req-1, DecodingError, attempt 1" in caplog.text


def test_log_line_of_a_server_stays_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """What a server sends cannot begin a line of the log, nor fill it."""
    answer = httpx2.Response(409, json={"code": "A\n\x1b[31mB" + "c" * 5000})
    with caplog.at_level(logging.DEBUG, "carecycle_client"), pytest.raises(e.APIStatusError):
        endpoint.sync(client=responding(answer), body=UPDATE)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "carecycle_client"]
    assert line.isprintable()
    assert len(line) < 500
