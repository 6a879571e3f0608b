"""Whole runs against a server that does anything on its sockets: any bytes, delays and broken connections."""

import itertools
import json
import os
import signal
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from conformance.mock.server import Settings, serve
from conformance.reporting.json_report import SCHEMA as REPORT_SCHEMA
from conformance.selftest.hostile import KEY, RESTRICTED_KEY, STATUSES, TEXTS, assert_no_key, contents
from conformance.selftest.runs import Clock, Outcome, run
from conformance.selftest.scripted_server import Received, Reply, Script, forward, listen
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE

VALID = validator_for(json.loads(REPORT_SCHEMA.read_text("utf-8")))
TIMEOUT = 0.1
"""The time limit of the run for a response, in seconds."""


@dataclass(frozen=True)
class Move:
    """How the server replies to one request."""

    raw: bytes | None
    """What it sends. With None, it sends the response of the mock."""
    sent: float = 1.0
    """The share of the bytes after which the connection ends."""
    delay: float = 0.0
    """How long it waits between the two halves of what it sends, in seconds."""


CORRECT = Move(None)
HEADERS = ["Location", "Retry-After", "Allow", "Content-Encoding", "Transfer-Encoding", "Set-Cookie", "X-Any"]
VALUES = ["5", "0", "-1", "9" * 400, "gzip", "chunked", "identity", "/", "http://127.0.0.1:1/"]


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """The bytes of an HTTP response, which need not be valid."""
    status = draw(st.sampled_from(STATUSES))
    content = draw(contents(status))
    media_type = draw(st.sampled_from(["application/json", "text/html", "*"]) | TEXTS)
    lines = [
        draw(
            st.sampled_from([f"HTTP/1.1 {status} Any"] * 6 + [f"HTTP/1.0 {status}", f"HTTP/2 {status}", "?"])
        ),
        f"Content-Type: {media_type}",
        *draw(
            st.lists(
                st.builds("{}: {}".format, st.sampled_from(HEADERS), st.sampled_from(VALUES) | TEXTS),
                max_size=2,
            )
        ),
        *draw(st.sampled_from([[f"Content-Length: {len(content)}"]] * 3 + [["Content-Length: 9"], []])),
    ]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + content


MOVES = (
    st.just(CORRECT)
    | st.builds(Move, responses())
    | st.builds(
        Move,
        responses() | st.binary(max_size=40),
        st.floats(0, 1),
        st.sampled_from([0.0, 0.01, 2 * TIMEOUT]),
    )
)
PLANS = st.lists(MOVES, min_size=1, max_size=10)
"""What the server does with the requests, one after the other, then again from the first on."""
PHASES = [phase for phase in Phase if phase is not Phase.shrink]
"""A failing plan is not simplified: with whole runs that takes many minutes."""
MOMENTS = st.none() | st.integers(1, 20)
"""Which request a SIGINT follows, if one is sent."""


def send(move: Move) -> Script:
    """Send the bytes of a move."""
    raw = move.raw or b""
    raw = raw[: round(len(raw) * move.sent)]

    def script(connection: socket.socket) -> None:
        connection.sendall(raw[: len(raw) // 2])
        time.sleep(move.delay)
        connection.sendall(raw[len(raw) // 2 :])

    return script


def run_against(plan: list[Move], moment: int | None, directory: Path, *options: str) -> tuple[Outcome, bool]:
    """A run against a server that follows a plan, and whether a signal was sent to the run."""
    count, pids, signalled = itertools.count(1), list[int](), []
    with serve(Settings(key=KEY, restricted_key=RESTRICTED_KEY, rate=None)) as mock:

        def respond(request: Received) -> Reply | Script:
            number = next(count)
            if number == moment:
                os.kill(pids[0], signal.SIGINT)
                signalled.append(number)
            move = plan[(number - 1) % len(plan)]
            return forward(request, mock.url) if move.raw is None else send(move)

        named = [word for pair in mock.settings.enrollments[:2] for word in ("--enrollment", ":".join(pair))]
        with listen(respond) as url:
            outcome = run(
                directory,
                *("--target", url, "--request-timeout", str(TIMEOUT), "--max-requests", "25", *named),
                *options,
                environment={KEY_VARIABLE: KEY, RESTRICTED_KEY_VARIABLE: RESTRICTED_KEY},
                clock=Clock(),
                started=pids.append,
            )
    return outcome, bool(signalled)


def assert_run_is_honest(plan: list[Move], moment: int | None, *, is_strict: bool) -> None:
    """Check the exit status, the report and the output of a run against a server that follows a plan."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        options = ["--strict"] if is_strict else []
        outcome, was_signalled = run_against(plan, moment, directory, *options)
        written = [
            path.read_bytes().decode("utf-8", "replace") for path in directory.rglob("*") if path.is_file()
        ]
    assert VALID.is_valid(outcome.report), outcome.text
    assert outcome.report["exit_status"] == outcome.status
    failed = [rule for rule in outcome.report["rules"] if rule["result"] == "fail"]
    if was_signalled:
        assert outcome.status == 2, outcome.text
    else:
        assert outcome.status in {0, 1, 6}, outcome.text
        assert (outcome.status == 1) is any(is_strict or rule["level"] == "MUST" for rule in failed)
    assert all(rule["counterexample"] for rule in failed)
    assert "Traceback" not in outcome.text
    assert_no_key(outcome.text, *written)


@settings(max_examples=5, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(plan=PLANS, moment=MOMENTS, is_strict=st.booleans())
def test_run_against_a_server_that_does_anything_is_honest(
    plan: list[Move], moment: int | None, *, is_strict: bool
) -> None:
    """A whole run over sockets ends with 0, 1 and a rule that names a response, 2 or 6, and shows no key."""
    assert_run_is_honest(plan, moment, is_strict=is_strict)


@pytest.mark.slow
@settings(max_examples=80, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(plan=PLANS, moment=MOMENTS, is_strict=st.booleans())
def test_many_runs_against_a_server_that_does_anything_are_honest(
    plan: list[Move], moment: int | None, *, is_strict: bool
) -> None:
    """The same holds for many more servers and interruptions."""
    assert_run_is_honest(plan, moment, is_strict=is_strict)
