"""The verdict on a rate limit, by a clock that a test moves: no machine is too slow for it."""

import importlib
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.contract.document import RateLimit
from conformance.reporting.ledger import Ledger, Result
from conformance.requests.request import Request
from conformance.runner.recorder import Recorder, RuleViolation
from conformance.runner.session import Session
from conformance.selftest.exchanges import CASES, CONTRACT, SCHEMA, TARGET
from conformance.selftest.in_memory import InMemoryTransport
from conformance.transport.exchange import Response
from conformance.transport.gate import Gate
from conformance.transport.interruption import INTERRUPTION

LIMIT = RateLimit(10, 3)
JSON = (("content-type", "application/json"),)


class Bucket:
    """A server with a bucket of tokens that is filled at the documented rate, and the clock of the run."""

    def __init__(self, size: int, seconds: float) -> None:
        self.now = 0.0
        self._size, self._seconds = size, seconds
        self._tokens, self._filled_at = float(size), 0.0

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def reply(self, request: Request) -> Response:
        """A 404 for each token, then a 429, and a 401 without the key. Each response takes the same time."""
        self.pause(self._seconds)
        if request.header(CONTRACT.key_header) != TARGET.key:
            return _response(401, code="UNAUTHORIZED", seconds=self._seconds)
        filled = (self.now - self._filled_at) * LIMIT.requests / LIMIT.seconds
        self._tokens, self._filled_at = min(self._size, self._tokens + filled), self.now
        if self._tokens < 1:
            return _response(429, code="RATE_LIMIT_EXCEEDED", retryAfter=1, seconds=self._seconds)
        self._tokens -= 1
        return _response(404, code="NOT_FOUND", seconds=self._seconds)


def _response(status: int, *, seconds: float, **body: object) -> Response:
    return Response(status, JSON, json.dumps({"message": "no", **body}).encode(), seconds)


@pytest.fixture
def go_over(pytestconfig: pytest.Config) -> Callable[..., None]:
    """What the suite does at the limit. Its module needs the markers of the suite."""
    for name in ("screening", "limiting", "naming", "rule"):
        pytestconfig.addinivalue_line("markers", f"{name}: a marker of the suite")
    found: Callable[..., None] = importlib.import_module("conformance.suite.test_rate_limit").go_over
    return found


@pytest.mark.parametrize(
    ("size", "seconds", "expected"),
    [
        pytest.param(10, 0.03, Result.PASS, id="as documented"),
        pytest.param(14, 0.03, Result.FAIL, id="too large"),
        pytest.param(14, 0.2, Result.INCONCLUSIVE, id="too large, but slow"),
    ],
)
def test_bursts_tell_a_bucket_of_the_documented_size_from_a_larger_one(
    monkeypatch: pytest.MonkeyPatch,
    go_over: Callable[..., None],
    size: int,
    seconds: float,
    expected: Result,
) -> None:
    """A bucket that is filled at the documented rate keeps the limit, unless it is larger than that."""
    bucket = Bucket(size, seconds)
    monkeypatch.setattr(time, "perf_counter", lambda: bucket.now)
    monkeypatch.setattr(time, "monotonic", lambda: bucket.now)
    monkeypatch.setattr(INTERRUPTION, "pause", bucket.pause)
    target = replace(TARGET, limit=LIMIT, limited_url=TARGET.url)
    gate = Gate(target, CONTRACT, transport=InMemoryTransport(bucket.reply))
    recorder = Recorder(CONTRACT, target, Ledger(CONTRACT, {}))
    session = Session(SCHEMA, gate, recorder, "7")
    recorder.begin("test_it", ("RATE-01",))
    if expected is Result.FAIL:
        with pytest.raises(RuleViolation, match="RATE-01"):
            go_over(session.send, session, CASES, LIMIT)
    else:
        go_over(session.send, session, CASES, LIMIT)
    verdict = next(one for one in recorder.ledger.verdicts() if one.rule.id == "RATE-01")
    assert expected == verdict.result, verdict
