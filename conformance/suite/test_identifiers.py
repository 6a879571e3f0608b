"""Which ids are accepted and which rejected, in each of the two fields."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given

from ..requests import strategies
from ..requests.cases import Cases
from ..requests.request_class import ID_FIELDS
from ..requests.strategies import Kind
from ..runner import exploration

Send = Callable[..., object]

fields = pytest.mark.parametrize("field", ID_FIELDS)


@fields
@pytest.mark.rule("ID-01", "LOOKUP-01", "LOOKUP-02", "LOOKUP-03")
@pytest.mark.parametrize("kind", strategies.VERSIONS + strategies.VARIANTS, ids=repr)
def test_identifiers_of_every_version_and_variant_are_accepted(
    send: Send, cases: Cases, kind: Kind, field: str
) -> None:
    """An id of a documented version and variant passes validation."""
    send(cases.update(cases.body(**{field: kind.make(cases.id())})))


@fields
@pytest.mark.rule("ID-02")
@pytest.mark.parametrize("kind", strategies.SPECIAL, ids=repr)
def test_identifiers_nil_and_max_are_accepted(send: Send, cases: Cases, kind: Kind, field: str) -> None:
    """The nil and the lower-case max UUID pass validation."""
    send(cases.update(cases.body(**{field: kind.make(cases.id())})))


@fields
@pytest.mark.rule("ID-03")
@pytest.mark.parametrize("kind", strategies.CASES, ids=repr)
def test_identifiers_in_either_case_are_accepted(send: Send, cases: Cases, kind: Kind, field: str) -> None:
    """Upper-case hex digits pass validation as lower-case ones do."""
    send(cases.update(cases.body(**{field: kind.make(cases.id())})))


@fields
@pytest.mark.rule("ID-04", "RESPONSE-04", "RESPONSE-05", "RESPONSE-06")
@pytest.mark.parametrize(
    "kind", strategies.OTHER_VERSIONS + strategies.OTHER_VARIANTS + strategies.ALMOST_SPECIAL, ids=repr
)
def test_identifiers_of_other_versions_and_variants_are_rejected(
    send: Send, cases: Cases, kind: Kind, field: str
) -> None:
    """A UUID of an undocumented version or variant fails validation."""
    send(cases.update(cases.body(**{field: kind.make(cases.id())})))


@fields
@pytest.mark.rule("ID-05")
@pytest.mark.parametrize("kind", strategies.OTHER_MAX, ids=repr)
def test_identifiers_max_in_other_case_are_rejected(send: Send, cases: Cases, kind: Kind, field: str) -> None:
    """The max UUID fails validation in any case but lower case."""
    send(cases.update(cases.body(**{field: kind.make(cases.id())})))


@fields
@pytest.mark.rule("ID-06")
@pytest.mark.parametrize("kind", strategies.MALFORMED, ids=repr)
def test_identifiers_that_are_no_uuids_are_rejected(send: Send, cases: Cases, kind: Kind, field: str) -> None:
    """A string that has not the form of a UUID fails validation."""
    send(cases.update(cases.body(**{field: kind.make(cases.id())})))


@fields
@pytest.mark.rule("ID-07")
@pytest.mark.parametrize("kind", strategies.OTHER_TYPES, ids=repr)
def test_identifiers_of_other_types_are_rejected(send: Send, cases: Cases, kind: Kind, field: str) -> None:
    """A JSON value that is not a string fails validation."""
    send(cases.update(cases.body(**{field: kind.make(cases.id())})))


@fields
@pytest.mark.rule("RESPONSE-05", "RESPONSE-06")
@pytest.mark.parametrize("status", ["pending", "expired"])
def test_identifiers_are_checked_before_whether_a_status_is_terminal(
    send: Send, cases: Cases, field: str, status: str
) -> None:
    """A malformed id fails validation, also where the status would be rejected after it."""
    send(cases.update(cases.body(**{field: "customer", "status": status})))


@pytest.mark.exploring
@pytest.mark.rule("ID-04")
def test_identifiers_of_any_version_with_another_variant_are_rejected(explore: Send, cases: Cases) -> None:
    """A documented version does not make up for another variant, in whichever field."""
    for index, (version, variant) in enumerate(product(strategies.VERSIONS, strategies.OTHER_VARIANTS)):
        wrong = variant.make(version.make(cases.id()))
        explore(cases.update(cases.body(**{ID_FIELDS[index % 2]: wrong})))


@pytest.mark.rule("ID-01", "ID-03")
@exploration.part(2)
@given(customer=strategies.allowed_ids(), campaign=strategies.allowed_ids())
def test_identifiers_allowed_pass_in_any_pair(
    explore: Send, cases: Cases, customer: str, campaign: str
) -> None:
    """Any two allowed ids pass validation together, in whichever field."""
    explore(cases.update(cases.body(customerId=customer, campaignId=campaign)))
    explore(cases.update(cases.body(customerId=campaign, campaignId=customer)))


@pytest.mark.rule("ID-04", "ID-05", "ID-06", "ID-07")
@exploration.part(2)
@given(wrong=strategies.rejected_ids(), allowed=strategies.allowed_ids())
def test_identifiers_rejected_fail_beside_any_allowed_one(
    explore: Send, cases: Cases, wrong: object, allowed: str
) -> None:
    """An id that is not allowed fails validation, in whichever field and whatever the other one is."""
    for field in ID_FIELDS:
        explore(cases.update(cases.body(**dict.fromkeys(ID_FIELDS, allowed) | {field: wrong})))
