"""A run that cannot begin says why, and options that only print something run nothing."""

from pathlib import Path

import pytest

from conformance.contract.document import load
from conformance.selftest.runs import run

CONTRACT = load()
LOOPBACK = "http://127.0.0.1:9"
USAGE: dict[str, tuple[list[str], str]] = {
    "no-key": (["--target", LOOPBACK], "set the environment variable CARECYCLE_API_KEY"),
    "enrollment": (["--enrollment", "x:y"], "--enrollment x:y: the customer id 'x' is not a UUID"),
    "unknown-rule": (
        ["--rule", "NOPE"],
        "--rule: the contract has no rule or area NOPE; see --list-rules",
    ),
    "clear-text": (["--target", "http://sandbox.example.com"], "clear text; use https"),
    "no-address": (["--target", "http://["], "write an address"),
    "production": (["--target", "https://api.carecycle.ai"], "--allow-production"),
    "fault-elsewhere": (["--fault", "accepts_expired", "--target", LOOPBACK], "leave out --target"),
    "variant-elsewhere": (["--variant", "scalar_400", "--target", LOOPBACK], "leave out --target"),
    "unknown-variant": (["--variant", "scalar_40"], "did you mean scalar_400"),
    "unknown-fault": (["--fault", "accepts_expird"], "did you mean accepts_expired"),
    "contract": (["--contract", "no-such.yaml"], "cannot read the contract no-such.yaml"),
    "rules-of-no-contract": (["--list-rules", "--contract", "no-such.yaml"], "cannot read the contract"),
    "rate": (["--rate", "often"], "write N/SECONDS"),
    "rate-of-nothing": (["--rate", "0/60"], "above zero"),
    "budget": (["--max-requests", "0"], "--max-requests 0"),
    "budget-of-words": (["--max-requests", "few"], "--max-requests"),
    "profile": (["--profile", "quik"], "invalid choice: 'quik'"),
    "seed-of-words": (["--seed", "lucky"], "--seed: invalid int value"),
    "two-seeds": (["--seed", "1", "--hypothesis-seed", "2"], "--seed 1 and --hypothesis-seed 2: both mean"),
    "timeout": (["--request-timeout", "0"], "--request-timeout 0"),
    "against-nothing": (["--against"], "--against: expected one argument"),
    "unknown-option": (["--no-such-option"], "--no-such-option"),
}


@pytest.mark.parametrize(("options", "words"), USAGE.values(), ids=USAGE)
def test_run_that_cannot_begin_says_why(tmp_path: Path, options: list[str], words: str) -> None:
    """An option that cannot be used ends the run with a sentence about it, and sends nothing."""
    outcome = run(tmp_path, *options, environment={})
    assert outcome.status == 4, outcome.text
    assert words in outcome.flat
    assert "Traceback" not in outcome.flat
    assert outcome.report == {}


def test_run_lists_the_rules(tmp_path: Path) -> None:
    """The option --list-rules prints each rule of the contract, and runs nothing."""
    outcome = run(tmp_path, "--list-rules")
    assert (outcome.status, outcome.report) == (0, {})
    assert [line.split()[:2] for line in outcome.text.splitlines()] == [
        [rule.id, rule.level] for rule in CONTRACT.rules.values()
    ]


def test_run_shows_its_options(tmp_path: Path) -> None:
    """The option --help names the options of the suite."""
    outcome = run(tmp_path, "--help")
    assert outcome.status == 0
    assert "--max-requests N" in outcome.flat
