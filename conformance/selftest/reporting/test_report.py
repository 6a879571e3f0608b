"""The value that all reports are written from, and `report.json`."""

import dataclasses
import json
from pathlib import Path

import jsonschema_rs
import pytest

from conformance.contract.document import Contract
from conformance.reporting import json_report, report
from conformance.reporting.exit_status import ExitStatus
from conformance.selftest.reporting.runs_made_up import CONTRACT, EXAMPLE, HOSTILE, RULES, SUMMARY, VERDICTS

SCHEMA = json.loads(json_report.SCHEMA.read_text("utf-8"))


def test_exit_statuses_are_numbers_with_words() -> None:
    """Each exit status has the number that users rely on, and words. The schema has the same numbers."""
    assert {each.words: int(each) for each in ExitStatus} == {
        "CONFORMS": 0,
        "DOES NOT CONFORM": 1,
        "INTERRUPTED": 2,
        "ERROR IN THE SUITE": 3,
        "USAGE ERROR": 4,
        "INCONCLUSIVE": 6,
    }
    assert list(ExitStatus) == SCHEMA["properties"]["exit_status"]["enum"]
    assert ExitStatus(5) is ExitStatus.ERROR_IN_THE_SUITE


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (0, "http://127.0.0.1:40123 conforms: it satisfies 1 rule, and breaks 1 recommendation."),
        (1, "http://127.0.0.1:40123 does not conform: it breaks 1 rule and 1 recommendation."),
        (
            2,
            (
                "The run was interrupted, with 5 of 8 rules left open. "
                "http://127.0.0.1:40123 breaks 1 rule and 1 recommendation."
            ),
        ),
        (3, "The run ended with an error of the suite itself, so it says nothing certain."),
        (
            6,
            (
                "The run is inconclusive, with 5 of 8 rules left open. "
                "http://127.0.0.1:40123 breaks 1 rule and 1 recommendation."
            ),
        ),
    ],
)
def test_verdict_is_a_sentence(status: int, sentence: str) -> None:
    """The verdict on the target is a sentence with the numbers that matter, and what is broken already."""
    summary = dataclasses.replace(SUMMARY, exit_status=ExitStatus(status))
    if status == 0:
        summary = dataclasses.replace(summary, verdicts=[one for one in VERDICTS if one is not VERDICTS[2]])
    assert sentence == summary.sentence


@pytest.mark.parametrize(
    ("reason", "ending"),
    [("the target is gone", "It stopped early: the target is gone."), ("is it right?", "is it right?")],
)
def test_verdict_says_why_the_run_stopped(reason: str, ending: str) -> None:
    """The reason why a run stopped ends the sentence, with one mark at its end."""
    stopped = dataclasses.replace(
        SUMMARY, verdicts=VERDICTS[:1], exit_status=ExitStatus.INCONCLUSIVE, stopped=(reason,)
    )
    assert stopped.sentence.endswith(f" {ending}")


def test_verdict_tells_what_the_baseline_accepts_from_recommendations() -> None:
    """A MUST that the baseline accepts is counted by itself. An entry that is out of date is the verdict."""
    accepted = [dataclasses.replace(VERDICTS[2], accepted="known"), VERDICTS[1]]
    found = dataclasses.replace(SUMMARY, verdicts=accepted, exit_status=ExitStatus.CONFORMS)
    broken = "1 recommendation and 1 rule that the baseline accepts."
    assert found.sentence.endswith(f" conforms: it satisfies 0 rules, and breaks {broken}")
    stale = dataclasses.replace(found, exit_status=ExitStatus.DOES_NOT_CONFORM, stale=("x",))
    assert stale.sentence == (
        "The baseline must be repaired, because 1 entry is out of date. "
        f"http://127.0.0.1:40123 breaks {broken}"
    )


def test_failure_is_explained() -> None:
    """A broken rule has its place, what was expected, what came, the request and a way to repeat it."""
    line = CONTRACT.path.read_text("utf-8").splitlines().index("        STATUS-02:") + 1
    assert report.explain(CONTRACT, RULES["STATUS-02"], EXAMPLE) == (
        f"STATUS-02  {RULES['STATUS-02'].text}\n"
        f"  source    openapi/carecycle.yaml:{line}\n"
        "  expected  a refusal\n"
        "  received  200 {}\n"
        f"  request   {EXAMPLE.request}\n"
        f"  replay    {EXAMPLE.replay}"
    )


