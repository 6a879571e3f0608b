"""The same checks for Schemathesis' own command line.

`SCHEMATHESIS_HOOKS=conformance.judging.hooks st run openapi/carecycle.yaml …` judges by the rules of the
contract; CARECYCLE_API_KEY tells which key is the good one.
"""

import functools
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
from .registry import CHECKS, Check, Known


def as_schemathesis_check(rule: str, check: Check, classifier: Classifier) -> schemathesis.CheckFunction:
    """The check of a rule in the form that Schemathesis takes."""

    @functools.wraps(check)
    def run(_: CheckContext, received: schemathesis.Response, case: Case[Any]) -> None:
        headers = tuple((name, value) for name, values in received.headers.items() for value in values)
        response = Response(received.status_code, headers, received.content, received.elapsed)
        expected = check(classifier.classify(write_request(case, "")), response, Known(classifier.contract))
        if expected:
            raise AssertionError(f"{rule}  {classifier.contract.rules[rule].text}\n  expected  {expected}")

    return run


_CLASSIFIER = Classifier(
    document.load(),
    Access(key=os.environ.get(KEY_VARIABLE, ""), restricted_key=os.environ.get(RESTRICTED_KEY_VARIABLE)),
)
for _rule, _check in CHECKS.items():
    schemathesis.check(as_schemathesis_check(_rule, _check, _CLASSIFIER))
