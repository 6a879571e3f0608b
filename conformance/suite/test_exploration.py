"""What a deep run explores until its limit: requests of any shape, to enrollments in any state."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from schemathesis import Case

from ..contract import document
from ..judging.response_facts import named_fields
from ..requests import strategies
from ..requests.cases import FULL, Cases
from ..requests.statuses import statuses
from ..requests.strategies import REWRITTEN
from ..runner import exploration
from ..runner.recorder import RuleViolation
from ..runner.session import Session
from ..transport.exchange import Response

Send = Callable[[Case[Any]], Response | None]
CONTRACT = document.load()
UNDECIDED = 10.0
"""What a response is worth that decides a rule which no response decided before."""
ALLOWED = strategies.allowed_ids()
IDS = st.tuples(ALLOWED, ALLOWED | strategies.rejected_ids())
"""Two ids. One is new, because a request whose two ids could name a record is not sent."""
STATUSES = st.sampled_from(statuses(CONTRACT)) | strategies.unknown_statuses(CONTRACT)
REWRITES = st.sampled_from([bytes, REWRITTEN["white-space"], REWRITTEN["other-order"]])
SHAPES = st.fixed_dictionaries(
    {
        "ids": IDS | IDS.map(lambda ids: ids[::-1]),
        "index": st.none() | st.integers(0, 99),
        "status": STATUSES,
        "extra": st.just({}) | strategies.extra_fields(CONTRACT),
        "rewrite": REWRITES,
        "charset": st.booleans(),
        "key": st.sampled_from([FULL, FULL, FULL, None]),
    }
)
"""Requests of any shape. With an index the request names an enrollment, if the target has one."""


def case_of(cases: Cases, shape: dict[str, Any]) -> Case[Any]:
    """The request of a shape."""
    count, index = len(cases.access.enrollments), shape["index"]
    named = cases.enrolled(index % count) if count and index is not None else {}
    ids = dict(zip(("customerId", "campaignId"), shape["ids"], strict=True))
    body = {**shape["extra"], **ids, **named, "status": shape["status"]}
    text = shape["rewrite"](json.dumps(body).encode())
    media_type = "application/json; charset=utf-8" if shape["charset"] else "application/json"
    return cases.update(text, key=shape["key"], media_type=media_type)


@pytest.mark.exploring
@pytest.mark.deep
@pytest.mark.naming
@pytest.mark.rule(
    *("AUTH-01", "BODY-02", "BODY-05", "BODY-07", "HTTP-03", "HTTP-05", "ID-01", "ID-03", "ID-04", "ID-06"),
    *("ID-07", "RESPONSE-05", "RESPONSE-06", "STATE-01", "STATE-02", "STATE-05", "STATUS-02", "STATUS-04"),
)
def test_exploration_goes_on_until_the_limit(explore: Send, session: Session, cases: Cases) -> None:
    """Requests of any shape get the documented response, whatever was sent before."""
    seen: Counter[object] = Counter()

    @exploration.until_the_limit(is_dry=session.gate.is_dry)
    @hypothesis.seed(session.seed)  # which takes the database away, until the settings above give it back
    @hypothesis.given(shape=SHAPES)
    def send_shapes(shape: dict[str, Any]) -> None:
        undecided = len(session.recorder.decided)
        try:
            response = explore(case_of(cases, shape))
        except RuleViolation as violation:
            violations.append(violation)
            raise
        if response is not None:
            outcome = (response.status, response.code, frozenset(named_fields(response)))
            seen[outcome] += 1
            is_new = len(session.recorder.decided) > undecided
            # A rare response, or one that decides something, is worth looking for more of its kind.
            hypothesis.target((UNDECIDED if is_new else 0.0) + 1.0 / seen[outcome])

    exploration.keep(send_shapes, b"deep exploration")
    with exploration.first_violation() as violations:
        send_shapes()
