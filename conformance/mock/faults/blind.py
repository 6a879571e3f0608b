"""Faults of every area that real implementations make, by somebody who had not seen what the suite asks."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from conformance.mock.behaviour import Answer, Behaviour, Call
from conformance.mock.problems import Issue
from conformance.mock.store import Enrollment, Store

from .authentication import REFUSED, echoing, finds_key, without_key
from .bodies import completes, media_type, strangers
from .changes import IDS, CallTest, alters, on, refuses, saying, turns, waives
from .fault import Change, Fault
from .identifiers import refuses_id
from .malformed import CAMPAIGN, accepts, has_form, variant, version
from .protocol import finds, misrouted
from .responses import each_issue
from .state import same
from .status import LENIENT, accepts_status, asks
from .updates import reports, spreads

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


def as_malformed_header(_call: Call, _: Answer) -> Answer:
    """A 422 about the header of the key, as a framework gives it that validates headers like fields."""
    issue = Issue(("header", "x-api-key"), "Required", "required", "a value", "undefined")
    body = {"message": "The request failed validation", "code": "VALIDATION_ERROR"}
    return Answer(422, {**body, "errors": [issue.as_json()]})


def judges_the_status_before_the_permission(mock: Behaviour) -> None:
    """Refuse a non-terminal status of a restricted key by the status."""
    before = mock.checks["permission"]

    def check(call: Call) -> Answer | None:
        refusal = before(call)
        if refusal is None or mock.checks["json"](call) or mock.checks["schema"](call):
            return refusal
        return mock.checks["status"](call) or refusal

    mock.checks["permission"] = check


def reads_ids(read: Callable[[str], str | None], fields: tuple[str, ...] = IDS) -> Change:
    """Take ids in another form for the ids that they stand for."""

    def change(mock: Behaviour) -> None:
        before = mock.inspect

        def inspect(call: Call) -> list[Issue]:
            for field in fields:
                value = call.value(field)
                understood = read(value) if isinstance(value, str) and not has_form(value) else None
                if understood is not None:
                    call.json = {**call.json, field: understood}
            return before(call)

        mock.inspect = inspect

    return change


def between(value: str) -> str | None:
    """The id between one character and another."""
    return value[1:-1] if has_form(value[1:-1]) else None


def of_fours(value: str) -> str | None:
    """The id of groups of four digits, with a hyphen after each or not."""
    if FOURS.fullmatch(value) is None:
        return None
    digits = value.replace("-", "")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def lies_ahead(value: str) -> bool:
    """Whether an id of version 7 was made at a time that is still to come."""
    made = int(value.replace("-", "")[:12], 16)
    return version("7")(value) and made > time.time() * 1000


def loses_customers_made_in_upper_case(mock: Behaviour) -> None:
    """Look for the id in lower case among ids that were kept as they came."""
    before = mock.find

    def find(call: Call) -> Enrollment | None:
        found = before(call)
        return found if found and found.customer_id == found.customer_id.lower() else None

    mock.find = find


def finds_the_campaign_alone(mock: Behaviour) -> None:
    """Take an enrollment in the campaign if the customer is not in it."""
    before = mock.find

    def find(call: Call) -> Enrollment | None:
        wanted = str(call.value("campaignId"))
        return before(call) or next((other for other in mock.store if same(other.campaign_id, wanted)), None)

    mock.find = find


def accepts_over(status: Callable[[Call, Enrollment], bool]) -> Change:
    """Take non-terminal statuses if the one that is set allows it."""

    def change(mock: Behaviour) -> None:
        before = mock.checks["status"]

        def check(call: Call) -> Answer | None:
            refusal = before(call)
            found = mock.find(call) if refusal else None
            return None if found and status(call, found) else refusal

        mock.checks["status"] = check

    return change


def denies_success_of_a_non_terminal_status(mock: Behaviour) -> None:
    """Tell of no success in a 200, and leave the enrollment as it is."""
    before = mock.checks["status"]

    def check(call: Call) -> Answer | None:
        refusal = before(call)
        found = mock.find(call) if refusal else None
        if found is None:
            return refusal
        told = {"previousStatus": found.status, "newStatus": found.status}
        return Answer(200, {"success": False, **told, "customerCampaignId": found.id})

    mock.checks["status"] = check


def takes_snake_case(mock: Behaviour) -> None:
    """Take `customer_id` for a missing `customerId`, and `campaign_id` likewise."""
    for field, other in zip(IDS, ("customer_id", "campaign_id"), strict=True):
        completes(field, lambda _, call, other=other: call.value(other))(mock)  # type: ignore[misc]  # bound early


def status_in_query(_mock: Behaviour, call: Call) -> str | None:
    """The status in the query."""
    return next(iter(parse_qs(call.query).get("status", [])), None)


def begins_like_json(call: Call) -> bool:
    """Calls whose media type is JSON's, or a longer one."""
    return media_type(call).lower().startswith("application/json")


def has_prototype(call: Call) -> bool:
    """Calls with a field that means something to JavaScript."""
    return any(name in strangers(call) for name in PROTOTYPE)


def null_for_undefined(call: Call, answer: Answer) -> Answer:
    """The issues of a 422, with null for what was not received."""
    issues = [
        {**issue, "received": None if issue["received"] == "undefined" else issue["received"]}
        for issue in answer.body["errors"]
    ]
    return saying(errors=issues)(call, answer)


def ids_first(call: Call, answer: Answer) -> Answer:
    """The issues of a 422, without that of the status if there are others."""
    others = [issue for issue in answer.body["errors"] if issue["path"] != ["status"]]
    return saying(errors=others or answer.body["errors"])(call, answer)


