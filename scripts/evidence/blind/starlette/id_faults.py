"""The faults of ids, and of letter case. The docstring of each is its text."""

from __future__ import annotations

import re
import uuid
from typing import Any

from app import FIELDS, ID_PATTERN, Call, Server, issue
from fault import fault


@fault("C14", "ids", "An id must be of the documented pattern, hyphens included (facts 5, 17).")
def lenient_uuid(server: Server) -> None:
    """Ids go through uuid.UUID, which takes braces, urn:uuid: and a form without hyphens."""

    def valid_id(value: str) -> bool:
        """Take what the library takes."""
        try:
            return bool(uuid.UUID(value))
        except ValueError:
            return False

    server.valid_id, server.normal = valid_id, lambda value: str(uuid.UUID(value))


@fault("C15", "ids", "The pattern does not match before a final newline (fact 5).")
def final_newline(server: Server) -> None:
    """An id with a newline at its end is taken, because $ of the language matches before it."""
    server.valid_id = lambda value: re.match(f"^({ID_PATTERN})$", value) is not None
    server.normal = lambda value: value.strip().lower()


@fault("C16", "ids", "Ids of the versions 1 to 8 are valid (fact 5).")
def old_versions(server: Server) -> None:
    """Ids of the versions 6, 7 and 8 get 422, as from a validator older than RFC 9562."""
    pattern = ID_PATTERN.replace("[1-8]", "[1-5]")
    server.valid_id = lambda value: re.fullmatch(pattern, value) is not None


@fault("C17", "ids", "The nil UUID is a valid id (fact 5).")
def nil_is_missing(server: Server) -> None:
    """The nil UUID counts as a missing value and gets 422, as with a required Guid or a Go zero value."""
    correct = server.field_issue

    def field_issue(name: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """Take the zero value for no value."""
        if data.get(name) == "00000000-0000-0000-0000-000000000000":
            return issue([name], f"{name} is required", "required", "string", "undefined")
        return correct(name, data)

    server.field_issue = field_issue


@fault("C18", "ids", "The max UUID is valid in lower case only (fact 5).", hard=True)
def max_any_case(server: Server) -> None:
    """The pattern is compiled without regard to case, so the max UUID in upper case passes."""
    server.valid_id = lambda value: re.fullmatch(ID_PATTERN, value, re.IGNORECASE) is not None


@fault("C19", "ids", "The hex digits of an id are 0-9, a-f and A-F (fact 5).", hard=True)
def any_digits(server: Server) -> None:
    r"""The pattern has \d for 0-9, which matches every Unicode digit, so an id with Arabic digits passes."""
    pattern = ID_PATTERN.replace("0-9", r"\d")
    server.valid_id = lambda value: re.fullmatch(pattern, value) is not None


@fault("C20", "letter case", "UUIDs compare without regard to case (fact 20).")
def lookup_case(server: Server) -> None:
    """Ids are looked up as sent in a text column of lower-case ids, so upper-case ids get 404."""
    server.normal = lambda value: value


@fault("C21", "letter case", "status is one of nine lower-case words (facts 6, 17).")
def status_any_case(server: Server) -> None:
    """The status is read as an enum without regard to case, so COMPLETED and Failed are carried out."""

    def take(call: Call) -> Any:
        """Lower the status."""
        if isinstance(call.data, dict) and isinstance(call.data.get("status"), str):
            return {**call.data, "status": call.data["status"].lower()}
        return call.data

    server.take = take


@fault("C22", "letter case", "The fields are customerId, campaignId and status, and required (facts 4, 8).")
def names_any_case(server: Server) -> None:
    """Property names match without regard to case, as in Go and ASP.NET, so CUSTOMERID will do."""

    def take(call: Call) -> Any:
        """Give every property its documented name."""
        names = {name.lower(): name for name in FIELDS}
        if isinstance(call.data, dict):
            return {names.get(name.lower(), name): value for name, value in call.data.items()}
        return call.data

    server.take = take


@fault("C23", "letter case", "customerCampaignId is the same for the same pair (facts 18, 20).", hard=True)
def id_from_input(server: Server) -> None:
    """CustomerCampaignId is hashed from the ids as sent, so it changes with their letter case."""
    server.enrollment_id = lambda call: str(
        uuid.uuid5(uuid.NAMESPACE_URL, f"{call.fields['customerId']}/{call.fields['campaignId']}")
    )
