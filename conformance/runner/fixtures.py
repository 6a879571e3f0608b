"""What the tests of the suite get."""

from collections.abc import Callable
from typing import Any

import pytest
from schemathesis import Case

from ..contract.document import Contract
from ..requests.access import Enrollment
from ..requests.cases import Cases
from ..transport.exchange import Response
from ..transport.gate import RunStopped
from .session import FINAL, Session

SESSION = pytest.StashKey[Session]()


@pytest.fixture(scope="session")
def session(pytestconfig: pytest.Config) -> Session:
    """What the tests of this run share."""
    return pytestconfig.stash[SESSION]


@pytest.fixture(scope="session")
def contract(session: Session) -> Contract:
    """The contract."""
    return session.contract


@pytest.fixture
def cases(session: Session) -> Cases:
    """Makes cases of the update operation, for the test that runs now."""
    return session.cases(session.recorder.test)


@pytest.fixture(scope="session")
def send(session: Session) -> Callable[[Case[Any]], Response | None]:
    """Sends a case and judges the response."""

    def send_case(case: Case[Any], **how: Any) -> Response | None:  # noqa: ANN401 - the options of Session.send
        try:
            return session.send(case, **how)
        except RunStopped as reason:
            session.recorder.record_inconclusive(str(reason))
            pytest.skip(str(reason))

    return send_case


@pytest.fixture(scope="session")
def explore(send: Callable[..., Response | None]) -> Callable[[Case[Any]], Response | None]:
    """Sends a case of a property test, which goes on past rules that are known to be broken."""

    def send_case(case: Case[Any]) -> Response | None:
        return send(case, exploring=True)

    return send_case


@pytest.fixture
def enrollments(session: Session) -> tuple[Enrollment, ...]:
    """The enrollments that may be updated, several times each."""
    if session.state_model.is_final:
        session.recorder.record_not_applicable(FINAL)
        pytest.skip(FINAL)
    return session.target.enrollments
