"""Run the suite with many seeds against the mock and some of its variants: no rule may fail.

`python -m scripts.evidence.seeds [--seeds N] [--jobs N] [--results FILE] [VARIANT …]`: strict default runs
with the seeds 1 to N against the mock, and one against each variant that is named (default: all). A run whose
result is in the file is not repeated. The exit status is 1 if a run does not conform.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.mock.variants import CATALOGUE
from scripts.evidence.resumed_runs import run_rest
from scripts.evidence.run_faults import run_once, warm_up


@dataclass
class Result:
    """What one run came to."""

    seed: int
    variant: str
    status: int
    failed: Sequence[str]
    requests: int


def run(task: tuple[int, str]) -> Result:
    """Run the suite with a seed against a variant of the mock, or against the mock itself."""
    seed, variant = task
    options = ["--strict", f"--seed={seed}", *([f"--variant={variant}"] if variant else [])]
    status, report, _ = run_once(options)
    failed = [rule["id"] for rule in report["rules"] if rule["result"] in {"fail", "error"}]
    return Result(seed, variant, status, failed, report["requests"])


def read(line: dict[str, Any]) -> tuple[tuple[int, str], Result]:
    """The task and the result of a line of the file."""
    return (line["seed"], line["variant"]), Result(**line)


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.evidence.seeds", description=__doc__)
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help="default: all")
    parser.add_argument("--seeds", type=int, default=50, help="how many seeds (50)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many runs at a time")
    parser.add_argument("--results", type=Path, metavar="FILE", help="where the results are kept")
    known = parser.parse_args(arguments)
    if unknown := set(known.variants) - set(CATALOGUE):
        parser.error(f"no variant is called {' or '.join(sorted(unknown))}")
    tasks = [(seed, "") for seed in range(1, known.seeds + 1)]
    tasks += [(seed, variant) for seed, variant in enumerate(known.variants or CATALOGUE, 1)]
    started = time.perf_counter()
    warm_up()
    results = []
    for result in run_rest(tasks, run, jobs=known.jobs, path=known.results, read=read):
        results.append(result)
        if result.failed or result.status != 0:
            failed = ", ".join(result.failed) or "none"
            print(f"✗ seed {result.seed} {result.variant}: exit {result.status}, failed {failed}", flush=True)
    wrong = sum(result.status != 0 for result in results)
    requests = sum(result.requests for result in results)
    print(
        f"{known.seeds} seeds against the mock and {len(tasks) - known.seeds} variants: {wrong} of "
        f"{len(results)} runs do not conform; {requests} requests in {time.perf_counter() - started:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
