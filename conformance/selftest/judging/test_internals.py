"""An error that reveals internals of a server is recognized, and prose is not taken for one."""

import json

import pytest

from conformance.contract.document import load
from conformance.judging.internals import LONGEST, revealed
from conformance.requests.request import NO_JSON
from conformance.selftest.judging.error_texts import PAGES, PROSE, REVEALING


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in REVEALING.items() for text in texts]
)
def test_an_error_with_internals_is_recognized(kind: str, text: str) -> None:
    """Internals are recognized in a message, in a nested string and in text that is not JSON."""
    body = {"message": "x", "code": "INTERNAL_ERROR", "debug": [{"detail": text}]}
    assert revealed(json.dumps(body).encode(), body) is not None
    assert kind == revealed(text.encode(), NO_JSON)


@pytest.mark.parametrize("text", PROSE)
def test_prose_reveals_nothing(text: str) -> None:
    """A sentence about updates, paths of the API, times, patterns or positions in JSON reveals nothing."""
    body = {"message": text, "code": "BAD_REQUEST", "errors": [{"path": ["status"], "message": text}]}
    assert revealed(json.dumps(body).encode(), body) is None
    assert revealed(text.encode(), NO_JSON) is None


@pytest.mark.parametrize("page", PAGES)
def test_a_page_reveals_nothing(page: str) -> None:
    """A page of a web server, with its scripts, styles and links, reveals nothing; with a trace it does."""
    assert revealed(page.encode(), NO_JSON) is None
    assert revealed(b"", {"message": page, "code": "NOT_FOUND"}) is None
    with_a_trace = f"{page}<pre>Error\n    at update (/usr/api/src/update.js:12:34)</pre>"
    assert revealed(with_a_trace.encode(), NO_JSON) == "a stack trace"


def test_objects_of_ruby_are_no_tags() -> None:
    """The instance variables of an object are searched, although they look like attributes."""
    assert revealed(b'#<Config:0x01 @path="/usr/api/config.env">', NO_JSON) == "a file path"


def test_the_examples_of_the_contract_reveal_nothing() -> None:
    """No documented error body reveals internals."""
    for operation in load().operations.values():
        for response in operation.responses.values():
            for example in response.examples.values():
                assert revealed(json.dumps(example).encode(), example) is None


SLOW = [
    text * 500_000
    for text in ("\n at (", "select a from b where ", "<a ", '<a b="', "insert into a (", "$.@/app/src/")
]


def test_only_the_beginning_of_a_long_body_is_searched() -> None:
    """The search has a limit, so a body of megabytes takes little time."""
    hidden = "x" * LONGEST + REVEALING["SQL"][1]
    assert revealed(hidden.encode(), hidden) is None
    for text in (" at" * 2_000_000, "/a" * 2_000_000, "SELECT a " * 500_000, *SLOW):
        assert revealed(text.encode(), NO_JSON) is None
