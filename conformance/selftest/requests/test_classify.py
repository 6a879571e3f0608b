"""A request is classified by its key, its first defect, its ids and its status."""

import json
from typing import Any

import pytest

from conformance.contract.document import Contract
from conformance.requests import strategies
from conformance.requests.access import Access, Enrollment
from conformance.requests.classify import Classifier
from conformance.requests.ids import MAX, NIL, has_usual_digits, is_special, is_unusual, is_upper
from conformance.requests.request import NO_JSON, Request
from conformance.requests.request_class import ID_FIELDS, UPDATE, Defect, Key, RequestClass
from conformance.requests.strategies import Kind
from conformance.selftest.exchanges import (
    CASES,
    CONTRACT,
    ONE,
    OTHER,
    SCHEMA,
    TARGET,
    body,
    classify,
    elsewhere,
    request_class,
)

VALID = json.dumps(body()).encode()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, Key.MISSING),
        ("", Key.UNKNOWN),
        ("cc_unknown", Key.UNKNOWN),
        (TARGET.key[:-1], Key.UNKNOWN),
        (TARGET.key.upper(), Key.UNKNOWN),
        (TARGET.key, Key.FULL),
        (TARGET.restricted_key, Key.RESTRICTED),
    ],
)
def test_classify_finds_the_key(key: str | None, expected: Key) -> None:
    """A key is the full key, the restricted key, unknown or missing."""
    assert request_class(key=key).key is expected


@pytest.mark.parametrize(
    ("content", "first_defect"),
    [
        (body(), Defect.UNKNOWN_IDS),
        (body(ONE), Defect.NONE),
        (body(ONE, customerId=ONE.customer_id.upper()), Defect.NONE),
        (body(customerId=ONE.campaign_id, campaignId=ONE.customer_id), Defect.UNKNOWN_IDS),
        (body(customerId=ONE.customer_id), Defect.UNKNOWN_IDS),
        (body(customerId=NIL, campaignId=MAX), Defect.UNDOCUMENTED),
        (body(status="pending"), Defect.STATUS),
        (body(ONE, status="pending"), Defect.STATUS),
        (body(status="done"), Defect.SCHEMA),
        (VALID.replace(b"completed", rb"\ud800"), Defect.SCHEMA),
        (body(note=1), Defect.UNKNOWN_IDS),
        ({}, Defect.SCHEMA),
        (VALID, Defect.UNKNOWN_IDS),
        (b"null", Defect.SCHEMA),
        (b"{", Defect.NOT_JSON),
        (b"\xff", Defect.NOT_JSON),
        (VALID[:-1] + b', "x": "\xff"}', Defect.UNDOCUMENTED),
        (VALID.decode().encode("utf-16"), Defect.NOT_JSON),
        (body(__proto__={}), Defect.UNDOCUMENTED),
        (body(note={"constructor": 1}), Defect.UNDOCUMENTED),
        (b"[" * 9_000, Defect.UNDOCUMENTED),
        (b"\xef\xbb\xbf" + VALID, Defect.UNDOCUMENTED),
        (VALID[:-1] + b', "status": "failed"}', Defect.UNDOCUMENTED),
        (VALID[:-1] + b', "x": "' + b"x" * 10_000 + b'"}', Defect.UNDOCUMENTED),
    ],
    ids=lambda value: value.name if isinstance(value, Defect) else str(value)[:24],
)
def test_classify_finds_the_first_defect(content: Any, first_defect: Defect) -> None:  # noqa: ANN401 - a JSON value, or bytes
    """The first defect of a request is the first in the order in which a server checks."""
    assert request_class(content).first_defect is first_defect


@pytest.mark.parametrize(
    ("media_type", "first_defect", "charset"),
    [
        ("application/json", Defect.UNKNOWN_IDS, False),
        ("application/json; charset=utf-8", Defect.UNKNOWN_IDS, True),
        ("Application/JSON ;", Defect.UNKNOWN_IDS, False),
        ("application/json; Charset=UTF-8", Defect.UNKNOWN_IDS, True),
        ("application/json; charset=x-unknown", Defect.UNDOCUMENTED, False),
        ("text/plain; charset=utf-8", Defect.MEDIA_TYPE, True),
        ("text/plain", Defect.MEDIA_TYPE, False),
        ("application/json-seq", Defect.MEDIA_TYPE, False),
    ],
)
def test_classify_reads_the_media_type(media_type: str, first_defect: Defect, *, charset: bool) -> None:
    """A media type is JSON, JSON with the documented charset, undocumented, or another media type."""
    found = request_class(VALID, media_type=media_type)
    assert (found.first_defect, found.charset) == (first_defect, charset)


@pytest.mark.parametrize("field", ID_FIELDS)
@pytest.mark.parametrize(
    ("kinds", "rule"),
    [
        (strategies.OTHER_VERSIONS + strategies.OTHER_VARIANTS, "ID-04"),
        (strategies.OTHER_MAX, "ID-05"),
        (strategies.MALFORMED, "ID-06"),
        (strategies.OTHER_TYPES, "ID-07"),
    ],
    ids=["versions-and-variants", "max", "malformed", "types"],
)
def test_classify_names_the_rule_of_a_wrong_id(kinds: tuple[Kind, ...], rule: str, field: str) -> None:
    """Each kind of rejected id violates the rule about that kind, in both fields."""
    for kind in kinds:
        found = request_class(body(**{field: kind.make(CASES.id())}))
        assert (found.wrong, found.first_defect) == (((field, rule),), Defect.SCHEMA), kind


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ({}, {("customerId", "BODY-01"), ("campaignId", "BODY-01"), ("status", "BODY-01")}),
        ([], {("", "BODY-06")}),
        (body(status=None, customerId=1), {("customerId", "ID-07"), ("status", "STATUS-04")}),
        (body(status="pending"), set()),
        (b"{", set()),
    ],
    ids=["empty", "array", "two", "pending", "not-json"],
)
def test_classify_names_every_wrong_field(content: Any, wrong: set[tuple[str, str]]) -> None:  # noqa: ANN401 - a JSON value, or bytes
    """Each field that violates the published form is found, with its rule."""
    assert set(request_class(content).wrong) == wrong


