"""The suite compared with the command line of Schemathesis, on the same faults and with the same mock.

`python -m scripts.evidence.compare_schemathesis [FAULT …]` shows which faults `st run` finds with its own
checks, and how fast both send requests. A kind of failure that a mock without a fault also shows is a false
alarm and does not count. The exit status is 1 if only `st run` found a fault.
"""

import functools
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.contract.document import REPOSITORY
from conformance.mock.server import Mock, Settings, serve
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE
from scripts.evidence import run_faults
from scripts.evidence.plain_schemathesis import SETUPS, Failure, Outcome, command, run_all
from scripts.evidence.run_faults import Finding

Kinds = Collection[tuple[str, str]]
GENERATED = 500
"""How many cases `st run` generates when its pace is measured: about as many as the suite has requests."""
GLANCE = 0.002
"""The seconds between two looks at the log of the mock."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one run."""

    requests: int
    sending: float
    """The seconds from the first response of the mock to the last."""
    whole: float
    """The seconds from the start of the process to its end."""


def main(arguments: Sequence[str]) -> int:
    """Compare both tools by the given faults, or by all faults. Returns the exit status."""
    parser = run_faults.command_line("scripts.evidence.compare_schemathesis", __doc__)
    run_faults.add_suite_options(parser)
    parser.add_argument("--rounds", type=int, default=3, help="how often to measure each pace")
    known, names = run_faults.read_command_line(parser, arguments)
    options = run_faults.suite_options(known)
    if known.findings is not None and known.findings.exists():
        ours = run_faults.load(known.findings)
        if lacking := set(names) - ours.keys():
            parser.error(f"{known.findings} has no findings about {', '.join(sorted(lacking))}")
    else:
        found = run_faults.run_faults(names, options, known.jobs, quick=known.quick)
        ours = {each.name: each for each in found}
    started = time.perf_counter()
    alarms = _false_alarms(known.seed)
    print(f"  {'fault':<48} {'suite':>5} {'st run':>6}  the first failure of st run")
    theirs: dict[str, Outcome] = {}
    for name, outcome in _outcomes(names, known.jobs, known.seed, alarms):
        theirs[name] = outcome
        print(describe(ours[name], outcome, alarms), flush=True)
    print(f"{len(names)} faults in {time.perf_counter() - started:.0f} s\n")
    print("| | `st run` | this suite |\n|---|---|---|")
    for row in [
        *result_rows([(ours[name], theirs[name]) for name in names], alarms),
        *pace_rows(known.rounds, options),
    ]:
        print(row)
    return int(any(first(theirs[name], alarms) and not ours[name].is_found for name in names))


def _false_alarms(seed: str) -> Kinds:
    # This runs in this process, so that everything is imported before the forks.
    outcome = run_all(None, seed, stops=False)
    for failure in outcome.failures:
        print(f"false alarm of {failure.check} without any fault: {failure.title}")
    print(f"without a fault: {len(outcome.failures)} false alarms of st run in {outcome.requests} requests")
    return {failure.kind for failure in outcome.failures}


def _outcomes(names: Sequence[str], jobs: int, seed: str, alarms: Kinds) -> Iterable[tuple[str, Outcome]]:
    """The outcome of each fault, in forks. Without false alarms, a run ends at its first failure."""
    run = functools.partial(_outcome, seed=seed, stops=not alarms)
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(run, names)


def _outcome(name: str, seed: str, *, stops: bool) -> tuple[str, Outcome]:
    return name, run_all(name, seed, stops=stops)


def first(outcome: Outcome, alarms: Kinds) -> Failure | None:
    """The first failure that is not a false alarm, or None."""
    found = [failure for failure in outcome.failures if failure.kind not in alarms]
    return min(found, key=lambda failure: failure.found_at, default=None)


def describe(ours: Finding, outcome: Outcome, alarms: Kinds) -> str:
    """What both tools found of a fault, in one line."""
    failure = first(outcome, alarms)
    mark = "=" if (failure is not None) == ours.is_found else "+" if ours.is_found else "-"
    at = ("" if ours.found_at is None else ours.found_at, failure.found_at if failure else "")
    shown = f"{failure.check}: {failure.title}" if failure else f"nothing in {outcome.requests} requests"
    return f"{mark} {ours.name:<48} {at[0]:>5} {at[1]:>6}  {shown}"


