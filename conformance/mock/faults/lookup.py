"""Faults of the lookup: ids find the wrong enrollment, or unknown ids get the wrong rejection."""

import uuid
from dataclasses import replace
from typing import Any

from ..behaviour import Call, Check, Find, Response
from ..problems import Issue
from ..store import NAMESPACE, Enrollment
from .fault import Change, fault, table, wrap
from .steps import (
    IDS,
    CallTest,
    alter,
    alter_rejection,
    always,
    find_also,
    having,
    of_campaign,
    of_customer,
    on,
    pair,
    reject_with,
    sets,
    with_status,
    without,
)

ENROLLED = ("LOOKUP-02", "STATE-07")
"""The rules that a fault breaks too if it makes an update for unknown ids."""


def find_in_case_of(*names: str) -> Change:
    """Find an enrollment only by ids in the letter case in which it was added."""
    fields = dict(zip(("customer_id", "campaign_id"), IDS, strict=True))

    def wrapper(inner: Find, call: Call) -> Enrollment | None:
        found = inner(call)
        same = found and all(getattr(found, name) == call.value(fields[name]) for name in names)
        return found if same else None

    return wrap("find", wrapper)


def enroll(when: CallTest) -> Change:
    """Add the enrollment that a request names, if there is none."""
    return find_also(lambda call: call.mock.store.enroll(*pair(call)) if when(call) else None)


def customer_is_known(call: Call) -> bool:
    """Whether the customer is in some campaign."""
    return bool(of_customer(call))


def customer_is_unknown(call: Call) -> bool:
    """Whether the customer is in no campaign."""
    return not customer_is_known(call)


def campaign_is_known(call: Call) -> bool:
    """Whether a customer is in the campaign."""
    return bool(of_campaign(call))


table(
    "ID-08",
    also=["ID-03"],
    tells_ids_apart_by_case=(
        "An enrollment is found only under ids in the letter case in which it was made.",
        find_in_case_of("customer_id", "campaign_id"),
    ),
    tells_campaigns_apart_by_case=(
        "An enrollment is found only under a `campaignId` in the letter case in which it was made.",
        find_in_case_of("campaign_id"),
    ),
)


@fault("ID-08", step="find", memory=dict, also=["STATE-02", "STATE-03"], unseen=True)
def keeps_an_enrollment_for_each_case(
    inner: Find, kept: dict[Any, Enrollment], call: Call
) -> Enrollment | None:
    """An id in another letter case names another enrollment."""
    found, ids = inner(call), pair(call)
    if found is None or ids == (found.customer_id, found.campaign_id):
        return found
    name = str(uuid.uuid5(NAMESPACE, ":".join(ids)))
    return kept.setdefault(ids, Enrollment(*ids, found.status, name))


@fault("ID-08", step="find", memory=dict, also=["STATE-02"], unseen=True)
def keeps_a_copy_for_each_case_of_a_customer(
    inner: Find, copies: dict[Any, Enrollment], call: Call
) -> Enrollment | None:
    """Each spelling of a `customerId` has a copy of the enrollment, made when it is first used."""
    found, (customer, _) = inner(call), pair(call)
    if found is None or customer == found.customer_id:
        return found
    return copies.setdefault((customer, found.campaign_id), replace(found))


table(
    "LOOKUP-01",
    also=ENROLLED,
    enrolls_whom_it_does_not_know=("An update of an unknown enrollment makes it.", enroll(always)),
    enrolls_a_known_customer=(
        "An update of an unknown enrollment makes it, if the customer is known from another.",
        enroll(customer_is_known),
    ),
    enrolls_in_a_known_campaign=(
        "An update of an unknown enrollment makes it, if the campaign is known from another.",
        enroll(campaign_is_known),
    ),
    enrolls_to_set_failed=(
        "An update of an unknown enrollment to `failed` makes it.",
        enroll(sets("failed")),
    ),
)
table(
    "LOOKUP-01",
    also=ENROLLED,
    unseen=True,
    finds_the_customer_alone=(
        "An unknown campaign updates another enrollment of the customer.",
        find_also(lambda call: next(iter(of_customer(call)), None)),
        ["STATE-02", "STATE-06"],
    ),
    finds_the_campaign_alone=(
        "An unknown customer updates another enrollment in the campaign.",
        find_also(lambda call: next(iter(of_campaign(call)), None)),
        ["STATE-02", "STATE-06"],
    ),
)


