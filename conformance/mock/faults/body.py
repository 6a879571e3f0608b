"""Faults of reading the body of a request."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from ...contract.document import JSON
from ..behaviour import Call, Check, Parse, Response
from .fault import Change, both, table, wrap
from .steps import (
    FIELDS,
    LENIENT,
    media_type,
    mentions,
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
        ["BODY-02", "RESPONSE-05"],  # unknown fields and broken bodies with such a name are rejected, too
    ),
)
