"""The command that serves a mock."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conformance.contract.document import REPOSITORY
from conformance.mock import variants
from conformance.mock.__main__ import main
from conformance.mock.faults import CATALOGUE
from conformance.mock.server import (
    DEFAULT_ENROLLMENTS,
    DEFAULT_KEY,
    DEFAULT_RESTRICTED_KEY,
    Mock,
    Settings,
    serve,
)
from conformance.selftest.http_sender import CONTRACT, UPDATE, exchange, send, update
from conformance.selftest.scripted_server import hang
from conformance.selftest.waiting import LONGEST

# A shell starts a command with `&` in the same way.
IGNORE_SIGINT = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
COMMAND = [sys.executable, "-m", "conformance.mock"]
PAIR = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f:0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a"


@pytest.fixture(autouse=True)
def _without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CARECYCLE_API_KEY", "CARECYCLE_RESTRICTED_API_KEY"):
        monkeypatch.delenv(variable, raising=False)


@contextmanager
def running(
    *arguments: str, prefix: Sequence[str] = (), **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process of the command, and its first line."""
    with subprocess.Popen(
        [*prefix, *COMMAND, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def ended(process: subprocess.Popen[str], signal_: signal.Signals) -> tuple[int, str, str]:
    """The exit status after a signal, and the rest of the output."""
    assert process.stdout is not None
    assert process.stderr is not None
    process.send_signal(signal_)
    return process.wait(timeout=LONGEST), process.stdout.read(), process.stderr.read()


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_command_serves_until_a_signal(signal_: signal.Signals) -> None:
    """The command prints its address, its keys and its enrollments, serves, and ends with 0 on a signal."""
    with running("--port", "0") as (process, first):
        place = re.fullmatch(r"Serving http://(127\.0\.0\.1:\d+)\n", first)
        assert place is not None, first
        assert (
            200 == exchange(f"http://{place[1]}", UPDATE.method, UPDATE.path, {"prefer": "code=200"}).status
        )
        status, output, errors = ended(process, signal_)
    assert (status, errors) == (0, "")
    expected = [DEFAULT_KEY, DEFAULT_RESTRICTED_KEY, "60 requests in 60 seconds"]
    expected += [f"{customer}:{campaign}" for customer, campaign in DEFAULT_ENROLLMENTS]
    assert [text for text in expected if text not in output] == []


def test_command_in_the_background_ends_when_interrupted() -> None:
    """A mock that a script started with SIGINT ignored still ends on SIGINT."""
    with running("--port", "0", prefix=IGNORE_SIGINT) as (process, _):
        status, _, errors = ended(process, signal.SIGINT)
    assert (status, errors) == (0, "")


def test_command_uses_its_arguments_instead_of_the_defaults() -> None:
    """Enrollments, rate, faults and variants replace the defaults, and a key of the user is not printed."""
    arguments = ["--port", "0", "--enrollment", PAIR, "--rate", "5/0.5", "--fault", "accepts_expired"]
    arguments += ["--variant", "scalar_400"]
    keys = {"CARECYCLE_API_KEY": "cc_users_own", "CARECYCLE_RESTRICTED_API_KEY": "cc_users_other"}
    with running(*arguments, **keys) as (process, _):
        status, output, errors = ended(process, signal.SIGTERM)
    assert (status, errors) == (0, "")
    assert "cc_" not in output
    assert re.findall(r"enrollment: (.*)", output) == [PAIR]
    assert re.findall(r"rate limit: (.*)", output) == ["5 requests in 0.5 seconds"]
    assert re.findall(r"fault: (.*)", output) == ["accepts_expired"]
    assert re.findall(r"variant: (.*)", output) == ["scalar_400"]


@pytest.mark.parametrize("rate", ["5/0.5", "off"])
def test_command_ends_with_0_when_interrupted(
    rate: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person ends the command with an interrupt, so an interrupt is no error."""

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    assert main(["--port", "0", "--enrollment", PAIR, "--rate", rate]) == 0
    assert re.findall(r"enrollment: (.*)", capsys.readouterr().out) == [PAIR]


def test_command_keeps_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command keeps no log of the requests that it serves."""
    served: list[Mock] = []

    @contextmanager
    def record(settings: Settings) -> Iterator[Mock]:
        with serve(settings) as mock:
            served.append(mock)
            yield mock

    def send_once(_seconds: float) -> None:
        assert send(served[0], update(served[0])).status == 200
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.mock.__main__.serve", record)
    monkeypatch.setattr(time, "sleep", send_once)
    assert main(["--port", "0"]) == 0
    assert [mock.log for mock in served] == [[]]


def test_command_lists_the_variants(capsys: pytest.CaptureFixture[str]) -> None:
    """The list has every variant with its sentence."""
    assert main(["--list-variants"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [f"{variant.name}  {variant.text}" for variant in variants.CATALOGUE.values()] == lines


def test_command_lists_the_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """The list has every fault with its rule and its sentence, ordered by rule."""
    assert main(["--list-faults"]) == 0
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert sorted([fault.breaks, fault.name, fault.text] for fault in CATALOGUE.values()) == sorted(
        [rule, name, text] for name, rule, text in lines
    )
    assert sorted(rule for _, rule, _ in lines) == [rule for _, rule, _ in lines]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fault", "accept_expired"], "did you mean accepts_expired"),
        (["--fault", "zzz"], "--list-faults"),
        (["--variant", "scalar_40"], "did you mean scalar_400"),
        (["--enrollment", "a:b"], "CUSTOMER_ID:CAMPAIGN_ID"),
        (["--enrollment", PAIR.upper().partition(":")[0]], "CUSTOMER_ID:CAMPAIGN_ID"),
        (["--rate", "60"], "N/SECONDS"),
        (["--rate", "0/60"], "N/SECONDS"),
        (["--rate", "60/0.0"], "N/SECONDS"),
        (["--port", "65536"], "from 0 to 65535"),
        (["--port", "x"], "invalid int value"),
        (["--contract", "missing.yaml"], "cannot read the contract missing.yaml"),
    ],
)
def test_a_bad_argument_is_explained(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An argument that cannot be used ends the command with 2, and the message says what to do."""
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("key", ["sk_live_secret", "cc_", "cc_with space"])
def test_a_key_of_another_form_is_not_shown(
    key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error about a variable that is not a key has the name of the variable, but not its value."""
    monkeypatch.setenv("CARECYCLE_API_KEY", key)
    with pytest.raises(SystemExit):
        main(["--port", "0"])
    errors = capsys.readouterr().err
    assert "CARECYCLE_API_KEY is not a key" in errors
    assert key == CONTRACT.key_prefix or key not in errors


def test_one_key_for_both_variables_is_rejected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If both keys were the same, the mock would reject every request, so the command rejects them."""
    monkeypatch.setenv("CARECYCLE_API_KEY", "cc_same")
    monkeypatch.setenv("CARECYCLE_RESTRICTED_API_KEY", "cc_same")
    with pytest.raises(SystemExit):
        main(["--port", "0"])
    assert "are the same key" in capsys.readouterr().err


def test_a_port_in_use_is_reported_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A port that is in use ends the command with 1 and one line, without a traceback."""
    with hang() as url:
        assert main(["--port", str(urlsplit(url).port)]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("cannot listen on 127.0.0.1:")
    assert errors.count("\n") == 1


def test_a_file_that_is_not_a_contract_is_rejected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is not a contract ends the command with 2."""
    path = tmp_path / "list.yaml"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["--contract", str(path)])
    assert "is not a YAML mapping" in capsys.readouterr().err
