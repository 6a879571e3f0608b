"""A session sends a case, judges the response, records what it means, and raises what is violated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from schemathesis import Case

from conformance.contract.document import Contract
from conformance.judging import CHECKS, Finding
from conformance.reporting.ledger import Ledger, Result, Verdict
from conformance.requests import new_ids
from conformance.runner.recorder import Recorder, RuleViolation
from conformance.runner.session import Session
from conformance.selftest.exchanges import CASES, CONTRACT, ONE, SCHEMA, TARGET, body, elsewhere
from conformance.selftest.scripted_server import Received, Reply, Respond, always, listen
from conformance.selftest.waiting import LONGEST
from conformance.transport.gate import Gate, RunStopped

NOT_FOUND = {"message": "no", "code": "NOT_FOUND"}
UNAUTHORIZED = {"message": "no", "code": "UNAUTHORIZED"}
WRONG = {"message": "no", "code": "WRONG"}


@contextmanager
def running(*replies: Respond, contract: Contract = CONTRACT, **options: Any) -> Iterator[Session]:  # noqa: ANN401 - options
    """A session against a server that replies in turn, with the last reply from then on."""
    left = list(replies)

    def respond(request: Received) -> Reply | None:
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    with listen(respond) as url:
        target = replace(TARGET, url=url)
        gate = Gate(target, contract, max_requests=options.pop("max_requests", None), timeout=LONGEST)
        recorder = Recorder(contract, target, Ledger(contract, {}), options=("--x",), **options)
        session = Session(SCHEMA, gate, recorder, "7")
        recorder.begin("test_it", ("STATUS-01",))
        try:
            yield session
        finally:
            gate.close()


def find_none(request: Received) -> Reply | None:
    """A server that finds no enrollment, and says so with an undocumented code."""
    return always(*(400, WRONG) if request.content.startswith(b"[") else (404, WRONG))(request)


def verdict(session: Session, rule: str) -> Verdict:
    """The verdict on a rule."""
    return next(one for one in session.recorder.ledger.verdicts() if one.rule.id == rule)


def test_session_records_what_passes() -> None:
    """A response that passes its rules is recorded for each of them."""
    with running(always(404, NOT_FOUND), always(401, UNAUTHORIZED)) as session:
        response = session.send(CASES.update())
        session.send(CASES.update(key=None))
    assert response is not None
    assert Result.PASS == verdict(session, "STATUS-01").result == verdict(session, "LOOKUP-03").result
    assert set() == session.recorder.violated


@pytest.mark.parametrize("code", [404, 401])
def test_session_stops_at_a_target_that_tells_nothing_apart(code: int) -> None:
    """Baseline requests are sent at the first 401 or after twenty equal responses, and nothing passes."""
    with running(always(code, NOT_FOUND)) as session:
        for _ in range(20 if code == 404 else 1):
            session.send(CASES.update())
        with pytest.raises(RunStopped, match=r"is (the address|CARECYCLE_API_KEY) right"):
            session.send(CASES.update())
    assert (22 if code == 404 else 3) == session.gate.sent
    assert verdict(session, "LOOKUP-03").result is not Result.PASS


@pytest.mark.parametrize("case", [elsewhere("GET"), elsewhere(path="/v2/other")], ids=["method", "path"])
def test_session_blames_no_rule_if_the_target_is_gone(case: Case[Any]) -> None:
    """If every request gets a 5xx from some request on, that one decides nothing, whatever it was."""
    with running(always(404, NOT_FOUND), always(503, b"down", "text/plain")) as session:
        session.send(CASES.update())
        session.send(case)
        assert "since request 2 or so the target returned 503 to every request" == session.gate.stopped
    assert set() == session.recorder.violated


def test_session_judges_a_5xx_that_only_an_undocumented_request_gets() -> None:
    """The target still responds to other requests, so the 5xx counts."""
    replies = [always(503, b"down", "text/plain"), always(404, NOT_FOUND), always(401, UNAUTHORIZED)]
    with running(*replies) as session, pytest.raises(RuleViolation, match="HTTP-03"):
        session.send(elsewhere(path="/v2/other"))


@pytest.mark.parametrize("at_the_end", [True, False])
def test_session_compares_if_all_responses_were_alike(*, at_the_end: bool) -> None:
    """One kind of response to all requests counts if the target then responds differently without a key."""
    replies = [*[always(404, NOT_FOUND)] * 4, always(401, UNAUTHORIZED)]
    with running(*replies, max_requests=None if at_the_end else 5) as session:
        for _ in range(3):
            session.send(CASES.update())
        assert (verdict(session, "LOOKUP-03").result is Result.PASS) is not at_the_end
        session.monitor.compare()
        session.monitor.compare()
    assert 5 == session.gate.sent
    assert verdict(session, "LOOKUP-03").result is Result.PASS


def test_session_raises_a_violation() -> None:
    """A violated MUST is raised with all that a person needs, and kept as a counter-example."""
    with running(find_none) as session, pytest.raises(RuleViolation) as caught:
        session.send(CASES.update())
    example = verdict(session, "LOOKUP-03").counterexample
    assert example is not None
    assert str(caught.value).startswith("LOOKUP-03  ")
    assert example.request in str(caught.value)
    assert ("test_it", 1, True) == (example.test, example.at, example.size > 100)
    assert ".venv/bin/tox run -e conformance -- --x --rule LOOKUP-03 --rule STATUS-01" == example.replay


def test_session_raises_an_old_violation_only_in_tests_of_the_rule() -> None:
    """A rule that was violated before is raised only to a test that is about it, and does not explore."""
    with running(find_none) as session:
        for _ in range(2):  # Hypothesis sends an example twice, which must raise the same
            with pytest.raises(RuleViolation):
                session.send(CASES.update(), exploring=True)
        session.recorder.begin("test_other", ("ID-01",))
        session.send(CASES.update())
        session.recorder.begin("test_it", ("LOOKUP-03",))
        session.send(CASES.update(), exploring=True)
        with pytest.raises(RuleViolation):
            session.send(CASES.update())
    assert 5 == verdict(session, "LOOKUP-03").broken


def test_session_raises_a_violated_recommendation_if_it_is_strict() -> None:
    """A violated recommendation is raised in a strict run only, and recorded in any."""
    for strict in (False, True):
        with running(always(418, UNAUTHORIZED), strict=strict) as session:
            session.recorder.begin("test_it", ("HTTP-05",))
            if strict:
                with pytest.raises(RuleViolation, match=r"HTTP-05|AUTH-04"):
                    session.send(CASES.update(key=None))
            else:
                session.send(CASES.update(key=None))
        assert verdict(session, "HTTP-05").result is Result.FAIL


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "the target returned 401 to every request with the key: is CARECYCLE_API_KEY right?"),
        (403, "the target returned 403 to every request with the key: is CARECYCLE_API_KEY right?"),
        (429, "the target returned 429"),
    ],
)
def test_session_says_why_nothing_was_decided(status: int, reason: str) -> None:
    """A response that decides nothing is the reason for the rules of the test."""
    limited = {"message": "no", "code": "RATE_LIMIT_EXCEEDED", "retryAfter": 99}
    with running(always(status, limited)) as session:
        session.send(CASES.update())
    assert reason == verdict(session, "STATUS-01").reason


def test_session_says_that_a_status_may_be_final() -> None:
    """If an update is rejected, the reason names what may be behind it."""
    with running(always(400, WRONG)) as session, pytest.raises(RuleViolation):
        session.send(CASES.update(body(ONE)))
    assert "is its status final?" in session.recorder.ledger.snapshot()["inconclusive"]["STATUS-01"]


def test_session_records_that_there_was_no_response() -> None:
    """A request without a response is the reason for the rules of the test."""
    with running(lambda _: None) as session:
        assert session.send(CASES.update()) is None
    assert "the connection was closed before a response came" == verdict(session, "STATUS-01").reason


def test_session_attributes_a_rejection() -> None:
    """A rejected valid request is the counter-example of the rule that attribution finds."""

    def respond(request: Received) -> Reply | None:
        is_rejected = b"note" in request.content or request.content.startswith(b"[")
        return always(*(400, WRONG) if is_rejected else (404, NOT_FOUND))(request)

    with running(respond) as session:
        session.send(CASES.update(body(note=1)))
    example = verdict(session, "BODY-02").counterexample
    assert example is not None
    assert "note" in example.request
    assert 4 == session.gate.sent, "the request, one without the note, and two baseline requests"


def test_session_judges_a_response_though_the_budget_is_spent() -> None:
    """If nothing more may be sent, what the response decides by itself is recorded."""
    with running(always(400, {"code": "X"}), max_requests=1) as session, pytest.raises(RuleViolation):
        session.send(CASES.update())
    assert {"RESPONSE-03"} == session.recorder.violated


def test_session_decides_what_takes_several_exchanges() -> None:
    """A test decides a rule in words, and a violated MUST is raised."""
    with running(always(404, NOT_FOUND)) as session:
        with pytest.raises(RuleViolation, match="request   none"):
            session.decide("RATE-01", "a refusal", f"the key {TARGET.key}")
        session.send(CASES.update())
        session.decide("RATE-04", "429", "503")
        session.decide("RATE-05")
    first, second = (verdict(session, rule).counterexample for rule in ("RATE-01", "RATE-04"))
    assert first is not None
    assert second is not None
    assert "the key [masked]" == first.received
    assert second.request.startswith("curl -X PATCH")
    assert 1 == session.recorder.ledger.snapshot()["passed"]["RATE-05"]


def test_session_ignores_rules_that_the_contract_lacks() -> None:
    """A contract without a rule is judged by the others."""
    contract = Contract({**CONTRACT.raw, "paths": {}})
    assert "STATE-01" not in contract.rules
    with running(always(200, {}), contract=contract) as session:
        session.send(CASES.update())
        session.recorder.record([Finding("STATE-01", "anything"), Finding("AUTH-01")], number=1)
    assert not {"STATE-01", "RESPONSE-01"} & session.recorder.violated
    assert "STATE-01" not in CHECKS


def test_session_makes_generated_ids_new() -> None:
    """Every UUID of a generated case is replaced by a new id, and nothing else is."""
    generated: dict[str, Any] = {
        "customerId": "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f",
        "note": [1, {"a": "text"}],
        "status": "failed",
    }
    with running(always(404, NOT_FOUND)) as session:
        case = session.with_new_ids(
            session.with_key(CASES.update(generated, key=None, query={"id": generated["customerId"]}))
        )
        raw = session.with_new_ids(CASES.update(b"5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"))
    assert generated | {"customerId": new_ids.new_id(generated["customerId"])} == case.body
    assert {"id": case.body["customerId"]} == case.query
    assert TARGET.key == case.headers[CONTRACT.key_header]
    assert b"5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f" == raw.body
