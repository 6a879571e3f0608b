"""Run the screening against each fault of the mock, in this process and without HTTP.

`python -m scripts.evidence.screening [FAULT …] [--part N/M] [--findings FILE]` prints the table of
`run_faults`, and the faults that take more than 60 requests. It takes about a minute of computing time, where
a run over HTTP takes five. The exit status is 1 if a fault makes rules fail that it does not declare.
"""

import multiprocessing
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import schemathesis
from starlette.datastructures import Headers

from conformance.contract import document
from conformance.mock import app as mock_app
from conformance.mock.behaviour import Behaviour, Call
from conformance.mock.faults import CATALOGUE
from conformance.mock.faults.fault import Change
from conformance.mock.server import Settings, build
from conformance.reporting.ledger import Ledger, Result
from conformance.requests.access import Enrollment
from conformance.requests.probe import Probe
from conformance.requests.request import Request
from conformance.requests.screening import FIRST, THEN
from conformance.runner.configuration import LIMIT
from conformance.runner.recorder import Recorder, RuleViolation
from conformance.runner.session import Session
from conformance.suite.test_rate_limit import go_over
from conformance.suite.test_screening import send_probe
from conformance.transport.exchange import Response
from conformance.transport.gate import Gate, RunStopped
from conformance.transport.target import Target
from scripts.evidence import run_faults
from scripts.evidence.run_faults import Finding

CONTRACT = document.load()
SCHEMA = schemathesis.openapi.from_dict(dict(CONTRACT.raw))
LATE = 60
"""The requests after which a fault is listed as found late."""
RATE_RULES = tuple(f"RATE-0{number}" for number in range(1, 6))


class InProcess:
    """A transport that calls the mocks of the hosts `mock` and `limited`."""

    def __init__(self, mocks: Mapping[str, Behaviour]) -> None:
        self._mocks = mocks

    def send(self, request: Request) -> Response:
        """The response of the mock that the URL names. See `Transport.send`."""
        _, _, host, rest = request.url.split("/", 3)
        path, _, query = f"/{rest}".partition("?")
        sent = {name.lower(): value for name, value in request.headers}
        headers = {b"host": host.encode(), b"accept": b"application/json"}
        headers |= {name.encode(): value for name, value in sent.items()}
        mock = mock_app.App(self._mocks[host], keeps_log=False)
        response = mock.response(
            Call(request.method, path, query, Headers(raw=list(headers.items())), request.content)
        )
        returned = {} if response.media_type is None else {"content-type": response.media_type}
        returned |= {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status, tuple(returned.items()), mock_app.encode(response), 0.0)

    def close(self) -> None:
        """There is nothing to close."""


def session_for(change: Change) -> Session:
    """A run against the mock with a change."""
    settings = Settings(rate=None)
    mocks = {"mock": build(settings), "limited": build(replace(settings, rate=LIMIT))}
    for mock in mocks.values():
        change(mock)
    target = Target(
        url="http://mock",
        key=settings.key,
        restricted_key=settings.restricted_key,
        enrollments=tuple(Enrollment(*pair) for pair in settings.enrollments),
        honours_prefer=True,
        limited_url="http://limited",
        limit=LIMIT,
        may_swap_ids=True,
    )
    gate = Gate(target, CONTRACT, transport=InProcess(mocks))
    return Session(SCHEMA, gate, Recorder(CONTRACT, target, Ledger(CONTRACT, CONTRACT.untested)), "1")


def send_all(change: Change) -> Session:
    """Run the screening against the mock with a change."""
    session = session_for(change)
    with suppress(RunStopped):
        _send_probes(session, FIRST)
        session.recorder.begin("rate", RATE_RULES)
        with suppress(RuleViolation):
            go_over(session.send, session, session.cases("rate"), LIMIT)
        _send_probes(session, THEN)
    session.settle(is_end=True)
    return session


def _send_probes(session: Session, probes: Sequence[Probe]) -> None:
    for probe in probes:
        session.recorder.begin(probe.name, tuple(probe.rules))
        with suppress(RuleViolation):
            send_probe(session.send, session, probe)


def run_against(change: Change) -> dict[str, int | None]:
    """The rules that the mock with a change violates, each with the request that shows it."""
    verdicts = send_all(change).recorder.ledger.verdicts()
    return {each.rule.id: each.found_at for each in verdicts if each.result is Result.FAIL}


def run(name: str) -> Finding:
    """Run the screening against the mock with a fault."""
    session, breaks = send_all(CATALOGUE[name].change), CATALOGUE[name].breaks
    failed = {v.rule.id: v for v in session.recorder.ledger.verdicts() if v.result is Result.FAIL}
    return Finding(
        name=name,
        failed=frozenset(failed),
        requests=session.gate.sent,
        found_at=failed[breaks].found_at if breaks in failed else None,
        exit_status=0,
        output="",
        seen_by=tuple(failed[breaks].seen_by) if breaks in failed else (),
    )


def main(arguments: Sequence[str]) -> int:
    """Run the screening against the faults that the command line names, or all of them; the exit status."""
    parser = run_faults.command_line("scripts.evidence.screening", __doc__)
    known, names = run_faults.read_command_line(parser, arguments)
    findings = []
    with multiprocessing.get_context("fork").Pool(known.jobs) as pool:
        for finding in pool.imap_unordered(run, names, chunksize=8):
            findings.append(finding)
            if finding.stray or (finding.found_at or LATE + 1) > LATE:
                print(run_faults.describe(finding), flush=True)
    if known.findings is not None:
        findings = run_faults.save_part(findings, known.findings, known.part)
    print("\n".join(run_faults.summarise(findings)))
    return 1 if any(finding.stray for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
