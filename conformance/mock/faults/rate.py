"""Faults of the rate limit."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from ...contract.document import RateLimit
from ..behaviour import Behaviour, Call, Check, Finish, Response
from ..limiter import Limiter
from .fault import Change, both, fault, table, wrap
from .steps import alter, alter_rejection, check_last, having, on, skip, with_status, without


def limit(make: Callable[[RateLimit], RateLimit]) -> Change:
    """Enforce another limit than the documented one."""

    def change(mock: Behaviour) -> None:
        if mock.limiter.limit is not None:
            mock.limiter = Limiter(make(mock.limiter.limit), mock.limiter.clock)

    return change


def retry_after(make: Callable[[int], object]) -> Change:
    """Return another time to wait."""
    return alter_rejection("rate", having(retryAfter=lambda body: make(body["retryAfter"])))


def limit_each_body(_: Check, call: Call) -> Response | None:
    """Enforce a limit for each body instead of each key."""
    wait = call.mock.limiter.wait(repr(call.body))
    return None if wait is None else call.mock.reject(call, 429, retryAfter=wait)


def seconds_in_header(call: Call, response: Response) -> Response:
    """The response with the seconds to wait in a header instead of the body."""
    headers = {**response.headers, "retry-after": str(response.body["retryAfter"])}
    return replace(without("retryAfter")(call, response), headers=headers)


table(
    "RATE-01",
    also=["RATE-04"],
    never_limits=("No request is over the limit.", skip("rate")),
    allows_one_request_more=limit(lambda documented: replace(documented, requests=documented.requests + 1)),
    limits_each_body=("Only requests with the same body count together.", wrap("rate", limit_each_body)),
)
table(
    "RATE-01",
    also=["RATE-04"],
    unseen=True,
    counts_only_accepted_updates=("Requests that are rejected do not count.", check_last("rate")),
)


@fault("RATE-01", step="rate", unseen=True)
def forgets_the_count_when_refusing(inner: Check, call: Call) -> Response | None:
    """The first request over the limit is rejected, and begins the count anew."""
    rejection = inner(call)
    if rejection:
        call.mock.limiter = Limiter(call.mock.limiter.limit, call.mock.limiter.clock)
    return rejection


@fault("RATE-01", step="rate", memory=list, unseen=True)
def counts_on_two_machines(inner: Check, machines: list[Limiter], call: Call) -> Response | None:
    """Two machines count every other request each, so that twice the limit is accepted."""
    mock = call.mock
    if not machines:
        machines[:] = [mock.limiter, Limiter(mock.limiter.limit, mock.limiter.clock)]
    mock.limiter = machines[0]
    machines.reverse()
    return inner(call)


table(
    "RATE-02",
    leaves_out_the_seconds=("A 429 has no `retryAfter`.", alter(on(429), without("retryAfter"))),
    puts_the_seconds_in_a_header=(
        "A 429 has its `retryAfter` in a header.",
        alter(on(429), seconds_in_header),
    ),
    makes_the_seconds_a_text=("The `retryAfter` of a 429 is a string.", retry_after(str)),
    makes_the_seconds_negative=(
        "The `retryAfter` of a 429 is negative.",
        retry_after(lambda seconds: -seconds),
        ["RATE-05"],
    ),
    makes_the_seconds_null=("The `retryAfter` of a 429 is null.", retry_after(lambda _: None)),
    leaves_out_the_message_of_a_429=("A 429 has no `message`.", alter(on(429), without("message"))),
)
table(
    "RATE-02",
    unseen=True,
    makes_the_seconds_milliseconds=(
        "The `retryAfter` of a 429 is in milliseconds.",
        alter(on(429), having(retryAfter=lambda body: body["retryAfter"] * 1000)),
    ),
)
table(
    "RATE-03",
    leaves_out_the_code_of_a_429=("A 429 has no `code`.", alter(on(429), without("code")), ["RATE-02"]),
    calls_a_429_by_its_name=(
        "The code of a 429 is TOO_MANY_REQUESTS.",
        alter_rejection("rate", having(code="TOO_MANY_REQUESTS")),
    ),
)


@fault("RATE-03", step="finish", memory=Counter, unseen=True)
def calls_a_repeated_429_by_its_name(
    inner: Finish, rejected: Counter[str | None], call: Call, response: Response
) -> Response:
    """From the second rejection of a key on, the code of a 429 is TOO_MANY_REQUESTS."""
    response = inner(call, response)
    if not on(429)(call, response):
        return response
    rejected[call.key] += 1
    return response if rejected[call.key] == 1 else having(code="TOO_MANY_REQUESTS")(call, response)


table(
    "RATE-04",
    refuses_over_the_limit_with_403=alter_rejection("rate", with_status(403)),
    refuses_over_the_limit_with_400=alter_rejection("rate", with_status(400)),
    is_unavailable_over_the_limit=(
        "A request over the limit gets a 503.",
        alter_rejection("rate", with_status(503)),
        ["RATE-01", "HTTP-03", "HTTP-05"],
    ),
)


@fault("RATE-05", step="rate", memory=dict)
def never_lifts_the_limit(inner: Check, rejected: dict[str | None, Response], call: Call) -> Response | None:
    """A key that was over the limit once stays rejected."""
    rejection = rejected.get(call.key) or inner(call)
    if rejection:
        rejected[call.key] = rejection
    return rejection


table(
    "RATE-05",
    says_zero_seconds=("The `retryAfter` of a 429 is always 0.", retry_after(lambda _: 0)),
    lifts_the_limit_late=(
        "A request is rejected until twice the seconds in `retryAfter` are over.",
        both(
            limit(lambda documented: replace(documented, seconds=documented.seconds * 2)),
            retry_after(lambda seconds: (seconds + 1) // 2),
        ),
    ),
)
table(
    "RATE-05",
    unseen=True,
    says_a_second_too_few=(
        "The `retryAfter` of a 429 is too short by a second.",
        retry_after(lambda seconds: seconds - 1),
    ),
)


@fault("RATE-05", step="finish", also=["RATE-02"], unseen=True)
def says_the_mean_time_to_wait(inner: Finish, call: Call, response: Response) -> Response:
    """The `retryAfter` of a 429 is the window of the limit divided by its requests."""
    response, documented = inner(call, response), call.mock.limiter.limit
    if not on(429)(call, response):
        return response
    mean = math.floor(documented.seconds / documented.requests) if documented else 0
    return having(retryAfter=mean)(call, response)
