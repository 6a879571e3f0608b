"""An update that returns an unexpected status is attributed to the request that caused it."""

from collections.abc import Callable

import pytest

from conformance.requests.ids import is_upper
from conformance.requests.request_class import Defect, RequestClass
from conformance.selftest.exchanges import CASES, ONE, OTHER, body, response
from conformance.selftest.judging.scripted import ID, OTHER_ID, Scripted
from conformance.transport.exchange import Response
from conformance.transport.gate import RunStopped

UPPER = {"customerId": ONE.customer_id.upper()}
SWAPPED = {"customerId": ONE.campaign_id, "campaignId": ONE.customer_id}
Faulty = Callable[[Scripted, RequestClass], Response | None]


def writes_what_it_rejects(server: Scripted, request: RequestClass) -> Response | None:
    """A rejected request sets its status."""
    if request.enrollment and request.first_defect is Defect.STATUS:
        server.updated(request)
        return response(400)
    return None


def writes_to_every_enrollment(server: Scripted, request: RequestClass) -> Response | None:
    """An update sets the status of every enrollment."""
    if request.first_defect is not Defect.NONE:
        return None
    returned = server.updated(request)
    server.statuses.update(dict.fromkeys((ONE.pair, OTHER.pair), str(request.status)))
    return returned


def writes_by_swapped_ids(server: Scripted, request: RequestClass) -> Response | None:
    """Swapped ids get a 404, but set the status."""
    if request.swapped:
        server.statuses[ONE.pair] = str(request.status)
    return None


def returns_a_constant_status(server: Scripted, request: RequestClass) -> Response | None:
    """The previous status in the response is always the same."""
    return server.updated(request, previousStatus="failed") if request.first_defect is Defect.NONE else None


def keeps_a_record_for_each_case(server: Scripted, request: RequestClass) -> Response | None:
    """Ids in upper case name another record than the same ids in lower case."""
    if request.first_defect is Defect.NONE and is_upper(request.ids[0]):
        previous = server.statuses.get(("upper", ""), "pending")
        server.statuses["upper", ""] = str(request.status)
        returned = {"previousStatus": previous, "newStatus": request.status, "customerCampaignId": ID}
        return response(200, returned)
    return None


def with_requests_between(*contents: dict[str, object]) -> list[dict[str, object]]:
    """Updates of both enrollments, the given requests, and one more update of the first enrollment."""
    return [
        body(OTHER, status="failed"),
        body(OTHER, status="failed"),
        body(ONE, status="completed"),
        *contents,
        body(ONE, status="completed"),
    ]


PENDING, SWAPPED_IDS = body(ONE, status="pending"), body() | {"status": "failed"} | SWAPPED
ANOTHER = body(OTHER, status="failed")


@pytest.mark.parametrize(
    ("faulty", "contents", "rule"),
    [
        (writes_what_it_rejects, with_requests_between(PENDING), "STATE-05"),
        (writes_what_it_rejects, with_requests_between(ANOTHER, PENDING, SWAPPED_IDS), "STATE-05"),
        (writes_to_every_enrollment, with_requests_between(ANOTHER), "STATE-06"),
        (writes_to_every_enrollment, with_requests_between(SWAPPED_IDS, ANOTHER), "STATE-06"),
        (writes_by_swapped_ids, with_requests_between(SWAPPED_IDS), "STATE-07"),
        (writes_by_swapped_ids, with_requests_between(PENDING, ANOTHER, SWAPPED_IDS), "STATE-07"),
        (returns_a_constant_status, with_requests_between(SWAPPED_IDS), "STATE-02"),
        (returns_a_constant_status, with_requests_between(ANOTHER, PENDING, SWAPPED_IDS), "STATE-02"),
        (keeps_a_record_for_each_case, [body(ONE), body(ONE, **UPPER)], "ID-08"),
        (keeps_a_record_for_each_case, [body(ONE), PENDING, ANOTHER, body(ONE, **UPPER)], "ID-08"),
    ],
)
def test_state_attribution_names_the_cause_of_an_unexpected_status(
    faulty: Faulty, contents: list[dict[str, object]], rule: str
) -> None:
    """Each possible cause is sent alone between two updates. The second time nothing is sent again."""
    server = Scripted()
    server.respond = lambda request: faulty(server, request)
    found = [each for content in contents for each in server.attribute(CASES.update(content))]
    assert ({rule}, server.violated) == (set(found), {rule})
    before = len(server.sent)
    for content in contents:
        server.attribute(CASES.update(content))
    assert (len(server.sent), server.violated) == (before + len(contents), {rule})


