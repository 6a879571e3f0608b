"""Show from the log of a target that whole runs update only the enrollments that were named.

`python -m scripts.evidence.named_pairs [--seconds N]` runs the suite against mocks: each profile, two
workers, each rule alone, faults that make Hypothesis shrink, and an examples database edited by hand.
Two enrollments are named. The mock has further records that hold the same ids: in each other's place, and the
customer of one pair with the campaign of the other. `named_pairs.md` has a row for each run. A call runs what
the file lacks, so the runs can be made in pieces: `--seconds` ends a piece.
"""

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from hypothesis.database import DirectoryBasedExampleDatabase, choices_from_bytes, choices_to_bytes

from conformance.contract.document import REPOSITORY, load
from conformance.mock.server import Mock, Settings, serve
from conformance.selftest.runs import KEYS

from .table import Table

NAMED = (
    ("5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a"),
    ("C2A1F0B9-8E7D-1C6B-A5A4-3F2E1D0C9B8A", "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0"),
)
IDS = tuple(id_ for pair in NAMED for id_ in pair)
EXTREMES = (str(uuid.UUID(int=0)), str(uuid.UUID(int=2**128 - 1)))
OTHERS = tuple(
    pair
    for pair in (
        *itertools.permutations(IDS, 2),
        *((id_, id_) for id_ in IDS),
        *itertools.permutations(EXTREMES, 2),
    )
    if pair not in NAMED
)
"""Records that hold two of the named ids otherwise, and those of the nil and the max UUID."""
OPTIONS = tuple(word for pair in NAMED for word in ("--enrollment", ":".join(pair)))
LONGEST = 300.0


@dataclass(frozen=True)
class Run:
    """A run of the suite, and the faults of its mock."""

    name: str
    options: tuple[str, ...]
    faults: tuple[str, ...] = ()
    database: bool = False


def runs() -> list[Run]:
    """All runs."""
    contract = load()
    rules = [rule for rule in contract.rules if rule not in contract.untested]
    faults = (
        "accepts_any_customer_id",
        "accepts_expired",
        "ignores_the_key",
        "forgets_the_update",
    )
    return [
        Run("default profile", ()),
        Run("deep profile, 600 requests", ("--profile", "deep", "--max-requests", "600")),
        Run("quick profile", ("--profile", "quick")),
        Run("two workers", ("-n", "2")),
        Run("the ids may be swapped", ("--swap-ids",)),
        *(Run(f"fault {fault}", (), (fault,)) for fault in faults),
        *(Run(f"fault {fault}, two workers", ("-n", "2"), (fault,)) for fault in faults[:2]),
        Run("examples edited by hand", (), database=True),
        Run("examples edited by hand, fault accepts_any_customer_id", (), faults[:1], database=True),
        *(Run(f"rule {rule} alone", ("--profile", "quick", "--rule", rule)) for rule in rules),
    ]


