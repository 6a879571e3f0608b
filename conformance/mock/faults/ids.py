"""Faults of well-formed ids: they are rejected. Also the forms of ids."""

import re
import time
from collections.abc import Callable

from ..behaviour import Call, Inspect
from ..problems import Issue
from .fault import Change, table, wrap
from .steps import IDS, NIL, CallTest, ValueTest, always, pair, reject, sets

MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff"
CUSTOMER, CAMPAIGN = IDS[:1], IDS[1:]
VERSION, VARIANT = 14, 19
"""The positions of the version digit and the variant digit in a UUID."""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def reject_id(when: ValueTest, fields: tuple[str, ...] = IDS, calls: CallTest = always) -> Change:
    """Report well-formed ids as malformed."""

    def wrapper(inner: Inspect, call: Call) -> list[Issue]:
        odd = [field for field in fields if has_form(call.value(field)) and when(call.value(field))]
        return inner(call) or [malformed(field) for field in odd if calls(call)]

    return wrap("inspect", wrapper)


def reject_pair(when: Callable[[str, str], bool]) -> Change:
    """Report a `campaignId` as malformed if a condition holds for the two ids."""
    return wrap(
        "inspect", lambda inner, call: inner(call) or ([malformed("campaignId")] if when(*pair(call)) else [])
    )


def malformed(field: str) -> Issue:
    """The error of a field that is not a UUID."""
    return Issue((field,), "Expected uuid", "invalid_format", "uuid", "string")


def has_form(value: object) -> bool:
    """Whether the value is hex digits in the groups of a UUID."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_special(value: str) -> bool:
    """Whether an id is the nil or the max UUID, in any letter case."""
    return len(set(value.lower())) == 2


def is_max(value: object) -> bool:
    """Whether the value is the max UUID in any letter case."""
    return isinstance(value, str) and value.lower() == MAX


def equals(id_: str) -> ValueTest:
    """Exactly this id."""
    return lambda value: bool(value == id_)


def version(digits: str) -> ValueTest:
    """Ids with one of these version digits, except the nil and the max UUID."""
    return lambda value: has_form(value) and value[VERSION] in digits and not is_special(value)


def variant(digits: str, *, versions: str = "0123456789abcdefABCDEF") -> ValueTest:
    """Ids with one of these variant digits, except the nil and the max UUID."""
    return lambda value: version(versions)(value) and value[VARIANT] in digits


def has_upper_case(value: str) -> bool:
    """Whether an id has an upper-case digit."""
    return value != value.lower()


def is_in_the_future(value: str) -> bool:
    """Whether an id of version 7 has a time in the future."""
    return version("7")(value) and int(value.replace("-", "")[:12], 16) > time.time() * 1000


table(
    "ID-01",
    refuses_version_1=("Ids of version 1 are rejected.", reject_id(version("1"))),
    refuses_version_7=("Ids of version 7 are rejected.", reject_id(version("7"))),
    refuses_new_versions=("Ids of versions 6 to 8 are rejected.", reject_id(version("678"))),
    refuses_all_but_version_4=("Ids of other versions than 4 are rejected.", reject_id(version("1235678"))),
    refuses_a_version_2_customer=reject_id(version("2"), CUSTOMER),
    refuses_a_version_8_campaign=reject_id(version("8"), CAMPAIGN),
    refuses_variant_b=("Ids of the variant digit b are rejected.", reject_id(variant("bB"))),
    refuses_variant_9_of_a_customer=reject_id(variant("9"), CUSTOMER),
    refuses_version_3_to_set_failed=reject_id(version("3"), calls=sets("failed")),
)
table(
    "ID-01",
    unseen=True,
    refuses_ids_of_different_versions=reject_pair(
        lambda one, other: one[VERSION] != other[VERSION] and not any(map(is_special, (one, other)))
    ),
    refuses_a_customer_that_begins_with_0=(
        "A `customerId` that begins with 0 is rejected.",
        reject_id(lambda value: value.startswith("0") and value != NIL, CUSTOMER),
        ["LOOKUP-02"],
    ),
    refuses_version_7_of_the_future=(
        "Ids of version 7 are rejected if their time is still to come.",
        reject_id(is_in_the_future),
        ["LOOKUP-02"],
    ),
)
table(
    "ID-02",
    refuses_the_nil_uuid=("The nil UUID is rejected.", reject_id(equals(NIL))),
    refuses_the_max_uuid=("The lower-case max UUID is rejected.", reject_id(equals(MAX))),
    refuses_the_nil_campaign=("The nil UUID is rejected as `campaignId`.", reject_id(equals(NIL), CAMPAIGN)),
    refuses_the_max_customer=("The max UUID is rejected as `customerId`.", reject_id(equals(MAX), CUSTOMER)),
    refuses_the_nil_customer_to_set_failed=(
        "The nil UUID is rejected as `customerId` if the status is `failed`.",
        reject_id(equals(NIL), CUSTOMER, sets("failed")),
        ["STATUS-01"],
    ),
    refuses_failed_for_the_nil_customer=(
        "The status `failed` is rejected if the `customerId` is the nil UUID.",
        reject(lambda call: sets("failed")(call) and call.value("customerId") == NIL, 400),
        ["STATUS-01"],
    ),
)
table(
    "ID-03",
    also=["ID-08"],
    refuses_upper_case=("Ids with an upper-case digit are rejected.", reject_id(has_upper_case)),
    refuses_mixed_case=reject_id(lambda value: has_upper_case(value) and value != value.upper()),
    refuses_an_upper_case_campaign=reject_id(has_upper_case, CAMPAIGN),
    refuses_version_7_in_upper_case=(
        "Ids of version 7 with an upper-case digit are rejected.",
        reject_id(lambda value: has_upper_case(value) and version("7")(value)),
        ["ID-01"],
    ),
    refuses_an_upper_case_variant=(
        "Ids with an upper-case variant digit are rejected.",
        reject_id(variant("AB")),
        ["ID-01"],
    ),
)
table(
    "ID-03",
    also=["ID-08"],
    unseen=True,
    refuses_upper_case_in_the_last_group=reject_id(lambda value: has_upper_case(value[24:])),
)
