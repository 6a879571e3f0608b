"""One failing run tells the same story in every report."""

import html
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.selftest.runs import KEYS, Outcome, run

FAULTS = ("accepts_pending", "calls_a_422_invalid", "takes_nan")


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A run under GitHub Actions with two broken MUSTs and a broken SHOULD, and its directory."""
    directory = tmp_path_factory.mktemp("story")
    options = [word for fault in FAULTS for word in ("--fault", fault)]
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(directory / "summary.md")}
    outcome = run(directory, "--profile", "quick", "--seed", "7", *options, environment={**KEYS, **github})
    return directory, outcome


def words(text: str) -> str:
    """A text without marks of its format, in which white space makes no difference."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"`|</?(code|span|wbr)[^>]*>", "", html.unescape(text))))


def test_reports_tell_the_same_story(failing: tuple[Path, Outcome]) -> None:
    """Terminal, page, JUnit, Markdown and GitHub lines name the same failures with the same example."""
    directory, outcome = failing
    rules = {rule["id"]: rule for rule in outcome.report["rules"]}
    failed = {id_ for id_, rule in rules.items() if rule["result"] == "fail" and not rule["warning"]}
    warned = {id_ for id_, rule in rules.items() if rule["warning"]}
    assert (outcome.status, outcome.report["result"]) == (1, "does not conform")
    assert {"STATUS-02", "RESPONSE-04"} == failed
    assert {"BODY-03"} == warned

    page = (directory / "report" / "index.html").read_text("utf-8")
    articles = dict(re.findall(r'<article id="([A-Z-]+\d+)"(.*?)</article>', page, re.DOTALL))
    assert failed | warned == articles.keys()

    suite = ET.parse(directory / "report" / "junit.xml").getroot()[0]  # noqa: S314 - we wrote it
    cases = {str(case.get("name")).split()[0]: case for case in suite.iter("testcase")}
    assert rules.keys() == cases.keys()
    assert failed == {id_ for id_, case in cases.items() if case.find("failure") is not None}
    assert warned == {id_ for id_, case in cases.items() if case.find("system-out") is not None}
    assert str(len(failed)) == suite.get("failures")

    lines = outcome.text.splitlines()
    annotated = {
        kind: {match[1] for line in lines if (match := re.match(rf"::{kind} .*title=([^:]+)::", line))}
        for kind in ("error", "warning")
    }
    assert {"error": failed, "warning": warned} == annotated

    summary = (directory / "summary.md").read_text("utf-8")
    assert outcome.report["sentence"] in words(summary)
    assert outcome.report["sentence"] in words(page)
    assert f"breaks {len(failed)} rules and {len(warned)} recommendation" in outcome.report["sentence"]
    for id_ in failed:
        example = rules[id_]["counterexample"]
        failure = cases[id_].find("failure")
        assert failure is not None
        (line,) = (line for line in lines if f"title={id_}::" in line)
        for part in (example["expected"], example["replay"]):
            for text in (
                articles[id_],
                str(failure.text),
                summary,
                line.replace("%0A", " ").replace("%25", "%"),
            ):
                assert words(part) in words(text)
        for text in (articles[id_], str(failure.text), summary):
            assert words(example["request"]) in words(text)
            assert words(example["received"]) in words(text)
        assert any(line.startswith(id_) for line in lines)


def test_run_prints_no_counts_of_tests(failing: tuple[Path, Outcome]) -> None:
    """Nothing that pytest counts stands beside the verdict, and the verdict closes the run."""
    _, outcome = failing
    assert not re.search(r"\d+ (passed|failed|skipped|deselected|warnings?) in ", outcome.text)
    (closing,) = (line for line in outcome.text.splitlines() if line.startswith("DOES NOT CONFORM"))
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (pass|fail|warning)\b", closing)}
    results = [rule["result"] for rule in outcome.report["rules"]]
    warnings = sum(rule["warning"] for rule in outcome.report["rules"])
    assert {
        "pass": results.count("pass"),
        "fail": results.count("fail") - warnings,
        "warning": warnings,
    } == counts


def test_failures_are_short_and_narrow(failing: tuple[Path, Outcome]) -> None:
    """A failure has at most 12 lines, and each line 80 columns."""
    _, outcome = failing
    lines = [line for line in outcome.text.splitlines() if not line.startswith(("::", "report:"))]
    assert max(map(len, lines)) <= 80
    blocks = [block for block in "\n".join(lines).split("\n\n") if re.match(r"\n?[A-Z]+-\d+  ", block)]
    assert len(blocks) == 3
    assert max(len(block.strip().splitlines()) for block in blocks) <= 12
