"""Each check says of an exchange that its rule holds, what was expected instead, or nothing."""

import ast
from dataclasses import replace
from typing import Any

import pytest
import requests
import schemathesis

from conformance.judging import CHECKS, Known, judge
from conformance.judging.hooks import as_schemathesis_check
from conformance.requests import strategies
from conformance.requests.classify import RequestClass
from conformance.runner.untested import UNTESTED
from conformance.selftest.questions import (
    CASES,
    CLASSIFIER,
    CONTRACT,
    ONE,
    TARGET,
    body,
    classify,
    elsewhere,
    request_class,
    response,
)
from conformance.selftest.repository.sources import below, modules
from conformance.transport.exchange import Response

HOLDS, BROKEN, SILENT = "holds", "broken", "says nothing"

VERSION_7 = body(customerId=CASES.id()[:14] + "7" + CASES.id()[15:])
VERSION_9 = body(customerId=CASES.id()[:14] + "9" + CASES.id()[15:])
UPPER = body(customerId=CASES.id().upper())
NIL = body(campaignId=strategies.NIL)
NO_STATUS = {name: value for name, value in body().items() if name != "status"}
TWO_WRONG = body(customerId=1, status="done")
CHARSET = "application/json; charset=utf-8"


def issue(*fields: str) -> dict[str, Any]:
    """The property `errors` that names fields."""
    return {"errors": [{"path": [field], "message": "no", "code": "x"} for field in fields]}


def swapped() -> dict[str, Any]:
    """The ids of an enrollment in each other's place."""
    return body(customerId=ONE.campaign_id, campaignId=ONE.customer_id)


