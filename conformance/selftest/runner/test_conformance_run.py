"""A run of the suite says of a server what is true of it, and ends as it is documented to end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY, load
from conformance.mock import faults
from conformance.mock.server import Settings, serve
from conformance.selftest.runs import Clock, run
from conformance.selftest.scripted_server import Received, Reply, always, forward, listen
from conformance.selftest.waiting import LONGEST

CONTRACT = load()
NOT_FOUND = {"message": "There is nothing here", "code": "NOT_FOUND"}


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """What a person runs in the repository."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )


def test_run_of_the_mock_decides_every_rule(tmp_path: Path) -> None:
    """Every rule that a test can decide passes against the mock, and every rule is in the report."""
    done = command("conformance", "--report-dir", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert done.returncode == 0, done.stdout
    assert "CONFORMS: " in done.stdout
    assert [rule["id"] for rule in report["rules"]] == list(CONTRACT.rules)
    found = {rule["id"]: rule["result"] for rule in report["rules"]}
    assert found == {id_: "untested" if id_ in CONTRACT.untested else "pass" for id_ in CONTRACT.rules}
    assert all(rule["decisive_responses"] for rule in report["rules"] if rule["result"] == "pass")
    assert (report["exit_status"], report["result"]) == (0, "conforms")


def test_run_under_pytest_takes_the_same_options(tmp_path: Path) -> None:
    """`pytest conformance/suite` runs the same tests with the same options, and reports in the same way."""
    options = [
        "--rule",
        "STATUS-02",
        "--max-requests",
        "9",
        "--fault",
        "accepts_expired",
        "--report-dir",
        str(tmp_path),
    ]
    done = command("pytest", "conformance/suite", "-p", "no:cacheprovider", *options)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert done.returncode == 1, done.stdout
    assert ("STATUS-02", "fail") in [(rule["id"], rule["result"]) for rule in report["rules"]]
    assert report["requests"] <= 9
    assert "error" not in done.stdout.lower()


@pytest.mark.parametrize("name", faults.FIRST)
def test_run_finds_the_fault_of_a_mock(tmp_path: Path, name: str) -> None:
    """A mock that breaks a rule does not conform, and the rule is named with what breaks it."""
    fault = faults.find(name)
    outcome = run(tmp_path, "--fault", name, "--rule", fault.breaks)
    assert outcome.status == 1, outcome.text
    assert fault.breaks in outcome.rules("fail")
    musts = {id_ for id_ in outcome.rules("fail") if CONTRACT.rules[id_].level == "MUST"}
    assert musts <= {fault.breaks, *fault.also}
    rule = next(rule for rule in outcome.report["rules"] if rule["id"] == fault.breaks)
    assert rule["counterexample"]["expected"] in outcome.flat
    seed = f"--seed={outcome.report['seed']}"
    assert ["--fault", name, seed] == (tmp_path / "report" / "options.txt").read_text("utf-8").split()
    # A long failure replays from the file of the options, so that it keeps to its lines.
    replays = (f"--fault {name} {seed} --rule {fault.breaks}", f"options.txt --rule {fault.breaks}")
    assert any(replay in outcome.flat for replay in replays), outcome.text


@pytest.mark.parametrize(
    "options",
    [["--rule=STATUS-04", "--max-requests=40"], ["--profile=quick"], ["--rule=ID-06", "--rate=9999/1"]],
    ids=["small-budget", "quick", "paced"],
)
def test_run_with_the_same_seed_sends_the_same_requests(tmp_path: Path, options: list[str]) -> None:
    """Two runs with one seed send the same bytes, and one with another seed does not."""
    sent = []
    for number, seed in enumerate(("7", "7", "8")):
        (directory := tmp_path / str(number)).mkdir()
        with serve(Settings(rate=None)) as mock:
            run(
                directory,
                "--target",
                mock.url,
                "--seed",
                seed,
                *options,
            )
        sent.append([request.body for request in mock.log])
    assert sent[0] == sent[1]
    assert len(sent[0]) > 20
    assert sent[0] != sent[2]


@pytest.mark.parametrize(("most", "status"), [(1, 6), (17, 6), (120, 0)])
def test_run_sends_no_more_than_its_budget(tmp_path: Path, most: int, status: int) -> None:
    """The server gets as many requests as the budget allows and not one more, and the report counts them."""
    with serve(Settings(rate=None)) as mock:
        outcome = run(tmp_path, "--target", mock.url, "--prefer", "--max-requests", str(most))
    assert len(mock.log) == outcome.report["requests"] == most
    assert outcome.status == status


@pytest.mark.parametrize("enrollments", [0, 1, 11])
def test_run_decides_within_a_minute_of_the_vendor(tmp_path: Path, enrollments: int) -> None:
    """Sixty requests decide every rule that can be decided, with any number of enrollments."""
    named = [f"--enrollment={':'.join(pair)}" for pair in Settings().enrollments[:enrollments]]
    with serve(Settings(rate=None)) as mock:
        outcome = run(tmp_path, "--target", mock.url, "--max-requests", "60", *named)
    assert (outcome.status, outcome.rules("inconclusive")) == (0, set()), outcome.text


def test_run_divides_a_budget_between_property_tests(tmp_path: Path) -> None:
    """Each property test of a rule gets its share of what the essential cases leave, and no more."""
    with serve(Settings(rate=None)) as mock:
        outcome = run(tmp_path, "--target", mock.url, "--rule", "BODY", "--max-requests", "120", "-rs")
    assert outcome.status == 0, outcome.text
    assert "the test's share of the budget is spent" in outcome.flat
    assert "the budget of 120 requests is spent" in outcome.flat
    assert len(mock.log) == 120


def test_run_warns_of_a_broken_recommendation(tmp_path: Path) -> None:
    """A broken recommendation is a warning, and fails the run when it is strict."""
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            status, media_type, content = forward(request, mock.url)
            return (
                (400 if status == 422 and b"errors" not in content else status),
                media_type,
                content.replace(b'"path": ["status"]', b'"path": ["?"]'),
            )

        with listen(respond) as url:
            lenient = run(tmp_path, "--target", url, "--rule", "RESPONSE-06")
            strict = run(tmp_path, "--target", url, "--rule", "RESPONSE-06", "--strict")
    assert (lenient.status, strict.status) == (0, 1)
    assert lenient.rules("fail") == strict.rules("fail") == {"RESPONSE-06"}
    assert "RESPONSE-06 warning" in lenient.text
    assert "RESPONSE-06 fail" in strict.text
    assert [outcome.report["rules"][0]["warning"] for outcome in (lenient, strict)] == [True, False]


def test_run_blames_a_refused_key_on_what_the_request_holds(tmp_path: Path) -> None:
    """A server that returns 401 to a good key with certain ids violates the rule about those ids."""
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            body = (
                json.loads(request.content)
                if request.content.startswith(b'{"c') and request.content.endswith(b"}")
                else {}
            )
            if str(body.get("customerId"))[14:15] == "7":
                return 401, "application/json", b'{"message": "no", "code": "UNAUTHORIZED"}'
            return forward(request, mock.url)

        with listen(respond) as url:
            outcome = run(tmp_path, "--target", url, "--rule", "ID-01")
    assert outcome.status == 1, outcome.text
    assert outcome.rules("fail") == {"ID-01"}


@pytest.mark.parametrize(
    ("fault", "rule", "reason"),
    [
        ("never_limits", "RATE-01", ""),
        ("leaves_out_the_seconds", "RATE-05", "the target returned 429"),
    ],
)
def test_run_exercises_the_limit_of_the_mock(tmp_path: Path, fault: str, rule: str, reason: str) -> None:
    """The embedded mock is sent more than its limit; a wait that it does not state is not guessed."""
    outcome = run(tmp_path, "--fault", fault, "--rule", rule, clock=Clock())
    told = next(one for one in outcome.report["rules"] if one["id"] == rule)
    assert (told["result"], told["reason"]) == ("inconclusive" if reason else "fail", reason)
    assert outcome.status in {1, 6}


def test_run_of_a_small_budget_leaves_the_limit_alone(tmp_path: Path) -> None:
    """What a limit takes to be reached is not begun with fewer requests."""
    outcome = run(tmp_path, "--rule", "RATE-01", "--max-requests", "4", "--rate", "off")
    assert (outcome.status, outcome.report["requests"]) == (6, 0)
    assert "it takes 5 requests" in outcome.flat


def test_run_of_the_mock_takes_enrollments(tmp_path: Path) -> None:
    """The embedded mock holds the enrollments that are given, and no others."""
    pair = "5F0C954E-3A7B-4D5C-9E0F-6B1D2C3A4E50:0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b20"
    outcome = run(tmp_path, "--enrollment", pair, "--rule", "STATE-02", "--rule", "STATE-04")
    assert outcome.status == 0, outcome.text
    assert (outcome.rules("pass"), outcome.rules("not applicable")) >= ({"STATE-02"}, {"STATE-04"})


def test_run_judges_the_key_that_it_was_given(tmp_path: Path) -> None:
    """A key without the prefix of every key breaks the rule about it, and is not shown."""
    key = "zz_some_other_key"
    with serve(Settings(rate=None, key=key)) as mock:
        outcome = run(
            tmp_path, "--target", mock.url, "--rule", "AUTH-08", environment={"CARECYCLE_API_KEY": key}
        )
    assert (outcome.status, outcome.rules("fail")) == (1, {"AUTH-08"})
    assert "some_other" not in outcome.flat


def test_run_does_not_take_a_preference_for_granted(tmp_path: Path) -> None:
    """A target that is said to honour preferences and does not leaves the rules about them undecided."""
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            del request.headers["prefer"]
            return forward(request, mock.url)

        with listen(respond) as url:
            outcome = run(tmp_path, "--target", url, "--prefer", "--rule", "RATE-02")
            client = run(tmp_path, "--target", url, "--prefer", "-k", "test_client")
    assert outcome.status == client.status == 6, outcome.text
    assert "429 was preferred, the target returned 404" in outcome.flat


def test_run_collects_without_a_verdict(tmp_path: Path) -> None:
    """A mere list of the tests decides nothing and leaves no report."""
    outcome = run(tmp_path, "--collect-only")
    assert (outcome.status, outcome.report) == (0, {})
    assert "CONFORMS" not in outcome.flat


def test_run_whose_tests_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A bug of the suite itself is neither an interruption nor a verdict on the server."""
    outcome = run(tmp_path, "--rule", "STATUS-02", str(REPOSITORY / "conformance" / "no_such_test.py"))
    assert outcome.status == 4
    broken = tmp_path / "test_broken.py"
    broken.write_text("raise RuntimeError('a bug')\n", encoding="utf-8")
    outcome = run(tmp_path, str(broken))
    assert outcome.status == 3, outcome.text
    assert outcome.report["requests"] == 0


def test_run_with_a_failing_test_of_no_rule_is_an_error(tmp_path: Path) -> None:
    """A test that fails without a violated rule shows a bug of ours, and nothing about the server."""
    added = tmp_path / "test_added.py"
    added.write_text("def test_added_fails():\n    assert False\n", encoding="utf-8")
    outcome = run(tmp_path, "-k", "test_added_fails", str(added))
    assert outcome.status == 3, outcome.text
    assert outcome.report["result"] == "error in the suite"


def test_run_of_another_contract_tests_its_operations(tmp_path: Path) -> None:
    """An operation that only another contract has is served by the mock and tested by its structure."""
    text = CONTRACT.path.read_text("utf-8")
    operation = """
  /v2/things/{thingId}:
    get:
      operationId: getThing
      parameters:
        - {name: thingId, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
      responses:
        '200':
          description: The thing.
          content:
            application/json:
              schema: {type: object, required: [name], properties: {name: {type: string}}}
              examples: {typical: {value: {name: thing}}}
        '401': {$ref: '#/components/responses/Unauthorized'}
        '404': {$ref: '#/components/responses/NotFound'}

components:
"""
    path = tmp_path / "contract.yaml"
    path.write_text(text.replace("\ncomponents:\n", operation, 1), encoding="utf-8")
    conforming = run(tmp_path, "--contract", str(path), "--rule", "HTTP-05", "--hypothesis-seed", "1")
    assert conforming.status == 0, conforming.text
    asked = []

    def respond(request: Received) -> Reply:
        asked.append(request.path)
        if request.path.startswith("/v2/things/"):
            return 200, "application/json", b'{"name": 7}'
        return always(404, NOT_FOUND)(request) or (500, "", b"")

    with listen(respond) as url:
        broken = run(tmp_path, "--contract", str(path), "--target", url, "--rule", "HTTP-05")
    assert broken.status == 1, broken.text
    assert "RESPONSE-01" in broken.rules("fail")
    assert any(one.startswith("/v2/things/") for one in asked)