@fault("LOOKUP-01", step="lookup", also=["RESPONSE-02", *ENROLLED], unseen=True)
def succeeds_in_nothing(inner: Check, call: Call) -> Response | None:
    """An unknown enrollment gets a 200 whose `success` is false."""
    if inner(call) is None:
        return None
    return Response(
        200,
        {
            "success": False,
            "previousStatus": "unknown",
            "newStatus": call.value("status"),
            "customerCampaignId": str(uuid.uuid5(NAMESPACE, repr(call.json))),
        },
    )


@fault("LOOKUP-01", step="lookup", also=ENROLLED, unseen=True)
def enrolls_whom_it_did_not_find(inner: Check, call: Call) -> Response | None:
    """Ids that name no enrollment are rejected once, and accepted from then on."""
    rejection = inner(call)
    if rejection:
        call.mock.store.enroll(*pair(call))
    return rejection


table(
    "LOOKUP-02",
    refuses_an_unknown_enrollment_with_400=alter_rejection("lookup", with_status(400)),
    calls_an_unknown_enrollment_malformed=(
        "An unknown enrollment gets a 422.",
        reject_with("lookup", 422, errors=[]),
    ),
)
table(
    "LOOKUP-02",
    unseen=True,
    forbids_an_unknown_enrollment=(
        "An unknown enrollment gets a 403.",
        reject_with("lookup", 403),
        ["LOOKUP-03"],
    ),
    refuses_an_unknown_customer_with_400=alter(on(404, when=customer_is_unknown), with_status(400)),
    blames_the_request_for_a_customer_elsewhere=(
        "A known customer who is not in the campaign gets a 400 and the code NOT_ENROLLED.",
        alter_rejection("lookup", with_status(400), having(code="NOT_ENROLLED"), when=customer_is_known),
    ),
)


@fault("LOOKUP-02", step="lookup", also=["LOOKUP-03"], unseen=True)
def calls_an_unknown_id_malformed(inner: Check, call: Call) -> Response | None:
    """An unknown enrollment gets a 422 that names one of its ids."""
    if inner(call) is None:
        return None
    field = "campaignId" if customer_is_known(call) else "customerId"
    issue = Issue((field,), "The object does not exist", "does_not_exist", "an existing id", "string")
    return call.mock.reject(call, 422, errors=[issue.as_json()])


table(
    "LOOKUP-03",
    calls_an_unknown_enrollment_by_its_name=(
        "The code of a 404 is ENROLLMENT_NOT_FOUND.",
        alter_rejection("lookup", having(code="ENROLLMENT_NOT_FOUND")),
    ),
    says_not_found_in_lower_case=(
        "The code of a 404 is in lower case.",
        alter_rejection("lookup", having(code="not_found")),
    ),
    leaves_out_the_code_of_a_404=("A 404 has no `code`.", alter(on(404), without("code")), ["RESPONSE-03"]),
)
table(
    "LOOKUP-03",
    unseen=True,
    calls_an_unknown_campaign_by_its_name=(
        "The code of a 404 is CAMPAIGN_NOT_FOUND if the customer is known from another campaign.",
        alter_rejection("lookup", having(code="CAMPAIGN_NOT_FOUND"), when=customer_is_known),
    ),
    calls_an_unknown_customer_by_its_name=(
        "The code of a 404 is CUSTOMER_NOT_FOUND if the customer is in no campaign.",
        alter_rejection("lookup", having(code="CUSTOMER_NOT_FOUND"), when=customer_is_unknown),
    ),
)
