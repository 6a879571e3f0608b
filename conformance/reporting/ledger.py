"""The ledger: what the responses of a run decided, and the verdict on each rule that follows from it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from ..contract.document import Contract, Rule
from ..judging.responses import BY_ITSELF
from ..transport.target import KEY_VARIABLE
from ..transport.untrusted import visible, visible_lines
from .exit_status import ExitStatus
from .observed import Observed


class Result(StrEnum):
    """The verdict on a rule."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not applicable"
    UNTESTED = "untested"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An exchange that broke a rule, as a person reads it."""

    expected: str
    received: str
    request: str
    """A curl line, without the key."""
    replay: str
    """The command that runs the test again."""
    test: str
    size: int
    """How much there is to read: the simplest counter-example is shown."""
    at: int = 0
    """The number of the request."""
    before: tuple[str, ...] = ()
    """The requests that must come before, as curl lines, where the rule is about state."""
    sent: str = ""
    """The request as an HTTP message, without the key."""
    returned: str = ""
    """The response as an HTTP message."""
    files: tuple[tuple[str, str], ...] = ()
    """The bodies that are too long for a curl line: the name of the file, and its bytes as Latin-1."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one rule, with what it rests on."""

    rule: Rule
    result: Result
    decisive: int
    """How many responses decided it."""
    broken: int
    """How many of them broke it."""
    reason: str = ""
    counterexample: Counterexample | None = None
    found_at: int | None = None
    """The number of the request whose response was the first to break it."""
    seen_by: Sequence[str] = ()
    """The tests that saw it broken."""
    decided_at: int | None = None
    """The number of the request whose response was the first to decide it."""
    accepted: str = ""
    """Why a baseline accepts that it fails."""

    def is_warning(self, *, strict: bool) -> bool:
        """Whether this fails no run: a broken SHOULD without `--strict`, or what a baseline accepts."""
        return self.result is Result.FAIL and (
            bool(self.accepted) or (self.rule.level == "SHOULD" and not strict)
        )


