"""The options of a run: how much it sends, how far it goes, or only a plan."""

import json
import re
from functools import partial
from pathlib import Path

import pytest

from conformance.contract.document import RateLimit, load
from conformance.mock.limiter import Limiter
from conformance.mock.server import DEFAULT_KEY, Settings, serve
from conformance.requests.ids import kind_of_id
from conformance.requests.request_class import ID_FIELDS
from conformance.selftest.runs import Clock, run
from conformance.selftest.scripted_server import Received, Reply, always, listen
from conformance.transport.target import KEY_VARIABLE

CONTRACT = load()
ENROLLMENT = "5F0C954E-3A7B-4D5C-9E0F-6B1D2C3A4E50:0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b20"


def test_run_of_the_quick_profile_decides_every_rule(tmp_path: Path) -> None:
    """The essential cases decide every rule with a small part of the requests of a whole run."""
    outcome = run(tmp_path, "--profile", "quick")
    assert (outcome.status, outcome.report["profile"]) == (0, "quick"), outcome.text
    assert outcome.rules("pass") == set(CONTRACT.rules) - set(CONTRACT.untested)
    assert 100 < outcome.report["requests"] < 200


@pytest.mark.slow
def test_run_of_the_deep_profile_takes_more_examples(tmp_path: Path) -> None:
    """A property test takes ten times the examples, and the way to repeat it says so."""
    options = ["--rule", "STATUS-04", "--fault", "accepts_an_empty_status"]
    usual = run(tmp_path, *options)
    deep = run(tmp_path, *options, "--profile", "deep", "--seed", "3")
    assert deep.report["requests"] > usual.report["requests"] + 200
    assert "--profile deep --fault accepts_an_empty_status --seed=3" in deep.flat


def planned(text: str) -> int:
    """The number of requests that a dry run states."""
    found = re.search(r"^DRY RUN: (\d+) requests", text, re.MULTILINE)
    assert found, text
    return int(found[1])


def test_dry_run_counts_what_the_run_sends(tmp_path: Path) -> None:
    """A plan has as many requests as the run with its seed sends to a server that conforms."""
    options = [
        "--seed",
        "11",
        "--rule",
        "STATUS",
        "--rule",
        "STATE",
        "--rule",
        "ID-06",
        "--max-requests",
        "300",
    ]
    plan = run(tmp_path, "--dry-run", *options)
    done = run(tmp_path, *options)
    assert (plan.status, plan.report) == (0, {})
    assert planned(plan.text) == done.report["requests"] > 200


def test_dry_run_lists_each_test(tmp_path: Path) -> None:
    """A plan has a line for each test with its rules, what it lacks and what it could change, and a total."""
    plan = run(
        tmp_path,
        "--dry-run",
        "--rule",
        "AUTH-08",
        "--rule",
        "STATE-07",
        "--rule",
        "RATE-01",
        "--rule",
        "AUTH-10",
    )
    assert "       1      1  test_authentication_key_begins_with_the_prefix  [AUTH-08]\n" in plan.text
    assert "       8      2  test_state_ids_are_not_interchangeable  [STATE-07]\n" in plan.text
    assert "test_status_terminal_is_accepted" not in plan.text
    assert "AUTH-10      not tested: it takes 14 days" in plan.text
    customer, campaign = Settings().enrollments[0]
    assert f"{customer}:{campaign} could change: 9 requests name it" in plan.text
    assert "to the embedded mock, none of them sent; 0.2 minutes at 60 requests in 60 s" in plan.text


def test_dry_run_sends_nothing_and_takes_no_key(tmp_path: Path) -> None:
    """A plan for a server is made without a request to it, without a key and without a report."""
    received: list[str] = []

    def respond(request: Received) -> Reply | None:
        received.append(request.path)
        return always(500)(request)

    with listen(respond) as url:
        options = ["--target", url, "--prefer", "--exercise-rate-limit", "--enrollment", ENROLLMENT]
        plan = run(tmp_path, "--dry-run", *options, "--max-requests", "400", environment={})
    assert (plan.status, plan.report, received) == (0, {}, [])
    assert f"to {url}, none of them sent" in plan.text
    assert 300 < planned(plan.text) <= 400
    assert "[give --enrollment twice]" in plan.text
    assert f"{ENROLLMENT} could change" in plan.text
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_dry_run_plans_the_whole_suite(tmp_path: Path) -> None:
    """A plan for the embedded mock needs no option, holds every test, and counts what the run then sends."""
    plan = run(tmp_path, "--dry-run", "--seed", "7")
    assert (plan.status, "to the embedded mock, none of them sent" in plan.text) == (0, True), plan.text
    assert "test_client_gets_the_documented_model" in plan.text
    done = run(tmp_path, "--seed", "7")
    assert planned(plan.text) == done.report["requests"] > 1000