Row = tuple[str, RequestClass, Response, str]
ROWS: list[Row] = [
    # The key.
    ("AUTH-01", request_class(key=None), response(401), HOLDS),
    ("AUTH-01", request_class(key=None), response(403), HOLDS),
    ("AUTH-01", request_class(key=None), response(400), HOLDS),
    ("AUTH-01", request_class(key=None), response(404), SILENT),
    ("AUTH-01", request_class(body(ONE), key=None), response(200), BROKEN),
    ("AUTH-01", request_class(b"{", key=None), response(400), SILENT),
    ("AUTH-01", request_class(key=None), response(429), SILENT),
    ("AUTH-01", request_class(key=None), response(500), SILENT),
    ("AUTH-01", request_class(), response(401), SILENT),
    ("AUTH-02", request_class(key="cc_x"), response(401), HOLDS),
    ("AUTH-02", request_class(key=""), response(404), SILENT),
    ("AUTH-02", request_class(key=None), response(401), SILENT),
    ("AUTH-02", request_class(body(ONE), key="cc_x"), response(200), BROKEN),
    ("AUTH-03", request_class(key=None), response(401), HOLDS),
    ("AUTH-03", request_class(key=None), response(401, {"code": "NO"}), BROKEN),
    ("AUTH-03", request_class(key=None), response(404), BROKEN),
    ("AUTH-03", request_class(body(ONE), key=None), response(200), SILENT),
    ("AUTH-03", request_class(b"{", key=None), response(400), SILENT),
    ("AUTH-04", request_class(b"{", key=None), response(401), HOLDS),
    ("AUTH-04", request_class(body(ONE), key=None), response(200), SILENT),
    ("AUTH-04", request_class(b"{", key="cc_x"), response(400), BROKEN),
    ("AUTH-04", request_class(key=None), response(404), BROKEN),
    ("AUTH-04", request_class(key=None), response(429), SILENT),
    ("AUTH-05", request_class(key=TARGET.restricted_key), response(403), HOLDS),
    ("AUTH-05", request_class(key=TARGET.restricted_key), response(404), SILENT),
    ("AUTH-05", request_class(), response(403), SILENT),
    ("AUTH-05", request_class(body(ONE), key=TARGET.restricted_key), response(200), BROKEN),
    ("AUTH-06", request_class(key=TARGET.restricted_key), response(403), HOLDS),
    ("AUTH-06", request_class(key=TARGET.restricted_key), response(403, {"code": "NO"}), BROKEN),
    ("AUTH-06", request_class(key=TARGET.restricted_key), response(404), BROKEN),
    ("AUTH-06", request_class(body(ONE), key=TARGET.restricted_key), response(200), SILENT),
    ("AUTH-07", request_class(b"{", key=TARGET.restricted_key), response(403), HOLDS),
    ("AUTH-07", request_class(b"{", key=TARGET.restricted_key), response(400), BROKEN),
    ("AUTH-07", request_class(key=None), response(401), SILENT),
    ("AUTH-08", request_class(), response(404), HOLDS),
    ("AUTH-08", replace(request_class(), key_sent="zz_key"), response(404), BROKEN),
    ("AUTH-08", request_class(), response(401), SILENT),
    ("AUTH-08", request_class(key=None), response(401), SILENT),
    ("AUTH-08", request_class(), response(429), SILENT),
    ("AUTH-09", request_class(), response(404), HOLDS),
    ("AUTH-09", request_class(), response(404, {"message": f"no {TARGET.key}!"}), BROKEN),
    ("AUTH-09", request_class(), Response(404, (("x-echo", TARGET.key),), b"{}", 0), BROKEN),
    ("AUTH-09", request_class(key="cc_"), response(404, {"message": "cc_"}), SILENT),
    # Ids, status and fields that are valid.
    ("ID-01", request_class(VERSION_7), response(404), HOLDS),
    ("ID-01", request_class(VERSION_7), response(422, issue("customerId")), BROKEN),
    ("ID-01", request_class(VERSION_7), response(400), BROKEN),
    ("ID-01", request_class(VERSION_7), response(401), SILENT),
    ("ID-01", request_class(VERSION_7), response(429), SILENT),
    ("ID-01", request_class(VERSION_9), response(404), SILENT),
    ("ID-01", request_class(UPPER), response(400), SILENT),
    ("ID-01", request_class(body(ONE)), response(409), SILENT),
    ("ID-01", request_class(swapped()), response(400), SILENT),
    ("ID-02", request_class(NIL), response(404), HOLDS),
    ("ID-02", request_class(NIL), response(400), BROKEN),
    ("ID-02", request_class(body()), response(404), SILENT),
    ("ID-03", request_class(UPPER), response(404), HOLDS),
    ("ID-03", request_class(UPPER), response(422, issue("customerId")), BROKEN),
    ("ID-03", request_class(body()), response(404), SILENT),
    ("STATUS-01", request_class(body()), response(404), HOLDS),
    ("STATUS-01", request_class(body(ONE)), response(200), HOLDS),
    ("STATUS-01", request_class(body()), response(400), BROKEN),
    ("STATUS-01", request_class(VERSION_7), response(422, issue("status")), BROKEN),
    ("STATUS-01", request_class(VERSION_7), response(400), SILENT),
    ("BODY-02", request_class(body(note=1)), response(404), HOLDS),
    ("BODY-02", request_class(body(note=1)), response(400), BROKEN),
    ("BODY-02", request_class(body(note=1)), response(422, issue("customerId")), SILENT),
    ("BODY-02", request_class(body()), response(404), SILENT),
    ("BODY-05", request_class(body(), media_type=CHARSET), response(404), HOLDS),
    ("BODY-05", request_class(body(), media_type=CHARSET), response(400), BROKEN),
    ("BODY-05", request_class(body()), response(404), SILENT),
    # What is looked up.
    ("LOOKUP-01", request_class(), response(404), HOLDS),
    ("LOOKUP-01", request_class(), response(400, {"code": "NOT_FOUND"}), HOLDS),
    ("LOOKUP-01", request_class(), response(200), BROKEN),
    ("LOOKUP-01", request_class(), response(400), SILENT),
    ("LOOKUP-01", request_class(body(ONE)), response(200), SILENT),
    ("LOOKUP-02", request_class(), response(404), HOLDS),
    ("LOOKUP-02", request_class(), response(400, {"code": "NOT_FOUND"}), BROKEN),
    ("LOOKUP-02", request_class(), response(200), SILENT),
    ("LOOKUP-03", request_class(), response(404), HOLDS),
    ("LOOKUP-03", request_class(), response(404, {"code": "NO"}), BROKEN),
    ("LOOKUP-03", request_class(), response(404, {"code": None}), BROKEN),
    ("LOOKUP-03", request_class(), response(200), SILENT),
    ("LOOKUP-03", request_class(key=None), response(404, {"code": "NO"}), SILENT),
    # What is refused.
    ("ID-04", request_class(VERSION_9), response(422), HOLDS),
    ("ID-04", request_class(VERSION_9), response(404), BROKEN),
    ("ID-04", request_class(VERSION_9), response(401), SILENT),
    ("ID-04", request_class(VERSION_9, key=None), response(404), SILENT),
    ("ID-04", request_class(VERSION_7), response(404), SILENT),
    ("ID-05", request_class(body(customerId=strategies.MAX.upper())), response(400), HOLDS),
    ("ID-05", request_class(body(customerId=strategies.MAX.upper())), response(200), BROKEN),
    ("ID-05", request_class(VERSION_9), response(404), SILENT),
    ("ID-06", request_class(body(campaignId="x")), response(422), HOLDS),
    ("ID-06", request_class(body(campaignId="x")), response(404), BROKEN),
    ("ID-06", request_class(body(campaignId="x", customerId=1)), response(404), SILENT),
    ("ID-07", request_class(body(campaignId=None)), response(422), HOLDS),
    ("ID-07", request_class(body(campaignId=None)), response(404), BROKEN),
    ("ID-07", request_class(), response(404), SILENT),
    ("ID-01", request_class(VERSION_7 | {"status": "pending"}), response(422, issue("customerId")), BROKEN),
    ("ID-01", request_class(VERSION_7 | {"status": "pending"}), response(400), SILENT),
    ("STATUS-02", request_class(body(status="pending")), response(400), HOLDS),
    ("STATUS-02", request_class(body(ONE, status="pending")), response(200), BROKEN),
    ("STATUS-02", request_class(body(ONE, status="pending")), response(404), HOLDS),
    ("STATUS-02", request_class(body(status="pending")), response(404), SILENT),
    ("STATUS-02", request_class(), response(404), SILENT),
    ("STATUS-03", request_class(body(status="pending")), response(422), HOLDS),
    ("STATUS-03", request_class(body(status="pending")), response(409), BROKEN),
    ("STATUS-03", request_class(body(ONE, status="pending")), response(404), BROKEN),
    ("STATUS-03", request_class(body(status="pending")), response(404), SILENT),
    ("STATUS-03", request_class(body(ONE, status="pending")), response(200), SILENT),
    ("STATUS-04", request_class(body(status="done")), response(422), HOLDS),
    ("STATUS-04", request_class(body(status=None)), response(404), BROKEN),
    ("STATUS-04", request_class(TWO_WRONG), response(404), SILENT),
    ("BODY-01", request_class(NO_STATUS), response(422), HOLDS),
    ("BODY-01", request_class(NO_STATUS), response(404), BROKEN),
    ("BODY-01", request_class({}), response(422, issue("customerId", "campaignId", "status")), HOLDS),
    ("BODY-01", request_class({}), response(422, issue("customerId")), SILENT),
    ("BODY-01", request_class({}), response(404), BROKEN),
    ("BODY-01", request_class([]), response(404), SILENT),
    ("BODY-03", request_class(b"{"), response(400), HOLDS),
    ("BODY-03", request_class(b"{"), response(415), BROKEN),
    ("BODY-03", request_class(b"{"), response(500), SILENT),
    ("BODY-03", request_class([]), response(422), SILENT),
    ("BODY-04", request_class(b"{}", media_type="text/plain"), response(400), HOLDS),
    ("BODY-04", request_class(b"{}", media_type="text/plain"), response(415), BROKEN),
    ("BODY-04", request_class(b"{}", media_type="text/plain"), response(404), BROKEN),
    ("BODY-04", request_class(b"{}"), response(400), SILENT),
    ("BODY-06", request_class([]), response(422), HOLDS),
    ("BODY-06", request_class(b"7"), response(404), BROKEN),
    ("BODY-06", request_class({}), response(404), SILENT),
    # The shape of answers.
    ("RESPONSE-01", request_class(body(ONE)), response(200), HOLDS),
    ("RESPONSE-01", request_class(body(ONE)), response(200, {"success": "yes"}), BROKEN),
    ("RESPONSE-01", request_class(body(ONE)), response(200, b"<p>"), BROKEN),
    ("RESPONSE-01", request_class(), response(404), SILENT),
    ("RESPONSE-03", request_class(), response(404), HOLDS),
    ("RESPONSE-03", request_class(), response(404, {"message": None}), BROKEN),
    ("RESPONSE-03", request_class(), response(404, b"[]"), BROKEN),
    ("RESPONSE-03", request_class(), response(422), SILENT),
    ("RESPONSE-03", request_class(), response(418), SILENT),
    ("RESPONSE-03", classify(elsewhere("GET")), response(405), SILENT),
    ("RESPONSE-04", request_class({}), response(422), HOLDS),
    ("RESPONSE-04", request_class({}), response(422, {"code": "NO"}), BROKEN),
    ("RESPONSE-04", request_class({}), response(400), SILENT),
    ("RESPONSE-05", request_class({}), response(422), HOLDS),
    ("RESPONSE-05", request_class({}), response(400), BROKEN),
    ("RESPONSE-05", request_class({}), response(404), SILENT),
    ("RESPONSE-05", request_class(b"{"), response(400), SILENT),
    ("RESPONSE-06", request_class(TWO_WRONG), response(422, issue("status", "customerId")), HOLDS),
    ("RESPONSE-06", request_class(TWO_WRONG), response(422, issue("status")), SILENT),
    ("RESPONSE-06", request_class(TWO_WRONG), response(422, issue("status", "campaignId")), BROKEN),
    ("RESPONSE-06", request_class(NO_STATUS), response(422, issue("customerId")), BROKEN),
    ("RESPONSE-06", request_class(NO_STATUS), response(422, {"errors": [{"path": "status"}, 7]}), SILENT),
    ("RESPONSE-06", request_class(NO_STATUS), response(422, {"errors": []}), BROKEN),
    ("RESPONSE-06", request_class(TWO_WRONG), response(422, {"errors": None}), SILENT),
    ("RESPONSE-06", request_class(TWO_WRONG), response(400), SILENT),
    ("RESPONSE-06", request_class([]), response(422), SILENT),
    ("RATE-02", request_class(), response(429), HOLDS),
    ("RATE-02", request_class(), response(429, {"retryAfter": -1}), BROKEN),
    ("RATE-02", request_class(), response(404), SILENT),
    ("RATE-03", request_class(), response(429), HOLDS),
    ("RATE-03", request_class(), response(429, {"code": "NO"}), BROKEN),
    ("RATE-03", request_class(), response(404), SILENT),
    ("RATE-04", request_class(), response(429), HOLDS),
    ("RATE-04", request_class(), response(503, {"code": "RATE_LIMIT_EXCEEDED"}), BROKEN),
    ("RATE-04", request_class(headers={"prefer": "code=429"}), response(429), SILENT),
    ("RATE-04", request_class(), response(404), SILENT),
    # HTTP.
    ("HTTP-01", classify(elsewhere("GET")), response(405), HOLDS),
    ("HTTP-01", classify(elsewhere("GET")), response(200), BROKEN),
    ("HTTP-01", classify(elsewhere("GET")), response(429), SILENT),
    ("HTTP-01", classify(elsewhere("GET")), response(401), SILENT),
    ("HTTP-01", classify(elsewhere(path="/x")), response(200), SILENT),
    ("HTTP-02", classify(elsewhere(path="/x")), response(404), HOLDS),
    ("HTTP-02", classify(elsewhere(path="/x")), response(200), BROKEN),
    ("HTTP-02", classify(elsewhere("GET")), response(200), SILENT),
    ("HTTP-03", request_class(b"{"), response(400), HOLDS),
    ("HTTP-03", request_class(b"{"), response(500), BROKEN),
    ("HTTP-03", classify(elsewhere("GET")), response(502), BROKEN),
    ("HTTP-03", request_class(headers={"prefer": "code=500"}), response(500), SILENT),
    ("HTTP-04", request_class(), response(404, media_type="Application/JSON; charset=utf-8"), HOLDS),
    ("HTTP-04", request_class(), response(404, media_type="text/html"), BROKEN),
    ("HTTP-04", request_class(), response(204), SILENT),
    ("HTTP-04", classify(elsewhere(path="/x")), response(404, media_type="text/html"), SILENT),
    ("HTTP-05", request_class(), response(404), HOLDS),
    ("HTTP-05", request_class(), response(418), BROKEN),
    ("HTTP-05", classify(elsewhere("GET")), response(405), SILENT),
]


