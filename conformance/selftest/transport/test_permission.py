"""Only the enrollments that a user names can change, in the given order of their ids."""

import json
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest

from conformance.requests import new_ids
from conformance.selftest.exchanges import ONE, OTHER
from conformance.transport.permission import UnsafeRequestError, named_enrollment

URL = "http://127.0.0.1:1/v2/customers/campaign-status"
RECORD = "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75"
NEW = new_ids.new_id("permission")
A, B = ONE.customer_id, ONE.campaign_id


def written(customer: str, campaign: str) -> bytes:
    """The body of an update."""
    return json.dumps({"customerId": customer, "campaignId": campaign, "status": "completed"}).encode()


def escaped(content: bytes) -> bytes:
    """The same JSON, with every digit of it as an escape."""
    return b"".join(b"\\u%04x" % byte if chr(byte).isdigit() else bytes([byte]) for byte in content)


IN_ORDER = [
    written(A, B),
    written(A.upper(), B.upper()),
    escaped(written(A, B)),
    json.dumps({"campaignId": B, "customerId": A}).encode(),
    json.dumps([A, B]).encode(),
    urlencode({"campaignId": B, "customerId": A}).encode(),
    json.dumps(written(A, B).decode()).encode(),
]
SWAPPED = [
    written(B, A),
    written(B.upper(), A),
    escaped(written(B, A)),
    json.dumps({"campaignId": A, "customerId": B}).encode(),
    json.dumps([B, A]).encode(),
    urlencode({"customerId": B, "campaignId": A}).encode(),
    written(A, B)[:-1] + b', "customerId": "' + B.encode() + b'"}',
]
UNLISTED = [
    written(A, RECORD),
    written(RECORD, B),
    written(RECORD.upper(), RECORD),
    written(B, OTHER.campaign_id),
    escaped(written(A, RECORD)),
    written(A.replace("-", ""), RECORD.replace("-", "")),
    written(A, B)[:-1] + b', "note": "' + OTHER.campaign_id.encode() + b'"}',
    f"{A} {UUID(int=0)}".encode(),
    f"{A} {B} {UUID(int=0)}".encode(),
]


@pytest.mark.parametrize("content", IN_ORDER)
def test_request_may_name_an_enrollment_in_the_order_of_its_ids(content: bytes) -> None:
    """Letter case, escapes and the order of properties make no difference."""
    assert named_enrollment(URL, content, [OTHER, ONE], may_swap=False) is ONE


@pytest.mark.parametrize("content", SWAPPED)
def test_request_with_swapped_ids_takes_a_permission(content: bytes) -> None:
    """The ids of an enrollment in each other's place could name another record."""
    with pytest.raises(UnsafeRequestError, match="in each other's place"):
        named_enrollment(URL, content, [ONE, OTHER], may_swap=False)
    assert named_enrollment(URL, content, [ONE, OTHER], may_swap=True) is ONE


@pytest.mark.parametrize("content", UNLISTED)
@pytest.mark.parametrize("may_swap", [False, True])
def test_request_with_two_other_ids_is_unsafe(content: bytes, *, may_swap: bool) -> None:
    """Two ids that are neither new nor of one enrollment could name a record."""
    with pytest.raises(UnsafeRequestError, match="neither new nor of one --enrollment"):
        named_enrollment(URL, content, [ONE, OTHER], may_swap=may_swap)


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"{}", written(A, NEW), written(NEW, RECORD)])
def test_request_with_fewer_than_two_known_ids_names_no_record(content: bytes) -> None:
    """It takes two ids to name a record."""
    assert named_enrollment(URL, content, [ONE], may_swap=False) is None


@pytest.mark.parametrize(
    "text", [f"{A} {A}", f"{A}:{B}", f"{A}{B}".replace("-", ""), f"{A} {B}".upper(), f"{A} {UUID(int=0)}"]
)
def test_ids_without_an_enrollment_are_unsafe_in_pairs(text: str) -> None:
    """Without an enrollment, no two ids that are not new may be sent, in whatever form they are written."""
    with pytest.raises(UnsafeRequestError, match="neither new nor of one --enrollment"):
        named_enrollment(URL, text.encode(), [], may_swap=True)
    assert named_enrollment(URL, A.encode(), [], may_swap=True) is None


@pytest.mark.parametrize(
    "url", [f"{URL}/{A}?b={RECORD}", f"{URL}?ids={quote(f'{A},{RECORD}').replace('-', '%2D')}"]
)
def test_ids_in_the_address_count_like_ids_in_the_body(url: str) -> None:
    """A path and a query can name a record, percent-encoded too."""
    with pytest.raises(UnsafeRequestError):
        named_enrollment(url, b"", [ONE], may_swap=True)


def test_request_may_swap_ids_where_both_orders_are_named() -> None:
    """A user who names both orders allows both."""
    reverse = type(ONE)(B, A)
    assert named_enrollment(URL, written(B, A), [ONE, reverse], may_swap=False) is reverse
