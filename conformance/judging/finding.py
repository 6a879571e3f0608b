"""What a check is, and the findings that checks make of one exchange."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..requests.request_class import RequestClass
from ..transport.exchange import Response

PASSED: Final = ""
Outcome = str | None
"""`PASSED`, or what a violated rule expects, or None if an exchange decides nothing about the rule."""

Check = Callable[[RequestClass, Response], Outcome]

CHECKS: dict[str, Check] = {}
"""The check of each rule that one exchange can decide."""
LONGEST_JUDGING = 2.0
"""How many seconds of CPU time the checks of one response may take together."""


class TooSlowError(Exception):
    """A response takes too long to judge, so it decides nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a response passed or violated."""

    rule: str
    expected: str = PASSED
    """What a violated rule expects. It is empty if the response passed."""

    @property
    def is_violation(self) -> bool:
        """Whether the response violated the rule."""
        return self.expected != PASSED


def decides(rule: str) -> Callable[[Check], Check]:
    """Make a function the check of a rule."""

    def register(check: Check) -> Check:
        CHECKS[rule] = check
        return check

    return register


def expect(expected: str, *, that: bool) -> str:
    """The outcome of a rule that is decided: passed, or what was expected."""
    return PASSED if that else expected


def judge(request: RequestClass, response: Response) -> list[Finding]:
    """The findings of every check that decides something. They depend on this one exchange only.

    Raises:
        TooSlowError: judging took longer than `LONGEST_JUDGING`.

    """
    findings, until = [], time.thread_time() + LONGEST_JUDGING
    for rule, check in CHECKS.items():
        if rule in request.contract.rules and (outcome := check(request, response)) is not None:
            findings.append(Finding(rule, outcome))
        if time.thread_time() > until:
            raise TooSlowError(f"judging a response took more than {LONGEST_JUDGING:g} s")
    return findings
