"""The value that every report is written from: what a run did and found."""

import functools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..contract.document import DEFAULT_PATH, Contract, RateLimit, Rule
from ..transport.untrusted import visible
from .exit_status import ExitStatus
from .ledger import Counterexample, Result, Verdict
from .observed import Observed
from .text import counted

OPTIONS_FILE = "options.txt"
"""The report with the options of the run, a word a line. `@FILE` on a command line stands for them."""
MARKS = {
    Result.PASS: "✓",
    Result.FAIL: "✗",
    Result.INCONCLUSIVE: "?",
    Result.NOT_APPLICABLE: "-",
    Result.UNTESTED: "-",
    Result.ERROR: "!",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """A run: what it was to do, what it did, and what it found."""

    target: str
    contract: Contract
    verdicts: Sequence[Verdict]
    requests: int
    seconds: float
    exit_status: ExitStatus
    strict: bool
    seed: str
    profile: str = "default"
    faults: Sequence[str] = ()
    observed: Observed | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    options: Sequence[str] = ()
    """The options that repeat the run."""
    max_requests: int | None = None
    rate: RateLimit | None = None
    traffic: Sequence[str] = ()
    """Each exchange as an entry of an HTTP Archive, in JSON."""
    about_traffic: Mapping[str, object] = field(default_factory=dict)
    """How the requests of the archive were classified."""
    stale: Sequence[str] = ()
    """Entries of the baseline that are out of date, each in a sentence that says what to do."""
    cases: Mapping[str, str] = field(default_factory=dict)
    """The first response to each case that every run sends, by the name of its test."""
    recording: str = ""
    """The name of the file whose exchanges were judged. Empty for a run, which sends its own."""
    notes: Sequence[str] = ()
    """What a reader must know of a run or a recording, each in a sentence."""
    problems: Sequence[str] = ()
    """What went wrong in the suite itself, each in a sentence."""
    is_written: bool = True
    """Whether the report that a person opens could be written."""
    stopped: Sequence[str] = ()
    """Why the run stopped early, the first reason first. Workers can have several."""

    @property
    def meaning(self) -> str:
        """The exit status in words."""
        return self.exit_status.words

    @property
    def failed(self) -> list[Verdict]:
        """The broken rules that fail the run."""
        return [one for one in self.verdicts if one.result is Result.FAIL and not self.is_warning(one)]

    @property
    def warned(self) -> list[Verdict]:
        """The broken SHOULDs that do not."""
        return [one for one in self.verdicts if self.is_warning(one)]

    @property
    def areas(self) -> Mapping[str, Sequence[Verdict]]:
        """The verdicts by the area of their rule."""
        found: dict[str, list[Verdict]] = {}
        for verdict in self.verdicts:
            found.setdefault(verdict.rule.area, []).append(verdict)
        return found

    @property
    def counts(self) -> Counter[str]:
        """How many rules have each verdict."""
        return Counter(map(self.word, self.verdicts))

    @property
    def causes(self) -> Mapping[tuple[str, str], Sequence[Verdict]]:
        """The rules that were not decided, by verdict and reason, the most frequent first."""
        found: dict[tuple[str, str], list[Verdict]] = {}
        for verdict in self.verdicts:
            if verdict.result not in {Result.PASS, Result.FAIL}:
                found.setdefault((verdict.result.value, verdict.reason), []).append(verdict)
        return dict(sorted(found.items(), key=lambda item: -len(item[1])))

    def is_warning(self, verdict: Verdict) -> bool:
        """Whether a verdict is a broken SHOULD that does not fail this run."""
        return verdict.is_warning(strict=self.strict)

    def word(self, verdict: Verdict) -> str:
        """The verdict in a word: `warning` for a broken SHOULD that does not fail the run."""
        return "warning" if self.is_warning(verdict) else verdict.result.value

    def mark(self, verdict: Verdict) -> str:
        """The sign of a verdict."""
        return "⚠" if self.is_warning(verdict) else MARKS[verdict.result]

    @property
    def totals(self) -> str:
        """How many rules have each verdict, in a line."""
        counts = ", ".join(f"{count} {word}" for word, count in self.counts.most_common())
        return f"{counts or 'none'} of {len(self.verdicts)} rules"

    @property
    def sentence(self) -> str:
        """The verdict on the target in a sentence or two."""
        target = self.target or "The target"
        if self.recording and self.exit_status in {ExitStatus.CONFORMS, ExitStatus.INCONCLUSIVE}:
            return self._sentence_of_recording(target)
        undecided = sum(one.result not in {Result.PASS, Result.FAIL} for one in self.verdicts)
        open_ = f"{undecided} of {counted(len(self.verdicts), 'rule')} left open"
        kept, broken = counted(self.counts["pass"], "rule"), self._broken
        also = f" {target} breaks {broken}." if broken else ""
        reason = f" It stopped early: {_ended(self.stopped[0])}" if self.stopped else ""
        stale = "1 entry is" if len(self.stale) == 1 else f"{len(self.stale)} entries are"
        return {
            ExitStatus.CONFORMS: f"{target} conforms: it satisfies {kept}"
            + (f", and breaks {broken}." if broken else "."),
            ExitStatus.DOES_NOT_CONFORM: f"{target} does not conform: it breaks {broken}."
            if self.failed
            else f"The baseline must be repaired, because {stale} out of date.{also}",
            ExitStatus.INTERRUPTED: f"The run was interrupted, with {open_}.{also}",
            ExitStatus.INCONCLUSIVE: f"The run is inconclusive, with {open_}.{reason}{also}",
        }.get(
            self.exit_status, "The run ended with an error of the suite itself, so it says nothing certain."
        )

    @property
    def _broken(self) -> str:
        """How many rules and recommendations the target breaks, or nothing."""
        accepted = sum(bool(one.accepted) for one in self.warned)
        counts = (
            (len(self.failed), "rule", ""),
            (len(self.warned) - accepted, "recommendation", ""),
            (accepted, "rule", " that the baseline accepts"),
        )
        parts = [counted(count, noun) + rest for count, noun, rest in counts if count]
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)

    def _sentence_of_recording(self, target: str) -> str:
        """The sentence names the recording, because a recording shows less than a run."""
        exchanges = f"{counted(self.requests, 'exchange')} of {self.recording}"
        if self.exit_status is not ExitStatus.CONFORMS:
            return f"The {exchanges} with {target} leave open whether it conforms."
        kept = counted(self.counts["pass"], "rule")
        broken = f", and break {self._broken}" if self._broken else ""
        return f"{target} conforms as far as the {exchanges} show: they satisfy {kept}{broken}."


