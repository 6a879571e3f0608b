"""Faults of the 422: its body, when it is sent, and the fields that it names."""

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
    without,
)


def as_bad_request(_call: Call, response: Response) -> Response:
    """A 400 without errors."""
    return Response(400, {"message": "Bad request", "code": response.body["code"]})


def is_complete(call: Call) -> bool:
    """Calls whose body is an object with all three fields."""
    return isinstance(call.json, dict) and call.json.keys() >= set(FIELDS)


def is_object(call: Call) -> bool:
    """Calls whose body is an object."""
    return isinstance(call.json, dict)


def each_error(**properties: Any) -> Alteration:  # noqa: ANN401 - JSON values, or functions that make them from an error
    """Every error of a 422 with properties set. A property that is None is left out."""

    def changed(error: dict[str, Any]) -> dict[str, Any]:
        made = {name: value(error) if callable(value) else value for name, value in properties.items()}
        return {name: value for name, value in {**error, **made}.items() if value is not None}

    return having(errors=lambda body: [changed(error) for error in body["errors"]])


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
