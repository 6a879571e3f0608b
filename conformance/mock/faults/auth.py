"""Faults of keys: bad keys are accepted, or rejected with the wrong response."""

import json
from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from ..behaviour import Behaviour, Call, Check, Response
from ..problems import Issue
from .fault import Change, fault, table
from .steps import (
    Alteration,
    CallTest,
    alter,
    alter_rejection,
    having,
    mentions,
    on,
    reject_early,
    skip,
    with_status,
)

REJECTED = ("AUTH-04",)
"""The rules that a fault breaks too if it accepts a missing or invalid key."""
PARAMETERS = ("x-api-key", "api_key")


def accept_key(when: Callable[[str, str], bool]) -> Change:
    """Accept more keys. `when` compares the key that was sent with the right key."""

    def change(mock: Behaviour) -> None:
        mock.wrap("knows", lambda inner, sent: inner(sent) or (sent is not None and when(sent, mock.key)))

    return change


def without_key(call: Call) -> bool:
    """Calls without the header of the key."""
    return call.key is None


def with_key(call: Call) -> bool:
    """Calls with some key."""
    return bool(call.key)


def key_among(values: Callable[[Call], list[str]]) -> CallTest:
    """Calls without the header, whose key is in another place."""
    return lambda call: call.key is None and call.mock.key in values(call)


def query_values(call: Call) -> list[str]:
    """The values of the query."""
    return [value for values in parse_qs(call.query).values() for value in values]


def bearer_token(call: Call) -> list[str]:
    """The bearer token."""
    return [call.headers.get("authorization", "").removeprefix("Bearer ")]


def cookies(call: Call) -> list[str]:
    """The values of the cookies."""
    return [morsel.value for morsel in SimpleCookie(call.headers.get("cookie", "")).values()]


def unchecked(call: Call) -> dict[str, Any]:
    """The object in the body, before it is checked."""
    try:
        value = json.loads(call.body.decode())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def body_values(call: Call) -> list[str]:
    """The strings in the body."""
    return [value for value in unchecked(call).values() if isinstance(value, str)]


def echoing(name: str) -> Alteration:
    """The key that was sent, in a property of the body."""
    return lambda call, response: having(**{name: f"You sent {call.key}"})(call, response)


def key_in_a_header(call: Call, response: Response) -> Response:
    """The key that was sent, in a header."""
    return replace(response, headers={**response.headers, "x-request-key": str(call.key)})


def as_malformed_header(_call: Call, _: Response) -> Response:
    """A 422 about the header of the key, as from a framework that validates headers like fields."""
    issue = Issue(("header", "x-api-key"), "Required", "required", "a value", "undefined")
    body = {"message": "The request failed validation", "code": "VALIDATION_ERROR"}
    return Response(422, {**body, "errors": [issue.as_json()]})


table(
    "AUTH-01",
    also=REJECTED,
    ignores_the_key=("Requests are accepted with any key and with none.", skip("key"), ["AUTH-02"]),
    lets_in_without_a_key=("Requests without the header of the key are accepted.", skip("key", without_key)),
    lets_in_to_set_failed=(
        "Requests without a key are accepted if their status is `failed`.",
        skip("key", lambda call: without_key(call) and mentions(b'"failed"')(call)),
    ),
    takes_the_key_from_the_query=skip("key", key_among(query_values)),
    takes_a_bearer_token=(
        "The key is taken from the header Authorization as well.",
        skip("key", key_among(bearer_token)),
    ),
    takes_the_key_from_a_cookie=("The key is taken from a cookie as well.", skip("key", key_among(cookies))),
)
table(
    "AUTH-01",
    also=REJECTED,
    unseen=True,
    takes_the_key_from_the_body=skip("key", key_among(body_values)),
)


@fault("AUTH-01", step="key", also=REJECTED, unseen=True)
def takes_the_key_from_a_named_parameter(inner: Check, call: Call) -> Response | None:
    """The key is taken from the query as well, as `x-api-key` or `api_key`."""
    if call.key is None:
        query = parse_qs(call.query)
        call.key = next((query[name][0] for name in PARAMETERS if name in query), None)
    return inner(call)


@fault("AUTH-01", step="key", memory=list, also=REJECTED, unseen=True)
def remembers_the_key_of_the_request_before(
    inner: Check, last: list[str | None], call: Call
) -> Response | None:
    """A request without a key is accepted right after one with the right key."""
    remembered, last[:] = last[:], [call.key]
    return None if call.key is None and remembered == [call.mock.key] else inner(call)


