"""Every request passes here: permission, budget, pace and patience are decided in one place."""

import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemathesis import Case

from ..contract.document import Contract, RateLimit
from ..requests.request import Request, preferred_code, write_request
from ..requests.request_class import UPDATE
from .budget import Budget
from .exchange import LARGEST_BODY, Exchange, Response
from .h11_transport import H11Transport
from .interruption import INTERRUPTION, Interrupted
from .permission import UnsafeRequestError, named_enrollment
from .retry_after import in_words, seconds_to_wait
from .shared_run import SharedRun, SharedRunLost
from .target import Target
from .transport import NoResponse, Transport

__all__ = ["DryRun", "Gate", "RunStopped", "UnsafeRequestError"]

PATIENCE = 3
"""How many requests in a row may get no usable response before the run stops."""
LONGEST_WAIT = 60.0
"""The longest wait in seconds that a target may ask for. A longer one stops the run."""
LONGEST_ALONE = 600.0
"""Seconds after which a worker that sends alone counts as gone."""
NOTABLE_WAIT = 2.0
"""A wait of so many seconds is reported to the user."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The methods that RFC 9110 defines as safe."""
INTERRUPTED = "the run was interrupted"
TIME_IS_UP = "the time limit of the run is reached"
IDEMPOTENT = SAFE | {"PUT", "DELETE"}
"""The methods that RFC 9110 defines as idempotent."""


class RunStopped(Exception):  # noqa: N818 - not an error: nothing more is sent
    """No further request is sent. The message says why."""


class DryRun(RunStopped):
    """The request was counted, which is all that a dry run does."""


def say_on_stderr(text: str) -> None:
    """Tell the user something while the run goes on, if anybody still reads it."""
    with suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)


