"""A request is understood: what is wrong with it, with which key it comes, and what it names."""

import json
from typing import Any

import pytest

from conformance.contract.document import Contract
from conformance.requests import strategies
from conformance.requests.access import Access, Enrollment
from conformance.requests.classify import ID_FIELDS, UPDATE, Classifier, Defect, Key, RequestClass
from conformance.requests.ids import MAX, NIL, has_usual_digits, is_special, is_unusual, is_upper
from conformance.requests.request import NO_JSON, Request
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
def test_classify_tells_the_key(key: str | None, expected: Key) -> None:
    """A key is the full one, the restricted one, unknown or missing."""
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
def test_classify_tells_what_is_wrong_first(content: Any, first_defect: Defect) -> None:  # noqa: ANN401 - a JSON value, or bytes
    """The first thing wrong with a request is found in the order of the checks."""
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
def test_classify_tells_the_media_type(media_type: str, first_defect: Defect, *, charset: bool) -> None:
    """A media type is JSON with or without the documented charset, or another, or nothing is known of it."""
    asked = request_class(VALID, media_type=media_type)
    assert (asked.first_defect, asked.charset) == (first_defect, charset)


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
    """Each kind of id that is refused breaks the rule about that kind, in either field."""
    for kind in kinds:
        asked = request_class(body(**{field: kind.make(CASES.id())}))
        assert (asked.wrong, asked.first_defect) == (((field, rule),), Defect.SCHEMA), kind


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
    """Each field that breaks the published form is named with its rule."""
    assert set(request_class(content).wrong) == wrong


def test_classify_finds_the_enrollment_that_is_named() -> None:
    """Ids name an enrollment in any case and with any status, and a swapped pair is told from it."""
    for changes in ({}, {"status": "pending"}, {"status": 1}, {"campaignId": ONE.campaign_id.upper()}):
        assert request_class(body(ONE, **changes)).enrollment == ONE
    swapped = request_class(body(customerId=ONE.campaign_id, campaignId=ONE.customer_id))
    assert (swapped.enrollment, swapped.swapped) == (None, True)
    contents: list[Any] = [body(), [], body(ONE, customerId=1), body(ONE, customerId=f"{ONE.customer_id}\n")]
    for content in contents:
        assert (request_class(content).enrollment, request_class(content).swapped) == (None, False)


def test_classify_of_one_id_twice_is_not_swapped() -> None:
    """An enrollment whose two ids are one is named whichever way round."""
    twice = Enrollment(ONE.customer_id, ONE.customer_id)
    classifier = Classifier(CONTRACT, Access(key="cc_x", enrollments=(twice,)))
    asked = classify(CASES.update(body(twice)), classifier)
    assert (asked.enrollment, asked.swapped) == (twice, False)


def test_classify_tells_status_and_ids() -> None:
    """The status and the ids are those of the body, where it has them."""
    asked = request_class(body(ONE, status="failed", campaignId=1))
    assert (asked.status, asked.ids) == ("failed", (ONE.customer_id,))
    assert (request_class(b"[]").status, request_class(b"[]").ids) == (None, ())
    assert request_class(b"{").value is NO_JSON
    assert request_class(body(x=1)).extra_fields
    assert not request_class(body()).extra_fields


def test_classify_tells_what_is_no_update() -> None:
    """A method or path that the contract lacks calls no operation."""
    method, path = classify(elsewhere("GET")), classify(elsewhere(path="/v9"))
    assert (method.operation, method.known_path, path.operation, path.known_path) == (None, True, None, False)
    assert [asked.is_update for asked in (request_class(), method, path)] == [True, False, False]
    assert [asked.first_defect for asked in (method, path)] == [Defect.UNDOCUMENTED] * 2


@pytest.mark.parametrize(
    ("prefer", "preferred"), [("code=404", 404), ("code=418", None), ("code=x", None), ("wait=1", None)]
)
def test_classify_tells_a_preferred_answer(prefer: str, preferred: int | None) -> None:
    """A documented status can be preferred, of a target that honours it."""
    case = CASES.update(headers={"prefer": prefer})
    deaf = Classifier(CONTRACT, Access(key="cc_x"))
    assert classify(case).preferred == preferred
    assert classify(case).is_update is (preferred is None)
    assert classify(case, deaf).preferred is None


def test_classify_without_a_body_is_not_json() -> None:
    """A request that has no body at all is one whose body is not JSON, of no media type."""
    asked: RequestClass = classify(SCHEMA[CASES.update().path]["PATCH"].Case())
    assert (asked.value, asked.first_defect) == (NO_JSON, Defect.UNDOCUMENTED)


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
def test_ids_tell_what_is_unusual(id_: str, facts: tuple[bool, ...]) -> None:
    """An id is special, in upper case, or has the usual version and variant."""
    assert facts == (is_special(id_), is_upper(id_), has_usual_digits(id_), is_unusual(id_))


def test_classify_recognises_a_path_with_parameters() -> None:
    """An operation is recognised with values in its path, and a path without parameters comes first."""
    raw = dict(CONTRACT.raw)
    item = dict(raw["paths"][CASES.update().path])
    other = {**item["patch"], "operationId": "other"}
    raw["paths"] = {"/v2/{kind}/campaign-status": {"get": other}, **raw["paths"]}
    classifier = Classifier(Contract(raw), Access(key="cc_x", base_urls=("http://x/base", "http://x")))

    def found(url: str, method: str = "GET") -> tuple[str | None, bool]:
        asked = classifier.classify(Request(method, url, (), b""))
        return asked.operation.id if asked.operation else None, asked.known_path

    assert ("other", True) == found("http://x/v2/a%2Fb/campaign-status?q=1")
    assert ("other", True) == found("http://x/base/v2/a/campaign-status")
    assert (UPDATE, True) == found("http://x/v2/customers/campaign-status", "PATCH")
    assert (None, True) == found("http://x/v2/customers/campaign-status")
    assert (None, False) == found("http://x/v2/a/b/campaign-status")
    assert (None, False) == found("http://x/v2//campaign-status")
