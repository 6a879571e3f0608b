"""The same checks for Schemathesis' own command line.

`SCHEMATHESIS_HOOKS=conformance.checks.hooks st run openapi/carecycle.yaml …` judges by the rules of the
contract; CARECYCLE_API_KEY tells which key is the good one.
"""

import functools
import os
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext

from conformance import contract as contracts
from conformance.checks.registry import CHECKS, Check, Known
from conformance.exchange import Answer
from conformance.question import Reader
from conformance.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target


def as_schemathesis_check(rule: str, check: Check, reader: Reader) -> schemathesis.CheckFunction:
    """The check of a rule in the form that Schemathesis takes."""

    @functools.wraps(check)
    def run(_: CheckContext, response: schemathesis.Response, case: Case[Any]) -> None:
        headers = tuple((name, value) for name, values in response.headers.items() for value in values)
        answer = Answer(response.status_code, headers, response.content, response.elapsed)
        expected = check(reader.read(case), answer, Known(reader.contract))
        if expected:
            raise AssertionError(f"{rule}  {reader.contract.rules[rule].text}\n  expected  {expected}")

    return run


_READER = Reader(
    contracts.load(),
    Target(
        url="", key=os.environ.get(KEY_VARIABLE, ""), restricted_key=os.environ.get(RESTRICTED_KEY_VARIABLE)
    ),
)
for _rule, _check in CHECKS.items():
    schemathesis.check(as_schemathesis_check(_rule, _check, _READER))
