"""Run the suite against each fault of the mock, and report what it found and with how many requests.

`python -m scripts.evidence.run_faults [FAULT …] [--max-requests N] [--quick] [--part N/M]`: the exit
status is 1 if a fault was not found, or if rules failed that it does not declare. `run_faults.md` has the
figures of the last run.
"""

import argparse
import contextlib
import functools
import gc
import io
import json
import math
import multiprocessing
import os
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import conformance.runner.plugin  # noqa: F401 - the import that takes longest, done once before the forks
from conformance.mock.faults import CATALOGUE, Fault
from conformance.runner.command import main as run_suite

LIMITS = (20, 60, 120, 240)
"""The numbers of requests within which found faults are counted."""
PERCENTILES = {"median": 0.5, "95 %": 0.95}
WIDTH = 100
RULES_AT = 71
"""The column of a line where the failed rules begin."""


def halves() -> dict[str, int]:
    """The half of the catalogue to which each fault belongs, 0 or 1: the families take turns.

    A family is the faults of one rule by one kind of author. The priorities of the screening were chosen by
    what it finds of half 1; half 0 shows what they are worth for faults that they have not seen.
    """
    families = dict.fromkeys(sorted((fault.breaks, fault.unseen) for fault in CATALOGUE.values()))
    turn = {family: index % 2 for index, family in enumerate(families)}
    return {name: turn[fault.breaks, fault.unseen] for name, fault in CATALOGUE.items()}


HALVES = halves()


@dataclass(frozen=True, slots=True)
class Finding:
    """What the suite found at a mock with one fault."""

    name: str
    failed: frozenset[str]
    """The rules that failed, warnings included."""
    requests: int
    found_at: int | None
    """The number of the request whose response first broke the rule that the fault breaks."""
    exit_status: int
    output: str
    seen_by: Sequence[str] = ()
    """The tests that saw that rule broken."""

    @property
    def fault(self) -> Fault:
        """The fault, as the catalogue has it."""
        return CATALOGUE[self.name]

    @property
    def is_found(self) -> bool:
        """Whether the rule that the fault breaks failed."""
        return self.fault.breaks in self.failed

    @property
    def stray(self) -> frozenset[str]:
        """The rules that failed and that the fault does not declare."""
        return self.failed - {self.fault.breaks, *self.fault.also}


def run_once(arguments: Sequence[str]) -> tuple[int, dict[str, Any], str]:
    """Run the suite in this process: its exit status, its report, and what it printed."""
    output = io.StringIO()
    with tempfile.TemporaryDirectory() as directory:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            status = run_suite(["--report-dir", directory, "--report", "json", *arguments])
        path = Path(directory) / "report.json"
        report: dict[str, Any] = {"rules": [], "requests": 0}
        if path.exists():
            report = json.loads(path.read_text(encoding="utf-8"))
    return status, report, output.getvalue()


def warm_up() -> None:
    """Import all of the suite, so that a fork of this process starts at once."""
    run_once(["--max-requests=1"])
    gc.freeze()  # the imported modules stay, so no run needs to look at them when it collects garbage


def run_fault(name: str, arguments: Sequence[str]) -> Finding:
    """Run the suite in this process against a mock with a fault."""
    status, report, output = run_once(["--fault", name, *arguments])
    fault = CATALOGUE[name]
    failed = {rule["id"]: rule for rule in report["rules"] if rule["result"] == "fail"}
    return Finding(
        name=name,
        failed=frozenset(failed),
        requests=report["requests"],
        found_at=failed[fault.breaks]["found_at"] if fault.breaks in failed else None,
        exit_status=status,
        output=output,
        seen_by=tuple(failed[fault.breaks]["seen_by"]) if fault.breaks in failed else (),
    )


def run_fault_quickly(name: str, arguments: Sequence[str]) -> Finding:
    """Run the screening only; if that misses the fault, run the tests of its rule as well."""
    finding = run_fault(name, ["-k", "test_screening or test_rate_limit", *arguments])
    if finding.is_found or finding.stray:
        return finding
    # A whole run would find it at another request than this run.
    return replace(run_fault(name, ["--rule", finding.fault.breaks, *arguments]), found_at=None)


def run_faults(
    names: Sequence[str], arguments: Sequence[str], jobs: int, *, quick: bool = False
) -> Iterable[Finding]:
    """Run the suite against each fault, `jobs` at a time, and yield each finding as soon as it is there.

    Each run is a fork of this process, which has imported all of the suite already. So a run starts at once,
    and leaves nothing behind.
    """
    warm_up()
    run = functools.partial(run_fault_quickly if quick else run_fault, arguments=arguments)
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(run, names)


def describe(finding: Finding) -> str:
    """A finding in lines that fit a terminal: the rule that failed first, then the others."""
    mark = "✓" if finding.is_found and not finding.stray else "✗"
    at = "-" if finding.found_at is None else str(finding.found_at)
    failed = sorted(finding.failed, key=lambda rule: (rule != finding.fault.breaks, rule))
    lines = textwrap.wrap(", ".join(failed) or "-", WIDTH - RULES_AT, break_on_hyphens=False)
    lines += [f"not declared: {rule}" for rule in sorted(finding.stray)]
    head = f"{mark} {finding.name:<48} {finding.fault.breaks:<11} {at:>6}"
    return f"{head:<{RULES_AT}}" + f"\n{'':<{RULES_AT}}".join(lines)


