"""Finds out whether responses still come from the API, and whether it accepts the key.

A gateway, a wrong address or an expired key changes the responses to all requests. Such a response decides
no rule. If a response could be one, the suite sends baseline requests. If they get the same kind of response,
the run stops. The first violation of a rule is recorded only after they have shown that the target still
tells valid requests from wrong ones.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from schemathesis import Case

from ..judging import Finding, TooSlowError, judge
from ..judging.response_facts import is_inconclusive, passed_validation
from ..requests.cases import FULL, Cases
from ..requests.request_class import UPDATE, Key, RequestClass
from ..transport.exchange import Exchange, Response, status_and_code
from ..transport.gate import PATIENCE, Gate, RunStopped
from ..transport.target import KEY_VARIABLE, address_hint
from .recorder import Recorder

ALIKE = 20
"""How many responses may be alike before two requests are sent that every server tells apart."""
COMPARED = (FULL, None)
"""The keys of these requests, which are valid."""
FALSE_ALARMS = 5
"""After so many false alarms, only several doubtful responses in a row are looked into."""
IN_A_ROW = 4
"""How many these are."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PAGES = frozenset({"text/html", "application/xhtml+xml"})
NO_ENDPOINT = frozenset({*REDIRECTS, 404, 405, 410, 421})
"""The statuses of a server that lacks the path."""


class Sign(Enum):
    """What makes it doubtful that a response comes from the API."""

    FAILURE = auto()
    REDIRECT = auto()
    PAGE = auto()
    KEY = auto()


def find_sign(request: RequestClass, response: Response) -> Sign | None:
    """What makes a response doubtful, or None."""
    if response.status >= 500:
        return Sign.FAILURE
    if response.status in REDIRECTS and response.header("location") is not None:
        return Sign.REDIRECT
    media_type = (response.header("content-type") or "").partition(";")[0].strip().lower()
    start = response.content[:100].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or (
        media_type in PAGES and not start.startswith(b"{")
    ):
        return Sign.PAGE
    # Both keys may expire together. The restricted one gets a 401 then, and not its usual 403.
    rejections = {Key.FULL: {401, 403}, Key.RESTRICTED: {401}}.get(request.key, set())
    return Sign.KEY if request.is_update and response.status in rejections else None


def without_response(exchange: Exchange, reason: str) -> Exchange:
    """The exchange as if it had no response, because the response decides nothing."""
    return replace(exchange, response=None, no_response=reason)


