"""The fixtures that tests of several folders share."""

from collections.abc import Iterator

import pytest

from conformance.mock.server import Mock, Settings, serve


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    """A mock without a rate limit. The tests of a module share it."""
    with serve(Settings(rate=None)) as served:
        yield served
