"""What happens past the documented limit."""

import time
from collections.abc import Callable

import pytest

from conformance.cases import Cases
from conformance.exchange import Answer
from conformance.run import Run

Ask = Callable[..., Answer | None]


@pytest.mark.opening(turn=1)
@pytest.mark.rule("RATE-01", "RATE-02", "RATE-03", "RATE-04", "RATE-05", needs="limit")
def test_rate_limit_refuses_what_is_over_it_and_lets_in_again(ask: Ask, run: Run, cases: Cases) -> None:
    """A request over the limit is refused, and one after the wait is not."""
    limit = run.target.limit or run.contract.rate_limit
    sent = run.sent_at_the_limit
    if run.governor.left < limit.requests + 2 - len(sent):
        run.ledger.stay_silent(run.rules, f"it takes {limit.requests + 2} requests")
        pytest.skip(f"it takes {limit.requests + 2} requests")
    last = None
    while len(sent) <= limit.requests:
        last = ask(cases.update(), base_url=run.target.limited_url)
        if last is None or last.status == 429 or last.code == "RATE_LIMIT_EXCEEDED":
            break
    if last is None:
        return
    if time.perf_counter() - sent[0] >= limit.seconds and last.status != 429:
        run.ledger.stay_silent(run.rules, f"{len(sent)} requests took longer than {limit.seconds:g} s")
        return
    if last.status != 429 and last.code != "RATE_LIMIT_EXCEEDED":
        run.disagree("RATE-01", f"a refusal of request {len(sent)}", f"{last.status}")
    run.ledger.hold("RATE-01")
    body = last.body
    wait = body.get("retryAfter") if isinstance(body, dict) else None
    if not isinstance(wait, (int, float)) or isinstance(wait, bool) or not 0 <= wait <= 60:
        run.ledger.stay_silent(["RATE-05"], "no retryAfter said how long to wait")
        return
    time.sleep(wait)
    again = ask(cases.update(), base_url=run.target.limited_url)
    if again is not None and again.status == 429:
        run.disagree("RATE-05", f"no 429 after the {wait} s of retryAfter", "429")
    elif again is not None:
        run.ledger.hold("RATE-05")
