"""The mock's page in a real browser: it follows the state, and loads only from the mock."""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser

from conformance.mock.server import DEFAULT_KEY, Settings, serve
from conformance.selftest.browsers import launch, visit
from conformance.selftest.waiting import LONGEST


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests of this module."""
    with launch() as found:
        yield found


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_mock_page_is_sound(browser: Browser, width: int, *, dark: bool) -> None:
    """No complaint in the console, no request to another host, nothing cut, and no serious fault."""
    with serve(Settings(rate=None)) as mock, visit(browser, mock.url, width=width, dark=dark) as found:
        httpx2.patch(
            f"{mock.url}/v2/customers/campaign-status", headers={"x-api-key": DEFAULT_KEY}, timeout=LONGEST
        )
        found.page.locator("#recent td.rejected").wait_for()
        assert {f"{mock.url}/"} == set(found.requests)
        assert not found.is_too_wide
        assert {"enrollments", "requests"}.isdisjoint(found.cut_tables)
        assert [] == found.faults_of_access()
        assert [] == found.complaints


def test_mock_page_follows_the_state(browser: Browser) -> None:
    """An update shows in the open page: its request with the verdict, and the new status."""
    with serve(Settings(rate=None)) as mock, visit(browser, mock.url) as found:
        customer, campaign = mock.settings.enrollments[0]
        body = {"customerId": customer, "campaignId": campaign, "status": "completed"}
        assert found.texts("#recent tr") == []
        httpx2.patch(
            f"{mock.url}/v2/customers/campaign-status",
            json=body,
            headers={"x-api-key": DEFAULT_KEY},
            timeout=LONGEST,
        )
        found.page.locator("#recent td.accepted").wait_for()
        assert found.rows("enrollments")[0] == [customer, campaign, "completed", "1"]
        assert found.rows("requests")[0][1:3] == ["PATCH /v2/customers/campaign-status", "the key"]
        assert found.texts("#count") == ["1"]
