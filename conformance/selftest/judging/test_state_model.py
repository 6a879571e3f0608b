"""The model of what the enrollments hold tells a true answer from a false one."""

import dataclasses
from typing import Any

import pytest

from conformance.judging.state_model import StateModel
from conformance.requests.access import Enrollment
from conformance.requests.classify import RequestClass
from conformance.selftest.questions import ONE, OTHER, body, request_class, response

ID_OF_ONE, ID_OF_OTHER = "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

Step = tuple[RequestClass, Any]
"""A question, and an answer or None."""


def update(
    previous: str,
    status: str = "completed",
    enrollment: Enrollment = ONE,
    id_: str = ID_OF_ONE,
    **changes: Any,  # noqa: ANN401 - JSON values
) -> Step:
    """An update that is accepted, and says what was before."""
    told = {"previousStatus": previous, "newStatus": status, "customerCampaignId": id_}
    return request_class(body(enrollment, status=status)), response(200, told | changes)


def refusal(status: str = "failed", code: int = 400, **how: Any) -> Step:  # noqa: ANN401 - the options of a case
    """An update that is refused."""
    return request_class(body(ONE, status=status), **how), response(code)


def last(*steps: Step) -> dict[str, bool]:
    """By rule, whether the last of the steps kept it."""
    state_model = StateModel({"completed", "failed"})
    found = [state_model.observe(asked, answered) for asked, answered in steps]
    return {rule: not expected for rule, expected in found[-1].items()}


def test_memory_begins_with_nothing() -> None:
    """Of the first update nothing is known but what it says of itself."""
    assert last(update("pending")) == {"STATE-01": True, "RESPONSE-02": True}


def test_memory_knows_the_last_update() -> None:
    """The second update tells whether the first was made, and under which id."""
    kept = {"STATE-01": True, "RESPONSE-02": True, "STATE-08": True, "STATE-02": True, "STATE-03": True}
    assert last(update("pending"), update("completed", "failed")) == kept
    assert last(update("pending"), update("pending", "failed")) == kept | {"STATE-02": False}
    assert last(update("pending"), update("completed", id_=ID_OF_OTHER)) == kept | {"STATE-03": False}
    assert last(update("pending"), update("completed", id_=ID_OF_ONE.upper())) == kept


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"newStatus": "failed"}, "STATE-01"), ({"success": False}, "RESPONSE-02")],
)
def test_memory_checks_what_an_update_says_of_itself(changes: dict[str, Any], rule: str) -> None:
    """An accepted update reports success, and the status that was asked for."""
    assert last(update("pending", **changes))[rule] is False


def test_memory_tells_nothing_of_what_is_missing() -> None:
    """A property that is missing or of another type decides nothing."""
    missing: dict[str, Any] = {
        "newStatus": 1,
        "success": "yes",
        "previousStatus": None,
        "customerCampaignId": "x",
    }
    assert last(update("pending"), update("completed", **missing)) == {"STATE-08": True}
    assert last((request_class(body(ONE)), response(200, b"[]"))) == {}


@pytest.mark.parametrize(
    "refused", [refusal(), refusal(code=403, key="cc_x"), refusal(code=401, key=None), refusal("skipped")]
)
def test_memory_knows_what_was_refused(refused: Step) -> None:
    """A refused request must not show in the next update."""
    asked = str(refused[0].status)
    assert last(update("pending"), refused, update("completed"))["STATE-05"] is True
    assert last(update("pending"), refused, update(asked)) == {
        "STATE-01": True, "RESPONSE-02": True, "STATE-08": True, "STATE-05": False, "STATE-03": True,
    }  # fmt: skip


def test_memory_knows_what_others_were_set_to() -> None:
    """An update of another enrollment must not show in the next one."""
    other = update("expired", "failed", OTHER, ID_OF_OTHER)
    assert last(update("pending"), other, update("completed"))["STATE-06"] is True
    assert last(update("pending"), other, update("failed"))["STATE-06"] is False
    assert "STATE-02" not in last(update("pending"), other, update("failed"))


