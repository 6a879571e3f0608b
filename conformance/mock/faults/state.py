"""Faults in what an update does, and in what it says that it did."""

import uuid

from ..behaviour import Response
from .changes import always, on
from .fault import Fault
from .malformed import is_special
from .status import CONFLICT, NIL, TERMINAL, asks
from .updates import (
    again,
    finds_either_way,
    finds_swapped_again,
    following,
    forgets,
    names,
    refuses_after_an_update,
    renames_after_a_refusal,
    renames_once_completed,
    repeats,
    reports,
    resets_others,
    reverses,
    says_the_first_status,
    says_the_status_before_last,
    spreads,
    updates,
    writes,
    writes_before,
    writes_when_refusing,
)

LOCKED = Response(423, {"message": "The enrollment is locked", "code": "LOCKED"})
"""Another refusal with an undocumented status."""

STATE = (
    Fault(
        "says_completed_for_failed",
        "STATE-01",
        "An update to `failed` is answered with the `newStatus` completed.",
        reports(lambda *_: {"newStatus": "completed"}),
    ),
    Fault(
        "says_the_new_status_in_upper_case",
        "STATE-01",
        "The `newStatus` is in upper case.",
        reports(lambda _call, _enrollment, body: {"newStatus": body["newStatus"].upper()}),
    ),
    Fault(
        "says_the_status_before_for_the_new_one",
        "STATE-01",
        "From the second update of an enrollment on, the `newStatus` is the status before.",
        reports(
            lambda _, enrollment, body: (
                {"newStatus": body["previousStatus"]} if enrollment.updates > 1 else {}
            )
        ),
    ),
    Fault(
        "says_completed_for_failed_of_the_nil_customer",
        "STATE-01",
        "The `newStatus` is completed for `failed` if the `customerId` is the nil UUID.",
        reports(lambda call, *_: {"newStatus": "completed"} if call.value("customerId") == NIL else {}),
    ),
    Fault(
        "forgets_the_update",
        "STATE-02",
        "An update is answered as one that was made, and is not made.",
        forgets(lambda *_: True),
    ),
    Fault(
        "forgets_an_update_to_failed",
        "STATE-02",
        "An update to `failed` is not made.",
        forgets(lambda call, _: asks("failed")(call)),
    ),
    Fault(
        "forgets_the_second_update",
        "STATE-02",
        "From the second update of an enrollment on, none is made.",
        forgets(again),
    ),
    Fault(
        "forgets_an_update_of_a_version_7_customer",
        "STATE-02",
        "An update is not made if the `customerId` is of version 7.",
        forgets(lambda call, _: str(call.value("customerId"))[14:15] == "7"),
    ),
    Fault(
        "says_pending_was_before",
        "STATE-02",
        "The `previousStatus` is always `pending`.",
        reports(lambda *_: {"previousStatus": "pending"}),
    ),
    Fault(
        "says_the_new_status_was_before",
        "STATE-02",
        "The `previousStatus` is read after the update.",
        reports(lambda _call, _enrollment, body: {"previousStatus": body["newStatus"]}),
    ),
    Fault(
        "says_the_status_before_last",
        "STATE-02",
        "The `previousStatus` is late by one update.",
        says_the_status_before_last,
    ),
    Fault(
        "renames_the_enrollment_with_each_update",
        "STATE-03",
        "The `customerCampaignId` is a new one in every answer.",
        reports(lambda *_: {"customerCampaignId": str(uuid.uuid4())}),
        also=("ID-08",),
    ),
    Fault(
        "renames_the_enrollment_once_updated",
        "STATE-03",
        "The `customerCampaignId` is another from the third update on.",
        names(lambda _, enrollment: f"{enrollment.id}{enrollment.updates > 2}"),
    ),
    Fault(
        "names_the_enrollment_by_its_status",
        "STATE-03",
        "The `customerCampaignId` differs between `completed` and `failed`.",
        names(lambda _, enrollment: enrollment.id + enrollment.status),
    ),
    Fault(
        "names_the_enrollment_by_the_case_of_its_ids",
        "STATE-03",
        "The `customerCampaignId` differs between ids in upper case and in lower case.",
        names(lambda call, _: f"{call.value('customerId')}:{call.value('campaignId')}"),
        also=("ID-08",),
    ),
    Fault(
        "names_every_enrollment_alike",
        "STATE-04",
        "The `customerCampaignId` is the same for all.",
        names(lambda *_: ""),
    ),
    Fault(
        "names_the_enrollment_by_its_customer",
        "STATE-04",
        "The `customerCampaignId` is the same for all campaigns of a customer.",
        names(lambda _, enrollment: enrollment.customer_id.lower()),
    ),
    Fault(
        "names_the_enrollment_by_its_campaign",
        "STATE-04",
        "The `customerCampaignId` is the same for all customers of a campaign.",
        names(lambda _, enrollment: enrollment.campaign_id.lower()),
    ),
    Fault(
        "sets_a_status_that_it_refuses",
        "STATE-05",
        "A status that is refused with a 400 is set all the same.",
        writes_when_refusing(400),
        also=("STATE-02",),
    ),
    Fault(
        "sets_a_status_that_is_none",
        "STATE-05",
        "A status that is refused with a 422 is set all the same.",
        writes_when_refusing(422),
        also=("STATE-02",),
    ),
    Fault(
        "sets_the_status_without_a_key",
        "STATE-05",
        "A request that is refused with a 401 sets the status all the same.",
        writes_when_refusing(401),
        also=("STATE-02",),
    ),
    Fault(
        "sets_the_status_without_the_permission",
        "STATE-05",
        "A request that is refused with a 403 sets the status all the same.",
        writes_when_refusing(403),
        also=("STATE-02",),
    ),
    Fault(
        "updates_every_enrollment",
        "STATE-06",
        "An update sets the status of every enrollment.",
        spreads(lambda store, _: store),
        also=("STATE-02",),
    ),
    Fault(
        "updates_every_campaign_of_the_customer",
        "STATE-06",
        "An update sets the status of every enrollment of the customer.",
        spreads(lambda store, one: [other for other in store if same(other.customer_id, one.customer_id)]),
        also=("STATE-02",),
    ),
    Fault(
        "updates_every_customer_of_the_campaign",
        "STATE-06",
        "An update sets the status of every enrollment in the campaign.",
        spreads(lambda store, one: [other for other in store if same(other.campaign_id, one.campaign_id)]),
        also=("STATE-02",),
    ),
    Fault(
        "updates_the_next_enrollment",
        "STATE-06",
        "An update sets the status of one other enrollment too.",
        spreads(following),
        also=("STATE-02",),
    ),
    Fault(
        "takes_the_ids_in_either_place",
        "STATE-07",
        "A customer and a campaign in each other's place update their enrollment.",
        finds_either_way(always),
        also=("LOOKUP-01", "LOOKUP-02"),
    ),
    Fault(
        "takes_the_ids_in_either_place_to_set_failed",
        "STATE-07",
        "A customer and a campaign in each other's place update their enrollment to `failed`.",
        finds_either_way(asks("failed")),
        also=("LOOKUP-01", "LOOKUP-02"),
    ),
    Fault(
        "calls_a_repeated_update_a_conflict",
        "STATE-08",
        "An update to the status that is set is answered with a 409.",
        refuses_after_an_update(repeats, CONFLICT),
        also=("HTTP-05", "STATUS-01"),
    ),
    Fault(
        "calls_a_reversed_update_a_conflict",
        "STATE-08",
        "An update from one terminal status to the other is answered with a 409.",
        refuses_after_an_update(reverses, CONFLICT),
        also=("HTTP-05", "STATUS-01"),
    ),
    Fault(
        "says_nothing_to_a_repeated_update",
        "STATE-08",
        "An update to the status that is set is answered with a 204.",
        refuses_after_an_update(repeats, Response(204, media_type=None)),
        also=("HTTP-04", "HTTP-05", "STATUS-01"),
    ),
    Fault(
        "swaps_the_statuses_in_its_answer",
        "STATE-01",
        "The `newStatus` and the `previousStatus` are in each other's place.",
        reports(
            lambda _call, _enrollment, body: {
                "newStatus": body["previousStatus"],
                "previousStatus": body["newStatus"],
            }
        ),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "says_the_first_status_was_before",
        "STATE-02",
        "The `previousStatus` is always the status before the first update.",
        says_the_first_status,
        unseen=True,
    ),
    Fault(
        "forgets_the_third_update",
        "STATE-02",
        "The third update of an enrollment is not made.",
        forgets(lambda _, enrollment: enrollment.updates == 2),
        unseen=True,
    ),
    Fault(
        "renames_the_enrollment_after_a_refusal",
        "STATE-03",
        "The `customerCampaignId` is another one after each refused request.",
        renames_after_a_refusal,
        also=("ID-08",),
        unseen=True,
    ),
    Fault(
        "names_the_nil_and_the_max_customer_alike",
        "STATE-04",
        "The `customerCampaignId` is the same for the nil and the max UUID as `customerId`.",
        names(lambda _, enrollment: "" if is_special(enrollment.customer_id) else enrollment.id),
        unseen=True,
    ),
    Fault(
        "resets_the_status_when_refusing",
        "STATE-05",
        "A request that is refused with a 400 sets the enrollment to `pending`.",
        writes(on(400), lambda _: "pending"),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "sets_the_status_by_another_method",
        "STATE-05",
        "A PUT is refused with a 405 and sets the status all the same.",
        writes(lambda call, response: call.method == "PUT" and response.status == 405),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "resets_every_other_enrollment",
        "STATE-06",
        "An update sets every other enrollment to `pending`.",
        resets_others,
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "takes_the_ids_in_either_place_once_updated",
        "STATE-07",
        "A customer and a campaign in each other's place update their enrollment if it was updated before.",
        finds_swapped_again,
        also=("LOOKUP-01", "LOOKUP-02"),
        unseen=True,
    ),
    Fault(
        "locks_an_enrollment_after_two_updates",
        "STATE-08",
        "From the third update of an enrollment on, each is answered with a 423.",
        refuses_after_an_update(lambda _, enrollment: enrollment.updates > 1, LOCKED),
        also=("HTTP-05", "STATUS-01"),
        unseen=True,
    ),
    Fault(
        "says_the_status_before_for_the_first_new_one",
        "STATE-01",
        "In the first update of an enrollment, the `newStatus` is the status before.",
        reports(
            lambda _, enrollment, body: (
                {"newStatus": body["previousStatus"]} if enrollment.updates == 1 else {}
            )
        ),
        unseen=True,
    ),
    Fault(
        "renames_the_enrollment_completed_after_failed",
        "STATE-03",
        "An enrollment that is completed after it has failed gets another `customerCampaignId`.",
        updates(renames_once_completed),
        unseen=True,
    ),
    Fault(
        "says_the_campaign_for_the_enrollment",
        "STATE-04",
        "The `customerCampaignId` is the id of the campaign.",
        reports(lambda _call, enrollment, _body: {"customerCampaignId": enrollment.campaign_id}),
        unseen=True,
    ),
    Fault(
        "sets_a_status_before_it_is_judged",
        "STATE-05",
        "A non-terminal status is set before it is refused.",
        writes_before("status"),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "sets_cancelled_before_it_is_judged",
        "STATE-05",
        "The status `cancelled` is set before it is refused.",
        writes_before("status", asks("cancelled")),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "sets_a_terminal_status_before_the_permission",
        "STATE-05",
        "A terminal status is set before a key that lacks the permission is refused.",
        writes_before("permission", asks(*TERMINAL)),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "calls_failed_after_completed_a_conflict",
        "STATE-08",
        "An update from `completed` to `failed` is answered with a 409.",
        refuses_after_an_update(
            lambda call, enrollment: enrollment.status == "completed" and asks("failed")(call), CONFLICT
        ),
        also=("HTTP-05",),
        unseen=True,
    ),
)


def same(one: str, other: str) -> bool:
    """Whether two ids are the same in any letter case."""
    return one.lower() == other.lower()
