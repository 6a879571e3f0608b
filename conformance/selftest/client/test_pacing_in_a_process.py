"""Clients of one process keep to the rate that they share."""

import asyncio
import sqlite3
import sys
import time
from pathlib import Path

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from pyrate_limiter import Duration, Limiter, Rate, SQLiteBucket

from conformance.selftest.client.calls import SUCCESS, UPDATE, Call, both, responding

DONE = httpx2.Response(200, json=SUCCESS)


def paced(client: AuthenticatedClient, calls: int) -> float:
    """How long a number of calls took, half of them in an event loop."""
    started = time.monotonic()
    for _ in range(calls):
        endpoint.sync(client=client, body=UPDATE)

    async def more() -> None:
        for _ in range(calls):
            await endpoint.asyncio(client=client, body=UPDATE)

    asyncio.run(more())
    return time.monotonic() - started


def test_pacing_keeps_to_the_rate() -> None:
    """Calls over the rate wait, whichever function makes them, and copies of a client share the rate."""
    client = responding(DONE, rate_limit=Limiter(Rate(3, 400)))
    assert paced(client.with_headers({"X-Copy": "1"}), 2) >= 0.35


def test_pacing_is_shared_through_a_file(tmp_path: Path) -> None:
    """Two clients with one SQLite bucket share its rate."""
    path = str(tmp_path / "rate.sqlite")
    limiters = [
        Limiter(SQLiteBucket.init_from_file([Rate(3, Duration.MINUTE)], db_path=path)) for _ in range(2)
    ]
    try:
        for limiter in limiters:
            endpoint.sync(client=responding(DONE, rate_limit=limiter), body=UPDATE)
        endpoint.sync(client=responding(DONE, rate_limit=limiters[0]), body=UPDATE)
        with pytest.raises(e.APITimeoutError, match="rate limit had no place"):
            endpoint.sync(client=responding(DONE, rate_limit=limiters[1]), body=UPDATE, timeout=0.2)
    finally:
        for limiter in limiters:
            limiter.close()
    assert sqlite3.connect(path).execute("select count(*) from sqlite_master").fetchone() != (0,)


@both
def test_pacing_by_the_contract_lets_a_minute_of_calls_pass(call: Call) -> None:
    """`rate_limit=True` is the documented limit: sixty calls pass, and the next has no place in time."""
    client = responding(DONE, rate_limit=True)
    for _ in range(60):
        call(client=client, body=UPDATE)
    with pytest.raises(e.APITimeoutError, match="rate limit had no place"):
        call(client=client, body=UPDATE, timeout=0.1)


def test_pacing_by_the_contract_needs_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """`rate_limit=True` works without pyrate-limiter, which only a shared rate needs."""
    monkeypatch.setitem(sys.modules, "pyrate_limiter", None)
    client = responding(DONE, rate_limit=True)
    assert endpoint.sync(client=client, body=UPDATE).success
