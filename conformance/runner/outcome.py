"""What a run amounts to: how far it is, and at its end the value that reports are written from."""

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ..contract.document import Contract
from ..reporting import har, ledger
from ..reporting.baseline import Accepted, BaselineError, apply_baseline, read_baseline
from ..reporting.exit_status import ExitStatus
from ..reporting.progress import State
from ..reporting.report import Summary
from ..requests.request_class import UPDATE
from .session import Session

BASELINE = pytest.StashKey[Mapping[str, Accepted]]()


def state(session: Session, decided_elsewhere: Collection[str], selected: Collection[str] | None) -> State:
    """How far a run is, where other workers have decided some of its rules."""
    rules = (
        set(session.contract.rules) - set(session.contract.untested) if selected is None else set(selected)
    )
    gate = session.gate
    return State(
        decided=len(rules & {*session.recorder.decided, *decided_elsewhere}),
        rules=len(rules),
        sent=gate.sent_by_all,
        most=gate.max_requests,
        rate=gate.rate,
        waiting=gate.waiting,
    )


def summarize(
    config: pytest.Config,
    session: Session,
    selected: Collection[str] | None,
    began: float,
    ended: ExitStatus,
) -> Summary:
    """A run that began at a time of the performance counter, and how it `ended`. See `how_it_ended`."""
    verdicts = session.recorder.ledger.verdicts(selected)
    seconds = time.perf_counter() - began
    summary = Summary(
        target=session.target.url,
        contract=session.contract,
        verdicts=verdicts,
        requests=session.gate.sent_by_all,
        seconds=seconds,
        exit_status=ended or ledger.exit_status(verdicts, strict=session.recorder.strict),
        strict=session.recorder.strict,
        seed=session.seed,
        profile=config.getoption("--profile"),
        faults=config.getoption("--fault"),
        observed=session.recorder.ledger.observed,
        cases=session.recorder.ledger.cases,
        started=datetime.now(UTC) - timedelta(seconds=seconds),
        options=session.recorder.options,
        max_requests=session.gate.max_requests,
        rate=session.gate.rate,
        about_traffic=har.about(session.target, session.contract),
        stopped=session.recorder.ledger.stopped,
    )
    summary = apply_baseline(summary, config.stash[BASELINE], datetime.now(UTC).date())
    if missed := missed_operations(session, selected):
        note = f"no request was sent to {', '.join(missed)}{writes_hint(session, missed)}"
        summary = replace(summary, notes=(*summary.notes, note))
    is_open = summary.exit_status is ExitStatus.CONFORMS and (summary.stopped or missed)
    return replace(summary, exit_status=ExitStatus.INCONCLUSIVE) if is_open else summary


def read_accepted(config: pytest.Config, contract: Contract) -> Mapping[str, Accepted]:
    """The accepted failures of `--baseline`."""
    path = config.getoption("--baseline")
    try:
        return read_baseline(Path(path), contract.rules) if path else {}
    except BaselineError as error:
        raise pytest.UsageError(str(error)) from error


def missed_operations(session: Session, selected: Collection[str] | None) -> list[str]:
    """The operations that got no request. If rules are selected, the update need not get one."""
    needed = session.contract.operations.keys() - (set() if selected is None else {UPDATE})
    return sorted(id_ for id_ in needed if session.recorder.ledger.observed.operations[id_] == 0)


def writes_hint(session: Session, operations: Collection[str]) -> str:
    """What lets requests be sent to the operations that were left out because they can change data."""
    left_out = [session.contract.operations[id_] for id_ in operations]
    if all(session.gate.may_send(each.method, each.path) for each in left_out):
        return ""
    return ": they can create or change data; give --allow-writes"


def take_junit_path(config: pytest.Config) -> Path | None:
    """The file of `--junit-xml`, which gets a test case for each rule, not for each test."""
    path, config.option.xmlpath = getattr(config.option, "xmlpath", None), None
    return Path(path) if path else None


def how_it_ended(of_pytest: int, *, has_bug: bool, is_interrupted: bool) -> ExitStatus:
    """The exit status of a run that did not end normally, or `CONFORMS` if the verdicts decide it.

    Violations of rules fail tests too. A test that fails for another reason is a bug of ours.
    """
    if is_interrupted:
        return ExitStatus.INTERRUPTED
    if of_pytest == pytest.ExitCode.TESTS_FAILED:
        return ExitStatus.ERROR_IN_THE_SUITE if has_bug else ExitStatus.CONFORMS
    is_empty = of_pytest == pytest.ExitCode.NO_TESTS_COLLECTED
    return ExitStatus.CONFORMS if is_empty else ExitStatus(of_pytest)
