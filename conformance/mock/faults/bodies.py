"""Faults in how a request body is read."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from ...contract.document import JSON
from ..behaviour import Behaviour, Call
from ..problems import MAX_TOKEN, Issue
from ..store import Enrollment
from .changes import as_status, complains, refuses, refuses_otherwise, turns, waives
from .fault import Change, Fault
from .status import LENIENT

FIELDS = ("customerId", "campaignId", "status")


def reads(parse: Callable[[bytes], Any]) -> Change:
    """Read a body that is not JSON in another way."""

    def change(mock: Behaviour) -> None:
        before = mock.parse

        def parse_either(body: bytes) -> object:
            try:
                return before(body)
            except ValueError as error:
                try:
                    return before(json.dumps(parse(body)).encode())
                except RecursionError:
                    raise error from None

        mock.parse = parse_either

    return change


def unwraps(find: Callable[[Callable[[bytes], Any], Any], Any]) -> Change:
    """Take an object out of the JSON that holds it."""

    def change(mock: Behaviour) -> None:
        before = mock.parse
        mock.parse = lambda body: find(before, before(body))

    return change


def completes(field: str, value: Callable[[Behaviour, Call], str | None]) -> Change:
    """Find a value for a missing field."""

    def change(mock: Behaviour) -> None:
        before = mock.inspect

        def inspect(call: Call) -> list[Issue]:
            if isinstance(call.json, dict) and field not in call.json:
                found = value(mock, call)
                call.json = call.json if found is None else {**call.json, field: found}
            return before(call)

        mock.inspect = inspect

    return change


def reads_names_in_any_case(mock: Behaviour) -> None:
    """Take the names of the fields in any letter case."""
    before = mock.inspect
    known = {name.lower(): name for name in FIELDS}

    def inspect(call: Call) -> list[Issue]:
        if isinstance(call.json, dict):
            call.json = {known.get(name.lower(), name): value for name, value in call.json.items()}
        return before(call)

    mock.inspect = inspect


def only_enrollment(mock: Behaviour, call: Call) -> Enrollment | None:
    """The first enrollment that a body with one id names."""
    given = {str(call.value("customerId")).lower(), str(call.value("campaignId")).lower()}
    return next(
        (one for one in mock.store if given & {one.customer_id.lower(), one.campaign_id.lower()}), None
    )


def campaign_of(mock: Behaviour, call: Call) -> str | None:
    """A campaign of the customer."""
    found = only_enrollment(mock, call)
    return found.campaign_id if found else None


def customer_of(mock: Behaviour, call: Call) -> str | None:
    """A customer of the campaign."""
    found = only_enrollment(mock, call)
    return found.customer_id if found else None


def latest_campaign(mock: Behaviour, call: Call) -> str | None:
    """The campaign that the customer was enrolled in last."""
    customer = str(call.value("customerId")).lower()
    campaigns = [one.campaign_id for one in mock.store if one.customer_id.lower() == customer]
    return campaigns[-1] if campaigns else None


def unknown_ids(call: Call) -> dict[str, Any]:
    """The fields of the body that the contract lacks."""
    return (
        {name: value for name, value in call.json.items() if name not in FIELDS}
        if isinstance(call.json, dict)
        else {}
    )


def unknown_objects(call: Call) -> list[Issue]:
    """An issue for each field that the contract lacks and that holds an object or a list."""
    return [
        Issue((name[:MAX_TOKEN],), "Not expected", "unrecognized", "nothing", "object")
        for name, value in unknown_ids(call).items()
        if isinstance(value, dict | list)
    ]


def media_type(call: Call) -> str:
    """The media type as it was sent."""
    return call.headers.get("content-type", "")


def first_of_list(_: object, value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The one item of a list, or the value."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def text_as_json(parse: Callable[[bytes], Any], value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The JSON in a string, or the value."""
    if not isinstance(value, str):
        return value
    try:
        return parse(value.encode())
    except ValueError:
        return value


