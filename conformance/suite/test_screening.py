"""The screening: the first requests of a run, which test many rules with a small budget."""

from collections.abc import Callable

import pytest

from ..judging.response_facts import passed_validation
from ..requests.adapting import adapt
from ..requests.probe import Probe
from ..requests.screening import FIRST, THEN
from ..runner.session import Session
from ..transport.exchange import Response

Send = Callable[..., Response | None]


def _marks(turn: int, probe: Probe) -> list[pytest.MarkDecorator]:
    marks = [pytest.mark.screening(turn=turn), pytest.mark.rule(*probe.rules, needs=probe.needs)]
    return marks if probe.of is None else [*marks, pytest.mark.naming]


PROBES = [
    pytest.param(probe, marks=_marks(turn, probe), id=probe.name)
    for turn, probes in ((0, FIRST), (2, THEN))
    for probe in probes
]


@pytest.mark.parametrize("probe", PROBES)
def test_screening_probe_gets_the_documented_response(send: Send, session: Session, probe: Probe) -> None:
    """A request that tests several rules at once gets the documented response."""
    send_probe(send, session, probe)


def send_probe(send: Send, session: Session, probe: Probe) -> None:
    """Send a request of the screening. If it tests several things and is rejected, each is sent alone."""
    target = session.target
    if not probe.is_sent_to(target.access):
        return
    session.recorder.rules = probe.tested_rules(target.access)
    probe = adapt(probe, target.access, session.recorder.violated)
    token = probe.pair or session.recorder.test
    is_at_another = probe.at_the_limit and target.limited_url != target.url
    response = send(probe.case(session.cases(token)), base_url=target.limited_url if is_at_another else None)
    if response is not None and not passed_validation(response):
        for each in probe.alone:
            send(each.case(session.cases(token)))
