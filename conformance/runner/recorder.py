"""What tests and judging found, written into the ledger. Nothing else writes there."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..contract.document import Contract, Rule
from ..judging.finding import Finding
from ..reporting.ledger import Counterexample, Ledger
from ..reporting.messages import show_request, show_response
from ..reporting.report import explain
from ..transport.curl import curl
from ..transport.exchange import Exchange, describe
from ..transport.target import Target


class RuleViolation(AssertionError):  # noqa: N818 - the rule is violated, not the suite
    """A response violated a rule. The message says which rule, what was expected and how to replay it."""


@dataclass
class Recorder:
    """Writes findings into the ledger, and raises the violations that the running test is about."""

    contract: Contract
    target: Target
    ledger: Ledger
    strict: bool = False
    options: tuple[str, ...] = ()
    """The options that replay the run."""
    test: str = ""
    """The test that is running now."""
    rules: tuple[str, ...] = ()
    """The rules that it tests."""
    violated_elsewhere: set[str] = field(default_factory=set)
    """Rules that other workers saw violated."""
    last: Exchange | None = None
    """The exchange that was recorded last."""
    _violated_before: frozenset[str] = frozenset()
    _violations: list[tuple[Rule, Counterexample]] = field(default_factory=list)
    """What was recorded since the last `raise_violation`."""

    def begin(self, test: str, rules: tuple[str, ...]) -> None:
        """A test begins that tests these rules.

        What it raises depends on what was violated before it began. Hypothesis sends examples again, and they
        must raise the same.
        """
        self.test, self.rules = test, rules
        self._violated_before = frozenset(self.violated)
        self._violations.clear()

    @property
    def violated(self) -> set[str]:
        """The rules that were seen violated, by this worker or another."""
        return {*self.ledger.broken, *self.violated_elsewhere}

    def record(
        self,
        findings: Iterable[Finding],
        exchange: Exchange | None = None,
        *,
        number: int,
        received: str = "",
    ) -> None:
        """Write down findings.

        Args:
            findings: what was decided.
            exchange: the exchange that decided it, or None for the last one.
            number: the number of the last request.
            received: what was received in words, if it takes more than one exchange to decide.

        """
        exchange = self.last = exchange or self.last
        for finding in findings:
            if finding.rule not in self.contract.rules:
                continue
            if not finding.is_violation:
                self.ledger.record_pass(finding.rule, number)
                continue
            counterexample = self._counterexample(finding, exchange, number, received)
            self.ledger.record_violation(finding.rule, counterexample)
            self._violations.append((self.contract.rules[finding.rule], counterexample))

    def record_inconclusive(self, reason: str, rules: Iterable[str] | None = None) -> None:
        """Write down why a test decided nothing about its rules, or about some of them."""
        self.ledger.record_inconclusive(self.rules if rules is None else rules, reason)

    def record_error(self, error: str) -> None:
        """Write down that the running test failed because of a bug of ours."""
        self.ledger.record_error(self.rules, error)

    def record_not_applicable(self, reason: str) -> None:
        """Write down what the target lacks to test the rules of the running test."""
        self.ledger.record_not_applicable(self.rules, reason)

    def raise_violation(self, *, exploring: bool = False) -> None:
        """Raise the first violation of a MUST that was recorded, or of any rule if the run is strict.

        A rule that was violated before the test began is raised only if the test is about it, and does not
        explore.

        Raises:
            RuleViolation: there is one.

        """
        violations, self._violations = self._violations, []
        for rule, counterexample in violations:
            is_old = rule.id in self._violated_before and (exploring or rule.id not in self.rules)
            if (rule.level == "MUST" or self.strict) and not is_old:
                raise RuleViolation(explain(self.contract, rule, counterexample))

    def _counterexample(
        self, finding: Finding, exchange: Exchange | None, number: int, received: str
    ) -> Counterexample:
        # A rule of the test too, if the finding is about another: only that test sends the request again.
        rules = {finding.rule: None} | dict.fromkeys(() if finding.rule in self.rules else self.rules[:1])
        selected = [word for rule in rules for word in ("--rule", rule)]
        command = [".venv/bin/tox", "run", "-e", "conformance", "--", *self.options, *selected]
        counterexample = Counterexample(
            expected=self.target.mask(finding.expected),
            received=self.target.mask(received),
            request="none",
            replay=shlex.join(command),
            test=self.test,
            size=0,
            at=number,
        )
        if exchange is None:
            return counterexample
        request, response, header = exchange.request, exchange.response, self.contract.key_header
        described = exchange.no_response if response is None else describe(response, self.target)
        return replace(
            counterexample,
            received=counterexample.received or described,
            request=curl(request, self.target, header),
            size=len(request.content),
            sent=show_request(request, self.target, header),
            returned="" if response is None else show_response(response, self.target),
        )
