"""Several machines, one run: they divide its tests, and each report has what all machines found.

They meet on a Redis server (`--shared`) under a name (`--shared-run`). A machine takes a test if no other one
has taken it. Tests that name an enrollment all go to one machine, because only a machine that sees every
update knows what an enrollment holds. A machine that has no more tests waits for the others, so that all of
them come to the same verdict.
"""

import os
import re
from collections.abc import Generator, Sequence
from dataclasses import replace

import pytest

from ..reporting.exit_status import ExitStatus
from ..reporting.report import Summary
from ..transport import redis_server
from ..transport.gate import say_on_stderr
from ..transport.interruption import INTERRUPTION, Interrupted
from ..transport.shared_run import SharedRun, SharedRunLost
from ..transport.target import Target
from . import configuration
from .session import Session

NAME_VARIABLE = "CARECYCLE_SHARED_RUN"
PASSWORD_VARIABLE = "CARECYCLE_SHARED_PASSWORD"  # noqa: S105 - a name, not a password
GLANCE = 0.5
"""Seconds between two looks at whether other machines still run."""
DONE = "done"
ELSEWHERE = "another machine of the run takes this test"

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_RUN = pytest.StashKey[SharedRun]()


def find(config: pytest.Config, machine: str = "") -> SharedRun | None:
    """The run that `--shared` names, or None. `machine` is the name that a controller gives its workers."""
    url = config.getoption("--shared")
    if not url or config.option.collectonly or config.getoption("--dry-run"):
        return None
    name = config.getoption("--shared-run") or os.environ.get(NAME_VARIABLE, "")
    if not _NAME.fullmatch(name):
        raise pytest.UsageError(
            f"--shared needs --shared-run NAME, or {NAME_VARIABLE}: the same on each machine, and another "
            "for each run; letters, digits and ._- only"
        )
    if config.getoption("--target") is None:
        raise pytest.UsageError("--shared needs --target: each machine would test a mock of its own")
    if url.partition("://")[0] not in {"redis", "rediss", "unix"}:
        raise pytest.UsageError("--shared: write redis://HOST:PORT/0, or rediss:// for TLS")
    password = os.environ.get(PASSWORD_VARIABLE)
    try:
        client = redis_server.connect(url, "--shared", password=password, as_text=True)
        run = SharedRun(client, name, machine=machine)
    except (redis_server.RedisUnusable, SharedRunLost) as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[_RUN] = run
    return run


def agree_on_seed(config: pytest.Config, seed: str) -> str:
    """The seed of all machines: the first one decides it."""
    run = find(config)
    if run is None:
        return seed
    agreed = run.agree("seed", seed)
    if agreed != seed and configuration.has_seed(config):
        raise pytest.UsageError(f"--seed {seed}: the run {run.name} has the seed {agreed}")
    return agreed


def join(config: pytest.Config, target: Target) -> SharedRun | None:
    """Take part in the run, if the other machines test the same target in the same way."""
    run = config.stash.get(_RUN, None)
    if run is None:
        return None
    options = (
        "target",
        "max_requests",
        "rate",
        "profile",
        "rule",
        "strict",
        "enrollment",
        "swap_ids",
        "allow_writes",
    )
    settings: dict[str, object] = {f"--{name.replace('_', '-')}": config.getoption(name) for name in options}
    settings["the contract"] = configuration.read_contract(config).raw
    settings["the restricted key"] = target.restricted_key is None
    if differing := run.differences(settings):
        raise pytest.UsageError(
            f"the other machines of the run {run.name} have another {', '.join(differing)}: give each "
            "machine the same, or start a run of another name"
        )
    run.begin()
    config.pluginmanager.register(Waiting(run))
    return run


def may_name(session: Session) -> bool:
    """Whether this machine may name enrollments: of several machines only one may."""
    return session.gate.run is None or session.gate.run.holds_enrollments


def takes(session: Session, item: pytest.Item, *, names_enrollment: bool) -> bool:
    """Whether this process is to run a test. A lost run leaves the test to say why nothing is sent."""
    run = session.gate.run
    if run is None:
        return True
    try:
        session.recorder.violated_elsewhere |= run.share_violations(session.recorder.violated)
        if names_enrollment and session.target.enrollments and not run.claim_enrollments():
            return False
        return run.claim(item.nodeid.rpartition("/")[2])
    except SharedRunLost as reason:
        session.gate.give_up(str(reason))
        return True


def publish(session: Session, traffic: Sequence[str]) -> None:
    """Let the other machines have what this process found, and the exchanges since the last time."""
    if session.gate.run is not None:
        try:
            session.gate.run.publish(session.recorder.ledger.snapshot(), traffic)
        except SharedRunLost as reason:
            session.gate.give_up(str(reason))


def enter(session: Session) -> list[str]:
    """Enter what the other machines found. Returns what is missing, each in a sentence."""
    run = session.gate.run
    if run is None:
        return []
    try:
        for snapshot in run.snapshots():
            session.recorder.ledger.add(snapshot)
        running, ended = run.others()
    except SharedRunLost as reason:
        return [f"{reason}: what the other machines found is missing"]
    return [
        *(f"a machine of the run was {state}: its last test is missing" for state in ended if state != DONE),
        *(["a machine of the run had not ended"] * len(running)),
    ]


def traffic(session: Session) -> Sequence[str]:
    """The exchanges of the other machines. If the run is lost, `enter` says so."""
    try:
        return () if session.gate.run is None else session.gate.run.traffic()
    except SharedRunLost:
        return ()


def conclude(summary: Summary, problems: list[str]) -> Summary:
    """The summary of a run. A run with problems is inconclusive, unless it has another exit status."""
    status = summary.exit_status or (ExitStatus.INCONCLUSIVE if problems else ExitStatus.CONFORMS)
    return replace(summary, exit_status=status, problems=(*summary.problems, *problems))


def close(config: pytest.Config) -> None:
    """Close the connections."""
    if (run := config.stash.get(_RUN, None)) is not None:
        run.close()


class Waiting:
    """Waits at the end of the tests until the other machines have ended theirs."""

    def __init__(self, run: SharedRun) -> None:
        self._run = run

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Say how the tests of this machine ended, and wait for the others."""
        state = "interrupted"
        try:
            result = yield
            state = DONE
        finally:
            self._end(state)
        self._wait()
        return result

    def _end(self, state: str) -> None:
        try:
            self._run.end(state)
        except SharedRunLost:  # the report says so
            return

    def _wait(self) -> None:
        is_announced = False
        try:
            while running := self._run.others()[0]:
                if not is_announced:
                    machines = "another machine" if len(running) == 1 else f"{len(running)} other machines"
                    say_on_stderr(f"waiting for {machines} of the run {self._run.name}")
                is_announced = True
                INTERRUPTION.pause(GLANCE)
        except (SharedRunLost, Interrupted):  # the report says so
            return