def source(contract: Contract, rule: Rule) -> str:
    """Where a rule stands: the file and the JSON pointer."""
    return f"{_file(contract)}#{rule.pointer}"


def place(contract: Contract, rule: Rule) -> str:
    """Where a rule stands, shorter: the file and the line."""
    line = _lines(contract).get(rule.id)
    return _file(contract) if line is None else f"{_file(contract)}:{line}"


def rows(
    contract: Contract, rule: Rule, counterexample: Counterexample, accepted: str = ""
) -> list[tuple[str, str]]:
    """What every report says of a failure: each entry with its name.

    Args:
        contract: the contract that has the rule.
        rule: the broken rule.
        counterexample: an exchange that broke it.
        accepted: why a baseline accepts the failure, if one does.

    """
    return [
        ("source", place(contract, rule)),
        ("expected", visible(counterexample.expected)),
        ("received", visible(counterexample.received)),
        *([("accepted", accepted)] if accepted else []),
        *(("before", line) for line in counterexample.before),
        ("request", counterexample.request),
        ("replay", counterexample.replay),
    ]


def explain(contract: Contract, rule: Rule, counterexample: Counterexample, accepted: str = "") -> str:
    """A failure as text, an entry a line. See `rows`."""
    entries = rows(contract, rule, counterexample, accepted)
    return "\n".join([f"{rule.id}  {rule.text}", *(f"  {name:<9} {text}" for name, text in entries)])


def _file(contract: Contract) -> str:
    return "openapi/carecycle.yaml" if contract.path == DEFAULT_PATH else str(contract.path)


@functools.lru_cache(maxsize=1)
def _lines(contract: Contract) -> Mapping[str, int]:
    """The line of each rule in the file of the contract."""
    try:
        text = contract.path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return {}
    found = (
        (number, re.match(r"\s+([A-Z]+-\d+):", line)) for number, line in enumerate(text.splitlines(), 1)
    )
    return {match[1]: number for number, match in found if match}


def _ended(text: str) -> str:
    """The text with a full stop, unless it is a question."""
    return text if text.endswith("?") else f"{text}."