@dataclass
class Gate:
    """Sends requests to a target, as many and as fast as it may.

    Attributes:
        max_requests: the most requests that may be sent, or None for no limit.
        rate: how many requests may be sent in a window, or None for no limit.
        timeout: how many seconds an exchange may take, to the end of the response.
        is_dry: whether requests are only counted.
        shared: the directory in which workers share the budget and the pace.
        run: the run that several machines share, in place of the directory.
        sent: the number of this worker's last request, counted over all workers.

    """

    target: Target
    contract: Contract
    max_requests: int | None = None
    rate: RateLimit | None = None
    timeout: float = 10.0
    is_dry: bool = False
    shared: Path | None = None
    run: SharedRun | None = None
    sent: int = 0
    own: int = 0
    """How many requests this worker has sent."""
    share: float = float("inf")
    """The running test ends when this worker has sent so many requests."""
    until: float = float("inf")
    """When nothing more may be sent, in seconds of the monotonic clock."""
    reserved: int = 0
    """How many requests of the budget are kept for the test of the rate limit."""
    may_name: bool = True
    """Whether the test that runs now may name enrollments: of several workers only one may."""
    on_exchange: Callable[[Exchange], None] = lambda _: None
    """Is called with each exchange, also with those that are sent again."""
    waiting_until: float = 0.0
    """When the target wants the next request, in seconds of the monotonic clock."""
    named: Counter[frozenset[str]] = field(default_factory=Counter, init=False)
    """How many requests named each enrollment."""
    transport: Transport | None = field(default=None, repr=False)
    """Sends the requests, by default over HTTP. Tests give one without sockets."""
    say: Callable[[str], None] = field(default=say_on_stderr, repr=False)
    """Tells the user about a long wait."""
    stopped: str = field(default="", init=False)
    """Why the target gets no further requests, in words that are safe to show, or nothing."""
    _without_response: int = field(default=0, init=False)
    _limited: int = field(default=0, init=False)
    _paced_until: float = field(default=0.0, init=False)
    _too_large: int = field(default=0, init=False)
    _transport: Transport = field(init=False, repr=False)
    _budget: Budget = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare to connect."""
        common = {
            "user-agent": f"carecycle-conformance/{self.contract.version}",
            "accept": "application/json",
            "accept-encoding": "identity",
            **dict(self.target.headers),
        }
        self._transport = self.transport or H11Transport(
            common, self.timeout, self.target.proxy, self.target.tls
        )
        rate = None if self.is_dry else self.rate
        self._budget = Budget(self.max_requests, rate, self.shared, run=self.run, say=self._say_wait)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
        self._budget.close()

    @property
    def left(self) -> float:
        """How many requests may still be sent."""
        return self._budget.left - self.reserved

    @property
    def sent_by_all(self) -> int:
        """How many requests the workers have sent."""
        return self._budget.sent

    @property
    def waiting(self) -> float:
        """Seconds that are left of a wait for the rate limit, ours or that of a 429."""
        return max(0.0, max(self.waiting_until, self._paced_until) - time.monotonic())

    def alone(self) -> AbstractContextManager[None]:
        """Keep other workers from sending, in a `with` block."""
        return self._budget.alone(LONGEST_ALONE)

    def share_out(self, tests: int) -> None:
        """Let the test that runs now have its share of what is left, with so many tests to come."""
        self.share = self.own + self.left // tests

    def give_up(self, reason: str) -> None:
        """Send nothing more. The first reason is kept."""
        self.stopped = self.stopped or reason

    def permit(self, url: str, content: bytes, *, paced: bool = True) -> None:
        """Count a request that is about to be sent, and wait for its turn.

        Raises:
            RunStopped: the budget is spent, or the target gets no further requests.
            UnsafeRequestError: the request could change a record that no `--enrollment` names.

        """
        self._check_limits()
        named = named_enrollment(
            url,
            content,
            self.target.enrollments if self.may_name else (),
            may_swap=self.target.may_swap_ids,
        )
        if not self.is_dry:
            self._wait_until(self.waiting_until)
        try:
            with INTERRUPTION.may_interrupt():
                number = self._budget.take(paced=paced, until=self.until)
        except Interrupted:
            raise RunStopped(INTERRUPTED) from None
        except SharedRunLost as reason:
            self.give_up(str(reason))
            raise RunStopped(self.stopped) from None
        if number is None:
            raise RunStopped(TIME_IS_UP)
        if number == 0:
            raise RunStopped(f"the budget of {self.max_requests} requests is spent")
        self.sent, self.own = number, self.own + 1
        if named is not None:
            self.named[frozenset(named.pair)] += 1
        if self.is_dry:
            raise DryRun("a dry run sends nothing")

    def may_send(self, method: str, path: str) -> bool:
        """Whether requests to an operation are allowed. Only the ids of an update are checked."""
        if self.target.may_write or method in SAFE:
            return True
        operations = self.contract.operations.values()
        return not any(
            (method, path) == (each.method, each.path) and each.id != UPDATE for each in operations
        )

    def _check_limits(self) -> None:
        if INTERRUPTION.is_wanted:
            raise RunStopped(INTERRUPTED)
        if self.stopped:
            raise RunStopped(self.stopped)
        if max(time.monotonic(), self.waiting_until) >= self.until:
            raise RunStopped(TIME_IS_UP)
        if self.left <= 0:
            kept = f", {self.reserved} are kept for the rate limit" if self.reserved else ""
            raise RunStopped(f"the budget of {self.max_requests} requests is spent{kept}")
        if self.own >= self.share:
            raise RunStopped("the test's share of the budget is spent")

    def send(self, case: Case[Any], base_url: str | None = None) -> Exchange:
        """Send the request of a case. The exchange has no response if the target gave none.

        If the connection broke, an idempotent request is sent once more. After a 429 the request is sent
        again when the target wants it. At an address given as `base_url` a test is about the limit: there is
        no pace there, and a 429 is returned.
        """
        if not self.may_send(case.method, case.path):
            raise RunStopped(f"{case.method} {case.path} can create or change data: give --allow-writes")
        request = write_request(case, base_url or self.target.url)
        paced = base_url is None
        while True:
            try:
                exchange = self._send(case, request, paced=paced)
            except DryRun as reason:
                return Exchange(case, request, None, no_response=str(reason))
            response = exchange.response
            if response is None or not paced or preferred_code(request) == response.status:
                return exchange
            if response.status not in {429, 503}:
                self._limited = 0
                return exchange
            may_resend = self._defer(response)
            if response.status == 503 or not may_resend or self.left <= 0:
                return exchange

    def _send(self, case: Case[Any], request: Request, *, paced: bool) -> Exchange:
        """Send a request, and once more if its connection broke and it is idempotent."""
        repeated = False
        while True:
            self.permit(request.url, request.content, paced=paced)
            try:
                with INTERRUPTION.may_interrupt():
                    response = self._transport.send(request)
            except Interrupted:
                raise RunStopped(INTERRUPTED) from None
            except NoResponse as error:
                reason = self.target.show(str(error))
                exchange = Exchange(case, request, None, reason, timed_out=error.timed_out, repeated=repeated)
                self.on_exchange(exchange)
                if error.may_have_arrived and not repeated and self.left > 0 and self._is_idempotent(case):
                    repeated = True
                    continue
                self._without_response += 1
                if self._without_response >= PATIENCE:
                    self.give_up(f"no response to {PATIENCE} requests in a row: {reason}")
                return exchange
            self._without_response = 0
            self._too_large = self._too_large + 1 if response.is_cut else 0
            if self._too_large >= PATIENCE:
                self.give_up(
                    f"the bodies of {PATIENCE} responses in a row have more than {LARGEST_BODY // 1024} KiB"
                )
            exchange = Exchange(case, request, response, repeated=repeated)
            self.on_exchange(exchange)
            return exchange

    def _is_idempotent(self, case: Case[Any]) -> bool:
        """Whether it makes no difference that a request is carried out twice. An update sets a status."""
        update = self.contract.operations.get(UPDATE)
        is_update = update is not None and (case.method, case.path) == (update.method, update.path)
        return is_update or case.method in IDEMPOTENT

    def _defer(self, response: Response) -> bool:
        """Note when the target wants the next request. Returns whether it gets one at all."""
        wait = seconds_to_wait(response, default=1.0 if response.status == 429 else 0.0)
        self._limited = self._limited + 1 if response.status == 429 else self._limited
        if wait > LONGEST_WAIT:
            self.give_up(f"the target asks to wait {in_words(wait)}; a run waits {LONGEST_WAIT:g} s at most")
        elif self._limited >= PATIENCE:
            self.give_up(f"the target returned 429 to {PATIENCE} requests in a row")
        self.waiting_until = time.monotonic() + wait
        return not self.stopped

    def pause(self, seconds: float) -> None:
        """Wait because a test is about time, or less long if the user interrupts the run."""
        with suppress(Interrupted):
            INTERRUPTION.pause(seconds)

    def _wait_until(self, moment: float) -> None:
        wait = moment - time.monotonic()
        if wait > 0:
            self._say_wait(wait)
            try:
                INTERRUPTION.pause(wait)
            except Interrupted:
                raise RunStopped(INTERRUPTED) from None

    def _say_wait(self, seconds: float) -> None:
        self._paced_until = time.monotonic() + seconds
        if seconds >= NOTABLE_WAIT:
            self.say(f"waiting {seconds:.0f} s for the rate limit")
