"""The screening has every distinction of the table, and its first requests in the order that matters."""

import json
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest

from conformance.contract import document
from conformance.requests import changes
from conformance.requests.distinctions import Cost, Stage
from conformance.requests.request import NO_JSON, read_json
from conformance.requests.screening import FIRST, STAGES, THEN, is_free
from conformance.requests.statuses import non_terminal_statuses
from conformance.requests.table import TABLE
from conformance.selftest.exchanges import CASES

PROBES = (*FIRST, *THEN)


def test_screening_has_a_request_for_each_distinction_that_costs_one() -> None:
    """Each row that costs a request, or fills the fields of one, is a request of its own."""
    rows = [row.name for row in TABLE if row.cost in {Cost.REQUEST, Cost.SLOT}]
    assert [] == [name for name in rows if name not in {probe.name for probe in PROBES}]


def test_screening_names_each_request_once() -> None:
    """No two requests have the same name, because each is a case of one test."""
    names = [probe.name for probe in PROBES]
    assert sorted(set(names)) == sorted(names)


def test_screening_carries_each_ride() -> None:
    """Each row that costs nothing is a part of a request."""
    rides = [row for row in TABLE if row.cost is Cost.RIDE]
    for row in rides:
        parts = row.sets.items()
        carriers = [each for each in PROBES if all(getattr(each, name) == value for name, value in parts)]
        assert carriers, row.name


def test_screening_sends_crash_parts_alone_if_they_are_rejected_together() -> None:
    """One request has all that must not make a server fail, and names each part to send alone."""
    odd = next(probe for probe in THEN if probe.alone)
    assert [row.name for row in TABLE if row.cost is Cost.CRASH] == [each.name for each in odd.alone]


def test_screening_prefers_the_429_and_the_500_first() -> None:
    """The forced responses that no other request shows come before anything else."""
    assert ["prefer-429", "prefer-500"] == [probe.name for probe in FIRST[:2]]
    assert not is_free(FIRST[0], {"headers": {}})


def test_screening_sends_each_status_that_is_not_terminal_to_several_enrollments() -> None:
    """The statuses come from the contract, and each is sent twice in the stage that tests it."""
    rows = [row for row in TABLE if row.stage is Stage.STATUS]
    for status in non_terminal_statuses(document.load()):
        named = [row.sets["of"] for row in rows if row.sets["status"] == status and "of" in row.sets]
        assert len(named) == len(set(named)) == 2


def test_screening_names_the_first_enrollment_with_the_first_request_of_a_stage() -> None:
    """A rejection of each stage comes between two updates of the first enrollment."""
    first = {stage: next(row for row in TABLE if row.stage is stage) for stage in STAGES}
    stages = [Stage.ROUTE, Stage.KEY, Stage.PERMISSION, Stage.MEDIA_TYPE, Stage.PARSE]
    names = [first[stage].name for stage in (*stages, Stage.FIELDS, Stage.STATUS, Stage.LOOKUP)]
    assert set(names) <= {probe.name for probe in FIRST if probe.of == 0}
    assert "update" in FIRST[-1].name


@pytest.mark.parametrize("change", [changes.as_json_and_form, changes.with_form_in_comment])
def test_screening_body_is_a_form_with_the_same_fields(change: Callable[[bytes], bytes]) -> None:
    """A body that two careless servers would take in two ways has the same fields in both."""
    fields = CASES.body()
    text = change(json.dumps(fields).encode())
    assert fields.items() <= dict(parse_qsl(text.decode(), strict_parsing=True)).items()
    value, _ = json.JSONDecoder().raw_decode(text.decode())
    assert fields.items() <= value.items()
    assert (change is changes.with_form_in_comment) == (read_json(text) is NO_JSON)
