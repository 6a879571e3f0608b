"""Which statuses are accepted and which rejected."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..contract import document
from ..requests import strategies
from ..requests.access import Enrollment
from ..requests.cases import Cases
from ..requests.statuses import non_terminal_statuses, terminal_statuses
from ..runner import exploration

Send = Callable[..., object]

CONTRACT = document.load()


@pytest.mark.rule("STATUS-01")
@pytest.mark.parametrize("status", terminal_statuses(CONTRACT))
def test_status_terminal_is_accepted(send: Send, cases: Cases, status: str) -> None:
    """A terminal status passes validation."""
    send(cases.update(cases.body(status=status)))


@pytest.mark.rule("STATUS-02", "STATUS-03")
@pytest.mark.parametrize("status", non_terminal_statuses(CONTRACT))
def test_status_not_terminal_is_rejected(send: Send, cases: Cases, status: str) -> None:
    """A well-formed status that is not terminal is rejected."""
    send(cases.update(cases.body(status=status)))


@pytest.mark.rule("STATUS-02", "STATUS-03", needs="enrollment")
@pytest.mark.parametrize("status", non_terminal_statuses(CONTRACT))
def test_status_not_terminal_is_rejected_for_an_enrollment(
    send: Send, cases: Cases, enrollments: tuple[Enrollment, ...], status: str
) -> None:
    """A status that is not terminal is rejected where the record is there to be updated."""
    send(cases.update(cases.body(**enrollments[0].fields, status=status)))


@pytest.mark.rule("STATUS-04", "RESPONSE-05")
@pytest.mark.parametrize("status", strategies.UNKNOWN_STATUSES.values(), ids=strategies.UNKNOWN_STATUSES)
def test_status_unknown_is_rejected(send: Send, cases: Cases, status: object) -> None:
    """A value that is no documented status fails validation."""
    send(cases.update(cases.body(status=status)))


@pytest.mark.rule("STATUS-04")
@given(status=strategies.unknown_statuses(CONTRACT))
def test_status_unknown_is_rejected_whatever_it_is(explore: Send, cases: Cases, status: object) -> None:
    """Any value that is no documented status fails validation."""
    explore(cases.update(cases.body(status=status)))


@pytest.mark.rule("STATUS-01", "STATUS-02")
@exploration.part(2)
@given(
    customer=strategies.allowed_ids(),
    campaign=strategies.allowed_ids(),
    statuses=st.tuples(
        st.sampled_from(terminal_statuses(CONTRACT)),
        st.sampled_from(non_terminal_statuses(CONTRACT)),
    ),
)
def test_status_decides_alone_with_any_ids(
    explore: Send, cases: Cases, customer: str, campaign: str, statuses: tuple[str, str]
) -> None:
    """Whether a status is accepted does not depend on the ids."""
    for status in statuses:
        explore(cases.update(cases.body(customerId=customer, campaignId=campaign, status=status)))
