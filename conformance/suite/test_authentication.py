"""Which keys open the door."""

from collections.abc import Callable

import pytest

from ..requests.access import Enrollment
from ..requests.cases import FULL, RESTRICTED, Cases
from ..runner.session import Session

Send = Callable[..., object]

UNKNOWN: dict[str, Callable[[str], str | bytes]] = {
    "empty": lambda _: "",
    "unknown": lambda _: "cc_0000000000000000000000000000",
    "prefix-alone": lambda _: "cc_",
    "cut-short": lambda key: key[:-1],
    "extended": lambda key: f"{key}0",
    "other-case": lambda key: key.swapcase(),
    "other-case-after-the-prefix": lambda key: key[:3] + key[3:].swapcase(),
    "no-prefix": lambda key: key[3:],
    "doubled": lambda key: f"{key},{key}",
    "among-others": lambda key: f"cc_other, {key}",
    "bearer": lambda key: f"Bearer {key}",
    "non-ascii": lambda _: "cc_schlüssel".encode(),
    "very-long": lambda _: "cc_" + "0" * 4000,
}


@pytest.mark.rule("AUTH-01", "AUTH-03", "AUTH-04")
def test_authentication_without_a_key_is_rejected(send: Send, cases: Cases) -> None:
    """A request without a key is rejected."""
    send(cases.update(key=None))


@pytest.mark.naming
@pytest.mark.rule("AUTH-02", "AUTH-03", "AUTH-04")
@pytest.mark.parametrize("change", UNKNOWN.values(), ids=UNKNOWN)
def test_authentication_with_an_unknown_key_is_rejected(
    send: Send, session: Session, cases: Cases, change: Callable[[str], str | bytes]
) -> None:
    """A request with a key that the vendor did not make is rejected."""
    send(cases.update(cases.body(**cases.enrolled()), key=change(session.target.key)))


@pytest.mark.naming
@pytest.mark.rule("AUTH-01")
@pytest.mark.parametrize("place", ["query", "bearer", "cookie", "body"])
def test_authentication_outside_the_header_is_rejected(
    send: Send, session: Session, cases: Cases, place: str
) -> None:
    """A key in the query, in a cookie, in the body or as a bearer token is no key."""
    name, key = session.contract.key_header, session.target.key
    headers = {"bearer": {"authorization": f"Bearer {key}"}, "cookie": {"cookie": f"{name}={key}"}}
    query = {name: key} if place == "query" else {}
    fields = cases.enrolled() | ({name: key} if place == "body" else {})
    send(cases.update(cases.body(**fields), key=None, headers=headers.get(place), query=query))


@pytest.mark.rule("AUTH-01", "AUTH-02", needs="enrollment")
@pytest.mark.parametrize("key", [None, "cc_0000000000000000000000000000"], ids=["missing", "unknown"])
def test_authentication_is_asked_for_an_enrollment(
    send: Send, cases: Cases, enrollments: tuple[Enrollment, ...], key: str | None
) -> None:
    """A request without a good key is rejected where the record is there to be updated."""
    send(cases.update(cases.body(**enrollments[0].fields), key=key))


BAD_BODIES = {"not-json": b"{", "no-fields": b"{}", "not-terminal": None}


@pytest.mark.rule("AUTH-04")
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_authentication_comes_before_the_body(send: Send, cases: Cases, body: bytes | None) -> None:
    """A request without a key is rejected for that, whatever is wrong with its body."""
    send(cases.update(cases.body(status="pending") if body is None else body, key=None))


@pytest.mark.rule("AUTH-04")
def test_authentication_comes_before_the_media_type(send: Send, cases: Cases) -> None:
    """A request without a key is rejected for that, also if its body has another media type."""
    send(cases.update(b"x", key=None, media_type="text/plain"))


@pytest.mark.naming
@pytest.mark.rule("AUTH-05", "AUTH-06", "AUTH-07", needs="restricted_key")
@pytest.mark.parametrize("status", ["completed", "failed"])
def test_authentication_with_a_restricted_key_is_rejected(send: Send, cases: Cases, status: str) -> None:
    """A key that lacks the permission is rejected, whichever status it asks for."""
    send(cases.update(cases.body(status=status, **cases.enrolled()), key=RESTRICTED))


@pytest.mark.rule("AUTH-07", needs="restricted_key")
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_authentication_asks_for_permission_before_the_body(
    send: Send, cases: Cases, body: bytes | None
) -> None:
    """A key that lacks the permission is rejected for that, whatever is wrong with the body."""
    send(cases.update(cases.body(status="pending") if body is None else body, key=RESTRICTED))


@pytest.mark.rule("AUTH-08")
def test_authentication_key_begins_with_the_prefix(send: Send, cases: Cases) -> None:
    """A key that is accepted begins with the documented prefix."""
    send(cases.update())


@pytest.mark.rule("AUTH-09")
@pytest.mark.parametrize("body", [b"{", b"{}", None], ids=["not-json", "no-fields", "valid"])
def test_authentication_key_stays_secret(send: Send, cases: Cases, body: bytes | None) -> None:
    """No response contains the key that was sent."""
    send(cases.update(body, key=FULL))