def test_explanation_shows_no_line_break_of_a_target() -> None:
    """Control characters of a response are escaped, so that they cannot make a line of their own."""
    shown = report.explain(
        CONTRACT, RULES["STATUS-02"], dataclasses.replace(EXAMPLE, received="\x1b[2J\nCONFORMS")
    )
    assert "  received  \\x1b[2J\\nCONFORMS\n" in shown


def test_source_of_another_contract_is_its_path(tmp_path: Path) -> None:
    """A rule of another contract is found in that file."""
    other = Contract(CONTRACT.raw, tmp_path / "other.yaml")
    assert report.source(other, RULES["ID-01"]) == f"{tmp_path / 'other.yaml'}#{RULES['ID-01'].pointer}"
    assert report.place(other, RULES["ID-01"]) == str(tmp_path / "other.yaml")


def test_json_report_fits_its_schema(tmp_path: Path) -> None:
    """`report.json` is what its schema says, and each property of it is in the schema."""
    path = json_report.write_json(SUMMARY, tmp_path / "new" / "directory")
    found = json.loads(path.read_text("utf-8"))
    validator = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
    assert [] == [error.message for error in validator.iter_errors(found)]
    assert not validator.is_valid(found | {"unknown": 1})
    assert not validator.is_valid({name: value for name, value in found.items() if name != "seed"})
    assert found["schema_version"].startswith(SCHEMA["properties"]["schema_version"]["pattern"][1] + ".")


def test_json_report_has_stable_keys() -> None:
    """The report for programs has the facts of the run under names that do not change."""
    found = json_report.as_json(SUMMARY)
    rules, observed = found.pop("rules"), found.pop("observed")
    assert found == {
        "schema_version": "1.2",
        "target": "http://127.0.0.1:40123",
        "contract": {"title": "CareCycle campaign status", "version": CONTRACT.version},
        "result": "does not conform",
        "exit_status": 1,
        "sentence": SUMMARY.sentence,
        "problems": [],
        "stopped": [],
        "stale": [],
        "cases": [],
        "recording": "",
        "notes": [],
        "started": "2026-11-28T09:30:00+00:00",
        "seconds": 1.235,
        "requests": 42,
        "max_requests": 40,
        "rate": {"requests": 60, "seconds": 60},
        "strict": False,
        "seed": "7",
        "profile": "default",
        "faults": ["some"],
        "options": list(SUMMARY.options),
    }
    assert rules[1] == {
        "id": "BODY-01",
        "level": "SHOULD",
        "known": "inferred",
        "text": RULES["BODY-01"].text,
        "source": f"openapi/carecycle.yaml#{RULES['BODY-01'].pointer}",
        "result": "fail",
        "warning": True,
        "decisive_responses": 2,
        "broken": 1,
        "decided_at": 4,
        "found_at": 5,
        "seen_by": ["test_it"],
        "reason": "",
        "accepted": "",
        "counterexample": {
            "expected": "a refusal",
            "received": HOSTILE,
            "before": [],
            "request": EXAMPLE.request,
            "sent": "",
            "returned": "",
            "replay": EXAMPLE.replay.replace("STATUS-02", "BODY-01"),
            "test": "test_it",
            "at": 5,
        },
    }
    assert len(rules) == len(VERDICTS)
    (operation,) = observed["operations"]
    assert operation == {
        "id": next(iter(CONTRACT.operations)),
        "requests": 40,
        "responses": {"200": 3, "404": 36},
    }
    assert (observed["latency_ms"]["median"], observed["latency_ms"]["max"]) == (0.45, 41.0)
    assert {
        "field": "campaignId",
        "kind": "nil",
        "valid": True,
        "outcome": "rejected",
        "count": 2,
    } in observed["ids"]
    assert {"status": "expired", "outcome": "updated", "count": 1} in observed["statuses"]