table(
    "AUTH-02",
    also=REJECTED,
    lets_in_with_an_empty_key=(
        "Requests whose key is empty are accepted.",
        skip("key", lambda call: call.key == ""),
        ["AUTH-01"],
    ),
    takes_any_key_with_the_prefix=skip("key", lambda call: (call.key or "").startswith("cc_")),
    takes_the_start_of_the_key=accept_key(
        lambda sent, key: len(sent) > len(key) // 2 and key.startswith(sent)
    ),
    takes_a_longer_key=accept_key(lambda sent, key: sent.startswith(key)),
    takes_the_key_in_any_case=(
        "The letter case of the key does not matter.",
        accept_key(lambda sent, key: sent.lower() == key.lower()),
        ["AUTH-03"],
    ),
    takes_the_key_as_a_bearer_token=(
        "The key is accepted with the word Bearer before it.",
        accept_key(lambda sent, key: sent == f"Bearer {key}"),
    ),
)
table(
    "AUTH-02",
    also=REJECTED,
    unseen=True,
    takes_the_key_without_its_prefix=accept_key(lambda sent, key: sent == key.removeprefix("cc_")),
    takes_the_key_among_others=(
        "A list of keys is accepted if the right one is in it.",
        accept_key(lambda sent, key: key in sent.split(", ")),
    ),
)
table(
    "AUTH-03",
    calls_a_missing_key_missing=(
        "The rejection of a missing key has the code MISSING_KEY.",
        alter_rejection("key", having(code="MISSING_KEY"), when=without_key),
    ),
    calls_an_unknown_key_invalid=(
        "The rejection of an unknown key has the code INVALID_KEY.",
        alter_rejection("key", having(code="INVALID_KEY"), when=with_key),
    ),
    says_unauthorized_in_lower_case=(
        "The code of a 401 is in lower case.",
        alter_rejection("key", having(code="unauthorized")),
    ),
)
table(
    "AUTH-04",
    refuses_a_missing_key_with_403=alter_rejection("key", with_status(403), when=without_key),
    validates_the_body_before_the_key=(
        "A body that breaks the schema is rejected before the key is checked.",
        reject_early("schema", before="key"),
        ["AUTH-03", "AUTH-07"],
    ),
    judges_the_status_before_the_key=(
        "A non-terminal status is rejected before the key is checked.",
        reject_early("status", before="key"),
        ["AUTH-03", "AUTH-07"],
    ),
    looks_up_before_the_key=(
        "An unknown enrollment is rejected before the key is checked.",
        reject_early("lookup", before="key"),
        ["AUTH-03", "AUTH-06", "AUTH-07", "BODY-04", "RATE-01"],
    ),
)
table(
    "AUTH-04",
    unseen=True,
    refuses_an_unknown_key_with_404=alter_rejection("key", with_status(404), when=with_key),
    calls_a_missing_key_malformed=(
        "A missing key gets a 422 that names the header.",
        alter_rejection("key", as_malformed_header, when=without_key),
        ["AUTH-03"],
    ),
)
table(
    "AUTH-09",
    repeats_an_unknown_key=(
        "The message of a 401 contains the key.",
        alter(lambda call, response: response.status == 401 and with_key(call), echoing("message")),
    ),
    repeats_a_restricted_key=("The message of a 403 contains the key.", alter(on(403), echoing("message"))),
    repeats_the_key_in_a_header=("A header of a 200 contains the key.", alter(on(200), key_in_a_header)),
    repeats_the_key_to_an_unknown_enrollment=(
        "The message of a 404 contains the key.",
        alter(on(404), echoing("message")),
    ),
)
table(
    "AUTH-09",
    unseen=True,
    repeats_the_key_for_an_unknown_method=(
        "The message of a 405 contains the key.",
        alter(lambda call, response: response.status == 405 and with_key(call), echoing("message")),
    ),
    repeats_the_key_for_malformed_json=(
        "The message of the rejection of a body that is not JSON contains the key.",
        alter_rejection("json", echoing("message")),
    ),
    repeats_the_key_over_the_limit=(
        "The message of a 429 contains the key.",
        alter(on(429), echoing("message")),
    ),
)
