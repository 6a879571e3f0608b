"""Several workers make one run: one order, one budget, one pace, one ledger."""

import json
import signal
import threading
import time
from pathlib import Path

import pytest

from conformance.contract.document import RateLimit, load
from conformance.mock.server import Mock, Settings, serve
from conformance.selftest.runs import Outcome, run, start
from conformance.selftest.scripted_server import Received, Reply, forward, listen
from conformance.selftest.waiting import LONGEST, wait_until

pytestmark = pytest.mark.slow

CONTRACT = load()
WORKERS = ("-n", "2")


def naming(mock: Mock, count: int = 2) -> list[str]:
    """The options that name enrollments of a mock."""
    pairs = mock.settings.enrollments[2 : 2 + count]
    return [word for pair in pairs for word in ("--enrollment", ":".join(pair))]


def responses(outcome: Outcome) -> dict[str, tuple[str, int]]:
    """The result of each rule, and how many responses decided it."""
    return {rule["id"]: (rule["result"], rule["decisive_responses"]) for rule in outcome.report["rules"]}


def test_workers_decide_every_rule(tmp_path: Path) -> None:
    """Two workers find that the mock conforms, with as many responses for each rule as one process."""
    alone, together = (
        run(tmp_path, "--profile", "quick", "--seed", "5", "-n", number) for number in ("0", "2")
    )
    assert (alone.status, together.status) == (0, 0), together.text
    assert together.rules("pass") == set(CONTRACT.rules) - set(CONTRACT.untested)
    assert responses(alone) == responses(together)
    assert alone.report["requests"] == together.report["requests"]


def test_workers_send_the_requests_of_the_seed(tmp_path: Path) -> None:
    """The workers together send what one process sends, in another order at most."""
    sent = []
    for number in ("0", "2"):
        with serve(Settings(rate=None)) as mock:
            options = [
                "--seed",
                "5",
                "--rule",
                "STATE",
                "--rule",
                "STATUS",
                "--rule",
                "BODY-03",
                "-n",
                number,
            ]
            run(tmp_path, "--target", mock.url, *naming(mock), *options)
        sent.append(sorted(request.body for request in mock.log))
    assert sent[0] == sent[1]
    assert len(sent[0]) > 200


def test_workers_find_a_fault(tmp_path: Path) -> None:
    """What any worker finds is in the report and in the exit status, with the command that finds it again."""
    outcome = run(tmp_path, *WORKERS, "--profile", "quick", "--fault", "accepts_expired")
    assert outcome.status == 1, outcome.text
    assert outcome.rules("fail") == {"STATUS-02"}
    told = next(rule for rule in outcome.report["rules"] if rule["id"] == "STATUS-02")
    assert told["counterexample"]["received"].startswith("200")
    assert 0 < told["found_at"] <= outcome.report["requests"]
    seed = outcome.report["seed"]
    assert f"--profile quick --fault accepts_expired --seed={seed} --rule STATUS-02" in outcome.flat


@pytest.mark.parametrize("most", [60, 7])
def test_workers_share_a_budget(tmp_path: Path, most: int) -> None:
    """All workers together send as many requests as the budget allows and not one more."""
    with serve(Settings(rate=None)) as mock:
        options = [*naming(mock), "--prefer", "--max-requests", str(most)]
        outcome = run(tmp_path, *WORKERS, "--target", mock.url, *options)
    assert len(mock.log) == outcome.report["requests"] == most
    assert outcome.status in {0, 6}


def test_workers_keep_the_order(tmp_path: Path) -> None:
    """The requests of the screening are sent first, whichever worker sends them."""
    sent = []
    for options in (["-k", "screening"], [*WORKERS, "--max-requests", "60"]):
        with serve(Settings(rate=None)) as mock:
            run(tmp_path, "--target", mock.url, *naming(mock), "--seed", "5", "--prefer", *options)
        sent.append({request.body for request in mock.log})
    assert len(sent[1] - sent[0]) <= 4


def test_workers_keep_one_pace(tmp_path: Path) -> None:
    """The window of a rate holds as many requests as the rate allows, of any number of workers."""
    with serve(Settings(rate=None)) as mock:
        begun = start(tmp_path, "--target", mock.url, "--rate", "30/3600", *WORKERS)
        with begun as process:
            wait_until(lambda: len(mock.log) >= 30)
            time.sleep(1)  # in which a worker with a pace of its own sends more
            process.send_signal(signal.SIGINT)
            text = process.communicate(timeout=LONGEST)[0]
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert report["requests"] == len(mock.log) == 30, text


