"""What was asked and answered becomes a verdict on each rule, and one on the run."""

import dataclasses
import json

import pytest

from conformance.contract.document import load
from conformance.reporting.ledger import Counterexample, Ledger, Result, Verdict, exit_status

CONTRACT = load()
MUST, SHOULD = CONTRACT.rules["STATUS-02"], CONTRACT.rules["STATUS-03"]


def example(size: int) -> Counterexample:
    """A counter-example of some size."""
    return Counterexample(f"expected {size}", "received", "request", "replay", "test", size, at=10 + size)


def verdict(ledger: Ledger, rule: str = MUST.id) -> Verdict:
    """The verdict on one rule."""
    return next(one for one in ledger.verdicts() if one.rule.id == rule)


def record_response(ledger: Ledger, *answers: str) -> None:
    """Enter that answers were heard."""
    for response in answers:
        ledger.record_response(response)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([], "no answer told anything"),
        (["404 NOT_FOUND"], "every request got the same answer, 404 NOT_FOUND: is the address right?"),
        (["401", "401"], "every request got the same answer, 401: is CARECYCLE_API_KEY right?"),
    ],
    ids=["nothing", "address", "key"],
)
def test_ledger_doubts_a_target_that_tells_nothing_apart(answers: list[str], reason: str) -> None:
    """What was kept counts for nothing where every request got the same answer; what was broken does."""
    ledger = Ledger(CONTRACT, {})
    record_response(ledger, *answers)
    ledger.record_pass(MUST.id)
    assert (verdict(ledger).result, verdict(ledger).reason) == (Result.INCONCLUSIVE, reason)
    ledger.record_violation(MUST.id, example(1))
    assert verdict(ledger).result is Result.FAIL


def test_ledger_without_an_entry_is_inconclusive() -> None:
    """Of a rule that no answer decided, nothing is known."""
    found = verdict(Ledger(CONTRACT, {}))
    assert (found.result, found.decisive, found.reason) == (Result.INCONCLUSIVE, 0, "no answer decided it")


def test_ledger_counts_decisive_answers() -> None:
    """A rule that every answer kept passes, with their number."""
    ledger = Ledger(CONTRACT, {})
    record_response(ledger, "404 NOT_FOUND", "401 UNAUTHORIZED")
    ledger.record_pass(MUST.id)
    ledger.record_pass(MUST.id)
    assert verdict(ledger) == Verdict(MUST, Result.PASS, decisive=2, broken=0)


def test_ledger_keeps_the_smallest_counterexample() -> None:
    """A rule that one answer broke fails, with the smallest request that did."""
    ledger = Ledger(CONTRACT, {})
    ledger.record_pass(MUST.id)
    for size in (9, 3, 7):
        ledger.record_violation(MUST.id, example(size))
    ledger.record_violation(
        MUST.id, dataclasses.replace(example(3), expected="what was found later", test="later")
    )
    assert verdict(ledger) == Verdict(
        MUST,
        Result.FAIL,
        decisive=5,
        broken=4,
        found_at=19,
        counterexample=example(3),
        seen_by=(example(3).test, "later"),
    )
    assert set(ledger.broken) == {MUST.id}


@pytest.mark.parametrize(
    ("entries", "result", "reason"),
    [
        (["lack"], Result.NOT_APPLICABLE, "lacking"),
        (["silent"], Result.INCONCLUSIVE, "silence"),
        (["lack", "silent"], Result.INCONCLUSIVE, "silence"),
        (["untested", "lack", "silent"], Result.UNTESTED, "no way"),
        (["untested", "lack", "silent", "hold"], Result.PASS, ""),
        (["lack", "hold", "error"], Result.ERROR, "bug"),
        (["hold", "error", "break"], Result.FAIL, ""),
    ],
    ids="-".join,
)
def test_ledger_weighs_what_it_knows(entries: list[str], result: Result, reason: str) -> None:
    """A broken rule outweighs a bug of ours, a bug a held rule, and an answer the lack of one."""
    ledger = Ledger(CONTRACT, {MUST.id: "no way"} if "untested" in entries else {})
    record_response(ledger, "200", "400")
    for entry in entries:
        {
            "untested": lambda: None,
            "lack": lambda: ledger.record_not_applicable([MUST.id], "lacking"),
            "silent": lambda: ledger.record_inconclusive([MUST.id], "silence"),
            "hold": lambda: ledger.record_pass(MUST.id),
            "error": lambda: ledger.record_error([MUST.id], "bug"),
            "break": lambda: ledger.record_violation(MUST.id, example(1)),
        }[entry]()
    assert (verdict(ledger).result, verdict(ledger).reason) == (result, reason)


