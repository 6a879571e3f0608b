"""What happens past the documented limit."""

import time
from collections.abc import Callable

import pytest

from ..contract.document import RateLimit
from ..requests.cases import Cases
from ..runner.session import Run
from ..transport.exchange import Response

Ask = Callable[..., Response | None]
REFUSALS = 2
"""How many requests in a row the limit must refuse."""


@pytest.mark.opening(turn=1)
@pytest.mark.limiting
@pytest.mark.naming  # the requests that the opening sent there count, so one worker sends both
@pytest.mark.rule("RATE-01", "RATE-02", "RATE-03", "RATE-04", "RATE-05", needs="limit")
def test_rate_limit_refuses_what_is_over_it_and_lets_in_again(ask: Ask, run: Run, cases: Cases) -> None:
    """Requests over the limit are refused, and one after the wait is not."""
    limit = run.target.limit or run.contract.rate_limit
    needed = limit.requests + REFUSALS + 1
    if run.gate.left < needed - len(run.sent_at_the_limit):
        run.ledger.record_inconclusive(run.rules, f"it takes {needed} requests")
        pytest.skip(f"it takes {needed} requests")
    with run.gate.alone():
        go_over(ask, run, cases, limit)


def go_over(ask: Ask, run: Run, cases: Cases, limit: RateLimit) -> None:
    """Reach the limit, and once more where the first time leaves room for doubt."""
    let_in, refusal = exceed(ask, run, cases, limit)
    if refusal is None:
        return
    waited = let_in_again(ask, run, cases, limit, refusal)
    allowed = limit.requests
    if let_in > allowed and waited:
        # A server that counts in fixed windows lets in more where one ends. Now the next one begins.
        time.sleep(limit.seconds)
        run.sent_at_the_limit.clear()
        let_in, refusal = exceed(ask, run, cases, limit)
        took = time.perf_counter() - run.sent_at_the_limit[0]
        # A bucket that is filled again at the documented rate meanwhile keeps to "so many a minute" as well.
        allowed += int(took * limit.requests / limit.seconds)
        if refusal is not None and let_in > allowed and took > limit.seconds / 2:
            # So slow a burst may straddle two windows again, where the wait that was told is not exact.
            run.ledger.record_inconclusive(
                ["RATE-01"], f"{let_in} requests were let in, and took {took:.0f} s"
            )
        elif refusal is not None and let_in > allowed:
            run.disagree("RATE-01", f"{allowed} requests let in at most", f"{let_in} in {took:.1f} s")
    if refusal is not None and let_in <= allowed:
        run.ledger.record_pass("RATE-01")


def exceed(ask: Ask, run: Run, cases: Cases, limit: RateLimit) -> tuple[int, Response | None]:
    """Send requests until some in a row are refused by the limit.

    Those that the opening sent there count. A limit that forgets itself with a refusal lets in the next.

    Returns:
        How many it let in, and the last refusal, or None where it did not come to that.

    """
    sent, refused, in_a_row, refusal = run.sent_at_the_limit, 0, 0, None
    most = 2 * limit.requests  # which is what a fixed window and the next one let in
    while in_a_row < REFUSALS and len(sent) - refused <= most:
        response = ask(cases.update(), base_url=run.target.limited_url)
        if run.gate.is_dry:
            if len(sent) > limit.requests + REFUSALS:  # with the one after the wait
                return 0, None
        elif response is None:
            return 0, None
        elif response.status == 429 or response.code == "RATE_LIMIT_EXCEEDED":
            refused, in_a_row, refusal = refused + 1, in_a_row + 1, response
        elif time.perf_counter() - sent[0] > limit.seconds:
            run.ledger.record_inconclusive(
                run.rules, f"{len(sent)} requests took more than {limit.seconds:g} s"
            )
            return 0, None
        elif refused and len(sent) - refused > limit.requests:
            break
        else:
            in_a_row = 0
    if refusal is None:
        run.ledger.record_inconclusive(run.rules, f"the limit was not reached by {len(sent)} requests")
        run.disagree("RATE-01", f"a refusal of request {limit.requests + 1}", f"none of {len(sent)}")
    return len(sent) - refused, refusal


def let_in_again(ask: Ask, run: Run, cases: Cases, limit: RateLimit, refusal: Response) -> bool:
    """Ask again after the wait that a refusal told, or after the whole window; whether it told a wait."""
    told = refusal.body.get("retryAfter") if isinstance(refusal.body, dict) else None
    if not isinstance(told, (int, float)) or isinstance(told, bool) or told < 0:
        run.ledger.record_inconclusive(["RATE-05"], "no retryAfter said how long to wait")
        return False
    # A wait in whole seconds may be a second longer than the window, and a cautious one as long again.
    is_too_long = told > 2 * limit.seconds + 1
    time.sleep(limit.seconds if is_too_long else told)
    run.sent_at_the_limit.clear()
    # In good form, for a server may refuse another before it counts; and unknown, which it should still be.
    again = ask(run.unknown_at_the_limit or cases.update(), base_url=run.target.limited_url)
    if again is not None and not is_too_long:
        if again.status == 429:
            run.disagree("RATE-05", f"no 429 after the {told:g} s of retryAfter", "429")
        run.ledger.record_pass("RATE-05")
    elif again is not None and again.status != 429:
        run.disagree("RATE-02", f"the seconds to wait, {limit.seconds:g} at most", f"{told:g}")
    else:
        run.ledger.record_inconclusive(["RATE-05"], f"the {told:g} s of retryAfter were not waited for")
    return True
