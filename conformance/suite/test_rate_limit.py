"""What happens past the documented limit."""

import time
from collections.abc import Callable

import pytest

from ..contract.document import RateLimit
from ..judging.response_facts import is_not_found
from ..requests.cases import Cases
from ..runner.rate_limit import REJECTIONS, needed_for
from ..runner.session import Session
from ..transport.exchange import Response
from ..transport.retry_after import in_words

Send = Callable[..., Response | None]


@pytest.mark.screening(turn=1)
@pytest.mark.limiting
@pytest.mark.naming  # the requests that the opening sent there count, so one worker sends both
@pytest.mark.rule("RATE-01", "RATE-02", "RATE-03", "RATE-04", "RATE-05", needs="limit")
def test_rate_limit_refuses_what_is_over_it_and_lets_in_again(
    send: Send, session: Session, cases: Cases
) -> None:
    """Requests over the limit are refused, and one after the wait is not."""
    limit = session.target.limit or session.contract.rate_limit
    needed = needed_for(limit)
    if session.gate.left < needed - len(session.at_the_limit):
        session.recorder.record_inconclusive(f"it takes {needed} requests")
        pytest.skip(f"it takes {needed} requests")
    with session.gate.alone():
        go_over(send, session, cases, limit)


def go_over(send: Send, session: Session, cases: Cases, limit: RateLimit) -> None:
    """Reach the limit, and once more where the first time leaves room for doubt."""
    let_in, refusal = exceed(send, session, cases, limit)
    if refusal is None:
        return
    waited = let_in_again(send, session, cases, limit, refusal)
    allowed = limit.requests
    if let_in > allowed and waited:
        # A server that counts in fixed windows lets in more where one ends. Now the next one begins.
        session.gate.pause(limit.seconds)
        session.at_the_limit.clear()
        let_in, refusal = exceed(send, session, cases, limit)
        took = time.perf_counter() - session.at_the_limit[0].at
        # A bucket that is filled again at the documented rate meanwhile keeps to "so many a minute" as well.
        allowed += int(took * limit.requests / limit.seconds)
        if refusal is not None and let_in > allowed and took > limit.seconds / 2:
            # So slow a burst may be in two windows again, if the wait in `retryAfter` is not exact.
            session.recorder.record_inconclusive(
                f"{let_in} requests were accepted in {took:.0f} s", ["RATE-01"]
            )
        elif refusal is not None and let_in > allowed:
            session.decide("RATE-01", f"{allowed} requests let in at most", f"{let_in} in {took:.1f} s")
    if refusal is not None and let_in <= allowed:
        session.decide("RATE-01")


def exceed(send: Send, session: Session, cases: Cases, limit: RateLimit) -> tuple[int, Response | None]:
    """Send requests until some in a row are refused by the limit.

    Those that the opening sent there count. A limit that forgets itself with a refusal lets in the next.

    Returns:
        How many it let in, and the last refusal, or None where it did not come to that.

    """
    sent, refused, in_a_row, refusal = session.at_the_limit, 0, 0, None
    most = 2 * limit.requests  # which is what a fixed window and the next one let in
    while in_a_row < REJECTIONS and len(sent) - refused <= most:
        response = send(cases.update(), base_url=session.target.limited_url)
        if session.gate.is_dry:
            if len(sent) > limit.requests + REJECTIONS:  # with the one after the wait
                return 0, None
        elif response is None:
            return 0, None
        elif response.status == 429 or response.code == "RATE_LIMIT_EXCEEDED":
            refused, in_a_row, refusal = refused + 1, in_a_row + 1, response
        elif time.perf_counter() - sent[0].at > limit.seconds:
            session.recorder.record_inconclusive(f"{len(sent)} requests took more than {limit.seconds:g} s")
            return 0, None
        elif refused and len(sent) - refused > limit.requests:
            break
        else:
            in_a_row = 0
    if refusal is None:
        session.recorder.record_inconclusive(f"the limit was not reached by {len(sent)} requests")
        session.decide("RATE-01", f"a refusal of request {limit.requests + 1}", f"none of {len(sent)}")
    return len(sent) - refused, refusal


def let_in_again(send: Send, session: Session, cases: Cases, limit: RateLimit, refusal: Response) -> bool:
    """Send again after the wait in `retryAfter`, or after the window. Return whether it gave a wait."""
    wait = refusal.body.get("retryAfter") if isinstance(refusal.body, dict) else None
    if not isinstance(wait, (int, float)) or isinstance(wait, bool) or wait < 0:
        session.recorder.record_inconclusive("no retryAfter said how long to wait", ["RATE-05"])
        return False
    # A wait in whole seconds may be a second longer than the window, and a cautious one as long again.
    looked_up = [each.case for each in session.at_the_limit if each.response and is_not_found(each.response)]
    is_too_long = wait > 2 * limit.seconds + 1
    session.gate.pause(limit.seconds if is_too_long else wait)
    session.at_the_limit.clear()
    # In good form, for a server may refuse another before it counts; and unknown, which it should still be.
    again = send(looked_up[-1] if looked_up else cases.update(), base_url=session.target.limited_url)
    if again is not None and not is_too_long:
        if again.status == 429:
            session.decide("RATE-05", f"no 429 after the {wait:g} s of retryAfter", "429")
        session.decide("RATE-05")
    elif again is not None and again.status != 429:
        session.decide("RATE-02", f"the seconds to wait, {limit.seconds:g} at most", in_words(wait))
    else:
        session.recorder.record_inconclusive(
            f"the {in_words(wait)} of retryAfter are too long to wait", ["RATE-05"]
        )
    return True
