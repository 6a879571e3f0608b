"""A rejection of a valid request is attributed to the feature that causes it, with few requests."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.requests.classify import Defect, Key, RequestClass
from conformance.requests.ids import NIL, has_usual_digits, is_special, is_upper
from conformance.selftest.exchanges import CASES, ONE, TARGET, body, response
from conformance.selftest.judging.scripted import Respond, Scripted, issues
from conformance.transport.exchange import Response
from conformance.transport.gate import RunStopped

CHARSET = "application/json; charset=utf-8"
NEW = CASES.id()
UNUSUAL = body(
    customerId=ONE.customer_id.upper(), campaignId=NEW[:14] + "1" + NEW[15:], status="failed", note=1
)
"""A valid request with every unusual feature except nil and max."""
WITH_NIL = UNUSUAL | {"customerId": NIL}


def rejects(is_such: Callable[[RequestClass], object], received: Response | None = None) -> Respond:
    """A server that rejects some requests, and is correct otherwise."""
    return lambda request: (received or response(400)) if is_such(request) else None


Is = Callable[[RequestClass], object]
FEATURES: list[tuple[str, Is, dict[str, Any]]] = [
    ("BODY-05", lambda request: request.charset, UNUSUAL),
    ("BODY-02", lambda request: request.extra_fields, UNUSUAL),
    ("LOOKUP-02", lambda request: ONE.customer_id in str(request.ids).lower(), UNUSUAL),
    ("ID-02", lambda request: any(map(is_special, request.ids)), WITH_NIL),
    ("ID-03", lambda request: any(map(is_upper, request.ids)), UNUSUAL),
    ("ID-01", lambda request: not all(map(has_usual_digits, request.ids)), UNUSUAL),
    ("STATUS-01", lambda request: request.status == "failed", UNUSUAL),
    ("LOOKUP-02", lambda request: request.enrollment is None, UNUSUAL),
]


@pytest.mark.parametrize(("rule", "is_such", "content"), FEATURES, ids=[each[0] for each in FEATURES])
def test_attribution_names_the_feature_that_is_rejected(
    rule: str, is_such: Is, content: dict[str, Any]
) -> None:
    """The first request without the feature is accepted, and names the rule; later the rule is known."""
    server = Scripted(rejects(is_such))
    case = CASES.update(json.dumps(content).encode(), media_type=CHARSET)
    assert [rule] == server.attribute(case)
    sent = len(server.sent)
    assert [rule] == server.attribute(case)
    assert len(server.sent) == sent + 1


def test_attribution_sends_nothing_for_a_documented_response() -> None:
    """A correct server gets each request once."""
    server = Scripted()
    contents = [UNUSUAL, body(ONE), body(status="pending"), {}, b"{", body(customerId=1, status="done")]
    for content in contents:
        assert [] == server.attribute(CASES.update(content))
    for key in (None, "cc_x", TARGET.restricted_key):
        assert [] == server.attribute(CASES.update(key=key))
    assert len(server.sent) == len(contents) + 3


@pytest.mark.parametrize(
    ("content", "received", "rule"),
    [
        (body(customerId=CASES.id().upper(), note=1), issues("status"), "STATUS-01"),
        (body(customerId=CASES.id().upper(), note=1), issues("campaignId"), "ID-01"),
        (body(customerId=CASES.id().upper(), note=1), response(400), "STATUS-01"),
        (body(), response(400), "STATUS-01"),
    ],
    ids=["status-named", "id-named", "nothing-named", "nothing-unusual"],
)
def test_attribution_of_a_server_that_rejects_everything(
    content: dict[str, Any], received: Response, rule: str
) -> None:
    """If nothing helps, the field that the rejection names decides, or else the status."""
    server = Scripted(rejects(lambda _: True, received))
    assert [rule] == server.attribute(CASES.update(content))
    assert len(server.sent) <= 6


def test_attribution_without_an_enrollment_tests_the_lookup() -> None:
    """A test that may name no enrollment cannot tell a status from unknown ids: a 404 is what is missing."""
    server = Scripted(rejects(lambda _: True), may_name=False)
    assert ["LOOKUP-02"] == server.attribute(CASES.update())
    assert all(request.enrollment is None for request in server.sent)


def test_attribution_follows_the_fields_that_a_rejection_names() -> None:
    """Only features of the ids that are named are removed."""
    upper = body(customerId=CASES.id().upper(), campaignId=NIL, note=1)
    server = Scripted(rejects(lambda request: is_upper(request.ids[0]), issues("customerId")))
    assert ["ID-03"] == server.attribute(CASES.update(upper))
    assert len(server.sent) == 2
    # An id is named of a request whose status is wrong: the id was rejected, though it is valid.
    server = Scripted(rejects(lambda request: is_upper(request.ids[0]), issues("customerId")))
    assert ["ID-03"] == server.attribute(CASES.update(upper | {"status": "pending"}))
    server = Scripted(rejects(lambda request: request.first_defect is Defect.STATUS, issues("customerId")))
    assert [] == server.attribute(CASES.update(upper | {"status": "pending"}))


@pytest.mark.parametrize(
    ("is_such", "expected"),
    [
        (lambda request: request.charset, ["BODY-05"]),
        (lambda request: request.extra_fields, ["BODY-02"]),
        (lambda request: request.enrollment and request.status == "failed", ["STATUS-01"]),
        (lambda request: request.enrollment, []),
        (lambda request: is_upper(request.ids[0]), ["ID-03"]),
    ],
    ids=["charset", "unknown-field", "status", "enrollment", "upper-case"],
)
def test_attribution_of_a_rejected_update(is_such: Is, expected: list[str]) -> None:
    """An update of an enrollment may be rejected because its status is final, and not for anything else."""
    server = Scripted(rejects(is_such))
    content = body(ONE, status="failed", note=1, customerId=ONE.customer_id.upper())
    case = CASES.update(json.dumps(content).encode(), media_type=CHARSET)
    assert expected == server.attribute(case)
    sent = len(server.sent)
    assert expected == server.attribute(case)
    assert len(server.sent) <= sent + 4
    if not expected:
        assert len(server.sent) == sent + 1


def test_attribution_takes_a_final_status_for_the_cause() -> None:
    """If the previous status was terminal, the enrollment is final and the status is not rejected."""
    server = Scripted(rejects(lambda request: request.enrollment and request.status == "failed"))
    server.statuses[ONE.pair] = "completed"
    assert [] == server.attribute(CASES.update(body(ONE, status="failed")))


@pytest.mark.parametrize(
    ("key", "ignored", "late"),
    [
        (None, "AUTH-01", "AUTH-04"),
        ("cc_x", "AUTH-02", "AUTH-04"),
        (TARGET.restricted_key, "AUTH-05", "AUTH-07"),
    ],
    ids=["missing", "unknown", "restricted"],
)
@pytest.mark.parametrize(
    "content", [None, body(status="done"), body(status="pending")], ids=["valid", "unknown-status", "pending"]
)
def test_attribution_tells_an_ignored_key_from_one_that_is_checked_late(
    key: str | None,
    ignored: str,
    late: str,
    content: Any,  # noqa: ANN401 - a body
) -> None:
    """An update of an enrollment shows whether a bad key is ignored, or checked after the body."""
    first = response(404) if content is None else response(400)
    ignoring = Scripted(lambda request: ignoring.updated(request) if request.enrollment else first)
    assert [] == ignoring.attribute(CASES.update(content, key=key))
    assert ignored in ignoring.violated
    assert [] == ignoring.attribute(CASES.update(content, key=key))
    assert len(ignoring.sent) == 3
    checking = Scripted(lambda request: None if request.enrollment else first)
    assert [late] == checking.attribute(CASES.update(content, key=key))
    assert [late] == checking.attribute(CASES.update(content, key=key))
    assert len(checking.sent) == 3
    without = Scripted(lambda _: first, may_name=False)
    code = {"AUTH-04": "AUTH-03", "AUTH-07": "AUTH-06"}[late]
    assert [late, code][: 2 if content is None else 1] == without.attribute(CASES.update(content, key=key))
    assert len(without.sent) == 1


def test_attribution_verifies_a_key_that_was_accepted_before() -> None:
    """A 401 to the full key is about the request, if another request is accepted with the key just now."""
    noted = CASES.update(body(note=1))
    server = Scripted(rejects(lambda request: request.extra_fields, response(401)))
    assert [] == server.attribute(noted)
    assert len(server.sent) == 1  # the key was never accepted
    server.attribute(CASES.update())
    assert ["BODY-02"] == server.attribute(noted)
    server = Scripted(rejects(lambda request: request.status == "pending", response(403)))
    server.attribute(CASES.update())
    assert ["STATUS-03"] == server.attribute(CASES.update(body(status="pending")))
    server = Scripted(rejects(lambda request: request.value, response(403)))
    server.attribute(CASES.update(b"{}"))
    assert ["STATUS-01"] == server.attribute(CASES.update())  # a body without fields verifies the key
    server.respond = rejects(lambda _: True, response(401))
    assert [] == server.attribute(CASES.update(body(status="failed")))


def test_attribution_sends_alone_what_a_rejection_does_not_name() -> None:
    """Of several wrong fields, one that is not named may have been accepted, or was not named."""
    two = CASES.update(body(customerId=1, status="done"))
    accepting = Scripted(rejects(lambda request: len(request.wrong) > 1, issues("customerId")))
    accepting.respond = lambda request: (
        issues("customerId")
        if ("customerId", "ID-07") in request.wrong
        else response(404)
        if request.wrong
        else None
    )
    assert [] == accepting.attribute(two)
    assert accepting.violated == {"STATUS-04"}
    assert [] == accepting.attribute(two)
    assert len(accepting.sent) == 3
    silent = Scripted(rejects(lambda request: len(request.wrong) > 1, issues("customerId")))
    assert ["RESPONSE-06"] == silent.attribute(two)
    assert [] == silent.attribute(two)
    nameless = Scripted(rejects(lambda request: request.wrong))
    assert [] == nameless.attribute(two)
    assert len(nameless.sent) == 1


def test_attribution_ignores_an_inconclusive_response() -> None:
    """A response that says nothing about its request, or none at all, is attributed to nothing."""
    for received in (response(429), response(503)):
        server = Scripted(rejects(lambda _: True, received))
        for key in (TARGET.key, None):
            assert [] == server.attribute(CASES.update(UNUSUAL, key=key))
        assert len(server.sent) == 2


def test_attribution_that_is_stopped_is_searched_again() -> None:
    """A search that the end of the budget stops excludes no cause."""
    server = Scripted(rejects(lambda request: request.extra_fields))

    def stop(_: object) -> None:
        raise RunStopped("the budget is spent")

    judged = server.send(CASES.update(body(note=1)))
    server.respond = stop
    with pytest.raises(RunStopped):
        server.attribution.attribute(judged)
    server.respond = rejects(lambda request: request.extra_fields)
    assert ["BODY-02"] == server.attribute(CASES.update(body(note=1)))
    assert all(request.key is Key.FULL for request in server.sent)
