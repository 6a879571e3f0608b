"""A run asks, judges the answer, and writes down what it means."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from conformance.contract.document import Contract
from conformance.judging.registry import CHECKS
from conformance.reporting.ledger import Ledger, Result, Verdict
from conformance.requests import new_ids
from conformance.runner.session import RuleViolation, Run
from conformance.selftest.questions import CASES, CONTRACT, ONE, SCHEMA, TARGET, body
from conformance.selftest.servers import Handler, Reply, Respond, always, listen
from conformance.transport.gate import Gate, RunStopped

NOT_FOUND = {"message": "no", "code": "NOT_FOUND"}
UNAUTHORIZED = {"message": "no", "code": "UNAUTHORIZED"}
WRONG = {"message": "no", "code": "WRONG"}


@contextmanager
def running(*replies: Respond, contract: Contract = CONTRACT, **options: Any) -> Iterator[Run]:  # noqa: ANN401 - options
    """A run against a server that answers in turn, the last for ever."""
    left = list(replies)

    def respond(request: Handler) -> Reply | None:
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    with listen(respond) as url:
        target = replace(TARGET, url=url)
        gate = Gate(target, contract, max_requests=options.pop("max_requests", None), timeout=1)
        run = Run(contract, SCHEMA, target, gate, Ledger(contract, {}), seed="7", options=("--x",), **options)
        run.begin("test_it", ("STATUS-01",))
        try:
            yield run
        finally:
            gate.close()


def verdict(run: Run, rule: str) -> Verdict:
    """What the run has to say of a rule."""
    return next(one for one in run.ledger.verdicts() if one.rule.id == rule)


def test_run_writes_down_what_holds() -> None:
    """An answer that keeps its rules is entered for each of them."""
    with running(always(404, NOT_FOUND), always(401, UNAUTHORIZED)) as run:
        response = run.ask(CASES.update())
        run.ask(CASES.update(key=None))
    assert response is not None
    assert verdict(run, "STATUS-01").result is verdict(run, "LOOKUP-03").result is Result.PASS
    assert set(run.ledger.broken) == set()


@pytest.mark.parametrize("code", [404, 401])
def test_run_gives_up_a_target_that_tells_nothing_apart(code: int) -> None:
    """Where twenty requests got one answer, a good key and none are tried, and nothing passes."""
    with running(always(code, NOT_FOUND)) as run:
        for _ in range(20 if code == 404 else 8):
            run.ask(CASES.update())
        with pytest.raises(RunStopped, match=r"is (the address|CARECYCLE_API_KEY) right"):
            run.ask(CASES.update())
    assert run.gate.sent == (22 if code == 404 else 8)
    assert verdict(run, "LOOKUP-03").result is not Result.PASS


@pytest.mark.parametrize("at_the_end", [True, False])
def test_run_compares_where_all_answers_were_alike(*, at_the_end: bool) -> None:
    """One kind of answer to all that was asked counts, where the target then tells a key from none."""
    replies = [*[always(404, NOT_FOUND)] * 4, always(401, UNAUTHORIZED)]
    with running(*replies, max_requests=None if at_the_end else 5) as run:
        for _ in range(3):
            run.ask(CASES.update())
        assert (verdict(run, "LOOKUP-03").result is Result.PASS) is not at_the_end
        run.compare()
        run.compare()
    assert run.gate.sent == 5
    assert verdict(run, "LOOKUP-03").result is Result.PASS


def test_run_raises_what_is_broken() -> None:
    """A broken MUST is raised with all that a person needs, and kept as a counter-example."""
    with running(always(404, WRONG)) as run, pytest.raises(RuleViolation) as caught:
        run.ask(CASES.update())
    example = verdict(run, "LOOKUP-03").counterexample
    assert example is not None
    assert str(caught.value).startswith("LOOKUP-03  ")
    assert example.request in str(caught.value)
    assert (example.test, example.at, example.size > 100) == ("test_it", 1, True)
    assert example.replay == ".venv/bin/tox run -e conformance -- --x --rule LOOKUP-03 --rule STATUS-01"


def test_run_raises_a_rule_again_for_those_who_ask() -> None:
    """What was broken before is raised only to a test that asks about it, unless it explores."""
    with running(always(404, WRONG)) as run:
        for _ in range(2):  # Hypothesis asks twice, and must see the same
            with pytest.raises(RuleViolation):
                run.ask(CASES.update(), exploring=True)
        run.begin("test_other", ("ID-01",))
        run.ask(CASES.update())
        run.begin("test_it", ("LOOKUP-03",))
        run.ask(CASES.update(), exploring=True)
        with pytest.raises(RuleViolation):
            run.ask(CASES.update())
    assert verdict(run, "LOOKUP-03").broken == 5


def test_run_raises_a_recommendation_where_it_is_strict() -> None:
    """A broken recommendation is raised in a strict run alone, and written down in any."""
    undocumented = always(418, UNAUTHORIZED)
    for strict in (False, True):
        with running(undocumented, strict=strict) as run:
            run.begin("test_it", ("HTTP-05",))
            if strict:
                with pytest.raises(RuleViolation, match=r"HTTP-05|AUTH-04"):
                    run.ask(CASES.update(key=None))
            else:
                run.ask(CASES.update(key=None))
        assert verdict(run, "HTTP-05").result is Result.FAIL


@pytest.mark.parametrize(
    ("status", "response"), [(401, UNAUTHORIZED), (403, UNAUTHORIZED), (429, {"retryAfter": 99})]
)
def test_run_says_why_nothing_was_decided(status: int, response: dict[str, Any]) -> None:
    """An answer that decides nothing is the reason of the rules that were asked about."""
    with running(always(status, {**response, "message": "no", "code": "RATE_LIMIT_EXCEEDED"})) as run:
        run.ask(CASES.update())
    assert verdict(run, "STATUS-01").reason == f"the target answered {status}"
    assert verdict(run, "ID-01").reason == "no response decided it"


def test_run_writes_down_a_silence() -> None:
    """A request without an answer is the reason of the rules that were asked about."""
    with running(lambda _: None) as run:
        assert run.ask(CASES.update()) is None
    assert verdict(run, "STATUS-01").reason == "the connection was closed before a response came"


def test_run_asks_whether_a_refused_key_is_good() -> None:
    """A refusal of a key that was let in before is blamed on the request, if a plain one is still let in."""
    known, refused = always(404, NOT_FOUND), always(401, UNAUTHORIZED)
    case = CASES.update(body(note=1))
    for control, result in (
        (known, Result.FAIL),
        (refused, Result.INCONCLUSIVE),
        (lambda _: None, Result.INCONCLUSIVE),
    ):
        with running(known, refused, control) as run:
            run.ask(CASES.update())
            run.ask(case)
        assert verdict(run, "BODY-02").result is result
        assert run.gate.sent == (4 if control in (known, refused) else 6)


def test_run_asks_without_fields_whether_a_key_is_good() -> None:
    """Where the plainest request is refused as well, one without fields shows that the key is good."""
    refused, invalid = always(403, UNAUTHORIZED), always(400, {"message": "no", "code": "X"})
    with running(invalid, refused, refused, invalid) as run:
        run.ask(CASES.update(b"{}"))
        with pytest.raises(RuleViolation):
            run.ask(CASES.update())
    assert verdict(run, "STATUS-01").result is Result.FAIL
    assert run.gate.sent == 4


def test_run_asks_no_control_for_a_bad_key() -> None:
    """A key that was never let in is not asked about again, nor one past the budget."""
    refused = always(401, UNAUTHORIZED)
    with running(refused) as run:
        run.ask(CASES.update())
        run.ask(CASES.update(key="cc_x"))
        assert run.gate.sent == 2
    with running(always(404, NOT_FOUND), refused, max_requests=2) as run:
        run.ask(CASES.update())
        run.ask(CASES.update(body(note=1)))
        assert run.gate.sent == 2
    assert verdict(run, "BODY-02").result is Result.INCONCLUSIVE


def test_run_disagrees_in_words() -> None:
    """A rule that takes more than one exchange is broken by what a test says, and raised if it is a MUST."""
    with running(always(404, NOT_FOUND)) as run:
        with pytest.raises(RuleViolation, match="request   none"):
            run.disagree("RATE-01", "a refusal", f"the key {TARGET.key}")
        run.ask(CASES.update())
        run.disagree("RATE-04", "429", "503")
    first, second = (verdict(run, rule).counterexample for rule in ("RATE-01", "RATE-04"))
    assert first is not None
    assert second is not None
    assert first.received == "the key [masked]"
    assert second.request.startswith("curl -X PATCH")


def test_run_leaves_out_rules_that_the_contract_lacks() -> None:
    """A contract without a rule is judged by the others."""
    raw = dict(CONTRACT.raw)
    raw["paths"] = {}
    contract = Contract(raw)
    assert "STATE-01" not in contract.rules
    with running(always(200, {}), contract=contract) as run:
        run.write_down({"STATE-01": "anything", "AUTH-01": ""}, run.gate.send(CASES.update()))
    assert set(run.ledger.broken) == set()
    assert "STATE-01" not in CHECKS


def test_run_makes_generated_ids_fresh() -> None:
    """Every UUID of a generated case is replaced by a fresh one, and nothing else is."""
    generated: dict[str, Any] = {
        "customerId": "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f",
        "note": [1, {"a": "text"}],
        "status": "failed",
    }
    with running(always(404, NOT_FOUND)) as run:
        case = run.freshen(
            run.with_key(CASES.update(generated, key=None, query={"id": generated["customerId"]}))
        )
        raw = run.freshen(CASES.update(b"5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"))
    assert case.body == generated | {"customerId": new_ids.new_id(generated["customerId"])}
    assert case.query == {"id": case.body["customerId"]}
    assert case.headers[CONTRACT.key_header] == TARGET.key
    assert raw.body == b"5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"


def refusing(says_no: Callable[[Handler, dict[str, Any]], bool], code: int = 400) -> Respond:
    """A server that refuses some updates of a JSON body, updates `ONE` by others, and knows nobody else."""

    def respond(request: Handler) -> Reply | None:
        sent = json.loads(request.content)
        if says_no(request, sent):
            return always(code, {"message": "no", "code": "BAD"})(request)
        if (sent["customerId"], sent["campaignId"]) != (ONE.customer_id, ONE.campaign_id):
            return always(404, NOT_FOUND)(request)
        done = {"success": True, "previousStatus": "failed", "newStatus": sent["status"]}
        return always(200, done | {"customerCampaignId": new_ids.new_id("done")})(request)

    return respond


@pytest.mark.parametrize(
    ("says_no", "broken"),
    [
        (lambda request, _: "charset" in request.headers["content-type"], "BODY-05"),
        (lambda _, sent: "note" in sent, "BODY-02"),
        (lambda _, sent: sent["customerId"] == ONE.customer_id, ""),
    ],
    ids=["charset", "unknown-field", "the-enrollment"],
)
def test_run_asks_an_update_again_without_what_is_unusual(
    says_no: Callable[[Handler, dict[str, Any]], bool], broken: str
) -> None:
    """An update that was refused breaks the rule about what it is accepted without, and else none of them."""
    case = CASES.update(
        json.dumps(body(ONE, note="x")).encode(), media_type="application/json; charset=utf-8"
    )
    with running(refusing(says_no)) as run:
        run.ask(case)
    assert set(run.ledger.broken) & {"BODY-02", "BODY-05"} == ({broken} if broken else set())


def test_run_asks_again_with_ids_that_nobody_has() -> None:
    """Where a request is valid but for whose id it names, its kinds of ids and its charset are not blamed."""
    elsewhere = body(customerId=ONE.customer_id, campaignId=new_ids.new_id_like(ONE.campaign_id, "elsewhere"))
    with running(refusing(lambda _, sent: sent["customerId"] == ONE.customer_id)) as run:
        run.ask(CASES.update(json.dumps(elsewhere).encode(), media_type="application/json; charset=utf-8"))
    assert "LOOKUP-02" in run.ledger.broken
    assert not {"BODY-05", "ID-01", "ID-03", "STATUS-01"} & set(run.ledger.broken)


@pytest.mark.parametrize(
    ("says_no", "broken"),
    [
        (lambda request, _: "charset" in request.headers["content-type"], "BODY-05"),
        (lambda _, sent: "note" in sent, "BODY-02"),
    ],
    ids=["charset", "unknown-field"],
)
def test_run_tells_a_charset_from_an_unknown_field(
    says_no: Callable[[Handler, dict[str, Any]], bool], broken: str
) -> None:
    """Where a request has both and names nobody, it comes again without the charset."""
    content = json.dumps(body(note="x")).encode()
    with running(refusing(says_no)) as run:
        run.ask(CASES.update(content, media_type="application/json; charset=utf-8"))
    assert set(run.ledger.broken) & {"BODY-02", "BODY-05", "STATUS-01"} == {broken}


def test_run_blames_no_status_for_whom_a_request_names() -> None:
    """A refusal of whose id it is does not make the status the reason of another one."""
    elsewhere = body(customerId="a5d1c0de-7b2f-4c1e-8f3a-2d9b6e0c4a17", campaignId=CASES.id())
    with running(refusing(lambda _, sent: sent["customerId"] == elsewhere["customerId"])) as run:
        run.ask(CASES.update(elsewhere))
    assert ("LOOKUP-02" in run.ledger.broken, run.refused_plainly) == (True, set())
