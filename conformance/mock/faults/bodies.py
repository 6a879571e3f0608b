"""Faults in how a request body is read."""

from conformance.mock.behaviour import Behaviour

from .fault import Fault


def fails_to_parse(mock: Behaviour) -> None:
    """Let the error of the JSON parser through."""
    before = mock.parse

    def parse(body: bytes) -> object:
        try:
            return before(body)
        except ValueError as error:
            raise RuntimeError("nobody catches this") from error

    mock.parse = parse


BODIES = (
    Fault(
        "fails_on_malformed_json",
        "HTTP-03",
        "A body that is not JSON is answered with a 500.",
        fails_to_parse,
        also=("BODY-03",),
    ),
)
