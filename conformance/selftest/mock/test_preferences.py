"""The mock reads the header `Prefer` by the grammar of RFC 7240."""

from collections.abc import Mapping

import pytest

from conformance.contract.document import JSON
from conformance.mock.preferences import preferences
from conformance.mock.server import Mock
from conformance.selftest.http_sender import CONTRACT, UPDATE, send, update


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["code=404"], {"code": "404"}),
        (["Code=404"], {"code": "404"}),
        (['CODE="404"'], {"code": "404"}),
        (['code="4\\04"'], {"code": "404"}),
        (["code = 404"], {"code": "404"}),
        (["\tcode\t=\t404\t"], {"code": "404"}),
        (["a=b", "wait=1; x", "code=500"], {"a": "b", "wait": "1", "code": "500"}),
        (["respond-async, code=404"], {"respond-async": "", "code": "404"}),
        (["code=404,code=500", "code=422"], {"code": "404"}),
        (["code=404; example=x"], {"code": "404"}),
        (["wait=1; code=404"], {"wait": "1"}),
        (["code=404;;p=;q"], {"code": "404"}),
        ([", ,code=404,"], {"code": "404"}),
        (["code="], {"code": ""}),
        (['code=""'], {"code": ""}),
        (["code"], {"code": ""}),
        (['note="give me code=404 "'], {"note": "give me code=404 "}),
        (['note="a, code=404, b"'], {"note": "a, code=404, b"}),
        (['note="\\", code=404"'], {"note": '", code=404'}),
        (['note="a', "code=404"], {"code": "404"}),
        (['note="a, code=404'], {}),
        (["code 404"], {}),
        (["code=404 x"], {}),
        (["code=4/4, wait=1"], {"wait": "1"}),
        (["codes=404, xcode=404"], {"codes": "404", "xcode": "404"}),
        ([""], {}),
        ([], {}),
    ],
)
def test_preferences_follow_the_grammar(lines: list[str], expected: Mapping[str, str]) -> None:
    """Names have any letter case, values may have quotes, and text that violates the grammar is ignored."""
    assert expected == preferences(lines)


@pytest.mark.parametrize(
    "line",
    ["a;" * 300_000, 'a="' * 300_000, "a= ;  " * 150_000 + "!=!=", ' "' * 300_001, "a" * 900_000 + "\0"],
    ids=["parameters", "quotes", "spaces", "pairs of quotes", "one token"],
)
def test_preferences_of_a_long_line_are_read(line: str) -> None:
    """A line of a megabyte is read to its end, and so is a preference in the next line."""
    assert preferences([line, "code=404"])["code"] == "404"


@pytest.mark.parametrize("status", UPDATE.responses)
def test_every_documented_example_can_be_preferred(mock: Mock, status: int) -> None:
    """Each documented example of each response can be requested by its name."""
    for name, example in UPDATE.responses[status].examples.items():
        reply = send(mock, headers={"prefer": f'code={status}, Example="{name}"', CONTRACT.key_header: None})
        assert (status, JSON, example) == (reply.status, reply.headers["content-type"], reply.body)


def test_an_example_without_a_code_is_one_of_the_success(mock: Mock) -> None:
    """A preferred example without a preferred code is an example of the documented success."""
    reply = send(mock, headers={"prefer": "example=documented"})
    assert (200, UPDATE.success.examples["documented"]) == (reply.status, reply.body)


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("code=418", "no code '418' is documented here; documented: 200, 400, 401,"),
        ("code=0404", "no code '0404'"),
        ("code=", "no code ''"),
        ("code=abc", "no code 'abc'"),
        (f"code={'9' * 5000}", f"no code '{'9' * 100}'"),
        ("example=other", "no example 'other' is documented here; documented: documented, typical"),
        ("code=404, example=Typical", "no example 'Typical'"),
    ],
)
def test_an_undocumented_preference_is_rejected(mock: Mock, prefer: str, expected: str) -> None:
    """An undocumented code or example gets a 400 that lists the documented ones."""
    reply = send(mock, update(mock), headers={"prefer": prefer})
    assert (400, JSON) == (reply.status, reply.headers["content-type"])
    assert expected in reply.body["message"]
    schema = UPDATE.responses[400].schema
    assert schema is not None
    CONTRACT.validator(schema).validate(reply.body)


@pytest.mark.parametrize("prefer", ["respond-async", "wait=1; code=404", 'note="code=404"', "code 404"])
def test_other_preferences_are_ignored(mock: Mock, prefer: str) -> None:
    """A preference that the mock does not know does not change the response."""
    assert send(mock, update(mock), headers={"prefer": prefer}).status == 200


def test_a_preference_outside_the_contract_is_ignored(mock: Mock) -> None:
    """A preference on a path or a method that the contract lacks does not change the response."""
    headers = {"prefer": "code=200"}
    replies = [send(mock, path="/", headers=headers), send(mock, method="GET", headers=headers)]
    assert [404, 405] == [reply.status for reply in replies]
