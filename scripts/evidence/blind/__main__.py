"""Run the suite against the blind faults.

`python -m scripts.evidence.blind [FAULT …] [--server NAME] [--jobs N] [--results FILE]`; `figures.md` has the
last figures. Each server has another author, who had not seen the suite.

The correct server first: a strict run must conform. Then each fault: a run of 60 requests, and a default run
if that finds nothing. A fault is found if a rule fails that the correct server keeps. The line names these
rules, so that a reader can compare them with what the author of the fault wrote. A fault whose result is in
the file is not run again. The exit status is 1 if the correct server does not conform, or if a run ends with
an error.
"""

import argparse
import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.evidence.resumed_runs import run_rest
from scripts.evidence.run_faults import run_once, warm_up

HERE = Path(__file__).parent
SERVERS: Mapping[str, Sequence[str]] = {
    "node": ("node", str(HERE / "node" / "server.mjs")),
    "starlette": (sys.executable, str(HERE / "starlette" / "server.py")),
}
"""The command line of each server."""
KEYS = {"API_KEY": "cc_blind_5Tq8Wd2N", "RESTRICTED_API_KEY": "cc_blind_restricted_7Kx"}
ENROLLMENTS = [
    f"5f0c954e-3a7b-4d5c-9e0f-{number // 2:012x}:0b8f7d2a-91c4-4e63-8a5d-{number:012x}" for number in range(8)
]
CORRECT = ""
"""Stands for the correct server among the faults."""
SMALL = 60
"""The requests of a small run: what the vendor allows in a minute."""
LIMITED = re.compile(r"\brate\b", re.IGNORECASE)
"""Matches the area of the faults that need a rate limit."""
LIMIT = {"BLIND_RATE_LIMIT": "60", "BLIND_RATE_WINDOW_MS": "6000"}
UNLIMITED = {"BLIND_RATE_LIMIT": "0"}
LONGEST = 20
"""Seconds that the server may take to start."""


@dataclass
class Result:
    """What the suite found at a server with one fault, or at the correct one."""

    fault: Mapping[str, str]
    status: int
    failed: Mapping[str, int | None]
    """The rules that failed, warnings included, each with the number of the request that showed it."""
    small: bool
    """Whether the small run showed it."""

    @property
    def found_at(self) -> int | None:
        """The first request that broke a rule."""
        return min((at for at in self.failed.values() if at is not None), default=None)


def main(arguments: Sequence[str]) -> int:
    """Run the suite against the faults that the command line names, or against all; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.evidence.blind", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="the id of a fault (default: all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many runs at a time")
    parser.add_argument("--results", type=Path, metavar="FILE", help="where the results are kept")
    parser.add_argument("--server", choices=SERVERS, default="node", help="which server (default: node)")
    known = parser.parse_args(arguments)
    server = SERVERS[known.server]
    if shutil.which(server[0]) is None:
        print(f"skipped: {server[0]} is not installed")
        return 0
    faults = {fault["id"]: fault for fault in list_faults(server)}
    if unknown := set(known.faults) - set(faults):
        parser.error(f"no fault is called {' or '.join(sorted(unknown))}")
    os.environ.update({f"CARECYCLE_{name}": key for name, key in KEYS.items()})
    warm_up()
    run = functools.partial(
        run_fault, server, faults | {CORRECT: {"id": CORRECT, "area": "", "rule_broken": ""}}
    )
    results = []
    chosen = [CORRECT, *(known.faults or faults)]
    for result in run_rest(chosen, run, jobs=known.jobs, path=known.results, read=read):
        if result.fault["id"] == CORRECT:
            correct = result
            print(f"the correct server: exit {correct.status}, failed {', '.join(correct.failed) or 'none'}")
        else:
            results.append(result)
            print(describe(result), flush=True)
    print("\n".join(summarise(results)))
    return 0 if correct.status == 0 and all(result.status in {0, 1, 6} for result in results) else 1


def list_faults(server: Sequence[str]) -> list[dict[str, str]]:
    """The faults of the server."""
    done = subprocess.run(  # noqa: S603 - a program of this folder
        [*server, "--list"], capture_output=True, check=True, timeout=LONGEST
    )
    faults: list[dict[str, str]] = json.loads(done.stdout)
    return faults


def read(line: dict[str, Any]) -> tuple[str, Result]:
    """The fault and the result of a line of the file."""
    return line["fault"]["id"], Result(**line)


def run_fault(server: Sequence[str], faults: Mapping[str, Mapping[str, str]], name: str) -> Result:
    """Run the suite against the server with a fault: a small run, and a default one if it finds nothing."""
    fault = faults[name]
    is_limited = LIMITED.search(fault["area"]) is not None
    options = ["--strict", "--swap-ids", "--seed=1", *(["--exercise-rate-limit"] if is_limited else [])]
    options += [word for pair in ENROLLMENTS for word in ("--enrollment", pair)]
    small = [] if is_limited else [True]
    for is_small in [*small, False]:
        with served(server, fault["id"], LIMIT if is_limited else UNLIMITED) as url:
            budget = [f"--max-requests={SMALL}"] if is_small else []
            pace = ["--rate=50/6"] if is_limited else []
            status, report, _ = run_once(["--target", url, *options, *budget, *pace])
        failed = {rule["id"]: rule["found_at"] for rule in report["rules"] if rule["result"] == "fail"}
        if failed:
            break
    return Result(fault, status, failed, is_small)


@contextlib.contextmanager
def served(server: Sequence[str], fault: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Run the server on a free port of this machine; its address."""
    environment = {f"BLIND_{name}": key for name, key in KEYS.items()} | dict(settings)
    environment |= {"BLIND_ENROLLMENTS": ",".join(ENROLLMENTS)}
    command = [*server, "--port", "0", *(["--fault", fault] if fault else [])]
    process = subprocess.Popen(  # noqa: S603 - a program of this folder
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    try:
        assert process.stdout is not None
        started = re.fullmatch(r"listening on (\d+)\n", process.stdout.readline())
        if started is None:
            raise RuntimeError(f"the server did not start: {' '.join(command)}")
        yield f"http://127.0.0.1:{started[1]}"
    finally:
        process.kill()
        process.wait()


def describe(result: Result) -> str:
    """A line about a fault: was it found, by which request, with which rules, and what its author wrote."""
    at = "-" if result.found_at is None else str(result.found_at)
    mark = "✗" if not result.failed else "✓" if result.small else "(✓)"
    rules = ", ".join(sorted(result.failed, key=lambda rule: result.failed[rule] or 0)) or "none"
    return f"{mark:<3} {result.fault['id']:<4} {at:>5}  {rules}; broken: {result.fault['rule_broken']}"


def summarise(results: Sequence[Result]) -> list[str]:
    """A Markdown table: how many faults were found, within how many requests."""
    at: list[Any] = sorted(result.found_at or float("inf") for result in results)
    counts = [len(results), sum(bool(result.failed) for result in results)]
    counts += [sum(number <= limit for number in at) for limit in (20, SMALL, 120, 240)]
    return [
        "| faults | found | within 20 | within 60 | within 120 | within 240 |",
        "|--:|--:|--:|--:|--:|--:|",
        f"| {' | '.join(map(str, counts))} |",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