@pytest.mark.parametrize("faults", [(), ("accepts_any_customer_id",)], ids=["conforming", "broken"])
def test_workers_change_only_what_is_named(tmp_path: Path, faults: tuple[str, ...]) -> None:
    """Two enrollments that are named are updated, by one worker, and no other ever is."""
    with serve(Settings(rate=None, faults=faults)) as mock:
        before = {(one.customer_id, one.campaign_id): one.updates for one in mock.store}
        options = [*naming(mock), "--profile", "quick"]
        outcome = run(tmp_path, *WORKERS, "--target", mock.url, *options)
        after = {(one.customer_id, one.campaign_id): one.updates for one in mock.store}
    assert outcome.status == (1 if faults else 0), outcome.text
    assert {pair for pair in before if after[pair] != before[pair]} == set(mock.settings.enrollments[2:4])


def test_workers_exercise_the_limit_one_at_a_time(tmp_path: Path) -> None:
    """While one worker reaches the limit of a target, the other sends nothing."""
    with serve(Settings(rate=RateLimit(8, 1.0))) as mock:
        options = ["--rate", "8/1.1", "--rule", "RATE", "--rule", "STATUS-01", "--profile", "quick"]
        outcome = run(tmp_path, *WORKERS, "--target", mock.url, "--exercise-rate-limit", *options)
    assert outcome.status == 0, outcome.text
    rejected = [number for number, request in enumerate(mock.log) if request.status == 429]
    first, second = rejected[-2:]  # an earlier one is of a slow machine, where the pace is uneven
    assert second == first + 1
    assert first >= len(mock.log) - 2 - 4  # what the other had been given to do


def test_workers_that_die_leave_an_error(tmp_path: Path) -> None:
    """A test that takes its worker with it is an error of ours, and the findings of the others are kept."""
    added = tmp_path / "test_added.py"
    added.write_text("import os\ndef test_added_ends():\n    os._exit(1)\n", encoding="utf-8")
    outcome = run(tmp_path, *WORKERS, "--rule", "STATUS-01", str(added), "--profile", "quick")
    assert (outcome.status, outcome.rules("pass")) == (0, {"STATUS-01"})  # a test without rules is left out
    outcome = run(tmp_path, *WORKERS, "-k", "added_ends or status_terminal", str(added))
    assert outcome.status == 3, outcome.text
    assert "STATUS-01" in outcome.rules("pass")


def test_workers_attribute_by_what_other_workers_saw(tmp_path: Path) -> None:
    """A violation that one worker saw is the cause of a rejection that another worker gets."""
    options = ["--profile", "quick", "--fault", "refuses_completed", "--seed", "1"]
    outcome = run(tmp_path, *WORKERS, *options)
    assert (outcome.status, outcome.rules("fail")) == (1, {"STATUS-01"}), outcome.text


def test_workers_are_not_started_for_a_mistake(tmp_path: Path) -> None:
    """What cannot be used ends the run before a worker is started."""
    outcome = run(tmp_path, *WORKERS, str(tmp_path / "nothing"))
    assert (outcome.status, "there is no file or directory" in outcome.text) == (4, True)
    outcome = run(tmp_path, *WORKERS, "--fault", "accepts_expird")
    assert outcome.status == 4
    assert outcome.text.count("did you mean accepts_expired") == 1
    assert "nodes" not in outcome.text


def test_workers_plan_nothing(tmp_path: Path) -> None:
    """A dry run is made by one process."""
    outcome = run(tmp_path, *WORKERS, "--dry-run", "--rule", "STATUS-01")
    assert (outcome.status, "nodes" in outcome.text) == (0, False)
    assert "DRY RUN: " in outcome.text


def test_workers_that_are_interrupted_leave_a_report(tmp_path: Path) -> None:
    """An interruption ends the run with what the workers have found so far."""
    begun = threading.Event()
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            if len(mock.log) > 12:
                begun.set()
            return forward(request, mock.url)

        words = ["--rate", "20/1", *WORKERS]
        with listen(respond) as url, start(tmp_path, "--target", url, *words) as process:
            assert begun.wait(LONGEST)
            process.send_signal(signal.SIGINT)
            text = process.communicate(timeout=LONGEST)[0]
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert process.returncode == 2, text
    assert report["result"] == "interrupted"
    assert len([rule for rule in report["rules"] if rule["result"] == "pass"]) > 5
