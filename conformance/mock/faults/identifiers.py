"""Faults in which ids are refused, and in which enrollment they name."""

import uuid
from collections.abc import Callable

from ..behaviour import Behaviour, Call, Response
from ..problems import Issue
from ..store import NAMESPACE, Enrollment
from .changes import IDS, CallTest, ValueTest, always, as_status, refuses_otherwise, saying, turns
from .fault import Change, Fault
from .malformed import has_form, is_special, variant, version
from .status import NIL, asks

MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff"
CUSTOMER, CAMPAIGN = (IDS[:1], IDS[1:])


def refuses_id(when: ValueTest, fields: tuple[str, ...] = IDS, calls: CallTest = lambda _: True) -> Change:
    """Call well-formed ids malformed."""

    def change(mock: Behaviour) -> None:
        before = mock.inspect

        def inspect(call: Call) -> list[Issue]:
            odd = [field for field in fields if has_form(call.value(field)) and when(call.value(field))]
            made = [Issue((field,), "Expected uuid", "invalid_format", "uuid", "string") for field in odd]
            return before(call) or (made if calls(call) else [])

        mock.inspect = inspect

    return change


def shouts(value: str) -> bool:
    """Whether an id has an upper-case digit."""
    return value != value.lower()


def mixes(value: str) -> bool:
    """Whether an id has digits in either case."""
    return shouts(value) and value != value.upper()


def tells_case(*attributes: str) -> Change:
    """Find an enrollment only under ids in the letter case in which it was made."""

    def change(mock: Behaviour) -> None:
        before = mock.find
        fields = dict(zip(("customer_id", "campaign_id"), IDS, strict=True))

        def find(call: Call) -> Enrollment | None:
            found = before(call)
            same = found and all(getattr(found, name) == call.value(fields[name]) for name in attributes)
            return found if same else None

        mock.find = find

    return change


def enrolls(when: Callable[[Behaviour, Call], bool]) -> Change:
    """Make the enrollment that a request names, if there is none."""

    def change(mock: Behaviour) -> None:
        before = mock.find

        def find(call: Call) -> Enrollment | None:
            pair = (str(call.value("customerId")), str(call.value("campaignId")))
            return before(call) or (mock.store.enroll(*pair) if when(mock, call) else None)

        mock.find = find

    return change


def knows_customer(mock: Behaviour, call: Call) -> bool:
    """Whether the customer is enrolled in some campaign."""
    return any(other.customer_id.lower() == str(call.value("customerId")).lower() for other in mock.store)


def knows_campaign(mock: Behaviour, call: Call) -> bool:
    """Whether somebody is enrolled in the campaign."""
    return any(other.campaign_id.lower() == str(call.value("campaignId")).lower() for other in mock.store)


def refuses_pair(when: Callable[[str, str], bool]) -> Change:
    """Call the campaign malformed if the two ids do not suit each other."""

    def change(mock: Behaviour) -> None:
        before = mock.inspect

        def inspect(call: Call) -> list[Issue]:
            issues = before(call)
            if issues or not when(call.value("customerId"), call.value("campaignId")):
                return issues
            return [Issue(CAMPAIGN, "Expected uuid", "invalid_format", "uuid", "string")]

        mock.inspect = inspect

    return change


def finds_by_customer(when: CallTest) -> Change:
    """Take an enrollment of the customer if the campaign is not one of theirs."""

    def change(mock: Behaviour) -> None:
        before = mock.find

        def find(call: Call) -> Enrollment | None:
            wanted = str(call.value("customerId")).lower()
            others = (other for other in mock.store if other.customer_id.lower() == wanted)
            return before(call) or (next(others, None) if when(call) else None)

        mock.find = find

    return change


def keeps_one_per_case(mock: Behaviour) -> None:
    """Keep another enrollment for each letter case of the ids."""
    before = mock.find
    kept: dict[tuple[str, str], Enrollment] = {}

    def find(call: Call) -> Enrollment | None:
        found, pair = before(call), (str(call.value("customerId")), str(call.value("campaignId")))
        if found is None or pair == (found.customer_id, found.campaign_id):
            return found
        name = str(uuid.uuid5(NAMESPACE, ":".join(pair)))
        return kept.setdefault(pair, Enrollment(*pair, found.status, name))

    mock.find = find