def choose(wanted: Sequence[str], part: tuple[int, int] = (1, 1)) -> list[str]:
    """The faults whose name or area is wanted, or all faults; of several parts only one."""
    names = [
        name
        for name, fault in CATALOGUE.items()
        if not wanted or name in wanted or fault.breaks.partition("-")[0] in wanted
    ]
    index, parts = part
    return names[index - 1 :: parts]


def read_part(text: str) -> tuple[int, int]:
    """The numbers of `--part N/M`."""
    index, _, parts = text.partition("/")
    if not 1 <= int(index) <= int(parts):
        raise ValueError(text)
    return int(index), int(parts)


def command_line(module: str, description: str | None) -> argparse.ArgumentParser:
    """The options that say against which faults to run."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument(
        "faults", nargs="*", metavar="FAULT", help="a name, or the area of a rule (default: all)"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many runs at a time")
    parser.add_argument(
        "--part", type=read_part, default=(1, 1), metavar="N/M", help="only part N of M of these faults"
    )
    parser.add_argument(
        "--findings",
        type=Path,
        metavar="FILE",
        help="the JSON file with what was found; with --part, findings are added to it",
    )
    return parser


def add_suite_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how to run the suite against each fault."""
    parser.add_argument("--seed", default="1", help="the Hypothesis seed of every run")
    parser.add_argument(
        "--max-requests", metavar="N", help="how many requests each run of the suite may send"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="the screening, and the tests of a fault's rule if that misses it",
    )


def read_command_line(
    parser: argparse.ArgumentParser, arguments: Sequence[str]
) -> tuple[argparse.Namespace, list[str]]:
    """The options, and the names of the faults that they choose."""
    known = parser.parse_args(arguments)
    names = choose(known.faults, known.part)
    if not names:
        parser.error(f"no fault is called {' or '.join(known.faults)}")
    return known, names


def suite_options(known: argparse.Namespace) -> list[str]:
    """The options of each run of the suite."""
    options = [f"--hypothesis-seed={known.seed}"]
    return [*options, f"--max-requests={known.max_requests}"] if known.max_requests else options


def save(findings: Iterable[Finding], path: Path) -> None:
    """Write findings to a file, without the output of the runs."""
    plain = [{**asdict(finding), "failed": sorted(finding.failed), "output": ""} for finding in findings]
    path.write_text(json.dumps(plain, indent=1), encoding="utf-8")


def save_part(findings: Sequence[Finding], path: Path, part: tuple[int, int]) -> list[Finding]:
    """Write findings to a file, beside those of other parts that are there already. Returns all of them."""
    found = {each.name: each for each in findings}
    if part != (1, 1) and path.exists():
        found = load(path) | found
    save(found.values(), path)
    return list(found.values())


def load(path: Path) -> dict[str, Finding]:
    """The findings in a file, by name."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    return {
        each["name"]: Finding(
            **{**each, "failed": frozenset(each["failed"]), "seen_by": tuple(each["seen_by"])}
        )
        for each in plain
    }


def main(arguments: Sequence[str]) -> int:
    """Run the suite against the faults that the command line names, or all of them; the exit status."""
    parser = command_line("scripts.evidence.run_faults", __doc__)
    add_suite_options(parser)
    known, names = read_command_line(parser, arguments)
    options = suite_options(known)
    started = time.perf_counter()
    print(f"  {'fault':<48} {'breaks':<11} {'found':>6}  failed")
    findings = []
    for finding in run_faults(names, options, known.jobs, quick=known.quick):
        findings.append(finding)
        print(describe(finding), flush=True)
    if known.findings is not None:
        findings = save_part(findings, known.findings, known.part)
    return print_totals(findings, time.perf_counter() - started)


def print_totals(findings: Sequence[Finding], seconds: float) -> int:
    """Print the totals; the exit status."""
    print("\n".join(summarise(findings)))
    found = sum(1 for finding in findings if finding.is_found)
    stray = sum(1 for finding in findings if finding.stray)
    requests = sum(finding.requests for finding in findings)
    print(f"found {found} of {len(findings)} faults, {stray} with rules that they do not declare")
    print(f"{requests} requests in {seconds:.0f} s")
    return 0 if found == len(findings) and not stray else 1


def summarise(findings: Sequence[Finding]) -> list[str]:
    """A Markdown table: how many faults were found within some requests, and how many requests that took."""
    columns = ["faults", "found", *(f"within {limit}" for limit in LIMITS), *PERCENTILES]
    lines = [f"| | {' | '.join(columns)} |", "|---|" + "--:|" * len(columns)]
    rows = {
        "all": findings,
        "unseen": [finding for finding in findings if finding.fault.unseen],
        "half 1, of the priorities": [finding for finding in findings if HALVES[finding.name] == 1],
        "half 0, the other": [finding for finding in findings if HALVES[finding.name] == 0],
    }
    for title, part in rows.items():
        if part:
            at = sorted(math.inf if each.found_at is None else each.found_at for each in part)
            counts = [len(part), sum(each.is_found for each in part)]
            counts += [sum(number <= limit for number in at) for limit in LIMITS]
            ranks = [at[math.ceil(share * len(at)) - 1] for share in PERCENTILES.values()]
            needed = ["later" if math.isinf(number) else str(number) for number in ranks]
            lines.append(f"| {title} | {' | '.join([*map(str, counts), *needed])} |")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