def test_memory_blames_only_what_came_since_the_last_update() -> None:
    """What was refused, or done to others, before an update that was accepted is no excuse for the next."""
    other = update("expired", "failed", OTHER, ID_OF_OTHER)
    for between in (other, refusal("failed")):
        found = last(update("pending"), between, update("completed"), update("failed"))
        assert found["STATE-02"] is False
        assert not {"STATE-05", "STATE-06"} & set(found)


def test_memory_blames_what_came_between_of_a_server_that_remembers() -> None:
    """Where an update was seen to last, a status that nobody asked for comes from what was in between."""
    kept = (update("pending"), update("completed", "failed"), update("failed"))
    other = update("expired", "failed", OTHER, ID_OF_OTHER)
    assert last(*kept, refusal("skipped"), update("pending"))["STATE-05"] is False
    assert last(*kept, other, update("pending"))["STATE-06"] is False
    assert last(*kept, other, refusal("skipped"), update("pending"))["STATE-02"] is False


def test_memory_allows_for_an_update_that_got_lost() -> None:
    """A status from before the last update was perhaps never changed, whatever others ask for."""
    other = update("expired", "failed", OTHER, ID_OF_OTHER)
    kept = (update("pending"), update("completed", "failed"), update("failed"))
    assert last(*kept, other, update("failed"))["STATE-02"] is False
    assert "STATE-06" not in last(*kept, other, update("failed"))


def test_memory_tells_two_records_of_one_name_apart() -> None:
    """Ids in another case that find another id and another status name another record."""
    upper = request_class(body(ONE, customerId=ONE.customer_id.upper()))
    told = {"previousStatus": "pending", "newStatus": "completed", "customerCampaignId": ID_OF_OTHER}
    found = last(update("pending"), (upper, response(200, told)))
    assert found == {"STATE-08": True, "ID-08": False}


def test_memory_does_not_blame_neighbours_of_a_forgetful_server() -> None:
    """A server that was seen to forget its own updates is forgetful, whatever came between."""
    other = update("expired", "failed", OTHER, ID_OF_OTHER)
    found = last(update("pending"), update("pending"), other, update("failed"))
    assert found["STATE-02"] is False
    assert "STATE-06" not in found


def test_memory_blames_of_two_causes_the_one_that_was_seen() -> None:
    """Where a refused request and another's update ask for one status, what was seen to set one did it."""
    other, again = (update(before, "failed", OTHER, ID_OF_OTHER) for before in ("expired", "failed"))
    both = (refusal("failed"), again, update("failed"))
    found = last(other, update("pending"), *both)
    assert found["STATE-02"] is False
    assert not {"STATE-05", "STATE-06"} & found.keys()
    for cause, rule in ((refusal("failed"), "STATE-05"), (again, "STATE-06")):
        found = last(other, update("pending"), cause, update("failed"), *both)
        assert found[rule] is False
        assert "STATE-02" not in found


def test_memory_knows_the_ids_of_others() -> None:
    """Two enrollments have two ids."""
    assert last(update("pending"), update("x", "failed", OTHER, ID_OF_OTHER))["STATE-04"] is True
    assert last(update("pending"), update("x", "failed", OTHER, ID_OF_ONE))["STATE-04"] is False


@pytest.mark.parametrize(
    ("answered", "kept"),
    [
        (response(404), True),
        (response(200), False),
        (response(400), True),
        (response(500), None),
        (None, None),
    ],
)
def test_memory_knows_ids_in_each_others_place(answered: Any, kept: bool | None) -> None:  # noqa: ANN401, FBT001 - an answer or None; a cell of a table
    """Swapped ids name nothing, and an update of them is not one."""
    swapped = request_class(body(customerId=ONE.campaign_id, campaignId=ONE.customer_id))
    assert last((swapped, answered)) == ({} if kept is None else {"STATE-07": kept})
    assert last((dataclasses.replace(swapped, key=refusal(key=None)[0].key), answered)) == {}