def test_dry_run_finds_mistakes(tmp_path: Path) -> None:
    """What the run could not use, its plan cannot use."""
    plan = run(tmp_path, "--dry-run", "--fault", "accepts_expird")
    assert (plan.status, "did you mean accepts_expired" in plan.text) == (4, True)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the mocks of a test, which no slow machine moves."""
    found = Clock()
    monkeypatch.setattr("conformance.mock.server.Limiter", partial(Limiter, clock=found))
    return found


def test_run_exercises_the_limit_of_a_target_last(tmp_path: Path, clock: Clock) -> None:
    """With the option, requests are sent without a pace until one is rejected, after everything else."""
    outcomes = []
    for option in ([], ["--exercise-rate-limit"]):
        with serve(Settings(rate=RateLimit(8, 1.0))) as mock:
            options = ["--profile", "quick", "--rate", "8/1.1", "--rule", "RATE", "--rule", "STATUS-01"]
            outcomes.append(run(tmp_path, "--target", mock.url, *options, *option, clock=clock))
    without, outcome = outcomes
    assert (without.status, without.rules("not applicable")) == (
        0,
        {f"RATE-0{number}" for number in range(1, 6)},
    )
    reasons = {
        rule["id"]: rule["reason"] for rule in without.report["rules"] if rule["id"].startswith("RATE")
    }
    assert reasons.pop("RATE-02") == "give --prefer, if the target honours it"
    assert set(reasons.values()) == {"give --exercise-rate-limit"}
    assert outcome.status == 0, outcome.text
    assert outcome.rules("pass") >= {f"RATE-0{number}" for number in range(1, 6)}
    statuses = [request.status for request in mock.log]
    assert statuses.count(429) == 2
    # All others are rejected alike, so two that compare come after the twentieth. One of them has no key.
    assert statuses.count(401) == 1
    # After both comes the one that waited.
    assert statuses.index(429) == len(statuses) - 3


def test_run_keeps_to_its_budget_at_the_limit(tmp_path: Path) -> None:
    """The limit is not exercised with fewer requests than it takes."""
    with serve(Settings(rate=RateLimit(5, 1.0))) as mock:
        options = ["--rule", "RATE-01", "--exercise-rate-limit", "--max-requests", "62"]
        outcome = run(tmp_path, "--target", mock.url, *options)
    assert (outcome.status, len(mock.log)) == (6, 0)
    assert "it takes 63 requests" in outcome.flat


def test_budget_keeps_the_share_of_the_rate_limit(tmp_path: Path, clock: Clock) -> None:
    """The other tests leave what the rate limit takes, so its rules are decided."""
    with serve(Settings(rate=RateLimit(60, 6.0))) as mock:
        options = ["--exercise-rate-limit", "--max-requests", "100", "--rule", "RATE", "--rule", "ID-06"]
        outcome = run(tmp_path, "--target", mock.url, *options, "--rate", "50/6", clock=clock)
    assert outcome.status == 0, outcome.text
    assert len(mock.log) <= 100
    assert outcome.rules("pass") == {*(f"RATE-0{number}" for number in range(1, 6)), "ID-06"}


def test_run_names_a_report_that_it_wrote(tmp_path: Path) -> None:
    """With `--report json` there is no page, so the output names `report.json`."""
    outcome = run(tmp_path, "--report", "json", "--rule", "STATUS-02", "--profile", "quick")
    assert outcome.flat.count(f"report: {tmp_path / 'report' / 'report.json'}") == 1
    assert "index.html" not in outcome.text


def test_budget_too_small_for_the_rate_limit_is_reported_at_once(tmp_path: Path) -> None:
    """A run and its plan say that the budget is too small before the first request."""
    options = ["--exercise-rate-limit", "--max-requests", "63", "--rule", "RATE", "--rule", "STATUS-01"]
    shortage = "--max-requests 63 is too small for --exercise-rate-limit: to go over the limit takes 63"
    with serve(Settings(rate=None)) as mock:
        plan = run(tmp_path, "--target", mock.url, "--dry-run", *options)
        outcome = run(tmp_path, "--target", mock.url, *options)
    assert shortage in plan.flat
    assert outcome.status == 6
    assert outcome.text.startswith(f"... {shortage}")
    assert "give 126 or more" in outcome.flat


def test_run_finds_a_target_that_never_limits(tmp_path: Path) -> None:
    """A server that accepts twice the documented number of requests at once violates the limit."""
    with serve(Settings(rate=None)) as mock:
        options = ["--rule", "RATE-01", "--exercise-rate-limit", "--max-requests", "200"]
        outcome = run(tmp_path, "--target", mock.url, *options, environment={KEY_VARIABLE: DEFAULT_KEY})
    assert (outcome.status, len(mock.log)) == (1, 123)  # two of them are the monitor's
    assert "a rejection of request 61" in outcome.flat
    assert "--exercise-rate-limit" in outcome.flat


def test_options_of_a_run_are_in_a_file_that_replays_it(tmp_path: Path) -> None:
    """The options that a short replay line reads from a file are those of the run."""
    first = run(tmp_path, "--fault", "accepts_pending", "--profile", "quick", "--seed", "7")
    (tmp_path / "again").mkdir()
    options = f"@{tmp_path / 'report' / 'options.txt'}"
    again = run(tmp_path / "again", options, "--rule", "STATUS-02")
    assert {"STATUS-02"} == first.rules("fail") == again.rules("fail"), again.text
    assert first.report["options"] == again.report["options"]


def test_simplest_counterexample_has_usual_ids(tmp_path: Path) -> None:
    """Of counter-examples of the same length the one without a special id is shown."""
    outcome = run(tmp_path, "--fault", "accepts_pending", "--profile", "quick", "--seed", "7")
    (rule,) = (each for each in outcome.report["rules"] if each["result"] == "fail")
    body = rule["counterexample"]["sent"].rpartition("\n\n")[2]
    assert ["version 4"] * 2 == [kind_of_id(json.loads(body)[name]) for name in ID_FIELDS]
