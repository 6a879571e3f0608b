"""Each check decides that its rule is passed or violated, or that the exchange decides nothing."""

import ast
from dataclasses import replace
from typing import Any

import pytest
import requests
import schemathesis
from schemathesis import Case

from conformance.contract.document import Contract
from conformance.judging import CHECKS, finding, judge
from conformance.judging.accepted import TESTED
from conformance.judging.hooks import Judge, make_check
from conformance.requests.access import Access
from conformance.requests.classify import Classifier
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
from conformance.selftest.judging.check_rows import (
    PASSED,
    ROWS,
    TWO_WRONG,
    UNDECIDED,
    VERSION_7,
    VERSION_9,
    VIOLATED,
)
from conformance.selftest.repository.sources import below, modules
from conformance.transport.exchange import LARGEST_BODY, Response


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
        ("HTTP-01", classify(elsewhere("PUT")), VIOLATED),
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
    (CASES.update(), response(404, {"more": "x" * LARGEST_BODY})),
]
ACCESS = Access(key=TARGET.key, restricted_key=TARGET.restricted_key)


def by_hooks(case: Case[Any], received: Response, contract: Contract = CONTRACT) -> dict[str, str]:
    """What the command line of Schemathesis finds that an exchange violates, by rule."""
    sent = requests.Request("PATCH", "http://x:1").prepare()
    headers = {name: [value] for name, value in received.headers}
    as_theirs = schemathesis.Response(received.status, headers, received.content, sent, 0.0, verify=True)
    context: Any = None  # no check needs one
    judged_by = Judge(Classifier(contract, ACCESS))
    violations = {}
    for rule in CHECKS:
        try:
            make_check(rule, judged_by)(context, as_theirs, case)
        except AssertionError as error:
            violations[rule] = str(error).partition("\n  expected  ")[2]
    return violations


@pytest.mark.parametrize(("case", "received"), EXCHANGES, ids=[str(each.status) for _, each in EXCHANGES])
def test_hooks_judge_an_exchange_as_the_suite_does(case: Case[Any], received: Response) -> None:
    """The command line of Schemathesis finds the same violations in the same exchange as the suite."""
    as_read = replace(
        received, content=received.content[:LARGEST_BODY], is_cut=len(received.content) > LARGEST_BODY
    )
    by_suite = judge(Classifier(CONTRACT, ACCESS).classify(write_request(case, "http://x:1")), as_read)
    assert {each.rule: each.expected for each in by_suite if each.is_violation} == by_hooks(case, received)


def test_hooks_judge_a_response_once_and_by_the_rules_of_the_contract(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A response is judged once for all rules. Rules that the contract lacks are left out."""
    judged: list[Response] = []
    check = CHECKS["HTTP-03"]

    def counting(request: RequestClass, received: Response) -> str | None:
        judged.append(received)
        return check(request, received)

    monkeypatch.setitem(CHECKS, "HTTP-03", counting)
    failure = response(500, b"<p>", media_type="text/html")
    assert "HTTP-03" in by_hooks(CASES.update(), failure)
    assert 1 == len(judged)
    assert "HTTP-03" not in by_hooks(CASES.update(), failure, Contract({**CONTRACT.raw, "x-rules": {}}))


def test_hooks_give_no_verdict_if_judging_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A response that takes too long to judge violates no rule, as in a run of the suite."""
    monkeypatch.setattr(finding, "LONGEST_JUDGING", -1.0)
    assert {} == by_hooks(CASES.update(), response(500, b"<p>", media_type="text/html"))
