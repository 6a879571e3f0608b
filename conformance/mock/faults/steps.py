"""The functions that faults of several areas use: how a step changes, for which calls and responses.

All mocks of a process share these functions, so the functions keep no state. A function that depends on
earlier requests reads the enrollments of the mock, which is an attribute of the call.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ..behaviour import Behaviour, Call, Check, Find, Finish, Inspect, Response, Update
from ..problems import MAX_ISSUES, Issue
from ..store import NAMESPACE, Enrollment
from .fault import Change, wrap

CallTest = Callable[[Call], bool]
ResponseTest = Callable[[Call, Response], bool]
UpdateTest = Callable[[Call, Enrollment], bool]
ValueTest = Callable[[Any], bool]
Alteration = Callable[[Call, Response], Response]


IDS = ("customerId", "campaignId")
FIELDS = (*IDS, "status")
TERMINAL = ("completed", "failed")
NIL = "00000000-0000-0000-0000-000000000000"
LENIENT = ("RESPONSE-05", "RESPONSE-06")
"""The rules that a fault breaks too if it accepts a malformed body."""
BODY_CHECKS = ("json", "schema", "status", "lookup")
"""The checks that look at the body, in their order."""


# Which calls


def always(_call: Call) -> bool:
    """Every call."""
    return True


def sets(*statuses: str) -> CallTest:
    """Calls with one of these statuses."""
    return lambda call: call.value("status") in statuses


def mentions(text: bytes) -> CallTest:
    """Calls whose body contains the bytes, whether it is JSON or not."""
    return lambda call: text in call.body


def media_type(call: Call) -> str:
    """The media type as it was sent."""
    return call.headers.get("content-type", "")


def pair(call: Call) -> tuple[str, str]:
    """The two ids in the body, as text."""
    return str(call.value("customerId")), str(call.value("campaignId"))


def same(one: str, other: str) -> bool:
    """Whether two ids are the same in any letter case."""
    return one.lower() == other.lower()


def of_customer(call: Call) -> list[Enrollment]:
    """The enrollments of the customer in the body."""
    return [each for each in call.mock.store if same(each.customer_id, pair(call)[0])]


def of_campaign(call: Call) -> list[Enrollment]:
    """The enrollments in the campaign in the body."""
    return [each for each in call.mock.store if same(each.campaign_id, pair(call)[1])]


def swapped(call: Call) -> Enrollment | None:
    """The enrollment that the two ids name if they are swapped."""
    return call.mock.store.find(*reversed(pair(call)))


def find_unchecked(call: Call) -> Enrollment | None:
    """The enrollment that a JSON body names, without the checks."""
    try:
        call.json = call.mock.parse(call.body)
    except ValueError:
        return None
    return call.mock.find(call)


# Checks


def skip(check: str, when: CallTest = always) -> Change:
    """Accept calls that a check may reject."""
    return wrap(check, lambda inner, call: None if when(call) else inner(call))


def reject(when: CallTest, *statuses: int, after: str = "schema", **body: object) -> Change:
    """Reject calls that a check has accepted."""

    def wrapper(inner: Check, call: Call) -> Response | None:
        return inner(call) or (call.mock.reject(call, *statuses, **body) if when(call) else None)

    return wrap(after, wrapper)


def reject_with(check: str, status: int, **body: object) -> Change:
    """Reject the calls that a check rejects with the documented response of another status code."""
    return wrap(check, lambda inner, call: call.mock.reject(call, status, **body) if inner(call) else None)


def rejection(call: Call, check: str) -> Response | None:
    """The response of a check of the body, if the earlier checks of the body accept the call."""
    *earlier, last = (call.mock.checks[name] for name in BODY_CHECKS[: BODY_CHECKS.index(check) + 1])
    return None if any(each(call) for each in earlier) else last(call)


def reject_early(check: str, *, before: str) -> Change:
    """Reject the calls that a check of the body rejects, before an earlier check."""
    return wrap(before, lambda inner, call: rejection(call, check) or inner(call))


def check_early(check: str, *, before: str, when: CallTest = always) -> Change:
    """Run a check before an earlier check."""

    def wrapper(inner: Check, call: Call) -> Response | None:
        return (call.mock.checks[check](call) if when(call) else None) or inner(call)

    return wrap(before, wrapper)


def check_last(check: str) -> Change:
    """Run a check after all other checks."""

    def change(mock: Behaviour) -> None:
        mock.checks[check] = mock.checks.pop(check)

    return change


# Responses


def alter_rejection(check: str, *alterations: Alteration, when: CallTest = always) -> Change:
    """Alter the responses of one check."""

    def wrapper(inner: Check, call: Call) -> Response | None:
        response = inner(call)
        return _altered(call, response, alterations) if response and when(call) else response

    return wrap(check, wrapper)


def alter(when: ResponseTest, *alterations: Alteration) -> Change:
    """Alter responses when they are finished."""

    def wrapper(inner: Finish, call: Call, response: Response) -> Response:
        response = inner(call, response)
        return _altered(call, response, alterations) if when(call, response) else response

    return wrap("finish", wrapper)


def _altered(call: Call, response: Response, alterations: Iterable[Alteration]) -> Response:
    for alteration in alterations:
        response = alteration(call, response)
    return response


def on(*statuses: int, when: CallTest = always) -> ResponseTest:
    """Responses to an update with one of the status codes."""
    return lambda call, response: call.updates and response.status in statuses and when(call)


def without(*names: str) -> Alteration:
    """The body without some properties."""
    return lambda _, response: replace(
        response, body={name: value for name, value in response.body.items() if name not in names}
    )


def having(**properties: Any) -> Alteration:  # noqa: ANN401 - JSON values, or functions that make them from the body
    """The body with properties set to a value, or to the result of a function of the body."""

    def alteration(_call: Call, response: Response) -> Response:
        made = {
            name: value(response.body) if callable(value) else value for name, value in properties.items()
        }
        return replace(response, body={**response.body, **made})

    return alteration


def wrapped_in(name: str) -> Alteration:
    """The body as the only property of another body."""
    return lambda _, response: replace(response, body={name: response.body})


def with_status(status: int) -> Alteration:
    """The same body with another status code."""
    return lambda _, response: replace(response, status=status)


def without_body(_call: Call, response: Response) -> Response:
    """The response without a body."""
    return replace(response, body=None)


def rejected_by(check: str) -> Alteration:
    """The response of another check, if that check rejects the call too."""
    return lambda call, response: rejection(call, check) or response


def replaced_by(response: Response) -> Alteration:
    """Another response."""
    return lambda *_: response


# The body


def add_issues(find: Inspect) -> Change:
    """Find more errors in the form of a body."""
    return wrap("inspect", lambda inner, call: (inner(call) + find(call))[:MAX_ISSUES])


def read_as(read: Callable[[Any], Any], fields: tuple[str, ...] = IDS) -> Change:
    """Convert the values of fields before the body is inspected."""

    def wrapper(inner: Inspect, call: Call) -> list[Issue]:
        for field in fields:
            if isinstance(call.json, dict) and field in call.json:
                call.json = {**call.json, field: read(call.json[field])}
        return inner(call)

    return wrap("inspect", wrapper)


# Enrollments and updates


def find_also(find: Find) -> Change:
    """Look for an enrollment in another way as well."""
    return wrap("find", lambda inner, call: inner(call) or find(call))


def report(say: Callable[[Call, Enrollment, dict[str, Any]], dict[str, Any]]) -> Change:
    """Make an update, and change its response."""

    def wrapper(inner: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
        body = inner(call, enrollment)
        return {**body, **say(call, enrollment, body)}

    return wrap("update", wrapper)


def name_by(source: Callable[[Call, Enrollment], str]) -> Change:
    """Derive the `customerCampaignId` of a response from something else."""
    return report(
        lambda call, enrollment, _: {
            "customerCampaignId": str(uuid.uuid5(NAMESPACE, source(call, enrollment)))
        }
    )


def repeats(call: Call, enrollment: Enrollment) -> bool:
    """Updates to the status that the enrollment already has."""
    return bool(call.value("status") == enrollment.status)
