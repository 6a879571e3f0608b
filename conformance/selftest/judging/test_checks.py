"""Each check decides that its rule is passed or violated, or that the exchange decides nothing."""

import ast
import json
from dataclasses import replace
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import Case

from conformance.contract.document import Contract
from conformance.judging import CHECKS, judge
from conformance.judging.accepted import TESTED
from conformance.judging.hooks import make_check
from conformance.requests.access import Access
from conformance.requests.classify import Classifier
from conformance.requests.ids import MAX
from conformance.requests.ids import NIL as NIL_ID
from conformance.requests.request import write_request
from conformance.requests.request_class import RequestClass
from conformance.selftest.exchanges import (
    CASES,
    CONTRACT,
    ONE,
    TARGET,
    body,
    classify,
    elsewhere,
    request_class,
    response,
    validation_error,
)
from conformance.selftest.repository.sources import below, modules
from conformance.transport.exchange import Response

PASSED, VIOLATED, UNDECIDED = "passed", "violated", "undecided"

VERSION_7 = body(customerId=CASES.id()[:14] + "7" + CASES.id()[15:])
VERSION_9 = body(customerId=CASES.id()[:14] + "9" + CASES.id()[15:])
UPPER = body(customerId=CASES.id().upper())
NIL = body(campaignId=NIL_ID)
NO_STATUS = {name: value for name, value in body().items() if name != "status"}
TWO_WRONG = body(customerId=1, status="done")
CHARSET = "application/json; charset=utf-8"
LARGE = body(note="x" * 10_000)
UPDATE_PATH = CONTRACT.operations["updateCustomerCampaignStatus"].path


def with_allow(found: Response) -> Response:
    """A response with the header `Allow`."""
    return replace(found, headers=(*found.headers, ("allow", "PATCH")))


def swapped() -> dict[str, Any]:
    """A body with the ids of an enrollment, swapped."""
    return body(customerId=ONE.campaign_id, campaignId=ONE.customer_id)


