"""Faults of reading the body of a request."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from ...contract.document import JSON
from ..behaviour import Call, Check, Inspect, Parse, Response
from ..problems import MAX_TOKEN, Issue
from ..store import Enrollment
from .fault import Change, both, fault, table, wrap
from .steps import (
    FIELDS,
    LENIENT,
    add_issues,
    media_type,
    mentions,
    of_customer,
    pair,
    reject,
    reject_with,
    skip,
)


def parse_also(parse: Parse) -> Change:
    """Read a body that is not JSON in another way."""

    def wrapper(inner: Parse, body: bytes) -> object:
        try:
            return inner(body)
        except ValueError as error:
            try:
                return inner(json.dumps(parse(body)).encode())
            except RecursionError:
                raise error from None

    return wrap("parse", wrapper)


def unwrap(find: Callable[[Parse, Any], Any]) -> Change:
    """Read the object that another JSON value contains."""
    return wrap("parse", lambda inner, body: find(inner, inner(body)))


def complete(field: str, value: Callable[[Call], str | None]) -> Change:
    """Find a value for a missing field."""

    def wrapper(inner: Inspect, call: Call) -> list[Issue]:
        if isinstance(call.json, dict) and field not in call.json:
            found = value(call)
            call.json = call.json if found is None else {**call.json, field: found}
        return inner(call)

    return wrap("inspect", wrapper)


def with_either_id(call: Call) -> Enrollment | None:
    """The first enrollment with an id of the body, as its customer or its campaign."""
    given = {id_.lower() for id_ in pair(call)}
    return next(
        (each for each in call.mock.store if given & {each.customer_id.lower(), each.campaign_id.lower()}),
        None,
    )


def campaign_of_customer(call: Call) -> str | None:
    """A campaign of the customer."""
    found = with_either_id(call)
    return found.campaign_id if found else None


def customer_of_campaign(call: Call) -> str | None:
    """A customer of the campaign."""
    found = with_either_id(call)
    return found.customer_id if found else None


def latest_campaign(call: Call) -> str | None:
    """The campaign that the customer was enrolled in last."""
    found = of_customer(call)
    return found[-1].campaign_id if found else None


def unknown_fields(call: Call) -> dict[str, Any]:
    """The fields of the body that the contract lacks."""
    body = call.json if isinstance(call.json, dict) else {}
    return {name: value for name, value in body.items() if name not in FIELDS}


def unknown_containers(call: Call) -> list[str]:
    """The names of the unknown fields that hold an object or a list."""
    return [name for name, value in unknown_fields(call).items() if isinstance(value, dict | list)]


def container_issues(call: Call) -> list[Issue]:
    """An issue for each unknown field that holds an object or a list."""
    return [
        Issue((name[:MAX_TOKEN],), "Not expected", "unrecognized", "nothing", "object")
        for name in unknown_containers(call)
    ]


def read_form(inner: Check, call: Call) -> Response | None:
    """Read a form too, as a framework does if all its parsers are on."""
    if is_form(call):
        call.body = json.dumps(dict(parse_qsl(call.body.decode("latin-1")))).encode()
    return inner(call)


def has_parameter(call: Call) -> bool:
    """Calls whose media type has a parameter."""
    return ";" in media_type(call)


def is_beyond_ascii(call: Call) -> bool:
    """Calls with a charset, and a character beyond ASCII in the body."""
    return "charset=" in media_type(call) and not call.body.isascii()


def is_form(call: Call) -> bool:
    """Calls with the media type of a form."""
    return media_type(call).startswith("application/x-www-form-urlencoded")


def has_another_previous_status(call: Call) -> bool:
    """Calls with a field `previousStatus` that is not the status of the enrollment."""
    claimed = call.value("previousStatus")
    return call.enrollment is not None and claimed not in (None, call.enrollment.status)


def only_item(_: object, value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The only item of a list, or the value."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def json_in_string(parse: Parse, value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The JSON in a string, or the value."""
    if not isinstance(value, str):
        return value
    try:
        return parse(value.encode())
    except ValueError:
        return value


