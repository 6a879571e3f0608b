"""Writes what a run saw and found into the ledger, with the counter-examples. Nothing else writes into it."""

import shlex
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..contract.document import IS_INSTALLED, Contract, Rule
from ..judging.finding import Finding
from ..reporting.ledger import Counterexample, Ledger
from ..reporting.messages import show_request, show_response
from ..reporting.report import explain
from ..requests.ids import kind_of_id
from ..requests.request import Request, read_json
from ..requests.request_class import ID_FIELDS, RequestClass
from ..transport.curl import LONGEST, REPORTS, attachment, curl
from ..transport.exchange import Exchange, Response, describe, status_and_code
from ..transport.target import Target


def command(*, is_installed: bool) -> tuple[str, ...]:
    """What runs the suite: its own command where it is installed, or tox as the README sets it up."""
    return ("carecycle-conformance",) if is_installed else (".venv/bin/tox", "run", "-e", "conformance", "--")


ODDITY = 100
"""An id of an unusual kind makes a counter-example as hard to read as so many characters more."""


def _count_odd_ids(request: Request) -> int:
    """How many ids of a request are no UUID of version 4 in lower case."""
    value = read_json(request.content)
    ids = [value[name] for name in ID_FIELDS if name in value] if isinstance(value, dict) else []
    return sum(kind_of_id(each) != "version 4" for each in ids)


class RuleViolation(AssertionError):  # noqa: N818 - the rule is violated, not the suite
    """A response violated a rule. The message says which rule, what was expected and how to replay it."""