def test_memory_sees_an_update_by_swapped_ids_that_was_refused() -> None:
    """What swapped ids set in secret shows in the next update; another cause as likely leaves it open."""
    swapped = request_class(body(customerId=ONE.campaign_id, campaignId=ONE.customer_id, status="failed"))
    twice = (update("pending"), update("completed"))
    assert last(*twice, (swapped, response(404)), update("failed"))["STATE-07"] is False
    assert last(*twice, (swapped, response(404)), update("completed"))["STATE-07"] is True
    both = last(*twice, (swapped, response(404)), refusal(), update("failed"))
    assert (both["STATE-02"], "STATE-07" in both, "STATE-05" in both) == (False, False, False)


def test_memory_blames_nothing_else_for_an_update_that_was_denied() -> None:
    """Where an answer said that another status was set, a wrong status in the next one is no other breach."""
    denied = update("pending", "failed", newStatus="completed")
    told = last(update("pending"), denied, refusal("completed"), update("completed", "failed"))
    assert (told["STATE-02"], "STATE-05" in told) == (False, False)
    assert "STATE-01" not in last(update("pending", newStatus=["completed"]))


def test_memory_forgets_all_after_swapped_ids_worked() -> None:
    """Where swapped ids were taken, nobody knows what was changed."""
    swapped = request_class(body(customerId=ONE.campaign_id, campaignId=ONE.customer_id))
    assert "STATE-02" not in last(update("pending"), (swapped, response(200)), update("pending"))
    assert "STATE-02" in last(update("pending"), (swapped, response(404)), update("pending"))


@pytest.mark.parametrize(
    "lost",
    [
        (request_class(body(ONE)), None),
        (request_class(body(ONE)), response(500)),
        (request_class(body(ONE)), response(200, b"{")),
    ],
)
def test_memory_forgets_what_an_answer_did_not_tell(lost: Step) -> None:
    """After an answer that got lost the previous status is unknown, until the next update."""
    assert "STATE-02" not in last(update("pending"), lost, update("pending"))
    assert "STATE-02" in last(update("pending"), lost, update("pending"), update("completed"))


@pytest.mark.parametrize("answered", [response(200), response(500), None])
def test_memory_forgets_what_another_method_may_have_done(answered: Any) -> None:  # noqa: ANN401 - an answer or None
    """After a request that is no update and was not refused, the status is unknown; else it is known."""
    asked, _ = refusal("failed")
    put = dataclasses.replace(asked, operation=None)
    assert "STATE-02" not in last(update("pending"), (put, answered), update("failed"))
    assert last(update("pending"), (put, response(405)), update("failed"))["STATE-05"] is False


def test_memory_allows_for_a_request_sent_twice() -> None:
    """The answer to the second of two tries may tell what the first one did."""
    state_model = StateModel()
    state_model.observe(*update("pending"))
    asked, answered = update("failed", "failed")
    assert state_model.observe(asked, answered, repeated=True).keys() == {
        "STATE-01",
        "RESPONSE-02",
        "STATE-03",
    }
    assert state_model.observe(request_class(), response(404), repeated=True) == {}


def test_memory_takes_any_documented_answer_to_a_repeat() -> None:
    """What is undocumented may be refused, but not with a 404 or an undocumented status."""
    assert last(update("pending"), refusal("completed", 400)) == {"STATE-08": True}
    assert last(update("pending"), refusal("completed", 404)) == {"STATE-08": False}
    assert last(update("pending"), refusal("completed", 418)) == {"STATE-08": False}
    assert last(update("pending"), refusal("completed", 429)) == {}
    assert last(refusal("completed", 400)) == {}


def test_memory_knows_an_enrollment_in_another_case() -> None:
    """Ids in another case name the same enrollment; a 404 to them is about that."""
    upper = request_class(body(ONE, customerId=ONE.customer_id.upper()))
    told = {"previousStatus": "completed", "newStatus": "completed", "customerCampaignId": ID_OF_ONE}
    assert last(update("pending"), (upper, response(200, told)))["ID-08"] is True
    assert last(update("pending"), (upper, response(404))) == {"ID-08": False}


