"""The state model decides the rules about state, and returns a doubt if a response has several causes."""

from typing import Any

import pytest
from schemathesis import Case

from conformance.judging.state_model import StateModel
from conformance.requests.access import Enrollment
from conformance.requests.request import write_request
from conformance.selftest.exchanges import CASES, CLASSIFIER, ONE, OTHER, TARGET, body, elsewhere, response
from conformance.selftest.judging.scripted import ID as ID_OF_ONE
from conformance.selftest.judging.scripted import OTHER_ID as ID_OF_OTHER
from conformance.transport.exchange import Exchange, Response

UPPER = {"customerId": ONE.customer_id.upper()}
SWAPPED = {"customerId": ONE.campaign_id, "campaignId": ONE.customer_id}

Step = tuple[Case[Any], Response | None]
"""A case, and its response, or None if there is no response."""


def update(
    previous: str,
    status: str = "completed",
    enrollment: Enrollment = ONE,
    id_: str = ID_OF_ONE,
    *,
    ids: dict[str, str] | None = None,
    **changes: Any,  # noqa: ANN401 - JSON values
) -> Step:
    """An accepted update that returns this previous status."""
    returned = {"previousStatus": previous, "newStatus": status, "customerCampaignId": id_}
    case = CASES.update(body(enrollment, status=status, **(ids or {})))
    return case, response(200, returned | changes)


def rejection(status: str = "failed", code: int = 400, **how: Any) -> Step:  # noqa: ANN401 - the options of a case
    """A rejected update."""
    return CASES.update(body(ONE, status=status), **how), response(code)


def swapped(received: Response | None, status: str = "completed", **how: Any) -> Step:  # noqa: ANN401 - the options of a case
    """A request with the ids of an enrollment, swapped."""
    return CASES.update(body() | {"status": status} | SWAPPED, **how), received


def of_other(status: str = "failed") -> Step:
    """An accepted update of another enrollment."""
    return update("expired", status, OTHER, ID_OF_OTHER)


def last(*steps: Step, repeated: bool = False) -> dict[str, Any]:
    """Whether the last step passed each rule that it decides, and the rules of the doubt that it leaves."""
    model = StateModel()
    for case, received in steps:
        request = write_request(case, TARGET.url)
        exchange = Exchange(case, request, received, repeated=repeated and case is steps[-1][0])
        findings, doubt = model.observe(CLASSIFIER.classify(request), exchange)
    found: dict[str, Any] = {each.rule: not each.is_violation for each in findings}
    if doubt is not None:
        found["doubt"] = [doubt.finding.rule, *(cause.finding.rule for cause in doubt.causes)]
    return found


FIRST = {"STATE-01": True, "RESPONSE-02": True}
"""What the first update of an enrollment passes."""
LATER = FIRST | {"STATE-02": True, "STATE-03": True, "STATE-08": True}
"""What a later update of an enrollment passes."""


def test_state_model_knows_nothing_before_the_first_update() -> None:
    """The first update decides only the rules about its own response."""
    assert FIRST == last(update("pending"))


def test_state_model_expects_what_the_last_update_set() -> None:
    """The second update shows whether the first was stored, and under which id."""
    assert LATER == last(update("pending"), update("completed", "failed"))
    assert LATER == last(update("pending"), update("completed", id_=ID_OF_ONE.upper()))
    assert last(update("pending"), update("pending", "failed")) == LATER | {"STATE-02": False}
    assert last(update("pending"), update("completed", id_=ID_OF_OTHER)) == LATER | {"STATE-03": False}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"newStatus": "failed"}, "STATE-01"), ({"success": False}, "RESPONSE-02")],
)
def test_state_model_expects_an_update_to_agree_with_its_request(changes: dict[str, Any], rule: str) -> None:
    """An accepted update returns success, and the status that was sent."""
    assert last(update("pending", **changes))[rule] is False


def test_state_model_decides_nothing_without_a_property() -> None:
    """A property that is missing or of another type decides nothing."""
    missing: dict[str, Any] = {
        "newStatus": 1,
        "success": "yes",
        "previousStatus": None,
        "customerCampaignId": "x",
    }
    assert last(update("pending"), update("completed", **missing)) == {"STATE-08": True}
    assert last((CASES.update(body(ONE)), response(200, b"[]"))) == {}


@pytest.mark.parametrize("status", [None, "COMPLETED", " completed", ["completed"]])
def test_state_model_takes_no_malformed_status_for_the_one_asked_for(status: object) -> None:
    """If a request without a documented status is accepted, its newStatus decides nothing."""
    case, accepted = update("pending")
    case.body = {name: value for name, value in body(ONE, status=status).items() if value is not None}
    assert {"RESPONSE-02": True} == last((case, accepted))


def test_state_model_does_not_know_a_status_that_a_response_contradicts() -> None:
    """After an update that returns another newStatus than the status sent, the status is not known."""
    denied = update("pending", "failed", newStatus="completed")
    assert "STATE-02" not in last(update("pending"), denied, update("completed", "failed"))


@pytest.mark.parametrize(
    ("between", "rule"),
    [
        (rejection(), "STATE-05"),
        (rejection(code=403, key="cc_x"), "STATE-05"),
        (rejection(code=401, key=None), "STATE-05"),
        (rejection("skipped"), "STATE-05"),
        (of_other(), "STATE-06"),
        (swapped(response(404), "failed"), "STATE-07"),
    ],
)
def test_state_model_doubts_a_request_between_two_updates(between: Step, rule: str) -> None:
    """A request that must not change the status passes its rule, or it is a possible cause."""
    status = str(CLASSIFIER.classify(write_request(between[0], TARGET.url)).status)
    assert last(update("pending"), between, update("completed"))[rule] is True
    found = last(update("pending"), between, update(status))
    assert (found["doubt"], "STATE-02" in found) == (["STATE-02", rule], False)


