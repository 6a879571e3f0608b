"""The documented shape of every response, asked for by its status."""

from collections.abc import Callable

import pytest

from conformance import contract as contracts
from conformance.cases import Cases
from conformance.exchange import Answer
from conformance.question import UPDATE
from conformance.run import Run

Ask = Callable[..., Answer | None]

RULES = {200: "RESPONSE-01", 422: "RESPONSE-04", 429: "RATE-02"}
STATUSES = [
    pytest.param(status, marks=pytest.mark.rule(RULES.get(status, "RESPONSE-03"), "HTTP-04", needs="prefer"))
    for status in contracts.load().operations[UPDATE].responses
]


@pytest.mark.parametrize("status", STATUSES)
def test_responses_have_the_documented_body(ask: Ask, cases: Cases, run: Run, status: int) -> None:
    """The answer of each documented status has its documented body."""
    answer = ask(cases.update(headers={"prefer": f"code={status}"}))
    if answer is not None and answer.status != status:
        run.ledger.stay_silent(run.rules, f"asked to prefer {status}, the target answered {answer.status}")