Row = tuple[str, RequestClass, Response, str]
ROWS: list[Row] = [
    # The key.
    ("AUTH-01", request_class(key=None), response(401), PASSED),
    ("AUTH-01", request_class(key=None), response(403), PASSED),
    ("AUTH-01", request_class(key=None), response(400), PASSED),
    ("AUTH-01", request_class(key=None), response(404), UNDECIDED),
    ("AUTH-01", request_class(body(ONE), key=None), response(200), VIOLATED),
    ("AUTH-01", request_class(b"{", key=None), response(400), UNDECIDED),
    ("AUTH-01", request_class(key=None), response(429), UNDECIDED),
    ("AUTH-01", request_class(key=None), response(500), UNDECIDED),
    ("AUTH-01", request_class(), response(401), UNDECIDED),
    ("AUTH-02", request_class(key="cc_x"), response(401), PASSED),
    ("AUTH-02", request_class(key=""), response(404), UNDECIDED),
    ("AUTH-02", request_class(key=None), response(401), UNDECIDED),
    ("AUTH-02", request_class(body(ONE), key="cc_x"), response(200), VIOLATED),
    ("AUTH-03", request_class(key=None), response(401), PASSED),
    ("AUTH-03", request_class(key=None), response(401, {"code": "NO"}), VIOLATED),
    ("AUTH-03", request_class(key=None), response(404), UNDECIDED),
    ("AUTH-03", request_class(body(ONE), key=None), response(200), UNDECIDED),
    ("AUTH-03", request_class(b"{", key=None), response(400), UNDECIDED),
    ("AUTH-04", request_class(b"{", key=None), response(401), PASSED),
    ("AUTH-04", request_class(body(ONE), key=None), response(200), UNDECIDED),
    ("AUTH-04", request_class(b"{", key="cc_x"), response(400), UNDECIDED),
    ("AUTH-04", request_class(key=None), response(404), UNDECIDED),
    ("AUTH-04", request_class(body(ONE), key=None), response(400), VIOLATED),
    ("AUTH-04", request_class(key=None), response(429), UNDECIDED),
    ("AUTH-05", request_class(key=TARGET.restricted_key), response(403), PASSED),
    ("AUTH-05", request_class(key=TARGET.restricted_key), response(404), UNDECIDED),
    ("AUTH-05", request_class(), response(403), UNDECIDED),
    ("AUTH-05", request_class(body(ONE), key=TARGET.restricted_key), response(200), VIOLATED),
    ("AUTH-06", request_class(key=TARGET.restricted_key), response(403), PASSED),
    ("AUTH-06", request_class(key=TARGET.restricted_key), response(403, {"code": "NO"}), VIOLATED),
    ("AUTH-06", request_class(key=TARGET.restricted_key), response(404), UNDECIDED),
    ("AUTH-06", request_class(body(ONE), key=TARGET.restricted_key), response(200), UNDECIDED),
    ("AUTH-07", request_class(b"{", key=TARGET.restricted_key), response(403), PASSED),
    ("AUTH-07", request_class(b"{", key=TARGET.restricted_key), response(400), UNDECIDED),
    ("AUTH-07", request_class(key=TARGET.restricted_key), response(401), VIOLATED),
    ("AUTH-07", request_class(key=None), response(401), UNDECIDED),
    ("AUTH-08", request_class(), response(404), PASSED),
    ("AUTH-08", replace(request_class(), key_sent="zz_key"), response(404), VIOLATED),
    ("AUTH-08", request_class(), response(401), UNDECIDED),
    ("AUTH-08", request_class(key=None), response(401), UNDECIDED),
    ("AUTH-08", request_class(), response(429), UNDECIDED),
    ("AUTH-09", request_class(), response(404), PASSED),
    ("AUTH-09", request_class(), response(404, {"message": f"no {TARGET.key}!"}), VIOLATED),
    ("AUTH-09", request_class(), Response(404, (("x-echo", TARGET.key),), b"{}", 0), VIOLATED),
    ("AUTH-09", request_class(key="cc_"), response(404, {"message": "cc_"}), UNDECIDED),
    # Ids, status and fields that are valid.
    ("ID-01", request_class(VERSION_7), response(404), PASSED),
    ("ID-01", request_class(VERSION_7), validation_error("customerId"), UNDECIDED),
    ("ID-01", request_class(VERSION_7), response(400), UNDECIDED),
    ("ID-01", request_class(VERSION_7), response(401), UNDECIDED),
    ("ID-01", request_class(VERSION_7), response(429), UNDECIDED),
    ("ID-01", request_class(VERSION_9), response(404), UNDECIDED),
    ("ID-01", request_class(UPPER), response(400), UNDECIDED),
    ("ID-01", request_class(body(ONE)), response(409), UNDECIDED),
    ("ID-01", request_class(swapped()), response(400), UNDECIDED),
    ("ID-02", request_class(NIL), response(404), PASSED),
    ("ID-02", request_class(NIL), response(400), UNDECIDED),
    ("ID-02", request_class(body()), response(404), UNDECIDED),
    ("ID-03", request_class(UPPER), response(404), PASSED),
    ("ID-03", request_class(UPPER), validation_error("customerId"), UNDECIDED),
    ("ID-03", request_class(body()), response(404), UNDECIDED),
    ("STATUS-01", request_class(body()), response(404), PASSED),
    ("STATUS-01", request_class(body(ONE)), response(200), PASSED),
    ("STATUS-01", request_class(body()), response(400), UNDECIDED),
    ("STATUS-01", request_class(VERSION_7), response(400), UNDECIDED),
    ("BODY-02", request_class(body(note=1)), response(404), PASSED),
    ("BODY-02", request_class(body(note=1)), response(400), UNDECIDED),
    ("BODY-02", request_class(body(note=1)), validation_error("customerId"), UNDECIDED),
    ("BODY-02", request_class(body()), response(404), UNDECIDED),
    ("BODY-05", request_class(body(), media_type=CHARSET), response(404), PASSED),
    ("BODY-05", request_class(body(), media_type=CHARSET), response(400), UNDECIDED),
    ("BODY-05", request_class(body()), response(404), UNDECIDED),
    ("BODY-07", request_class(b" " + json.dumps(body()).encode()), response(404), PASSED),
    ("BODY-07", request_class(dict(reversed(body().items()))), response(404), PASSED),
    ("BODY-07", request_class(json.dumps(body()).replace("c", "\\u0063").encode()), response(400), UNDECIDED),
    ("BODY-07", request_class(json.dumps(body(), separators=(",", ":")).encode()), response(404), UNDECIDED),
    # Ids that name no enrollment.
    ("LOOKUP-01", request_class(), response(404), PASSED),
    ("LOOKUP-01", request_class(), response(400, {"code": "NOT_FOUND"}), PASSED),
    ("LOOKUP-01", request_class(), response(200), VIOLATED),
    ("LOOKUP-01", request_class(), response(400), UNDECIDED),
    ("LOOKUP-01", request_class(body(ONE)), response(200), UNDECIDED),
    ("LOOKUP-02", request_class(), response(404), PASSED),
    ("LOOKUP-02", request_class(), response(400, {"code": "NOT_FOUND"}), VIOLATED),
    ("LOOKUP-02", request_class(), response(200), UNDECIDED),
    ("LOOKUP-03", request_class(), response(404), PASSED),
    ("LOOKUP-03", request_class(), response(404, {"code": "NO"}), VIOLATED),
    ("LOOKUP-03", request_class(), response(404, {"code": None}), VIOLATED),
    ("LOOKUP-03", request_class(), response(200), UNDECIDED),
    ("LOOKUP-03", request_class(key=None), response(404, {"code": "NO"}), UNDECIDED),
    # Bodies that are rejected.
    ("ID-04", request_class(VERSION_9), response(422), PASSED),
    ("ID-04", request_class(VERSION_9), response(404), VIOLATED),
    ("ID-04", request_class(VERSION_9), response(401), UNDECIDED),
    ("ID-04", request_class(VERSION_9, key=None), response(404), UNDECIDED),
    ("ID-04", request_class(VERSION_7), response(404), UNDECIDED),
    ("ID-05", request_class(body(customerId=MAX.upper())), response(400), PASSED),
    ("ID-05", request_class(body(customerId=MAX.upper())), response(200), VIOLATED),
    ("ID-05", request_class(VERSION_9), response(404), UNDECIDED),
    ("ID-06", request_class(body(campaignId="x")), response(422), PASSED),
    ("ID-06", request_class(body(campaignId="x")), response(404), VIOLATED),
    ("ID-06", request_class(body(campaignId="x", customerId=1)), response(404), UNDECIDED),
    ("ID-07", request_class(body(campaignId=None)), response(422), PASSED),
    ("ID-07", request_class(body(campaignId=None)), response(404), VIOLATED),
    ("ID-07", request_class(), response(404), UNDECIDED),
    ("STATUS-02", request_class(body(status="pending")), response(400), PASSED),
    ("STATUS-02", request_class(body(ONE, status="pending")), response(200), VIOLATED),
    ("STATUS-02", request_class(body(ONE, status="pending")), response(404), PASSED),
    ("STATUS-02", request_class(body(status="pending")), response(404), UNDECIDED),
    ("STATUS-02", request_class(), response(404), UNDECIDED),
    ("STATUS-03", request_class(body(status="pending")), response(422), PASSED),
    ("STATUS-03", request_class(body(status="pending")), response(409), VIOLATED),
    ("STATUS-03", request_class(body(ONE, status="pending")), response(404), VIOLATED),
    ("STATUS-03", request_class(body(status="pending")), response(404), UNDECIDED),
    ("STATUS-03", request_class(body(ONE, status="pending")), response(200), UNDECIDED),
    ("STATUS-04", request_class(body(status="done")), response(422), PASSED),
    ("STATUS-04", request_class(body(status=None)), response(404), VIOLATED),
    ("STATUS-04", request_class(TWO_WRONG), response(404), UNDECIDED),
    ("BODY-01", request_class(NO_STATUS), response(422), PASSED),
    ("BODY-01", request_class(NO_STATUS), response(404), VIOLATED),
    ("BODY-01", request_class({}), validation_error("customerId", "campaignId", "status"), PASSED),
    ("BODY-01", request_class({}), validation_error("customerId"), UNDECIDED),
    ("BODY-01", request_class({}), response(404), VIOLATED),
    ("BODY-01", request_class([]), response(404), UNDECIDED),
    ("BODY-03", request_class(b"{"), response(400), PASSED),
    ("BODY-03", request_class(b"{"), response(415), VIOLATED),
    ("BODY-03", request_class(b"{"), response(500), UNDECIDED),
    ("BODY-03", request_class([]), response(422), UNDECIDED),
    ("BODY-04", request_class(b"{}", media_type="text/plain"), response(400), PASSED),
    ("BODY-04", request_class(b"{}", media_type="text/plain"), response(415), PASSED),
    ("BODY-04", request_class(b"{}", media_type="text/plain"), response(418), VIOLATED),
    ("BODY-04", request_class(b"{}", media_type="text/plain"), response(404), VIOLATED),
    ("BODY-04", request_class(b"{}"), response(400), UNDECIDED),
    ("BODY-06", request_class([]), response(422), PASSED),
    ("BODY-06", request_class(b"7"), response(404), VIOLATED),
    ("BODY-06", request_class({}), response(404), UNDECIDED),
    # The form of responses.
    ("RESPONSE-01", request_class(body(ONE)), response(200), PASSED),
    ("RESPONSE-01", request_class(body(ONE)), response(200, {"success": "yes"}), VIOLATED),
    ("RESPONSE-01", request_class(body(ONE)), response(200, b"<p>"), VIOLATED),
    ("RESPONSE-01", request_class(), response(404), UNDECIDED),
    ("RESPONSE-03", request_class(), response(404), PASSED),
    ("RESPONSE-03", request_class(), response(404, {"message": None}), VIOLATED),
    ("RESPONSE-03", request_class(), response(404, b"[]"), VIOLATED),
    ("RESPONSE-03", request_class(), response(422), UNDECIDED),
    ("RESPONSE-03", request_class(), response(418, {"message": "m", "code": "c"}), PASSED),
    ("RESPONSE-03", request_class(), response(418, {"message": None}), VIOLATED),
    ("RESPONSE-03", request_class(), response(503, b"<p>"), UNDECIDED),
    ("RESPONSE-03", request_class(LARGE), response(413, b"<p>"), UNDECIDED),
    ("RESPONSE-07", request_class(), response(404), PASSED),
    ("RESPONSE-07", request_class(), response(404, {"message": "at /usr/api/app.py"}), VIOLATED),
    ("RESPONSE-07", request_class(), response(200), UNDECIDED),
    ("RESPONSE-03", classify(elsewhere("GET")), response(405), UNDECIDED),
    ("RESPONSE-04", request_class({}), response(422), PASSED),
    ("RESPONSE-04", request_class({}), response(422, {"code": "NO"}), VIOLATED),
    ("RESPONSE-04", request_class({}), response(400), UNDECIDED),
    ("RESPONSE-05", request_class({}), response(422), PASSED),
    ("RESPONSE-05", request_class({}), response(400), VIOLATED),
    ("RESPONSE-05", request_class({}), response(404), UNDECIDED),
    ("RESPONSE-05", request_class(b"{"), response(400), UNDECIDED),
    ("RESPONSE-06", request_class(TWO_WRONG), validation_error("status", "customerId"), PASSED),
    ("RESPONSE-06", request_class(TWO_WRONG), validation_error("status"), UNDECIDED),
    ("RESPONSE-06", request_class(TWO_WRONG), validation_error("status", "campaignId"), VIOLATED),
    ("RESPONSE-06", request_class(NO_STATUS), validation_error("customerId"), VIOLATED),
    ("RESPONSE-06", request_class(NO_STATUS), response(422, {"errors": [{"path": "status"}, 7]}), UNDECIDED),
    ("RESPONSE-06", request_class(NO_STATUS), response(422, {"errors": []}), VIOLATED),
    ("RESPONSE-06", request_class(TWO_WRONG), response(422, {"errors": None}), UNDECIDED),
    ("RESPONSE-06", request_class(TWO_WRONG), response(400), UNDECIDED),
    ("RESPONSE-06", request_class([]), response(422), UNDECIDED),
    ("RATE-02", request_class(), response(429), PASSED),
    ("RATE-02", request_class(), response(429, {"retryAfter": -1}), VIOLATED),
    ("RATE-02", request_class(), response(429, {"retryAfter": 1e308}), PASSED),
    ("RATE-02", request_class(), response(429, {"retryAfter": 10**400}), VIOLATED),
    ("RATE-02", request_class(), response(404), UNDECIDED),
    ("RATE-03", request_class(), response(429), PASSED),
    ("RATE-03", request_class(), response(429, {"code": "NO"}), VIOLATED),
    ("RATE-03", request_class(), response(404), UNDECIDED),
    ("RATE-04", request_class(), response(429), PASSED),
    ("RATE-04", request_class(), response(503, {"code": "RATE_LIMIT_EXCEEDED"}), VIOLATED),
    ("RATE-04", request_class(headers={"prefer": "code=429"}), response(429), UNDECIDED),
    ("RATE-04", request_class(), response(404), UNDECIDED),
    # HTTP.
    ("HTTP-01", classify(elsewhere("GET")), response(405), PASSED),
    ("HTTP-01", classify(elsewhere("GET")), response(200), VIOLATED),
    ("HTTP-01", classify(elsewhere("GET")), response(429), UNDECIDED),
    ("HTTP-01", classify(elsewhere("GET")), response(401), UNDECIDED),
    ("HTTP-01", classify(elsewhere(path="/x")), response(200), UNDECIDED),
    ("HTTP-02", classify(elsewhere(path="/x")), response(404), PASSED),
    ("HTTP-02", classify(elsewhere(path="/x")), response(200), VIOLATED),
    ("HTTP-02", classify(elsewhere("GET")), response(200), UNDECIDED),
    ("HTTP-02", classify(elsewhere(path=UPDATE_PATH + "/")), response(200), UNDECIDED),
    ("HTTP-02", classify(elsewhere(path=UPDATE_PATH.upper())), response(308), UNDECIDED),
    ("HTTP-03", request_class(b"{"), response(400), PASSED),
    ("HTTP-03", request_class(b"{"), response(500), VIOLATED),
    ("HTTP-03", classify(elsewhere("GET")), response(502), VIOLATED),
    ("HTTP-03", request_class(headers={"prefer": "code=500"}), response(500), UNDECIDED),
    ("HTTP-04", request_class(), response(404, media_type="Application/JSON; charset=utf-8"), PASSED),
    ("HTTP-04", request_class(), response(404, media_type="text/html"), VIOLATED),
    ("HTTP-04", request_class(), response(204), UNDECIDED),
    ("HTTP-04", classify(elsewhere(path="/x")), response(404, media_type="text/html"), UNDECIDED),
    ("HTTP-05", request_class(), response(404), PASSED),
    ("HTTP-05", request_class(), response(418), VIOLATED),
    ("HTTP-05", request_class(), response(413), VIOLATED),
    ("HTTP-05", request_class(LARGE), response(413), PASSED),
    ("HTTP-05", request_class(b"{}", media_type="text/plain"), response(415), PASSED),
    ("HTTP-05", request_class(body(), media_type="application/json; charset=x"), response(415), PASSED),
    ("HTTP-05", request_class(body(ONE)), response(409), PASSED),
    ("HTTP-06", classify(elsewhere("GET")), with_allow(response(405)), PASSED),
    ("HTTP-06", classify(elsewhere("GET")), response(405), VIOLATED),
    ("HTTP-06", classify(elsewhere("GET")), response(404), UNDECIDED),
    ("HTTP-05", classify(elsewhere("GET")), response(405), UNDECIDED),
]


