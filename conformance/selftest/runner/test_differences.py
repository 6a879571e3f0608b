"""`--against URL` sends the same requests to two targets, and says where they differ."""

import json
from pathlib import Path

import pytest

from conformance.contract.document import load
from conformance.mock.server import DEFAULT_KEY, Settings, serve
from conformance.runner.differences import AGAINST, report
from conformance.selftest.runs import KEYS, run
from conformance.transport.target import KEY_VARIABLE

BOTH = KEYS | {AGAINST[name]: key for name, key in KEYS.items()}
SMALL = ("--rule", "STATUS", "--rule", "BODY-04", "--max-requests", "40")


def test_differences_of_equal_targets_are_none(tmp_path: Path) -> None:
    """Two targets that behave alike get the same requests, and none of them differs."""
    with serve(Settings(rate=None)) as one, serve(Settings(rate=None)) as other:
        options = ["--target", one.url, "--against", other.url, *SMALL, "--seed", "5"]
        outcome = run(tmp_path, *options, environment=BOTH)
    assert outcome.status == 0, outcome.text
    assert [(each.method, each.body) for each in one.log] == [(each.method, each.body) for each in other.log]
    assert "0 of 40 requests got different responses, 0 verdicts differ" in outcome.flat


def test_differences_that_break_no_rule_are_reported(tmp_path: Path) -> None:
    """A correct variant differs from the mock: the responses are shown, and nothing is shown to be alike."""
    with serve(Settings(rate=None)) as one, serve(Settings(rate=None, variants=("media_type_415",))) as other:
        options = ["--target", one.url, "--against", other.url, *SMALL]
        outcome = run(tmp_path, *options, environment=BOTH)
    assert outcome.status == 6, outcome.text
    assert (
        ": 400 VALIDATION_ERROR {code, message} | 415 UNSUPPORTED_MEDIA_TYPE {code, message}" in outcome.flat
    )
    written = json.loads((tmp_path / "report" / "differences.json").read_text("utf-8"))
    assert [one.url, other.url] == written["targets"]
    assert {"415"} == {each["responses"][1].split()[0] for each in written["differences"]}
    assert [] == written["verdicts"]


def test_differences_that_break_a_rule_fail_the_run(tmp_path: Path) -> None:
    """If one target breaks a rule, its verdict differs, and the exit status is 1."""
    pair = ":".join(Settings().enrollments[0])
    with serve(Settings(rate=None)) as one, serve(Settings(rate=None, faults=("accepts_expired",))) as other:
        options = ["--target", one.url, "--against", other.url, "--enrollment", pair, *SMALL]
        outcome = run(tmp_path, *options, environment=BOTH)
    assert outcome.status == 1, outcome.text
    assert "STATUS-02: pass | fail" in outcome.flat


def test_differences_are_found_whatever_is_reported(tmp_path: Path) -> None:
    """The comparison reads the traffic of both runs, also if only another report is asked for."""
    with serve(Settings(rate=None)) as one, serve(Settings(rate=None)) as other:
        options = ["--target", one.url, "--against", other.url, *SMALL, "--report", "json"]
        outcome = run(tmp_path, *options, environment=BOTH)
    assert outcome.status == 0, outcome.text
    assert "0 of 40 requests got different responses" in outcome.flat


DEEP = "[" * 990 + "]" * 990
BODIES = {
    "a command": json.dumps({"code": "A" * 60 + " ::error::pwned"}),
    "a command where a word is broken": json.dumps({"code": "A" * 68 + "::error::pwned"}),
    "a line end": json.dumps({"code": "A\n::error::pwned\x1b[1m"}),
    "a long code": json.dumps({"code": "A" * 60_000}),
    "too deep": "[" * 99_999,
    "a deep code": f'{{"code": {DEEP}}}',
    "a deep path": f'{{"errors": [{{"path": {DEEP}}}]}}',
    "a long number": '{"code": ' + "1" * 5000 + "}",
    "a surrogate": '{"code": "\\ud800"}',
    "a key": '{"code": "' + "".join(f"\\u{ord(each):04x}" for each in DEFAULT_KEY) + '"}',
}


def recorded(directory: Path, url: str, body: str) -> Path:
    """A directory with what the comparison reads of a run with one request."""
    directory.mkdir()
    about = {"schema_version": "1.2", "target": url, "started": "", "rules": []}
    (directory / "report.json").write_text(json.dumps(about), "utf-8")
    answer = {"status": 400, "content": {"mimeType": "application/json", "text": body}}
    entry = {"request": {"method": "PATCH", "url": f"{url}/a"}, "response": answer}
    (directory / "traffic.har").write_text(json.dumps({"log": {"entries": [entry]}}), "utf-8")
    return directory


@pytest.mark.parametrize("name", BODIES)
def test_differences_are_shown_whatever_a_target_sends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Text of a target is cut, is no command of a log and shows no key; no body ends the comparison."""
    monkeypatch.setenv(AGAINST[KEY_VARIABLE], DEFAULT_KEY)
    runs = [
        recorded(tmp_path / "one", "http://127.0.0.1:1", "{}"),
        recorded(tmp_path / "other", "http://127.0.0.1:2", BODIES[name]),
    ]
    assert report(runs, tmp_path, 0) == 6
    text = capsys.readouterr().out
    assert "1 of 1 requests got different responses" in text
    assert DEFAULT_KEY not in text
    lines = text.splitlines()
    assert len(lines) < 10
    assert not [line for line in lines if line.lstrip().startswith("::") or not line.isprintable()]
    assert len(json.loads((tmp_path / "differences.json").read_text("utf-8"))["differences"]) == 1


def test_differences_take_a_key_for_each_target(tmp_path: Path) -> None:
    """Without a key of the second target nothing is sent to either."""
    with serve(Settings(rate=None)) as one, serve(Settings(rate=None)) as other:
        outcome = run(tmp_path, "--target", one.url, "--against", other.url)
    assert (outcome.status, one.log, other.log) == (4, [], [])
    assert "set CARECYCLE_AGAINST_API_KEY" in outcome.text


def test_differences_check_both_targets_before_the_first_request(tmp_path: Path) -> None:
    """A production host as the second target needs the same permission, and the first gets nothing before."""
    with serve(Settings(rate=None)) as one:
        production = load().raw["servers"][0]["url"]
        outcome = run(tmp_path, "--target", one.url, "--against", production, environment=BOTH)
    assert (outcome.status, one.log) == (4, [])
    assert "--allow-production" in outcome.text