def test_classify_finds_the_enrollment_that_is_named() -> None:
    """Ids name an enrollment in any letter case and with any status, but not if they are swapped."""
    for changes in ({}, {"status": "pending"}, {"status": 1}, {"campaignId": ONE.campaign_id.upper()}):
        assert request_class(body(ONE, **changes)).enrollment == ONE
    swapped = request_class(body(customerId=ONE.campaign_id, campaignId=ONE.customer_id))
    assert (swapped.enrollment, swapped.swapped) == (None, True)
    contents: list[Any] = [body(), [], body(ONE, customerId=1), body(ONE, customerId=f"{ONE.customer_id}\n")]
    for content in contents:
        assert (request_class(content).enrollment, request_class(content).swapped) == (None, False)


def test_classify_of_one_id_twice_is_not_swapped() -> None:
    """The ids of an enrollment whose two ids are equal do not count as swapped."""
    twice = Enrollment(ONE.customer_id, ONE.customer_id)
    classifier = Classifier(CONTRACT, Access(key="cc_x", enrollments=(twice,)))
    found = classify(CASES.update(body(twice)), classifier)
    assert (found.enrollment, found.swapped) == (twice, False)


def test_classify_finds_status_and_ids() -> None:
    """The status and the ids come from the body, if it has them."""
    found = request_class(body(ONE, status="failed", campaignId=1))
    assert (found.status, found.ids) == ("failed", (ONE.customer_id,))
    assert (request_class(b"[]").status, request_class(b"[]").ids) == (None, ())
    assert request_class(b"{").value is NO_JSON
    assert request_class(body(x=1)).extra_fields
    assert not request_class(body()).extra_fields


def test_classify_recognises_an_update() -> None:
    """A request with a method or path that the contract lacks has no operation."""
    method, path = classify(elsewhere("GET")), classify(elsewhere(path="/v9"))
    assert (method.operation, method.known_path, path.operation, path.known_path) == (None, True, None, False)
    assert [found.is_update for found in (request_class(), method, path)] == [True, False, False]
    assert [found.first_defect for found in (method, path)] == [Defect.UNDOCUMENTED] * 2


@pytest.mark.parametrize(
    ("prefer", "preferred"),
    [("code=404", 404), ('code="404"', 404), ("code=418", None), ("code=x", None), ("wait=1", None)],
)
def test_classify_reads_a_preferred_response(prefer: str, preferred: int | None) -> None:
    """A preferred status code counts if it is documented and the target honours the header `Prefer`."""
    case = CASES.update(headers={"prefer": prefer})
    without_prefer = Classifier(CONTRACT, Access(key="cc_x"))
    assert classify(case).preferred == preferred
    assert classify(case).is_update is (preferred is None)
    assert classify(case, without_prefer).preferred is None


def test_classify_without_a_body_is_not_json() -> None:
    """A request without a body and a media type has no JSON value, and no documented response."""
    found: RequestClass = classify(SCHEMA[CASES.update().path]["PATCH"].Case())
    assert (found.value, found.first_defect) == (NO_JSON, Defect.UNDOCUMENTED)


@pytest.mark.parametrize(
    ("id_", "facts"),
    [
        (CASES.id(), (False, False, True, False)),
        (CASES.id().upper(), (False, True, True, True)),
        (NIL, (True, False, False, True)),
        (MAX, (True, False, False, True)),
        (ONE.campaign_id, (False, False, True, False)),
        (OTHER.campaign_id, (False, False, False, True)),
    ],
    ids=["new", "upper-case", "nil", "max", "version-4", "version-1"],
)
def test_ids_are_special_upper_case_or_usual(id_: str, facts: tuple[bool, ...]) -> None:
    """An id is special, has upper-case digits, has the usual version and variant, or is unusual."""
    assert facts == (is_special(id_), is_upper(id_), has_usual_digits(id_), is_unusual(id_))


def test_classify_recognises_a_path_with_parameters() -> None:
    """An operation with parameters in its path is recognised, but a path without parameters comes first."""
    raw = dict(CONTRACT.raw)
    item = dict(raw["paths"][CASES.update().path])
    other = {**item["patch"], "operationId": "other"}
    raw["paths"] = {"/v2/{kind}/campaign-status": {"get": other}, **raw["paths"]}
    classifier = Classifier(Contract(raw), Access(key="cc_x", base_urls=("http://x/base", "http://x")))

    def classified(url: str, method: str = "GET") -> tuple[str | None, bool]:
        found = classifier.classify(Request(method, url, (), b""))
        return found.operation.id if found.operation else None, found.known_path

    assert ("other", True) == classified("http://x/v2/a%2Fb/campaign-status?q=1")
    assert ("other", True) == classified("http://x/base/v2/a/campaign-status")
    assert (UPDATE, True) == classified("http://x/v2/customers/campaign-status", "PATCH")
    assert (None, True) == classified("http://x/v2/customers/campaign-status")
    assert (None, False) == classified("http://x/v2/a/b/campaign-status")
    assert (None, False) == classified("http://x/v2//campaign-status")
