"""An update that returns an unexpected status is attributed to the request that caused it."""

from collections.abc import Callable

import pytest

from conformance.requests.classify import Defect, RequestClass
from conformance.requests.ids import is_upper
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


def writes_to_all(server: Scripted, request: RequestClass) -> Response | None:
    """An update sets the status of every enrollment."""
    if request.first_defect is not Defect.NONE:
        return None
    returned = server.updated(request)
    server.statuses.update(dict.fromkeys((ONE.pair, OTHER.pair), str(request.status)))
    return returned


def writes_by_swapped_ids(server: Scripted, request: RequestClass) -> Response | None:
    """Swapped ids get a 404, and set the status."""
    if request.swapped:
        server.statuses[ONE.pair] = str(request.status)
    return None


def forgets(server: Scripted, request: RequestClass) -> Response | None:
    """The previous status is always the same."""
    return server.updated(request, previousStatus="failed") if request.first_defect is Defect.NONE else None


def keeps_a_record_for_each_case(server: Scripted, request: RequestClass) -> Response | None:
    """Ids in upper case name another record."""
    if request.first_defect is Defect.NONE and is_upper(request.ids[0]):
        previous = server.statuses.get(("upper", ""), "pending")
        server.statuses["upper", ""] = str(request.status)
        returned = {"previousStatus": previous, "newStatus": request.status, "customerCampaignId": ID}
        return response(200, returned)
    return None


def between(*contents: dict[str, object]) -> list[dict[str, object]]:
    """Two updates of each enrollment, some requests, and an update of the first."""
    return [
        body(OTHER, status="failed"),
        body(OTHER, status="failed"),
        body(ONE, status="completed"),
        *contents,
        body(ONE, status="completed"),
    ]


PENDING, SECRET = body(ONE, status="pending"), body() | {"status": "failed"} | SWAPPED
ANOTHER = body(OTHER, status="failed")


@pytest.mark.parametrize(
    ("faulty", "contents", "rule"),
    [
        (writes_what_it_rejects, between(PENDING), "STATE-05"),
        (writes_what_it_rejects, between(ANOTHER, PENDING, SECRET), "STATE-05"),
        (writes_to_all, between(ANOTHER), "STATE-06"),
        (writes_to_all, between(SECRET, ANOTHER), "STATE-06"),
        (writes_by_swapped_ids, between(SECRET), "STATE-07"),
        (writes_by_swapped_ids, between(PENDING, ANOTHER, SECRET), "STATE-07"),
        (forgets, between(SECRET), "STATE-02"),
        (forgets, between(ANOTHER, PENDING, SECRET), "STATE-02"),
        (keeps_a_record_for_each_case, [body(ONE), body(ONE, **UPPER)], "ID-08"),
        (keeps_a_record_for_each_case, [body(ONE), PENDING, ANOTHER, body(ONE, **UPPER)], "ID-08"),
    ],
)
def test_state_attribution_names_the_request_that_caused_it(
    faulty: Faulty, contents: list[dict[str, object]], rule: str
) -> None:
    """Each suspect is sent alone between two updates. The one that shows names the rule, which is kept."""
    server = Scripted()
    server.respond = lambda request: faulty(server, request)
    found = [each for content in contents for each in server.attribute(CASES.update(content))]
    assert ({rule}, server.violated) == (set(found), {rule})
    before = len(server.sent)
    for content in contents:
        server.attribute(CASES.update(content))
    assert (len(server.sent), server.violated) == (before + len(contents), {rule})


def returns_another_id_for_each_case(server: Scripted, request: RequestClass) -> Response | None:
    """The id depends on the letter case of the ids, and the record does not."""
    id_ = OTHER_ID if request.ids and is_upper(request.ids[0]) else ID
    return server.updated(request, customerCampaignId=id_) if request.first_defect is Defect.NONE else None


def returns_another_id_for_each_status(server: Scripted, request: RequestClass) -> Response | None:
    """The id depends on the status."""
    id_ = OTHER_ID if request.status == "failed" else ID
    return server.updated(request, customerCampaignId=id_) if request.first_defect is Defect.NONE else None


def keeps_another_record_and_id_for_each_case(server: Scripted, request: RequestClass) -> Response | None:
    """Ids in upper case name another record, which has an id of its own."""
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
def test_state_attribution_tells_another_id_from_another_record(faulty: Faulty, rule: str) -> None:
    """Another id for ids in upper case is another record if that has a status of its own."""
    server = Scripted()
    server.respond = lambda request: faulty(server, request)
    server.attribute(CASES.update(body(ONE, status="completed")))
    server.attribute(CASES.update(body(ONE, status="failed", **UPPER)))
    assert {rule} == server.violated


def loses_all(request: RequestClass) -> Response | None:
    """No enrollment is found."""
    return response(404) if request.enrollment else None


def loses_upper_case(request: RequestClass) -> Response | None:
    """An enrollment is not found by ids in upper case."""
    return response(404) if request.enrollment and is_upper(request.ids[0]) else None


def test_state_attribution_tells_a_lost_enrollment_from_another_case() -> None:
    """A 404 to ids in upper case is about the case, unless the status of the enrollment is final."""
    for loses, rules in ((loses_upper_case, ["ID-08"]), (loses_all, [])):
        server = Scripted()
        server.attribute(CASES.update(body(ONE)))
        server.respond = loses
        assert rules == server.attribute(CASES.update(body(ONE, **UPPER)))


def test_state_attribution_that_is_stopped_still_says_that_a_rule_is_violated() -> None:
    """If the budget ends, the unexpected status counts against the rule about the last update."""
    server = Scripted()
    server.respond = lambda request: writes_what_it_rejects(server, request)
    for content in between(PENDING)[:-1]:
        server.attribute(CASES.update(content))
    judged = server.send(CASES.update(body(ONE, status="completed")))

    def stop(_: object) -> None:
        raise RunStopped("the budget is spent")

    server.respond = stop
    assert ["STATE-02"] == [each.rule for each in server.attribution.attribute(judged)]
