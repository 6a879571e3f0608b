"""A transport without sockets. It keeps the requests, and returns the responses that a test gives it."""

from collections.abc import Callable

from conformance.requests.request import Request
from conformance.transport.exchange import Response
from conformance.transport.transport import NoResponse

Reply = Response | NoResponse | Callable[[Request], Response]


class InMemoryTransport:
    """Returns the next reply to each request, and later the last reply again. It raises a `NoResponse`."""

    def __init__(self, *replies: Reply) -> None:
        self.requests: list[Request] = []
        self._replies = replies

    def send(self, request: Request) -> Response:
        """The reply to a request. See `Transport.send`."""
        self.requests.append(request)
        reply = self._replies[min(len(self.requests), len(self._replies)) - 1]
        if isinstance(reply, NoResponse):
            raise reply
        return reply if isinstance(reply, Response) else reply(request)

    def close(self) -> None:
        """There is nothing to close."""
