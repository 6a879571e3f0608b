"""The catalogue of faults is complete, and each fault breaks only the rules that it declares."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.datastructures import Headers

from conformance.contract.document import JSON, RateLimit
from conformance.mock import faults
from conformance.mock.app import App
from conformance.mock.behaviour import Behaviour, Call, Response
from conformance.mock.catalogue import UnknownNameError
from conformance.mock.faults import CATALOGUE, FIRST, Fault
from conformance.mock.faults.fault import table
from conformance.mock.faults.steps import skip
from conformance.mock.server import DEFAULT_ENROLLMENTS, DEFAULT_KEY, DEFAULT_RESTRICTED_KEY, Settings, build
from conformance.selftest.http_sender import CONTRACT, UPDATE

KEY = CONTRACT.key_header
# No request decides these rules: how the vendor makes keys, and when keys expire.
UNTESTABLE = {"AUTH-08", "AUTH-10"}
NIL = "00000000-0000-0000-0000-000000000000"
MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff"
V7 = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
CUSTOMER, CAMPAIGN = DEFAULT_ENROLLMENTS[0]
UNKNOWN = "b3c1a2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d"
COMPLETE = {"customerId": CUSTOMER, "campaignId": CAMPAIGN, "status": "completed"}
FAIL = {**COMPLETE, "status": "failed"}
IDS = ("customerId", "campaignId")
SMALL = RateLimit(3, 60)
VALIDATORS = {
    status: CONTRACT.validator(documented.schema)
    for status, documented in UPDATE.responses.items()
    if documented.schema is not None
}

ODD_IDS: tuple[object, ...] = (
    *(f"5f0c954e-3a7b-{digit}d5c-9e0f-6b1d2c3a4e5f" for digit in "0123456789aF"),
    *(f"5f0c954e-3a7b-4d5c-{digit}e0f-6b1d2c3a4e5f" for digit in "079abcdefABCDEF"),
    *(NIL, MAX, MAX.upper(), MAX.replace("f", "F", 1), "", " ", "text", "a" * 200, chr(0)),
    *(V7, V7.upper(), V7.replace("-98c4", "-e8c4"), V7.replace("c", "C", 1)),
    *("{" + V7 + "}", f"urn:uuid:{V7}", V7.replace("-", ""), f" {V7}", f"{V7}\n", f"x{V7}", f"{V7}x"),
    *(V7.replace("7", chr(0xFF17)), V7.replace("2", "g")),
    *(
        V7.replace("2-7", "-27"),
        "1-2-3-4-5",
        f"a\n{V7}",
        NIL[:-1] + "1",
        "5f0c954e-3a7b-1d5c-0e0f-6b1d2c3a4e5f",
    ),
    *(None, 5, 0, 1.5, True, [V7], {}),
)
ODD_STATUSES: tuple[object, ...] = (
    *CONTRACT.schema("CampaignStatus")["enum"],
    *("", "COMPLETED", " failed", "completed2", "bogus", None, ["completed"], 1),
)
ODD_BODIES = (
    *(b"", b"{", b"null", b"[]", b"5", b"{}", b"\xef\xbb\xbf{}", b"[" * 100_000, b"{'a': 1}", b'"text"'),
    *(json.dumps(each).encode() for each in ([COMPLETE], json.dumps(COMPLETE))),
    json.dumps(COMPLETE).encode().replace(b"}", b",}"),
    json.dumps(COMPLETE).encode().replace(b'"', b"'"),
    json.dumps(COMPLETE).encode() + b" and more",
    json.dumps({**COMPLETE, "x": "X"}).encode().replace(b"X", b"\xff"),
    json.dumps({**COMPLETE, "x": float("nan")}).encode(),
    json.dumps({**COMPLETE, "x": 0}).encode().replace(b": 0", b": " + b"9" * 400),
    json.dumps({**COMPLETE, "x": "\ud800\0"}).encode(),
    json.dumps({**COMPLETE, "x": {"y": ["z" * 20_000]}}).encode(),
    json.dumps({**COMPLETE, "x": 1}).encode().replace(b'"x"', b'"status"').replace(b": 1", b': "failed"'),
    *(json.dumps(list(COMPLETE.items())).encode(), json.dumps(COMPLETE).encode("utf-16")),
    json.dumps({**COMPLETE, "x": "X"}).encode().replace(b"X", b"\n"),
    json.dumps({**COMPLETE, **{f"x{number}": number for number in range(50)}}).encode(),
    json.dumps({name.upper(): value for name, value in COMPLETE.items()}).encode(),
    json.dumps({**COMPLETE, "campaignId": "text", "status": "pending"}).encode(),
    f"customerId={CUSTOMER}&campaignId={CAMPAIGN}&status=failed".encode(),
    *(json.dumps(COMPLETE, indent=1).encode(), json.dumps(dict(reversed(COMPLETE.items()))).encode()),
    json.dumps(COMPLETE).replace("completed", r"\u0063ompleted").encode(),
    json.dumps(COMPLETE).replace('"status"', r'"statu\u0073"').encode(),
)


def called(body: object = None, **changes: Any) -> Call:  # noqa: ANN401 - the fields of a call
    """A call that updates the first enrollment, with the given changes."""
    headers = {KEY: DEFAULT_KEY, "content-type": JSON, **changes.pop("headers", {})}
    content = body if isinstance(body, bytes) else json.dumps(COMPLETE if body is None else body).encode()
    call = Call(
        method=changes.get("method", UPDATE.method),
        path=changes.get("path", UPDATE.path),
        query=changes.get("query", ""),
        headers=Headers({name: value for name, value in headers.items() if value is not None}),
        body=content,
    )
    call.key = headers[KEY]
    return call


def calls_of_enrollments() -> Iterator[Call]:
    """Requests for enrollments in every letter case, and with swapped ids."""
    yield called({**COMPLETE, "status": "pending"})
    yield called(COMPLETE)
    yield called(dict(zip(IDS, DEFAULT_ENROLLMENTS[3], strict=True), status="completed"))
    for customer_id, campaign_id in DEFAULT_ENROLLMENTS:
        body = {"customerId": customer_id, "campaignId": campaign_id}
        for status in ("failed", "completed", "failed", "failed"):
            yield called({**body, "status": status})
        for change, status in ((str.upper, "completed"), (str.lower, "failed"), (str.swapcase, "failed")):
            if not {customer_id, campaign_id} & {NIL, MAX}:
                yield called({**{name: change(id_) for name, id_ in body.items()}, "status": status})
    for status in ("completed", "failed"):
        yield called({"customerId": CAMPAIGN, "campaignId": CUSTOMER, "status": status})
        yield called({"customerId": UNKNOWN, "campaignId": CAMPAIGN, "status": status})
        yield called({"customerId": CUSTOMER, "campaignId": UNKNOWN, "status": status})


def calls_of_keys() -> Iterator[Call]:
    """Requests with bad keys, and bodies of every kind."""
    near = (
        *(DEFAULT_KEY[:-1], f"{DEFAULT_KEY}x", DEFAULT_KEY.upper(), f"Bearer {DEFAULT_KEY}"),
        *(DEFAULT_KEY.removeprefix("cc_"), f"cc_x, {DEFAULT_KEY}"),
    )
    unknown = {**COMPLETE, "customerId": UNKNOWN}
    for key in (None, "", "cc_x", *near, DEFAULT_RESTRICTED_KEY):
        for body in (COMPLETE, FAIL, unknown, {**COMPLETE, "status": "pending"}, {}, b"{"):
            yield called(body, headers={KEY: key})
            yield called(body, headers={KEY: key, "content-type": "text/plain"})
            yield called()
    yield called(query=f"key={DEFAULT_KEY}", headers={KEY: None})
    yield called(query=f"api_key={DEFAULT_KEY}", headers={KEY: None})
    yield called(headers={KEY: None, "authorization": f"Bearer {DEFAULT_KEY}"})
    yield called(headers={KEY: None, "cookie": f"key={DEFAULT_KEY}"})


def calls_of_bodies() -> Iterator[Call]:
    """Requests with bodies and media types of every kind."""
    yield from (called({**body, field: odd}) for field in IDS for odd in ODD_IDS for body in (COMPLETE, FAIL))
    for odd in ODD_STATUSES:
        for customer_id, campaign_id in ((CUSTOMER, CAMPAIGN), (NIL, CAMPAIGN), (CUSTOMER, V7.upper())):
            yield called({"customerId": customer_id, "campaignId": campaign_id, "status": odd})
        yield called()
    for field in COMPLETE:
        yield called({name: value for name, value in COMPLETE.items() if name != field})
    yield from (called(content) for content in ODD_BODIES)
    for media_type in (
        *("text/plain", "text/xml", "application/x-www-form-urlencoded"),
        "application/json; charset=utf-8",
    ):
        yield from (called(body, headers={"content-type": media_type}) for body in (COMPLETE, FAIL))


def calls_of_routes() -> Iterator[Call]:
    """Requests for methods and paths that the contract lacks."""
    for method in ("GET", "PUT", "POST", "HEAD", "OPTIONS", UPDATE.method.lower()):
        yield called(FAIL)
        yield called(method=method)
        yield called(FAIL)
    yield from (called(path=path) for path in ("/", f"{UPDATE.path}/", UPDATE.path.upper()))
    yield called(path=UPDATE.path.replace("v2", "v1"))
    yield called(query="x=1")


def calls_of_mistakes() -> Iterator[Call]:
    """Requests that real implementations often handle wrongly."""
    yield called({**COMPLETE, "apiKey": DEFAULT_KEY}, headers={KEY: None})
    yield called({**COMPLETE, "customerId": "5df41881-3aed-3515-08a7-2f4a814cf09e"})
    yield called({**COMPLETE, "status": "complete"})
    yield called({"customer_id": CUSTOMER, "campaign_id": CAMPAIGN, "status": "failed"})
    yield called({**COMPLETE, "__proto__": {}})
    yield called({**COMPLETE, "customerCampaignId": UNKNOWN})
    yield called(headers={"content-type": "application/json-patch+json"})
    yield called(method="POST", headers={"x-http-method-override": "PATCH"})
    yield called(path=f"{UPDATE.path}.json")
    yield called(headers={"accept": "text/html"})
    yield called({**COMPLETE, "x": "z" * 110_000})
    yield called({**COMPLETE, "status": "constructor"})
    yield called({**COMPLETE, "customerId": CUSTOMER[1:]})
    yield called({**COMPLETE, "customerId": f"x{NIL}x"})
    yield called({**COMPLETE, "note": "\0"})
    yield called({**COMPLETE, "previousStatus": "skipped"})
    yield called(headers={"content-type": "application/json; charset=x-unknown"})
    text = json.dumps({**COMPLETE, "note": "ü"}, ensure_ascii=False).encode()
    yield called(text, headers={"content-type": "application/json; charset=utf-8"})
    yield called({"customerId": CAMPAIGN, "campaignId": CUSTOMER, "status": "failed"})
    yield called(COMPLETE)
    yield called(FAIL)


def calls_over_the_limit(behaviour: Behaviour, now: list[float]) -> Iterator[Call]:
    """A rejected request, two requests over the limit, and one request after the time to wait."""
    assert behaviour.limiter.limit is not None, "only a mock with a limit has requests over the limit"
    for number in range(SMALL.requests + 2):
        yield called(
            {**(COMPLETE if number < SMALL.requests else FAIL), "x": number} if number != 1 else b"{"
        )
    now[0] += SMALL.seconds
    yield called()


def responses(fault: Fault | None) -> list[tuple[Call, Response, bytes]]:
    """The responses of a mock with the fault. They are encoded too, because 1 == True in Python."""
    now = [100.0]
    seen = []
    for rate in (None, SMALL):
        behaviour = build(Settings(rate=rate))
        behaviour.limiter.clock = lambda: now[0]
        if fault is not None:
            fault.change(behaviour)
        every = (
            *(calls_of_enrollments(), calls_of_keys(), calls_of_bodies(), calls_of_routes()),
            calls_of_mistakes(),
        )
        for call in itertools.chain(*every) if rate is None else calls_over_the_limit(behaviour, now):
            response = behaviour.response(call)
            seen.append((call, response, json.dumps(response.body, allow_nan=False).encode()))
    return seen


def without_calls(seen: list[tuple[Call, Response, bytes]]) -> list[tuple[Response, bytes]]:
    """The responses without their calls."""
    return [(response, content) for _, response, content in seen]


def shape_rules(call: Call, response: Response, content: bytes) -> set[str]:
    """The rules about the form of responses that a response breaks."""
    broken = set()
    if response.status >= 500:
        broken.add("HTTP-03")
    if call.key and call.key.encode() in content + repr(response.headers).encode():
        broken.add("AUTH-09")
    if call.served is None or call.method != UPDATE.method:
        return broken
    if response.media_type != JSON:
        broken.add("HTTP-04")
    if response.status not in VALIDATORS:
        return broken | {"HTTP-05"}
    if not VALIDATORS[response.status].is_valid(response.body):
        broken.add(
            {200: "RESPONSE-01", 422: "RESPONSE-04", 429: "RATE-02"}.get(response.status, "RESPONSE-03")
        )
    return broken


RIGHT = without_calls(responses(None))


def test_mocks_without_a_fault_send_the_same_responses() -> None:
    """Two mocks without a fault send the same responses, so every difference comes from a fault."""
    assert without_calls(responses(None)) == RIGHT


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=CATALOGUE)
def test_fault_changes_a_response_and_no_undeclared_shape(fault: Fault) -> None:
    """A fault changes a response, and declares every rule about the form of responses that it breaks."""
    seen = responses(fault)
    assert without_calls(seen) != RIGHT
    assert set().union(*(shape_rules(*each) for each in seen)) <= {fault.breaks, *fault.also}


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=CATALOGUE)
def test_fault_is_well_formed(fault: Fault) -> None:
    """The name of a fault is a verb and its object, its text is one sentence, and its rules exist."""
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", fault.name), fault.name
    assert re.fullmatch(r"[A-Z0-9`]([^.\n]|\.(?=\S))*\.", fault.text), fault.text
    assert {fault.breaks, *fault.also} <= set(CONTRACT.rules)
    assert fault.breaks not in fault.also
    assert len(fault.also) == len(set(fault.also))


def test_fault_texts_are_unique() -> None:
    """No two faults have the same sentence."""
    assert len(CATALOGUE) == len({fault.text for fault in CATALOGUE.values()})


def test_fault_names_are_unique() -> None:
    """A second fault with the same name is an error, and does not replace the first."""
    with pytest.raises(ValueError, match="two faults are called accepts_expired"):
        table("STATUS-02", accepts_expired=skip("status"))
    assert faults.find("accepts_expired").text == "The status `expired` is accepted."


def test_faults_break_every_rule() -> None:
    """For each rule that requests can decide, there is a fault that breaks the rule."""
    assert set(CONTRACT.rules) - UNTESTABLE == {fault.breaks for fault in CATALOGUE.values()}


def test_first_faults_break_a_must() -> None:
    """The catalogue begins with ten faults that break a MUST."""
    assert tuple(CATALOGUE)[:10] == FIRST
    assert {CONTRACT.rules[CATALOGUE[name].breaks].level for name in FIRST} == {"MUST"}


def test_unknown_fault_has_a_hint() -> None:
    """The error about an unknown name lists similar names, or the option that lists all names."""
    with pytest.raises(UnknownNameError, match="did you mean accepts_expired"):
        faults.find("accept_expired")
    with pytest.raises(UnknownNameError, match="--list-faults"):
        faults.find("zzz")


def test_faults_can_be_combined() -> None:
    """A mock with two faults has both."""
    behaviour = build(Settings(rate=None, faults=("accepts_expired", "denies_success")))
    response = behaviour.response(called({**COMPLETE, "status": "expired"}))
    assert (response.status, response.body["success"]) == (200, False)


def test_an_exception_in_the_mock_gets_the_documented_500() -> None:
    """An exception in a step of the mock gets the documented 500, without a traceback."""
    behaviour = build(Settings(rate=None))
    behaviour.checks["status"] = lambda call: call.json["nothing"] and None
    response = App(behaviour).response(called())
    assert (500, UPDATE.responses[500].example) == (response.status, response.body)