class Ledger:
    """The record of a run: what was decided of each rule, and why nothing was."""

    def __init__(self, contract: Contract, untested: Mapping[str, str]) -> None:
        self._rules = contract.rules
        self._untested = untested
        self.observed = Observed(contract)
        self.cases: dict[str, str] = {}
        """The first response to each case that every run sends, by the name of its test."""
        self._passed: Counter[str] = Counter()
        self._violated: Counter[str] = Counter()
        self._simplest: dict[str, Counterexample] = {}
        self._found_at: dict[str, int] = {}
        self._decided_at: dict[str, int] = {}
        self._seen_by: dict[str, dict[str, None]] = {}
        self._not_applicable: dict[str, str] = {}
        self._inconclusive: dict[str, str] = {}
        self._errors: dict[str, str] = {}
        self._responses: set[str] = set()
        self._stopped: dict[str, None] = {}

    def record_stop(self, reason: str) -> None:
        """The run sends nothing more."""
        self._stopped[reason] = None

    @property
    def stopped(self) -> Sequence[str]:
        """Why the run stopped, the first reason first. Several workers can have several reasons."""
        return tuple(self._stopped)

    def record_response(self, response: str) -> None:
        """A response depended on its request: its status and code."""
        self._responses.add(response)

    @property
    def doubt(self) -> str:
        """Why no pass counts: the target was not seen to treat two requests differently. Empty if it was."""
        if len(self._responses) > 1:
            return ""
        if not self._responses:
            return "no response depended on its request"
        (response,) = self._responses
        cause = KEY_VARIABLE if response.startswith(("401", "403")) else "the address"
        return f"every request got the same response, {response}: is {cause} right?"

    def _is_doubtful(self, rule: str) -> bool:
        """Whether a violation is set aside, because the run stopped after the same rejection of all requests.

        The address or the key is wrong. A 400 or a 422 comes from an API, so a rule about its body counts.
        """
        if len(self._responses) != 1 or not any(each.startswith(self.doubt) for each in self._stopped):
            return False
        (response,) = self._responses
        status = int(response[:3])
        return status >= 300 and (status not in {400, 422} or rule not in BY_ITSELF)

    def withdraw(self) -> None:
        """Forget what responses decided: none of them came from the API."""
        for each in (
            self._passed,
            self._violated,
            self._simplest,
            self._found_at,
            self._decided_at,
            self._seen_by,
        ):
            each.clear()

    def record_pass(self, rule: str, at: int = 0) -> None:
        """The response to request number `at` satisfied a rule."""
        self._passed[rule] += 1
        self._decided_at.setdefault(rule, at)

    def record_case(self, name: str, response: str) -> None:
        """The first response to a case that every run sends: its status and code."""
        self.cases.setdefault(name, response)

    def record_violation(self, rule: str, counterexample: Counterexample) -> None:
        """A response violated a rule."""
        self._violated[rule] += 1
        self._found_at.setdefault(rule, counterexample.at)
        self._decided_at.setdefault(rule, counterexample.at)
        self._seen_by.setdefault(rule, {})[counterexample.test] = None
        self._keep_simplest(rule, counterexample)

    def _keep_simplest(self, rule: str, counterexample: Counterexample) -> None:
        simplest = self._simplest.get(rule)
        if simplest is None or (counterexample.size, counterexample.at) < (simplest.size, simplest.at):
            self._simplest[rule] = counterexample

    def record_not_applicable(self, rules: Iterable[str], reason: str) -> None:
        """The target lacks what the tests of rules need."""
        for rule in rules:
            self._not_applicable.setdefault(rule, reason)

    def exclude(self, rules: Iterable[str], reason: str) -> None:
        """The target cannot show some rules: those that were not decided are not applicable."""
        for rule in rules:
            self._inconclusive.pop(rule, None)
            self._not_applicable[rule] = reason

    def record_inconclusive(self, rules: Iterable[str], reason: str) -> None:
        """A test of rules got no decisive response."""
        for rule in rules:
            self._inconclusive[rule] = reason

    def record_error(self, rules: Iterable[str], error: str) -> None:
        """A test failed through a bug of ours."""
        for rule in rules:
            self._errors[rule] = error

    def snapshot(self) -> dict[str, Any]:
        """All entries in plain types, for another process."""
        return {
            "observed": self.observed.snapshot(),
            "cases": dict(self.cases),
            "passed": dict(self._passed),
            "broken": dict(self._violated),
            "simplest": {rule: asdict(example) for rule, example in self._simplest.items()},
            "found_at": dict(self._found_at),
            "decided_at": dict(self._decided_at),
            "seen_by": {rule: list(tests) for rule, tests in self._seen_by.items()},
            "not_applicable": dict(self._not_applicable),
            "inconclusive": dict(self._inconclusive),
            "errors": dict(self._errors),
            "responses": sorted(self._responses),
            "stopped": list(self._stopped),
        }

    def add(self, snapshot: Mapping[str, Any]) -> None:
        """Add the entries of another ledger."""
        self.observed.add(snapshot["observed"])
        self.cases |= snapshot["cases"]
        self._passed.update(snapshot["passed"])
        self._violated.update(snapshot["broken"])
        for rule, example in snapshot["simplest"].items():
            self._keep_simplest(rule, _counterexample(example))
        for name, first in (("found_at", self._found_at), ("decided_at", self._decided_at)):
            for rule, number in snapshot[name].items():
                first[rule] = min(number, first.get(rule, number))
        for rule, tests in snapshot["seen_by"].items():
            self._seen_by.setdefault(rule, {}).update(dict.fromkeys(tests))
        self._not_applicable |= snapshot["not_applicable"]
        self._inconclusive |= snapshot["inconclusive"]
        self._errors |= snapshot["errors"]
        self._responses.update(snapshot["responses"])
        self._stopped.update(dict.fromkeys(snapshot["stopped"]))

    @property
    def violated(self) -> Collection[str]:
        """The rules that a response violated."""
        return self._violated.keys()

    @property
    def decided(self) -> Collection[str]:
        """The rules that a response decided."""
        return self._decided_at.keys()

    def verdicts(self, selected: Iterable[str] | None = None) -> list[Verdict]:
        """The verdict on each rule, or on the selected and the violated ones, in the order of their ids."""
        violated = {rule for rule in self._violated if not self._is_doubtful(rule)}
        wanted = set(self._rules if selected is None else selected) | violated
        return [self._verdict(rule) for id_, rule in self._rules.items() if id_ in wanted]

    def _verdict(self, rule: Rule) -> Verdict:
        result, reason = self._result(rule.id)
        if self._is_doubtful(rule.id):
            return Verdict(rule=rule, result=result, decisive=0, broken=0, reason=visible(reason))
        example = self._simplest.get(rule.id)
        return Verdict(
            rule=rule,
            result=result,
            decisive=self._passed[rule.id] + self._violated[rule.id],
            broken=self._violated[rule.id],
            found_at=self._found_at.get(rule.id),
            decided_at=self._decided_at.get(rule.id),
            seen_by=tuple(self._seen_by.get(rule.id, ())),
            reason=visible(reason),
            counterexample=None if example is None else _visible(example),
        )

    def _result(self, rule: str) -> tuple[Result, str]:
        if rule in self._violated and not self._is_doubtful(rule):
            return Result.FAIL, ""
        if rule in self._errors:
            return Result.ERROR, self._errors[rule]
        # The reason to stop can have a hint after the doubt.
        doubt = next((each for each in self._stopped if each.startswith(self.doubt)), self.doubt)
        if rule in self._violated:
            return Result.INCONCLUSIVE, doubt
        if self._passed[rule]:
            return (
                (Result.INCONCLUSIVE, self._inconclusive.get(rule, doubt))
                if self.doubt
                else (Result.PASS, "")
            )
        undecided = (
            (Result.UNTESTED, self._untested),
            (Result.INCONCLUSIVE, self._inconclusive),
            (Result.NOT_APPLICABLE, self._not_applicable),
        )
        for result, reasons in undecided:
            if rule in reasons:
                return result, reasons[rule]
        return Result.INCONCLUSIVE, (self._responses and self.doubt and doubt) or "no response decided it"