def outcome(rule: str, asked: RequestClass, answered: Response, known: Known) -> str:
    """What a check says, in a word."""
    found = CHECKS[rule](asked, answered, known)
    return SILENT if found is None else BROKEN if found else HOLDS


@pytest.mark.parametrize(
    ("rule", "asked", "answered", "expected"),
    ROWS,
    ids=[f"{row[0]}-{row[2].status}-{row[3]}" for row in ROWS],
)
def test_check_decides_its_rule(rule: str, asked: RequestClass, answered: Response, expected: str) -> None:
    """A check holds, is broken, or says nothing, as the table has it."""
    assert outcome(rule, asked, answered, Known(CONTRACT)) == expected


@pytest.mark.parametrize("rule", CHECKS)
def test_check_table_is_complete(rule: str) -> None:
    """The table has a row for each thing that a check can say."""
    said = {row[3] for row in ROWS if row[0] == rule}
    assert said == ({HOLDS, BROKEN} if rule == "HTTP-03" else set()) | {HOLDS, BROKEN, SILENT}


@pytest.mark.parametrize("status", [401, 403])
def test_check_blames_a_refusal_once_the_key_is_good(status: int) -> None:
    """Where the full key opens the door, a refusal of it is a refusal of what the request holds."""
    good, unsure = Known(CONTRACT, key_is_good=True), Known(CONTRACT)
    for rule, asked, expected in (
        ("HTTP-01", classify(elsewhere("GET")), BROKEN),
        ("HTTP-02", classify(elsewhere(path="/x")), BROKEN),
        ("ID-01", request_class(VERSION_7), BROKEN),
        ("STATUS-02", request_class(body(status="pending")), HOLDS),
        ("RESPONSE-05", request_class({}), BROKEN),
    ):
        assert outcome(rule, asked, response(status), good) == expected
        assert outcome(rule, asked, response(status), unsure) == SILENT


