"""A request is understood: what is wrong with it, with which key it comes, and what it names."""

import json
from typing import Any

import pytest

from conformance import strategies
from conformance.exchange import NO_JSON
from conformance.question import ID_FIELDS, Key, Question, Reader, Stage, plain, special
from conformance.selftest.questions import (
    CASES,
    CONTRACT,
    ONE,
    READER,
    SCHEMA,
    TARGET,
    body,
    elsewhere,
    question,
)
from conformance.strategies import Kind
from conformance.target import Enrollment, Target

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
def test_question_tells_the_key(key: str | None, expected: Key) -> None:
    """A key is the full one, the restricted one, unknown or missing."""
    assert question(key=key).key is expected


@pytest.mark.parametrize(
    ("content", "stage"),
    [
        (body(), Stage.LOOKUP),
        (body(ONE), Stage.UPDATE),
        (body(ONE, customerId=ONE.customer_id.upper()), Stage.UPDATE),
        (body(customerId=ONE.campaign_id, campaignId=ONE.customer_id), Stage.LOOKUP),
        (body(customerId=ONE.customer_id), Stage.LOOKUP),
        (body(customerId=strategies.NIL, campaignId=strategies.MAX), Stage.UNDOCUMENTED),
        (body(status="pending"), Stage.STATUS),
        (body(ONE, status="pending"), Stage.STATUS),
        (body(status="done"), Stage.SCHEMA),
        (body(status="\ud800"), Stage.SCHEMA),
        (body(note=1), Stage.LOOKUP),
        ({}, Stage.SCHEMA),
        (VALID, Stage.LOOKUP),
        (b"null", Stage.SCHEMA),
        (b"{", Stage.NOT_JSON),
        (b"\xff", Stage.NOT_JSON),
        (b"[" * 9_000, Stage.UNDOCUMENTED),
        (b"\xef\xbb\xbf" + VALID, Stage.UNDOCUMENTED),
        (VALID[:-1] + b', "status": "failed"}', Stage.UNDOCUMENTED),
        (VALID[:-1] + b', "x": "' + b"x" * 10_000 + b'"}', Stage.UNDOCUMENTED),
    ],
    ids=lambda value: value.name if isinstance(value, Stage) else str(value)[:24],
)
def test_question_tells_what_is_wrong_first(content: Any, stage: Stage) -> None:  # noqa: ANN401 - a JSON value, or bytes
    """The first thing wrong with a request is found in the order of the checks."""
    assert question(content).stage is stage


@pytest.mark.parametrize(
    ("media_type", "stage", "charset"),
    [
        ("application/json", Stage.LOOKUP, False),
        ("application/json; charset=utf-8", Stage.LOOKUP, True),
        ("Application/JSON ;", Stage.LOOKUP, False),
        ("application/json; Charset=UTF-8", Stage.LOOKUP, True),
        ("application/json; charset=x-unknown", Stage.UNDOCUMENTED, False),
        ("text/plain; charset=utf-8", Stage.MEDIA_TYPE, True),
        ("text/plain", Stage.MEDIA_TYPE, False),
        ("application/json-seq", Stage.MEDIA_TYPE, False),
    ],
)
def test_question_tells_the_media_type(media_type: str, stage: Stage, *, charset: bool) -> None:
    """A media type is JSON with or without the documented charset, or another, or nothing is known of it."""
    asked = question(VALID, media_type=media_type)
    assert (asked.stage, asked.charset) == (stage, charset)


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
def test_question_names_the_rule_of_a_wrong_id(kinds: tuple[Kind, ...], rule: str, field: str) -> None:
    """Each kind of id that is refused breaks the rule about that kind, in either field."""
    for kind in kinds:
        asked = question(body(**{field: kind.make(CASES.id())}))
        assert (asked.wrong, asked.stage) == (((field, rule),), Stage.SCHEMA), kind


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
def test_question_names_every_wrong_field(content: Any, wrong: set[tuple[str, str]]) -> None:  # noqa: ANN401 - a JSON value, or bytes
    """Each field that breaks the published form is named with its rule."""
    assert set(question(content).wrong) == wrong


def test_question_finds_the_enrollment_that_is_named() -> None:
    """Ids name an enrollment in any case and with any status, and a swapped pair is told from it."""
    for changes in ({}, {"status": "pending"}, {"status": 1}, {"campaignId": ONE.campaign_id.upper()}):
        assert question(body(ONE, **changes)).enrollment == ONE
    swapped = question(body(customerId=ONE.campaign_id, campaignId=ONE.customer_id))
    assert (swapped.enrollment, swapped.swapped) == (None, True)
    contents: list[Any] = [body(), [], body(ONE, customerId=1), body(ONE, customerId=f"{ONE.customer_id}\n")]
    for content in contents:
        assert (question(content).enrollment, question(content).swapped) == (None, False)


def test_question_of_one_id_twice_is_not_swapped() -> None:
    """An enrollment whose two ids are one is named whichever way round."""
    twice = Enrollment(ONE.customer_id, ONE.customer_id)
    reader = Reader(CONTRACT, Target(url="", key="cc_x", enrollments=(twice,)))
    asked = reader.read(CASES.update(body(twice)))
    assert (asked.enrollment, asked.swapped) == (twice, False)


def test_question_tells_status_and_ids() -> None:
    """The status and the ids are those of the body, where it has them."""
    asked = question(body(ONE, status="failed", campaignId=1))
    assert (asked.status, asked.ids) == ("failed", (ONE.customer_id,))
    assert (question(b"[]").status, question(b"[]").ids) == (None, ())
    assert question(b"{").value is NO_JSON
    assert question(body(x=1)).extra_fields
    assert not question(body()).extra_fields


def test_question_tells_what_is_no_update() -> None:
    """A method or path that the contract lacks calls no operation."""
    method, path = READER.read(elsewhere("GET")), READER.read(elsewhere(path="/v9"))
    assert (method.operation, method.known_path, path.operation, path.known_path) == (None, True, None, False)
    assert [asked.is_update for asked in (question(), method, path)] == [True, False, False]
    assert [asked.stage for asked in (method, path)] == [Stage.UNDOCUMENTED] * 2


@pytest.mark.parametrize(
    ("prefer", "preferred"), [("code=404", 404), ("code=418", None), ("code=x", None), ("wait=1", None)]
)
def test_question_tells_a_preferred_answer(prefer: str, preferred: int | None) -> None:
    """A documented status can be preferred, of a target that honours it."""
    case = CASES.update(headers={"prefer": prefer})
    deaf = Reader(CONTRACT, Target(url="", key="cc_x"))
    assert READER.read(case).preferred == preferred
    assert READER.read(case).is_update is (preferred is None)
    assert deaf.read(case).preferred is None


def test_question_without_a_body_is_not_json() -> None:
    """A request that has no body at all is one whose body is not JSON, of no media type."""
    asked: Question = READER.read(SCHEMA[CASES.update().path]["PATCH"].Case())
    assert (asked.value, asked.stage) == (NO_JSON, Stage.UNDOCUMENTED)


def test_ids_that_are_plain_or_special_are_told() -> None:
    """An ordinary fresh id is plain, nil and lower-case max are special, and others are neither."""
    ids = [
        CASES.id(),
        CASES.id().upper(),
        strategies.NIL,
        strategies.MAX,
        strategies.MAX.upper(),
        ONE.campaign_id,
        "",
    ]
    assert [plain(id_) for id_ in ids] == [True, True, False, False, False, True, False]
    assert [special(id_) for id_ in ids] == [False, False, True, True, False, False, False]