def result_rows(pairs: Sequence[tuple[Finding, Outcome]], alarms: Kinds) -> list[str]:
    """The rows of the table about the faults that were found."""
    theirs = [failure.found_at for _, outcome in pairs if (failure := first(outcome, alarms))]
    ours = [ours.found_at for ours, _ in pairs if ours.is_found and ours.found_at is not None]
    attributed = sum(1 for finding, _ in pairs if finding.is_found)
    rows = [f"| faults found, of {len(pairs)} | {len(theirs)} | {attributed} |"]
    for limit in (60, 20):
        early = [sum(1 for at in found if at <= limit) for found in (theirs, ours)]
        rows.append(f"| … within {limit} requests | {early[0]} | {early[1]} |")
    missed = [outcome.requests for _, outcome in pairs if first(outcome, alarms) is None]
    spent = [finding.requests for finding, _ in pairs]
    rows.append(f"| requests of a run that finds nothing | {_median(missed)} | {_median(spent)} |")
    rows.append(f"| names the violated rule | never: it names a check | {attributed} |")
    return rows


def _median(numbers: Sequence[int]) -> str:
    return f"{statistics.median(numbers):.0f}" if numbers else "-"


def pace_rows(rounds: int, options: Sequence[str]) -> list[str]:
    """The rows of the table about the pace of both tools. They send to a mock without a fault, in turns."""
    if not rounds:
        return []
    settings = Settings(rate=None)
    keys = {KEY_VARIABLE: settings.key, RESTRICTED_KEY_VARIABLE: settings.restricted_key}
    environment = {
        **os.environ,
        **keys,
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")]),
    }
    made: dict[str, tuple[list[Pace], list[Pace]]] = {"": ([], []), ", with two workers each": ([], [])}
    with serve(settings) as mock, tempfile.TemporaryDirectory() as directory:
        setup = replace(SETUPS[0], examples=GENERATED, stops=False)
        words = command(setup, Path(directory), mock.url, settings.key, "1")
        plain = ["-c", "from schemathesis.cli import schemathesis; schemathesis()", *words]
        pairs = [f"--enrollment={customer}:{campaign}" for customer, campaign in settings.enrollments]
        suite = ["-m", "conformance", f"--target={mock.url}", "--prefer", f"--report-dir={directory}", *pairs]
        for _ in range(rounds):
            for (theirs, ours), workers in zip(made.values(), ([], ["--workers=2"]), strict=True):
                theirs.append(measure([*plain, *workers], mock, environment))
                ours.append(measure([*suite, *options, *(["-n2"] if workers else [])], mock, environment))
    rows = []
    for how, both in made.items():
        rows.append(_row(f"requests a second, from the first response to the last{how}", both, "sending"))
        rows.append(_row(f"… with the start of the process{how}", both, "whole"))
    sent = " | ".join(_median([each.requests for each in paces]) for paces in made[""])
    return [*rows, f"| … of runs with so many requests | {sent} |"]


def _row(name: str, both: tuple[list[Pace], list[Pace]], seconds: str) -> str:
    theirs, ours = (
        statistics.median(each.requests / getattr(each, seconds) for each in paces) for paces in both
    )
    return f"| {name} | {theirs:.0f} | {ours:.0f}: {ours / theirs:.1f} times as many |"


def measure(words: Sequence[str], mock: Mock, environment: dict[str, str]) -> Pace:
    """Run Python with these words in a process of its own, and watch the log of the mock.

    Raises:
        RuntimeError: the process sent fewer than two requests.

    """
    before = seen = len(mock.log)
    responses: list[float] = []
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        with subprocess.Popen(  # noqa: S603 - a run of this module
            [sys.executable, *words], env=environment, cwd=REPOSITORY, stdout=output, stderr=output
        ) as process:
            while process.poll() is None:
                time.sleep(GLANCE)
                if len(mock.log) != seen:
                    seen = len(mock.log)
                    responses.append(time.perf_counter())
        ended = time.perf_counter()
        if len(responses) < 2:
            output.seek(0)
            raise RuntimeError(output.read().decode(errors="replace"))
    return Pace(seen - before, responses[-1] - responses[0], ended - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
