"""A key that a target repeats, in any spelling, is in no file of a report."""

import base64
import html
import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from conformance.mock.server import Settings, serve
from conformance.selftest.runs import run
from conformance.selftest.scripted_server import Received, Reply, forward, listen
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE

KEY, RESTRICTED = "cc_Canary<7>Qz&9Lm'2Xw", "cc_Restricted4Vb6Nn"
SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    lambda key: quote(key, safe=""),
    lambda key: "".join(f"%{ord(each):02X}" for each in key),
    lambda key: quote(quote(key, safe=""), safe=""),
    lambda key: json.dumps(key)[1:-1],
    lambda key: "".join(f"\\u{ord(each):04x}" for each in key),
    lambda key: "".join(f"\\\\u{ord(each):04x}" for each in key),
    html.escape,
    lambda key: "".join(f"&#{ord(each)};" for each in key),
    lambda key: "".join(f"&#x{ord(each):x};" for each in key),
    lambda key: html.escape(html.escape(key)),
    lambda key: "".join(each if at % 2 else f"\\u{ord(each):04x}" for at, each in enumerate(key)),
    lambda key: "".join(each if at % 2 else f"%2525{ord(each):02x}" for at, each in enumerate(key)),
)


def texts(path: Path) -> Iterator[str]:
    """What a file says: its text, and each string of its JSON, also out of base64."""
    text = path.read_text("utf-8", "replace")
    yield text
    if path.suffix in {".json", ".har"}:
        yield from strings(json.loads(text))


def strings(value: object) -> Iterator[str]:
    """Each string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(map(strings, value))
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(map(strings, value.values()))
        if value.get("encoding") == "base64" or "base64" in str(value.get("comment")):
            yield base64.b64decode(value["text"]).decode("latin-1")


def read(text: str) -> Iterator[str]:
    """A text as it is, and with its escapes read once, twice and three times, in each way."""
    found = {text.lower()}
    yield from found
    for _ in range(3):
        found = {
            spelt
            for each in found
            for spelt in (
                unquote(each),
                html.unescape(each),
                re.sub(r"\\+u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), each),
            )
        }
        yield from found


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="one process"),
        pytest.param(("-n", "2"), id="two workers", marks=pytest.mark.slow),
    ],
)
def test_key_that_a_target_repeats_is_in_no_file(tmp_path: Path, options: tuple[str, ...]) -> None:
    """A target puts the key, in each spelling in turn, into headers and bodies, text or not."""
    turns = itertools.count()
    environment = {KEY_VARIABLE: KEY, RESTRICTED_KEY_VARIABLE: RESTRICTED}
    with serve(Settings(rate=None, key=KEY, restricted_key=RESTRICTED)) as mock:

        def respond(request: Received) -> Reply:
            status, media_type, content = forward(request, mock.url)
            turn = next(turns)
            spelt = SPELLINGS[turn % len(SPELLINGS)](KEY)
            request.more["x-echo"] = spelt
            ending = b"\xff" if turn % 5 == 0 else b""
            return status, media_type, content[:-1] + f', "key": "{spelt}"}}'.encode() + ending

        with listen(respond) as url:
            outcome = run(
                tmp_path, "--target", url, "--max-requests", "40", *options, environment=environment
            )
    assert outcome.status == 1, outcome.text
    files = {path.name: list(texts(path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {"index.html", "report.json", "junit.xml", "traffic.har", "output.txt"} <= files.keys()
    shown = [
        (name, spelt[:200])
        for name, found in files.items()
        for text in dict.fromkeys(found)
        for spelt in read(text)
        if KEY.lower() in spelt or RESTRICTED.lower() in spelt
    ]
    assert [] == shown