def outcome(rule: str, request: RequestClass, received: Response) -> str:
    """The outcome of a check, in one word."""
    found = CHECKS[rule](request, received)
    return UNDECIDED if found is None else VIOLATED if found else PASSED


@pytest.mark.parametrize(
    ("rule", "sent", "received", "expected"),
    ROWS,
    ids=[f"{row[0]}-{row[2].status}-{row[3]}" for row in ROWS],
)
def test_checks_decide_their_rule(rule: str, sent: RequestClass, received: Response, expected: str) -> None:
    """A rule is passed, violated or undecided, as the row of the table expects."""
    assert expected == outcome(rule, sent, received)


@pytest.mark.parametrize("rule", CHECKS)
def test_checks_have_a_row_for_each_outcome(rule: str) -> None:
    """The table has a row for each outcome of each check. Only attribution violates the rules in TESTED."""
    outcomes = {row[3] for row in ROWS if row[0] == rule}
    missing = {UNDECIDED} if rule == "HTTP-03" else {VIOLATED} if rule in TESTED else set()
    assert outcomes | missing >= {PASSED, VIOLATED, UNDECIDED}
    assert not outcomes & ({VIOLATED} if rule in TESTED else set())


@pytest.mark.parametrize("status", [401, 403])
def test_checks_take_a_401_as_a_rejection_of_the_body_if_the_key_is_verified(status: int) -> None:
    """A 401 or 403 decides other rules only if the full key was verified."""
    for rule, request, expected in (
        ("HTTP-01", classify(elsewhere("GET")), VIOLATED),
        ("HTTP-02", classify(elsewhere(path="/x")), VIOLATED),
        ("STATUS-02", request_class(body(status="pending")), PASSED),
        ("RESPONSE-05", request_class({}), VIOLATED),
    ):
        assert expected == outcome(rule, replace(request, key_is_verified=True), response(status))
        assert UNDECIDED == outcome(rule, request, response(status))


