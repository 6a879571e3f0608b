"""The header `Prefer` is read by the grammar of RFC 7240."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.mock import preferences as of_mock
from conformance.requests.prefer import preferences
from conformance.requests.request import Request, preferred_code


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], None),
        (["code=404"], 404),
        (['code="404"'], 404),
        (['code="4\\04"'], 404),
        (["Code=404"], 404),
        (["code\t= 404 "], 404),
        (["code=404; foo"], 404),
        (["code=404;; foo=bar;"], 404),
        (["respond-async, , code=404"], 404),
        (["respond-async", "code=404"], 404),
        (["code=404", "code=500"], 404),
        (["code=404, code=500"], 404),
        (['foo="a, code=500", code=404'], 404),
        (['foo="code=500"'], None),
        (['foo="\\", code=500"'], None),
        (["foo; code=500"], None),
        (["code; code=500"], None),
        (["code=, code=500"], None),
        (["xcode=500"], None),
        (["code=500 404"], None),
        (["code=500; foo bar"], None),
        (['code="500'], None),
        (["code=٤٠٤"], None),
        (["code=0404"], None),
        (["code=" + "9" * 5000], None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_preferred_code_is_that_of_the_first_preference(lines: list[str], code: int | None) -> None:
    """A code counts as the value of a preference, and not in a string, a parameter or another name."""
    headers = tuple(("Prefer", line.encode()) for line in lines)
    assert code == preferred_code(Request("GET", "http://localhost", headers, b""))


@given(st.lists(st.lists(st.sampled_from(["code", "=", '"', "\\", ",", ";", " ", "4", "é"])).map("".join)))
def test_preferences_are_read_as_the_mock_reads_them(lines: list[str]) -> None:
    """The suite and the mock share no code here, and agree on any text."""
    assert dict(of_mock.preferences(lines)) == dict(preferences(lines))
