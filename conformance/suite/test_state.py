"""What an update changes, and what it leaves alone."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from conformance import strategies
from conformance.cases import FULL, Cases
from conformance.exchange import Answer
from conformance.run import Run
from conformance.target import Enrollment

Ask = Callable[..., Answer | None]
SetStatus = Callable[..., Answer | None]


@pytest.fixture
def set_status(ask: Ask, cases: Cases) -> SetStatus:
    """Sends an update of an enrollment."""

    def send(
        enrollment: Enrollment, status: str, *, key: str | None = FULL, **changes: object
    ) -> Answer | None:
        ids = {"customerId": enrollment.customer_id, "campaignId": enrollment.campaign_id}
        return ask(cases.update(cases.body(**ids | {"status": status} | changes), key=key))

    return send


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


REFUSED: dict[str, dict[str, Any]] = {
    "not-terminal": {"status": "pending"},
    "unknown-status": {"status": "done"},
    "no-key": {"key": None},
    "unknown-key": {"key": "cc_0000000000000000000000000000"},
}


@pytest.mark.rule("STATE-05", needs="enrollment")
@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_state_survives_a_refused_request(
    set_status: SetStatus, enrollments: tuple[Enrollment, ...], change: dict[str, Any]
) -> None:
    """A request that was refused does not show in the next update."""
    set_status(enrollments[0], "completed")
    set_status(enrollments[0], **{"status": "failed"} | change)
    set_status(enrollments[0], "completed")


@pytest.mark.rule("STATE-07", needs="enrollment")
@pytest.mark.parametrize("status", ["completed", "failed"])
def test_state_ids_are_not_interchangeable(
    ask: Ask, cases: Cases, enrollments: tuple[Enrollment, ...], status: str
) -> None:
    """The customer's id in the campaign's place, and the other way round, names nothing."""
    ids = {"customerId": enrollments[0].campaign_id, "campaignId": enrollments[0].customer_id}
    ask(cases.update(cases.body(**ids, status=status)))


@pytest.mark.exploring
@pytest.mark.rule(
    "STATE-01", "STATE-02", "STATE-04", "STATE-05", "STATE-06", "STATUS-02", needs="enrollments"
)
def test_state_follows_a_walk_over_every_enrollment(
    explore: Ask, run: Run, cases: Cases, enrollments: tuple[Enrollment, ...]
) -> None:
    """Whatever is asked of which enrollment, in whatever order, each holds what its last update set."""
    terminal = strategies.terminal_statuses(run.contract)
    steps = [(index, status) for index in range(len(enrollments)) for status in terminal]
    steps += [
        (index, status) for index in range(len(enrollments)) for status in strategies.statuses(run.contract)
    ]
    walk = random.Random(run.seed)  # noqa: S311 - the same seed, the same walk
    walk.shuffle(steps)
    for index, status in steps:
        explore(cases.update(cases.body(**cases.enrolled(index), status=status)))


@pytest.mark.rule("ID-08", "STATE-03", needs="enrollment")
@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase], ids=["upper", "lower", "swapped"])
@pytest.mark.parametrize("field", ["customerId", "campaignId"])
def test_state_is_the_same_for_ids_in_any_case(
    set_status: SetStatus,
    run: Run,
    enrollments: tuple[Enrollment, ...],
    field: str,
    change: Callable[[str], str],
) -> None:
    """Ids that differ in case alone name one enrollment."""
    for enrollment in enrollments:
        id_ = enrollment.customer_id if field == "customerId" else enrollment.campaign_id
        if change(id_) == id_ or id_.lower() == strategies.MAX:
            continue  # digits alone have no case, and max is allowed in lower case only
        set_status(enrollment, "completed")
        set_status(enrollment, "completed", **{field: change(id_)})
        return
    reason = "give an --enrollment with letters in its ids"
    run.ledger.lack(run.rules, reason)
    pytest.skip(reason)
