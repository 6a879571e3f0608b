"""The checks of the suite, for the command line of Schemathesis.

`SCHEMATHESIS_HOOKS=conformance.judging.hooks st run openapi/carecycle.yaml …` judges each exchange by the
rules of the contract, as a run of the suite does. `CARECYCLE_API_KEY` is the full key.
"""

import os
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext

from ..contract import document
from ..requests.access import Access
from ..requests.classify import Classifier
from ..requests.request import write_request
from ..transport.exchange import LARGEST_BODY, Response
from ..transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE
from . import CHECKS
from .finding import TooSlowError, judge


def read_response(received: schemathesis.Response) -> Response:
    """A response of Schemathesis, in the form that the checks take. It is cut where the transport cuts it."""
    headers = tuple((name, value) for name, values in received.headers.items() for value in values)
    return Response(
        received.status_code,
        headers,
        received.content[:LARGEST_BODY],
        received.elapsed,
        is_cut=received.content_size > LARGEST_BODY,
    )


class Judge:
    """Judges each exchange once, although Schemathesis shows it to the check of each rule."""

    def __init__(self, classifier: Classifier) -> None:
        self.contract = classifier.contract
        self._classifier = classifier
        self._last: tuple[schemathesis.Response, Case[Any], dict[str, str]] | None = None
        """The last exchange, and what it violates. It is one value, because `st run` has several threads."""

    def violations(self, received: schemathesis.Response, case: Case[Any]) -> dict[str, str]:
        """What each violated rule expects. An exchange that takes too long to judge violates none."""
        last = self._last
        if last is None or last[0] is not received or last[1] is not case:
            last = self._last = received, case, self._judge(received, case)
        return last[2]

    def _judge(self, received: schemathesis.Response, case: Case[Any]) -> dict[str, str]:
        try:
            findings = judge(self._classifier.classify(write_request(case, "")), read_response(received))
        except TooSlowError:
            return {}
        return {each.rule: each.expected for each in findings if each.is_violation}


def make_check(rule: str, judged_by: Judge) -> schemathesis.CheckFunction:
    """The check of a rule, in the form that Schemathesis takes."""

    def check(_: CheckContext, received: schemathesis.Response, case: Case[Any]) -> None:
        if expected := judged_by.violations(received, case).get(rule):
            raise AssertionError(f"{rule}  {judged_by.contract.rules[rule].text}\n  expected  {expected}")

    check.__name__ = rule.lower().replace("-", "_")
    return check


_JUDGE = Judge(
    Classifier(
        document.load(),
        Access(key=os.environ.get(KEY_VARIABLE, ""), restricted_key=os.environ.get(RESTRICTED_KEY_VARIABLE)),
    )
)
for _rule in CHECKS:
    schemathesis.check(make_check(_rule, _JUDGE))
