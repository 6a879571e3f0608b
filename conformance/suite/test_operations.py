"""Every operation of the contract, by Schemathesis' own generation; and what the contract lacks."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case

from ..requests.cases import Cases
from ..runner import exploration
from ..runner.session import Session

Send = Callable[..., object]


@pytest.fixture
def generated(session: Session) -> st.SearchStrategy[Case[Any]]:
    """What Schemathesis makes of the schemas of all operations that may be sent to."""
    operations = sorted(session.contract.operations.items())
    allowed = [id_ for id_, each in operations if session.gate.may_send(each.method, each.path)]
    return st.one_of([session.operation(id_).as_strategy() for id_ in allowed])


@pytest.mark.rule("HTTP-03", "HTTP-04", "HTTP-05")
@exploration.part(4)  # Schemathesis takes the time of four other examples for one, and those test more
@given(data=st.data())
def test_operations_answer_generated_requests_as_documented(
    explore: Send, session: Session, generated: st.SearchStrategy[Case[Any]], data: st.DataObject
) -> None:
    """Whatever Schemathesis makes of an operation's schema gets a documented response."""
    explore(session.with_key(session.with_new_ids(data.draw(generated))))


@pytest.mark.rule("HTTP-03", "HTTP-05")
def test_operations_answer_with_an_unknown_query_as_documented(send: Send, cases: Cases) -> None:
    """A query, about which the contract says nothing, gets a documented response."""
    send(cases.update(query={"page": "1"}))


@pytest.mark.rule("HTTP-04", "HTTP-05")
@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/*", "text/html,application/xml;q=0.9,*/*;q=0.8", "application/problem+json, */*"],
)
def test_operations_answer_in_json_whatever_is_preferred(send: Send, cases: Cases, accept: str) -> None:
    """A client that would rather have another media type, but takes any, gets JSON."""
    send(cases.update(headers={"accept": accept}))


@pytest.mark.naming
@pytest.mark.rule("HTTP-01", "HTTP-06", "RESPONSE-07")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_operations_of_other_methods_are_rejected(send: Send, cases: Cases, method: str) -> None:
    """A method that the contract lacks is rejected, also for an enrollment that PATCH would update."""
    case = cases.update(cases.body(**cases.enrolled()))
    case.method = method  # type: ignore[assignment]  # any method may be sent
    send(case)


@pytest.mark.naming
@pytest.mark.rule("HTTP-01")
def test_operations_of_a_method_in_a_header_are_rejected(send: Send, cases: Cases) -> None:
    """A method that the contract lacks is rejected, also if a header says that it is PATCH."""
    case = cases.update(cases.body(**cases.enrolled()), headers={"x-http-method-override": "PATCH"})
    case.method = "POST"
    send(case)


@pytest.mark.naming
@pytest.mark.rule("HTTP-02")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v2/customers",
        "/v2/customers/campaign-status/x",
        "/v2/customers/campaign-status/",
        "/v2/customers/campaign-status.json",
        "/v2/Customers/Campaign-Status",
        "/v3/customers/campaign-status",
    ],
)
def test_operations_of_other_paths_are_rejected(send: Send, cases: Cases, path: str) -> None:
    """A path that the contract lacks is rejected, also if it is similar to the one of the contract."""
    case = cases.update(cases.body(**cases.enrolled()))
    case.path = path
    send(case)