def test_memory_blames_another_id_on_the_case_where_the_id_was_stable() -> None:
    """An id that was told twice, and is another for ids in upper case, is another enrollment's."""
    upper = request_class(body(ONE, customerId=ONE.customer_id.upper()))
    told = {"previousStatus": "completed", "newStatus": "completed", "customerCampaignId": ID_OF_OTHER}
    found = last(update("pending"), update("completed"), (upper, response(200, told)))
    assert (found["ID-08"], "STATE-03" in found) == (False, False)
    found = last(update("pending"), (upper, response(200, told)))
    assert ("ID-08" in found, found["STATE-03"]) == (False, False)
    assert last((upper, response(404))) == {}


def test_memory_blames_a_lost_update_on_the_case_where_updates_are_kept() -> None:
    """A record of its own for each case does not have what the other one was set to."""
    upper = request_class(body(ONE, customerId=ONE.customer_id.upper(), status="failed"))
    told = {"previousStatus": "pending", "newStatus": "failed", "customerCampaignId": ID_OF_ONE}
    kept = (update("pending"), update("completed", "failed"), update("failed"))
    assert last(*kept, (upper, response(200, told)))["ID-08"] is False
    assert last(update("pending"), (upper, response(200, told)))["STATE-02"] is False
    found = last(*kept, update("pending", "failed", OTHER, ID_OF_OTHER), (upper, response(200, told)))
    assert (found["ID-08"], found["STATE-02"]) == (True, False)  # the other update may have set it


def test_memory_does_not_blame_the_case_for_ids_that_change() -> None:
    """Where the id depends on the status, it is no matter of letter case."""
    upper = request_class(body(ONE, customerId=ONE.customer_id.upper()))
    told = {"previousStatus": "failed", "newStatus": "completed", "customerCampaignId": ID_OF_OTHER}
    steps = (
        update("pending", "failed"),
        update("failed", id_=ID_OF_OTHER),
        update("completed", "failed"),
        (upper, response(200, told)),
    )
    found = last(*steps)
    assert ("ID-08" in found, found["STATE-03"]) == (False, False)


def test_memory_finds_that_a_status_had_to_be_another_first() -> None:
    """An update that is refused while the status is not terminal, and works later on, was allowed."""
    assert last(refusal("completed"), update("pending", "failed"))["STATUS-01"] is False
    assert "STATUS-01" not in last(refusal("completed"), update("completed", "failed"))
    assert "STATUS-01" not in last(refusal("completed", 429), update("pending", "failed"))
    about_an_id = (refusal("completed")[0], response(422, {"errors": [{"path": ["customerId"]}]}))
    assert "STATUS-01" not in last(about_an_id, update("pending", "failed"))
    assert "STATUS-01" not in last(update("pending"), refusal("failed"), update("completed", "failed"))


def test_memory_forgets_what_an_update_of_nobody_may_have_done() -> None:
    """Where ids of nobody are accepted, any enrollment may have been meant."""
    nobody = (request_class(), response(200, {"previousStatus": "pending", "newStatus": "completed"}))
    assert "STATE-02" not in last(update("pending"), nobody, update("pending", "failed"))


def test_memory_knows_which_statuses_were_set_plainly() -> None:
    """Ids of version 4 in lower case are those that no server takes for odd."""
    state_model = StateModel()
    state_model.observe(
        request_class(body(ONE, customerId=ONE.customer_id.upper(), status="failed")), response(200, {})
    )
    state_model.observe(*update("failed"))
    assert (state_model.accepted, state_model.accepted_plainly) == ({"failed", "completed"}, {"completed"})


def test_memory_looks_at_updates_alone() -> None:
    """A preferred answer, and one to ids of nobody, tell nothing of the state."""
    assert last((request_class(body(ONE), headers={"prefer": "code=200"}), response(200))) == {}
    assert last((request_class(), response(404))) == {}
