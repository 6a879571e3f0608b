"""What an update changes, and what it does not change."""

import random
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from schemathesis import Case

from ..contract import document
from ..requests import strategies
from ..requests.access import Enrollment
from ..requests.cases import FULL, Cases
from ..requests.ids import MAX
from ..requests.request_class import ID_FIELDS
from ..requests.statuses import non_terminal_statuses, statuses, terminal_statuses
from ..runner import exploration
from ..runner.recorder import RuleViolation
from ..runner.session import Session
from ..transport.exchange import Response

Send = Callable[..., Response | None]
SetStatus = Callable[..., Response | None]

CONTRACT = document.load()
TERMINAL = terminal_statuses(CONTRACT)
OTHERS = non_terminal_statuses(CONTRACT)
INDEXES = st.integers(0, 99)
"""Stand for the enrollments, as many as there are."""
STEPS = 12
"""How many requests an example of the state machine takes at most."""


@pytest.fixture
def set_status(send: Send, cases: Cases) -> SetStatus:
    """Sends an update of an enrollment."""

    def set_it(
        enrollment: Enrollment,
        status: str,
        *,
        key: str | None = FULL,
        method: str = "PATCH",
        **changes: object,
    ) -> Response | None:
        case = cases.update(cases.body(**enrollment.fields | {"status": status} | changes), key=key)
        case.method = method  # type: ignore[assignment]  # any method may be sent
        return send(case)

    return set_it


@pytest.mark.rule(
    "RESPONSE-01", "RESPONSE-02", "STATE-01", "STATE-02", "STATE-03", "STATE-08", needs="enrollment"
)
def test_state_previous_status_follows_the_last_update(
    set_status: SetStatus, enrollments: tuple[Enrollment, ...]
) -> None:
    """Each update reports the status that it set and the one before."""
    for status in ("completed", "failed", "failed", "completed"):
        set_status(enrollments[0], status)


@pytest.mark.rule("STATE-04", "STATE-06", needs="enrollments")
def test_state_of_another_enrollment_is_left_alone(
    set_status: SetStatus, enrollments: tuple[Enrollment, ...]
) -> None:
    """An update of one enrollment does not show in another."""
    one, other = enrollments[:2]
    set_status(one, "completed")
    set_status(other, "failed")
    set_status(one, "completed")
    set_status(other, "failed")


REJECTED: dict[str, dict[str, Any]] = {
    "not-terminal": {"status": "pending"},
    "unknown-status": {"status": "done"},
    "no-key": {"key": None},
    "unknown-key": {"key": "cc_0000000000000000000000000000"},
    "other-method": {"method": "PUT"},
}


@pytest.mark.rule("STATE-05", needs="enrollment")
@pytest.mark.parametrize("change", REJECTED.values(), ids=REJECTED)
def test_state_survives_a_rejected_request(
    set_status: SetStatus, enrollments: tuple[Enrollment, ...], change: dict[str, Any]
) -> None:
    """A rejected request does not show in the next update."""
    for _ in range(2):  # so that another status afterwards is not that of an update that got lost
        set_status(enrollments[0], "completed")
    set_status(enrollments[0], **{"status": "failed"} | change)
    set_status(enrollments[0], "completed")


@pytest.mark.rule("STATE-07", needs=("enrollment", "swap_ids"))
@pytest.mark.parametrize(("status", "other"), [TERMINAL, TERMINAL[::-1]])
def test_state_ids_are_not_interchangeable(
    set_status: SetStatus, enrollments: tuple[Enrollment, ...], status: str, other: str
) -> None:
    """The ids of an enrollment in each other's place update nothing."""
    customer, campaign = enrollments[0].customer_id, enrollments[0].campaign_id
    for _ in range(2):
        set_status(enrollments[0], other)
    set_status(enrollments[0], status, customerId=campaign, campaignId=customer)
    set_status(enrollments[0], other)


@pytest.mark.rule("LOOKUP-01")
def test_state_unknown_ids_stay_unknown(send: Send, cases: Cases) -> None:
    """Ids that were not found are not enrolled."""
    body = cases.body()
    for _ in range(2):
        send(cases.update(body))