def _counterexample(snapshot: Mapping[str, Any]) -> Counterexample:
    """A counter-example that another process sent, which turned its tuples into lists."""
    before, files = tuple(snapshot["before"]), tuple(map(tuple, snapshot["files"]))
    return Counterexample(**{**snapshot, "before": before, "files": files})


def _visible(example: Counterexample) -> Counterexample:
    """A counter-example without what a target could do to a terminal or a page."""
    return replace(
        example,
        expected=visible(example.expected),
        received=visible(example.received),
        sent=visible_lines(example.sent),
        returned=visible_lines(example.returned),
    )


def exit_status(verdicts: Iterable[Verdict], *, strict: bool) -> ExitStatus:
    """The exit status of a run with these verdicts. A run that decided no rule is inconclusive."""
    found = list(verdicts)
    if any(verdict.result is Result.ERROR for verdict in found):
        return ExitStatus.ERROR_IN_THE_SUITE
    if any(verdict.result is Result.FAIL and not verdict.is_warning(strict=strict) for verdict in found):
        return ExitStatus.DOES_NOT_CONFORM
    counting = [verdict for verdict in found if strict or verdict.rule.level == "MUST"]
    is_open = any(verdict.result is Result.INCONCLUSIVE for verdict in counting)
    is_decided = any(verdict.result in {Result.PASS, Result.FAIL} for verdict in found)
    return ExitStatus.INCONCLUSIVE if is_open or not is_decided else ExitStatus.CONFORMS
