"""Faults of the fields of a body: missing, renamed and unknown ones."""

from collections.abc import Callable
from typing import Any

from ..behaviour import Call, Inspect
from ..problems import MAX_TOKEN, Issue
from ..store import Enrollment
from .fault import Change, both, fault, table, wrap
from .steps import (
    FIELDS,
    LENIENT,
    add_issues,
    of_customer,
    pair,
    reject,
)


def complete(field: str, value: Callable[[Call], str | None]) -> Change:
    """Find a value for a missing field."""

    def wrapper(inner: Inspect, call: Call) -> list[Issue]:
        if isinstance(call.json, dict) and field not in call.json:
            found = value(call)
            call.json = call.json if found is None else {**call.json, field: found}
        return inner(call)

    return wrap("inspect", wrapper)


def with_either_id(call: Call) -> Enrollment | None:
    """The first enrollment with an id of the body, as its customer or its campaign."""
    given = {id_.lower() for id_ in pair(call)}
    return next(
        (each for each in call.mock.store if given & {each.customer_id.lower(), each.campaign_id.lower()}),
        None,
    )


def campaign_of_customer(call: Call) -> str | None:
    """A campaign of the customer."""
    found = with_either_id(call)
    return found.campaign_id if found else None


def customer_of_campaign(call: Call) -> str | None:
    """A customer of the campaign."""
    found = with_either_id(call)
    return found.customer_id if found else None


def latest_campaign(call: Call) -> str | None:
    """The campaign that the customer was enrolled in last."""
    found = of_customer(call)
    return found[-1].campaign_id if found else None


def unknown_fields(call: Call) -> dict[str, Any]:
    """The fields of the body that the contract lacks."""
    body = call.json if isinstance(call.json, dict) else {}
    return {name: value for name, value in body.items() if name not in FIELDS}


def unknown_containers(call: Call) -> list[str]:
    """The names of the unknown fields that hold an object or a list."""
    return [name for name, value in unknown_fields(call).items() if isinstance(value, dict | list)]


def container_issues(call: Call) -> list[Issue]:
    """An issue for each unknown field that holds an object or a list."""
    return [
        Issue((name[:MAX_TOKEN],), "Not expected", "unrecognized", "nothing", "object")
        for name in unknown_containers(call)
    ]


def has_another_previous_status(call: Call) -> bool:
    """Calls with a field `previousStatus` that is not the status of the enrollment."""
    claimed = call.value("previousStatus")
    return call.enrollment is not None and claimed not in (None, call.enrollment.status)


table(
    "BODY-01",
    also=LENIENT,
    defaults_the_status=(
        "A missing status is taken as `completed`.",
        complete("status", lambda _: "completed"),
    ),
    guesses_the_campaign=(
        "A missing `campaignId` is taken as a campaign of the customer.",
        complete("campaignId", campaign_of_customer),
    ),
    guesses_the_customer=(
        "A missing `customerId` is taken as a customer of the campaign.",
        complete("customerId", customer_of_campaign),
    ),
)
table(
    "BODY-01",
    unseen=True,
    guesses_the_latest_campaign=(
        "A missing `campaignId` is taken as the latest campaign of the customer.",
        complete("campaignId", latest_campaign),
        ["RESPONSE-05", "STATE-02", "STATE-05", "STATE-06"],
    ),
    takes_snake_case_names=(
        "The names `customer_id` and `campaign_id` are accepted for those of missing fields.",
        both(
            complete("customerId", lambda call: call.value("customer_id")),
            complete("campaignId", lambda call: call.value("campaign_id")),
        ),
        LENIENT,
    ),
)


@fault("BODY-01", step="inspect", also=["BODY-02", *LENIENT], unseen=True)
def takes_names_in_any_case(inner: Inspect, call: Call) -> list[Issue]:
    """The letter case of the names of the fields does not matter."""
    known = {name.lower(): name for name in FIELDS}
    if isinstance(call.json, dict):
        call.json = {known.get(name.lower(), name): value for name, value in call.json.items()}
    return inner(call)


table(
    "BODY-02",
    refuses_unknown_fields=reject(lambda call: bool(unknown_fields(call)), 400),
    refuses_unknown_objects=(
        "A field that the contract lacks is rejected if it holds an object or a list.",
        reject(lambda call: bool(unknown_containers(call)), 400),
    ),
)
table(
    "BODY-02",
    unseen=True,
    refuses_many_unknown_fields=(
        "More than ten fields that the contract lacks are rejected.",
        reject(lambda call: len(unknown_fields(call)) > 10, 400),
    ),
    calls_unknown_objects_malformed=(
        "A field that the contract lacks gets a 422 if it holds an object or a list.",
        add_issues(container_issues),
    ),
    takes_a_previous_status_for_a_condition=(
        "An update with an unknown field `previousStatus` is rejected unless that is the present status.",
        reject(
            has_another_previous_status, 400, after="lookup", message="The previous status is another one"
        ),
    ),
)
