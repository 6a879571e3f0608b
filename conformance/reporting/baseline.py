"""A baseline: failures that a team accepts for a while, each with a reason and the day on which it ends."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from .exit_status import ExitStatus
from .ledger import Result, exit_status
from .report import Summary


class BaselineError(ValueError):
    """The file is no baseline; the message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A failure that is accepted."""

    reason: str
    expires: datetime.date
    """The last day on which it is."""


def read_baseline(path: Path, rules: Mapping[str, object]) -> Mapping[str, Accepted]:
    """The accepted failures of a YAML or JSON file, by the id of their rule.

    Raises:
        BaselineError: the file cannot be read, or an entry lacks something.

    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BaselineError(f"cannot read the baseline {path}: {error}") from error
    if not isinstance(found, dict):
        raise BaselineError(
            f"the baseline {path} has no rules: write `STATUS-02: {{reason: …, expires: 2026-12-31}}`"
        )
    return {str(rule): _read(path, str(rule), entry, rules) for rule, entry in found.items()}


def _read(path: Path, rule: str, entry: object, rules: Mapping[str, object]) -> Accepted:
    where = f"the baseline {path}, {rule}"
    if rule not in rules:
        raise BaselineError(f"{where}: the contract has no such rule")
    if not isinstance(entry, dict) or not entry.keys() == {"reason", "expires"}:
        raise BaselineError(f"{where}: write a `reason` and the date `expires`, and nothing else")
    reason, expires = entry["reason"], entry["expires"]
    try:
        day = expires if type(expires) is datetime.date else datetime.date.fromisoformat(expires)
    except (TypeError, ValueError):
        raise BaselineError(f"{where}: `expires` is no date such as 2026-12-31") from None
    if not isinstance(reason, str) or not reason.strip():
        raise BaselineError(f"{where}: `reason` is empty")
    return Accepted(reason.strip(), day)


def apply_baseline(summary: Summary, baseline: Mapping[str, Accepted], today: datetime.date) -> Summary:
    """The summary, in which accepted failures fail nothing, and entries that are out of date fail the run."""
    verdicts, stale = [], []
    for verdict in summary.verdicts:
        rule, entry = verdict.rule.id, baseline.get(verdict.rule.id)
        if entry is not None and verdict.result is Result.PASS:
            stale.append(f"baseline: {rule} passes now; remove its entry")
        elif entry is not None and today > entry.expires:
            stale.append(
                f"baseline: {rule} expired on {entry.expires}; repair the target, or set a later date"
            )
        elif entry is not None and verdict.result is Result.FAIL:
            verdict = replace(verdict, accepted=entry.reason)  # noqa: PLW2901 - the same verdict, marked
        verdicts.append(verdict)
    changed = replace(summary, verdicts=verdicts, stale=(*summary.stale, *stale))
    if changed.exit_status not in {ExitStatus.CONFORMS, ExitStatus.DOES_NOT_CONFORM}:
        return changed
    status = ExitStatus.DOES_NOT_CONFORM if stale else exit_status(verdicts, strict=summary.strict)
    return replace(changed, exit_status=status)
