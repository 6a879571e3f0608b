"""Responses become a verdict on each rule, and one on the run."""

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


def record_responses(ledger: Ledger, *responses: str) -> None:
    """Record responses that depended on their requests."""
    for response in responses:
        ledger.record_response(response)


@pytest.mark.parametrize(
    ("responses", "reason"),
    [
        ([], "no response depended on its request"),
        (["404 NOT_FOUND"], "every request got the same response, 404 NOT_FOUND: is the address right?"),
        (["401", "401"], "every request got the same response, 401: is CARECYCLE_API_KEY right?"),
    ],
    ids=["nothing", "address", "key"],
)
def test_ledger_doubts_a_target_that_treats_all_requests_alike(responses: list[str], reason: str) -> None:
    """If every request got the same response, no pass counts, and a violation does."""
    ledger = Ledger(CONTRACT, {})
    record_responses(ledger, *responses)
    ledger.record_pass(MUST.id)
    assert (verdict(ledger).result, verdict(ledger).reason) == (Result.INCONCLUSIVE, reason)
    ledger.record_violation(MUST.id, example(1))
    assert verdict(ledger).result is Result.FAIL


def test_ledger_without_an_entry_is_inconclusive() -> None:
    """A rule that no response decided is inconclusive."""
    found = verdict(Ledger(CONTRACT, {}))
    assert (found.result, found.decisive, found.reason) == (Result.INCONCLUSIVE, 0, "no response decided it")


def test_ledger_counts_decisive_responses() -> None:
    """A rule that every response satisfied passes, with their number and the first of them."""
    ledger = Ledger(CONTRACT, {})
    record_responses(ledger, "404 NOT_FOUND", "401 UNAUTHORIZED")
    ledger.record_pass(MUST.id, 4)
    ledger.record_pass(MUST.id, 5)
    assert verdict(ledger) == Verdict(MUST, Result.PASS, decisive=2, broken=0, decided_at=4)


def test_ledger_keeps_the_simplest_counterexample() -> None:
    """A rule that one response broke fails, with the simplest exchange that did."""
    ledger = Ledger(CONTRACT, {})
    ledger.record_pass(MUST.id, 2)
    for size in (9, 3, 7):
        ledger.record_violation(MUST.id, example(size))
    ledger.record_violation(
        MUST.id, dataclasses.replace(example(3), expected="what was found later", test="later", at=90)
    )
    assert verdict(ledger) == Verdict(
        MUST,
        Result.FAIL,
        decisive=5,
        broken=4,
        found_at=19,
        decided_at=2,
        counterexample=example(3),
        seen_by=(example(3).test, "later"),
    )
    assert set(ledger.violated) == {MUST.id}


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
def test_ledger_weighs_its_entries(entries: list[str], result: Result, reason: str) -> None:
    """A violation outweighs an error of ours, an error a pass, and a pass every reason."""
    ledger = Ledger(CONTRACT, {MUST.id: "no way"} if "untested" in entries else {})
    record_responses(ledger, "200", "400")
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
    """Snapshots of two ledgers add up to what one ledger has that recorded everything."""
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


def test_ledger_has_verdicts_on_the_selected_rules_and_the_broken_ones() -> None:
    """Verdicts come in the order of the ids, on all rules, or on the selected and the broken ones."""
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
        ([], 6, 6),
        ([(MUST, Result.PASS), (SHOULD, Result.PASS)], 0, 0),
        ([(MUST, Result.UNTESTED), (MUST, Result.NOT_APPLICABLE)], 6, 6),
        ([(MUST, Result.PASS), (MUST, Result.NOT_APPLICABLE)], 0, 0),
        ([(MUST, Result.FAIL)], 1, 1),
        ([(SHOULD, Result.FAIL)], 0, 1),
        ([(MUST, Result.INCONCLUSIVE)], 6, 6),
        ([(SHOULD, Result.INCONCLUSIVE)], 6, 6),
        ([(MUST, Result.PASS), (SHOULD, Result.INCONCLUSIVE)], 0, 6),
        ([(SHOULD, Result.FAIL), (MUST, Result.INCONCLUSIVE)], 6, 1),
        ([(MUST, Result.FAIL), (MUST, Result.INCONCLUSIVE)], 1, 1),
        ([(MUST, Result.ERROR), (MUST, Result.FAIL)], 3, 3),
        ([(SHOULD, Result.ERROR)], 3, 3),
    ],
)
def test_exit_status_follows_the_verdicts(
    results: list[tuple[object, Result]], lenient: int, strict: int
) -> None:
    """The gravest verdict decides, a broken recommendation counts if strict, no decision is inconclusive."""
    verdicts = [Verdict(rule, result, decisive=0, broken=0) for rule, result in results]  # type: ignore[arg-type]  # the table has rules
    assert (exit_status(verdicts, strict=False), exit_status(verdicts, strict=True)) == (lenient, strict)
    warned = [(rule is SHOULD and result is Result.FAIL) for rule, result in results]
    assert [one.is_warning(strict=False) for one in verdicts] == warned
    assert not any(one.is_warning(strict=True) for one in verdicts)
