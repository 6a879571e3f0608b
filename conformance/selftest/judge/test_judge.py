"""Recorded traffic is judged by the rules, without a request."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.judge.__main__ import main
from conformance.judging import finding
from conformance.selftest.judge.recordings import (
    CAMPAIGN,
    CUSTOMER,
    ID,
    KEY,
    URL,
    entry,
    error,
    updated,
    write,
)
from conformance.selftest.runs import run

SENT = """{"log": {"entries": [{%s "request": {"method": "GET", "url": "http://a"},
    "response": {"status": 200, "content": {"text": "*", "encoding": "base64"}}}]}}"""
UNDECIDABLE = {"RATE-01", "RATE-05"}
"""These rules take a measured time, or several requests at once."""


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment say nothing about keys."""
    for name in ("CARECYCLE_API_KEY", "CARECYCLE_RESTRICTED_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def judge(path: Path, *options: str) -> tuple[int, Mapping[str, Any]]:
    """Judge a recording without a connection; the exit status and `report.json`."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    directory = path.parent / "judged"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        status = main([str(path), "--report-dir", str(directory), *options])
    return status, json.loads((directory / "report.json").read_text("utf-8"))


def results(report: Mapping[str, Any]) -> dict[str, str]:
    """The verdict on each rule."""
    return {rule["id"]: rule["result"] for rule in report["rules"]}


def broken(report: Mapping[str, Any]) -> set[str]:
    """The rules that failed."""
    return {rule for rule, result in results(report).items() if result == "fail"}


@pytest.mark.parametrize(
    "fault",
    [
        None,
        "accepts_pending",
        "accepts_version_9",
        "calls_a_422_invalid",
        "calls_a_missing_key_missing",
        "forgets_the_update",
        "applies_what_it_refuses_as_no_json",
        "names_every_enrollment_alike",
        "refuses_an_upper_case_campaign",
        "refuses_version_3_to_set_failed",
    ],
)
def test_archive_of_a_run_gets_the_same_verdicts(tmp_path: Path, fault: str | None) -> None:
    """The archive of a run, judged again, has the verdicts of the run, except of rules about time."""
    options = () if fault is None else ("--fault", fault)
    outcome = run(tmp_path, "--profile", "quick", "--seed", "7", *options)
    status, report = judge(tmp_path / "report" / "traffic.har")
    expected = {rule: result for rule, result in results(outcome.report).items() if rule not in UNDECIDABLE}
    assert expected == {rule: result for rule, result in results(report).items() if rule not in UNDECIDABLE}
    assert outcome.status == status
    assert outcome.report["requests"] == report["requests"]


def test_recording_of_a_good_server_conforms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A browser's recording is judged, other traffic is counted, and the key is shown nowhere."""
    path = write(
        tmp_path,
        entry(None, 200, updated("completed", "completed"), second=2, cookie="session=5Tg7Hn9QwXy"),
        entry(None, 200, updated("pending"), second=1),
        entry(None, 401, error("UNAUTHORIZED"), key=None, second=3),
        entry(None, 200, {}, url="https://cdn.example.com/app.js"),
        entry(None, 200, {}, url="data:text/plain,x"),
        entry(None, 204, "", method="OPTIONS", access_control_request_method="PATCH"),
    )
    status, report = judge(path)
    assert status == 0
    found = results(report)
    assert [found[rule] for rule in ("STATE-01", "STATE-02", "STATE-03", "RESPONSE-01", "AUTH-01")] == [
        "pass"
    ] * 5
    assert found["STATUS-02"] == "not applicable"
    assert report["target"] == "https://sandbox.example.com/api"
    assert report["notes"] == [
        "3 of 6 recorded exchanges are with the API",
        "3 exchanges with other hosts or paths were skipped",
    ]
    assert "conforms as far as the 3 exchanges of recorded.har show" in report["sentence"]
    written = "".join(file.read_text("utf-8") for file in (tmp_path / "judged").iterdir())
    for secret in (KEY, KEY[3:], "5Tg7Hn9QwXy"):
        assert secret not in written + capsys.readouterr().out


def test_recording_of_a_bad_server_shows_what_came_before(tmp_path: Path) -> None:
    """A wrong previous status fails the rule about it, with both requests to send."""
    path = write(
        tmp_path,
        entry(None, 200, updated("pending"), second=1),
        entry(None, 200, updated("skipped"), second=2),
        entry(None, 404, error("NOT_FOUND"), second=3, url=URL.replace("sandbox", "other")),
    )
    status, report = judge(path)
    assert (status, broken(report)) == (1, {"STATE-02"})
    (failed,) = (rule for rule in report["rules"] if rule["result"] == "fail")
    example = failed["counterexample"]
    assert len(example["before"]) == 1
    assert '-H "X-Api-Key: $CARECYCLE_API_KEY"' in example["request"]
    assert example["replay"].endswith(f"{path} --rule STATE-02")


def test_recording_says_which_keys_are_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was accepted counts as good, unless the environment says which key is."""
    path = write(
        tmp_path,
        entry(None, 200, updated("pending"), second=1),
        entry(None, 200, updated("completed"), second=2, key="cc_AnotherKey123"),
    )
    assert broken(judge(path)[1]) == set()
    monkeypatch.setenv("CARECYCLE_API_KEY", KEY)
    assert broken(judge(path)[1]) == {"AUTH-02"}


def test_recording_without_keys_decides_nothing_about_them(tmp_path: Path) -> None:
    """Programs remove keys from recordings: what has none at all breaks no rule about keys."""
    path = write(
        tmp_path,
        entry(None, 200, updated("pending"), second=1, key=None),
        entry(None, 200, updated("skipped"), second=2, key=None),
    )
    _, report = judge(path)
    assert broken(report) == {"STATE-02"}
    assert "keys were removed" in report["notes"][-1]


def test_recording_with_requests_at_the_same_time_decides_no_order(tmp_path: Path) -> None:
    """Two updates that were under way together may have been carried out in either order."""
    path = write(
        tmp_path,
        entry(None, 200, updated("pending"), second=1, seconds=3),
        entry(
            {"customerId": CUSTOMER, "campaignId": CAMPAIGN, "status": "failed"},
            200,
            updated("pending", "failed"),
            second=2,
        ),
        entry(None, 200, updated("completed"), second=9),
    )
    status, report = judge(path)
    assert (status, results(report)["STATE-02"]) == (0, "not applicable")


def test_recording_with_a_response_that_takes_too_long_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A response that takes too long to judge decides nothing, and the report says so."""
    monkeypatch.setattr(finding, "LONGEST_JUDGING", -1.0)
    status, report = judge(write(tmp_path, entry(None, 200, updated("pending"))))
    assert status == 6
    assert "a response that takes too long to judge decides nothing (exchange 1)" in report["notes"]


def test_recording_without_bodies_is_not_judged(tmp_path: Path) -> None:
    """An exchange whose body was not recorded is skipped and counted."""
    lacking = entry(None, 200, updated("pending"))
    del lacking["response"]["content"]["text"]
    status, report = judge(write(tmp_path, lacking))
    assert status == 6
    assert "1 exchanges were skipped, because their bodies were not recorded" in report["notes"]


@pytest.mark.parametrize(
    ("customer", "status", "rules"),
    [
        ("00000000-0000-0000-0000-000000000000", 1, {"ID-02"}),
        ("7c9e6679-7425-40de-844b-e07fc1f90ae7", 6, set()),
    ],
    ids=["nil", "usual"],
)
def test_recording_with_a_rejected_update(
    tmp_path: Path, customer: str, status: int, rules: set[str]
) -> None:
    """A rejection breaks the rule about what only this request has; else the reason is not known."""
    body = {"customerId": customer, "campaignId": CAMPAIGN, "status": "completed"}
    returned = {**error("VALIDATION_ERROR"), "errors": []}
    path = write(
        tmp_path, entry(None, 200, updated("pending"), second=1), entry(body, 422, returned, second=2)
    )
    found, report = judge(path)
    assert (found, broken(report)) == (status, rules)
    assert any("does not show why (exchange 2)" in note for note in report["notes"]) == (not rules)
    assert results(report)["STATUS-01"] == ("pass" if rules else "inconclusive")


VERSION_1, *OTHERS = (f"{digit}232ab00-9414-11ec-b3c8-9f6bdeced846" for digit in "abcde")
REJECTED = {**error("VALIDATION_ERROR"), "errors": []}


@pytest.mark.parametrize(
    ("accepted", "rejected", "rules"),
    [
        ([(CUSTOMER, CAMPAIGN)], (CUSTOMER, CAMPAIGN.upper()), {"ID-03"}),
        ([(CUSTOMER.upper(), CAMPAIGN)], (CUSTOMER.upper(), CAMPAIGN.upper()), {"ID-03"}),
        ([(VERSION_1, CAMPAIGN)], (VERSION_1.upper(), CAMPAIGN), {"ID-03"}),
        ([(CUSTOMER, CAMPAIGN)], (VERSION_1.upper(), CAMPAIGN), set()),
        ([], (VERSION_1, CAMPAIGN), set()),
    ],
    ids=["one-field", "the-other-field", "one-more", "two-features", "nothing-accepted"],
)
def test_rejection_is_explained_by_what_was_accepted(
    tmp_path: Path, accepted: list[tuple[str, str]], rejected: tuple[str, str], rules: set[str]
) -> None:
    """What tells a rejected request from one that was accepted is the cause, if it is one thing."""

    def body(ids: tuple[str, str]) -> dict[str, str]:
        return {"customerId": ids[0], "campaignId": ids[1], "status": "completed"}

    entries = [entry(body(ids), 404, error("NOT_FOUND"), second=at) for at, ids in enumerate(accepted, 1)]
    _, report = judge(write(tmp_path, *entries, entry(body(rejected), 422, REJECTED, second=9)))
    assert rules == broken(report)


def test_rejection_of_a_combination_is_explained_by_its_parts(tmp_path: Path) -> None:
    """Two ids of version 1 are rejected, and one was accepted in each field: the version is the cause."""
    pairs = [(OTHERS[0], CAMPAIGN), (CUSTOMER, OTHERS[1]), (OTHERS[2], OTHERS[3])]
    bodies = [{"customerId": one, "campaignId": two, "status": "completed"} for one, two in pairs]
    names = [ID.replace("36", digits) for digits in ("37", "38")]
    accepted = [
        entry(body, 200, updated("pending", id_=name), second=at)
        for at, (body, name) in enumerate(zip(bodies[:2], names, strict=True))
    ]
    _, report = judge(write(tmp_path, *accepted, entry(bodies[2], 422, REJECTED, second=9)))
    assert {"ID-01"} == broken(report)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "no JSON at line 1, column 2"),
        ("[]", "it has no list `log.entries`"),
        ("[" * 100_000, "nested too deeply"),
        ('{"log": {"entries": [7]}}', "log.entries[0] is no exchange"),
        ('{"log": {"entries": [{"response": {}}]}}', "it has no `request`"),
        ('{"log": {"entries": [{"request": {"method": "GET", "url": 7}}]}}', "its `url` is no string"),
        (SENT % '"startedDateTime": "now",', "log.entries[0] is no exchange"),
        (SENT % "", "a body is not base64"),
    ],
)
def test_broken_archive_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    """A file that is no archive is named with the place, and no report is written."""
    path = tmp_path / "recorded.har"
    path.write_text(text, encoding="utf-8")
    assert main([str(path), "--report-dir", str(tmp_path / "judged")]) == 4
    printed = capsys.readouterr().err
    assert str(path) in printed
    assert complaint in printed
    assert not (tmp_path / "judged").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["missing.har"],
        [],
        ["a", "--unknown"],
        ["a", "--target", "ftp://a"],
        ["a", "--rule", "X"],
        ["a", "--enrollment", "1"],
    ],
    ids=" ".join,
)
def test_wrong_usage_has_its_exit_status(capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    """What cannot be judged ends with 4 and a sentence."""
    try:
        status = main(options)
    except SystemExit as end:
        status = int(str(end.code))
    assert status == 4
    assert capsys.readouterr().err.startswith("error: ")
