"""Faults of the bodies of successes and of errors other than 422."""

from typing import Any

from ..behaviour import Call, Response
from .fault import table
from .steps import (
    alter,
    alter_rejection,
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


def is_no_change(body: dict[str, Any]) -> bool:
    """Whether the body of a 200 is about an update that repeats the status."""
    return bool(body["previousStatus"] == body["newStatus"])


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
