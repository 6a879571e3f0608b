"""Faults of the permission of a key: it is not checked, or too late, or the rejection is wrong."""

from ..behaviour import Call, Check, Response
from .auth import unchecked
from .fault import fault, table
from .steps import (
    alter,
    alter_rejection,
    check_last,
    find_unchecked,
    having,
    mentions,
    on,
    reject_early,
    reject_with,
    rejected_by,
    skip,
    with_status,
)

table(
    "AUTH-05",
    also=["AUTH-07"],
    ignores_the_permission=("A key that lacks the permission is accepted.", skip("permission")),
    permits_a_restricted_key_to_set_failed=skip("permission", mentions(b'"failed"')),
)
table(
    "AUTH-05",
    also=["AUTH-07"],
    unseen=True,
    permits_a_restricted_key_to_set_completed=(
        "A key that lacks the permission is accepted if the status is `completed`.",
        skip("permission", lambda call: unchecked(call).get("status") == "completed"),
        ["AUTH-06"],
    ),
)


@fault("AUTH-05", step="permission", also=["AUTH-07"], unseen=True)
def permits_a_restricted_key_to_update_again(inner: Check, call: Call) -> Response | None:
    """A key that lacks the permission is accepted if the enrollment was updated before."""
    rejection = inner(call)
    found = find_unchecked(call) if rejection else None
    return None if found and found.updates else rejection


@fault("AUTH-05", step="permission", memory=set, also=["AUTH-07"], unseen=True)
def shares_the_permission_of_a_key(inner: Check, permitted: set[str | None], call: Call) -> Response | None:
    """A key that lacks the permission is accepted after a key that has it."""
    rejection = inner(call)
    if rejection is None:
        permitted.add(call.key)
    return None if permitted else rejection


table(
    "AUTH-06",
    calls_a_restricted_key_unauthorized=(
        "The rejection of a key that lacks the permission has the code UNAUTHORIZED.",
        alter_rejection("permission", having(code="UNAUTHORIZED")),
    ),
)
table(
    "AUTH-06",
    unseen=True,
    says_forbidden_in_lower_case=(
        "The code of a 403 is in lower case.",
        alter(on(403), having(code="forbidden")),
    ),
)
table(
    "AUTH-07",
    refuses_a_restricted_key_with_401=alter_rejection("permission", with_status(401)),
    validates_the_body_before_the_permission=(
        "A body that breaks the schema is rejected before the permission is checked.",
        reject_early("schema", before="permission"),
        ["AUTH-06"],
    ),
    looks_up_before_the_permission=(
        "An unknown enrollment is rejected before the permission is checked.",
        reject_early("lookup", before="permission"),
        ["AUTH-06", "BODY-04", "RATE-01"],
    ),
)
table(
    "AUTH-07",
    also=["AUTH-06"],
    unseen=True,
    hides_the_update_from_a_restricted_key=(
        "A key that lacks the permission gets a 404.",
        reject_with("permission", 404),
    ),
    judges_the_status_before_the_permission=(
        "A key that lacks the permission gets a 400 if the status is not terminal.",
        alter_rejection("permission", rejected_by("status")),
    ),
    looks_at_the_permission_last=(
        "The permission is checked after everything else, once the enrollment is found.",
        check_last("permission"),
    ),
    looks_up_for_a_restricted_key=(
        "A key that lacks the permission gets a 404 if the enrollment is unknown.",
        alter_rejection("permission", rejected_by("lookup")),
    ),
)
