"""Faults in which ids are taken, refused and told apart."""

import re
from collections.abc import Callable
from typing import Any

from conformance.mock.behaviour import Behaviour, Call
from conformance.mock.problems import Issue
from conformance.mock.store import Enrollment

from .changes import IDS, ValueTest
from .fault import Change, Fault

LENIENT = ("RESPONSE-05", "RESPONSE-06")
"""What breaks with every malformed body that is accepted."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def accepts(when: ValueTest, fields: tuple[str, ...] = IDS) -> Change:
    """Take malformed ids, as if somebody were enrolled under them."""

    def odd(call: Call, issue: Issue) -> bool:
        return len(issue.path) == 1 and issue.path[0] in fields and when(call.value(issue.path[0]))

    def change(mock: Behaviour) -> None:
        inspect, find = mock.inspect, mock.find

        def inspect_others(call: Call) -> list[Issue]:
            return [issue for issue in inspect(call) if not odd(call, issue)]

        def find_or_enroll(call: Call) -> Enrollment | None:
            if any(odd(call, issue) for issue in inspect(call)):
                return mock.store.enroll(str(call.value("customerId")), str(call.value("campaignId")))
            return find(call)

        mock.inspect, mock.find = inspect_others, find_or_enroll

    return change


def refuses_id(when: Callable[[str], bool], fields: tuple[str, ...] = IDS) -> Change:
    """Call well-formed ids malformed."""

    def change(mock: Behaviour) -> None:
        inspect = mock.inspect

        def inspect_more(call: Call) -> list[Issue]:
            odd = [
                field for field in fields if isinstance(call.value(field), str) and when(call.value(field))
            ]
            made = [Issue((field,), "Expected uuid", "invalid_format", "uuid", "string") for field in odd]
            return inspect(call) or made

        mock.inspect = inspect_more

    return change


def version(digits: str) -> Callable[[Any], bool]:
    """Ids in the form of a UUID whose version is one of the digits; the nil and the max UUID have none."""
    return lambda value: has_form(value) and value[14] in digits and len(set(value)) > 2


def has_form(value: object) -> bool:
    """Whether the value is hex digits in the groups of a UUID."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


IDENTIFIERS = (
    Fault(
        "accepts_any_customer_id",
        "ID-06",
        "Whatever the `customerId` is, it is accepted.",
        accepts(lambda _: True, ("customerId",)),
        also=("ID-04", "ID-05", "ID-07", "BODY-01", *LENIENT),
    ),
    Fault("refuses_version_7", "ID-01", "Ids of version 7 are refused.", refuses_id(version("7"))),
)