def test_state_model_returns_the_likely_cause_first() -> None:
    """The possible causes whose status was returned come first."""
    found = last(update("pending"), of_other(), rejection("skipped"), update("skipped"))
    assert found["doubt"] == ["STATE-02", "STATE-05", "STATE-06"]


def test_state_model_doubts_no_request_before_the_last_update() -> None:
    """A request before an accepted update is no cause, and neither is one with the expected status."""
    for between in (of_other(), rejection("failed")):
        found = last(update("pending"), between, update("completed"), update("failed"))
        assert (found["STATE-02"], "doubt" in found) == (False, False)
    assert last(update("pending"), rejection("completed"), update("failed"))["STATE-02"] is False


def test_state_model_expects_ids_to_differ_between_enrollments() -> None:
    """Two enrollments have two different ids."""
    assert last(update("pending"), of_other())["STATE-04"] is True
    assert last(update("pending"), update("x", "failed", OTHER, ID_OF_ONE))["STATE-04"] is False


@pytest.mark.parametrize(
    ("received", "outcome"),
    [
        (response(404), {"STATE-07": True}),
        (response(200), {"STATE-07": False}),
        (response(400), {"STATE-07": True}),
        (response(500), {}),
        (None, {}),
    ],
)
def test_state_model_expects_a_rejection_of_swapped_ids(
    received: Response | None, outcome: dict[str, bool]
) -> None:
    """Swapped ids name no enrollment. If the key is bad too, they decide nothing."""
    assert outcome == last(swapped(received))
    assert last(swapped(received, key=None)) == {}


@pytest.mark.parametrize(
    "lost",
    [
        (CASES.update(body(ONE)), None),
        (CASES.update(body(ONE)), response(500)),
        swapped(response(200)),
        (CASES.update(), response(200)),
        (elsewhere("PUT", content=body(ONE)), response(200)),
        (elsewhere("PUT", content=body(ONE)), None),
    ],
    ids=["no-response", "500", "swapped-ids", "unknown-ids", "other-method", "other-method-no-response"],
)
def test_state_model_does_not_know_a_status_that_may_have_changed(lost: Step) -> None:
    """After a request that may have changed the status, the status is not known until the next update."""
    assert "STATE-02" not in last(update("pending"), lost, update("pending"))
    assert "STATE-02" in last(update("pending"), lost, update("pending"), update("completed"))


def test_state_model_does_not_expect_a_status_after_a_request_was_sent_twice() -> None:
    """The response to the second attempt may show the effect of the first attempt."""
    assert "STATE-02" not in last(update("pending"), update("failed", "failed"), repeated=True)
    assert last((CASES.update(), response(404)), repeated=True) == {}


def test_state_model_accepts_every_documented_response_to_a_repeated_update() -> None:
    """A repeated update may be rejected, but not with an undocumented status code other than 409."""
    assert last(update("pending"), rejection("completed", 400)) == {"STATE-08": True}
    assert last(update("pending"), rejection("completed", 404)) == {"STATE-08": True}
    assert last(update("pending"), rejection("completed", 409)) == {"STATE-08": True}
    assert last(update("pending"), rejection("completed", 418)) == {"STATE-08": False}
    assert last(update("pending"), rejection("completed", 401)) == {}
    assert last(rejection("completed", 400)) == {}


@pytest.mark.parametrize("limited", [response(429), response(403, {"code": "RATE_LIMIT_EXCEEDED"})])
def test_state_model_takes_no_rate_limit_for_a_final_status(limited: Response) -> None:
    """A rejection because of the rate limit decides nothing about later updates."""
    rejected = [(CASES.update(body(ONE, status=status)), limited) for status in ("completed", "failed")]
    assert last(update("pending"), *rejected) == {}
    assert last(update("pending"), *rejected, update("completed", "failed", ids=UPPER))["ID-08"] is True


def test_state_model_takes_no_conflict_with_a_status_that_can_be_changed() -> None:
    """A 409 is a conflict with a final status, unless a terminal status was changed before or is later."""
    change, repetition = update("completed", "failed"), update("completed")
    conflict = rejection("completed", 409)
    assert last(update("pending"), change, rejection("failed", 409))["HTTP-05"] is False
    assert last(update("pending"), conflict, change)["HTTP-05"] is False
    assert "HTTP-05" not in last(update("pending"), conflict)
    assert "HTTP-05" not in last(update("pending"), rejection("failed", 409), repetition)
    assert "HTTP-05" not in last(update("pending"), change, rejection("failed", 400))


def test_state_model_knows_an_enrollment_in_another_letter_case() -> None:
    """Ids in another letter case name the same enrollment. If they seem not to, they are possible causes."""
    recased = CASES.update(body(ONE, **UPPER))
    assert last(update("pending"), update("completed", ids=UPPER))["ID-08"] is True
    assert last(update("pending"), (recased, response(404))) == {"doubt": ["STATE-08", "ID-08"]}
    found = last(update("pending"), update("pending", id_=ID_OF_OTHER, ids=UPPER))
    assert (found["doubt"], found.keys() & {"STATE-02", "STATE-03"}) == (["STATE-03", "ID-08"], set())
    assert last(update("pending"), update("pending", ids=UPPER))["doubt"] == ["STATE-02", "ID-08"]
    assert last((recased, response(404))) == {}


def test_state_model_ignores_a_request_that_is_no_update() -> None:
    """A preferred response and a rejection of unknown ids decide nothing about state."""
    assert last((CASES.update(body(ONE), headers={"prefer": "code=200"}), response(200))) == {}
    assert last((CASES.update(), response(404))) == {}