@dataclass
class Recorder:
    """Writes findings into the ledger, and raises the violations that the running test is about."""

    contract: Contract
    target: Target
    ledger: Ledger
    """Other modules only merge it with those of other processes, or write reports from it."""
    strict: bool = False
    options: tuple[str, ...] = ()
    """The options that replay the run."""
    reports: str = REPORTS
    """The directory of the reports, as a curl line names it."""
    command: tuple[str, ...] = command(is_installed=IS_INSTALLED)
    """What takes these options."""
    test: str = ""
    """The test that is running now."""
    rules: tuple[str, ...] = ()
    """The rules that it tests."""
    violated_elsewhere: set[str] = field(default_factory=set)
    """Rules that other workers saw violated."""
    last: Exchange | None = None
    """The exchange that was recorded last."""
    _explores: bool = False
    """Whether the running test sends what it makes up, so that another run sends something else."""
    _rules_of: dict[Request, str] = field(default_factory=dict)
    """A rule of the test that sent each request first: a replay must select what came before, too."""
    _violated_before: frozenset[str] = frozenset()
    _violations: list[tuple[Rule, Counterexample]] = field(default_factory=list)
    """What was recorded since the last `raise_violation`."""

    def begin(self, test: str, rules: tuple[str, ...], *, explores: bool = False) -> None:
        """A test begins that tests these rules.

        What it raises depends on what was violated before it began. Hypothesis sends examples again, and they
        must raise the same.
        """
        self.test, self.rules, self._explores = test, rules, explores
        self._violated_before = frozenset(self.violated)
        self._violations.clear()

    @property
    def violated(self) -> set[str]:
        """The rules that were seen violated, by this worker or another."""
        return {*self.ledger.violated, *self.violated_elsewhere}

    @property
    def decided(self) -> Collection[str]:
        """The rules that a response to this worker decided."""
        return self.ledger.decided

    @property
    def doubt(self) -> str:
        """Why no pass counts: the target was not seen to treat two requests differently. Empty if it was."""
        return self.ledger.doubt

    def record_exchange(self, exchange: Exchange, base_path: str = "") -> None:
        """Count a request that was sent, and its response. The path of an operation follows the base path."""
        self.ledger.observed.record_exchange(exchange, base_path)

    def record_outcome(self, request: RequestClass, response: Response | None) -> None:
        """Count what became of a request. The response is None if there is none that decides anything."""
        self.ledger.observed.record_outcome(request, response)

    def record_response(self, response: Response) -> None:
        """A response depended on its request."""
        self.ledger.record_response(status_and_code(response, self.target))

    def record_update_response(self) -> None:
        """A response was that of an update. It depended on its request, whatever other responses are."""
        self.ledger.record_response("an update")

    def record_stop(self, reason: str) -> None:
        """The run sends nothing more."""
        self.ledger.record_stop(reason)

    def withdraw(self) -> None:
        """Forget what responses decided to this worker: none of them came from the API."""
        self._violations.clear()
        self.ledger.withdraw()

    def exclude(self, rules: Iterable[str], reason: str) -> None:
        """The target cannot show some rules: those that were not decided are not applicable."""
        self.ledger.exclude(rules, reason)

    def record(
        self,
        findings: Iterable[Finding],
        exchange: Exchange | None = None,
        *,
        number: int,
        received: str = "",
        before: Callable[[str], Sequence[Exchange]] = lambda _: (),
    ) -> None:
        """Write down findings.

        Args:
            findings: what was decided.
            exchange: the exchange that decided it, or None for the last one.
            number: the number of the last request.
            received: what was received in words, if it takes more than one exchange to decide.
            before: the exchanges that must come before to see the violation of a rule, given its id.

        """
        exchange = self.last = exchange or self.last
        if exchange is not None and exchange.response is not None and self.test and not self._explores:
            response = status_and_code(exchange.response, self.target)
            self.ledger.record_case(self.test.rpartition("::")[2], response)
        if exchange is not None and self.rules and len(exchange.request.content) <= LONGEST:
            self._rules_of.setdefault(exchange.request, self.rules[0])
        for finding in findings:
            if finding.rule not in self.contract.rules:
                continue
            if not finding.is_violation:
                self.ledger.record_pass(finding.rule, number)
                continue
            counterexample = self._counterexample(finding, exchange, number, received, before(finding.rule))
            self.ledger.record_violation(finding.rule, counterexample)
            self._violations.append((self.contract.rules[finding.rule], counterexample))

    def record_inconclusive(self, reason: str, rules: Iterable[str] | None = None) -> None:
        """Write down why a test decided nothing about its rules, or about some of them."""
        self.ledger.record_inconclusive(self.rules if rules is None else rules, reason)

    def record_error(self, error: str) -> None:
        """Write down that the running test failed because of a bug of ours."""
        self.ledger.record_error(self.rules, error)

    def record_not_applicable(self, reason: str, rules: Iterable[str] | None = None) -> None:
        """Write down what is lacking to test the rules of the running test, or other rules."""
        self.ledger.record_not_applicable(self.rules if rules is None else rules, reason)

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
        self,
        finding: Finding,
        exchange: Exchange | None,
        number: int,
        received: str,
        before: Sequence[Exchange],
    ) -> Counterexample:
        # A rule of the test too, if the finding is about another: only that test sends the request again.
        rules = {finding.rule: None} | dict.fromkeys(() if finding.rule in self.rules else self.rules[:1])
        earlier = [self._rules_of.get(each.request) for each in before]
        rules |= dict.fromkeys(rule for rule in earlier if rule is not None)
        selected = [word for rule in rules for word in ("--rule", rule)]
        command = [*self.command, *self.options, *selected]
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
        requests = [*(each.request for each in before), request]
        lines = [curl(each, self.target, self.reports) for each in requests]
        files = [attachment(each, self.target) for each in requests]
        return replace(
            counterexample,
            received=counterexample.received or described,
            request=lines[-1],
            before=tuple(lines[:-1]),
            files=tuple((name, content.decode("latin-1")) for name, content in filter(None, files)),
            size=sum(map(len, lines)) + ODDITY * sum(map(_count_odd_ids, requests)),
            sent=show_request(request, self.target, header),
            returned="" if response is None else show_response(response, self.target),
        )
