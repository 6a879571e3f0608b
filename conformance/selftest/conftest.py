"""The fixtures that tests of several folders share."""

from collections.abc import Iterator

import hypothesis
import pytest

from conformance.mock.server import Mock, Settings, serve

# A machine that is busy for seconds is no reason to fail.
hypothesis.settings.register_profile(
    "selftest", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("selftest")


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    """A mock without a rate limit. The tests of a module share it."""
    with serve(Settings(rate=None)) as served:
        yield served