def succeeds_in_nothing(mock: Behaviour) -> None:
    """Answer an unknown enrollment with a 200 that tells of no success."""

    def nothing(call: Call, _: Response) -> Response:
        name = str(uuid.uuid5(NAMESPACE, repr(call.json)))
        told = {"previousStatus": "unknown", "newStatus": call.value("status")}
        return Response(200, {"success": False, **told, "customerCampaignId": name})

    turns("lookup", nothing)(mock)


def names_the_missing(mock: Behaviour) -> None:
    """Say CAMPAIGN_NOT_FOUND if the customer is in some other campaign."""
    before = mock.checks["lookup"]

    def check(call: Call) -> Response | None:
        refusal = before(call)
        if refusal is None or not knows_customer(mock, call):
            return refusal
        return mock.reject(call, 404, code="CAMPAIGN_NOT_FOUND")

    mock.checks["lookup"] = check


IDENTIFIERS = (
    Fault("refuses_version_1", "ID-01", "Ids of version 1 are refused.", refuses_id(version("1"))),
    Fault("refuses_version_7", "ID-01", "Ids of version 7 are refused.", refuses_id(version("7"))),
    Fault("refuses_new_versions", "ID-01", "Ids of versions 6 to 8 are refused.", refuses_id(version("678"))),
    Fault(
        "refuses_all_but_version_4",
        "ID-01",
        "Ids of other versions than 4 are refused.",
        refuses_id(version("1235678")),
    ),
    Fault(
        "refuses_a_version_2_customer",
        "ID-01",
        "A `customerId` of version 2 is refused.",
        refuses_id(version("2"), CUSTOMER),
    ),
    Fault(
        "refuses_a_version_8_campaign",
        "ID-01",
        "A `campaignId` of version 8 is refused.",
        refuses_id(version("8"), CAMPAIGN),
    ),
    Fault("refuses_variant_b", "ID-01", "Ids of the variant digit b are refused.", refuses_id(variant("bB"))),
    Fault(
        "refuses_variant_9_of_a_customer",
        "ID-01",
        "A `customerId` of the variant digit 9 is refused.",
        refuses_id(variant("9"), CUSTOMER),
    ),
    Fault(
        "refuses_version_3_to_set_failed",
        "ID-01",
        "Ids of version 3 are refused if the request asks for `failed`.",
        refuses_id(version("3"), calls=asks("failed")),
    ),
    Fault(
        "refuses_the_nil_uuid", "ID-02", "The nil UUID is refused.", refuses_id(lambda value: value == NIL)
    ),
    Fault(
        "refuses_the_max_uuid",
        "ID-02",
        "The lower-case max UUID is refused.",
        refuses_id(lambda value: value == MAX),
    ),
    Fault(
        "refuses_the_nil_campaign",
        "ID-02",
        "The nil UUID is refused as `campaignId`.",
        refuses_id(lambda value: value == NIL, CAMPAIGN),
    ),
    Fault(
        "refuses_the_max_customer",
        "ID-02",
        "The max UUID is refused as `customerId`.",
        refuses_id(lambda value: value == MAX, CUSTOMER),
    ),
    Fault(
        "refuses_the_nil_customer_to_set_failed",
        "ID-02",
        "The nil UUID is refused as `customerId` if the request asks for `failed`.",
        refuses_id(lambda value: value == NIL, CUSTOMER, asks("failed")),
        also=("STATUS-01",),
    ),
    Fault(
        "refuses_upper_case",
        "ID-03",
        "Ids with an upper-case digit are refused.",
        refuses_id(shouts),
        also=("ID-08",),
    ),
    Fault(
        "refuses_mixed_case",
        "ID-03",
        "Ids with digits in either case are refused.",
        refuses_id(mixes),
        also=("ID-08",),
    ),
    Fault(
        "refuses_an_upper_case_campaign",
        "ID-03",
        "A `campaignId` with an upper-case digit is refused.",
        refuses_id(shouts, CAMPAIGN),
        also=("ID-08",),
    ),
    Fault(
        "refuses_version_7_in_upper_case",
        "ID-03",
        "Ids of version 7 with an upper-case digit are refused.",
        refuses_id(lambda value: shouts(value) and version("7")(value)),
        also=("ID-01", "ID-08"),
    ),
    Fault(
        "refuses_an_upper_case_variant",
        "ID-03",
        "Ids with an upper-case variant digit are refused.",
        refuses_id(variant("AB")),
        also=("ID-01", "ID-08"),
    ),
    Fault(
        "tells_ids_apart_by_case",
        "ID-08",
        "An enrollment is found only under ids in the letter case in which it was made.",
        tells_case("customer_id", "campaign_id"),
        also=("ID-03",),
    ),
    Fault(
        "tells_campaigns_apart_by_case",
        "ID-08",
        "An enrollment is found only under a `campaignId` in the letter case in which it was made.",
        tells_case("campaign_id"),
        also=("ID-03",),
    ),
    Fault(
        "enrolls_whom_it_does_not_know",
        "LOOKUP-01",
        "An update of an unknown enrollment makes it.",
        enrolls(lambda *_: True),
        also=("LOOKUP-02", "STATE-07"),
    ),
    Fault(
        "enrolls_a_known_customer",
        "LOOKUP-01",
        "An update of an unknown enrollment makes it, if the customer is known from another.",
        enrolls(knows_customer),
        also=("LOOKUP-02", "STATE-07"),
    ),
    Fault(
        "enrolls_in_a_known_campaign",
        "LOOKUP-01",
        "An update of an unknown enrollment makes it, if the campaign is known from another.",
        enrolls(knows_campaign),
        also=("LOOKUP-02", "STATE-07"),
    ),
    Fault(
        "enrolls_to_set_failed",
        "LOOKUP-01",
        "An update of an unknown enrollment to `failed` makes it.",
        enrolls(lambda _, call: asks("failed")(call)),
        also=("LOOKUP-02", "STATE-07"),
    ),
    Fault(
        "refuses_an_unknown_enrollment_with_400",
        "LOOKUP-02",
        "An unknown enrollment is refused with a 400.",
        turns("lookup", as_status(400)),
    ),
    Fault(
        "calls_an_unknown_enrollment_malformed",
        "LOOKUP-02",
        "An unknown enrollment is refused with a 422.",
        refuses_otherwise("lookup", 422, errors=[]),
    ),
    Fault(
        "calls_an_unknown_enrollment_by_its_name",
        "LOOKUP-03",
        "The code of a 404 is ENROLLMENT_NOT_FOUND.",
        turns("lookup", saying(code="ENROLLMENT_NOT_FOUND")),
    ),
    Fault(
        "says_not_found_in_lower_case",
        "LOOKUP-03",
        "The code of a 404 is in lower case.",
        turns("lookup", saying(code="not_found")),
    ),
    Fault(
        "refuses_ids_of_different_versions",
        "ID-01",
        "A `campaignId` of another version than the `customerId` is refused.",
        refuses_pair(lambda one, other: one[14] != other[14] and not (is_special(one) or is_special(other))),
        unseen=True,
    ),
    Fault(
        "refuses_a_customer_that_begins_with_0",
        "ID-01",
        "A `customerId` is refused if its first digit is 0.",
        refuses_id(lambda value: value.startswith("0") and value != NIL, CUSTOMER),
        unseen=True,
    ),
    Fault(
        "refuses_upper_case_in_the_last_group",
        "ID-03",
        "Ids with an upper-case digit in the last group are refused.",
        refuses_id(lambda value: shouts(value[24:])),
        also=("ID-08",),
        unseen=True,
    ),
    Fault(
        "keeps_an_enrollment_for_each_case",
        "ID-08",
        "An id in another letter case names another enrollment.",
        keeps_one_per_case,
        also=("STATE-02", "STATE-03"),
        unseen=True,
    ),
    Fault(
        "finds_the_customer_alone",
        "LOOKUP-01",
        "An unknown campaign updates another enrollment of the customer.",
        finds_by_customer(always),
        also=("LOOKUP-02", "STATE-02", "STATE-06", "STATE-07"),
        unseen=True,
    ),
    Fault(
        "succeeds_in_nothing",
        "LOOKUP-01",
        "An unknown enrollment is answered with a 200 whose `success` is false.",
        succeeds_in_nothing,
        also=("LOOKUP-02", "RESPONSE-02", "STATE-07"),
        unseen=True,
    ),
    Fault(
        "forbids_an_unknown_enrollment",
        "LOOKUP-02",
        "An unknown enrollment is refused with a 403.",
        refuses_otherwise("lookup", 403),
        also=("LOOKUP-03",),
        unseen=True,
    ),
    Fault(
        "calls_an_unknown_campaign_by_its_name",
        "LOOKUP-03",
        "The code of a 404 is CAMPAIGN_NOT_FOUND if the customer is known from another campaign.",
        names_the_missing,
        unseen=True,
    ),
)
