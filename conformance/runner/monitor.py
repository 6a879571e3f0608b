"""Find out early that a target does not tell requests apart, or does not take the key."""

from collections.abc import Callable

from ..judging.response_facts import is_inconclusive
from ..reporting.ledger import Ledger
from ..requests.cases import FULL, Cases
from ..requests.classify import UPDATE, Key, RequestClass
from ..transport.exchange import Response
from ..transport.gate import Gate, RunStopped
from ..transport.target import KEY_VARIABLE

ALIKE = 20
"""How many responses may be alike before two requests are sent that every server tells apart."""
COMPARED = (FULL, None)
"""The keys of these requests, which are valid."""
LATER_REJECTIONS = 4
"""How many requests in a row may be rejected with the full key, once the key was accepted."""
REJECTIONS = 8
"""How often a target may reject the full key before the run stops, if the key was never accepted."""


class Monitor:
    """Watches the responses of one target."""

    def __init__(self, gate: Gate, ledger: Ledger, cases: Callable[[], Cases]) -> None:
        self._gate = gate
        self._ledger = ledger
        self._cases = cases
        self._responses = 0
        self._rejections = 0
        self._key_was_accepted = False

    def observe(self, request: RequestClass, response: Response) -> None:
        """See one response, and stop the run if more requests would show nothing."""
        if request.operation is None or request.preferred is not None or is_inconclusive(response):
            return
        self._ledger.record_response(self._kind(response))
        self._responses += 1
        if self._responses == ALIKE or self._gate.left == len(COMPARED):
            self.compare()
            if self._ledger.doubt:
                self._gate.give_up(self._ledger.doubt)
        if not request.is_update or request.key is not Key.FULL:
            return
        if response.status not in {401, 403}:
            self._key_was_accepted = True
            self._rejections = 0
        elif self._key_was_accepted:
            self._rejections += 1
            if self._rejections == LATER_REJECTIONS:
                first = self._gate.sent - LATER_REJECTIONS + 1
                answered = f"the target answered {response.status} to {LATER_REJECTIONS} requests in a row"
                self._gate.give_up(f"the key is no longer accepted since request {first} or so: {answered}")
        else:
            self._rejections += 1
            if self._rejections == REJECTIONS:
                answered = f"the target answered {response.status} to {REJECTIONS} requests"
                self._gate.give_up(f"{answered}: is {KEY_VARIABLE} right?")

    def compare(self) -> None:
        """If all responses were alike, send a valid request with the key, and one without."""
        if not self._responses or not self._ledger.doubt or UPDATE not in self._gate.contract.operations:
            return
        cases = self._cases()
        self._gate.share += len(COMPARED)
        for key in COMPARED:
            try:
                response = self._gate.send(cases.update(key=key)).response
            except RunStopped:
                return
            if response is not None and not is_inconclusive(response):
                self._ledger.record_response(self._kind(response))

    def _kind(self, response: Response) -> str:
        """The status and the code, which is text of the target: masked, escaped and cut."""
        return f"{response.status} {self._gate.target.show(response.code or '')}".strip()
