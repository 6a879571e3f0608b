"""The mock keeps the contract."""

import asyncio
import json
import uuid

import pytest
from hypothesis.vendor.pretty import pretty
from starlette.types import Message

from conformance.contract.document import JSON, RateLimit
from conformance.mock.app import MAX_BODY, App, LoggedRequest
from conformance.mock.limiter import Limiter
from conformance.mock.problems import MAX_ISSUES, find_issues
from conformance.mock.server import DEFAULT_ENROLLMENTS, DEFAULT_KEY, Mock, Settings, build, serve
from conformance.selftest.http_sender import CONTRACT, UPDATE, HTTPReply, send, update

KEY = CONTRACT.key_header
UNKNOWN = "b3c1a2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d"


def assert_documented(status: int, reply: HTTPReply) -> None:
    """Check a response against the response that the contract documents for its status code."""
    assert status == reply.status
    schema = UPDATE.responses[status].schema
    assert schema is not None
    assert reply.headers["content-type"] == JSON
    CONTRACT.validator(schema).validate(reply.body)


@pytest.mark.parametrize("status", ["completed", "failed"])
@pytest.mark.parametrize("number", range(len(DEFAULT_ENROLLMENTS)))
def test_every_default_enrollment_takes_a_terminal_status(mock: Mock, number: int, status: str) -> None:
    """Each default enrollment can be updated to each terminal status."""
    reply = send(mock, update(mock, status, number))
    assert_documented(200, reply)
    assert status == reply.body["newStatus"]


def test_previous_status_is_the_status_of_the_last_update() -> None:
    """The `previousStatus` is the status of the update before, also if an update repeats its status."""
    with serve(Settings()) as mock:
        first = next(iter(mock.store)).status
        replies = [
            send(mock, update(mock, status)).body for status in ("failed", "completed", "completed", "failed")
        ]
    assert [first, "failed", "completed", "completed"] == [body["previousStatus"] for body in replies]


def test_initial_statuses_are_every_non_terminal_one() -> None:
    """The first enrollments of a mock have all the statuses that a request cannot set."""
    with serve(Settings()) as mock:
        initial = {enrollment.status for enrollment in mock.store}
    assert initial == set(CONTRACT.schema("CampaignStatus")["enum"]) - {"completed", "failed"}


def test_enrollment_ids_are_stable_and_distinct() -> None:
    """The id of a pair is the same in two mocks and in both letter cases, and differs between pairs."""
    seen: list[list[str]] = []
    for change in (str.upper, str.lower):
        with serve(Settings(enrollments=DEFAULT_ENROLLMENTS[:4])) as mock:
            bodies = [update(mock, enrollment=number) for number in range(4)]
            for body in bodies:
                body["customerId"] = change(body["customerId"])
            seen.append([send(mock, body).body["customerCampaignId"] for body in bodies])
    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 4
    assert all(uuid.UUID(id_) for id_ in seen[0])


def test_swapped_ids_are_not_found(mock: Mock) -> None:
    """A request with the two ids of an enrollment swapped gets a 404."""
    body = update(mock)
    body["customerId"], body["campaignId"] = body["campaignId"], body["customerId"]
    assert_documented(404, send(mock, body))


@pytest.mark.parametrize("status", UPDATE.responses)
def test_every_documented_status_can_be_preferred(mock: Mock, status: int) -> None:
    """The header Prefer gets each documented response by its status code, without key and body."""
    reply = send(mock, headers={"prefer": f"code={status}", KEY: None})
    assert_documented(status, reply)
    assert UPDATE.responses[status].example == reply.body


@pytest.mark.parametrize("key", [None, "", "cc_", "cc_unknown", "Bearer cc_unknown"])
def test_a_missing_or_unknown_key_is_unauthorized(mock: Mock, key: str | None) -> None:
    """A missing or unknown key gets a 401, even with a body that is not JSON."""
    for body in (update(mock), b"{"):
        reply = send(mock, body, headers={KEY: key})
        assert_documented(401, reply)
        assert reply.body["code"] == "UNAUTHORIZED"


