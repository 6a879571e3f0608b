"""A counter-example does again what the run saw, when its lines are pasted into a shell."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.mock.server import Settings, serve
from conformance.runner.recorder import command
from conformance.selftest.runs import KEYS, Outcome, run
from conformance.selftest.waiting import LONGEST

needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None, reason="there is no curl to paste the lines for"
)


def paste(line: str) -> tuple[int, str]:
    """What a server responds to a line in a shell: the status and the body."""
    done = subprocess.run(
        ["bash", "-c", f"curl() {{ command curl -s -w '\\n%{{http_code}}' \"$@\"; }}; {line}"],
        env={**os.environ, **KEYS},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def counterexample(outcome: Outcome, rule: str) -> Mapping[str, Any]:
    """The counter-example of a rule that failed."""
    (found,) = (one["counterexample"] for one in outcome.report["rules"] if one["id"] == rule)
    return dict(found)


def essence(body: str, rule: str) -> object:
    """A body as JSON, with the status before the update only if the rule is about it."""
    value = json.loads(body)
    return {
        name: value[name] for name in value if name != "previousStatus" or rule in {"STATE-02", "STATE-05"}
    }


@needs_curl
@pytest.mark.parametrize(
    ("fault", "rule", "before"),
    [
        ("accepts_pending", "STATUS-02", 0),
        ("fails_on_a_large_body", "HTTP-03", 0),
        ("fails_on_a_byte_order_mark", "HTTP-03", 0),
        ("takes_a_form", "BODY-03", 0),
        ("forgets_the_update", "STATE-02", 1),
        ("names_every_enrollment_alike", "STATE-04", 1),
        ("applies_what_it_refuses_as_no_json", "STATE-05", 2),
    ],
)
def test_counterexample_reproduces_when_pasted(tmp_path: Path, fault: str, rule: str, before: int) -> None:
    """The printed lines, with what must come before, get the response that broke the rule."""
    with serve(Settings(rate=None, faults=(fault,))) as mock:
        named = [word for pair in mock.settings.enrollments for word in ("--enrollment", ":".join(pair))]
        selected = [] if before > 1 else ["--rule", rule]
        options = ["--profile", "quick", "--seed", "7", "--strict", *selected]
        outcome = run(tmp_path, "--target", mock.url, *named, *options)
        assert outcome.status == 1, outcome.text
        example = counterexample(outcome, rule)
        assert before <= len(example["before"]) <= max(before, 4)
        for line in example["before"]:
            paste(line)
        status, body = paste(example["request"])
    head, _, returned = example["returned"].partition("\n\n")
    assert f"HTTP/1.1 {status}" == head.splitlines()[0]
    assert essence(returned, rule) == essence(body, rule)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [("accepts_pending", "STATUS-02"), ("applies_what_it_refuses_as_no_json", "STATE-05")],
)
def test_replay_line_repeats_the_run(tmp_path: Path, fault: str, rule: str) -> None:
    """The replay line has the options of the run, names the rule, and makes it fail again."""
    given = ["--fault", fault, "--max-requests", "170", "--seed", "7", "--profile", "quick", "--strict"]
    example = counterexample(run(tmp_path, *given), rule)
    words = shlex.split(example["replay"])
    assert [".venv/bin/tox", "run", "-e", "conformance", "--"] == words[:5]
    assert ["--max-requests", "170"] == words[5:7], (
        "a limit is in the first line, if the replay line is wrapped"
    )
    for flag in ("--fault", "--max-requests", "--seed=7", "--profile", "--strict"):
        assert flag in words
    assert rule in words
    again = run(tmp_path, *words[5:])
    assert again.rules("fail") == {rule}


@pytest.mark.parametrize("is_installed", [False, True])
def test_replay_line_begins_with_the_command_of_its_user(*, is_installed: bool) -> None:
    """An installed suite has a command of its own; in a clone tox runs it."""
    expected = "carecycle-conformance" if is_installed else ".venv/bin/tox"
    assert expected == command(is_installed=is_installed)[0]
