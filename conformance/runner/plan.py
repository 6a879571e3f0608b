"""What a run would send, by test: what a dry run finds out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from ..contract.document import RateLimit
from ..reporting.ledger import Result, Verdict
from ..transport.gate import Gate

FEW = 6
"""How many rules of a test are named; more are counted."""
REJECTIONS = 2
"""How many requests in a row the rate limit must reject."""


def needed_for(limit: RateLimit) -> int:
    """How many requests it takes to go over a limit, and to be accepted again after the wait."""
    return limit.requests + REJECTIONS + 1


def reserve(gate: Gate, items: Sequence[pytest.Item]) -> str:
    """Keep the requests that the test of the target's rate limit needs.

    Returns:
        Why they cannot be kept, or nothing.

    """
    limiting = [item for item in items if item.get_closest_marker("limiting")]
    if not limiting:
        return ""
    limit, most = gate.target.limit or gate.contract.rate_limit, gate.max_requests
    if most is None or gate.target.limited_url != gate.target.url:
        return ""
    needed = needed_for(limit)
    if most < needed + min(len(items) - len(limiting), 1):
        return (
            f"--max-requests {most} is too small for --exercise-rate-limit: to go over the limit takes "
            f"{needed} requests, and the other tests need some too; give {2 * needed} or more"
        )
    gate.reserved = needed
    return ""


@dataclass
class Row:
    """The cases of one test."""

    cases: int = 0
    requests: int = 0
    rules: dict[str, None] = field(default_factory=dict)
    lacks: dict[str, None] = field(default_factory=dict)
    """What would let its other cases be asked."""


class Plan:
    """The tests of a run in their order, with the requests of each."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.shortage = ""
        """Why the budget is too small, or nothing."""
        self._asked: set[str] = set()

    def enter(self, test: str, rules: Iterable[str], requests: int, lacks: str) -> None:
        """A case of a test would send so many requests, or lacks something to be asked."""
        row = self.rows.setdefault(test, Row())
        if lacks:
            row.lacks[lacks] = None
            return
        row.cases += 1
        row.requests += requests
        row.rules |= dict.fromkeys(rules)
        self._asked |= set(rules) if requests else set()

    def lines(self, gate: Gate, verdicts: Iterable[Verdict]) -> list[str]:
        """The plan as a person reads it: the tests, the rules that none asks about, the totals."""
        shortage = [self.shortage] if self.shortage else []
        return [
            *self._table(),
            "",
            *self._unasked(verdicts),
            *_written(gate),
            "",
            *shortage,
            self._total(gate),
        ]

    def _table(self) -> list[str]:
        lines = ["requests  cases  test"]
        for name, row in self.rows.items():
            rules = " ".join(row.rules) if len(row.rules) <= FEW else f"{len(row.rules)} rules"
            notes = [note for note in (rules, *row.lacks) if note]
            lines.append(f"{row.requests:>8} {row.cases:>6}  {name}  [{'; '.join(notes)}]")
        return lines

    def _unasked(self, verdicts: Iterable[Verdict]) -> list[str]:
        return [
            f"{verdict.rule.id:<12} not asked: {verdict.reason}"
            for verdict in verdicts
            if verdict.rule.id not in self._asked and verdict.result is not Result.PASS
        ]

    def _total(self, gate: Gate) -> str:
        requests = sum(row.requests for row in self.rows.values())
        cases = sum(row.cases for row in self.rows.values())
        rate = gate.rate or gate.contract.rate_limit
        minutes = requests / rate.requests * rate.seconds / 60
        more = "" if gate.max_requests is None else f", {gate.max_requests} at most"
        return (
            f"DRY RUN: {requests} requests in {cases} cases to {gate.target.url or 'the embedded mock'}, "
            f"none of them sent; {minutes:.1f} minutes at {rate.requests} requests in {rate.seconds:g} s "
            f"(more{more}, where an answer is not as documented)"
        )


def _written(gate: Gate) -> list[str]:
    """The enrollments that requests name, and so could change."""
    lines = [
        f"{each.customer_id}:{each.campaign_id} could change: {count} requests name it"
        for each in gate.target.enrollments
        if (count := gate.named[frozenset(each.pair)])
    ]
    return lines or ["No enrollment could change: every request has a fresh id."]