def test_two_keys_are_unauthorized(mock: Mock) -> None:
    """A request with the key and another value in the header of the key gets a 401."""
    reply = send(mock, update(mock), headers={KEY: mock.settings.key, KEY.upper(): "cc_other"})
    assert reply.status == 401


def test_a_restricted_key_is_forbidden(mock: Mock) -> None:
    """A key without the permission gets 403, even with a body that is not JSON."""
    for body in (update(mock), b"{"):
        reply = send(mock, body, headers={KEY: mock.settings.restricted_key})
        assert_documented(403, reply)
        assert reply.body["code"] == "FORBIDDEN"


def test_requests_over_the_limit_get_a_time_to_wait() -> None:
    """The limit is checked before the body, and it does not count requests with a bad key."""
    with serve(Settings(rate=RateLimit(2, 30))) as mock:
        rejected = [send(mock, headers={KEY: key}).status for key in (None, mock.settings.restricted_key)]
        accepted = [send(mock, update(mock)).status for _ in range(2)]
        over = [send(mock, b"{") for _ in range(2)]
    assert [*rejected, *accepted] == [401, 403, 200, 200]
    for reply in over:
        assert_documented(429, reply)
        assert reply.body["code"] == "RATE_LIMIT_EXCEEDED"
        assert reply.body["retryAfter"] in {29, 30}


def test_limiter_admits_a_request_after_the_time_to_wait() -> None:
    """A request is admitted again as soon as the seconds that the limiter returned are over."""
    now = [1000.25]
    limiter = Limiter(RateLimit(2, 1.5), lambda: now[0])
    assert [limiter.wait("a"), limiter.wait("a"), limiter.wait("b")] == [None, None, None]
    assert limiter.wait("a") == 2
    now[0] += 1.4
    assert limiter.wait("a") == 1
    now[0] += 0.6
    assert limiter.wait("a") is None


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json"]
)
def test_another_media_type_is_a_bad_request(mock: Mock, media_type: str) -> None:
    """A body whose media type is not JSON gets a 400, also if the body is JSON."""
    assert_documented(400, send(mock, update(mock), headers={"content-type": media_type}))


@pytest.mark.parametrize(
    "media_type", [None, "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
)
def test_a_json_media_type_is_accepted_in_any_spelling(mock: Mock, media_type: str | None) -> None:
    """JSON is accepted with parameters, in any letter case, and without a media type."""
    assert_documented(200, send(mock, update(mock), headers={"content-type": media_type}))


@pytest.mark.parametrize("status", ["pending", "awaiting_call", "expired", "exceeded_max_calls"])
def test_a_non_terminal_status_is_a_bad_request(mock: Mock, status: str) -> None:
    """A well-formed body with a non-terminal status gets a 400, also if its ids name no enrollment."""
    assert_documented(400, send(mock, update(mock, status)))
    assert_documented(400, send(mock, {**update(mock, status), "customerId": UNKNOWN}))


def test_a_malformed_field_is_named(mock: Mock) -> None:
    """A 422 names each malformed field in an error of its own, but not a non-terminal status."""
    reply = send(mock, {"customerId": None, "campaignId": "{" + UNKNOWN + "}", "status": "pending"})
    assert_documented(422, reply)
    assert [issue["path"] for issue in reply.body["errors"]] == [["customerId"], ["campaignId"]]
    assert [issue["received"] for issue in reply.body["errors"]] == ["null", "string"]


def test_a_missing_field_is_named(mock: Mock) -> None:
    """A 422 names each missing field in an error of its own."""
    reply = send(mock, {})
    assert_documented(422, reply)
    assert [issue["path"] for issue in reply.body["errors"]] == [["customerId"], ["campaignId"], ["status"]]


@pytest.mark.parametrize("value", [None, True, 1.5, "text", [], [{}]])
def test_json_that_is_not_an_object_is_unprocessable(mock: Mock, value: object) -> None:
    """A JSON body that is not an object gets a 422."""
    assert_documented(422, send(mock, json.dumps(value).encode()))


def test_unknown_fields_are_ignored(mock: Mock) -> None:
    """A field that the contract lacks does not change the response."""
    assert_documented(200, send(mock, {**update(mock), "notes": {"customerId": None}}))


def test_the_last_of_two_properties_wins(mock: Mock) -> None:
    """A property that is given twice has its last value."""
    content = json.dumps(update(mock, "failed")).encode()
    assert send(mock, b'{"status": "completed", ' + content[1:]).body["newStatus"] == "failed"


def test_an_unknown_path_is_not_found(mock: Mock) -> None:
    """A path that the contract lacks gets the documented 404, also if it is similar to a known path."""
    for path in ("/", UPDATE.path + "/", UPDATE.path + "%0A", UPDATE.path.upper(), UPDATE.path[:-1]):
        reply = send(mock, update(mock), path=path)
        assert_documented(404, reply)


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "TRACE", "PURGE"])
def test_an_unknown_method_is_not_allowed(mock: Mock, method: str) -> None:
    """A method that the path lacks gets a 405 that lists the methods of the path."""
    reply = send(mock, update(mock), method=method)
    assert reply.status == 405
    assert {"OPTIONS", "PATCH"} == set(reply.headers["allow"].split(", "))
    assert {"message", "code"} == set(reply.body)


