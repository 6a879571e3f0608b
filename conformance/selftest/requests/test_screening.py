"""The screening has every distinction of the table, and its first requests in the order that matters."""

from conformance.requests.distinctions import TABLE, Cost
from conformance.requests.screening import FIRST, THEN, is_free


def test_screening_has_a_request_for_each_distinction_that_costs_one() -> None:
    """Each row that costs a request, or fills the fields of one, is a request of its own."""
    rows = [row.name for row in TABLE if row.cost in {Cost.REQUEST, Cost.SLOT}]
    assert [] == [name for name in rows if name not in {probe.name for probe in THEN}]


def test_screening_carries_each_ride() -> None:
    """Each row that costs nothing is a part of a request."""
    rides = [row for row in TABLE if row.cost is Cost.RIDE]
    for row in rides:
        parts = row.sets.items()
        carriers = [
            each for each in (*FIRST, *THEN) if all(getattr(each, name) == value for name, value in parts)
        ]
        assert carriers, row.name


def test_screening_sends_crash_parts_alone_if_they_are_rejected_together() -> None:
    """One request has all that must not make a server fail, and names each part to send alone."""
    odd = next(probe for probe in THEN if probe.alone)
    assert [row.name for row in TABLE if row.cost is Cost.CRASH] == [each.name for each in odd.alone]


def test_screening_prefers_the_429_and_the_500_first() -> None:
    """The forced responses that no other request shows come before anything else."""
    assert ["prefer-429", "prefer-500"] == [probe.name for probe in FIRST[:2]]
    assert not is_free(FIRST[0], {"headers": {}})
