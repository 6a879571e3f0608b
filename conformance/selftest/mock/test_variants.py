"""The catalogue of variants: correct servers that differ from the mock."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.document import JSON
from conformance.mock import variants
from conformance.mock.catalogue import UnknownNameError
from conformance.mock.server import Mock, Settings, serve
from conformance.requests.new_ids import new_id
from conformance.selftest.http_sender import CONTRACT, UPDATE, HTTPReply, exchange, update
from conformance.selftest.runs import Clock, run

NAMES = list(variants.CATALOGUE)
GROUPS = 16
"""How many runs have all variants between them. The proofs have a run for each variant as well."""
KEY = CONTRACT.key_header
NEW_ID = new_id("variants")
WITH_SLASH, UPPER_CASE = f"{UPDATE.path}/", UPDATE.path.upper()


def replies(mock: Mock) -> Iterator[HTTPReply]:
    """The replies of a mock to requests that servers treat differently."""
    good = update(mock)
    large, text = {**good, "x": "x" * 20_000}, json.dumps(good)
    in_latin_1 = f"{JSON}; charset=latin-1"
    for method, path, body, headers in (
        *(
            ("PATCH", UPDATE.path, json.dumps(update(mock, status)), {})
            for status in ("failed", "failed", "completed")
        ),
        *(("PATCH", UPDATE.path, text, {"content-type": media}) for media in ("text/plain", in_latin_1)),
        *(("PATCH", UPDATE.path, content, {KEY: ""}) for content in ("{", json.dumps(large))),
        *(("PATCH", UPDATE.path, json.dumps(value), {}) for value in (large, 7, {**good, "__proto__": 1})),
        *(("PATCH", UPDATE.path, content, {}) for content in ("{", "\N{ZERO WIDTH NO-BREAK SPACE}{}")),
        ("PATCH", UPDATE.path, b'{"x": "\xff"}', {}),
        ("PATCH", UPDATE.path, f'{text[:-1]}, "status": "failed"}}', {}),
        ("PATCH", UPDATE.path, f'{text[:-1]}, "x": {"[" * 100}{"]" * 100}}}', {}),
        ("PATCH", UPDATE.path, json.dumps({**good, "customerId": 7, "status": "pending"}), {}),
        ("PATCH", UPDATE.path, json.dumps(update(mock, "pending", 1)), {}),
        *(("PATCH", path, text, {}) for path in (WITH_SLASH, UPPER_CASE, "/", f"{UPDATE.path}?page=1")),
        ("PATCH", "/", text, {KEY: ""}),
        *((method, UPDATE.path, text, {}) for method in ("GET", "OPTIONS")),
        ("PATCH", UPDATE.path, text, {"accept-encoding": "gzip"}),
        ("PATCH", f"{UPDATE.path}%zz", text, {}),
        *(("PATCH", UPDATE.path, content, {}) for content in ("[]", "null", "")),
        ("PATCH", UPDATE.path, json.dumps({**good, "campaignId": NEW_ID}), {}),
        *(("PATCH", UPDATE.path, text, {KEY: key}) for key in ("\xe9", "k" * 3000, "cc_made_up")),
    ):
        content = body.encode() if isinstance(body, str) else body
        sent = {KEY: mock.settings.key, "content-type": JSON, **headers}
        reply = exchange(mock.url, method, path, sent, content)
        yield replace(reply, header_lines=tuple(each for each in reply.header_lines if each[0] != "date"))


@pytest.fixture(scope="module")
def usual() -> list[HTTPReply]:
    """The replies of the mock without a variant."""
    with serve(Settings(rate=None)) as mock:
        return list(replies(mock))


@pytest.mark.parametrize("name", variants.CATALOGUE)
def test_a_variant_differs_without_a_server_error(usual: list[HTTPReply], name: str) -> None:
    """Each variant sends another response than the mock to at least one request, and never a 5xx."""
    with serve(Settings(rate=None, variants=(name,))) as mock:
        seen = list(replies(mock))
    assert [] == [reply.status for reply in seen if reply.status >= 500]
    assert usual != seen


@pytest.mark.parametrize(
    "names",
    [
        *(pytest.param(NAMES[start::GROUPS], id=f"group {start}") for start in range(GROUPS)),
        *(pytest.param([name], id=name, marks=pytest.mark.slow) for name in NAMES),
    ],
)
def test_suite_reports_nothing_about_a_variant(tmp_path: Path, names: list[str]) -> None:
    """A strict run against one variant or several conforms, and leaves no rule undecided."""
    options = [word for name in names for word in ("--variant", name)]
    outcome = run(tmp_path, *options, "--strict", "--profile", "quick", clock=Clock())
    undecided = outcome.rules("inconclusive")
    assert (0, set(), set()) == (outcome.status, outcome.rules("fail"), undecided), outcome.text


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("final_", "rev", "repeated_"))])
def test_suite_blames_no_enrollment_whose_status_is_terminal(tmp_path: Path, name: str) -> None:
    """The second run against the same server, whose enrollments have terminal statuses, breaks no rule."""
    with serve(Settings(rate=None, variants=(name,))) as mock:
        pairs = [f"{customer}:{campaign}" for customer, campaign in mock.settings.enrollments]
        options = ["--target", mock.url, *(word for pair in pairs for word in ("--enrollment", pair))]
        for _ in range(2):
            outcome = run(tmp_path, *options, "--strict", "--profile", "quick", clock=Clock())
            assert set() == outcome.rules("fail"), outcome.text


def test_variants_have_a_sentence_each() -> None:
    """Each variant has one sentence about its difference, and no two sentences are the same."""
    texts = [variant.text for variant in variants.CATALOGUE.values()]
    assert len(set(texts)) == len(texts)
    assert [] == [text for text in texts if not re.fullmatch(r"[A-Z`][^\n]{10,120}\.", text)]


@pytest.mark.parametrize(("name", "hint"), [("scalar_40", "scalar_400"), ("zzz", "--list-variants")])
def test_an_unknown_variant_gets_a_hint(name: str, hint: str) -> None:
    """The error about an unknown name lists similar names, or the option that lists all variants."""
    with pytest.raises(UnknownNameError, match=hint):
        variants.find(name)