def pairs_as_object(_: object, value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The object that a list of names and values stands for, or the value."""
    if not isinstance(value, list) or not value:
        return value
    paired = all(isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) for item in value)
    return dict(value) if paired else value


BODIES = (
    Fault(
        "defaults_the_status",
        "BODY-01",
        "A missing status is taken as `completed`.",
        completes("status", lambda *_: "completed"),
        also=LENIENT,
    ),
    Fault(
        "guesses_the_campaign",
        "BODY-01",
        "A missing `campaignId` is taken as a campaign of the customer.",
        completes("campaignId", campaign_of),
        also=LENIENT,
    ),
    Fault(
        "guesses_the_customer",
        "BODY-01",
        "A missing `customerId` is taken as a customer of the campaign.",
        completes("customerId", customer_of),
        also=LENIENT,
    ),
    Fault(
        "refuses_unknown_fields",
        "BODY-02",
        "A field that the contract lacks is refused.",
        refuses(lambda call: bool(unknown_ids(call)), 400),
    ),
    Fault(
        "refuses_unknown_objects",
        "BODY-02",
        "A field that the contract lacks is refused if it holds an object or a list.",
        refuses(
            lambda call: any(isinstance(value, dict | list) for value in unknown_ids(call).values()), 400
        ),
    ),
    Fault(
        "takes_a_trailing_comma",
        "BODY-03",
        "A comma before the end of an object does not matter.",
        reads(lambda body: json.loads(re.sub(rb",\s*}", b"}", body))),
    ),
    Fault(
        "takes_single_quotes",
        "BODY-03",
        "Single quotes are taken for double ones.",
        reads(lambda body: json.loads(body.replace(b"'", b'"'))),
    ),
    Fault(
        "takes_what_follows_the_json",
        "BODY-03",
        "What follows the JSON does not matter.",
        reads(lambda body: json.JSONDecoder().raw_decode(body.decode())[0]),
    ),
    Fault(
        "takes_nan",
        "BODY-03",
        "NaN and Infinity are taken as numbers.",
        reads(lambda body: json.loads(body, parse_constant=lambda _: 0)),
    ),
    Fault(
        "takes_broken_utf_8",
        "BODY-03",
        "Bytes that are not UTF-8 do not matter.",
        reads(lambda body: json.loads(body.decode("utf-8", "replace"))),
    ),
    Fault(
        "takes_a_form",
        "BODY-03",
        "A form is taken as JSON.",
        reads(lambda body: dict(parse_qsl(body.decode(), strict_parsing=True))),
    ),
    Fault(
        "calls_malformed_json_unknown",
        "BODY-03",
        "A body that is not JSON is refused with a 404.",
        refuses_otherwise("json", 404),
    ),
    Fault(
        "takes_text",
        "BODY-04",
        "The media type text/plain is taken as JSON.",
        waives("media", lambda call: media_type(call).startswith("text/plain")),
    ),
    Fault("takes_every_media_type", "BODY-04", "The media type does not matter.", waives("media")),
    Fault(
        "calls_another_media_type_unsupported",
        "BODY-04",
        "Another media type is refused with a 415.",
        turns("media", as_status(415)),
        also=("HTTP-05",),
    ),
    Fault(
        "refuses_a_charset",
        "BODY-05",
        "The media type of JSON is refused with a parameter.",
        refuses(lambda call: ";" in media_type(call), 400, after="media"),
    ),
    Fault(
        "takes_a_list_of_one_object",
        "BODY-06",
        "A list of one object is taken as the object.",
        unwraps(first_of_list),
        also=LENIENT,
    ),
    Fault(
        "takes_json_in_a_text",
        "BODY-06",
        "A string that holds JSON is taken as that JSON.",
        unwraps(text_as_json),
        also=LENIENT,
    ),
    Fault(
        "takes_names_in_any_case",
        "BODY-01",
        "The letter case of the names of the fields does not matter.",
        reads_names_in_any_case,
        also=("BODY-02", *LENIENT),
        unseen=True,
    ),
    Fault(
        "refuses_many_unknown_fields",
        "BODY-02",
        "More than ten fields that the contract lacks are refused.",
        refuses(lambda call: len(unknown_ids(call)) > 10, 400),
        unseen=True,
    ),
    Fault(
        "takes_utf_16",
        "BODY-03",
        "A body in UTF-16 is taken as JSON.",
        reads(lambda body: json.loads(body.decode("utf-16"))),
        unseen=True,
    ),
    Fault(
        "takes_line_ends_in_a_text",
        "BODY-03",
        "Control characters that are not escaped are taken in a string.",
        reads(lambda body: json.loads(body.decode(), strict=False)),
        unseen=True,
    ),
    Fault(
        "takes_the_media_type_of_a_form",
        "BODY-04",
        "The media type of a form is taken as JSON.",
        waives("media", lambda call: media_type(call).startswith("application/x-www-form-urlencoded")),
        unseen=True,
    ),
    Fault(
        "refuses_a_charset_to_set_failed",
        "BODY-05",
        "The media type of JSON is refused with a parameter if the request asks for `failed`.",
        refuses(lambda call: ";" in media_type(call) and b'"failed"' in call.body, 400, after="media"),
        unseen=True,
    ),
    Fault(
        "takes_a_list_of_pairs",
        "BODY-06",
        "A list of names and values is taken as an object.",
        unwraps(pairs_as_object),
        also=LENIENT,
        unseen=True,
    ),
    Fault(
        "guesses_the_latest_campaign",
        "BODY-01",
        "A missing `campaignId` is taken as the latest campaign of the customer.",
        completes("campaignId", latest_campaign),
        also=("RESPONSE-05", "STATE-02", "STATE-05", "STATE-06"),
        unseen=True,
    ),
    Fault(
        "calls_unknown_objects_malformed",
        "BODY-02",
        "A field that the contract lacks is refused with a 422 if it holds an object or a list.",
        complains(unknown_objects),
        unseen=True,
    ),
    Fault(
        "compares_the_media_type_exactly",
        "BODY-05",
        "The media type of JSON is refused with a parameter or in another letter case.",
        refuses(
            lambda call: media_type(call) not in {"", JSON},
            400,
            422,
            after="media",
            message=f"The media type is not {JSON}",
        ),
        unseen=True,
    ),
)