def test_check_blames_what_broke_before() -> None:
    """Of several things that set a request apart, the one that is known to break is at fault."""
    asked = request_class(VERSION_7 | UPPER | {"campaignId": VERSION_7["customerId"]})
    known = Known(CONTRACT, broken={"ID-01"})
    assert outcome("ID-03", asked, response(400), Known(CONTRACT)) == BROKEN
    assert outcome("ID-01", asked, response(400), Known(CONTRACT)) == SILENT
    assert outcome("ID-03", asked, response(400), known) == SILENT
    assert outcome("ID-01", asked, response(400), known) == BROKEN


def test_check_blames_the_lookup_for_what_is_accepted_of_others() -> None:
    """A plain refusal is about ids of nobody where the same status was set, with ids that are as plain."""
    named = response(422, issue("customerId"))
    known = Known(CONTRACT, accepted={"completed"}, accepted_plainly={"completed"})
    assert (
        outcome("LOOKUP-02", request_class(), response(400), Known(CONTRACT, accepted={"completed"}))
        == BROKEN
    )
    assert outcome("LOOKUP-02", request_class(), named, Known(CONTRACT, accepted={"completed"})) == SILENT
    assert outcome("ID-01", request_class(), named, Known(CONTRACT, accepted={"completed"})) == BROKEN
    assert outcome("LOOKUP-02", request_class(), named, known) == BROKEN
    assert outcome("ID-01", request_class(), named, known) == SILENT
    odd = Known(CONTRACT, broken={"ID-01"}, accepted={"completed"}, accepted_plainly={"completed"})
    assert outcome("ID-01", request_class(), named, odd) == BROKEN