def suite(options: Sequence[str], url: str, directory: Path) -> tuple[int, str]:
    """Run the suite: its exit status and its output."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "conformance", "--target", url, "--report-dir", str(directory), *options],
        cwd=REPOSITORY,
        env=os.environ | KEYS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    return done.returncode, done.stdout


def edit_examples(url: str, directory: Path) -> None:
    """Fill the examples of each property test with choices that hold the ids of records.

    The choices begin as those that a run saved, or as random ones. Every text becomes the id of a record, or
    an object with two of them, and every number a part of one.
    """
    _, text = suite([*OPTIONS, "--collect-only"], url, directory)
    tests = [line.strip() for line in text.splitlines() if "::" in line]
    assert tests, text
    database, random_ = DirectoryBasedExampleDatabase(directory / "examples"), random.Random(1)  # noqa: S311 - it draws examples
    bodies = [
        json.dumps({"customerId": one, "campaignId": other, "status": "completed"}) for one, other in OTHERS
    ]

    def edited(choice: object) -> bool | int | float | str | bytes:
        text = random_.choice([*IDS, *bodies])
        if isinstance(choice, bool):
            return random_.random() < 1 / 2
        if isinstance(choice, int):
            return random_.choice([choice, uuid.UUID(random_.choice(IDS)).int, random_.randrange(20)])
        return text.encode() if isinstance(choice, bytes) else text

    for test in tests:
        saved = [choices_from_bytes(each) for each in database.fetch(test.encode())]
        made = [[random_.choice([0, 1, "", b"", True, 7]) for _ in range(30)] for _ in range(8)]
        for choices in [*(each for each in saved if each), *made]:
            database.save(test.encode(), choices_to_bytes([edited(each) for each in choices]))


def findings(mock: Mock, allowed: Collection[tuple[str, str]]) -> list[str]:
    """What the target saw that it should not have seen."""
    found = [
        f"the record {customer}:{campaign} was updated"
        for customer, campaign in OTHERS
        if (record := mock.store.find(customer, campaign)) is not None
        and record.updates
        and (customer.lower(), campaign.lower()) not in allowed
    ]
    known = {id_.lower() for pair in (*NAMED, *OTHERS) for id_ in pair}
    for request in mock.log:
        pair = pair_of(request.body)
        if pair is not None and pair not in allowed and known.issuperset(pair):
            found.append(f"a body names {pair}")
        elif sum(id_ in unquote(request.path).lower() for id_ in known) > 1:
            found.append(f"a path names two ids: {request.path}")
    return found


def pair_of(body: bytes) -> tuple[str, str] | None:
    """The two ids that a server reads from a body."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    customer, campaign = value.get("customerId"), value.get("campaignId")
    if isinstance(customer, str) and isinstance(campaign, str):
        return customer.lower(), campaign.lower()
    return None


def named() -> set[tuple[str, str]]:
    """The pairs that may be updated, in lower case."""
    return {(customer.lower(), campaign.lower()) for customer, campaign in NAMED}


def observe(run: Run) -> tuple[int, int, int, int, list[str]]:
    """The exit status of a run, its requests, those that named a pair, the updates, and what is wrong."""
    settings = Settings(rate=None, faults=run.faults, enrollments=(*NAMED, *OTHERS))
    with tempfile.TemporaryDirectory() as directory, serve(settings) as mock:
        if run.database:
            if run.faults:  # its run saves examples
                suite(OPTIONS, mock.url, Path(directory))
            edit_examples(mock.url, Path(directory))
        status, text = suite([*OPTIONS, *run.options], mock.url, Path(directory))
        # With this option the documents allow the two ids in each other's place.
        swapped = {(other, one) for one, other in named()} if "--swap-ids" in run.options else set()
        found = findings(mock, named() | swapped)
        found += [] if status in {0, 1, 6} else [f"exit status {status}: {text[-300:]}"]
        naming = sum(pair_of(request.body) in named() for request in mock.log)
        return status, len(mock.log), naming, sum(each.updates for each in mock.store), found


def main(arguments: list[str] | None = None) -> int:
    """Run what the file lacks, and return 1 if a target saw what it should not have seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    until = time.monotonic() + parser.parse_args(arguments).seconds
    columns = ("run", "exit", "requests", "that name a pair", "updates", "findings")
    title = "Which records whole runs update"
    path = Path(__file__).with_suffix(".md")
    table = Table(path, title, "scripts.evidence.named_pairs", columns, goes_on=True)
    every = runs()
    for run in every:
        if run.name in table.rows:
            continue
        if time.monotonic() >= until:
            break
        status, requests, naming, updates, found = observe(run)
        done = len(table.rows) + 1
        bad = sum(not row.endswith("| none |") for row in table.rows.values()) + bool(found)
        table.add(
            (run.name, status, requests, naming, updates, "; ".join(found[:3]) or "none"),
            f"{done} of {len(every)} runs, {bad} with a finding. {len(NAMED)} of {len(NAMED) + len(OTHERS)} "
            "records are named. A finding is an update of another record, or a request that names one.",
        )
    return 1 if any(not row.endswith("| none |") for row in table.rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
