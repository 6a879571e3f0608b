"""What happens past the documented limit."""

import json
import time
from collections.abc import Callable

import pytest

from conformance.cases import Cases
from conformance.contract import RateLimit
from conformance.exchange import Answer
from conformance.run import Run
from conformance.strategies import NOT_JSON

Ask = Callable[..., Answer | None]


@pytest.mark.opening(turn=1)
@pytest.mark.limiting
@pytest.mark.naming  # the requests that the opening sent there count, so one worker sends both
@pytest.mark.rule("RATE-01", "RATE-02", "RATE-03", "RATE-04", "RATE-05", needs="limit")
def test_rate_limit_refuses_what_is_over_it_and_lets_in_again(ask: Ask, run: Run, cases: Cases) -> None:
    """A request over the limit is refused, and one after the wait is not."""
    limit = run.target.limit or run.contract.rate_limit
    if run.governor.left < limit.requests + 2 - len(run.sent_at_the_limit):
        run.ledger.stay_silent(run.rules, f"it takes {limit.requests + 2} requests")
        pytest.skip(f"it takes {limit.requests + 2} requests")
    with run.governor.alone():
        go_over(ask, run, cases, limit)


def go_over(ask: Ask, run: Run, cases: Cases, limit: RateLimit) -> None:
    """Reach the limit, and once more where the first time leaves room for doubt."""
    number = exceed(ask, run, cases, limit)
    if number == 0:
        return
    wait = let_in_again(ask, run, cases)
    if number > limit.requests + 1 and wait is not None:
        # A server that counts in fixed windows lets in more where one ends. Now the next one begins.
        time.sleep(limit.seconds)
        run.sent_at_the_limit.clear()
        number = exceed(ask, run, cases, limit)
        if number > limit.requests + 1:
            run.disagree("RATE-01", f"a refusal of request {limit.requests + 1}", f"one of request {number}")
    if 0 < number <= limit.requests + 1:
        run.ledger.hold("RATE-01")


def exceed(ask: Ask, run: Run, cases: Cases, limit: RateLimit) -> int:
    """Send requests until the limit refuses one: its number, or 0 where it did not come to that.

    Those that the opening sent there count.
    """
    sent = run.sent_at_the_limit
    most = 2 * limit.requests + 1  # which no window, fixed or sliding, lets in
    while len(sent) < most:
        answer = ask(cases.update(), base_url=run.target.limited_url)
        if run.governor.is_dry:
            continue
        if answer is None:
            return 0
        if answer.status == 429 or answer.code == "RATE_LIMIT_EXCEEDED":
            return len(sent)
        if time.perf_counter() - sent[0] > limit.seconds:
            run.ledger.stay_silent(run.rules, f"{len(sent)} requests took more than {limit.seconds:g} s")
            return 0
    if not run.governor.is_dry:
        run.ledger.stay_silent(run.rules, f"the limit was not reached by {most} requests")
        run.disagree("RATE-01", f"a refusal of request {limit.requests + 1}", f"none of {most}")
    return 0


def let_in_again(ask: Ask, run: Run, cases: Cases) -> float | None:
    """Ask again after the wait that the refusal told: that wait, or None where it told none."""
    body = run.last.answer.body if run.last is not None and run.last.answer is not None else None
    wait = body.get("retryAfter") if isinstance(body, dict) else None
    if not isinstance(wait, (int, float)) or isinstance(wait, bool) or not 0 <= wait <= 60:
        run.ledger.stay_silent(["RATE-05"], "no retryAfter said how long to wait")
        return None
    time.sleep(wait)
    run.sent_at_the_limit.clear()
    # Any request will do, so this one asks about a lenient parser as well.
    body = NOT_JSON["trailing-comma"](json.dumps(cases.body()).encode())
    again = ask(cases.update(body), base_url=run.target.limited_url)
    if again is not None and again.status == 429:
        run.disagree("RATE-05", f"no 429 after the {wait} s of retryAfter", "429")
    elif again is not None:
        run.ledger.hold("RATE-05")
    return wait
