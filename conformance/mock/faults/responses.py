"""Faults in the bodies of answers."""

from dataclasses import replace
from typing import Any

from ..behaviour import Call, Response
from .changes import Alteration, alters, on, precedes, saying, turns, without
from .fault import Fault
from .status import asks
from .updates import reports


def wrapped(name: str) -> Alteration:
    """The body as the one property of another."""
    return lambda _, response: replace(response, body={name: response.body})


def without_hyphens(_call: Call, response: Response) -> Response:
    """The id of the enrollment as bare digits."""
    return saying(customerCampaignId=response.body["customerCampaignId"].replace("-", ""))(_call, response)


def each_issue(**properties: Any) -> Alteration:  # noqa: ANN401 - JSON values, or functions that make them from an issue
    """Every issue of a 422 with properties set, or left out where they are None."""

    def change(issue: dict[str, Any]) -> dict[str, Any]:
        made = {name: value(issue) if callable(value) else value for name, value in properties.items()}
        return {name: value for name, value in {**issue, **made}.items() if value is not None}

    return lambda _, response: replace(
        response, body={**response.body, "errors": [change(issue) for issue in response.body["errors"]]}
    )


def first_issue(_call: Call, response: Response) -> Response:
    """Only the first issue of a 422."""
    return replace(response, body={**response.body, "errors": response.body["errors"][:1]})


def other_field(issue: dict[str, Any]) -> list[str]:
    """The path of an issue, one id taken for the other."""
    others = {"customerId": "campaignId", "campaignId": "customerId"}
    return [others.get(name, name) for name in issue["path"]]


def keyed_issues(_call: Call, response: Response) -> Response:
    """The issues of a 422 by their paths."""
    return saying(errors={".".join(issue["path"]): issue["message"] for issue in response.body["errors"]})(
        _call, response
    )


def malformed(call: Call) -> bool:
    """Calls whose body is an object with all three fields."""
    return isinstance(call.json, dict) and {"customerId", "campaignId", "status"} <= set(call.json)


def as_bad_request(_call: Call, response: Response) -> Response:
    """A plain 400."""
    return Response(400, {"message": "Bad request", "code": response.body["code"]})


def without_body(_call: Call, response: Response) -> Response:
    """No body at all."""
    return replace(response, body=None)


def options_as_list(issue: dict[str, Any]) -> Any:  # noqa: ANN401 - a JSON value
    """What was expected, as a list if there are several options."""
    expected = issue["expected"]
    return expected.split(" | ") if " | " in expected else expected


def is_object(call: Call) -> bool:
    """Calls whose body is an object."""
    return isinstance(call.json, dict)


