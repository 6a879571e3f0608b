"""The mock's page: what a browser sees at `/`, and which pages may read responses."""

from collections.abc import Iterator

import httpx2
import pytest

from conformance.mock.page import STATE_TYPE
from conformance.mock.server import DEFAULT_KEY, Mock, Settings, serve

HTML = {"accept": "text/html,application/xhtml+xml"}
UPDATE = "/v2/customers/campaign-status"


@pytest.fixture
def mock() -> Iterator[Mock]:
    """A mock without a rate limit."""
    with serve(Settings(rate=None)) as found:
        yield found


def ask(mock: Mock, method: str = "GET", path: str = "/", **headers: str) -> httpx2.Response:
    """A response of the mock."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.request(method, mock.url + path, headers=named)


def test_page_is_for_browsers_only(mock: Mock) -> None:
    """Without `Accept: text/html` nothing is at `/`, and the page is not in the log."""
    assert ask(mock, **HTML).headers["content-type"].startswith("text/html")
    assert (ask(mock, accept="application/json").status_code, ask(mock, "PATCH", **HTML).status_code) == (
        404,
        404,
    )
    assert [("GET", 404), ("PATCH", 404)] == [(one.method, one.status) for one in mock.log]


def test_page_shows_what_the_mock_holds(mock: Mock) -> None:
    """Enrollments, the mock's own keys, the operations with their fields and the rules are on the page."""
    text = ask(mock, **HTML).text
    for customer, campaign in mock.settings.enrollments:
        assert customer in text
        assert campaign in text
    for part in (DEFAULT_KEY, "customerId", "STATUS-02", "code=404", "exceeded_max_calls", "terminal"):
        assert part in text


def test_page_shows_recent_requests_with_their_verdict(mock: Mock) -> None:
    """The state has each request with its key by name, its status and why it was rejected."""
    customer, campaign = mock.settings.enrollments[0]
    body = {"customerId": customer, "campaignId": campaign, "status": "completed"}
    for key, status in ((DEFAULT_KEY, "completed"), (DEFAULT_KEY, "pending"), ("cc_other_key", "completed")):
        httpx2.patch(mock.url + UPDATE, json={**body, "status": status}, headers={"x-api-key": key})
    httpx2.patch(mock.url + UPDATE, json={**body, "customerId": "<b>"}, headers={"x-api-key": DEFAULT_KEY})
    state = ask(mock, accept=STATE_TYPE).json()
    assert (state["count"], state["enrollments"][0]["status"], state["enrollments"][0]["updates"]) == (
        4,
        "completed",
        1,
    )
    found = [(each["key"], each["status"], each["verdict"].split(":")[:2]) for each in state["requests"]]
    assert [
        ("the key", 422, ["rejected", " VALIDATION_ERROR"]),
        ("another one", 401, ["rejected", " UNAUTHORIZED"]),
        ("the key", 400, ["rejected", " VALIDATION_ERROR"]),
        ("the key", 200, ["accepted"]),
    ] == found
    assert "(customerId)" in state["requests"][0]["verdict"]
    assert "<b>" not in ask(mock, **HTML).text


def test_page_shows_no_key_of_the_user() -> None:
    """A key from the environment is named by its variable, and masked where a request repeats it."""
    key = "cc_a_key_of_somebody"
    with serve(Settings(key=key, rate=None)) as mock:
        httpx2.patch(f"{mock.url}{UPDATE}?key={key}", json={"key": key}, headers={"x-api-key": key})
        httpx2.patch(f"{mock.url}/{key}", headers={"x-api-key": key})
        shown = ask(mock, **HTML).text + ask(mock, accept=STATE_TYPE).text
    assert "as in CARECYCLE_API_KEY" in shown
    assert "[masked]" in shown
    assert key not in shown


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1:5173", True),
        ("https://[::1]:8443", True),
        ("https://example.com", False),
        ("https://localhost.example.com", False),
        ("http://localhost@example.com", False),
        ("null", False),
    ],
)
def test_responses_are_for_pages_of_this_machine(mock: Mock, origin: str, *, is_allowed: bool) -> None:
    """A page of this machine may send requests and read responses, and no other page."""
    question = {"access_control_request_method": "PATCH", "access_control_request_headers": "x-api-key"}
    preflight = ask(mock, "OPTIONS", UPDATE, origin=origin, **question)
    response = ask(mock, "PATCH", UPDATE, origin=origin)
    assert (response.headers.get("access-control-allow-origin") == origin) == is_allowed
    assert ("access-control-allow-methods" in preflight.headers) == is_allowed
    if is_allowed:
        assert "PATCH" == preflight.headers["access-control-allow-methods"]
        assert "x-api-key" == preflight.headers["access-control-allow-headers"]
