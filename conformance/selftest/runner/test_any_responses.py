"""Whatever a target sends, a run has an honest exit status and a valid report, and shows no key."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import validator_for

from conformance.reporting import har, ledger, terminal
from conformance.reporting.everything import write_reports
from conformance.reporting.json_report import SCHEMA as REPORT_SCHEMA
from conformance.reporting.ledger import Ledger, Result
from conformance.reporting.report import Summary
from conformance.requests.cases import RESTRICTED
from conformance.requests.request import Request
from conformance.runner import outcome
from conformance.runner.recorder import Recorder, RuleViolation
from conformance.runner.session import Session
from conformance.selftest.exchanges import (
    CASES,
    CONTRACT,
    ONE,
    OTHER,
    SCHEMA,
    TARGET,
    body,
    elsewhere,
)
from conformance.selftest.hostile import KEY, RESTRICTED_KEY, STATUSES, TEXTS, assert_no_key, contents
from conformance.selftest.in_memory import InMemoryTransport, Reply
from conformance.transport.exchange import LARGEST_BODY, Response
from conformance.transport.gate import Gate, RunStopped
from conformance.transport.interruption import INTERRUPTION
from conformance.transport.transport import NoResponse

CANARY = replace(TARGET, key=KEY, restricted_key=RESTRICTED_KEY)
SENT = [
    CASES.update(body(ONE)),
    CASES.update(body(ONE, status="failed", more=1)),
    CASES.update(body(OTHER)),
    CASES.update(),
    CASES.update(body(customerId=1)),
    CASES.update(body(customerId=CASES.id().upper(), status="in_progress")),
    CASES.update(b"{"),
    CASES.update(key=None),
    CASES.update(key="cc_unknown"),
    CASES.update(key=RESTRICTED),
    elsewhere("GET"),
    elsewhere(path="/v2/other"),
]
VALID = validator_for(json.loads(REPORT_SCHEMA.read_text("utf-8")))


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    """Any response, or none and why."""
    if draw(st.integers(0, 7)) == 0:
        reason = draw(st.sampled_from(["connection refused", "not HTTP/1.1: the target sent "])) + draw(TEXTS)
        return NoResponse(reason, timed_out=draw(st.booleans()), may_have_arrived=draw(st.booleans()))
    status = draw(st.sampled_from(STATUSES))
    content = draw(contents(status))
    latin = TEXTS.map(lambda text: text.encode("latin-1", "replace").decode("latin-1"))
    media_type = draw(st.sampled_from(["application/json", "text/html", ""]) | latin)
    names = st.sampled_from(["location", "retry-after", "allow", "content-encoding", "x-any"])
    more = draw(
        st.lists(st.tuples(names, latin | st.sampled_from(["5", "gzip", "-1", "9" * 400])), max_size=2)
    )
    return Response(status, (("content-type", media_type), *more), content[:LARGEST_BODY], 0.001)


def interrupt(_: Request) -> Response:
    """A signal arrives while the run waits for the response."""
    INTERRUPTION.handle()
    pytest.fail("a signal ends the wait for a response")


@contextmanager
def a_run_that_signals_end() -> Iterator[None]:
    """Let signals end the block in order, and let none of its waits take time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(INTERRUPTION, "is_running", True)
        patch.setattr(INTERRUPTION, "_first", 0.0)
        patch.setattr(INTERRUPTION, "pause", lambda _: None)
        yield


ANY_REPLIES = st.lists(replies(), min_size=1, max_size=12)
A_MOMENT = st.none() | st.integers(0, 12)
"""Before which response the run is interrupted, if it is."""


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(given_replies=ANY_REPLIES, moment=A_MOMENT, is_strict=st.booleans())
def test_any_responses_get_an_honest_verdict_and_a_valid_report(
    given_replies: list[Reply], moment: int | None, *, is_strict: bool
) -> None:
    """The exit status is 0, 1 with a rule that names a response, 2 or 6, and no output has a key."""
    assert_run_is_honest(given_replies, moment, is_strict=is_strict)


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(given_replies=ANY_REPLIES, moment=A_MOMENT, is_strict=st.booleans())
def test_very_many_responses_get_an_honest_verdict_and_a_valid_report(
    given_replies: list[Reply], moment: int | None, *, is_strict: bool
) -> None:
    """The same holds for many more responses and interruptions."""
    assert_run_is_honest(given_replies, moment, is_strict=is_strict)


def assert_run_is_honest(given_replies: list[Reply], moment: int | None, *, is_strict: bool) -> None:
    """Run a session against a target with these replies, and check its exit status and its output."""
    if moment is not None:
        given_replies = [*given_replies[:moment], interrupt, *given_replies[moment:]]
    with a_run_that_signals_end():
        _assert_run_is_honest(given_replies, is_strict=is_strict)


def _assert_run_is_honest(given_replies: list[Reply], *, is_strict: bool) -> None:
    transport = InMemoryTransport(*given_replies)
    said: list[str] = []
    gate = Gate(CANARY, CONTRACT, max_requests=60, transport=transport, say=said.append)
    traffic = har.Recorder(CONTRACT, CANARY)
    recorder = Recorder(CONTRACT, CANARY, Ledger(CONTRACT, CONTRACT.untested), strict=is_strict)
    session = Session(SCHEMA, gate, recorder, "7")

    def record(exchange: object) -> None:
        recorder.record_exchange(exchange, "")  # type: ignore[arg-type]  # see Gate
        traffic.record(exchange)  # type: ignore[arg-type]  # see Gate

    gate.on_exchange = record
    for number, case in enumerate(SENT):
        recorder.begin(f"test_{number}", ("STATUS-01",))
        with suppress(RuleViolation, RunStopped):
            session.send(case)
        session.settle(is_end=case is SENT[-1])
    verdicts = recorder.ledger.verdicts()
    is_interrupted = INTERRUPTION.is_wanted
    ended = outcome.how_it_ended(0, has_bug=False, is_interrupted=is_interrupted)
    status = ended or ledger.exit_status(verdicts, strict=is_strict)
    summary = Summary(
        target=CANARY.url,
        contract=CONTRACT,
        verdicts=verdicts,
        requests=gate.sent,
        seconds=1.0,
        exit_status=status,
        strict=is_strict,
        seed="7",
        observed=recorder.ledger.observed,
        traffic=traffic.take(),
        about_traffic=har.about(CANARY, CONTRACT),
        stopped=recorder.ledger.stopped,
    )
    assert status in ({2} if is_interrupted else {0, 1, 6})
    assert is_interrupted or (status == 1) is bool(summary.failed)
    assert all(each.counterexample is not None for each in verdicts if each.result is Result.FAIL)
    with tempfile.TemporaryDirectory() as directory:
        assert status == write_reports(summary, Path(directory)).exit_status
        written = {path.name: path.read_bytes().decode("utf-8") for path in Path(directory).iterdir()}
    assert VALID.is_valid(json.loads(written["report.json"]))
    printed = [
        line
        for verbose in (False, True)
        for line, _ in terminal.lines(summary, Path("reports/index.html"), verbose=verbose)
    ]
    assert all(line.isprintable() for line in printed)
    assert not [line for line in printed if line.lstrip().startswith("::")]
    assert_no_key(*written.values(), *printed, *said)