@pytest.mark.exploring
@pytest.mark.rule(
    "HTTP-05", "STATE-01", "STATE-02", "STATE-04", "STATE-05", "STATE-06", "STATUS-02", needs="enrollments"
)
def test_state_follows_a_walk_over_every_enrollment(
    explore: Send, session: Session, cases: Cases, enrollments: tuple[Enrollment, ...]
) -> None:
    """Each enrollment holds what its last update set, whatever is sent about any enrollment in any order."""
    terminal = terminal_statuses(session.contract)
    steps = [(index, status) for index in range(len(enrollments)) for status in terminal]
    steps += [(index, status) for index in range(len(enrollments)) for status in statuses(session.contract)]
    walk = random.Random(session.seed)  # noqa: S311 - the same seed, the same walk
    walk.shuffle(steps)
    for index, status in steps:
        explore(cases.update(cases.body(**cases.enrolled(index), status=status)))


BAD_KEYS = st.sampled_from([None, "", "cc_0000000000000000000000000000"])


class Requests(RuleBasedStateMachine):
    """Requests about the enrollments in any order. The state model of the run judges the responses."""

    def __init__(self, send: Callable[[Case[Any]], Response | None], session: Session, cases: Cases) -> None:
        """Remember how to send a request."""
        super().__init__()
        self._send, self._cases, self._session = send, cases, session

    def _update(self, index: int, status: object, key: str | None = FULL, **changes: str) -> None:
        named = self._cases.enrolled(index % len(self._session.target.enrollments))
        self._send(self._cases.update(self._cases.body(**named | {"status": status} | changes), key=key))

    @rule(index=INDEXES, status=st.sampled_from(TERMINAL))
    def update(self, index: int, status: str) -> None:
        """Set a status."""
        self._update(index, status)

    @rule(index=INDEXES, status=st.sampled_from(TERMINAL), change=st.sampled_from([str.upper, str.lower]))
    def update_in_other_case(self, index: int, status: str, change: Callable[[str], str]) -> None:
        """Set a status, with the ids in another letter case."""
        named = self._cases.enrolled(index % len(self._session.target.enrollments))
        ids = {name: change(id_) for name, id_ in named.items() if id_.lower() != MAX}
        self._update(index, status, **ids)

    @rule(index=INDEXES, status=st.sampled_from(OTHERS) | strategies.unknown_statuses(CONTRACT))
    def send_another_status(self, index: int, status: object) -> None:
        """Send a status that must be rejected, and that leaves the status as it is."""
        self._update(index, status)

    @rule(index=INDEXES, status=st.sampled_from(TERMINAL), key=BAD_KEYS)
    def send_a_bad_key(self, index: int, status: str, key: str | None) -> None:
        """Set a status with a bad key."""
        self._update(index, status, key)

    @rule(index=INDEXES, status=st.sampled_from(TERMINAL), field=st.sampled_from(ID_FIELDS))
    def name_another_enrollment(self, index: int, status: str, field: str) -> None:
        """Name one id of an enrollment, and a new id."""
        self._update(index, status, **{field: self._cases.id()})


@pytest.mark.exploring
@pytest.mark.rule("STATE-01", "STATE-02", "STATE-03", "STATE-05", "ID-08", needs="enrollment")
def test_state_follows_requests_in_any_order(explore: Send, session: Session, cases: Cases) -> None:
    """Each enrollment holds what its last update set, whatever else was sent."""
    settings = hypothesis.settings(exploration.part(3), stateful_step_count=STEPS)

    def record(case: Case[Any]) -> Response | None:
        try:
            return explore(case)
        except RuleViolation as error:
            violations.append(error)
            raise

    with exploration.first_violation() as violations:
        run_state_machine_as_test(lambda: Requests(record, session, cases), settings=settings)  # type: ignore[arg-type]  # whatever makes a machine will do


@pytest.mark.rule("ID-08", "STATE-03", needs="enrollment")
@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase], ids=["upper", "lower", "swapped"])
@pytest.mark.parametrize("field", ["customerId", "campaignId"])
def test_state_is_the_same_for_ids_in_any_case(
    set_status: SetStatus,
    session: Session,
    enrollments: tuple[Enrollment, ...],
    field: str,
    change: Callable[[str], str],
) -> None:
    """Ids that differ only in letter case name one enrollment."""
    for enrollment in enrollments:
        id_ = enrollment.customer_id if field == "customerId" else enrollment.campaign_id
        if change(id_) == id_ or id_.lower() == MAX:
            continue  # digits alone have no case, and max is allowed in lower case only
        for status in ("completed", "failed"):
            set_status(enrollment, status)
            set_status(enrollment, status, **{field: change(id_)})
        return
    reason = "give an --enrollment with letters in its ids"
    session.recorder.record_not_applicable(reason)
    pytest.skip(reason)