def answers_from_memory(mock: Behaviour) -> None:
    """Answer a body as it was answered before, and do nothing more."""
    before = mock.update
    known: dict[bytes, dict[str, Any]] = {}

    def update(call: Call, enrollment: Enrollment) -> dict[str, Any]:
        if call.body not in known:
            known[call.body] = before(call, enrollment)
        return known[call.body]

    mock.update = update


def undoes_the_update_before_a_refusal(mock: Behaviour) -> None:
    """Roll back with a refused request what was not committed after the update before it."""
    update_before, finish_before = mock.update, mock.finish
    open_updates: list[tuple[Enrollment, str]] = []

    def update(call: Call, enrollment: Enrollment) -> dict[str, Any]:
        open_updates[:] = [(enrollment, enrollment.status)]
        return update_before(call, enrollment)

    def finish(call: Call, answer: Answer) -> Answer:
        if on(400, 404, 422)(call, answer):
            for enrollment, status in open_updates:
                enrollment.status = status
            open_updates.clear()
        return finish_before(call, answer)

    mock.update, mock.finish = update, finish


def assigned_id(call: Call, enrollment: Enrollment, _: dict[str, Any]) -> dict[str, Any]:
    """The id that the body gives to the enrollment, kept from then on."""
    given = call.value("customerCampaignId")
    if has_form(given):
        enrollment.id = str(given)
    return {"customerCampaignId": enrollment.id}


def fellows_of_the_failed(store: Store, enrollment: Enrollment) -> list[Enrollment]:
    """Every enrollment of the customer of one that failed."""
    if enrollment.status != "failed":
        return []
    return [other for other in store if same(other.customer_id, enrollment.customer_id)]


def obeys_a_header(mock: Behaviour) -> None:
    """Take a POST for the method that a header names."""
    before = mock.finish

    def finish(call: Call, answer: Answer) -> Answer:
        wanted = call.headers.get(METHOD_HEADER, "").upper()
        if call.method == "POST" and wanted == "PATCH" and misrouted(405)(call, answer):
            return mock.answer(replace(call, method=wanted))
        return before(call, answer)

    mock.finish = finish


def asks_by_body(status: str) -> CallTest:
    """Calls whose body has the status, before anybody has checked it."""
    return lambda call: sent(call).get("status") == status


BLIND = (
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
        also=("AUTH-07",),
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
        "loses_customers_made_in_upper_case",
        "ID-03",
        "A customer is not found who was enrolled under an id with an upper-case digit.",
        loses_customers_made_in_upper_case,
        also=("ID-01", "ID-08"),
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
        "accepts_what_sounds_final",
        "STATUS-02",
        "The statuses `expired`, `cancelled`, `skipped` and `exceeded_max_calls` are accepted.",
        waives("status", asks("expired", "cancelled", "skipped", "exceeded_max_calls")),
        unseen=True,
    ),
    Fault(
        "accepts_a_part_of_a_status",
        "STATUS-04",
        "A text is accepted as a status if it is a part of a terminal one.",
        accepts_status(
            lambda value: (
                isinstance(value, str)
                and value not in {"", "completed", "failed"}
                and value in "completed,failed"
            )
        ),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "accepts_pending_after_failed",
        "STATUS-02",
        "The status `pending` is accepted for an enrollment that failed.",
        accepts_over(lambda call, found: asks("pending")(call) and found.status == "failed"),
        unseen=True,
    ),
    Fault(
        "accepts_the_status_that_is_set",
        "STATUS-02",
        "A non-terminal status is accepted for an enrollment that has it.",
        accepts_over(lambda call, found: asks(found.status)(call)),
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
        "takes_the_status_from_the_query",
        "BODY-01",
        "A missing status is taken from the query.",
        completes("status", status_in_query),
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
        "refuses_a_charset_in_upper_case",
        "BODY-05",
        "The media type of JSON is refused with the charset UTF-8 in upper case.",
        refuses(lambda call: "UTF-8" in media_type(call), 400, after="media"),
        unseen=True,
    ),
    Fault(
        "begins_the_path_with_body",
        "RESPONSE-06",
        "The `path` of an error begins with `body`.",
        alters(on(422), each_issue(path=lambda issue: ["body", *issue["path"]])),
        unseen=True,
    ),
    Fault(
        "makes_received_null_for_a_missing_field",
        "RESPONSE-04",
        "The `received` of a missing field is null.",
        alters(on(422), null_for_undefined),
        unseen=True,
    ),
    Fault(
        "names_no_status_beside_a_malformed_id",
        "RESPONSE-06",
        "A 422 names no error of the status if an id is wrong as well.",
        alters(on(422), ids_first),
        unseen=True,
    ),
    Fault(
        "denies_success_of_a_non_terminal_status",
        "STATUS-02",
        "A non-terminal status is answered with a 200 whose `success` is false.",
        denies_success_of_a_non_terminal_status,
        also=("RESPONSE-02", "STATE-01"),
        unseen=True,
    ),
    Fault(
        "answers_a_repeated_body_from_memory",
        "STATE-02",
        "A body that was sent before is answered as it was then, and nothing is updated.",
        answers_from_memory,
        unseen=True,
    ),
    Fault(
        "undoes_the_update_before_a_refusal",
        "STATE-05",
        "A request that is refused with a 400, a 404 or a 422 undoes the update right before it.",
        undoes_the_update_before_a_refusal,
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "assigns_the_enrollment_id_in_the_body",
        "STATE-03",
        "A `customerCampaignId` in the body becomes that of the enrollment.",
        reports(assigned_id),
        also=("BODY-02", "STATE-04"),
        unseen=True,
    ),
    Fault(
        "spreads_failed_to_every_campaign_of_the_customer",
        "STATE-06",
        "An update to `failed` sets the status of every enrollment of the customer.",
        spreads(fellows_of_the_failed),
        also=("STATE-02",),
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
