"""Faults in who is let in, and in what the others are told."""

from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from ..behaviour import Behaviour, Call, Response
from .changes import (
    Alteration,
    alters,
    as_status,
    foresees,
    on,
    precedes,
    refuses_otherwise,
    saying,
    turns,
    waives,
)
from .fault import Change, Fault
from .updates import named

KeyTest = Callable[[str, str], bool]
KeySource = Callable[[Call], list[str]]

REFUSED = "AUTH-04"
"""What breaks with every missing or invalid key that is let in."""


def knows(same: KeyTest) -> Change:
    """Take further keys than the right one, by comparing what was sent with it."""

    def change(mock: Behaviour) -> None:
        before = mock.knows
        mock.knows = lambda sent: before(sent) or (sent is not None and same(sent, mock.key))

    return change


def finds_key(find: KeySource) -> Change:
    """Look for the key in another place as well."""

    def change(mock: Behaviour) -> None:
        before = mock.checks["key"]
        mock.checks["key"] = lambda call: (
            None if call.key is None and mock.key in find(call) else before(call)
        )

    return change


def remembers_the_key(mock: Behaviour) -> None:
    """Let in without a key who comes right after somebody with the right one."""
    before = mock.checks["key"]
    last: list[str | None] = [None]

    def check(call: Call) -> Response | None:
        remembered, last[0] = last[0], call.key
        return None if call.key is None and remembered == mock.key else before(call)

    mock.checks["key"] = check


def permits_after_an_update(mock: Behaviour) -> None:
    """Let a restricted key update what was updated before."""
    before = mock.checks["permission"]

    def check(call: Call) -> Response | None:
        refusal = before(call)
        found = named(mock, call) if refusal else None
        return None if found and found.updates else refusal

    mock.checks["permission"] = check


def in_query(call: Call) -> list[str]:
    """The values of the query."""
    return [value for values in parse_qs(call.query).values() for value in values]


def in_authorization(call: Call) -> list[str]:
    """The bearer token."""
    return [call.headers.get("authorization", "").removeprefix("Bearer ")]


def in_cookies(call: Call) -> list[str]:
    """The values of the cookies."""
    return [morsel.value for morsel in SimpleCookie(call.headers.get("cookie", "")).values()]


def without_key(call: Call) -> bool:
    """Calls without the header of the key."""
    return call.key is None


def with_key(call: Call) -> bool:
    """Calls with some key."""
    return bool(call.key)


def echoing(name: str) -> Alteration:
    """The key that was sent, in a property of the body."""
    return lambda call, response: replace(response, body={**response.body, name: f"You sent {call.key}"})


def echoing_in_header(call: Call, response: Response) -> Response:
    """The key that was sent, in a header."""
    return replace(response, headers={**response.headers, "x-request-key": str(call.key)})


