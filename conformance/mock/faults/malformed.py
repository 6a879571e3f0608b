"""Faults in which malformed ids are taken."""

import re
import unicodedata
import uuid
from collections.abc import Callable

from ..behaviour import Behaviour, Call
from ..problems import Issue
from ..store import Enrollment
from .changes import IDS, ValueTest
from .fault import Change, Fault
from .status import LENIENT, NIL

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SHORT = re.compile(r"[0-9a-f]{1,8}(-[0-9a-f]{1,4}){3}-[0-9a-f]{1,12}", re.IGNORECASE)
CUSTOMER, CAMPAIGN = (IDS[:1], IDS[1:])


def accepts(when: ValueTest, fields: tuple[str, ...] = IDS) -> Change:
    """Take malformed ids, as if somebody were enrolled under them."""

    def odd(call: Call, issue: Issue) -> bool:
        return len(issue.path) == 1 and issue.path[0] in fields and when(call.value(issue.path[0]))

    def change(mock: Behaviour) -> None:
        before, find = mock.inspect, mock.find

        def inspect(call: Call) -> list[Issue]:
            return [issue for issue in before(call) if not odd(call, issue)]

        def find_or_enroll(call: Call) -> Enrollment | None:
            if any(odd(call, issue) for issue in before(call)):
                return mock.store.enroll(str(call.value("customerId")), str(call.value("campaignId")))
            return find(call)

        mock.inspect, mock.find = inspect, find_or_enroll

    return change


def accepts_text(when: Callable[[str], bool], fields: tuple[str, ...] = IDS) -> Change:
    """Take malformed ids that are at least strings."""
    return accepts(lambda value: isinstance(value, str) and when(value), fields)


def has_form(value: object) -> bool:
    """Whether the value is hex digits in the groups of a UUID."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_special(value: str) -> bool:
    """Whether an id is the nil or the max UUID, in any letter case."""
    return len(set(value.lower())) == 2


def version(digits: str) -> ValueTest:
    """Ids with one of the digits where a UUID has its version, the nil and the max UUID aside."""
    return lambda value: has_form(value) and value[14] in digits and not is_special(value)


def variant(digits: str) -> ValueTest:
    """Ids with one of the digits where a UUID has its variant, the nil and the max UUID aside."""
    return lambda value: has_form(value) and value[19] in digits and not is_special(value)


def python_reads(value: str) -> bool:
    """Whether Python's own parser takes an id."""
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return not has_form(value)


def is_max(value: str) -> bool:
    """Whether an id is the max UUID in any letter case."""
    return has_form(value) and set(value.lower()) == {"f", "-"}


def bare(value: str) -> bool:
    """Whether an id lacks its hyphens."""
    return re.fullmatch(r"[0-9a-fA-F]{32}", value) is not None


def foreign(value: str) -> bool:
    """Whether an id has digits of other scripts."""
    return not value.isascii() and has_form(unicodedata.normalize("NFKC", value))


