"""Misreadings of requests, by somebody who had not seen what the suite asks: of frameworks and gateways."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..behaviour import Behaviour, Call, Response
from ..problems import Issue
from ..store import Enrollment
from .authentication import REFUSED, echoing, finds_key, without_key
from .bodies import completes, media_type, unknown_ids
from .changes import IDS, CallTest, refuses, rereads, turns, waives
from .fault import Change, Fault
from .identifiers import refuses_id
from .malformed import CAMPAIGN, accepts, has_form, variant, version
from .protocol import finds, misrouted
from .state import same
from .status import LENIENT

FOURS = re.compile(r"([0-9a-f]{4}-?){7}[0-9a-f]{4}", re.IGNORECASE)


PROTOTYPE = ("__proto__", "constructor", "prototype")


METHOD_HEADER = "x-http-method-override"


def sent(call: Call) -> dict[str, Any]:
    """The object in the body, before anybody has checked it."""
    try:
        value = json.loads(call.body.decode())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def in_body(call: Call) -> list[str]:
    """The texts in the body."""
    return [value for value in sent(call).values() if isinstance(value, str)]


def as_malformed_header(_call: Call, _: Response) -> Response:
    """A 422 about the header of the key, as a framework gives it that validates headers like fields."""
    issue = Issue(("header", "x-api-key"), "Required", "required", "a value", "undefined")
    body = {"message": "The request failed validation", "code": "VALIDATION_ERROR"}
    return Response(422, {**body, "errors": [issue.as_json()]})


def judges_the_status_before_the_permission(mock: Behaviour) -> None:
    """Refuse a non-terminal status of a restricted key by the status."""
    before = mock.checks["permission"]

    def check(call: Call) -> Response | None:
        refusal = before(call)
        if refusal is None or mock.checks["json"](call) or mock.checks["schema"](call):
            return refusal
        return mock.checks["status"](call) or refusal

    mock.checks["permission"] = check


def reads_ids(read: Callable[[str], str | None], fields: tuple[str, ...] = IDS) -> Change:
    """Take ids in another form for the ids that they stand for."""

    def understood(value: Any) -> Any:  # noqa: ANN401 - a JSON value
        taken = read(value) if isinstance(value, str) and not has_form(value) else None
        return value if taken is None else taken

    return rereads(understood, fields)


def between(value: str) -> str | None:
    """The id between one character and another."""
    return value[1:-1] if has_form(value[1:-1]) else None


def of_fours(value: str) -> str | None:
    """The id of groups of four digits, with a hyphen after each or not."""
    if FOURS.fullmatch(value) is None:
        return None
    return hyphenated(value.replace("-", ""))


def hyphenated(digits: str) -> str:
    """The id of 32 digits in a row."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def lies_ahead(value: str) -> bool:
    """Whether an id of version 7 was made at a time that is still to come."""
    made = int(value.replace("-", "")[:12], 16)
    return version("7")(value) and made > time.time() * 1000


def finds_the_campaign_alone(mock: Behaviour) -> None:
    """Take an enrollment in the campaign if the customer is not in it."""
    before = mock.find

    def find(call: Call) -> Enrollment | None:
        wanted = str(call.value("campaignId"))
        return before(call) or next((other for other in mock.store if same(other.campaign_id, wanted)), None)

    mock.find = find


def takes_snake_case(mock: Behaviour) -> None:
    """Take `customer_id` for a missing `customerId`, and `campaign_id` likewise."""
    for field, other in zip(IDS, ("customer_id", "campaign_id"), strict=True):
        completes(field, lambda _, call, other=other: call.value(other))(mock)  # type: ignore[misc]  # bound early


def begins_like_json(call: Call) -> bool:
    """Calls whose media type is JSON's, or a longer one."""
    return media_type(call).lower().startswith("application/json")


def has_prototype(call: Call) -> bool:
    """Calls with a field that means something to JavaScript."""
    return any(name in unknown_ids(call) for name in PROTOTYPE)


