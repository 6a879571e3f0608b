"""An exchange, the findings that it decides, and the doubt that it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemathesis import Case

from ..requests.request_class import RequestClass
from ..transport.exchange import Exchange, Response
from .finding import Finding


@dataclass(frozen=True, slots=True)
class PossibleCause:
    """A request that may be the cause of an unexpected response to a later update."""

    finding: Finding
    """What the target violates if the request is the cause."""
    status: str
    """The status of the request."""
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Doubt:
    """An unexpected response to an update, and its possible causes."""

    finding: Finding
    """What the target violates if no other request is the cause."""
    causes: tuple[PossibleCause, ...]
    """The possible causes, the most likely first."""
    ids: tuple[str, ...]
    """The ids of the enrollment, in the letter case of the last accepted update."""


@dataclass(frozen=True, slots=True)
class Before:
    """The accepted updates before an exchange that the rules about state depend on."""

    same: Exchange | None = None
    """The last update of the enrollment that the exchange names."""
    same_id: Exchange | None = None
    """An update of another enrollment whose response has the same `customerCampaignId`."""


NOTHING_BEFORE = Before()
MOST = 3
"""How many requests in between a counter-example shows."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An exchange, the class of its request, and what the response decides."""

    request: RequestClass
    exchange: Exchange
    findings: tuple[Finding, ...] = ()
    doubt: Doubt | None = None
    before: Before = NOTHING_BEFORE

    def needed(self, rule: str) -> tuple[Exchange, ...]:
        """The exchanges that must come before this exchange to show the violation of a rule about state."""
        if rule == "STATE-04":
            return () if self.before.same_id is None else (self.before.same_id,)
        if not rule.startswith("STATE-") and rule != "ID-08":
            return ()
        causes = self._causes(rule)
        first = [] if self.before.same is None or self.before.same in causes else [self.before.same]
        return (*first, *causes)

    def _causes(self, rule: str) -> list[Exchange]:
        """The requests in between that can have set the status which the response returned."""
        causes = self.doubt.causes if self.doubt is not None else ()
        of_rule = [each for each in causes if each.finding.rule == rule]
        likely = [each for each in of_rule if each.status == self.previous_status]
        return [each.exchange for each in likely[:MOST] or of_rule[:1]]

    @property
    def previous_status(self) -> object:
        """The `previousStatus` in the response, or None if there is none."""
        return None if self.response is None else self.response.member("previousStatus")

    @property
    def response(self) -> Response | None:
        """The response, or None if there was no response."""
        return self.exchange.response


Send = Callable[[Case[Any]], Judged]
"""Sends one more request, and judges its response."""