class Monitor:
    """Watches the responses of one target."""

    def __init__(
        self,
        gate: Gate,
        recorder: Recorder,
        cases: Callable[[], Cases],
        classify: Callable[[Exchange], RequestClass],
    ) -> None:
        self._gate = gate
        self._recorder = recorder
        self._cases = cases
        self._classify = classify
        self._responses = 0
        self._too_slow = 0
        self._in_a_row: Counter[Sign] = Counter()
        self._since: dict[Sign, int] = {}
        """The number of the request that was the first in the row."""
        self._false_alarms: Counter[Sign] = Counter()
        self._key_was_accepted = self._api_responded = False
        self._with_new_ids: dict[int, Case[Any]] = {}
        """An update with new ids for each status that one got."""
        self._of_others: set[int] = set()
        """The statuses of updates that name an enrollment, and of other operations."""
        self._is_lost = False
        """Whether the run stopped because the target has changed, or its address is wrong."""
        self._treats_updates_alike = False
        """Whether the target was seen to do so from the start. From then on no change is looked for."""

    def judge(self, case: Case[Any], request: RequestClass, response: Response) -> list[Finding] | None:
        """What a response decides, or None if it may not come from the API or takes too long to judge."""
        if not self._comes_from_the_api(request, response):
            return None
        try:
            findings = judge(request, response)
        except TooSlowError as error:
            self._too_slow += 1
            if self._too_slow >= PATIENCE:
                self._gate.give_up(f"{error}, {PATIENCE} times in a row")
            return None
        self._too_slow = 0
        self._observe(case, request, response)
        return findings

    def _observe(self, case: Case[Any], request: RequestClass, response: Response) -> None:
        """See whether the responses differ, and stop the run if more requests would show nothing."""
        if request.operation is None or request.preferred is not None or is_inconclusive(response):
            return
        if not request.is_update or request.enrollment is not None:
            self._of_others.add(response.status)
        elif request.key is Key.FULL and not request.may_be_unparsable:
            self._with_new_ids.setdefault(response.status, case)
        self._recorder.record_response(response)
        self._responses += 1
        if self._responses == ALIKE or self._gate.left == len(COMPARED):
            self.compare()

    def _comes_from_the_api(self, request: RequestClass, response: Response) -> bool:
        if request.preferred is not None and request.preferred == response.status:
            return True
        sign = find_sign(request, response)
        if sign is not Sign.FAILURE and (request.operation is None or request.preferred is not None):
            return True  # a page, a redirect or a 401 is usual there
        if sign is None:
            self._note_usual(request, response)
            return True
        self._in_a_row[sign] += 1
        count = self._in_a_row[sign]
        if count == 1:
            self._since[sign] = self._gate.sent
        if self._false_alarms[sign] < FALSE_ALARMS:
            is_looked_into = count & (count - 1) == 0  # 1, 2, 4, 8 and so on
        else:
            is_looked_into = count % IN_A_ROW == 0
        return not is_looked_into or self._is_false_alarm(sign, response)

    def _note_usual(self, request: RequestClass, response: Response) -> None:
        is_keyed = request.is_update and request.key is Key.FULL
        self._api_responded = self._api_responded or not is_inconclusive(response)
        self._key_was_accepted = self._key_was_accepted or (is_keyed and passed_validation(response))
        for sign in list(self._in_a_row):
            if is_keyed or sign is not Sign.KEY:
                del self._in_a_row[sign]

    def _is_false_alarm(self, sign: Sign, response: Response) -> bool:
        """Send baseline requests, and stop the run if they get the same kind of response."""
        if UPDATE not in self._gate.contract.operations:
            return True
        cases = self._cases()
        # A server may reject unknown ids with 403. It checks the key before the schema.
        other = cases.update(cases.body(customerId=1)) if sign is Sign.KEY else cases.update(key=None)
        self._gate.share += 2
        for case in (cases.update(), other):
            try:
                exchange = self._gate.send(case)
            except RunStopped:
                return not self._gate.stopped
            if exchange.response is None:
                return False
            if find_sign(self._classify(exchange), exchange.response) is not sign:
                self._false_alarms[sign] += 1
                return True
        self._gate.give_up(self._explain(sign, response))
        return False

    def _explain(self, sign: Sign, response: Response) -> str:
        returned = f"the target returned {response.status}"
        if sign is Sign.REDIRECT:
            returned += f", a redirect to {self._gate.target.show(response.header('location') or '')}"
        elif sign is Sign.PAGE:
            returned += ", an HTML page"
        since = f"since request {self._since[sign]} or so"
        if sign is Sign.KEY and self._key_was_accepted:
            return f"the key is no longer accepted {since}: {returned}"
        if sign is Sign.KEY:
            return f"{returned} to every request with the key: is {KEY_VARIABLE} right?"
        if self._api_responded:
            return f"{since} {returned} to every request"
        return f"{returned} to every request: is the address right?{self._hint()}"

    def _hint(self) -> str:
        operations = self._gate.contract.operations.values()
        hint = address_hint(self._gate.target.url, {operation.path for operation in operations})
        return f" {hint}" if hint else ""

    def tells_requests_apart(self) -> bool:
        """Whether a valid update and wrong ones get different responses, or always got the same one.

        If an update that got another response before now gets the same one, the target has changed. If no
        response shows that the path exists, the address is wrong. Either way the run stops.
        """
        if UPDATE not in self._gate.contract.operations or self._gate.stopped or self._treats_updates_alike:
            return not self._is_lost
        cases, since = self._cases(), self._gate.sent
        bodies: list[object] = [None, [], cases.body(customerId=1), cases.body(status="failed")]
        status, kinds = 0, set[str]()
        for body in bodies:
            response = self._response_to(cases.update(body))
            if response is None or is_inconclusive(response) or status not in {0, response.status}:
                return True
            status = response.status
            kinds.add(status_and_code(response, self._gate.target))
        same = kinds.pop() if len(kinds) == 1 else str(status)
        if earlier := [case for before, case in self._with_new_ids.items() if before != status]:
            response = self._response_to(earlier[0])
            if response is not None and response.status == status:
                self._give_up(f"since request {since} or so the target returned {same} to every update")
                return False
        elif status in NO_ENDPOINT and not self._of_others - {status} and not self._has_path(status):
            self._recorder.withdraw()
            self._give_up(f"the target returned {same} to every update: is the address right?{self._hint()}")
            return False
        self._treats_updates_alike = True  # it may accept everything, or reject everything
        if status >= 300:
            self.compare()
        return True

    def _give_up(self, reason: str) -> None:
        self._is_lost = True
        self._gate.give_up(reason)

    def _response_to(self, case: Case[Any]) -> Response | None:
        """The response to a baseline request, which the share of the running test does not count."""
        self._gate.share += 1
        try:
            return self._gate.send(case).response
        except RunStopped:
            return None

    def _has_path(self, status: int) -> bool:
        """Whether another method of the path gets another response than every update does."""
        case = self._cases().update()
        case.method = "GET"
        response = self._response_to(case)
        return response is not None and response.status != status

    def compare(self) -> None:
        """If all responses were alike, send a valid request with the key and one without.

        If these get the same response too, the run stops.
        """
        if not self._responses or not self._recorder.doubt or UPDATE not in self._gate.contract.operations:
            return
        cases = self._cases()
        self._gate.share += len(COMPARED)
        for key in COMPARED:
            try:
                response = self._gate.send(cases.update(key=key)).response
            except RunStopped:
                break
            if response is not None and not is_inconclusive(response):
                self._recorder.record_response(response)
        if doubt := self._recorder.doubt:
            self._gate.give_up(doubt if KEY_VARIABLE in doubt else doubt + self._hint())
