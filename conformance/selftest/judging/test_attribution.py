"""A rejection of a valid request is attributed to the feature that causes it, with few requests."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.requests.ids import NIL, has_usual_digits, is_special, is_upper
from conformance.requests.request_class import Defect, Key, RequestClass
from conformance.selftest.exchanges import CASES, ONE, TARGET, body, response, validation_error
from conformance.selftest.judging.scripted import Respond, Scripted
from conformance.transport.exchange import Response
from conformance.transport.gate import RunStopped

CHARSET = "application/json; charset=utf-8"
Condition = Callable[[RequestClass], object]
NEW = CASES.id()
UNUSUAL = body(
    customerId=ONE.customer_id.upper(), campaignId=NEW[:14] + "1" + NEW[15:], status="failed", note=1
)
"""A valid request with every unusual feature except nil and max."""
WITH_NIL = UNUSUAL | {"customerId": NIL}


def rejects(condition: Condition, received: Response | None = None) -> Respond:
    """A server that rejects the requests for which a condition holds, and is correct otherwise."""
    return lambda request: (received or response(400)) if condition(request) else None


FEATURES: list[tuple[str, Condition, dict[str, Any]]] = [
    ("BODY-05", lambda request: request.charset, UNUSUAL),
    ("BODY-02", lambda request: request.extra_fields, UNUSUAL),
    ("LOOKUP-02", lambda request: ONE.customer_id in str(request.ids).lower(), UNUSUAL),
    ("ID-02", lambda request: any(map(is_special, request.ids)), WITH_NIL),
    ("ID-03", lambda request: any(map(is_upper, request.ids)), UNUSUAL),
    ("ID-01", lambda request: not all(map(has_usual_digits, request.ids)), UNUSUAL),
    ("STATUS-01", lambda request: request.status == "failed", UNUSUAL),
    ("LOOKUP-02", lambda request: request.enrollment is None, UNUSUAL),
]


@pytest.mark.parametrize(("rule", "condition", "content"), FEATURES, ids=[each[0] for each in FEATURES])
def test_attribution_names_the_feature_that_is_rejected(
    rule: str, condition: Condition, content: dict[str, Any]
) -> None:
    """The first variant that is accepted identifies the rule. The second time no variant is sent."""
    server = Scripted(rejects(condition))
    case = CASES.update(json.dumps(content).encode(), media_type=CHARSET)
    assert [rule] == server.attribute(case)
    sent = len(server.sent)
    assert [rule] == server.attribute(case)
    assert len(server.sent) == sent + 1


def test_attribution_blames_no_special_id_if_known_ids_are_rejected_too() -> None:
    """Nil and max can be the ids of records. The cause is then what the target does with known ids."""
    known = {ONE.customer_id, NIL}
    server = Scripted(rejects(lambda request: request.enrollment is None and request.ids[0] in known))
    case = CASES.update(body(customerId=NIL))
    assert ["LOOKUP-02"] == server.attribute(case)
    sent = len(server.sent)
    assert ["LOOKUP-02"] == server.attribute(case)
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
        (body(customerId=CASES.id().upper(), note=1), validation_error("status"), "STATUS-01"),
        (body(customerId=CASES.id().upper(), note=1), validation_error("campaignId"), "ID-01"),
        (body(customerId=CASES.id().upper(), note=1), response(400), "STATUS-01"),
        (body(), response(400), "STATUS-01"),
    ],
    ids=["status-named", "id-named", "nothing-named", "nothing-unusual"],
)
def test_attribution_of_a_server_that_rejects_everything(
    content: dict[str, Any], received: Response, rule: str
) -> None:
    """If no variant is accepted, the field that the rejection names decides, or else the status."""
    server = Scripted(rejects(lambda _: True, received))
    assert [rule] == server.attribute(CASES.update(content))
    assert len(server.sent) <= 6


def test_attribution_without_an_enrollment_tests_the_lookup() -> None:
    """If no known record may be named, an unexplained rejection violates the rule about unknown ids."""
    server = Scripted(rejects(lambda _: True), may_name=False)
    assert ["LOOKUP-02"] == server.attribute(CASES.update())
    assert all(request.enrollment is None for request in server.sent)


def test_attribution_follows_the_fields_that_a_rejection_names() -> None:
    """Features are removed only from the ids that the rejection names."""
    upper = body(customerId=CASES.id().upper(), campaignId=NIL, note=1)
    server = Scripted(rejects(lambda request: is_upper(request.ids[0]), validation_error("customerId")))
    assert ["ID-03"] == server.attribute(CASES.update(upper))
    assert len(server.sent) == 2
    # The response names an id, and the status of the request is wrong: the valid id was rejected.
    server = Scripted(rejects(lambda request: is_upper(request.ids[0]), validation_error("customerId")))
    assert ["ID-03"] == server.attribute(CASES.update(upper | {"status": "pending"}))
    server = Scripted(
        rejects(lambda request: request.first_defect is Defect.STATUS, validation_error("customerId"))
    )
    assert [] == server.attribute(CASES.update(upper | {"status": "pending"}))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (lambda request: request.charset, ["BODY-05"]),
        (lambda request: request.extra_fields, ["BODY-02"]),
        (lambda request: request.enrollment and request.status == "failed", ["STATUS-01"]),
        (lambda request: request.enrollment, []),
        (lambda request: is_upper(request.ids[0]), ["ID-03"]),
    ],
    ids=["charset", "unknown-field", "status", "enrollment", "upper-case"],
)
def test_attribution_of_a_rejected_update(condition: Condition, expected: list[str]) -> None:
    """An update of an enrollment may be rejected because its status is final, and for no other reason."""
    server = Scripted(rejects(condition))
    content = body(ONE, status="failed", note=1, customerId=ONE.customer_id.upper())
    case = CASES.update(json.dumps(content).encode(), media_type=CHARSET)
    assert expected == server.attribute(case)
    sent = len(server.sent)
    assert expected == server.attribute(case)
    assert len(server.sent) <= sent + 4
    if not expected:
        assert len(server.sent) == sent + 1


@pytest.mark.parametrize(
    ("is_missed", "expected"),
    [(lambda request: request.rewritten, ["BODY-07"]), (lambda request: request.enrollment, [])],
    ids=["order", "enrollment"],
)
def test_attribution_of_an_enrollment_that_is_not_found(is_missed: Condition, expected: list[str]) -> None:
    """If the enrollment is found without a feature of the body, that feature was the cause."""
    server = Scripted(rejects(is_missed, response(404)))
    reordered = dict(reversed(body(ONE).items()))
    assert expected == server.attribute(CASES.update(json.dumps(reordered).encode()))
    assert len(server.sent) == 2


@pytest.mark.parametrize(
    ("accepts", "expected"), [(False, ["STATUS-03"]), (True, [])], ids=["looked-up-first", "accepted"]
)
def test_attribution_of_a_status_with_unknown_ids(*, accepts: bool, expected: list[str]) -> None:
    """If the status is rejected with an enrollment, the unknown ids were looked up before it was checked."""

    def respond(request: RequestClass) -> Response | None:
        if request.first_defect is not Defect.STATUS:
            return None
        is_known = request.enrollment is not None
        return response(200 if accepts else 400) if is_known else response(404)

    server = Scripted(respond)
    assert expected == server.attribute(CASES.update(body(status="pending")))
    assert accepts == ("STATUS-02" in server.violated)
    assert [] == server.attribute(CASES.update(body(status="expired")))
    assert len(server.sent) == 3


def test_attribution_takes_a_final_status_as_the_cause() -> None:
    """If the previous status was terminal, an update is rejected because the status is final."""
    server = Scripted(rejects(lambda request: request.enrollment and request.status == "failed"))
    server.statuses[ONE.pair] = "completed"
    assert [] == server.attribute(CASES.update(body(ONE, status="failed")))


@pytest.mark.parametrize("before", ["completed", "failed"])
@pytest.mark.parametrize("is_refused", [lambda _: True, lambda same: same, lambda same: not same])
def test_attribution_blames_no_status_if_the_enrollment_had_a_terminal_one(
    before: str, is_refused: Callable[[bool], bool]
) -> None:
    """A 422 that names the status may say that it is final, if the enrollment had a terminal one at first."""

    def respond(request: RequestClass) -> Response | None:
        if request.enrollment is not None and is_refused(request.status == before):
            return validation_error("status")
        return None

    for status in ("completed", "failed"):
        server = Scripted(respond)
        server.statuses[ONE.pair] = before
        assert [] == server.attribute(CASES.update(body(ONE, status=status)))


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
def test_attribution_distinguishes_an_ignored_key_from_a_key_that_is_checked_late(
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
    """If the full key was accepted before, another request shows whether a 401 is about the key."""
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


def test_attribution_sends_a_field_alone_if_a_rejection_does_not_name_it() -> None:
    """A wrong field that the response does not name was either accepted or not named."""
    two = CASES.update(body(customerId=1, status="done"))
    accepting = Scripted(rejects(lambda request: len(request.wrong) > 1, validation_error("customerId")))
    accepting.respond = lambda request: (
        validation_error("customerId")
        if ("customerId", "ID-07") in request.wrong
        else response(404)
        if request.wrong
        else None
    )
    assert [] == accepting.attribute(two)
    assert accepting.violated == {"STATUS-04"}
    assert [] == accepting.attribute(two)
    assert len(accepting.sent) == 3
    incomplete = Scripted(rejects(lambda request: len(request.wrong) > 1, validation_error("customerId")))
    assert ["RESPONSE-06"] == incomplete.attribute(two)
    assert [] == incomplete.attribute(two)
    nameless = Scripted(rejects(lambda request: request.wrong))
    assert [] == nameless.attribute(two)
    assert len(nameless.sent) == 1


def test_attribution_distinguishes_an_accepted_field_from_one_that_is_checked_late() -> None:
    """After a 400 to a wrong field and status `pending`, the field is sent with a terminal status."""
    pending = CASES.update(body(customerId=1, status="pending"))
    checking_late = Scripted(rejects(lambda request: request.status == "pending"))
    assert ["RESPONSE-05"] == checking_late.attribute(pending)
    assert ["pending", "completed"] == [request.status for request in checking_late.sent]
    assert [] == checking_late.attribute(pending)
    accepting = Scripted(
        lambda request: (
            response(400) if request.status == "pending" else response(404) if request.wrong else None
        )
    )
    assert [] == accepting.attribute(pending)
    assert accepting.violated == {"ID-07"}


def test_attribution_sends_the_other_status_if_a_later_update_is_not_found() -> None:
    """An enrollment whose status is final is not found by any later update, and no rule is violated."""
    server = Scripted()
    server.respond = lambda request: response(404) if request.pair in server.statuses else None
    update = CASES.update(body(ONE, status="failed"))
    assert [] == server.attribute(update)
    assert [] == server.attribute(update)
    assert ["failed", "failed", "completed"] == [request.status for request in server.sent]
    assert [] == server.attribute(update)
    assert (4, set()) == (len(server.sent), server.violated)


def test_attribution_is_total_over_accepted_statuses() -> None:
    """A server that accepts a status of any type is judged."""
    server = Scripted(lambda _: response(201, {}))
    statuses: list[Any] = [[], {}, None, 7, "done"]
    for status in statuses:
        assert [] == server.attribute(CASES.update(body(status=status)))


def test_attribution_ignores_an_inconclusive_response() -> None:
    """A 429 and a 503 lead to no more requests and to no finding."""
    for received in (response(429), response(503)):
        server = Scripted(rejects(lambda _: True, received))
        for key in (TARGET.key, None):
            assert [] == server.attribute(CASES.update(UNUSUAL, key=key))
        assert len(server.sent) == 2


def test_attribution_continues_after_a_stopped_search() -> None:
    """A search that stops at the end of the budget excludes no cause."""
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
