"""Faults of the bodies of responses."""

from typing import Any

from ..behaviour import Call, Response
from .fault import table
from .steps import (
    FIELDS,
    Alteration,
    alter,
    alter_rejection,
    check_early,
    having,
    on,
    replaced_by,
    report,
    sets,
    without,
    without_body,
    wrapped_in,
)

NO_UPDATE = ("RESPONSE-02", "STATE-01", "STATE-02", "STATE-03", "STATE-04", "ID-08")
"""The rules that a fault breaks too if it returns nothing about an update."""


def each_error(**properties: Any) -> Alteration:  # noqa: ANN401 - JSON values, or functions that make them from an error
    """Every error of a 422 with properties set. A property that is None is left out."""

    def changed(error: dict[str, Any]) -> dict[str, Any]:
        made = {name: value(error) if callable(value) else value for name, value in properties.items()}
        return {name: value for name, value in {**error, **made}.items() if value is not None}

    return having(errors=lambda body: [changed(error) for error in body["errors"]])


def is_object(call: Call) -> bool:
    """Calls whose body is an object."""
    return isinstance(call.json, dict)


def is_complete(call: Call) -> bool:
    """Calls whose body is an object with all three fields."""
    return isinstance(call.json, dict) and call.json.keys() >= set(FIELDS)


def is_no_change(body: dict[str, Any]) -> bool:
    """Whether the body of a 200 is about an update that repeats the status."""
    return bool(body["previousStatus"] == body["newStatus"])


def as_bad_request(_call: Call, response: Response) -> Response:
    """A 400 without errors."""
    return Response(400, {"message": "Bad request", "code": response.body["code"]})


def is_missing(error: dict[str, Any]) -> bool:
    """Whether an error is about a missing field."""
    return bool(error["received"] == "undefined")


def path_of_other_id(error: dict[str, Any]) -> list[str]:
    """The path of an error, with one id in the place of the other."""
    others = {"customerId": "campaignId", "campaignId": "customerId"}
    return [others.get(name, name) for name in error["path"]]


def list_of_options(error: dict[str, Any]) -> Any:  # noqa: ANN401 - a JSON value
    """The `expected` of an error, as a list if there are several options."""
    expected = error["expected"]
    return expected.split(" | ") if " | " in expected else expected


def errors_by_path(body: dict[str, Any]) -> dict[str, str]:
    """The messages of a 422 by the paths of its errors."""
    return {".".join(error["path"]): error["message"] for error in body["errors"]}


