"""Faults that a default run overlooked when it first met them, by two authors who had not seen what it asks.

What was missing is asked since.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from ..behaviour import Behaviour, Call, Response
from ..store import Enrollment
from .bodies import media_type
from .changes import as_status, refuses, rereads, saying, turns, waives
from .fault import Fault
from .identifiers import knows_customer
from .status import LENIENT, NIL, TERMINAL, accepts_status, asks
from .updates import Update, asked, updates, writes_before

INHERITED = ("constructor", "hasOwnProperty", "isPrototypeOf", "toString", "valueOf", "__proto__")
"""What every object of JavaScript has."""
GROUPS = re.compile(r"[0-9a-f]{1,8}(?:-[0-9a-f]{1,4}){3}-[0-9a-f]{1,12}", re.IGNORECASE)


def is_form(call: Call) -> bool:
    """Calls that say their body is a form."""
    return media_type(call).startswith("application/x-www-form-urlencoded")


def reads_forms(mock: Behaviour) -> None:
    """Read a form as well as JSON, as a framework with all its parsers on does."""
    waives("media", is_form)(mock)
    before = mock.checks["json"]

    def check(call: Call) -> Response | None:
        if is_form(call):
            call.body = json.dumps(dict(parse_qsl(call.body.decode("latin-1")))).encode()
        return before(call)

    mock.checks["json"] = check


def pads_short_groups(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """An id with the leading zeros that its groups lack, which Java does not miss."""
    if not isinstance(value, str) or not GROUPS.fullmatch(value):
        return value
    groups = zip(value.split("-"), (8, 4, 4, 4, 12), strict=True)
    return "-".join(group.zfill(length) for group, length in groups)


def nil_inside(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The nil UUID for a text that holds it, as a pattern with an anchor too few finds it."""
    return NIL if isinstance(value, str) and NIL in value else value


def has_another_charset(call: Call) -> bool:
    """Calls whose body is in another charset than that of JSON."""
    return "charset=" in media_type(call) and "utf-8" not in media_type(call).lower()


def is_beyond_ascii(call: Call) -> bool:
    """Calls that name a charset, and whose body needs one."""
    return "charset=" in media_type(call) and not call.body.isascii()


def claims_another_status(call: Call) -> bool:
    """Calls with a field that says another status than the enrollment has."""
    claimed = call.value("previousStatus")
    return call.enrollment is not None and claimed not in (None, call.enrollment.status)


def blames_the_request_for_a_customer_elsewhere(mock: Behaviour) -> None:
    """Refuse a known customer who is not in the campaign as a mistake in the request."""
    said = saying(code="NOT_ENROLLED")
    turns("lookup", as_status(400), said, when=lambda call: knows_customer(mock, call))(mock)


def enrolls_whom_it_did_not_find(mock: Behaviour) -> None:
    """Enroll a customer after it was looked up in vain."""

    def enroll(call: Call, refusal: Response) -> Response:
        mock.store.enroll(str(call.value("customerId")), str(call.value("campaignId")))
        return refusal

    turns("lookup", enroll)(mock)


def keeps_completed(update: Update, call: Call, enrollment: Enrollment) -> dict[str, Any]:
    """Let what is completed stay so, and call it a success."""
    if enrollment.status == "completed":
        call.json = {**call.json, "status": "completed"}
    return update(call, enrollment)


def updates_in_secret_by_swapped_ids(mock: Behaviour) -> None:
    """Refuse ids in each other's place as unknown, and update their enrollment all the same."""

    def apply(call: Call, refusal: Response) -> Response:
        swapped = mock.store.find(str(call.value("campaignId")), str(call.value("customerId")))
        if swapped is not None:
            swapped.set(asked(call))
        return refusal

    turns("lookup", apply)(mock)


OVERLOOKED = (
    Fault(
        "reads_forms",
        "BODY-04",
        "A form that says it is one is accepted.",
        reads_forms,
        unseen=True,
    ),
    Fault(
        "finds_inherited_statuses",
        "STATUS-04",
        "A status is accepted that names a property of every JavaScript object, such as `constructor`.",
        accepts_status(lambda value: value in INHERITED),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "pads_short_groups",
        "ID-06",
        "Groups of an id may lack their leading zeros.",
        rereads(pads_short_groups),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "finds_the_nil_uuid_inside_a_text",
        "ID-06",
        "A text with the nil UUID somewhere in it is taken for that.",
        rereads(nil_inside),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "fails_to_store_a_nul_character",
        "HTTP-03",
        "An update is answered with a 500 if an unknown field holds a NUL character.",
        refuses(lambda call: b"\\u0000" in call.body, 500, after="lookup"),
        unseen=True,
    ),
    Fault(
        "fails_on_an_unknown_charset",
        "HTTP-03",
        "JSON with a charset that there is not gets a 500.",
        refuses(has_another_charset, 500, after="media"),
        unseen=True,
    ),
    Fault(
        "reads_ascii_if_a_charset_is_named",
        "BODY-05",
        "With `charset=utf-8` a body with a character beyond ASCII is refused.",
        refuses(is_beyond_ascii, 400, 422, after="json", message="The body is not JSON"),
        unseen=True,
    ),
    Fault(
        "takes_a_previous_status_for_a_condition",
        "BODY-02",
        "An update with an unknown field `previousStatus` is refused unless that is the present status.",
        refuses(claims_another_status, 400, after="lookup", message="The previous status is another one"),
        unseen=True,
    ),
    Fault(
        "blames_the_request_for_a_customer_elsewhere",
        "LOOKUP-02",
        "A known customer who is not in the campaign is refused with a 400 and a code of its own.",
        blames_the_request_for_a_customer_elsewhere,
        unseen=True,
    ),
    Fault(
        "enrolls_whom_it_did_not_find",
        "LOOKUP-01",
        "Ids that name no enrollment are refused once, and accepted from then on.",
        enrolls_whom_it_did_not_find,
        also=("LOOKUP-02", "STATE-07"),
        unseen=True,
    ),
    Fault(
        "keeps_completed",
        "STATE-01",
        "What is completed and to be failed stays completed, and the answer is a success.",
        updates(keeps_completed),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "applies_what_it_refuses_as_no_json",
        "STATE-05",
        "A good body of another media type is refused, and its update made.",
        writes_before("media", asks(*TERMINAL)),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "updates_in_secret_by_swapped_ids",
        "STATE-07",
        "Ids in each other's place get a 404, and the enrollment is updated all the same.",
        updates_in_secret_by_swapped_ids,
        also=("STATE-02",),
        unseen=True,
    ),
)