def test_checks_of_paths_ignore_valid_fields_that_are_unusual() -> None:
    """If a 422 also names a valid field, the path rule is violated only if the field is usual."""
    wrong = body(status=7)
    named, noted = validation_error("status", "customerId"), validation_error("status", "note")
    assert VIOLATED == outcome("RESPONSE-06", request_class(wrong), named)
    assert PASSED == outcome("RESPONSE-06", request_class(VERSION_7 | {"status": 7}), named)
    assert PASSED == outcome("RESPONSE-06", request_class(wrong | {"note": 1}), noted)


def test_judge_shows_an_exchange_to_every_check() -> None:
    """One response decides every rule that it shows something about."""
    found = {each.rule: each for each in judge(request_class(), response(404, {"code": "NO"}))}
    assert ["LOOKUP-03"] == [rule for rule, each in found.items() if each.is_violation]
    assert {"LOOKUP-01", "LOOKUP-02", "STATUS-01", "ID-01", "RESPONSE-03", "HTTP-03"} <= set(found)
    assert "ID-04" not in found


def test_judge_returns_rules_of_the_contract_only() -> None:
    """Every check has a rule in the contract. Without that rule, judge returns no finding of the check."""
    assert [] == [rule for rule in CHECKS if rule not in CONTRACT.rules]
    without = {**CONTRACT.raw, "x-rules": {}}
    rules = {each.rule for each in judge(replace(request_class(), contract=Contract(without)), response(404))}
    assert "HTTP-03" not in rules
    assert "LOOKUP-01" in rules


