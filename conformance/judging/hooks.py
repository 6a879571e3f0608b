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
from ..transport.exchange import Response
from ..transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE
from . import CHECKS


def read_response(received: schemathesis.Response) -> Response:
    """A response of Schemathesis, in the form that the checks take."""
    headers = tuple((name, value) for name, values in received.headers.items() for value in values)
    return Response(received.status_code, headers, received.content, received.elapsed)


def make_check(rule: str, classifier: Classifier) -> schemathesis.CheckFunction:
    """The check of a rule, in the form that Schemathesis takes."""

    def check(_: CheckContext, received: schemathesis.Response, case: Case[Any]) -> None:
        expected = CHECKS[rule](classifier.classify(write_request(case, "")), read_response(received))
        if expected:
            raise AssertionError(f"{rule}  {classifier.contract.rules[rule].text}\n  expected  {expected}")

    check.__name__ = rule.lower().replace("-", "_")
    return check


_CLASSIFIER = Classifier(
    document.load(),
    Access(key=os.environ.get(KEY_VARIABLE, ""), restricted_key=os.environ.get(RESTRICTED_KEY_VARIABLE)),
)
for _rule in CHECKS:
    schemathesis.check(make_check(_rule, _CLASSIFIER))
