"""The opening of a run: few requests that ask much, for a small budget."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ..contract.document import JSON
from ..judging.registry import named_fields
from ..requests.cases import FULL, Cases
from ..requests.classify import STATUS_FIELD, Defect, Key, RequestClass
from ..requests.screening import FIRST, THEN, Probe
from ..runner.session import RuleViolation, Run
from ..transport.exchange import Response

Ask = Callable[..., Response | None]

PROBES = [
    pytest.param(
        probe,
        marks=[pytest.mark.opening(turn=turn), pytest.mark.rule(*probe.rules, needs=probe.needs)],
        id=probe.name,
    )
    for turn, probes in ((0, FIRST), (2, THEN))
    for probe in probes
]


@pytest.mark.parametrize("probe", PROBES)
def test_opening_is_answered_as_documented(ask: Ask, run: Run, cases: Cases, probe: Probe) -> None:
    """A request that asks several things at once gets the documented answer to each."""
    if len(run.target.enrollments) >= probe.below:
        return
    case, broken = probe.case(cases), None
    run.rules = probe.tested_rules(run.target.access)
    has_another = run.target.limited_url != run.target.url
    try:
        response = ask(case, base_url=run.target.limited_url if probe.at_the_limit and has_another else None)
    except RuleViolation as error:  # what else the request asked is still to be found out
        response, broken = None if run.last is None else run.last.response, error
    request_class = run.classify(case)
    if response is not None and len(request_class.wrong) > 1:
        ask_apart(ask, run, cases, request_class, response)
    if (
        response is not None
        and probe.key != FULL
        and response.status not in {401, 403}
        and not probe.is_valid
    ):
        # Was the key let in, or the body looked at first? A valid body with the same key tells.
        status = request_class.status if request_class.first_defect is Defect.UNKNOWN_IDS else "failed"
        plain = replace(probe, status=status, spoil=bytes, fresh=None, media_type=JSON)
        ask(plain.case(cases))
    is_plain_update = request_class.first_defect is Defect.NONE and request_class.key is Key.FULL
    if response is not None and is_plain_update and 400 <= response.status < 500:
        if probe.ids:
            # Is the record final, or the request refused? Ids of the same kinds that name nobody tell.
            ask(replace(probe, of=None).case(cases))
        # Or is it this status that is refused? The other one tells what the status was.
        other = "failed" if probe.status == "completed" else "completed"
        ask(replace(probe, status=other).case(cases))
    if broken is not None:
        raise broken


def ask_apart(ask: Ask, run: Run, cases: Cases, request_class: RequestClass, response: Response) -> None:
    """Ask alone about each wrong field that an answer did not name: was it accepted, or left out?"""
    wrong = {name for name, _ in request_class.wrong}
    for name in sorted(wrong - named_fields(response)):
        if "RESPONSE-06" in run.ledger.broken or (
            400 <= response.status < 500 and not named_fields(response)
        ):
            return  # this target does not name what is wrong: later tests ask about each thing alone
        others = {other: value for other, value in cases.body().items() if other in wrong - {name}}
        body = request_class.value | others | ({} if STATUS_FIELD in wrong else {STATUS_FIELD: "completed"})
        alone = ask(cases.update(body))
        if alone is not None and named_fields(alone) == {name} and named_fields(response):
            run.disagree(
                "RESPONSE-06", f"a `path` to {name} beside the others", "none, though alone it has one"
            )
