"""A run with one rule of each verdict, for the tests of reports."""

from dataclasses import replace
from datetime import UTC, datetime

from conformance.contract.document import load
from conformance.reporting.exit_status import ExitStatus
from conformance.reporting.ledger import Counterexample, Result, Verdict
from conformance.reporting.observed import Observed
from conformance.reporting.report import Summary

CONTRACT = load()
RULES = CONTRACT.rules
CURL = (
    """curl -X PATCH -H "x-api-key: $CARECYCLE_API_KEY" -H 'content-type: application/json' --data-raw """
    """'{"customerId": "0c02bb08-7d83-4f64-8a6b-bb4ee3cd0aae", "campaignId": """
    """"0c02bb08-7d83-4f64-8a6b-bb4ee3cd0aae", "status": "expired"}' """
    "http://127.0.0.1:40123/v2/customers/campaign-status"
)
REPLAY = (
    ".venv/bin/tox run -e conformance -- --max-requests 40 --target http://127.0.0.1:40123 --seed=7 --rule "
)
EXAMPLE = Counterexample("a refusal", "200 {}", CURL, REPLAY + "STATUS-02", "test_it", size=7, at=5)
HOSTILE = '200 <script>alert(1)</script> "]]>&\n::error::no'
VERDICTS = [
    Verdict(RULES["AUTH-01"], Result.PASS, 12, 0, decided_at=1),
    Verdict(
        RULES["BODY-01"],
        Result.FAIL,
        2,
        1,
        found_at=5,
        decided_at=4,
        counterexample=replace(EXAMPLE, received=HOSTILE, replay=REPLAY + "BODY-01"),
        seen_by=("test_it",),
    ),
    Verdict(RULES["STATUS-02"], Result.FAIL, 3, 1, found_at=9, decided_at=3, counterexample=EXAMPLE),
    Verdict(RULES["AUTH-10"], Result.UNTESTED, 0, 0, reason="it takes 14 days"),
    Verdict(RULES["STATE-01"], Result.NOT_APPLICABLE, 0, 0, reason="give --enrollment"),
    Verdict(RULES["STATE-02"], Result.NOT_APPLICABLE, 0, 0, reason="give --enrollment"),
    Verdict(RULES["ID-01"], Result.INCONCLUSIVE, 0, 0, reason="the target returned 429"),
    Verdict(RULES["ID-02"], Result.ERROR, 0, 0, reason="KeyError"),
]


def observed() -> Observed:
    """Counts of a few requests."""
    found = Observed(CONTRACT)
    (operation,) = CONTRACT.operations
    found.operations[operation] += 40
    found.responses.update({(operation, 200): 3, (operation, 404): 36})
    found.no_responses = 1
    found.microseconds.update({450: 20, 900: 18, 41000: 1})
    found.ids.update({("customerId", "version 4", "accepted"): 30, ("campaignId", "nil", "rejected"): 2})
    found.statuses.update(
        {("completed", "updated"): 3, ("expired", "updated"): 1, ("pending", "rejected"): 2}
    )
    return found


SUMMARY = Summary(
    "http://127.0.0.1:40123",
    CONTRACT,
    VERDICTS,
    42,
    1.23456,
    ExitStatus.DOES_NOT_CONFORM,
    strict=False,
    seed="7",
    faults=("some",),
    observed=observed(),
    started=datetime(2026, 11, 28, 9, 30, tzinfo=UTC),
    options=("--max-requests", "40", "--target", "http://127.0.0.1:40123", "--seed=7"),
    max_requests=40,
    rate=CONTRACT.rate_limit,
)
