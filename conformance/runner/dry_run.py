"""A dry run: it sends nothing, and prints what each test would send."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

import pytest

from ..reporting.ledger import Result, Verdict
from ..transport.gate import Gate
from . import selection
from .session import Session

FEW = 6
"""How many rules of a test are named; more are counted."""


@dataclass
class Row:
    """The cases of one test."""

    cases: int = 0
    requests: int = 0
    rules: dict[str, None] = field(default_factory=dict)
    lacks: dict[str, None] = field(default_factory=dict)
    """What would let its other cases be sent."""


class Plan:
    """The tests of a run in their order, with the requests of each."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.shortage = ""
        """Why the budget is too small, or nothing."""
        self._tested: set[str] = set()

    def enter(self, test: str, rules: Iterable[str], requests: int, lacks: str) -> None:
        """A case of a test would send so many requests, or lacks something to be sent."""
        row = self.rows.setdefault(test, Row())
        if lacks:
            row.lacks[lacks] = None
            return
        row.cases += 1
        row.requests += requests
        row.rules |= dict.fromkeys(rules)
        self._tested |= set(rules) if requests else set()

    def lines(self, gate: Gate, verdicts: Iterable[Verdict]) -> list[str]:
        """The plan as a person reads it: the tests, the rules that are not tested, the totals."""
        shortage = [self.shortage] if self.shortage else []
        return [
            *self._table(),
            "",
            *self._untested(verdicts),
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

    def _untested(self, verdicts: Iterable[Verdict]) -> list[str]:
        return [
            f"{verdict.rule.id:<12} not tested: {verdict.reason}"
            for verdict in verdicts
            if verdict.rule.id not in self._tested and verdict.result is not Result.PASS
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
            f"(more{more}, where a response is not as documented)"
        )


def _written(gate: Gate) -> list[str]:
    """The enrollments that requests name, and so could change."""
    lines = [
        f"{each.customer_id}:{each.campaign_id} could change: {count} requests name it"
        for each in gate.target.enrollments
        if (count := gate.named[frozenset(each.pair)])
    ]
    return lines or ["No enrollment could change: every request has a new id."]


class DryRunPlugin:
    """Enters each test in the plan, and prints the plan in place of verdicts."""

    def __init__(self, session: Session, selected: set[str] | None) -> None:
        self._session = session
        self._selected = selected
        self._plan = Plan()

    def note_shortage(self, reason: str) -> None:
        """Print at the end why the budget is too small."""
        self._plan.shortage = reason

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Enter in the plan what the test would send."""
        before = self._session.gate.sent
        result = yield
        self._plan.enter(
            item.nodeid.rpartition("::")[2].partition("[")[0],
            selection.rules(item),
            self._session.gate.sent - before,
            selection.lacking(item, self._session.target),
        )
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print no letter for a test that sent nothing."""
        return None if report.failed else ("", "", "")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the plan."""
        terminalreporter.section("plan")
        verdicts = self._session.recorder.ledger.verdicts(self._selected)
        for line in self._plan.lines(self._session.gate, verdicts):
            terminalreporter.write_line(line)
