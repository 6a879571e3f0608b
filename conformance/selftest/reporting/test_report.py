"""The ledger is told to people and to programs."""

import dataclasses
import json
from pathlib import Path

import pytest

from conformance.contract.document import Contract, load
from conformance.reporting import report
from conformance.reporting.ledger import Counterexample, Result, Verdict
from conformance.reporting.report import Summary

CONTRACT = load()
RULES = CONTRACT.rules
EXAMPLE = Counterexample("a refusal", "200 {}", "curl …", "python -m conformance …", "test_it", size=7, at=5)
VERDICTS = [
    Verdict(RULES["AUTH-01"], Result.PASS, 12, 0),
    Verdict(RULES["BODY-01"], Result.FAIL, 2, 1, found_at=5, counterexample=EXAMPLE, seen_by=("test_it",)),
    Verdict(RULES["STATUS-02"], Result.FAIL, 3, 1, counterexample=EXAMPLE),
    Verdict(RULES["AUTH-10"], Result.UNTESTED, 0, 0, reason="it takes 14 days"),
    Verdict(RULES["STATE-01"], Result.NOT_APPLICABLE, 0, 0, reason="give --enrollment"),
    Verdict(RULES["ID-01"], Result.INCONCLUSIVE, 0, 0, reason="the target answered 429"),
    Verdict(RULES["ID-02"], Result.ERROR, 0, 0, reason="KeyError"),
]
SUMMARY = Summary(
    "http://127.0.0.1:1", CONTRACT, VERDICTS, 42, 1.23456, 3, strict=False, seed="7", faults=("some",)
)


def test_table_says_it_without_colour() -> None:
    """Each verdict is a line with a mark, id, result, number of answers, text and reason."""
    lines = [line for line, _ in report.table(SUMMARY)]
    texts = [verdict.rule.text for verdict in VERDICTS]
    assert lines == [
        f"\u2713 AUTH-01      pass              12  {texts[0]}",
        f"\u26a0 BODY-01      warning            2  {texts[1]}",
        f"\u2717 STATUS-02    fail               3  {texts[2]}",
        f"- AUTH-10      untested              {texts[3]}  [it takes 14 days]",
        f"- STATE-01     not applicable        {texts[4]}  [give --enrollment]",
        f"? ID-01        inconclusive          {texts[5]}  [the target answered 429]",
        f"! ID-02        error                 {texts[6]}  [KeyError]",
    ]


def test_table_is_coloured_by_result() -> None:
    """What holds is green, what is broken red, what wants a look yellow, and the rest plain."""
    colours = ["".join(markup) for _, markup in report.table(SUMMARY)]
    assert colours == ["green", "yellow", "red", "", "", "yellow", "red"]
    strict = dataclasses.replace(SUMMARY, strict=True)
    assert ["".join(markup) for _, markup in report.table(strict)][1] == "red"


def test_closing_line_has_the_totals() -> None:
    """The last line says what the run amounts to, and how to have it again."""
    assert report.closing_line(SUMMARY) == (
        "ERROR IN THE SUITE: 1 pass, 1 warning, 1 fail, 1 untested, 1 not applicable, 1 inconclusive, "
        "1 error of 7 rules; 42 requests in 1.2 s to http://127.0.0.1:1; seed 7"
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "CONFORMS"),
        (1, "DOES NOT CONFORM"),
        (2, "INTERRUPTED"),
        (3, "ERROR IN THE SUITE"),
        (4, "USAGE ERROR"),
        (6, "INCONCLUSIVE"),
        (5, "EXIT 5"),
    ],
)
def test_exit_status_is_told_in_words(status: int, words: str) -> None:
    """Each exit status has a meaning."""
    assert report.meaning(status) == words


def test_failures_are_explained_with_the_gravest_first() -> None:
    """A broken rule is told with its source, what came, the request and the way to ask again."""
    must, should = report.failures(SUMMARY)
    assert must == (
        f"STATUS-02  {RULES['STATUS-02'].text}\n"
        f"  source    openapi/carecycle.yaml#{RULES['STATUS-02'].pointer}\n"
        "  expected  a refusal\n"
        "  received  200 {}\n"
        "  request   curl …\n"
        "  replay    python -m conformance …"
    )
    assert should.startswith("BODY-01 ")


def test_source_of_another_contract_is_its_path(tmp_path: Path) -> None:
    """A rule of another contract is found in that file."""
    other = Contract(CONTRACT.raw, tmp_path / "other.yaml")
    assert report.source(other, RULES["ID-01"]) == f"{tmp_path / 'other.yaml'}#{RULES['ID-01'].pointer}"


def test_json_report_has_stable_keys(tmp_path: Path) -> None:
    """The report for programs has the same facts under names that do not change."""
    path = report.write_json(SUMMARY, tmp_path / "new" / "directory")
    told = json.loads(path.read_text("utf-8"))
    rules = told.pop("rules")
    assert told == {
        "target": "http://127.0.0.1:1",
        "contract": {"title": "CareCycle campaign status", "version": CONTRACT.version},
        "result": "error in the suite",
        "exit_status": 3,
        "strict": False,
        "seed": "7",
        "profile": "default",
        "faults": ["some"],
        "requests": 42,
        "seconds": 1.235,
    }
    assert rules[1] == {
        "id": "BODY-01",
        "level": "SHOULD",
        "known": "inferred",
        "text": RULES["BODY-01"].text,
        "source": f"openapi/carecycle.yaml#{RULES['BODY-01'].pointer}",
        "result": "fail",
        "warning": True,
        "decisive_answers": 2,
        "broken": 1,
        "found_at": 5,
        "seen_by": ["test_it"],
        "reason": "",
        "counterexample": {
            "expected": "a refusal",
            "received": "200 {}",
            "request": "curl …",
            "replay": "python -m conformance …",
            "test": "test_it",
        },
    }
    assert [rule["counterexample"] for rule in rules if rule["id"] == "AUTH-01"] == [None]
    assert len(rules) == len(VERDICTS)