def obeys_a_header(mock: Behaviour) -> None:
    """Take a POST for the method that a header names."""
    before = mock.finish

    def finish(call: Call, response: Response) -> Response:
        wanted = call.headers.get(METHOD_HEADER, "").upper()
        if call.method == "POST" and wanted == "PATCH" and misrouted(405)(call, response):
            return mock.response(replace(call, method=wanted))
        return before(call, response)

    mock.finish = finish


def asks_by_body(status: str) -> CallTest:
    """Calls whose body has the status, before anybody has checked it."""
    return lambda call: sent(call).get("status") == status


REQUESTS = (
    Fault(
        "calls_a_missing_key_malformed",
        REFUSED,
        "A missing key is refused with a 422 that names the header.",
        turns("key", as_malformed_header, when=without_key),
        also=("AUTH-03",),
        unseen=True,
    ),
    Fault(
        "takes_the_key_from_the_body",
        "AUTH-01",
        "The key is taken from a field of the body as well.",
        finds_key(in_body),
        also=(REFUSED,),
        unseen=True,
    ),
    Fault(
        "permits_a_restricted_key_to_set_completed",
        "AUTH-05",
        "A key that lacks the permission is let in if it asks for `completed`.",
        waives("permission", asks_by_body("completed")),
        also=("AUTH-06", "AUTH-07"),
        unseen=True,
    ),
    Fault(
        "judges_the_status_before_the_permission",
        "AUTH-07",
        "A key that lacks the permission is refused with a 400 if it asks for a non-terminal status.",
        judges_the_status_before_the_permission,
        also=("AUTH-06",),
        unseen=True,
    ),
    Fault(
        "repeats_the_key_for_malformed_json",
        "AUTH-09",
        "The message of the refusal of a body that is not JSON contains the key.",
        turns("json", echoing("message")),
        unseen=True,
    ),
    Fault(
        "reads_ids_as_go_does",
        "ID-06",
        "One character before an id and one after it do not matter.",
        reads_ids(between),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "reads_a_campaign_as_postgres_does",
        "ID-06",
        "A `campaignId` may have a hyphen, or none, after any four digits.",
        reads_ids(of_fours, CAMPAIGN),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "accepts_every_variant_of_version_3",
        "ID-04",
        "Ids of version 3 are accepted with any variant digit.",
        accepts(lambda value: version("3")(value) and not variant("89abAB")(value)),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "refuses_version_7_of_the_future",
        "ID-01",
        "Ids of version 7 are refused if their time is still to come.",
        refuses_id(lies_ahead),
        also=("LOOKUP-02",),
        unseen=True,
    ),
    Fault(
        "finds_the_campaign_alone",
        "LOOKUP-01",
        "An unknown customer updates another enrollment in the campaign.",
        finds_the_campaign_alone,
        also=("LOOKUP-02", "STATE-02", "STATE-06", "STATE-07"),
        unseen=True,
    ),
    Fault(
        "takes_snake_case_names",
        "BODY-01",
        "The names `customer_id` and `campaign_id` are taken for those of missing fields.",
        takes_snake_case,
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "refuses_prototype_fields",
        "BODY-02",
        "A field is refused that has the name `__proto__`, `constructor` or `prototype`.",
        refuses(has_prototype, 400),
        unseen=True,
    ),
    Fault(
        "takes_media_types_that_begin_like_json",
        "BODY-04",
        "Every media type that begins with application/json is taken as JSON.",
        waives("media", begins_like_json),
        unseen=True,
    ),
    Fault(
        "takes_the_method_from_a_header",
        "HTTP-01",
        "A POST whose header X-HTTP-Method-Override says PATCH does what PATCH does.",
        obeys_a_header,
        unseen=True,
    ),
    Fault(
        "takes_a_suffix_of_the_path",
        "HTTP-02",
        "A suffix like .json at the end of the path does not matter.",
        finds(lambda path: re.sub(r"\.[a-z]+$", "", path)),
        unseen=True,
    ),
)
