"""The opening of a run: few requests that ask much, for a small budget."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.cases import FULL, Cases
from conformance.checks.registry import named_fields
from conformance.contract import JSON
from conformance.exchange import Answer
from conformance.question import STATUS_FIELD, Key, Question, Stage
from conformance.run import Broken, Run
from conformance.suite.opening import FIRST, THEN, Move

Ask = Callable[..., Answer | None]

MOVES = [
    pytest.param(
        move,
        marks=[pytest.mark.opening(turn=turn), pytest.mark.rule(*move.rules, needs=move.needs)],
        id=move.name,
    )
    for turn, moves in ((0, FIRST), (2, THEN))
    for move in moves
]


@pytest.mark.parametrize("move", MOVES)
def test_opening_is_answered_as_documented(ask: Ask, run: Run, cases: Cases, move: Move) -> None:
    """A request that asks several things at once gets the documented answer to each."""
    if len(run.target.enrollments) >= move.below:
        return
    case, broken = move.case(cases, run), None
    run.rules = move.asks(run)
    has_another = run.target.limited_url != run.target.url
    try:
        answer = ask(case, base_url=run.target.limited_url if move.at_the_limit and has_another else None)
    except Broken as error:  # what else the request asked is still to be found out
        answer, broken = None if run.last is None else run.last.answer, error
    question = run.read(case)
    if answer is not None and len(question.wrong) > 1:
        ask_apart(ask, run, cases, question, answer)
    if answer is not None and move.key != FULL and answer.status not in {401, 403} and not move.is_valid:
        # Was the key let in, or the body looked at first? A valid body with the same key tells.
        status = question.status if question.stage is Stage.LOOKUP else "failed"
        plain = replace(move, status=status, spoil=bytes, fresh=None, media_type=JSON)
        ask(plain.case(cases, run))
    is_plain_update = question.stage is Stage.UPDATE and question.key is Key.FULL
    if answer is not None and is_plain_update and 400 <= answer.status < 500:
        if move.ids:
            # Is the record final, or the request refused? Ids of the same kinds that name nobody tell.
            ask(replace(move, of=None).case(cases, run))
        # Or is it this status that is refused? The other one tells what the status was.
        other = "failed" if move.status == "completed" else "completed"
        ask(replace(move, status=other).case(cases, run))
    if broken is not None:
        raise broken


def ask_apart(ask: Ask, run: Run, cases: Cases, question: Question, answer: Answer) -> None:
    """Ask alone about each wrong field that an answer did not name: was it accepted, or left out?"""
    wrong = {name for name, _ in question.wrong}
    for name in sorted(wrong - named_fields(answer)):
        if "RESPONSE-06" in run.ledger.broken or (400 <= answer.status < 500 and not named_fields(answer)):
            return  # this target does not name what is wrong: later tests ask about each thing alone
        others = {other: value for other, value in cases.body().items() if other in wrong - {name}}
        body = question.value | others | ({} if STATUS_FIELD in wrong else {STATUS_FIELD: "completed"})
        alone = ask(cases.update(body))
        if alone is not None and named_fields(alone) == {name} and named_fields(answer):
            run.disagree(
                "RESPONSE-06", f"a `path` to {name} beside the others", "none, though alone it has one"
            )