def object_of_pairs(_: object, value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The object of a list of names and values, or the value."""
    if not isinstance(value, list) or not value:
        return value
    paired = all(isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) for item in value)
    return dict(value) if paired else value


table(
    "BODY-01",
    also=LENIENT,
    defaults_the_status=(
        "A missing status is taken as `completed`.",
        complete("status", lambda _: "completed"),
    ),
    guesses_the_campaign=(
        "A missing `campaignId` is taken as a campaign of the customer.",
        complete("campaignId", campaign_of_customer),
    ),
    guesses_the_customer=(
        "A missing `customerId` is taken as a customer of the campaign.",
        complete("customerId", customer_of_campaign),
    ),
)
table(
    "BODY-01",
    unseen=True,
    guesses_the_latest_campaign=(
        "A missing `campaignId` is taken as the latest campaign of the customer.",
        complete("campaignId", latest_campaign),
        ["RESPONSE-05", "STATE-02", "STATE-05", "STATE-06"],
    ),
    takes_snake_case_names=(
        "The names `customer_id` and `campaign_id` are accepted for those of missing fields.",
        both(
            complete("customerId", lambda call: call.value("customer_id")),
            complete("campaignId", lambda call: call.value("campaign_id")),
        ),
        LENIENT,
    ),
)


@fault("BODY-01", step="inspect", also=["BODY-02", *LENIENT], unseen=True)
def takes_names_in_any_case(inner: Inspect, call: Call) -> list[Issue]:
    """The letter case of the names of the fields does not matter."""
    known = {name.lower(): name for name in FIELDS}
    if isinstance(call.json, dict):
        call.json = {known.get(name.lower(), name): value for name, value in call.json.items()}
    return inner(call)


table(
    "BODY-02",
    refuses_unknown_fields=reject(lambda call: bool(unknown_fields(call)), 400),
    refuses_unknown_objects=(
        "A field that the contract lacks is rejected if it holds an object or a list.",
        reject(lambda call: bool(unknown_containers(call)), 400),
    ),
)
table(
    "BODY-02",
    unseen=True,
    refuses_many_unknown_fields=(
        "More than ten fields that the contract lacks are rejected.",
        reject(lambda call: len(unknown_fields(call)) > 10, 400),
    ),
    calls_unknown_objects_malformed=(
        "A field that the contract lacks gets a 422 if it holds an object or a list.",
        add_issues(container_issues),
    ),
    takes_a_previous_status_for_a_condition=(
        "An update with an unknown field `previousStatus` is rejected unless that is the present status.",
        reject(
            has_another_previous_status, 400, after="lookup", message="The previous status is another one"
        ),
    ),
)
table(
    "BODY-03",
    takes_a_trailing_comma=parse_also(lambda body: json.loads(re.sub(rb",\s*}", b"}", body))),
    takes_single_quotes=parse_also(lambda body: json.loads(body.replace(b"'", b'"'))),
    takes_what_follows_the_json=(
        "What follows the JSON does not matter.",
        parse_also(lambda body: json.JSONDecoder().raw_decode(body.decode())[0]),
    ),
    takes_nan=(
        "NaN and Infinity are taken as numbers.",
        parse_also(lambda body: json.loads(body, parse_constant=lambda _: 0)),
    ),
    takes_a_form=(
        "A form is taken as JSON.",
        parse_also(lambda body: dict(parse_qsl(body.decode(), strict_parsing=True))),
    ),
    calls_malformed_json_unknown=("A body that is not JSON gets a 404.", reject_with("json", 404)),
)
table(
    "BODY-03",
    unseen=True,
    takes_utf_16=(
        "A body in UTF-16 is taken as JSON.",
        parse_also(lambda body: json.loads(body.decode("utf-16"))),
    ),
    takes_line_ends_in_a_text=(
        "Control characters that are not escaped are accepted in a string.",
        parse_also(lambda body: json.loads(body.decode(), strict=False)),
    ),
)
table(
    "BODY-04",
    takes_text=(
        "The media type text/plain is taken as JSON.",
        skip("media", lambda call: media_type(call).startswith("text/plain")),
    ),
    takes_every_media_type=("The media type does not matter.", skip("media")),
)
table(
    "BODY-04",
    unseen=True,
    reads_forms=(
        "A form with the media type of a form is accepted.",
        both(skip("media", is_form), wrap("json", read_form)),
    ),
    takes_the_media_type_of_a_form=("The media type of a form is taken as JSON.", skip("media", is_form)),
    takes_media_types_that_begin_like_json=(
        "Every media type that begins with application/json is taken as JSON.",
        skip("media", lambda call: media_type(call).lower().startswith(JSON)),
    ),
)


table(
    "BODY-05",
    refuses_a_charset=(
        "The media type of JSON is rejected with a parameter.",
        reject(has_parameter, 400, after="media"),
    ),
)
table(
    "BODY-05",
    unseen=True,
    refuses_a_charset_to_set_failed=(
        "The media type of JSON is rejected with a parameter if the status is `failed`.",
        reject(lambda call: has_parameter(call) and mentions(b'"failed"')(call), 400, after="media"),
    ),
    compares_the_media_type_exactly=(
        "The media type of JSON is rejected with a parameter or in another letter case.",
        reject(
            lambda call: media_type(call) not in {"", JSON},
            *(400, 422),
            after="media",
            message=f"The media type is not {JSON}",
        ),
    ),
    reads_ascii_if_a_charset_is_named=(
        "With `charset=utf-8` a body with a character beyond ASCII is rejected.",
        reject(is_beyond_ascii, 400, 422, after="json", message="The body is not JSON"),
    ),
)
table(
    "BODY-06",
    also=LENIENT,
    takes_a_list_of_one_object=("A list of one object is taken as the object.", unwrap(only_item)),
    takes_json_in_a_text=("A string that holds JSON is taken as that JSON.", unwrap(json_in_string)),
)
table(
    "BODY-06",
    also=LENIENT,
    unseen=True,
    takes_a_list_of_pairs=("A list of names and values is taken as an object.", unwrap(object_of_pairs)),
)


def has_other_order(call: Call) -> bool:
    """Calls whose body has the three fields in another order than the documented one."""
    names = [name for name in call.json if name in FIELDS] if isinstance(call.json, dict) else []
    return len(names) == len(FIELDS) and names != list(FIELDS)


def read_without_escapes(inner: Parse, body: bytes) -> object:
    """Each backslash of an escape is taken as a character."""
    return inner(re.sub(rb"\\u([0-9a-f]{4})", rb"\\\\u\1", body))


table(
    "BODY-07",
    demands_the_documented_order=(
        "A body is rejected if its fields are in another order.",
        reject(has_other_order, 400),
    ),
    refuses_white_space=(
        "A body is rejected if it has a tab or a line end between its tokens.",
        reject(lambda call: bool(re.search(rb"[\t\n\r]", call.body)), 400, after="json"),
    ),
    reads_no_escapes=("An escape in a string is not read.", wrap("parse", read_without_escapes)),
    finds_no_escaped_name=(
        "A property is not found if its name has an escape.",
        reject(lambda call: bool(re.search(rb'\\u[0-9a-f]{4}[^"]*"\s*:', call.body)), 400, after="json"),
    ),
)
