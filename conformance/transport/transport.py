"""What sends a request. Tests put a transport without sockets in the place of the one over HTTP."""

from typing import Protocol

from ..requests.request import Request
from .exchange import Response


class NoResponse(Exception):  # noqa: N818 - the target fails, not the suite
    """No response came. The message is the exact reason; it can hold text that the target sent."""

    def __init__(self, reason: str, *, timed_out: bool = False, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out
        """Whether the target took too long."""
        self.may_have_arrived = may_have_arrived
        """Whether the connection broke later, so that the target may have carried the request out."""


class Transport(Protocol):
    """Sends requests to a target, one at a time and each exactly once."""

    def send(self, request: Request) -> Response:
        """The response to a request. A redirect is a response and is not followed.

        Raises:
            NoResponse: none came.

        """

    def close(self) -> None:
        """Close the connections."""