AUTHENTICATION = (
    Fault(
        "ignores_the_key",
        "AUTH-01",
        "Requests are let in with any key and with none.",
        waives("key"),
        also=("AUTH-02", REFUSED),
    ),
    Fault(
        "lets_in_without_a_key",
        "AUTH-01",
        "Requests without the header of the key are let in.",
        waives("key", without_key),
        also=(REFUSED,),
    ),
    Fault(
        "lets_in_with_an_empty_key",
        "AUTH-02",
        "Requests whose key is empty are let in.",
        waives("key", lambda call: call.key == ""),
        also=("AUTH-01", REFUSED),
    ),
    Fault(
        "lets_in_to_set_failed",
        "AUTH-01",
        "Requests without a key are let in if they ask for `failed`.",
        waives("key", lambda call: call.key is None and b'"failed"' in call.body),
        also=(REFUSED,),
    ),
    Fault(
        "takes_the_key_from_the_query",
        "AUTH-01",
        "The key is taken from the query as well.",
        finds_key(in_query),
        also=(REFUSED,),
    ),
    Fault(
        "takes_a_bearer_token",
        "AUTH-01",
        "The key is taken from the header Authorization as well.",
        finds_key(in_authorization),
        also=(REFUSED,),
    ),
    Fault(
        "takes_the_key_from_a_cookie",
        "AUTH-01",
        "The key is taken from a cookie as well.",
        finds_key(in_cookies),
        also=(REFUSED,),
    ),
    Fault(
        "takes_any_key_with_the_prefix",
        "AUTH-02",
        "Every key that begins like one is let in.",
        waives("key", lambda call: (call.key or "").startswith("cc_")),
        also=(REFUSED,),
    ),
    Fault(
        "takes_the_start_of_the_key",
        "AUTH-02",
        "A key that lacks its last characters is let in.",
        knows(lambda sent, key: len(sent) > len(key) // 2 and key.startswith(sent)),
        also=(REFUSED,),
    ),
    Fault(
        "takes_a_longer_key",
        "AUTH-02",
        "A key with further characters at its end is let in.",
        knows(lambda sent, key: sent.startswith(key)),
        also=(REFUSED,),
    ),
    Fault(
        "takes_the_key_in_any_case",
        "AUTH-02",
        "The letter case of the key does not matter.",
        knows(lambda sent, key: sent.lower() == key.lower()),
        also=("AUTH-03", REFUSED),
    ),
    Fault(
        "takes_the_key_as_a_bearer_token",
        "AUTH-02",
        "The key is let in with the word Bearer before it.",
        knows(lambda sent, key: sent == f"Bearer {key}"),
        also=(REFUSED,),
    ),
    Fault(
        "calls_a_missing_key_missing",
        "AUTH-03",
        "The refusal of a missing key has the code MISSING_KEY.",
        turns("key", saying(code="MISSING_KEY"), when=without_key),
    ),
    Fault(
        "calls_an_unknown_key_invalid",
        "AUTH-03",
        "The refusal of a key that nobody made has the code INVALID_KEY.",
        turns("key", saying(code="INVALID_KEY"), when=with_key),
    ),
    Fault(
        "says_unauthorized_in_lower_case",
        "AUTH-03",
        "The code of a 401 is in lower case.",
        turns("key", saying(code="unauthorized")),
    ),
    Fault(
        "refuses_a_missing_key_with_403",
        REFUSED,
        "A missing key is refused with a 403.",
        turns("key", as_status(403), when=without_key),
    ),
    Fault(
        "parses_the_body_before_the_key",
        REFUSED,
        "A body that is not JSON is refused before the key is looked at.",
        foresees("json", at="key"),
        also=("AUTH-03", "AUTH-07"),
    ),
    Fault(
        "validates_the_body_before_the_key",
        REFUSED,
        "A body that breaks the schema is refused before the key is looked at.",
        foresees("schema", at="key"),
        also=("AUTH-03", "AUTH-07"),
    ),
    Fault(
        "judges_the_status_before_the_key",
        REFUSED,
        "A non-terminal status is refused before the key is looked at.",
        foresees("status", at="key"),
        also=("AUTH-03", "AUTH-07"),
    ),
    Fault(
        "looks_up_before_the_key",
        REFUSED,
        "An unknown enrollment is refused before the key is looked at.",
        foresees("lookup", at="key"),
        also=("AUTH-03", "AUTH-06", "AUTH-07", "BODY-04", "RATE-01"),
    ),
    Fault(
        "ignores_the_permission",
        "AUTH-05",
        "A key that lacks the permission is let in.",
        waives("permission"),
        also=("AUTH-07",),
    ),
    Fault(
        "permits_a_restricted_key_to_set_failed",
        "AUTH-05",
        "A key that lacks the permission is let in if it asks for `failed`.",
        waives("permission", lambda call: b'"failed"' in call.body),
        also=("AUTH-07",),
    ),
    Fault(
        "calls_a_restricted_key_unauthorized",
        "AUTH-06",
        "The refusal of a key that lacks the permission has the code UNAUTHORIZED.",
        turns("permission", saying(code="UNAUTHORIZED")),
    ),
    Fault(
        "refuses_a_restricted_key_with_401",
        "AUTH-07",
        "A key that lacks the permission is refused with a 401.",
        turns("permission", as_status(401)),
    ),
    Fault(
        "validates_the_body_before_the_permission",
        "AUTH-07",
        "A body that breaks the schema is refused before the permission is looked at.",
        foresees("schema", at="permission"),
        also=("AUTH-06",),
    ),
    Fault(
        "looks_up_before_the_permission",
        "AUTH-07",
        "An unknown enrollment is refused before the permission is looked at.",
        foresees("lookup", at="permission"),
        also=("AUTH-06", "BODY-04", "RATE-01"),
    ),
    Fault(
        "repeats_an_unknown_key",
        "AUTH-09",
        "The message of a 401 contains the key.",
        alters(lambda call, response: response.status == 401 and with_key(call), echoing("message")),
    ),
    Fault(
        "repeats_a_restricted_key",
        "AUTH-09",
        "The message of a 403 contains the key.",
        alters(on(403), echoing("message")),
    ),
    Fault(
        "repeats_the_key_in_a_header",
        "AUTH-09",
        "A header of a 200 contains the key.",
        alters(on(200), echoing_in_header),
    ),
    Fault(
        "repeats_the_key_to_an_unknown_enrollment",
        "AUTH-09",
        "The message of a 404 contains the key.",
        alters(on(404), echoing("message")),
    ),
    Fault(
        "remembers_the_key_of_the_request_before",
        "AUTH-01",
        "A request without a key is let in right after one with the right key.",
        remembers_the_key,
        also=(REFUSED,),
        unseen=True,
    ),
    Fault(
        "takes_the_key_without_its_prefix",
        "AUTH-02",
        "The key is let in without its prefix.",
        knows(lambda sent, key: sent == key.removeprefix("cc_")),
        also=(REFUSED,),
        unseen=True,
    ),
    Fault(
        "takes_the_key_among_others",
        "AUTH-02",
        "A list of keys is let in if the right one is in it.",
        knows(lambda sent, key: key in sent.split(", ")),
        also=(REFUSED,),
        unseen=True,
    ),
    Fault(
        "refuses_an_unknown_key_with_404",
        REFUSED,
        "A key that nobody made is refused with a 404.",
        turns("key", as_status(404), when=with_key),
        unseen=True,
    ),
    Fault(
        "looks_at_the_media_type_before_the_key",
        REFUSED,
        "Another media type is refused before the key is looked at.",
        precedes("media", at="key"),
        also=("AUTH-03", "AUTH-06", "AUTH-07"),
        unseen=True,
    ),
    Fault(
        "permits_a_restricted_key_to_update_again",
        "AUTH-05",
        "A key that lacks the permission is let in if the enrollment was updated before.",
        permits_after_an_update,
        also=("AUTH-07",),
        unseen=True,
    ),
    Fault(
        "hides_the_update_from_a_restricted_key",
        "AUTH-07",
        "A key that lacks the permission is refused with a 404.",
        refuses_otherwise("permission", 404),
        also=("AUTH-06",),
        unseen=True,
    ),
    Fault(
        "repeats_the_key_for_an_unknown_method",
        "AUTH-09",
        "The message of a 405 contains the key.",
        alters(lambda call, response: response.status == 405 and with_key(call), echoing("message")),
        unseen=True,
    ),
)
