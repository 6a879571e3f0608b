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
@pytest.mark.naming  # the requests that the screening sent there count, so one worker sends both
@pytest.mark.rule("RATE-01", "RATE-02", "RATE-03", "RATE-04", "RATE-05", needs="limit")
def test_rate_limit_rejects_what_is_over_it_and_accepts_again(
    send: Send, session: Session, cases: Cases
) -> None:
    """Requests over the limit are rejected, and one after the wait is not."""
    limit = session.target.limit or session.contract.rate_limit
    needed = needed_for(limit)
    if session.gate.left < needed - len(session.at_the_limit):
        session.recorder.record_inconclusive(f"it takes {needed} requests")
        pytest.skip(f"it takes {needed} requests")
    with session.gate.alone():
        go_over(send, session, cases, limit)


def go_over(send: Send, session: Session, cases: Cases, limit: RateLimit) -> None:
    """Go over the limit, and once more if the first time leaves a doubt."""
    accepted, rejection = exceed_the_limit(send, session, cases, limit)
    if rejection is None:
        return
    waited = send_after_the_wait(send, session, cases, limit, rejection)
    allowed = limit.requests
    if accepted > allowed and waited:
        # A server that counts in fixed windows accepts more where one ends. Now the next one begins.
        session.gate.pause(limit.seconds)
        session.at_the_limit.clear()
        accepted, rejection = exceed_the_limit(send, session, cases, limit)
        took = time.perf_counter() - session.at_the_limit[0].at
        # A bucket that is filled again at the documented rate meanwhile keeps to "so many a minute" as well.
        allowed += int(took * limit.requests / limit.seconds)
        if rejection is not None and accepted > allowed and took > limit.seconds / 2:
            # So slow a burst may be in two windows again, if the wait in `retryAfter` is not exact.
            session.recorder.record_inconclusive(
                f"{accepted} requests were accepted in {took:.0f} s", ["RATE-01"]
            )
        elif rejection is not None and accepted > allowed:
            session.decide("RATE-01", f"{allowed} accepted requests at most", f"{accepted} in {took:.1f} s")
    if rejection is not None and accepted <= allowed:
        session.decide("RATE-01")


def exceed_the_limit(
    send: Send, session: Session, cases: Cases, limit: RateLimit
) -> tuple[int, Response | None]:
    """Send requests until some in a row are rejected by the limit.

    The requests that the screening sent there count. After a rejection, a limit that begins anew accepts the
    next request.

    Returns:
        How many requests were accepted, and the last rejection, or None if there was none.

    """
    sent, rejected, in_a_row, rejection = session.at_the_limit, 0, 0, None
    most = 2 * limit.requests  # as many as a fixed window and the next one accept
    while in_a_row < REJECTIONS and len(sent) - rejected <= most:
        response = send(cases.update(), base_url=session.target.limited_url)
        if session.gate.is_dry:
            if len(sent) > limit.requests + REJECTIONS:  # with the one after the wait
                return 0, None
        elif response is None:
            return 0, None
        elif response.status == 429 or response.code == "RATE_LIMIT_EXCEEDED":
            rejected, in_a_row, rejection = rejected + 1, in_a_row + 1, response
        elif time.perf_counter() - sent[0].at > limit.seconds:
            session.recorder.record_inconclusive(f"{len(sent)} requests took more than {limit.seconds:g} s")
            return 0, None
        elif rejected and len(sent) - rejected > limit.requests:
            break
        else:
            in_a_row = 0
    if rejection is None:
        session.recorder.record_inconclusive(f"the limit was not reached by {len(sent)} requests")
        session.decide("RATE-01", f"a rejection of request {limit.requests + 1}", f"none of {len(sent)}")
    return len(sent) - rejected, rejection


def send_after_the_wait(
    send: Send, session: Session, cases: Cases, limit: RateLimit, rejection: Response
) -> bool:
    """Send again after the wait in `retryAfter`, or after the window. Return whether it gave a wait."""
    wait = rejection.member("retryAfter")
    if not isinstance(wait, (int, float)) or isinstance(wait, bool) or wait < 0:
        session.recorder.record_inconclusive("no retryAfter said how long to wait", ["RATE-05"])
        return False
    # A wait in whole seconds may be a second longer than the window, and a cautious one as long again.
    looked_up = [each.case for each in session.at_the_limit if each.response and is_not_found(each.response)]
    is_too_long = wait > 2 * limit.seconds + 1
    session.gate.pause(limit.seconds if is_too_long else wait)
    session.at_the_limit.clear()
    # It is valid, because a server may reject another request before it counts. Its ids are still unknown.
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