def test_check_of_paths_leaves_what_is_odd_to_other_rules() -> None:
    """A valid field that is named as well counts against the paths only where nothing is odd about it."""
    wrong = body(status=7)
    named = response(422, issue("status", "customerId"))
    assert outcome("RESPONSE-06", request_class(wrong), named, Known(CONTRACT)) == BROKEN
    assert outcome("RESPONSE-06", request_class(VERSION_7 | {"status": 7}), named, Known(CONTRACT)) == HOLDS
    noted = response(422, issue("status", "note"))
    assert outcome("RESPONSE-06", request_class(wrong | {"note": 1}), noted, Known(CONTRACT)) == HOLDS


def test_judge_shows_an_exchange_to_every_check() -> None:
    """One response decides all the rules that it bears upon."""
    found = judge(request_class(), response(404, {"code": "NO"}), Known(CONTRACT))
    assert {rule for rule, expected in found.items() if expected} == {"LOOKUP-03"}
    assert {"LOOKUP-01", "LOOKUP-02", "STATUS-01", "ID-01", "RESPONSE-03", "HTTP-03"} <= set(found)
    assert "ID-04" not in found


def test_checks_decide_rules_that_exist() -> None:
    """Every check is of a rule of the contract, and says what it is about."""
    assert [] == [rule for rule in CHECKS if rule not in CONTRACT.rules]
    assert [] == [rule for rule, check in CHECKS.items() if not check.__doc__]


