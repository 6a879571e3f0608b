"""Every request passes here: permission, budget and pace are decided in one place."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from schemathesis import Case

from ..contract.document import Contract, RateLimit
from ..requests import new_ids
from ..requests.request import Request, write_request
from .budget import Budget
from .exchange import Exchange, Response
from .h11_transport import NoResponse, Transport
from .target import Target

PATIENCE = 3
"""How many requests in a row may go without an answer before the target counts as gone."""
LONGEST_WAIT = 60.0
"""Seconds that we wait at most when a target says how long to."""
LONGEST_ALONE = 600.0
"""Seconds after which a worker that sends alone counts as gone."""


class RunStopped(Exception):  # noqa: N818 - not an error: nothing more is sent
    """No further request is sent; the message says why."""


class DryRun(RunStopped):
    """The request was counted, which is all that a dry run does."""


class UnsafeRequestError(Exception):
    """A request could have changed a record that nobody named: a bug of ours; nothing was sent."""


@dataclass
class Gate:
    """Sends requests to a target, as many and as fast as it may.

    Attributes:
        max_requests: the most requests that may be sent, or None for no limit.
        rate: how many requests may be sent in a window, or None for no limit.
        timeout: how many seconds an exchange may take, to the end of the answer.
        is_dry: whether requests are only counted.
        shared: the directory in which workers share the budget and the pace.
        sent: how many requests had been sent, by all workers, when this one sent its last.

    """

    target: Target
    contract: Contract
    max_requests: int | None = None
    rate: RateLimit | None = None
    timeout: float = 10.0
    is_dry: bool = False
    shared: Path | None = None
    sent: int = 0
    own: int = 0
    """How many requests this worker has sent."""
    share: float = float("inf")
    """How many of them may have been sent when the test that runs now must end."""
    may_name: bool = True
    """Whether the test that runs now may name enrollments: of several workers only one may."""
    on_exchange: Callable[[Exchange], None] = lambda _: None
    """Is called with each exchange, also with those that are sent again."""
    waiting_until: float = 0.0
    """When the wait that a 429 asked for ends, by the monotonic clock."""
    named: Counter[frozenset[str]] = field(default_factory=Counter, init=False)
    """How many requests named each enrollment."""
    _given_up: str = field(default="", init=False)
    _silent: int = field(default=0, init=False)
    _limited: int = field(default=0, init=False)
    _told_to_wait: float = field(default=0.0, init=False)
    """Seconds that the last 429 asked for."""
    _transport: Transport = field(init=False, repr=False)
    _budget: Budget = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare to connect."""
        common = {
            "user-agent": f"carecycle-conformance/{self.contract.version}",
            "accept": "application/json",
            "accept-encoding": "identity",
        }
        self._transport = Transport(common, self.timeout, self.target.proxy)
        self._budget = Budget(self.max_requests, None if self.is_dry else self.rate, self.shared)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
        self._budget.close()

    @property
    def left(self) -> float:
        """How many requests may still be sent."""
        return self._budget.left

    @property
    def sent_by_all(self) -> int:
        """How many requests the workers have sent."""
        return self._budget.sent

    @property
    def waiting(self) -> float:
        """Seconds that are left of the wait that a 429 asked for."""
        return max(0.0, self.waiting_until - time.monotonic())

    def alone(self) -> AbstractContextManager[None]:
        """Keep other workers from sending, in a `with` block."""
        return self._budget.alone(LONGEST_ALONE)

    def share_out(self, tests: int) -> None:
        """Let the test that runs now have its share of what is left, with so many tests to come."""
        self.share = self.own + self.left // tests

    def give_up(self, reason: str) -> None:
        """Send nothing more."""
        self._given_up = reason

    def permit(self, url: str, content: bytes, *, paced: bool = True) -> None:
        """Count a request that is about to be sent, and wait for its turn.

        Raises:
            Stopped: the budget is spent, the target is gone, or nothing is to be sent at all.
            Harm: the request could change a record that no `--enrollment` names.

        """
        if self._given_up:
            raise RunStopped(self._given_up)
        if self._silent >= PATIENCE:
            raise RunStopped(f"the target gave no answer to {PATIENCE} requests in a row")
        if self._told_to_wait > LONGEST_WAIT:
            raise RunStopped(
                f"the target asks to wait {self._told_to_wait:g} s; a run waits {LONGEST_WAIT:g} s at most"
            )
        if self._limited >= PATIENCE:
            raise RunStopped(f"the target answered 429 to {PATIENCE} requests in a row")
        if self.left <= 0:
            raise RunStopped(f"the budget of {self.max_requests} requests is spent")
        if self.own >= self.share:
            raise RunStopped("the test's share of the budget is spent")
        named = self.target.enrollments if self.may_name else ()
        pairs = {frozenset(enrollment.pair) for enrollment in named}
        unknown = new_ids.unknown_ids(url + " " + content.decode("utf-8", "replace"))
        if not new_ids.is_safe_to_send(unknown, pairs):
            raise UnsafeRequestError(
                "a request names two ids that are neither fresh nor an --enrollment; it was not sent"
            )
        number = self._budget.take(paced=paced)
        if number == 0:
            raise RunStopped(f"the budget of {self.max_requests} requests is spent")
        self.sent, self.own = number, self.own + 1
        self.named.update({frozenset(unknown)} & pairs)
        if self.is_dry:
            raise DryRun("a dry run sends nothing")

    def send(self, case: Case[Any], base_url: str | None = None) -> Exchange:
        """Send the request of a case; a target that keeps silent gives an exchange without an answer.

        A request whose connection broke is sent once more, for an update is idempotent. So is one that got a
        429, after the wait that it asks for. At an address given as `base_url` the limit is what a test is
        about: there is no pace there, and a 429 is an answer.
        """
        request = write_request(case, base_url or self.target.url)
        try:
            exchange = self._send_once(case, request, paced=base_url is None)
        except DryRun as reason:
            return Exchange(case, request, None, no_response=str(reason))
        if exchange.response is None and not exchange.timed_out and self.left > 0:
            exchange = replace(self._send_once(case, request, paced=base_url is None), repeated=True)
        self._silent = 0 if exchange.response is not None else self._silent + 1
        if base_url is None and exchange.response is not None and exchange.response.status == 429:
            if _requested_code(case) == "429":
                return exchange
            self._limited += 1
            wait = _seconds_to_wait(exchange.response)
            self._told_to_wait = wait
            if self._limited < PATIENCE and wait <= LONGEST_WAIT and self.left > 0:
                self.waiting_until = time.monotonic() + wait
                time.sleep(wait)
                return self.send(case)
        elif exchange.response is not None:
            self._limited = 0
        return exchange

    def _send_once(self, case: Case[Any], request: Request, *, paced: bool) -> Exchange:
        self.permit(request.url, request.content, paced=paced)
        try:
            exchange = Exchange(case, request, self._transport.send(request))
        except NoResponse as no_response:
            reason = self.target.mask(str(no_response))
            exchange = Exchange(case, request, None, no_response=reason, timed_out=no_response.timed_out)
        self.on_exchange(exchange)
        return exchange


def _seconds_to_wait(response: Response) -> float:
    body = response.body
    told = body.get("retryAfter") if isinstance(body, dict) else None
    return float(told) if isinstance(told, (int, float)) and not isinstance(told, bool) and told >= 0 else 1.0


def _requested_code(case: Case[Any]) -> str | None:
    prefer = str(case.headers.get("prefer", ""))
    return prefer.partition("code=")[2] or None
