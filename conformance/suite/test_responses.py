"""The documented shape of every response, asked for by its status."""

from collections.abc import Callable

import pytest

from ..contract import document
from ..requests.cases import Cases
from ..requests.classify import UPDATE
from ..runner.session import Run
from ..transport.exchange import Response

Ask = Callable[..., Response | None]

RULES = {200: "RESPONSE-01", 422: "RESPONSE-04", 429: "RATE-02"}
STATUSES = [
    pytest.param(status, marks=pytest.mark.rule(RULES.get(status, "RESPONSE-03"), "HTTP-04", needs="prefer"))
    for status in document.load().operations[UPDATE].responses
]


@pytest.mark.parametrize("status", STATUSES)
def test_responses_have_the_documented_body(ask: Ask, cases: Cases, run: Run, status: int) -> None:
    """The answer of each documented status has its documented body."""
    response = ask(cases.update(headers={"prefer": f"code={status}"}))
    if response is not None and response.status != status:
        run.ledger.record_inconclusive(
            run.rules, f"asked to prefer {status}, the target answered {response.status}"
        )
