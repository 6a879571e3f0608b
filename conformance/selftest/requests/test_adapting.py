"""Ids that would decide nothing more are replaced by ids of kinds that may."""

from dataclasses import replace

import pytest

from conformance.requests.access import Access, Enrollment
from conformance.requests.adapting import adapt
from conformance.requests.new_ids import new_id, possible_record_ids
from conformance.requests.probe import PLAIN, Probe
from conformance.requests.screening import FIRST, THEN
from conformance.requests.slots import kind, slot_rules

NEW = new_id("adapting")
NO_ENROLLMENT = Access(key="cc_x")
SEVEN = replace(NO_ENROLLMENT, enrollments=(Enrollment(kind("version-7").make(NEW), NEW),))


def names(probe: Probe, access: Access, *violated: str) -> list[str]:
    """The kinds of the ids of an adapted request."""
    return [each.name for each in adapt(probe, access, violated).ids]


def test_adapting_frees_a_kind_whose_rule_is_violated() -> None:
    """A kind of a violated rule is replaced by one of another rule, and the other id stays."""
    probe = Probe("slots", (), ids=(kind("urn"), kind("version-9")))
    assert ["urn", "version-9"] == names(probe, NO_ENROLLMENT)
    customer, campaign = names(probe, NO_ENROLLMENT, "ID-06")
    assert campaign == "version-9"
    assert slot_rules(customer)[0] in {"ID-04", "ID-05", "ID-07"}


def test_adapting_keeps_kinds_if_nothing_is_left() -> None:
    """If each rule about ids is violated, the kinds stay."""
    probe = Probe("slots", (), ids=(kind("urn"), kind("version-9")))
    assert ["urn", "version-9"] == names(probe, NO_ENROLLMENT, "ID-04", "ID-05", "ID-06", "ID-07")


def test_adapting_frees_a_valid_kind_that_an_enrollment_has() -> None:
    """A new id is not of a kind that an enrollment has, except in a request that names an enrollment."""
    probe = Probe("update", (), of=1, ids=(kind("version-7"), kind("version-8+upper-case")))
    assert ["version-7", "version-8+upper-case"] == names(probe, NO_ENROLLMENT)
    customer, campaign = names(probe, SEVEN)
    assert customer not in {"version-7", "version-4", "nil", "max"}
    assert campaign == "version-8+upper-case"
    assert ["version-7", "version-8+upper-case"] == names(replace(probe, of=0), SEVEN)


@pytest.mark.parametrize("violated", [(), ("ID-04",), ("ID-05",), ("ID-06",), ("ID-07",), ("ID-04", "ID-06")])
def test_adapting_names_no_record(violated: tuple[str, ...]) -> None:
    """Whatever is violated, at most one of the two ids of a request is not a new one."""
    for probe in (*FIRST, *THEN):
        for access in (NO_ENROLLMENT, SEVEN):
            adapted = adapt(probe, access, violated)
            ids = [str(each.make(new_id("adapting", each.name))) for each in adapted.ids]
            assert len(possible_record_ids(" ".join(ids))) < 2 or adapted.ids == probe.ids, probe.name


def test_adapting_leaves_a_usual_id_alone() -> None:
    """An id with nothing unusual about it stays, though every enrollment has such ids."""
    assert ["plain", "plain"] == names(Probe("usual", (), ids=(PLAIN, PLAIN)), SEVEN)