def test_ledger_adds_up() -> None:
    """A snapshot of one ledger entered in another leaves what one ledger alone would have of both."""
    ledgers = Ledger(CONTRACT, {}), Ledger(CONTRACT, {})
    both = Ledger(CONTRACT, {})
    for index, size in enumerate((9, 3, 7, 3)):
        for ledger in (ledgers[index % 2], both):
            ledger.record_pass(MUST.id)
            ledger.record_violation(MUST.id, dataclasses.replace(example(size), at=index))
            ledger.record_not_applicable(["ID-01"], "lacking")
            ledger.record_inconclusive([f"ID-0{index}"], "silence")
            ledger.record_error(["AUTH-01"], "bug")
    merged = Ledger(CONTRACT, {})
    for ledger in ledgers:
        merged.add(json.loads(json.dumps(ledger.snapshot())))
    assert merged.verdicts() == both.verdicts()
    assert merged.snapshot() == both.snapshot()


def test_ledger_tells_the_selected_rules_and_the_broken_ones() -> None:
    """Verdicts come in the order of the ids: of all rules, or of those asked for and those broken."""
    ledger = Ledger(CONTRACT, {})
    ledger.record_violation("AUTH-09", example(1))
    assert [one.rule.id for one in ledger.verdicts()] == list(CONTRACT.rules)
    assert [one.rule.id for one in ledger.verdicts({"STATUS-02", "ID-01"})] == [
        "AUTH-09",
        "ID-01",
        "STATUS-02",
    ]


@pytest.mark.parametrize(
    ("results", "lenient", "strict"),
    [
        ([], 0, 0),
        ([(MUST, Result.PASS), (SHOULD, Result.PASS)], 0, 0),
        ([(MUST, Result.UNTESTED), (MUST, Result.NOT_APPLICABLE)], 0, 0),
        ([(MUST, Result.FAIL)], 1, 1),
        ([(SHOULD, Result.FAIL)], 0, 1),
        ([(MUST, Result.INCONCLUSIVE)], 6, 6),
        ([(SHOULD, Result.INCONCLUSIVE)], 0, 6),
        ([(SHOULD, Result.FAIL), (MUST, Result.INCONCLUSIVE)], 6, 1),
        ([(MUST, Result.FAIL), (MUST, Result.INCONCLUSIVE)], 1, 1),
        ([(MUST, Result.ERROR), (MUST, Result.FAIL)], 3, 3),
        ([(SHOULD, Result.ERROR)], 3, 3),
    ],
)
def test_exit_status_follows_the_verdicts(
    results: list[tuple[object, Result]], lenient: int, strict: int
) -> None:
    """The exit status is that of the gravest verdict, and a broken recommendation counts if strict."""
    verdicts = [Verdict(rule, result, decisive=0, broken=0) for rule, result in results]  # type: ignore[arg-type]  # the table has rules
    assert (exit_status(verdicts, strict=False), exit_status(verdicts, strict=True)) == (lenient, strict)
    warned = [(rule is SHOULD and result is Result.FAIL) for rule, result in results]
    assert [one.is_warning(strict=False) for one in verdicts] == warned
    assert not any(one.is_warning(strict=True) for one in verdicts)
