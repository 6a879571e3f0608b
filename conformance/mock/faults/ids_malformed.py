"""Faults of malformed ids: they are accepted, or read as other ids."""

import re
import unicodedata
import uuid
from collections.abc import Callable
from typing import Any

from ..behaviour import Behaviour, Call
from ..problems import Issue
from ..store import Enrollment
from .fault import Change, table
from .ids import CAMPAIGN, CUSTOMER, MAX, VARIANT, VERSION, equals, has_form, is_max, variant, version
from .steps import IDS, LENIENT, NIL, ValueTest, pair, read_as

SHORT = re.compile(r"[0-9a-f]{1,8}(-[0-9a-f]{1,4}){3}-[0-9a-f]{1,12}", re.IGNORECASE)
ALPHANUMERIC = re.compile(r"[0-9a-zA-Z]{8}(-[0-9a-zA-Z]{4}){3}-[0-9a-zA-Z]{12}")
BARE = re.compile(r"[0-9a-fA-F]{32}")
FOURS = re.compile(r"([0-9a-f]{4}-?){7}[0-9a-f]{4}", re.IGNORECASE)


def accept(when: ValueTest, fields: tuple[str, ...] = IDS) -> Change:
    """Accept malformed ids, as if they named an enrollment."""

    def accepts(call: Call, issue: Issue) -> bool:
        return len(issue.path) == 1 and issue.path[0] in fields and when(call.value(issue.path[0]))

    def change(mock: Behaviour) -> None:
        inspect, find = mock.inspect, mock.find

        def find_or_enroll(call: Call) -> Enrollment | None:
            malformed = any(accepts(call, issue) for issue in inspect(call))
            return mock.store.enroll(*pair(call)) if malformed else find(call)

        mock.inspect = lambda call: [issue for issue in inspect(call) if not accepts(call, issue)]
        mock.find = find_or_enroll

    return change


def accept_text(when: Callable[[str], object], fields: tuple[str, ...] = IDS) -> Change:
    """Accept strings that lack the form of a UUID."""
    return accept(lambda value: isinstance(value, str) and not has_form(value) and bool(when(value)), fields)


def read_text_as(read: Callable[[str], str | None], fields: tuple[str, ...] = IDS) -> Change:
    """Convert a string that lacks the form of a UUID, unless `read` returns None for it."""

    def convert(value: Any) -> Any:  # noqa: ANN401 - a JSON value
        made = read(value) if isinstance(value, str) and not has_form(value) else None
        return value if made is None else made

    return read_as(convert, fields)


def python_takes(value: str) -> str | None:
    """The usual form of an id that Python's UUID parser accepts."""
    try:
        return str(uuid.UUID(value))
    except ValueError:
        return None


def hyphenated(digits: str) -> str:
    """The id with these 32 digits."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def in_fours(value: str) -> str | None:
    """The id in groups of four digits, with or without a hyphen after each."""
    return hyphenated(value.replace("-", "")) if FOURS.fullmatch(value) else None


def zero_padded(value: str) -> str | None:
    """The id with the leading zeros that its groups lack."""
    if not SHORT.fullmatch(value):
        return None
    groups = zip(value.split("-"), (8, 4, 4, 4, 12), strict=True)
    return "-".join(group.zfill(length) for group, length in groups)


def as_version_4(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """An id with its version and its variant overwritten."""
    return str(uuid.UUID(value, version=4)) if has_form(value) else value


def with_rfc_variant(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """An id with the bits of its variant overwritten."""
    if not has_form(value) or value[VERSION] not in "12345678":
        return value
    digit = int(value[VARIANT], 16) & 0b0011 | 0b1000
    return f"{value[:VARIANT]}{digit:x}{value[VARIANT + 1 :]}"


def lower_max(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The max UUID in lower case, or the value."""
    return MAX if is_max(value) else value


