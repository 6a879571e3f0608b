"""An exchange with all that it decides."""

from dataclasses import dataclass

from ..requests.classify import RequestClass
from ..transport.exchange import Exchange, Response
from .finding import Finding


@dataclass(frozen=True, slots=True)
class Suspect:
    """A request that may have caused what an update returned, though it must not."""

    finding: Finding
    """What the target violates if the request did."""
    status: str
    """The status of the request."""
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Doubt:
    """An update that got an unexpected response, which can have several causes."""

    finding: Finding
    """What the target violates if such a response also comes when nothing unusual was sent before."""
    suspects: tuple[Suspect, ...]
    """What else can have caused it, the most likely first."""
    ids: tuple[str, ...]
    """The ids of the enrollment, in the letter case of its last accepted update."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An exchange, the class of its request, and what the response decides."""

    request: RequestClass
    exchange: Exchange
    findings: tuple[Finding, ...] = ()
    doubt: Doubt | None = None

    @property
    def response(self) -> Response | None:
        """The response, if there was one."""
        return self.exchange.response
