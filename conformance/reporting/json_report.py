"""`report.json`: a run for programs. `report.schema.json`, beside this module, says what is in it."""

import json
from pathlib import Path
from typing import Any

from .files import write
from .ledger import Counterexample, Verdict
from .observed import KINDS, Observed
from .report import Summary, source

SCHEMA = Path(__file__).with_name("report.schema.json")
VERSION = "1.2"
"""The version of the schema: the first number changes when a reader must."""


def write_json(summary: Summary, directory: Path) -> Path:
    """Write `report.json` into a directory; where it is.

    Raises:
        ReportError: it cannot be written.

    """
    path = directory / "report.json"
    write(path, json.dumps(as_json(summary), indent=2, ensure_ascii=False) + "\n")
    return path


def as_json(summary: Summary) -> dict[str, Any]:
    """A run in JSON types."""
    return {
        "schema_version": VERSION,
        "target": summary.target,
        "contract": {"title": summary.contract.raw["info"]["title"], "version": summary.contract.version},
        "result": summary.meaning.lower(),
        "exit_status": summary.exit_status,
        "sentence": summary.sentence,
        "problems": list(summary.problems),
        "stopped": list(summary.stopped),
        "stale": list(summary.stale),
        "recording": summary.recording,
        "notes": list(summary.notes),
        "started": summary.started.isoformat(timespec="seconds"),
        "seconds": round(summary.seconds, 3),
        "requests": summary.requests,
        "max_requests": summary.max_requests,
        "rate": None
        if summary.rate is None
        else {"requests": summary.rate.requests, "seconds": summary.rate.seconds},
        "strict": summary.strict,
        "seed": summary.seed,
        "profile": summary.profile,
        "faults": list(summary.faults),
        "options": list(summary.options),
        "rules": [_verdict(summary, verdict) for verdict in summary.verdicts],
        "cases": [{"name": name, "response": found} for name, found in sorted(summary.cases.items())],
        "observed": None if summary.observed is None else _observed(summary.observed),
    }


def _verdict(summary: Summary, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.rule.id,
        "level": verdict.rule.level,
        "known": verdict.rule.known,
        "text": verdict.rule.text,
        "source": source(summary.contract, verdict.rule),
        "result": verdict.result.value,
        "warning": summary.is_warning(verdict),
        "decisive_responses": verdict.decisive,
        "broken": verdict.broken,
        "decided_at": verdict.decided_at,
        "found_at": verdict.found_at,
        "seen_by": list(verdict.seen_by),
        "reason": verdict.reason,
        "accepted": verdict.accepted,
        "counterexample": None if verdict.counterexample is None else _example(verdict.counterexample),
    }


def _example(example: Counterexample) -> dict[str, Any]:
    return {
        "expected": example.expected,
        "received": example.received,
        "before": list(example.before),
        "request": example.request,
        "sent": example.sent,
        "returned": example.returned,
        "replay": example.replay,
        "test": example.test,
        "at": example.at,
    }


def _observed(observed: Observed) -> dict[str, Any]:
    return {
        "operations": [
            {
                "id": operation,
                "requests": requests,
                "responses": {
                    str(status): count
                    for (of, status), count in sorted(observed.responses.items())
                    if of == operation
                },
            }
            for operation, requests in observed.operations.items()
        ],
        "no_responses": observed.no_responses,
        "latency_ms": {
            "median": observed.percentile(0.5),
            "p95": observed.percentile(0.95),
            "max": observed.percentile(1),
            "histogram": [[time / 1000, count] for time, count in sorted(observed.microseconds.items())],
        },
        "ids": [
            {"field": field, "kind": kind, "valid": KINDS[kind], "outcome": outcome, "count": count}
            for (field, kind, outcome), count in sorted(observed.ids.items())
        ],
        "statuses": [
            {"status": status, "outcome": outcome, "count": count}
            for (status, outcome), count in sorted(observed.statuses.items())
        ],
    }