MALFORMED = (
    Fault(
        "accepts_any_customer_id",
        "ID-06",
        "Whatever the `customerId` is, it is accepted.",
        accepts(lambda _: True, CUSTOMER),
        also=("ID-04", "ID-05", "ID-07", "BODY-01", *LENIENT),
    ),
    Fault(
        "accepts_version_0", "ID-04", "Ids of version 0 are accepted.", accepts(version("0")), also=LENIENT
    ),
    Fault(
        "accepts_version_9", "ID-04", "Ids of version 9 are accepted.", accepts(version("9")), also=LENIENT
    ),
    Fault(
        "accepts_every_version_of_a_campaign",
        "ID-04",
        "A `campaignId` of any version is accepted.",
        accepts(version("09abcdefABCDEF"), CAMPAIGN),
        also=LENIENT,
    ),
    Fault(
        "accepts_variant_c",
        "ID-04",
        "Ids of the variant digits c and d are accepted.",
        accepts(variant("cdCD")),
        also=LENIENT,
    ),
    Fault(
        "accepts_variant_7_of_a_customer",
        "ID-04",
        "A `customerId` of a variant digit up to 7 is accepted.",
        accepts(variant("01234567"), CUSTOMER),
        also=LENIENT,
    ),
    Fault(
        "accepts_variant_e_of_version_7",
        "ID-04",
        "Ids of version 7 are accepted with the variant digits e and f.",
        accepts(lambda value: version("7")(value) and variant("efEF")(value)),
        also=LENIENT,
    ),
    Fault(
        "accepts_the_max_uuid_in_any_case",
        "ID-05",
        "The max UUID is accepted in any letter case.",
        accepts(is_max),
        also=LENIENT,
    ),
    Fault(
        "accepts_the_upper_case_max_campaign",
        "ID-05",
        "The upper-case max UUID is accepted as `campaignId`.",
        accepts_text(lambda value: is_max(value) and value.isupper(), CAMPAIGN),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_mixed_case_max_uuid",
        "ID-05",
        "The max UUID is accepted in mixed case.",
        accepts_text(lambda value: is_max(value) and not value.isupper()),
        also=LENIENT,
    ),
    Fault(
        "accepts_any_text",
        "ID-06",
        "Every string is accepted as an id.",
        accepts_text(lambda value: not has_form(value)),
        also=LENIENT,
    ),
    Fault(
        "accepts_an_empty_id",
        "ID-06",
        "The empty string is accepted as an id.",
        accepts_text(lambda value: not value),
        also=LENIENT,
    ),
    Fault(
        "accepts_braces",
        "ID-06",
        "An id in braces is accepted.",
        accepts_text(lambda value: value[:1] == "{" and has_form(value[1:-1])),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_urn",
        "ID-06",
        "An id as a URN is accepted.",
        accepts_text(lambda value: has_form(value.removeprefix("urn:uuid:")) and not has_form(value)),
        also=LENIENT,
    ),
    Fault(
        "accepts_an_id_without_hyphens",
        "ID-06",
        "An id without its hyphens is accepted.",
        accepts_text(bare),
        also=LENIENT,
    ),
    Fault(
        "reads_ids_as_python_does",
        "ID-06",
        "Whatever Python takes as a UUID is accepted.",
        accepts_text(python_reads),
        also=LENIENT,
    ),
    Fault(
        "accepts_white_space",
        "ID-06",
        "White space around an id does not matter.",
        accepts_text(lambda value: has_form(value.strip()) and not has_form(value)),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_final_newline_of_a_campaign",
        "ID-06",
        "A line end after a `campaignId` does not matter.",
        accepts_text(lambda value: value[-1:] == "\n" and has_form(value[:-1]), CAMPAIGN),
        also=LENIENT,
    ),
    Fault(
        "accepts_digits_of_other_scripts",
        "ID-06",
        "Digits of other scripts are accepted in an id.",
        accepts_text(foreign),
        also=LENIENT,
    ),
    Fault(
        "accepts_letters_beyond_f",
        "ID-06",
        "Letters that are no hex digits are accepted in an id.",
        accepts_text(
            lambda value: (
                re.fullmatch(r"[0-9a-zA-Z]{8}(-[0-9a-zA-Z]{4}){3}-[0-9a-zA-Z]{12}", value) is not None
                and not has_form(value)
            )
        ),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_longer_id",
        "ID-06",
        "What follows an id does not matter.",
        accepts_text(lambda value: len(value) > 36 and has_form(value[:36])),
        also=LENIENT,
    ),
    Fault(
        "accepts_an_id_in_a_text",
        "ID-06",
        "What goes before a `customerId` does not matter.",
        accepts_text(lambda value: len(value) > 36 and has_form(value[-36:]), CUSTOMER),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_null_customer",
        "ID-07",
        "A `customerId` that is null is accepted.",
        accepts(lambda value: value is None, CUSTOMER),
        also=("BODY-01", *LENIENT),
    ),
    Fault(
        "accepts_numbers",
        "ID-07",
        "A number is accepted as an id.",
        accepts(lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_list_of_an_id",
        "ID-07",
        "A list of one id is accepted as an id.",
        accepts(lambda value: isinstance(value, list) and len(value) == 1),
        also=LENIENT,
    ),
    Fault(
        "accepts_a_campaign_that_is_an_object",
        "ID-07",
        "An object is accepted as `campaignId`.",
        accepts(lambda value: isinstance(value, dict), CAMPAIGN),
        also=LENIENT,
    ),
    Fault(
        "accepts_booleans",
        "ID-07",
        "A boolean is accepted as an id.",
        accepts(lambda value: isinstance(value, bool)),
        also=LENIENT,
    ),
    Fault(
        "accepts_hyphens_anywhere",
        "ID-06",
        "Any 36 hex digits and hyphens are accepted as an id.",
        accepts_text(
            lambda value: re.fullmatch(r"[0-9a-fA-F-]{36}", value) is not None and not has_form(value)
        ),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "reads_ids_as_java_does",
        "ID-06",
        "The groups of an id may be shorter than they are.",
        accepts_text(lambda value: SHORT.fullmatch(value) is not None and not has_form(value)),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "accepts_an_id_on_a_line",
        "ID-06",
        "A text is accepted as `customerId` if one of its lines is an id.",
        accepts_text(lambda value: "\n" in value and any(map(has_form, value.split("\n"))), CUSTOMER),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "accepts_what_begins_like_the_nil_uuid",
        "ID-04",
        "Ids are accepted that differ from the nil UUID in the last group only.",
        accepts_text(lambda value: has_form(value) and value[:24] == NIL[:24] and value != NIL),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "accepts_variant_0_of_a_version_1_campaign",
        "ID-04",
        "A `campaignId` of version 1 is accepted with a variant digit up to 7.",
        accepts(lambda value: version("1")(value) and variant("01234567")(value), CAMPAIGN),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "accepts_zero",
        "ID-07",
        "The number 0 is accepted as an id.",
        accepts(lambda value: isinstance(value, int | float) and value == 0 and value is not False),
        also=LENIENT,
        unseen=True,
    ),
)