def test_rules_have_a_test_or_a_reason() -> None:
    """Each rule stands in a test of the suite, or the contract has the reason why no test can decide it."""
    marked: set[str] = set()
    for name in below("conformance.suite"):
        marked |= {
            node.value
            for node in ast.walk(modules()[name])
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in CONTRACT.rules
        }
    assert set(CONTRACT.rules) - set(CONTRACT.untested) <= marked
    assert set(CONTRACT.untested) <= set(CONTRACT.rules)
    assert all(len(reason) > 10 for reason in CONTRACT.untested.values())


EXCHANGES: list[tuple[Case[Any], Response]] = [
    (CASES.update(VERSION_7), response(404)),
    (CASES.update(VERSION_7), response(404, {"code": "NO"})),
    (CASES.update(VERSION_9), response(404)),
    (CASES.update(b"{"), response(500, b"<p>", media_type="text/html")),
    (CASES.update(key=None), response(401, {"code": "NO"})),
    (CASES.update(body(ONE, status="pending")), response(200)),
    (CASES.update(TWO_WRONG), validation_error("status", "campaignId")),
    (CASES.update(headers={"prefer": "code=200"}), response(418)),
    (elsewhere("GET"), response(200)),
    (elsewhere(path="/x"), response(404)),
]


@pytest.mark.parametrize(("case", "received"), EXCHANGES, ids=[str(each.status) for _, each in EXCHANGES])
def test_hooks_judge_an_exchange_as_the_suite_does(case: Case[Any], received: Response) -> None:
    """The command line of Schemathesis finds the same violations in the same exchange as the suite."""
    access = Access(key=TARGET.key, restricted_key=TARGET.restricted_key)
    by_suite = judge(Classifier(CONTRACT, access).classify(write_request(case, "http://x:1")), received)
    expected = {each.rule: each.expected for each in by_suite if each.is_violation}
    sent = requests.Request("PATCH", "http://x:1").prepare()
    headers = {name: [value] for name, value in received.headers}
    as_theirs = schemathesis.Response(received.status, headers, received.content, sent, 0.0, verify=True)
    context: Any = None  # no check needs one
    by_hooks = {}
    for rule in CHECKS:
        try:
            make_check(rule, Classifier(CONTRACT, access))(context, as_theirs, case)
        except AssertionError as error:
            by_hooks[rule] = str(error).partition("\n  expected  ")[2]
    assert expected == by_hooks