def only_string(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The only string of a list, or the value."""
    match value:
        case [str(text)]:
            return text
    return value


table(
    "ID-04",
    also=LENIENT,
    accepts_version_0=("Ids of version 0 are accepted.", accept(version("0"))),
    accepts_version_9=("Ids of version 9 are accepted.", accept(version("9"))),
    accepts_every_version_of_a_campaign=accept(version("09abcdefABCDEF"), CAMPAIGN),
    accepts_variant_c=("Ids of the variant digits c and d are accepted.", accept(variant("cdCD"))),
    accepts_variant_7_of_a_customer=(
        "A `customerId` of a variant digit up to 7 is accepted.",
        accept(variant("01234567"), CUSTOMER),
    ),
    accepts_variant_e_of_version_7=(
        "Ids of version 7 are accepted with the variant digits e and f.",
        accept(variant("efEF", versions="7")),
    ),
)
table(
    "ID-04",
    also=LENIENT,
    unseen=True,
    accepts_what_begins_like_the_nil_uuid=(
        "Ids are accepted that differ from the nil UUID in the last group only.",
        accept(lambda value: has_form(value) and value[:24] == NIL[:24] and value != NIL),
    ),
    accepts_variant_0_of_a_version_1_campaign=(
        "A `campaignId` of version 1 is accepted with a variant digit up to 7.",
        accept(variant("01234567", versions="1"), CAMPAIGN),
    ),
    accepts_every_variant_of_version_3=accept(variant("01234567cdefCDEF", versions="3")),
    reads_a_customer_as_version_4=(
        "The version and the variant of a `customerId` are overwritten with those of version 4.",
        read_as(as_version_4, CUSTOMER),
        ["ID-01", "ID-02", "ID-03", "ID-05"],
    ),
)
table(
    "ID-04",
    also=["RESPONSE-05"],
    unseen=True,
    reads_a_campaign_as_the_rfc_variant=(
        "The bits of the variant of a `campaignId` are overwritten.",
        read_as(with_rfc_variant, CAMPAIGN),
    ),
)
table(
    "ID-05",
    also=LENIENT,
    accepts_the_max_uuid_in_any_case=("The max UUID is accepted in any letter case.", accept(is_max)),
    accepts_the_upper_case_max_campaign=(
        "The upper-case max UUID is accepted as `campaignId`.",
        accept(equals(MAX.upper()), CAMPAIGN),
    ),
    accepts_a_mixed_case_max_uuid=(
        "The max UUID is accepted in mixed case.",
        accept(lambda value: is_max(value) and not value.isupper()),
    ),
)
table(
    "ID-05",
    unseen=True,
    reads_the_max_uuid_in_any_case=(
        "The max UUID in any letter case is taken as the lower-case one.",
        read_as(lower_max),
        LENIENT,
    ),
    reads_the_max_campaign_in_any_case=(
        "The max UUID in any letter case is taken as the lower-case one if it is the `campaignId`.",
        read_as(lower_max, CAMPAIGN),
        ["RESPONSE-05"],
    ),
)
table(
    "ID-06",
    also=LENIENT,
    accepts_any_customer_id=(
        "Any value is accepted as `customerId`.",
        accept(lambda _: True, CUSTOMER),
        ["ID-04", "ID-05", "ID-07", "BODY-01"],
    ),
    accepts_any_text=("Every string is accepted as an id.", accept_text(lambda _: True)),
    accepts_an_empty_id=("The empty string is accepted as an id.", accept(equals(""))),
    accepts_braces=(
        "An id in braces is accepted.",
        accept_text(lambda value: value[:1] == "{" and has_form(value[1:-1])),
    ),
    accepts_a_urn=(
        "An id as a URN is accepted.",
        accept_text(lambda value: has_form(value.removeprefix("urn:uuid:"))),
    ),
    accepts_an_id_without_hyphens=("An id without its hyphens is accepted.", accept_text(BARE.fullmatch)),
    reads_ids_as_python_does=("Whatever Python takes as a UUID is accepted.", accept_text(python_takes)),
    accepts_white_space=(
        "White space around an id does not matter.",
        accept_text(lambda value: has_form(value.strip())),
    ),
    accepts_a_final_newline_of_a_campaign=(
        "A line end after a `campaignId` does not matter.",
        accept_text(lambda value: has_form(value.removesuffix("\n")), CAMPAIGN),
    ),
    accepts_digits_of_other_scripts=accept_text(lambda value: has_form(unicodedata.normalize("NFKC", value))),
    accepts_letters_beyond_f=(
        "Letters that are no hex digits are accepted in an id.",
        accept_text(ALPHANUMERIC.fullmatch),
    ),
    accepts_a_longer_id=(
        "What follows an id does not matter.",
        accept_text(lambda value: has_form(value[:36])),
    ),
    accepts_an_id_in_a_text=(
        "What goes before a `customerId` does not matter.",
        accept_text(lambda value: has_form(value[-36:]), CUSTOMER),
    ),
)
table(
    "ID-06",
    also=LENIENT,
    unseen=True,
    accepts_hyphens_anywhere=(
        "Any 36 hex digits and hyphens are accepted as an id.",
        accept_text(re.compile(r"[0-9a-fA-F-]{36}").fullmatch),
    ),
    reads_ids_as_java_does=(
        "An id is accepted with fewer digits in its groups.",
        accept_text(SHORT.fullmatch),
    ),
    accepts_an_id_on_a_line=(
        "A text is accepted as `customerId` if one of its lines is an id.",
        accept_text(lambda value: any(map(has_form, value.split("\n"))), CUSTOMER),
    ),
    reads_ids_as_go_does=(
        "One character before an id and one after it do not matter.",
        read_text_as(lambda value: value[1:-1] if has_form(value[1:-1]) else None),
    ),
    reads_a_campaign_as_postgres_does=(
        "A `campaignId` may have a hyphen, or none, after any four digits.",
        read_text_as(in_fours, CAMPAIGN),
    ),
    reads_ids_with_a_parser=(
        "An id in any form that Python takes is looked up in the usual form.",
        read_text_as(python_takes),
    ),
    pads_short_groups=("Groups of an id may lack their leading zeros.", read_text_as(zero_padded)),
    finds_the_nil_uuid_inside_a_text=(
        "A text that contains the nil UUID is taken as the nil UUID.",
        read_as(lambda value: NIL if isinstance(value, str) and NIL in value else value),
    ),
)
table(
    "ID-06",
    also=["RESPONSE-05"],
    unseen=True,
    drops_the_line_end_of_a_campaign=(
        "A line end after a `campaignId` is dropped.",
        read_text_as(lambda value: value.removesuffix("\n"), CAMPAIGN),
    ),
    reads_a_customer_without_hyphens=(
        "A `customerId` without its hyphens is looked up with them.",
        read_text_as(lambda value: hyphenated(value) if BARE.fullmatch(value) else None, CUSTOMER),
    ),
)
table(
    "ID-07",
    also=LENIENT,
    accepts_a_null_customer=(
        "A `customerId` that is null is accepted.",
        accept(lambda value: value is None, CUSTOMER),
        ["BODY-01"],
    ),
    accepts_numbers=(
        "A number is accepted as an id.",
        accept(lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    ),
    accepts_a_list_of_an_id=(
        "A list of one id is accepted as an id.",
        accept(lambda value: isinstance(value, list) and len(value) == 1),
    ),
    accepts_a_campaign_that_is_an_object=accept(lambda value: isinstance(value, dict), CAMPAIGN),
    accepts_booleans=("A boolean is accepted as an id.", accept(lambda value: isinstance(value, bool))),
)
table(
    "ID-07",
    also=LENIENT,
    unseen=True,
    accepts_zero=(
        "The number 0 is accepted as an id.",
        accept(lambda value: isinstance(value, int | float) and value == 0 and value is not False),
    ),
    reads_an_id_in_a_list=("The only string of a list is taken as the id.", read_as(only_string)),
)
table(
    "ID-07",
    also=["RESPONSE-05"],
    unseen=True,
    reads_a_customer_in_a_list=(
        "The only string of a list is taken as the `customerId`.",
        read_as(only_string, CUSTOMER),
    ),
)
