"""A transport without sockets: it keeps the requests, and responds as it is given."""

from collections.abc import Callable

from conformance.requests.request import Request
from conformance.transport.exchange import Response
from conformance.transport.transport import NoResponse

Reply = Response | NoResponse | Callable[[Request], Response]


class InMemoryTransport:
    """Gives the next reply to each request, and the last one from then on. A `NoResponse` is raised."""

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
