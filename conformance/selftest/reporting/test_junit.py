"""`junit.xml` has a test case for each rule."""

import dataclasses
from pathlib import Path
from xml.etree import ElementTree as ET

from conformance.reporting.junit import as_junit, write_junit
from conformance.selftest.reporting.runs_made_up import HOSTILE, RULES, SUMMARY, VERDICTS


def cases(*, strict: bool = False) -> dict[str, ET.Element]:
    """The test cases of a run by the id of their rule."""
    root = ET.fromstring(as_junit(dataclasses.replace(SUMMARY, strict=strict)))  # noqa: S314 - we wrote it
    return {case.attrib["name"].split()[0]: case for case in root.iter("testcase")}


def outcome(case: ET.Element) -> list[str]:
    """What a test case holds beside its properties."""
    return [element.tag for element in case if element.tag != "properties"]


def test_junit_has_a_case_for_each_rule() -> None:
    """Each rule is a test case with its id, level, origin and pointer as properties."""
    found = cases()
    assert list(found) == [verdict.rule.id for verdict in VERDICTS]
    rule = RULES["STATUS-02"]
    properties = {one.attrib["name"]: one.attrib["value"] for one in found[rule.id].iter("property")}
    assert properties == {
        "id": rule.id,
        "level": "MUST",
        "known": "documented",
        "pointer": rule.pointer,
        "source": f"openapi/carecycle.yaml#{rule.pointer}",
    }


def test_junit_fails_what_fails_the_run() -> None:
    """A broken rule is a failure, a recommendation only if the run is strict; what is open is skipped."""
    assert {name: outcome(case) for name, case in cases().items()} == {
        "AUTH-01": [],
        "BODY-01": ["system-out"],
        "STATUS-02": ["failure"],
        "AUTH-10": ["skipped"],
        "STATE-01": ["skipped"],
        "STATE-02": ["skipped"],
        "ID-01": ["skipped"],
        "ID-02": ["error"],
    }
    assert outcome(cases(strict=True)["BODY-01"]) == ["failure"]


def test_junit_counts_its_cases(tmp_path: Path) -> None:
    """The totals of the suite are those of its cases."""
    write_junit(dataclasses.replace(SUMMARY, problems=("cannot write x",)), tmp_path)
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]  # noqa: S314 - we wrote it
    totals = [int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")]
    assert totals == [8, 1, 2, 4]
    assert suite.findtext("system-err") == "cannot write x"


def test_junit_holds_what_a_target_sent_as_text() -> None:
    """The text of a response cannot end the element that holds it."""
    (shown,) = (case.findtext("system-out") or "" for name, case in cases().items() if name == "BODY-01")
    assert HOSTILE.replace("\n", "\\n") in shown
