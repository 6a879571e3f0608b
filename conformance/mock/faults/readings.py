"""Misreadings of ids, by somebody who had not seen what the suite asks: each is looked up as another one.

Nobody is enrolled for it: where the other id names no enrollment, the request is refused all the same.
"""

import uuid
from typing import Any

from .changes import rereads
from .fault import Fault
from .identifiers import MAX
from .malformed import CAMPAIGN, CUSTOMER, bare, has_form, is_max
from .requests import hyphenated, reads_ids
from .status import LENIENT

VARIANT = 19
"""Where a UUID has the digit of its variant."""


def as_version_4(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """An id with its version and its variant overwritten."""
    return str(uuid.UUID(value, version=4)) if has_form(value) else value


def as_rfc_variant(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """An id with the bits of its variant overwritten."""
    if not has_form(value) or value[14] not in "12345678":
        return value
    digit = int(value[VARIANT], 16) & 0b0011 | 0b1000
    return f"{value[:VARIANT]}{digit:x}{value[VARIANT + 1 :]}"


def lower_max(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The max UUID in lower case, or the value."""
    return MAX if isinstance(value, str) and is_max(value) else value


def text_of_list(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The one string of a list, or the value."""
    match value:
        case [str(text)]:
            return text
    return value


def as_python_has_it(value: str) -> str | None:
    """The usual form of what Python's own parser takes."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return None


READINGS = (
    Fault(
        "reads_a_customer_as_version_4",
        "ID-04",
        "The version and the variant of a `customerId` are overwritten with those of version 4.",
        rereads(as_version_4, CUSTOMER),
        also=("ID-01", "ID-02", "ID-03", "ID-05", *LENIENT),
        unseen=True,
    ),
    Fault(
        "reads_a_campaign_as_the_rfc_variant",
        "ID-04",
        "The bits of the variant of a `campaignId` are overwritten.",
        rereads(as_rfc_variant, CAMPAIGN),
        also=("RESPONSE-05",),
        unseen=True,
    ),
    Fault(
        "reads_the_max_uuid_in_any_case",
        "ID-05",
        "The max UUID in any letter case is taken as the lower-case one.",
        rereads(lower_max),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "reads_the_max_campaign_in_any_case",
        "ID-05",
        "The max UUID in any letter case is taken as the lower-case one if it is the `campaignId`.",
        rereads(lower_max, CAMPAIGN),
        also=("RESPONSE-05",),
        unseen=True,
    ),
    Fault(
        "reads_ids_with_a_parser",
        "ID-06",
        "An id in any form that Python takes is looked up in the usual form.",
        reads_ids(as_python_has_it),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "drops_the_line_end_of_a_campaign",
        "ID-06",
        "A line end after a `campaignId` is dropped.",
        reads_ids(lambda value: value.removesuffix("\n"), CAMPAIGN),
        also=("RESPONSE-05",),
        unseen=True,
    ),
    Fault(
        "reads_a_customer_without_hyphens",
        "ID-06",
        "A `customerId` without its hyphens is looked up with them.",
        reads_ids(lambda value: hyphenated(value) if bare(value) else None, CUSTOMER),
        also=("RESPONSE-05",),
        unseen=True,
    ),
    Fault(
        "reads_an_id_in_a_list",
        "ID-07",
        "The one string of a list is taken as the id.",
        rereads(text_of_list),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "reads_a_customer_in_a_list",
        "ID-07",
        "The one string of a list is taken as the `customerId`.",
        rereads(text_of_list, CUSTOMER),
        also=("RESPONSE-05",),
        unseen=True,
    ),
)
