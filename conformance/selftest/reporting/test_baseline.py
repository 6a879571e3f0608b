"""A baseline accepts failures for a while, and is kept up to date."""

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.reporting.baseline import Accepted, BaselineError, apply_baseline, read_baseline
from conformance.reporting.ledger import Result
from conformance.selftest.reporting.runs_made_up import RULES, SUMMARY

TODAY = datetime.date(2026, 11, 28)
ENTRY = Accepted("the vendor knows", TODAY)
RUN = replace(SUMMARY, verdicts=[each for each in SUMMARY.verdicts if each.result is not Result.ERROR])
"""A run with an error of ours has another exit status, which no baseline changes."""


def test_accepted_failure_is_a_warning() -> None:
    """A failure that the baseline accepts fails nothing until its last day is over."""
    accepted = apply_baseline(RUN, {"STATUS-02": ENTRY}, TODAY)
    assert (accepted.failed, accepted.stale) == ([], ())
    assert accepted.exit_status == 6  # another rule is open
    late = apply_baseline(RUN, {"STATUS-02": ENTRY}, TODAY + datetime.timedelta(days=1))
    assert (late.exit_status, [one.rule.id for one in late.failed]) == (1, ["STATUS-02"])
    assert late.stale == (
        "baseline: STATUS-02 expired on 2026-11-28; repair the target, or set a later date",
    )


def test_entry_that_passes_fails_the_run() -> None:
    """An entry of a rule that passes is out of date, and the run says what to do."""
    found = apply_baseline(RUN, {"AUTH-01": ENTRY, "STATUS-02": ENTRY}, TODAY)
    assert (found.exit_status, found.stale) == (1, ("baseline: AUTH-01 passes now; remove its entry",))


def test_entry_that_has_expired_fails_the_run() -> None:
    """An expired entry is out of date, also if no response decided its rule."""
    found = apply_baseline(RUN, {"ID-01": ENTRY, "STATUS-02": ENTRY}, TODAY + datetime.timedelta(days=1))
    assert ["ID-01", "STATUS-02"] == sorted(entry.split()[1] for entry in found.stale)
    assert found.exit_status == 1


def test_baseline_is_read(tmp_path: Path) -> None:
    """A baseline is YAML with a reason and a date for each rule."""
    path = tmp_path / "baseline.yaml"
    path.write_text("STATUS-02: {reason: the vendor knows, expires: 2026-11-28}\n", encoding="utf-8")
    assert {"STATUS-02": ENTRY} == read_baseline(path, RULES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "has no rules"),
        ("{", "cannot read"),
        ("STATUS-99: {reason: x, expires: 2026-11-28}", "no such rule"),
        ("STATUS-02: {reason: x}", "write a `reason`"),
        ("STATUS-02: {reason: x, expires: soon}", "no date"),
        ("STATUS-02: {reason: ' ', expires: 2026-11-28}", "`reason` is empty"),
    ],
)
def test_baseline_that_says_too_little_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """A file that is no baseline, or an entry that lacks something, is a usage error."""
    path = tmp_path / "baseline.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError, match=words):
        read_baseline(path, RULES)
