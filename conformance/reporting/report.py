"""The ledger, for people and for programs."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract.document import DEFAULT_PATH, Contract, Rule
from .ledger import Counterexample, Result, Verdict

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
    """A run, told."""

    target: str
    contract: Contract
    verdicts: Sequence[Verdict]
    requests: int
    seconds: float
    exit_status: int
    strict: bool
    seed: str
    profile: str = "default"
    faults: Sequence[str] = ()


def source(contract: Contract, rule: Rule) -> str:
    """Where a rule stands: the file and the JSON pointer."""
    path = contract.path
    shown = "openapi/carecycle.yaml" if path == DEFAULT_PATH else path
    return f"{shown}#{rule.pointer}"


def explain(contract: Contract, rule: Rule, counterexample: Counterexample) -> str:
    """A failure, as a person reads it."""
    return "\n".join(
        [
            f"{rule.id}  {rule.text}",
            f"  source    {source(contract, rule)}",
            f"  expected  {counterexample.expected}",
            f"  received  {counterexample.received}",
            f"  request   {counterexample.request}",
            f"  replay    {counterexample.replay}",
        ]
    )


COLOURS = {Result.PASS: "green", Result.FAIL: "red", Result.ERROR: "red", Result.INCONCLUSIVE: "yellow"}
"""Colour says nothing that the words do not."""


def table(summary: Summary) -> list[tuple[str, dict[str, bool]]]:
    """The verdict on each rule, a line each, with the markup of pytest's terminal."""
    lines = []
    for verdict in summary.verdicts:
        warning = verdict.is_warning(strict=summary.strict)
        result = "warning" if warning else verdict.result.value
        mark = "⚠" if warning else MARKS[verdict.result]
        note = f"  [{verdict.reason}]" if verdict.reason else ""
        answers = f"{verdict.decisive:>5}" if verdict.decisive else "     "
        colour = "yellow" if warning else COLOURS.get(verdict.result)
        line = f"{mark} {verdict.rule.id:<12} {result:<14} {answers}  {verdict.rule.text}{note}"
        lines.append((line, {colour: True} if colour else {}))
    return lines


def closing_line(summary: Summary) -> str:
    """The totals and what they amount to, in a line."""
    counts = Counter(
        "warning" if verdict.is_warning(strict=summary.strict) else verdict.result.value
        for verdict in summary.verdicts
    )
    totals = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    return (
        f"{meaning(summary.exit_status)}: {totals} of {len(summary.verdicts)} rules; "
        f"{summary.requests} requests in {summary.seconds:.1f} s to {summary.target}; seed {summary.seed}"
    )


def meaning(exit_status: int) -> str:
    """What an exit status says of the target."""
    return {
        0: "CONFORMS",
        1: "DOES NOT CONFORM",
        2: "INTERRUPTED",
        3: "ERROR IN THE SUITE",
        4: "USAGE ERROR",
        6: "INCONCLUSIVE",
    }.get(exit_status, f"EXIT {exit_status}")


def write_json(summary: Summary, directory: Path) -> Path:
    """Write `report.json`; its keys are stable."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "report.json"
    path.write_text(json.dumps(_as_json(summary), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _as_json(summary: Summary) -> dict[str, Any]:
    return {
        "target": summary.target,
        "contract": {"title": summary.contract.raw["info"]["title"], "version": summary.contract.version},
        "result": meaning(summary.exit_status).lower(),
        "exit_status": summary.exit_status,
        "strict": summary.strict,
        "seed": summary.seed,
        "profile": summary.profile,
        "faults": list(summary.faults),
        "requests": summary.requests,
        "seconds": round(summary.seconds, 3),
        "rules": [_verdict_as_json(summary, verdict) for verdict in summary.verdicts],
    }


def _verdict_as_json(summary: Summary, verdict: Verdict) -> dict[str, Any]:
    example = verdict.counterexample
    return {
        "id": verdict.rule.id,
        "level": verdict.rule.level,
        "known": verdict.rule.known,
        "text": verdict.rule.text,
        "source": source(summary.contract, verdict.rule),
        "result": verdict.result.value,
        "warning": verdict.is_warning(strict=summary.strict),
        "decisive_answers": verdict.decisive,
        "broken": verdict.broken,
        "found_at": verdict.found_at,
        "seen_by": list(verdict.seen_by),
        "reason": verdict.reason,
        "counterexample": None
        if example is None
        else {
            "expected": example.expected,
            "received": example.received,
            "request": example.request,
            "replay": example.replay,
            "test": example.test,
        },
    }


def failures(summary: Summary) -> list[str]:
    """Every broken rule explained, the MUSTs first."""
    told = sorted(
        (verdict for verdict in summary.verdicts if verdict.counterexample is not None),
        key=lambda verdict: verdict.is_warning(strict=summary.strict),
    )
    return [
        explain(summary.contract, verdict.rule, verdict.counterexample)
        for verdict in told
        if verdict.counterexample is not None
    ]
