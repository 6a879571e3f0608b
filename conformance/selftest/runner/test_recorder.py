"""The recorder is the only way into the ledger."""

import ast

from conformance.selftest.repository.sources import below, modules

RECORDER = "conformance.runner.recorder"
MERGING = {"conformance.runner.workers", "conformance.runner.machines"}
"""The modules that merge the ledgers of several processes."""
REPORTING = {"conformance.runner.outcome", "conformance.runner.dry_run", "conformance.judge.recording"}
"""The modules that sum up a ledger for the reports."""
READ_BY_REPORTS = {"cases", "observed", "stopped", "verdicts"}


def uses_of_the_ledger(name: str) -> set[str]:
    """What a module uses of the ledger of a recorder."""
    attributes = [node for node in ast.walk(modules()[name]) if isinstance(node, ast.Attribute)]
    ledgers = [node for node in attributes if node.attr == "ledger"]
    used = [node.attr for node in attributes if node.value in ledgers]
    is_handed_on = len(ledgers) > len(used)
    return {*used, *(["the ledger itself"] if is_handed_on else [])}


def test_only_the_recorder_writes_into_the_ledger() -> None:
    """Other modules only merge ledgers, or read from a ledger what a report shows."""
    uses = {
        name: used
        for name in below("conformance")
        if not name.startswith("conformance.selftest.") and (used := uses_of_the_ledger(name))
    }
    assert {"record_pass", "record_violation", "record_stop"} <= uses.pop(RECORDER)
    assert set(uses) <= MERGING | REPORTING
    assert {use for name in MERGING for use in uses[name]} == {"add", "snapshot"}
    assert {use for name in REPORTING for use in uses[name]} == READ_BY_REPORTS