def test_options_and_head_have_no_body(mock: Mock) -> None:
    """OPTIONS gets the methods of the path, HEAD gets a 405, and both responses have no body."""
    options, head = (send(mock, method=method) for method in ("OPTIONS", "HEAD"))
    assert [(reply.status, reply.content) for reply in (options, head)] == [(204, b""), (405, b"")]
    assert options.headers["allow"] == head.headers["allow"]


def test_a_rejected_request_changes_nothing() -> None:
    """No rejected request changes the status of an enrollment."""
    with serve(Settings(rate=RateLimit(8, 60))) as mock:
        before = [enrollment.status for enrollment in mock.store]
        rejected = [
            send(mock, update(mock), headers={KEY: None}),
            send(mock, update(mock), headers={KEY: mock.settings.restricted_key}),
            send(mock, update(mock), headers={"content-type": "text/plain"}),
            send(mock, update(mock, "pending")),
            send(mock, update(mock, "bogus")),
            send(mock, {**update(mock), "campaignId": UNKNOWN}),
            *(send(mock, b" " * (MAX_BODY + 1)) for _ in range(4)),
            send(mock, update(mock)),
        ]
        after = [enrollment.status for enrollment in mock.store]
    assert [reply.status for reply in rejected] == [401, 403, 400, 400, 422, 404, 400, 400, 400, 400, 429]
    assert before == after


def test_the_log_has_every_request() -> None:
    """The log of a mock has each request and its status code, in their order."""
    with serve(Settings()) as mock:
        send(mock, b"{")
        send(mock, method="GET", path="/?x=1")
        log = mock.log
    assert [LoggedRequest("PATCH", UPDATE.path, b"{", 400), LoggedRequest("GET", "/", b"", 404)] == log


def test_the_issues_of_a_body_are_bounded() -> None:
    """A rejection lists at most so many errors of a body."""
    short = {"type": "array", "items": {"type": "string", "minLength": 2}}
    issues = find_issues(CONTRACT.validator(short), [0, "a"] * 100)
    assert len(issues) == MAX_ISSUES
    assert [issue.code for issue in issues[:2]] == ["invalid_type", "minLength"]
    assert [issue.path for issue in issues[:2]] == [("0",), ("1",)]


def test_an_endless_body_ends_the_connection() -> None:
    """A body without an end is rejected before it is read whole, and the connection ends."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b" " * MAX_BODY, "more_body": True}

    async def keep(message: Message) -> None:
        sent.append(message)

    headers = [(KEY.encode(), DEFAULT_KEY.encode())]
    scope = {
        "type": "http",
        "method": UPDATE.method,
        "raw_path": UPDATE.path.encode(),
        "path": "",
        "headers": headers,
    }
    asyncio.run(App(build(Settings()))({**scope, "query_string": b""}, receive, keep))
    assert sent[0]["status"] == 400
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_printed_mock_shows_no_key(mock: Mock) -> None:
    """The text of a mock in a traceback does not contain its keys."""
    for key in (mock.settings.key, mock.settings.restricted_key):
        assert key not in f"{mock!r} {mock.settings!r} {pretty(mock)}"
