"""How the body must be built."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..contract import document
from ..requests import strategies
from ..requests.cases import Cases
from ..requests.statuses import terminal_statuses
from ..requests.strategies import FORM, NOT_JSON, REWRITTEN, UNDOCUMENTED
from ..runner import exploration

Send = Callable[..., object]

CONTRACT = document.load()
FIELDS = tuple(CONTRACT.schema("CampaignStatusForm")["required"])


@pytest.mark.rule("BODY-01", "RESPONSE-06")
@pytest.mark.parametrize("field", FIELDS)
def test_body_without_a_field_is_rejected(send: Send, cases: Cases, field: str) -> None:
    """A body that lacks one of the three fields fails validation."""
    body = cases.body()
    del body[field]
    send(cases.update(body))


@pytest.mark.rule("BODY-01", needs="enrollment")
@pytest.mark.parametrize("field", FIELDS)
def test_body_without_a_field_is_rejected_for_an_enrollment(send: Send, cases: Cases, field: str) -> None:
    """A field that is missing is not guessed from the others, where they are of an enrollment."""
    body = cases.body(**cases.enrolled())
    del body[field]
    send(cases.update(body))


@pytest.mark.rule("BODY-01")
@pytest.mark.parametrize(
    ("field", "other"),
    [
        *((field, field[0].upper() + field[1:]) for field in FIELDS),
        ("customerId", "customer_id"),
        ("campaignId", "campaign_id"),
    ],
)
def test_body_with_a_field_by_another_name_lacks_it(send: Send, cases: Cases, field: str, other: str) -> None:
    """The name of a field is another one in other letter case, or with an underscore."""
    body = cases.body()
    body[other] = body.pop(field)
    send(cases.update(body))


@pytest.mark.rule("BODY-01")
def test_body_without_any_field_is_rejected(send: Send, cases: Cases) -> None:
    """An empty object fails validation."""
    send(cases.update({}))


@pytest.mark.rule("BODY-02")
@pytest.mark.parametrize(
    "extra",
    [
        {"note": "x"},
        {"Status": "pending"},
        {"success": {"deep": [1, None]}},
        dict.fromkeys(map(str, range(60)), 0),
        {"note": "\0"},
    ],
    ids=["one", "another-case", "deep", "many", "nul"],
)
def test_body_with_an_unknown_field_is_accepted(send: Send, cases: Cases, extra: dict[str, object]) -> None:
    """A field that the contract lacks is ignored."""
    send(cases.update(cases.body(**extra)))


@pytest.mark.rule("BODY-02", "HTTP-03", needs="enrollment")
@pytest.mark.parametrize("extra", [strategies.RETURNED, {"note": "\0"}], ids=["of-the-response", "nul"])
def test_body_with_an_unknown_field_updates(send: Send, cases: Cases, extra: dict[str, object]) -> None:
    """A field that the contract lacks is ignored by an update too, also if it is one of the response."""
    send(cases.update(cases.body(**cases.enrolled(), **extra)))


@pytest.mark.rule("BODY-07")
@pytest.mark.parametrize("rewrite", REWRITTEN.values(), ids=REWRITTEN)
def test_body_means_the_same_in_another_spelling(
    send: Send, cases: Cases, rewrite: Callable[[bytes], bytes]
) -> None:
    """White space, another order of the properties and escapes change nothing."""
    send(cases.update(rewrite(json.dumps(cases.body()).encode())))


@pytest.mark.rule("BODY-07", "STATE-01", needs="enrollment")
@pytest.mark.parametrize("rewrite", REWRITTEN.values(), ids=REWRITTEN)
def test_body_in_another_spelling_updates(
    send: Send, cases: Cases, rewrite: Callable[[bytes], bytes]
) -> None:
    """An update in another spelling sets the status that it has without escapes."""
    send(cases.update(rewrite(json.dumps(cases.body(**cases.enrolled(), status="failed")).encode())))


@pytest.mark.rule("BODY-06")
def test_body_that_is_json_in_a_string_is_rejected(send: Send, cases: Cases) -> None:
    """A string that holds an update is not taken as that update."""
    send(cases.update(json.dumps(json.dumps(cases.body())).encode()))


@pytest.mark.rule("BODY-06")
def test_body_that_is_a_list_of_pairs_is_rejected(send: Send, cases: Cases) -> None:
    """A list of the names and values of an update is not taken as that update."""
    send(cases.update(json.dumps(list(cases.body().items())).encode()))


@pytest.mark.rule("BODY-06")
@pytest.mark.parametrize("value", [b"null", b"[]", b"7", b"true", b'"completed"', b"[{}]"], ids=bytes.decode)
def test_body_that_is_no_object_is_rejected(send: Send, cases: Cases, value: bytes) -> None:
    """A JSON value of another type at the top fails validation."""
    send(cases.update(value))


@pytest.mark.rule("BODY-03")
@pytest.mark.parametrize("spoil", NOT_JSON.values(), ids=NOT_JSON)
def test_body_that_is_not_json_is_rejected(send: Send, cases: Cases, spoil: Callable[[bytes], bytes]) -> None:
    """A body that is no JSON text is rejected."""
    send(cases.update(spoil(json.dumps(cases.body()).encode())))


@pytest.mark.rule("HTTP-03", "HTTP-04", "HTTP-05")
@pytest.mark.parametrize("change", UNDOCUMENTED.values(), ids=UNDOCUMENTED)
def test_body_of_an_undocumented_kind_gets_a_documented_answer(
    send: Send, cases: Cases, change: Callable[[bytes], bytes]
) -> None:
    """A body about which nothing is documented gets a response that is not a 5xx."""
    send(cases.update(change(json.dumps(cases.body()).encode())))


@pytest.mark.rule("BODY-04")
@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        FORM,
        "application/xml",
        "application/octet-stream",
        "application/json-patch+json",
    ],
)
def test_body_of_another_media_type_is_rejected(send: Send, cases: Cases, media_type: str) -> None:
    """A body of another media type is rejected with a documented 4xx."""
    send(cases.update(json.dumps(cases.body()).encode(), media_type=media_type))


@pytest.mark.rule("BODY-04")
def test_body_that_is_a_form_is_rejected(send: Send, cases: Cases) -> None:
    """The fields of an update are not taken from a form that says it is one."""
    form = NOT_JSON["form"](json.dumps(cases.body()).encode())
    send(cases.update(form, media_type=FORM))


@pytest.mark.rule("BODY-05")
@pytest.mark.parametrize("status", terminal_statuses(CONTRACT))
def test_body_with_a_charset_is_accepted(send: Send, cases: Cases, status: str) -> None:
    """A charset parameter does not make JSON something else, nor does what is beyond ASCII."""
    for extra in ({}, {"note": "ü\u0663"}):
        body = json.dumps(cases.body(status=status, **extra), ensure_ascii=False).encode()
        send(cases.update(body, media_type="application/json; charset=utf-8"))


@pytest.mark.rule("HTTP-03", "HTTP-04", "HTTP-05")
def test_body_with_an_unknown_charset_gets_a_documented_answer(send: Send, cases: Cases) -> None:
    """A charset that does not exist gets a response that is not a 5xx."""
    body = json.dumps(cases.body()).encode()
    send(cases.update(body, media_type="application/json; charset=x-unknown"))


@pytest.mark.rule("BODY-02")
@exploration.part(2)
@given(extra=strategies.extra_fields(CONTRACT))
def test_body_with_any_unknown_fields_is_accepted(
    explore: Send, cases: Cases, extra: dict[str, object]
) -> None:
    """Fields that the contract lacks are ignored, whatever they hold and whichever status is asked for."""
    for status in terminal_statuses(CONTRACT):
        explore(cases.update(cases.body(**extra, status=status)))


@pytest.mark.rule("BODY-03", "BODY-06", "HTTP-03")
@given(body=st.binary(max_size=60) | strategies.json_values().map(lambda value: json.dumps(value).encode()))
def test_body_of_any_bytes_is_rejected(explore: Send, cases: Cases, body: bytes) -> None:
    """Bytes that are no JSON object are rejected, and never with a 5xx."""
    explore(cases.update(body))