def returns_another_id_for_each_case(server: Scripted, request: RequestClass) -> Response | None:
    """The `customerCampaignId` depends on the letter case of the ids, but the record does not."""
    id_ = OTHER_ID if request.ids and is_upper(request.ids[0]) else ID
    return server.updated(request, customerCampaignId=id_) if request.first_defect is Defect.NONE else None


def returns_another_id_for_each_status(server: Scripted, request: RequestClass) -> Response | None:
    """The `customerCampaignId` depends on the status."""
    id_ = OTHER_ID if request.status == "failed" else ID
    return server.updated(request, customerCampaignId=id_) if request.first_defect is Defect.NONE else None


def keeps_another_record_and_id_for_each_case(server: Scripted, request: RequestClass) -> Response | None:
    """Ids in upper case name another record, which has another `customerCampaignId`."""
    returned = keeps_a_record_for_each_case(server, request)
    if returned is None:
        return None
    return response(200, {**returned.body, "customerCampaignId": OTHER_ID})


@pytest.mark.parametrize(
    ("faulty", "rule"),
    [
        (returns_another_id_for_each_case, "STATE-03"),
        (returns_another_id_for_each_status, "STATE-03"),
        (keeps_another_record_and_id_for_each_case, "ID-08"),
    ],
)
def test_state_attribution_distinguishes_another_id_from_another_record(faulty: Faulty, rule: str) -> None:
    """If ids in upper case return another id, they name another record only if its status differs."""
    server = Scripted()
    server.respond = lambda request: faulty(server, request)
    server.attribute(CASES.update(body(ONE, status="completed")))
    server.attribute(CASES.update(body(ONE, status="failed", **UPPER)))
    assert {rule} == server.violated


def finds_no_enrollment(request: RequestClass) -> Response | None:
    """No enrollment is found any more."""
    return response(404) if request.enrollment else None


def does_not_find_upper_case(request: RequestClass) -> Response | None:
    """An enrollment is not found by ids in upper case."""
    return response(404) if request.enrollment and is_upper(request.ids[0]) else None


def test_state_attribution_of_a_404_to_another_letter_case() -> None:
    """A 404 to ids in upper case is a violation only if the ids are found in lower case."""
    for respond, rules in ((does_not_find_upper_case, ["ID-08"]), (finds_no_enrollment, [])):
        server = Scripted()
        server.attribute(CASES.update(body(ONE)))
        server.respond = respond
        assert rules == server.attribute(CASES.update(body(ONE, **UPPER)))


@pytest.mark.parametrize(("finds_upper_case", "rules"), [(True, []), (False, ["ID-08"])])
def test_state_attribution_of_a_404_to_a_change_of_the_status(
    *, finds_upper_case: bool, rules: list[str]
) -> None:
    """If a change of the status gets a 404 in any letter case, an update to the same status decides."""

    def respond(request: RequestClass) -> Response | None:
        is_change = request.enrollment is not None and request.status != server.statuses.get(ONE.pair)
        is_found = finds_upper_case or does_not_find_upper_case(request) is None
        return response(404) if is_change or not is_found else None

    server = Scripted()
    server.attribute(CASES.update(body(ONE, status="completed")))
    server.respond = respond
    assert rules == server.attribute(CASES.update(body(ONE, status="failed", **UPPER)))


def test_state_attribution_that_is_stopped_still_returns_a_violation() -> None:
    """If the budget ends, an unexpected previous status violates the rule about the previous status."""
    server = Scripted()
    server.respond = lambda request: writes_what_it_rejects(server, request)
    for content in with_requests_between(PENDING)[:-1]:
        server.attribute(CASES.update(content))
    judged = server.send(CASES.update(body(ONE, status="completed")))

    def stop(_: object) -> None:
        raise RunStopped("the budget is spent")

    server.respond = stop
    assert ["STATE-02"] == [each.rule for each in server.attribution.attribute(judged)]
