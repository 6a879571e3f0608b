"""The accepted updates, so that a counter-example of a rule about state shows the updates before it."""

from ..requests.request_class import RequestClass
from ..transport.exchange import Exchange
from .judged import Before
from .response_facts import is_success

NAME = "customerCampaignId"


class History:
    """The last accepted update of each enrollment of one target."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], Exchange] = {}

    def observe(self, request: RequestClass, exchange: Exchange) -> Before:
        """Learn from an exchange. Returns the accepted updates before it."""
        response, pair = exchange.response, request.pair
        if pair is None:
            return Before()
        before = Before(self._last.get(pair))
        if response is None or not is_success(response) or not request.is_update:
            return before
        name = response.member(NAME)
        others = [each for other, each in self._last.items() if other != pair and _name(each) == name]
        self._last[pair] = exchange
        return Before(before.same, others[-1] if others and isinstance(name, str) else None)


def _name(exchange: Exchange) -> object:
    return None if exchange.response is None else exchange.response.member(NAME)
