"""Faults of updates: what an update does, and what its response says."""

import uuid
from typing import Any

from ..behaviour import Behaviour, Call, Check, Finish, Response, Update
from ..store import NAMESPACE, Enrollment
from .fault import Change, fault, table, wrap
from .ids import has_form, is_special
from .steps import NIL, UpdateTest, name_by, on, pair, repeats, report, sets

LOCKED = Response(423, {"message": "The enrollment is locked", "code": "LOCKED"})
"""Another rejection with an undocumented status code."""


def forget(when: UpdateTest) -> Change:
    """Respond as if the status were set, but do not set it."""

    def wrapper(inner: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
        status, forgotten = enrollment.status, when(call, enrollment)
        body = inner(call, enrollment)
        if forgotten:
            enrollment.status = status
        return body

    return wrap("update", wrapper)


def respond_after_an_update(when: UpdateTest, response: Response) -> Change:
    """Send another response to some updates of an enrollment that was updated before."""

    def wrapper(inner: Check, call: Call) -> Response | None:
        rejection, found = inner(call), call.enrollment
        return response if rejection is None and found and found.updates and when(call, found) else rejection

    return wrap("lookup", wrapper)


table(
    "STATE-01",
    says_completed_for_failed=(
        "An update to `failed` gets the `newStatus` completed.",
        report(lambda *_: {"newStatus": "completed"}),
    ),
    says_the_new_status_in_upper_case=report(
        lambda _call, _enrollment, body: {"newStatus": body["newStatus"].upper()}
    ),
    says_the_status_before_for_the_new_one=(
        "From the second update of an enrollment on, the `newStatus` is the status before.",
        report(lambda _, found, body: {"newStatus": body["previousStatus"]} if found.updates > 1 else {}),
    ),
    says_completed_for_failed_of_the_nil_customer=(
        "The `newStatus` is completed for `failed` if the `customerId` is the nil UUID.",
        report(lambda call, *_: {"newStatus": "completed"} if call.value("customerId") == NIL else {}),
    ),
)
table(
    "STATE-01",
    unseen=True,
    swaps_the_statuses_in_its_answer=(
        "The `newStatus` and the `previousStatus` are in each other's place.",
        report(
            lambda _call, _enrollment, body: {
                "newStatus": body["previousStatus"],
                "previousStatus": body["newStatus"],
            }
        ),
        ["STATE-02"],
    ),
    says_the_status_before_for_the_first_new_one=(
        "In the first update of an enrollment, the `newStatus` is the status before.",
        report(lambda _, found, body: {"newStatus": body["previousStatus"]} if found.updates == 1 else {}),
    ),
)


@fault("STATE-01", step="update", also=["STATE-02"], unseen=True)
def keeps_completed(inner: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
    """An update from `completed` to `failed` gets a success and leaves the status `completed`."""
    if enrollment.status == "completed":
        call.json = {**call.json, "status": "completed"}
    return inner(call, enrollment)


table(
    "STATE-02",
    forgets_the_update=("An update gets a success and is not made.", forget(lambda *_: True)),
    forgets_an_update_to_failed=forget(lambda call, _: sets("failed")(call)),
    forgets_the_second_update=(
        "From the second update of an enrollment on, none is made.",
        forget(lambda _, found: found.updates > 0),
    ),
    forgets_an_update_of_a_version_7_customer=forget(
        lambda call, _: str(call.value("customerId"))[14:15] == "7"
    ),
    says_pending_was_before=(
        "The `previousStatus` is always `pending`.",
        report(lambda *_: {"previousStatus": "pending"}),
    ),
    says_the_new_status_was_before=(
        "The `previousStatus` is read after the update.",
        report(lambda _call, _enrollment, body: {"previousStatus": body["newStatus"]}),
    ),
)


@fault("STATE-02", step="update", memory=dict)
def says_the_status_before_last(
    inner: Update, history: dict[str, list[str]], call: Call, enrollment: Enrollment
) -> dict[str, Any]:
    """The `previousStatus` is late by one update."""
    seen = history.setdefault(enrollment.id, [])
    seen.append(enrollment.status)
    return {**inner(call, enrollment), "previousStatus": seen[-2:][0]}


@fault("STATE-02", step="update", memory=dict, unseen=True)
def says_the_first_status_was_before(
    inner: Update, first: dict[str, str], call: Call, enrollment: Enrollment
) -> dict[str, Any]:
    """The `previousStatus` is always the status before the first update."""
    status = first.setdefault(enrollment.id, enrollment.status)
    return {**inner(call, enrollment), "previousStatus": status}


table(
    "STATE-02",
    unseen=True,
    forgets_the_third_update=forget(lambda _, found: found.updates == 2),
)


@fault("STATE-02", step="update", memory=dict, unseen=True)
def answers_a_repeated_body_from_memory(
    inner: Update, known: dict[bytes, dict[str, Any]], call: Call, enrollment: Enrollment
) -> dict[str, Any]:
    """A body that was sent before gets the same response as then, and nothing is updated."""
    if call.body not in known:
        known[call.body] = inner(call, enrollment)
    return known[call.body]


@fault("STATE-02", also=["STATE-05"], unseen=True)
def undoes_the_update_before_a_refusal(mock: Behaviour) -> None:
    """A request that gets a 400, a 404 or a 422 undoes the update right before it."""
    last: list[tuple[Enrollment, str]] = []

    def update(inner: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
        last[:] = [(enrollment, enrollment.status)]
        return inner(call, enrollment)

    def finish(inner: Finish, call: Call, response: Response) -> Response:
        if on(400, 404, 422)(call, response):
            for enrollment, status in last:
                enrollment.status = status
            last.clear()
        return inner(call, response)

    mock.wrap("update", update)
    mock.wrap("finish", finish)


table(
    "STATE-03",
    renames_the_enrollment_with_each_update=(
        "The `customerCampaignId` is a new one in every response.",
        report(lambda *_: {"customerCampaignId": str(uuid.uuid4())}),
        ["ID-08"],
    ),
    renames_the_enrollment_once_updated=(
        "The `customerCampaignId` is another from the third update on.",
        name_by(lambda _, found: f"{found.id}{found.updates > 2}"),
    ),
    names_the_enrollment_by_its_status=(
        "The `customerCampaignId` differs between `completed` and `failed`.",
        name_by(lambda _, found: found.id + found.status),
    ),
    names_the_enrollment_by_the_case_of_its_ids=(
        "The `customerCampaignId` differs between ids in upper case and in lower case.",
        name_by(lambda call, _: ":".join(pair(call))),
        ["ID-08"],
    ),
)


@fault("STATE-03", step="update", also=["BODY-02", "STATE-04"], unseen=True)
def assigns_the_enrollment_id_in_the_body(
    inner: Update, call: Call, enrollment: Enrollment
) -> dict[str, Any]:
    """A `customerCampaignId` in the body becomes that of the enrollment."""
    body, given = inner(call, enrollment), call.value("customerCampaignId")
    if has_form(given):
        enrollment.id = given
    return {**body, "customerCampaignId": enrollment.id}


@fault("STATE-03", step="update", unseen=True)
def renames_the_enrollment_completed_after_failed(
    inner: Update, call: Call, enrollment: Enrollment
) -> dict[str, Any]:
    """An enrollment that is completed after it has failed gets another `customerCampaignId`."""
    if enrollment.status == "failed" and sets("completed")(call):
        enrollment.id = str(uuid.uuid5(NAMESPACE, enrollment.id))
    return inner(call, enrollment)


@fault("STATE-03", also=["ID-08"], unseen=True)
def renames_the_enrollment_after_a_refusal(mock: Behaviour) -> None:
    """The `customerCampaignId` is another one after each rejected request."""
    rejected: list[Call] = []

    def finish(inner: Finish, call: Call, response: Response) -> Response:
        rejected.extend([call] if on(400, 404, 422)(call, response) else [])
        return inner(call, response)

    mock.wrap("finish", finish)
    name_by(lambda _, found: f"{found.id}{len(rejected)}")(mock)


table(
    "STATE-04",
    names_every_enrollment_alike=("The `customerCampaignId` is the same for all.", name_by(lambda *_: "")),
    names_the_enrollment_by_its_customer=(
        "The `customerCampaignId` is the same for all campaigns of a customer.",
        name_by(lambda _, found: found.customer_id.lower()),
    ),
    names_the_enrollment_by_its_campaign=(
        "The `customerCampaignId` is the same for all customers of a campaign.",
        name_by(lambda _, found: found.campaign_id.lower()),
    ),
)
table(
    "STATE-04",
    unseen=True,
    names_the_nil_and_the_max_customer_alike=(
        "The `customerCampaignId` is the same for the nil and the max UUID as `customerId`.",
        name_by(lambda _, found: "" if is_special(found.customer_id) else found.id),
    ),
    says_the_campaign_for_the_enrollment=(
        "The `customerCampaignId` is the id of the campaign.",
        report(lambda _call, found, _body: {"customerCampaignId": found.campaign_id}),
    ),
)


table(
    "STATE-08",
    says_nothing_to_a_repeated_update=(
        "An update to the status that is set gets a 204.",
        respond_after_an_update(repeats, Response(204, media_type=None)),
        ["HTTP-04", "HTTP-05", "RESPONSE-01", "STATUS-01"],
    ),
)
table(
    "STATE-08",
    unseen=True,
    locks_an_enrollment_after_two_updates=(
        "From the third update of an enrollment on, each gets a 423.",
        respond_after_an_update(lambda _, found: found.updates > 1, LOCKED),
        ["HTTP-05", "STATUS-01"],
    ),
)
