"""What was seen on the wire is counted, and counts of several processes add up."""

import json
import math

import pytest

from conformance.reporting.observed import KINDS, Observed
from conformance.requests.ids import kind_of_id
from conformance.requests.request import write_request
from conformance.selftest.exchanges import CASES, CLASSIFIER, TARGET, body, response, validation_error
from conformance.selftest.reporting.runs_made_up import CONTRACT, observed
from conformance.transport.exchange import Exchange, Response

ID = "0c02bb08-7d83-4f64-8a6b-bb4ee3cd0aae"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (ID, "version 4"),
        (ID.replace("-4f", "-8f"), "version 8"),
        (ID.upper(), "upper case"),
        ("0" * 8 + "-0000-0000-0000-" + "0" * 12, "nil"),
        ("f" * 8 + "-ffff-ffff-ffff-" + "f" * 12, "max"),
        ("F" * 8 + "-ffff-ffff-ffff-" + "f" * 12, "max, not lower case"),
        (ID.replace("-4f", "-9f"), "other version"),
        (ID.replace("-8a", "-ca"), "other variant"),
        (ID.replace("-8a", "-ca").replace("-4f", "-0f"), "other variant"),
        (ID.replace("-", ""), "not a UUID"),
        (f"{ID}\n", "not a UUID"),
        (7, "not a string"),
        (None, "not a string"),
    ],
)
def test_id_has_one_kind(value: object, kind: str) -> None:
    """Each value that stands for an id is of one kind, and the contract accepts a kind or does not."""
    assert kind == kind_of_id(value)
    accepts = CONTRACT.validator(CONTRACT.schema("Uuid")).is_valid
    assert accepts(value) is KINDS[kind]


@pytest.mark.parametrize(
    ("seconds", "microseconds"),
    [(0.00123, 1200), (-1.0, 0), (math.nan, 0), (math.inf, 10**15), (1e305, 10**15), (-math.inf, 0)],
)
def test_time_of_a_response_can_be_any_number(seconds: float, microseconds: int) -> None:
    """A recording can have a time that no response takes."""
    seen = Observed(CONTRACT)
    request = write_request(CASES.update(), TARGET.url)
    seen.record_exchange(Exchange(CASES.update(), request, Response(200, (), b"", seconds)))
    assert dict(seen.microseconds) == {microseconds: 1}


def test_counts_add_up() -> None:
    """The counts of two processes, sent as JSON, are those of one that saw everything."""
    total = Observed(CONTRACT)
    for _ in range(2):
        total.add(json.loads(json.dumps(observed().snapshot())))
    assert total.no_responses == 2
    assert total.ids["customerId", "version 4", "accepted"] == 60
    assert total.microseconds[450] == 40
    assert total.responses == {key: 2 * count for key, count in observed().responses.items()}


@pytest.mark.parametrize(
    ("status", "received", "counted"),
    [
        ("in_progress", response(400), {("in_progress", "rejected"): 1}),
        ("in_progress", response(404), {("in_progress", "not found"): 1}),
        ("done", validation_error("status"), {("(undocumented)", "rejected"): 1}),
        ("in_progress", validation_error("customerId"), {}),
        ("completed", response(400), {}),
    ],
)
def test_status_is_counted_with_ids_of_any_kind(
    status: str, received: Response, counted: dict[tuple[str, str], int]
) -> None:
    """A status counts unless the ids may be the cause of the rejection."""
    seen = Observed(CONTRACT)
    content = body(customerId=CASES.id().upper(), status=status, note=1)
    request = CLASSIFIER.classify(write_request(CASES.update(content), TARGET.url))
    seen.record_outcome(request, received)
    assert counted == dict(seen.statuses)


def test_percentiles_are_those_of_the_counts() -> None:
    """A percentile is the time that this share of the responses took at most."""
    assert [observed().percentile(share) for share in (0, 0.5, 0.95, 1)] == [0.45, 0.45, 0.9, 41.0]
    assert Observed(CONTRACT).percentile(0.5) is None
