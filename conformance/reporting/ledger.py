"""Per rule: what was asked, what was decided, and so the verdict."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ..contract.document import Contract, Rule
from ..transport.target import KEY_VARIABLE


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
    """An exchange that broke a rule, in words."""

    expected: str
    received: str
    request: str
    """A curl line, without the key."""
    replay: str
    """The command that asks again."""
    test: str
    size: int
    """Bytes of the request body: the smallest counter-example is the one to show."""
    at: int = 0
    """The number of the request."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one rule."""

    rule: Rule
    result: Result
    decisive: int
    """How many answers decided it."""
    broken: int
    """How many of them broke it."""
    reason: str = ""
    counterexample: Counterexample | None = None
    found_at: int | None = None
    """The number of the request whose answer was the first to break it."""
    seen_by: Sequence[str] = ()
    """The tests that saw it broken."""

    def is_warning(self, *, strict: bool) -> bool:
        """Whether this is a broken SHOULD, which fails a run only with `--strict`."""
        return self.result is Result.FAIL and self.rule.level == "SHOULD" and not strict


class Ledger:
    """The record of a run: what was decided of each rule, and why nothing was."""

    def __init__(self, contract: Contract, untested: Mapping[str, str]) -> None:
        self._rules = contract.rules
        self._untested = untested
        self._held: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._smallest: dict[str, Counterexample] = {}
        self._found_at: dict[str, int] = {}
        self._seen_by: dict[str, dict[str, None]] = {}
        self._lacking: dict[str, str] = {}
        self._silent: dict[str, str] = {}
        self._errors: dict[str, str] = {}
        self._answers: set[str] = set()

    def record_response(self, response: str) -> None:
        """An answer said something of its request: its status and code."""
        self._answers.add(response)

    @property
    def doubt(self) -> str:
        """Why nothing that was kept counts, where the target was not seen to tell requests apart."""
        if len(self._answers) > 1:
            return ""
        if not self._answers:
            return "no answer told anything"
        (response,) = self._answers
        suspect = KEY_VARIABLE if response.startswith(("401", "403")) else "the address"
        return f"every request got the same answer, {response}: is {suspect} right?"

    def record_pass(self, rule: str) -> None:
        """An answer kept a rule."""
        self._held[rule] += 1

    def record_violation(self, rule: str, counterexample: Counterexample) -> None:
        """An answer broke a rule."""
        self._broken[rule] += 1
        self._found_at.setdefault(rule, counterexample.at)
        self._seen_by.setdefault(rule, {})[counterexample.test] = None
        smallest = self._smallest.get(rule)
        if smallest is None or counterexample.size < smallest.size:
            self._smallest[rule] = counterexample

    def record_not_applicable(self, rules: Iterable[str], reason: str) -> None:
        """The target lacks what it takes to ask about rules."""
        for rule in rules:
            self._lacking.setdefault(rule, reason)

    def record_inconclusive(self, rules: Iterable[str], reason: str) -> None:
        """A question about rules got no answer."""
        for rule in rules:
            self._silent[rule] = reason

    def record_error(self, rules: Iterable[str], error: str) -> None:
        """A test failed through a bug of ours."""
        for rule in rules:
            self._errors[rule] = error

    def snapshot(self) -> dict[str, Any]:
        """All that is in it, in plain types, for another process."""
        return {
            "held": dict(self._held),
            "broken": dict(self._broken),
            "smallest": {rule: asdict(example) for rule, example in self._smallest.items()},
            "found_at": dict(self._found_at),
            "seen_by": {rule: list(tests) for rule, tests in self._seen_by.items()},
            "lacking": dict(self._lacking),
            "silent": dict(self._silent),
            "errors": dict(self._errors),
            "answers": sorted(self._answers),
        }

    def add(self, snapshot: Mapping[str, Any]) -> None:
        """Enter all that is in the snapshot of another ledger."""
        self._held.update(snapshot["held"])
        self._broken.update(snapshot["broken"])
        for rule, told in snapshot["smallest"].items():
            example, smallest = Counterexample(**told), self._smallest.get(rule)
            if smallest is None or (example.size, example.at) < (smallest.size, smallest.at):
                self._smallest[rule] = example
        for rule, number in snapshot["found_at"].items():
            self._found_at[rule] = min(number, self._found_at.get(rule, number))
        for rule, tests in snapshot["seen_by"].items():
            self._seen_by.setdefault(rule, {}).update(dict.fromkeys(tests))
        self._lacking |= snapshot["lacking"]
        self._silent |= snapshot["silent"]
        self._errors |= snapshot["errors"]
        self._answers.update(snapshot["answers"])

    @property
    def broken(self) -> Collection[str]:
        """The rules that an answer broke."""
        return self._broken.keys()

    def verdicts(self, selected: Iterable[str] | None = None) -> list[Verdict]:
        """The verdict on each rule, or on the selected and the broken ones, in the order of their ids."""
        wanted = set(self._rules if selected is None else selected) | set(self._broken)
        return [self._verdict(rule) for id_, rule in self._rules.items() if id_ in wanted]

    def _verdict(self, rule: Rule) -> Verdict:
        result, reason = self._result(rule.id)
        return Verdict(
            rule=rule,
            result=result,
            decisive=self._held[rule.id] + self._broken[rule.id],
            broken=self._broken[rule.id],
            found_at=self._found_at.get(rule.id),
            seen_by=tuple(self._seen_by.get(rule.id, ())),
            reason=reason,
            counterexample=self._smallest.get(rule.id),
        )

    def _result(self, rule: str) -> tuple[Result, str]:
        if rule in self._broken:
            return Result.FAIL, ""
        if rule in self._errors:
            return Result.ERROR, self._errors[rule]
        if self._held[rule]:
            doubt = self._silent.get(rule, self.doubt) if self.doubt else ""
            return (Result.INCONCLUSIVE, doubt) if doubt else (Result.PASS, "")
        undecided = (
            (Result.UNTESTED, self._untested),
            (Result.INCONCLUSIVE, self._silent),
            (Result.NOT_APPLICABLE, self._lacking),
        )
        for result, reasons in undecided:
            if rule in reasons:
                return result, reasons[rule]
        return Result.INCONCLUSIVE, (self._answers and self.doubt) or "no answer decided it"


def exit_status(verdicts: Iterable[Verdict], *, strict: bool) -> int:
    """0 conforms, 1 does not conform, 3 an error of ours, 6 inconclusive."""
    found = list(verdicts)
    if any(verdict.result is Result.ERROR for verdict in found):
        return 3
    if any(verdict.result is Result.FAIL and not verdict.is_warning(strict=strict) for verdict in found):
        return 1
    weighty = (verdict for verdict in found if strict or verdict.rule.level == "MUST")
    return 6 if any(verdict.result is Result.INCONCLUSIVE for verdict in weighty) else 0
