"""Misjudgements of keys, by somebody who had not seen what the suite asks: of guards and their order."""

from urllib.parse import parse_qs

from ..behaviour import Behaviour, Call, Response
from .authentication import REFUSED, echoing
from .changes import alters, on, postpones, saying, turns
from .fault import Fault

PARAMETERS = ("x-api-key", "api_key")


def takes_the_key_from_a_named_parameter(mock: Behaviour) -> None:
    """Take a parameter of the query for a missing key."""
    before = mock.checks["key"]

    def check(call: Call) -> Response | None:
        if call.key is None:
            query = parse_qs(call.query)
            call.key = next((query[name][0] for name in PARAMETERS if name in query), None)
        return before(call)

    mock.checks["key"] = check


def parses_before_all(mock: Behaviour) -> None:
    """Make of a body what can be made of it before anything else."""
    parse, before = mock.checks["json"], mock.checks
    mock.checks = {"parser": lambda call: parse(call) if call.body else None, **before}


def parses_what_it_refuses(mock: Behaviour) -> None:
    """Look at the body of a request whose key is refused."""
    turns("key", lambda call, refusal: mock.checks["json"](call) or refusal)(mock)


def shares_the_permission(mock: Behaviour) -> None:
    """Remember that a key has the permission, and not which."""
    before = mock.checks["permission"]
    permitted: set[str | None] = set()

    def check(call: Call) -> Response | None:
        refusal = before(call)
        if refusal is None:
            permitted.add(call.key)
        return None if permitted else refusal

    mock.checks["permission"] = check


def looks_up_for_a_restricted_key(mock: Behaviour) -> None:
    """Tell a key that lacks the permission that an enrollment is unknown."""

    def unknown(call: Call, refusal: Response) -> Response:
        unfit = any(mock.checks[name](call) for name in ("json", "schema", "status"))
        return refusal if unfit else mock.checks["lookup"](call) or refusal

    turns("permission", unknown)(mock)


ADMISSION = (
    Fault(
        "takes_the_key_from_a_named_parameter",
        "AUTH-01",
        "The key is taken from the query as well, as `x-api-key` or `api_key`.",
        takes_the_key_from_a_named_parameter,
        also=(REFUSED,),
        unseen=True,
    ),
    Fault(
        "parses_a_body_before_anything_else",
        REFUSED,
        "A body that is not JSON is refused before anything else, unless it is empty.",
        parses_before_all,
        also=("AUTH-03", "AUTH-06", "AUTH-07", "RATE-03", "RATE-04"),
        unseen=True,
    ),
    Fault(
        "parses_the_body_of_a_key_that_it_refuses",
        REFUSED,
        "A missing or invalid key is refused with a 400 if the body is not JSON.",
        parses_what_it_refuses,
        also=("AUTH-03",),
        unseen=True,
    ),
    Fault(
        "shares_the_permission_of_a_key",
        "AUTH-05",
        "A key that lacks the permission is let in once a key that has it was.",
        shares_the_permission,
        also=("AUTH-07",),
        unseen=True,
    ),
    Fault(
        "says_forbidden_in_lower_case",
        "AUTH-06",
        "The code of a 403 is in lower case.",
        alters(on(403), saying(code="forbidden")),
        unseen=True,
    ),
    Fault(
        "looks_at_the_permission_last",
        "AUTH-07",
        "The permission is looked at after all else, once the enrollment is found.",
        postpones("permission"),
        also=("AUTH-06",),
        unseen=True,
    ),
    Fault(
        "looks_up_for_a_restricted_key",
        "AUTH-07",
        "A key that lacks the permission is refused with a 404 if the enrollment is unknown.",
        looks_up_for_a_restricted_key,
        also=("AUTH-06",),
        unseen=True,
    ),
    Fault(
        "repeats_the_key_over_the_limit",
        "AUTH-09",
        "The message of a 429 contains the key.",
        alters(on(429), echoing("message")),
        unseen=True,
    ),
)