RESPONSES = (
    Fault(
        "makes_the_enrollment_id_bare",
        "RESPONSE-01",
        "The `customerCampaignId` has no hyphens.",
        alters(on(200), without_hyphens),
    ),
    Fault(
        "makes_success_a_text",
        "RESPONSE-01",
        "The `success` of a 200 is a string.",
        alters(on(200), saying(success="true")),
        also=("RESPONSE-02",),
    ),
    Fault(
        "makes_success_a_number",
        "RESPONSE-01",
        "The `success` of a 200 is 1.",
        alters(on(200), saying(success=1)),
        also=("RESPONSE-02",),
    ),
    Fault(
        "leaves_out_success",
        "RESPONSE-01",
        "A 200 has no `success`.",
        alters(on(200), without("success")),
        also=("RESPONSE-02",),
    ),
    Fault(
        "leaves_out_the_enrollment_id",
        "RESPONSE-01",
        "A 200 has no `customerCampaignId`.",
        alters(on(200), without("customerCampaignId")),
        also=("STATE-03", "STATE-04", "ID-08"),
    ),
    Fault(
        "leaves_out_the_previous_status",
        "RESPONSE-01",
        "A 200 has no `previousStatus`.",
        alters(on(200), without("previousStatus")),
        also=("STATE-02",),
    ),
    Fault(
        "leaves_out_the_new_status_failed",
        "RESPONSE-01",
        "A 200 has no `newStatus` if it is `failed`.",
        alters(lambda call, response: on(200)(call, response) and asks("failed")(call), without("newStatus")),
        also=("STATE-01",),
    ),
    Fault(
        "makes_the_previous_status_null",
        "RESPONSE-01",
        "The `previousStatus` of a 200 is null.",
        alters(on(200), saying(previousStatus=None)),
        also=("STATE-02",),
    ),
    Fault(
        "wraps_the_update_in_data",
        "RESPONSE-01",
        "The body of a 200 is in a property `data`.",
        alters(on(200), wrapped("data")),
        also=("RESPONSE-02", "STATE-01", "STATE-02", "STATE-03", "STATE-04", "ID-08"),
    ),
    Fault(
        "denies_success",
        "RESPONSE-02",
        "The `success` of a 200 is false.",
        alters(on(200), saying(success=False)),
    ),
    Fault(
        "denies_success_of_failed",
        "RESPONSE-02",
        "The `success` of an update to `failed` is false.",
        alters(
            lambda call, response: on(200)(call, response) and asks("failed")(call), saying(success=False)
        ),
    ),
    Fault(
        "leaves_out_the_code_of_a_404",
        "LOOKUP-03",
        "The body of a 404 has no `code`.",
        alters(on(404), without("code")),
        also=("RESPONSE-03",),
    ),
    Fault(
        "leaves_out_the_message_of_a_404",
        "RESPONSE-03",
        "The body of a 404 has no `message`.",
        alters(on(404), without("message")),
    ),
    Fault(
        "leaves_out_the_message_of_a_401",
        "RESPONSE-03",
        "The body of a 401 has no `message`.",
        alters(on(401), without("message")),
    ),
    Fault(
        "leaves_out_the_message_of_a_403",
        "RESPONSE-03",
        "The body of a 403 has no `message`.",
        alters(on(403), without("message")),
    ),
    Fault(
        "leaves_out_the_code_of_a_400",
        "RESPONSE-03",
        "The refusal of a non-terminal status has no `code`.",
        turns("status", without("code")),
    ),
    Fault(
        "leaves_out_the_code_for_malformed_json",
        "RESPONSE-03",
        "The refusal of a body that is not JSON has no `code`.",
        turns("json", without("code")),
    ),
    Fault(
        "makes_the_code_of_a_400_a_number",
        "RESPONSE-03",
        "The `code` of a 400 is a number.",
        alters(on(400), saying(code=400)),
    ),
    Fault(
        "makes_the_message_of_a_401_null",
        "RESPONSE-03",
        "The `message` of a 401 is null.",
        alters(on(401), saying(message=None)),
    ),
    Fault(
        "makes_the_message_of_a_404_a_list",
        "RESPONSE-03",
        "The `message` of a 404 is a list.",
        alters(on(404), saying(message=["Not found"])),
    ),
    Fault(
        "wraps_a_401_in_error",
        "RESPONSE-03",
        "The body of a 401 is in a property `error`.",
        alters(on(401), wrapped("error")),
        also=("AUTH-03",),
    ),
    Fault(
        "leaves_out_the_errors",
        "RESPONSE-04",
        "The body of a 422 has no `errors`.",
        alters(on(422), without("errors")),
        also=("RESPONSE-06",),
    ),
    Fault(
        "leaves_out_the_message_of_a_422",
        "RESPONSE-04",
        "The body of a 422 has no `message`.",
        alters(on(422), without("message")),
    ),
    Fault(
        "calls_a_422_invalid",
        "RESPONSE-04",
        "The code of a 422 is INVALID_BODY.",
        alters(on(422), saying(code="INVALID_BODY")),
    ),
    Fault(
        "makes_the_errors_an_object",
        "RESPONSE-04",
        "The `errors` of a 422 are an object.",
        alters(on(422), keyed_issues),
        also=("RESPONSE-06",),
    ),
    Fault(
        "makes_the_errors_null",
        "RESPONSE-04",
        "The `errors` of a 422 are null.",
        alters(on(422), saying(errors=None)),
        also=("RESPONSE-06",),
    ),
    Fault(
        "makes_the_path_a_text",
        "RESPONSE-04",
        "The `path` of an error is a string.",
        alters(on(422), each_issue(path=lambda issue: ".".join(issue["path"]))),
        also=("RESPONSE-06",),
    ),
    Fault(
        "leaves_out_the_code_of_an_error",
        "RESPONSE-04",
        "The errors of a 422 have no `code`.",
        alters(on(422), each_issue(code=None)),
    ),
    Fault(
        "leaves_out_the_message_of_a_missing_field",
        "RESPONSE-04",
        "The error of a missing field has no `message`.",
        alters(
            on(422),
            each_issue(message=lambda issue: None if issue["received"] == "undefined" else issue["message"]),
        ),
    ),
    Fault(
        "makes_received_a_number",
        "RESPONSE-04",
        "The `received` of an error is a number.",
        alters(on(422), each_issue(received=0)),
    ),
    Fault(
        "refuses_a_malformed_body_with_400",
        "RESPONSE-05",
        "A body that breaks the schema is refused with a 400.",
        turns("schema", as_bad_request),
    ),
    Fault(
        "refuses_a_malformed_field_with_400",
        "RESPONSE-05",
        "A body with all fields that breaks the schema is refused with a 400.",
        turns("schema", as_bad_request, when=malformed),
    ),
    Fault(
        "refuses_a_missing_field_with_400",
        "RESPONSE-05",
        "A body that lacks a field is refused with a 400.",
        turns(
            "schema", as_bad_request, when=lambda call: isinstance(call.json, dict) and not malformed(call)
        ),
    ),
    Fault(
        "leaves_the_path_empty",
        "RESPONSE-06",
        "The `path` of an error is empty.",
        alters(on(422), each_issue(path=lambda _: [])),
    ),
    Fault(
        "names_the_other_id",
        "RESPONSE-06",
        "The `path` of an error takes one id for the other.",
        alters(on(422), each_issue(path=other_field)),
    ),
    Fault(
        "names_only_the_first_error",
        "RESPONSE-06",
        "A 422 has only one of its errors.",
        alters(on(422), first_issue),
    ),
    Fault(
        "names_no_status",
        "RESPONSE-06",
        "The `path` of an error of the status is empty.",
        alters(on(422), each_issue(path=lambda issue: [] if issue["path"] == ["status"] else issue["path"])),
    ),
    Fault(
        "empties_the_body_of_a_200",
        "RESPONSE-01",
        "A 200 has no body.",
        alters(on(200), without_body),
        also=("RESPONSE-02", "STATE-01", "STATE-02", "STATE-03", "STATE-04", "ID-08"),
        unseen=True,
    ),
    Fault(
        "makes_the_first_previous_status_null",
        "RESPONSE-01",
        "The `previousStatus` is null in the first update of an enrollment.",
        reports(lambda _call, enrollment, _body: {"previousStatus": None} if enrollment.updates == 1 else {}),
        unseen=True,
    ),
    Fault(
        "empties_the_body_of_a_404",
        "RESPONSE-03",
        "A 404 has no body.",
        alters(on(404), without_body),
        also=("LOOKUP-03",),
        unseen=True,
    ),
    Fault(
        "lists_what_it_expected",
        "RESPONSE-04",
        "The `expected` of an error is a list if there are several options.",
        alters(on(422), each_issue(expected=options_as_list)),
        unseen=True,
    ),
    Fault(
        "leaves_out_the_errors_of_what_is_no_object",
        "RESPONSE-04",
        "A 422 for a body that is no object has no `errors`.",
        turns("schema", without("errors"), when=lambda call: not is_object(call)),
        unseen=True,
    ),
    Fault(
        "refuses_what_is_no_object_with_400",
        "RESPONSE-05",
        "A JSON body that is no object is refused with a 400.",
        turns("schema", as_bad_request, when=lambda call: not is_object(call)),
        unseen=True,
    ),
    Fault(
        "judges_the_status_before_the_ids",
        "RESPONSE-05",
        "A malformed id with a non-terminal status is refused with a 400.",
        precedes("status", at="schema"),
        unseen=True,
    ),
    Fault(
        "leaves_the_path_of_a_missing_field_empty",
        "RESPONSE-06",
        "The `path` of a missing field is that of the object that lacks it.",
        alters(
            on(422),
            each_issue(path=lambda issue: issue["path"][: -1 if issue["received"] == "undefined" else None]),
        ),
        unseen=True,
    ),
)
