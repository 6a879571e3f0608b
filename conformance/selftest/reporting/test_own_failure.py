"""A failure of the suite is described by its cause, and by no text that a target may have sent."""

import sqlite3

import pytest

from conformance.reporting.own_failure import describe


def test_failure_of_the_database_has_its_message() -> None:
    """A disk that is full, or a file that cannot be opened, is named, so that a person knows what to do."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(sqlite3.Error) as raised:
        connection.execute("CREATE TABLE full (value)")
    connection.close()
    described = describe(raised.value)
    assert described.startswith("OperationalError at test_own_failure.py:")
    assert described.endswith(": database or disk is full")


def test_failure_of_the_system_is_in_its_words() -> None:
    """An error of the system is what the system says."""
    assert describe(OSError(28, "No space left on device")) == "No space left on device"


def test_failure_of_another_kind_has_no_message() -> None:
    """The message of any other exception can have text of the target."""
    assert describe(ValueError("from the target")) == "ValueError"