def null_for_undefined(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The errors of a 422, with null as the `received` of a missing field."""
    return [{**error, "received": None} if is_missing(error) else error for error in body["errors"]]


def ids_alone(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The errors of a 422, without the error of the status if there are others."""
    return [error for error in body["errors"] if error["path"] != ["status"]] or list(body["errors"])


def received_values(call: Call, response: Response) -> Response:
    """The errors of a 422, with an integer, a boolean or null itself instead of its type."""
    sent = call.json if isinstance(call.json, dict) else {}

    def changed(error: dict[str, Any]) -> dict[str, Any]:
        match error["path"]:
            case [name] if name in sent and (sent[name] is None or isinstance(sent[name], int)):
                return {**error, "received": sent[name]}
        return error

    return having(errors=[changed(error) for error in response.body["errors"]])(call, response)


def no_content(_call: Call, _response: Response) -> Response:
    """A 204."""
    return Response(204, media_type=None)


table(
    "RESPONSE-01",
    makes_the_enrollment_id_bare=(
        "The `customerCampaignId` has no hyphens.",
        alter(on(200), having(customerCampaignId=lambda body: body["customerCampaignId"].replace("-", ""))),
    ),
    makes_success_a_text=(
        "The `success` of a 200 is a string.",
        alter(on(200), having(success="true")),
        ["RESPONSE-02"],
    ),
    makes_success_a_number=(
        "The `success` of a 200 is 1.",
        alter(on(200), having(success=1)),
        ["RESPONSE-02"],
    ),
    leaves_out_success=("A 200 has no `success`.", alter(on(200), without("success")), ["RESPONSE-02"]),
    leaves_out_the_enrollment_id=(
        "A 200 has no `customerCampaignId`.",
        alter(on(200), without("customerCampaignId")),
        ["STATE-03", "STATE-04", "ID-08"],
    ),
    leaves_out_the_previous_status=(
        "A 200 has no `previousStatus`.",
        alter(on(200), without("previousStatus")),
        ["STATE-02"],
    ),
    leaves_out_the_new_status_failed=(
        "A 200 has no `newStatus` if it is `failed`.",
        alter(on(200, when=sets("failed")), without("newStatus")),
        ["STATE-01"],
    ),
    makes_the_previous_status_null=(
        "The `previousStatus` of a 200 is null.",
        alter(on(200), having(previousStatus=None)),
        ["STATE-02"],
    ),
    wraps_the_update_in_data=(
        "The body of a 200 is in a property `data`.",
        alter(on(200), wrapped_in("data")),
        NO_UPDATE,
    ),
)
table(
    "RESPONSE-01",
    unseen=True,
    empties_the_body_of_a_200=("A 200 has no body.", alter(on(200), without_body), NO_UPDATE),
    makes_the_first_previous_status_null=report(
        lambda _call, found, _body: {"previousStatus": None} if found.updates == 1 else {}
    ),
    makes_an_unchanged_previous_status_null=(
        "The `previousStatus` is null if the update repeats the status.",
        report(lambda _call, _enrollment, body: {"previousStatus": None} if is_no_change(body) else {}),
        ["STATE-02", "STATE-08"],
    ),
    leaves_out_an_unchanged_previous_status=(
        "A 200 has no `previousStatus` if the update repeats the status.",
        alter(
            lambda call, response: on(200)(call, response) and is_no_change(response.body),
            without("previousStatus"),
        ),
        ["STATE-08"],
    ),
)
table(
    "RESPONSE-02",
    denies_success=("The `success` of a 200 is false.", alter(on(200), having(success=False))),
    denies_success_of_failed=alter(on(200, when=sets("failed")), having(success=False)),
)
table(
    "RESPONSE-03",
    leaves_out_the_message_of_a_404=("A 404 has no `message`.", alter(on(404), without("message"))),
    leaves_out_the_message_of_a_401=("A 401 has no `message`.", alter(on(401), without("message"))),
    leaves_out_the_message_of_a_403=("A 403 has no `message`.", alter(on(403), without("message"))),
    leaves_out_the_code_of_a_400=(
        "The rejection of a non-terminal status has no `code`.",
        alter_rejection("status", without("code")),
    ),
    leaves_out_the_code_for_malformed_json=(
        "The rejection of a body that is not JSON has no `code`.",
        alter_rejection("json", without("code")),
    ),
    makes_the_code_of_a_400_a_number=("The `code` of a 400 is a number.", alter(on(400), having(code=400))),
    makes_the_message_of_a_401_null=("The `message` of a 401 is null.", alter(on(401), having(message=None))),
    makes_the_message_of_a_404_a_list=alter(on(404), having(message=["Not found"])),
    wraps_a_401_in_error=(
        "The body of a 401 is in a property `error`.",
        alter(on(401), wrapped_in("error")),
        ["AUTH-03"],
    ),
)
table(
    "RESPONSE-03",
    unseen=True,
    empties_the_body_of_a_404=("A 404 has no body.", alter(on(404), without_body), ["LOOKUP-03"]),
    makes_the_message_about_a_status_a_list=(
        "The `message` of the rejection of a non-terminal status is a list.",
        alter_rejection("status", having(message=lambda body: [body["message"]])),
    ),
)
table(
    "RESPONSE-04",
    leaves_out_the_errors=("A 422 has no `errors`.", alter(on(422), without("errors")), ["RESPONSE-06"]),
    leaves_out_the_message_of_a_422=("A 422 has no `message`.", alter(on(422), without("message"))),
    calls_a_422_invalid=("The code of a 422 is INVALID_BODY.", alter(on(422), having(code="INVALID_BODY"))),
    makes_the_errors_an_object=(
        "The `errors` of a 422 are an object.",
        alter(on(422), having(errors=errors_by_path)),
        ["RESPONSE-06"],
    ),
    makes_the_errors_null=(
        "The `errors` of a 422 are null.",
        alter(on(422), having(errors=None)),
        ["RESPONSE-06"],
    ),
    makes_the_path_a_text=(
        "The `path` of an error is a string.",
        alter(on(422), each_error(path=lambda error: ".".join(error["path"]))),
        ["RESPONSE-06"],
    ),
    leaves_out_the_code_of_an_error=alter(on(422), each_error(code=None)),
    leaves_out_the_message_of_a_missing_field=alter(
        on(422), each_error(message=lambda error: None if is_missing(error) else error["message"])
    ),
    makes_received_a_number=alter(on(422), each_error(received=0)),
)
table(
    "RESPONSE-04",
    unseen=True,
    lists_what_it_expected=(
        "The `expected` of an error is a list if there are several options.",
        alter(on(422), each_error(expected=list_of_options)),
    ),
    leaves_out_the_errors_of_what_is_no_object=alter_rejection(
        "schema", without("errors"), when=lambda call: not is_object(call)
    ),
    makes_received_null_for_a_missing_field=alter(on(422), having(errors=null_for_undefined)),
    repeats_what_it_received=(
        "The `received` of an error is the value itself if that is an integer, a boolean or null.",
        alter(on(422), received_values),
    ),
)
table(
    "RESPONSE-05",
    refuses_a_malformed_body_with_400=alter_rejection("schema", as_bad_request),
    refuses_a_malformed_field_with_400=alter_rejection("schema", as_bad_request, when=is_complete),
    refuses_a_missing_field_with_400=alter_rejection(
        "schema", as_bad_request, when=lambda call: is_object(call) and not is_complete(call)
    ),
)
table(
    "RESPONSE-05",
    unseen=True,
    judges_the_status_before_the_ids=(
        "A malformed id with a non-terminal status gets a 400.",
        check_early("status", before="schema"),
    ),
)
table(
    "RESPONSE-06",
    leaves_the_path_empty=("The `path` of an error is empty.", alter(on(422), each_error(path=[]))),
    names_the_other_id=(
        "The `path` of an error has one id in the place of the other.",
        alter(on(422), each_error(path=path_of_other_id)),
    ),
    names_only_the_first_error=alter(on(422), having(errors=lambda body: body["errors"][:1])),
    names_no_status=(
        "The `path` of an error of the status is empty.",
        alter(on(422), each_error(path=lambda error: [] if error["path"] == ["status"] else error["path"])),
    ),
)
table(
    "RESPONSE-06",
    unseen=True,
    begins_the_path_with_body=(
        "The `path` of an error begins with `body`.",
        alter(on(422), each_error(path=lambda error: ["body", *error["path"]])),
    ),
    leaves_the_path_of_a_missing_field_empty=(
        "The `path` of a missing field is that of the object that lacks it.",
        alter(on(422), each_error(path=lambda error: error["path"][: -1 if is_missing(error) else None])),
    ),
    names_no_status_beside_a_malformed_id=(
        "A 422 has no error of the status if an id is wrong as well.",
        alter(on(422), having(errors=ids_alone)),
    ),
)
table(
    "RESPONSE-01",
    also=["HTTP-04", "HTTP-05", "STATE-08", "STATUS-01", *NO_UPDATE],
    updates_without_content=("An accepted update gets a 204.", alter(on(200), no_content)),
    creates_another_resource=(
        "An accepted update gets a 201 with another body.",
        alter(on(200), replaced_by(Response(201, {"id": "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"}))),
    ),
)
table(
    "RESPONSE-03",
    also=["AUTH-03", "AUTH-04", "HTTP-05"],
    invents_an_error=(
        "A missing or unknown key gets a 418 with another body.",
        alter(on(401), replaced_by(Response(418, {"error": "key"}))),
    ),
)
table(
    "RESPONSE-07",
    shows_a_stack_trace=(
        "The message of a 400 is a stack trace.",
        alter(on(400), having(message="Error: x\n    at update (/usr/api/src/update.js:12:34)")),
    ),
    shows_a_query=(
        "The message of a 404 is the query of the lookup.",
        alter(on(404), having(message='SELECT "id" FROM "enrollments" WHERE "customer_id" = $1')),
    ),
)
