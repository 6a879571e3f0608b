"""Judging ends without an exception for every JSON value in a response."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.judging import CHECKS, judge
from conformance.requests.request_class import RequestClass
from conformance.selftest.exchanges import (
    CASES,
    CONTRACT,
    ONE,
    OPERATION,
    body,
    classify,
    elsewhere,
    request_class,
)
from conformance.selftest.json_values import allowed, close
from conformance.selftest.judging.scripted import Scripted
from conformance.transport.exchange import DEEPEST_BODY, LARGEST_BODY, Response
from conformance.transport.retry_after import seconds_to_wait

CODES = [*OPERATION.responses, 201, 204, 301, 405, 409, 413, 415, 503]
REQUESTS: list[RequestClass] = [
    request_class(),
    request_class(body(ONE)),
    request_class(body(ONE, status="in_progress")),
    request_class(body(customerId=1)),
    request_class(body(customerId=1, status="x")),
    request_class([]),
    request_class(b"{"),
    request_class(key=None),
    request_class(key="cc_unknown"),
    request_class(key="the restricted key"),
    request_class(headers={"prefer": "code=429"}),
    classify(elsewhere("GET")),
    classify(elsewhere(path="/v2/other")),
]
HALF_PAIRS = st.sampled_from(["\ud83d", "\udc00", "x\ud800y"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 2**64, 1e308, -0.0])
    | st.text()
    | HALF_PAIRS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | HALF_PAIRS, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A JSON text: a documented body, a documented body with a changed value, or an arbitrary value."""
    schema = draw(st.sampled_from([each.schema for each in OPERATION.responses.values() if each.schema]))
    value = draw(st.one_of(allowed(CONTRACT, schema), close(CONTRACT, schema), VALUES))
    if isinstance(value, dict) and value:
        value[draw(st.sampled_from(sorted(value)))] = draw(VALUES)
        value |= draw(st.dictionaries(st.text() | HALF_PAIRS, VALUES, max_size=2))
    text = json.dumps(value)
    if draw(st.booleans()):  # texts that Python does not write
        unusual = [
            "1e400",
            "-1e400",
            "9" * 5000,
            "[" * 2000 + "]" * 2000,
            '{"a":' * 900 + "1" + "}" * 900,
            "NaN",
        ]
        text = text.replace("null", draw(st.sampled_from(unusual)))
    return text.encode("ascii")


@settings(max_examples=500)
@given(
    request=st.sampled_from(REQUESTS),
    status=st.sampled_from(CODES),
    content=bodies(),
    media_type=st.sampled_from(["application/json", "text/html", "\x1b", ""]),
)
def test_every_check_decides_about_any_json(
    request: RequestClass, status: int, content: bytes, media_type: str
) -> None:
    """A check returns that the rule passed, what it expects, or None. It raises no exception."""
    response = Response(status, (("content-type", media_type),), content, 0.0)
    for rule, check in CHECKS.items():
        outcome = check(request, response)
        assert outcome is None or isinstance(outcome, str), rule
    assert seconds_to_wait(response, default=1.0) >= 0


@settings(max_examples=200)
@given(responses=st.lists(st.tuples(st.sampled_from(CODES), bodies()), min_size=1, max_size=8))
@example(responses=[(404, b"{}"), (200, b'{"previousStatus": []}'), (200, b'{"previousStatus": {}}')])
def test_state_model_and_attribution_end_for_any_json(responses: list[tuple[int, bytes]]) -> None:
    """The state model and the attribution raise no exception for arbitrary responses in arbitrary order."""
    left = list(responses)

    def respond(_: RequestClass) -> Response:
        status, content = left.pop(0) if len(left) > 1 else left[0]
        return Response(status, (("content-type", "application/json"),), content, 0.0)

    server = Scripted(respond)
    for case in (CASES.update(body(ONE)), CASES.update(), CASES.update(body(ONE, status="failed", more=1))):
        server.attribute(case)


@pytest.mark.parametrize(
    "value",
    ["[" * (DEEPEST_BODY + 1) + "]" * (DEEPEST_BODY + 1), '{"a":' * 5000 + "1" + "}" * 5000],
    ids=["just too deep", "far too deep"],
)
def test_deep_json_violates_the_rule_about_its_body(value: str) -> None:
    """A body with more levels than the suite reads violates the rule about its schema."""
    content = f'{{"message": "m", "code": "VALIDATION_ERROR", "errors": {value}}}'.encode()
    response = Response(422, (("content-type", "application/json"),), content, 0.0)
    outcomes = {each.rule: each.expected for each in judge(request_class(body(customerId=1)), response)}
    assert f"a body that is JSON, in at most {DEEPEST_BODY} levels" == outcomes["RESPONSE-04"]


def test_brackets_in_strings_are_not_levels() -> None:
    """Brackets in a string do not make a body deep."""
    content = json.dumps({"message": '[{"' * 200, "code": "X"}).encode()
    assert isinstance(Response(400, (), content, 0.0).body, dict)


def test_half_a_surrogate_pair_violates_no_rule() -> None:
    """A message may have half of a surrogate pair, because JSON allows its escape."""
    content = b'{"message": "half \\ud83d", "code": "UNAUTHORIZED"}'
    response = Response(401, (("content-type", "application/json"),), content, 0.0)
    assert not [each for each in judge(request_class(key=None), response) if each.is_violation]


WORST = {
    "errors": json.dumps(
        {"message": "m", "code": "c", "errors": [{"path": ["x"], "message": "m", "code": "c"}] * 200_000}
    ),
    "half pairs": json.dumps({"message": "\ud800" * 100_000, "code": "c"}),
    "brackets": "[" * 300_000,
    "digits": '{"retryAfter": ' + "9" * 300_000 + "}",
    "quotes": '"\\"' * 100_000,
    "lines": "\n" * 300_000,
    "spaces": json.dumps({"message": " " * 300_000, "code": "c"}),
    "stack": json.dumps({"message": "&nbsp; at (:" * 30_000, "code": "c"}),
    "select": json.dumps({"message": "SELECT a, " * 30_000, "code": "c"}),
    "paths": json.dumps({"message": "/a" * 150_000, "code": "c"}),
    "names": json.dumps({"message": "com.a" * 60_000, "code": "c"}),
}


@pytest.mark.parametrize("text", WORST.values(), ids=WORST.keys())
def test_large_bodies_are_judged_in_the_given_time(text: str) -> None:
    """The largest body that the suite reads is judged within the time limit of the checks."""
    response = Response(422, (("content-type", "application/json"),), text.encode()[:LARGEST_BODY], 0.0)
    assert judge(request_class(body(customerId=1)), response)
