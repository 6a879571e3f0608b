"""The documented shape of every response, asked for by its status."""

from collections.abc import Callable

import pytest

from ..contract import document
from ..requests.cases import Cases
from ..requests.request_class import UPDATE
from ..runner.session import Session
from ..transport.exchange import Response

Send = Callable[..., Response | None]

RULES = {200: "RESPONSE-01", 422: "RESPONSE-04", 429: "RATE-02"}
STATUSES = [
    pytest.param(status, marks=pytest.mark.rule(RULES.get(status, "RESPONSE-03"), "HTTP-04", needs="prefer"))
    for status in document.load().operations[UPDATE].responses
]


@pytest.mark.parametrize("status", STATUSES)
def test_responses_have_the_documented_body(send: Send, cases: Cases, session: Session, status: int) -> None:
    """The response of each documented status has its documented body."""
    response = send(cases.update(headers={"prefer": f"code={status}"}))
    if response is not None and response.status != status:
        session.recorder.record_inconclusive(f"{status} was preferred, the target returned {response.status}")
