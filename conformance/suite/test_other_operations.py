"""Every operation but the update: valid requests, and bad keys."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case

from ..requests.cases import RESTRICTED
from ..requests.request_class import UPDATE
from ..runner import configuration, exploration
from ..runner.session import Session

Send = Callable[..., object]
UNKNOWN = "unknown"
STRUCTURE = ("HTTP-03", "HTTP-04", "HTTP-05", "RESPONSE-01", "RESPONSE-03", "RESPONSE-04")
"""The rules that any response can violate by its form."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that has the argument `other_operation` each operation but the update.

    These tests are part of every run, because no run conforms that left out an operation.
    """
    if "other_operation" in metafunc.fixturenames:
        others = sorted(configuration.read_contract(metafunc.config).operations.keys() - {UPDATE})
        of_every_run = [pytest.param(each, marks=pytest.mark.of_every_run) for each in others]
        metafunc.parametrize("other_operation", of_every_run)


def _valid(session: Session, operation: str, data: st.DataObject) -> Case[Any]:
    return session.with_key(session.with_new_ids(data.draw(session.operation(operation).as_strategy())))


@pytest.mark.screening(turn=-1)
@pytest.mark.rule(*STRUCTURE)
@exploration.at_most(1)
@given(data=st.data())
def test_other_operations_respond_as_documented(
    send: Send, session: Session, other_operation: str, data: st.DataObject
) -> None:
    """The simplest valid request to each operation but the update gets a documented response."""
    send(_valid(session, other_operation, data))


@pytest.mark.screening(turn=1)
@pytest.mark.rule(*STRUCTURE)
@exploration.at_most(3)
@given(data=st.data())
def test_other_operations_respond_to_more_values_as_documented(
    send: Send, session: Session, other_operation: str, data: st.DataObject
) -> None:
    """More valid requests to each operation but the update get a documented response."""
    send(_valid(session, other_operation, data))


@pytest.mark.screening(turn=1)
@pytest.mark.rule("AUTH-01", "AUTH-02", "AUTH-03", "AUTH-04", "AUTH-05", "AUTH-06", "AUTH-07", "HTTP-05")
@pytest.mark.parametrize("key", [None, UNKNOWN, RESTRICTED], ids=["missing", "unknown", "restricted"])
@exploration.at_most(1)
@given(data=st.data())
def test_other_operations_reject_bad_keys(
    send: Send, session: Session, other_operation: str, key: str | None, data: st.DataObject
) -> None:
    """An operation other than the update rejects a missing, an unknown and a restricted key."""
    header, prefix = session.contract.key_header, session.contract.key_prefix
    sent = {None: None, UNKNOWN: f"{prefix}{UNKNOWN}", RESTRICTED: session.target.restricted_key}[key]
    if not session.contract.operations[other_operation].needs_key or (key == RESTRICTED and sent is None):
        return
    case = _valid(session, other_operation, data)
    del case.headers[header]
    if sent is not None:
        case.headers[header] = sent
    send(case)