def test_rules_have_a_test_or_a_reason() -> None:
    """Each rule is asked about by a test of the suite, or it says why none can."""
    marked: set[str] = set()
    for name in below("conformance.suite"):
        marked |= {
            node.value
            for node in ast.walk(modules()[name])
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in CONTRACT.rules
        }
    assert set(CONTRACT.rules) - set(UNTESTED) <= marked
    assert set(UNTESTED) <= set(CONTRACT.rules)
    assert all(len(reason) > 10 for reason in UNTESTED.values())


def test_check_serves_schemathesis() -> None:
    """The same check raises where Schemathesis calls it, with the rule and what was expected."""
    run = as_schemathesis_check("LOOKUP-03", CHECKS["LOOKUP-03"], CLASSIFIER)
    request = requests.Request("PATCH", TARGET.url).prepare()

    def received(answered: Response) -> schemathesis.Response:
        headers = {name: [value] for name, value in answered.headers}
        return schemathesis.Response(answered.status, headers, answered.content, request, 0.0, verify=True)

    context: Any = None  # the check needs none
    run(context, received(response(404)), CASES.update())
    with pytest.raises(AssertionError, match=r"(?s)LOOKUP-03 .*\n  expected  the code NOT_FOUND"):
        run(context, received(response(404, {"code": "NO"})), CASES.update())
