"""Wrong outcomes, by somebody who had not seen what the suite asks: of caches, rollbacks and templates."""

from collections.abc import Callable
from typing import Any

from ..behaviour import Behaviour, Call, Response
from ..store import Enrollment, Store
from .changes import alters, on, saying, turns, waives, without
from .fault import Change, Fault
from .malformed import has_form
from .responses import each_issue
from .state import same
from .status import CLOSED, LENIENT, accepts_status, asks
from .updates import repeats, reports, spreads


def accepts_over(status: Callable[[Call, Enrollment], bool]) -> Change:
    """Take non-terminal statuses if the one that is set allows it."""

    def change(mock: Behaviour) -> None:
        before = mock.checks["status"]

        def check(call: Call) -> Response | None:
            refusal = before(call)
            found = mock.find(call) if refusal else None
            return None if found and status(call, found) else refusal

        mock.checks["status"] = check

    return change


def denies_success_of_a_non_terminal_status(mock: Behaviour) -> None:
    """Tell of no success in a 200, and leave the enrollment as it is."""
    before = mock.checks["status"]

    def check(call: Call) -> Response | None:
        refusal = before(call)
        found = mock.find(call) if refusal else None
        if found is None:
            return refusal
        told = {"previousStatus": found.status, "newStatus": found.status}
        return Response(200, {"success": False, **told, "customerCampaignId": found.id})

    mock.checks["status"] = check


def null_for_undefined(call: Call, response: Response) -> Response:
    """The issues of a 422, with null for what was not received."""
    issues = [
        {**issue, "received": None if issue["received"] == "undefined" else issue["received"]}
        for issue in response.body["errors"]
    ]
    return saying(errors=issues)(call, response)


def ids_first(call: Call, response: Response) -> Response:
    """The issues of a 422, without that of the status if there are others."""
    others = [issue for issue in response.body["errors"] if issue["path"] != ["status"]]
    return saying(errors=others or response.body["errors"])(call, response)


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

    def finish(call: Call, response: Response) -> Response:
        if on(400, 404, 422)(call, response):
            for enrollment, status in open_updates:
                enrollment.status = status
            open_updates.clear()
        return finish_before(call, response)

    mock.update, mock.finish = update, finish


def assigned_id(call: Call, enrollment: Enrollment, _: dict[str, Any]) -> dict[str, Any]:
    """The id that the body gives to the enrollment, kept from then on."""
    given = call.value("customerCampaignId")
    if has_form(given):
        enrollment.id = str(given)
    return {"customerCampaignId": enrollment.id}


def fellows_of(status: str) -> Callable[[Store, Enrollment], list[Enrollment]]:
    """Every enrollment of the customer of one that was set to the status."""

    def fellows(store: Store, enrollment: Enrollment) -> list[Enrollment]:
        if enrollment.status != status:
            return []
        return [other for other in store if same(other.customer_id, enrollment.customer_id)]

    return fellows


def null_for_the_same(_call: Call, _enrollment: Enrollment, body: dict[str, Any]) -> dict[str, Any]:
    """No previous status where there was nothing to change."""
    return {"previousStatus": None} if body["previousStatus"] == body["newStatus"] else {}


def changes_nothing(call: Call, response: Response) -> bool:
    """Answers to an update that repeats the status."""
    return on(200)(call, response) and response.body["previousStatus"] == response.body["newStatus"]


def message_in_a_list(call: Call, response: Response) -> Response:
    """The body with its message as the one item of a list."""
    return saying(message=[response.body["message"]])(call, response)


def values_received(call: Call, response: Response) -> Response:
    """The issues of a 422, with what was received in the place of its type, if it is no text."""
    sent = call.json if isinstance(call.json, dict) else {}

    def shown(issue: dict[str, Any]) -> dict[str, Any]:
        match issue["path"]:
            case [name] if name in sent and (sent[name] is None or isinstance(sent[name], int)):
                return {**issue, "received": sent[name]}
        return issue

    return saying(errors=[shown(issue) for issue in response.body["errors"]])(call, response)


OUTCOMES = (
    Fault(
        "accepts_what_sounds_final",
        "STATUS-02",
        "The statuses `expired`, `cancelled`, `skipped` and `exceeded_max_calls` are accepted.",
        waives("status", asks(*CLOSED)),
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
        also=("RESPONSE-02", "STATE-01", "STATE-02"),
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
        "STATE-02",
        "A request that is refused with a 400, a 404 or a 422 undoes the update right before it.",
        undoes_the_update_before_a_refusal,
        also=("STATE-05",),
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
        spreads(fellows_of("failed")),
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "accepts_the_status_that_is_set",
        "STATUS-02",
        "A non-terminal status is accepted if the enrollment has it already.",
        accepts_over(repeats),
        unseen=True,
    ),
    Fault(
        "makes_an_unchanged_previous_status_null",
        "RESPONSE-01",
        "The `previousStatus` is null if the update repeats the status.",
        reports(null_for_the_same),
        also=("STATE-02", "STATE-08"),
        unseen=True,
    ),
    Fault(
        "leaves_out_an_unchanged_previous_status",
        "RESPONSE-01",
        "A 200 has no `previousStatus` if the update repeats the status.",
        alters(changes_nothing, without("previousStatus")),
        also=("STATE-08",),
        unseen=True,
    ),
    Fault(
        "makes_the_message_about_a_status_a_list",
        "RESPONSE-03",
        "The `message` of the refusal of a non-terminal status is a list.",
        turns("status", message_in_a_list),
        unseen=True,
    ),
    Fault(
        "repeats_what_it_received",
        "RESPONSE-04",
        "The `received` of an error is the value itself if that is an integer, a boolean or null.",
        alters(on(422), values_received),
        unseen=True,
    ),
    Fault(
        "completes_every_campaign_of_the_customer",
        "STATE-06",
        "An update to `completed` completes every enrollment of the customer.",
        spreads(fellows_of("completed")),
        also=("STATE-02",),
        unseen=True,
    ),
)
