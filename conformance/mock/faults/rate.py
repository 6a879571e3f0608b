"""Faults in the limit on how often a key may be used."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from ...contract.document import RateLimit
from ..behaviour import Behaviour, Call, Response
from ..limiter import Limiter
from .changes import alters, as_status, on, postpones, saying, turns, waives, without
from .fault import Change, Fault


def limits(make: Callable[[RateLimit], RateLimit]) -> Change:
    """Keep another limit than the documented one."""

    def change(mock: Behaviour) -> None:
        if mock.limiter.limit is not None:
            mock.limiter = Limiter(make(mock.limiter.limit), mock.limiter.clock)

    return change


def counts_by(name: Callable[[Call], str]) -> Change:
    """Keep a limit for each of something else than the key."""

    def change(mock: Behaviour) -> None:
        def check(call: Call) -> Response | None:
            wait = mock.limiter.wait(name(call))
            return None if wait is None else mock.reject(call, 429, retryAfter=wait)

        mock.checks["rate"] = check

    return change


def never_lifts_the_limit(mock: Behaviour) -> None:
    """Refuse for good whoever went over the limit once."""
    before = mock.checks["rate"]
    refused: dict[str | None, Response] = {}

    def check(call: Call) -> Response | None:
        refusal = refused.get(call.key) or before(call)
        if refusal is not None:
            refused[call.key] = refusal
        return refusal

    mock.checks["rate"] = check


def retry_after(make: Callable[[int], object]) -> Change:
    """Say another time to wait."""
    return turns("rate", lambda _, response: with_seconds(response, make(response.body["retryAfter"])))


def with_seconds(response: Response, seconds: object) -> Response:
    """The refusal with another time to wait."""
    return replace(response, body={**response.body, "retryAfter": seconds})


def lifts_the_limit_late(mock: Behaviour) -> None:
    """Keep to a window that is twice as long as the one that a refusal tells of."""
    limits(lambda limit: replace(limit, seconds=limit.seconds * 2))(mock)
    retry_after(lambda seconds: (seconds + 1) // 2)(mock)


def in_header(_call: Call, response: Response) -> Response:
    """The seconds to wait in a header, and not in the body."""
    body = {name: value for name, value in response.body.items() if name != "retryAfter"}
    return replace(
        response, body=body, headers={**response.headers, "retry-after": str(response.body["retryAfter"])}
    )


def forgets_the_count_when_refusing(mock: Behaviour) -> None:
    """Begin to count anew after a refusal."""

    def begin_anew(_call: Call, refusal: Response) -> Response:
        mock.limiter = Limiter(mock.limiter.limit, mock.limiter.clock)
        return refusal

    turns("rate", begin_anew)(mock)


def counts_on_two_machines(mock: Behaviour) -> None:
    """Give every other request to another machine, which has a count of its own."""
    machines = [mock.limiter, Limiter(mock.limiter.limit, mock.limiter.clock)]
    before = mock.checks["rate"]

    def check(call: Call) -> Response | None:
        mock.limiter = machines[0]
        machines.reverse()
        return before(call)

    mock.checks["rate"] = check


def calls_a_repeated_429_by_its_name(mock: Behaviour) -> None:
    """Say TOO_MANY_REQUESTS from the second refusal of a key on."""
    refused: Counter[str | None] = Counter()

    def again(call: Call, response: Response) -> Response:
        refused[call.key] += 1
        return response if refused[call.key] == 1 else saying(code="TOO_MANY_REQUESTS")(call, response)

    alters(on(429), again)(mock)


def says_the_mean_time_to_wait(mock: Behaviour) -> None:
    """Say how long it takes on average until one more request is let in."""
    limit = mock.limiter.limit
    mean = 0 if limit is None else math.floor(limit.seconds / limit.requests)
    alters(on(429), saying(retryAfter=mean))(mock)


RATE = (
    Fault("never_limits", "RATE-01", "No request is over the limit.", waives("rate"), also=("RATE-04",)),
    Fault(
        "allows_one_request_more",
        "RATE-01",
        "The limit is higher by one.",
        limits(lambda limit: replace(limit, requests=limit.requests + 1)),
        also=("RATE-04",),
    ),
    Fault(
        "limits_each_body",
        "RATE-01",
        "Only requests with the same body count together.",
        counts_by(lambda call: repr(call.body)),
        also=("RATE-04",),
    ),
    Fault(
        "leaves_out_the_seconds",
        "RATE-02",
        "A 429 has no `retryAfter`.",
        alters(on(429), without("retryAfter")),
    ),
    Fault(
        "puts_the_seconds_in_a_header",
        "RATE-02",
        "A 429 has its `retryAfter` in a header.",
        alters(on(429), in_header),
    ),
    Fault("makes_the_seconds_a_text", "RATE-02", "The `retryAfter` of a 429 is a string.", retry_after(str)),
    Fault(
        "makes_the_seconds_negative",
        "RATE-02",
        "The `retryAfter` of a 429 is negative.",
        retry_after(lambda seconds: -seconds),
        also=("RATE-05",),
    ),
    Fault(
        "makes_the_seconds_null", "RATE-02", "The `retryAfter` of a 429 is null.", retry_after(lambda _: None)
    ),
    Fault(
        "leaves_out_the_message_of_a_429",
        "RATE-02",
        "A 429 has no `message`.",
        alters(on(429), without("message")),
    ),
    Fault(
        "leaves_out_the_code_of_a_429",
        "RATE-03",
        "A 429 has no `code`.",
        alters(on(429), without("code")),
        also=("RATE-02",),
    ),
    Fault(
        "calls_a_429_by_its_name",
        "RATE-03",
        "The code of a 429 is TOO_MANY_REQUESTS.",
        turns("rate", saying(code="TOO_MANY_REQUESTS")),
    ),
    Fault(
        "refuses_over_the_limit_with_403",
        "RATE-04",
        "A request over the limit is refused with a 403.",
        turns("rate", as_status(403)),
    ),
    Fault(
        "refuses_over_the_limit_with_400",
        "RATE-04",
        "A request over the limit is refused with a 400.",
        turns("rate", as_status(400)),
    ),
    Fault(
        "is_unavailable_over_the_limit",
        "RATE-04",
        "A request over the limit is answered with a 503.",
        turns("rate", as_status(503)),
        also=("RATE-01", "HTTP-03", "HTTP-05"),
    ),
    Fault(
        "never_lifts_the_limit",
        "RATE-05",
        "Who goes over the limit once stays refused.",
        never_lifts_the_limit,
    ),
    Fault("says_zero_seconds", "RATE-05", "The `retryAfter` of a 429 is always 0.", retry_after(lambda _: 0)),
    Fault(
        "lifts_the_limit_late",
        "RATE-05",
        "A request is refused until twice the seconds in `retryAfter` are over.",
        lifts_the_limit_late,
    ),
    Fault(
        "counts_only_accepted_updates",
        "RATE-01",
        "Requests that are refused do not count.",
        postpones("rate"),
        also=("RATE-04",),
        unseen=True,
    ),
    Fault(
        "says_a_second_too_few",
        "RATE-05",
        "The `retryAfter` of a 429 is too short by a second.",
        retry_after(lambda seconds: seconds - 1),
        unseen=True,
    ),
    Fault(
        "forgets_the_count_when_refusing",
        "RATE-01",
        "The first request over the limit is refused, and begins the count anew.",
        forgets_the_count_when_refusing,
        unseen=True,
    ),
    Fault(
        "counts_on_two_machines",
        "RATE-01",
        "Two machines count every other request each, so that twice the limit is let in.",
        counts_on_two_machines,
        unseen=True,
    ),
    Fault(
        "makes_the_seconds_milliseconds",
        "RATE-02",
        "The `retryAfter` of a 429 is in milliseconds.",
        alters(on(429), lambda _, response: with_seconds(response, response.body["retryAfter"] * 1000)),
        unseen=True,
    ),
    Fault(
        "calls_a_repeated_429_by_its_name",
        "RATE-03",
        "From the second refusal of a key on, the code of a 429 is TOO_MANY_REQUESTS.",
        calls_a_repeated_429_by_its_name,
        unseen=True,
    ),
    Fault(
        "says_the_mean_time_to_wait",
        "RATE-05",
        "The `retryAfter` of a 429 is the window of the limit divided by its requests.",
        says_the_mean_time_to_wait,
        also=("RATE-02",),
        unseen=True,
    ),
)
