"""No window of the server has more requests than the rate allows, by the times that the server recorded."""

import asyncio
import itertools
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from carecycle_client import AsyncCareCycle, AuthenticatedClient, CareCycle
from carecycle_client._shared_places import SharedPlaces
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.errors import APIConnectionError, APITimeoutError
from pyrate_limiter import Limiter, Rate

from conformance.contract.document import JSON
from conformance.selftest.client.calls import SUCCESS, UPDATE
from conformance.selftest.scripted_server import Received, Reply, listen
from conformance.selftest.waiting import LONGEST, wait_until

REQUESTS, SECONDS, CALLS = 5, 0.3, 17
KEY = "cc_paced-7b2e9c"
FIELDS = {"customer_id": UPDATE.customer_id, "campaign_id": UPDATE.campaign_id, "status": "completed"}


# A process that makes calls, half of them synchronous, at a rate that it shares through a file.
PROCESS = """
import asyncio, sys
from dataclasses import replace
from carecycle_client import CareCycle
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.models import CampaignStatusUpdate
from pyrate_limiter import Limiter, Rate, SQLiteBucket

ids = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"
body = CampaignStatusUpdate(customer_id=ids, campaign_id=ids, status="completed")
url, path, requests, seconds, how = sys.argv[1:]
CareCycle._api = replace(CareCycle._api, rate=(int(requests), float(seconds)))
if how == "limiter":
    rate = Rate(int(requests), round(float(seconds) * 1000))
    path = Limiter(SQLiteBucket.init_from_file([rate], db_path=path, use_file_lock=True))
for _ in range(4):
    with CareCycle(url, "cc_paced-7b2e9c", verify_ssl=False, rate_limit=path) as client:
        endpoint.sync(client=client, body=body)
        asyncio.run(endpoint.asyncio(client=client, body=body))
"""


class Arrivals:
    """Records when each request arrived. Now and then it takes long until one does."""

    def __init__(self) -> None:
        self.url = ""
        self.arrived: list[float] = []
        self.statuses = [200]
        self._delays = itertools.cycle([0.0, 0.0, SECONDS / 2, 0.05])

    def respond(self, request: Received) -> Reply:
        """Send the next of the statuses, and later the last one again.

        A pause stands for a slow network: a request arrives up to half a window after it was sent.
        """
        time.sleep(next(self._delays))
        self.arrived.append(time.monotonic())
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 307:
            request.more["location"] = request.path
        return status, JSON, json.dumps(SUCCESS if status == 200 else {}).encode()


@pytest.fixture
def server() -> Iterator[Arrivals]:
    """A server that records arrivals."""
    arrivals = Arrivals()
    with listen(arrivals.respond) as arrivals.url:
        yield arrivals


def limiter() -> Limiter:
    """A limiter of the rate of these tests."""
    return Limiter(Rate(REQUESTS, round(SECONDS * 1000)))


def fullest(arrived: list[float]) -> int:
    """The number of requests in the fullest window of the server."""
    times = sorted(arrived)
    return max(sum(start <= one < start + SECONDS for one in times) for start in times)


def in_threads(work: Callable[[], object], calls: int = CALLS) -> None:
    """Do the work in many threads at once."""
    with ThreadPoolExecutor(calls) as pool:
        for done in [pool.submit(work) for _ in range(calls)]:
            done.result()


def test_window_of_threads_is_never_too_full(server: Arrivals) -> None:
    """Threads that share a client of the generator's layout keep to the rate as the server counts."""
    client = AuthenticatedClient(server.url, KEY, verify_ssl=False, rate_limit=limiter())
    in_threads(lambda: endpoint.sync(client=client, body=UPDATE))
    client.close()
    assert CALLS == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


def test_window_of_tasks_is_never_too_full(server: Arrivals) -> None:
    """Tasks that share a client of the facade keep to the rate as the server counts."""

    async def work() -> None:
        async with AsyncCareCycle(server.url, KEY, verify_ssl=False, rate_limit=limiter()) as carecycle:
            update: Any = carecycle.customers.update_campaign_status
            await asyncio.gather(*[update(**FIELDS) for _ in range(CALLS)])

    asyncio.run(work())
    assert CALLS == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


def test_window_of_the_contract_is_never_too_full(server: Arrivals, monkeypatch: pytest.MonkeyPatch) -> None:
    """`rate_limit=True` keeps to the contract's rate as the server counts."""
    api = replace(CareCycle._api, rate=(REQUESTS, SECONDS))  # noqa: SLF001 - a minute would take too long
    monkeypatch.setattr(CareCycle, "_api", api)
    with CareCycle(server.url, KEY, verify_ssl=False, rate_limit=True) as carecycle:
        copies = [carecycle, carecycle.with_options(timeout=60), carecycle.with_headers({"X-Copy": "1"})]
        updates: Any = iter([copy.customers.update_campaign_status for copy in copies * CALLS])
        in_threads(lambda: next(updates)(**FIELDS))
    assert CALLS == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


def test_window_counts_retries_and_redirects(server: Arrivals) -> None:
    """What is sent again or redirected is a request of its own for the server, and for the rate."""
    server.statuses = [429, 307, 503, 307, 200]
    client = AuthenticatedClient(
        server.url, KEY, verify_ssl=False, rate_limit=limiter(), follow_redirects=True, max_retries=9
    )
    in_threads(lambda: endpoint.sync(client=client, body=UPDATE), 8)
    client.close()
    assert 12 == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


def test_window_is_shared_by_clients_of_one_limiter(server: Arrivals) -> None:
    """Two clients with one limiter have one rate between them, whichever functions they call."""
    shared = limiter()
    clients = [AuthenticatedClient(server.url, KEY, verify_ssl=False, rate_limit=shared) for _ in range(2)]

    async def work() -> None:
        await asyncio.gather(*[endpoint.asyncio(client=clients[0], body=UPDATE) for _ in range(8)])
        await clients[0].aclose()

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    in_threads(lambda: endpoint.sync(client=clients[1], body=UPDATE), 8)
    thread.join()
    for client in clients:
        client.close()
    assert 16 == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


@pytest.mark.parametrize("how", ["path", "limiter"])
def test_window_is_shared_by_processes_of_one_file(server: Arrivals, tmp_path: Path, how: str) -> None:
    """Processes with one file have one rate between them as the server counts; one that is killed too."""
    place = str(tmp_path / "rate")
    command = [sys.executable, "-c", PROCESS, server.url, place, str(REQUESTS), str(SECONDS), how]
    # This test's own modules, and not those of a directory that the tests may run in.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    processes = [subprocess.Popen(command, env=environment) for _ in range(3)]
    try:
        wait_until(lambda: server.arrived)
        processes[0].kill()
        assert [0, 0] == [process.wait(LONGEST) for process in processes[1:]]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert len(server.arrived) >= 2 * 8
    assert fullest(server.arrived) <= REQUESTS


def test_file_of_a_rate_has_to_be_usable(tmp_path: Path) -> None:
    """A path that no file can have, or a file that is no database, is an error of the constructor."""
    (tmp_path / "text").write_text("no database " * 100)
    for path in (tmp_path / "none" / "rate", tmp_path / "text", tmp_path):
        with pytest.raises(ValueError, match="rate_limit is no file to share a rate in"):
            CareCycle(token=KEY, rate_limit=path)


def test_file_that_another_process_writes_is_waited_for(server: Arrivals, tmp_path: Path) -> None:
    """While another process holds the file, a call waits for its place, whichever statement finds that."""
    path = tmp_path / "rate"
    client = AuthenticatedClient(server.url, KEY, verify_ssl=False, rate_limit=path)
    with client, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(APITimeoutError, match="rate limit had no place"):
            endpoint.sync(client=client, body=UPDATE, timeout=0.2)
        with pytest.raises(APITimeoutError, match="rate limit had no place"):
            asyncio.run(endpoint.asyncio(client=client, body=UPDATE, timeout=0.2))
        other.execute("COMMIT")
        endpoint.sync(client=client, body=UPDATE)
    assert 1 == len(server.arrived)


def test_file_that_is_gone_or_spoilt(server: Arrivals, tmp_path: Path) -> None:
    """A file that was deleted is made anew; one that is spoilt fails the call, with its path."""
    path = tmp_path / "rate"
    with CareCycle(server.url, KEY, verify_ssl=False, rate_limit=path) as carecycle:
        update: Any = carecycle.customers.update_campaign_status
        path.unlink()
        update(**FIELDS)
        path.write_text("no database " * 100)
        with pytest.raises(APIConnectionError, match=r"the file of its rate limit cannot be used, '.*rate'"):
            update(**FIELDS)
    assert 1 == len(server.arrived)


def test_place_of_a_process_that_ended_is_free_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place that nothing leaves is free one window after its request can have been on its way."""
    now = 1_800_000_000.0
    monkeypatch.setattr("carecycle_client._shared_places.time", lambda: now)
    places = SharedPlaces(str(tmp_path / "rate"), [(1, 0.2), (9, 5)])
    assert places.take(0.1)[0] is not None
    number, wait = places.take(0.1)
    assert number is None
    assert pytest.approx(0.3, abs=1e-6) == wait
    now += wait + 1e-6
    number, _ = places.take(60)
    assert number is not None
    places.leave(number)
    assert pytest.approx(0.2, abs=1e-6) == places.take(1)[1]


def test_window_counts_the_requests_of_an_authentication(server: Arrivals) -> None:
    """Each request that an `auth` sends beside the call has a place of its own."""

    class Twice(httpx2.Auth):
        def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response]:
            yield httpx2.Request("PATCH", request.url, content=b"{}")
            yield request

    client = AuthenticatedClient(
        server.url, KEY, verify_ssl=False, rate_limit=limiter(), httpx_args={"auth": Twice()}
    )
    in_threads(lambda: endpoint.sync(client=client, body=UPDATE), 6)

    async def work() -> None:
        await asyncio.gather(*[endpoint.asyncio(client=client, body=UPDATE) for _ in range(6)])
        await client.aclose()

    asyncio.run(work())
    client.close()
    assert 24 == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits for a place. The clock of the places stands still between them."""
    waits: list[float] = []
    monkeypatch.setattr("carecycle_client._pacing.monotonic", lambda: sum(waits))
    monkeypatch.setattr("pyrate_limiter.clocks.monotonic_ns", lambda: round(sum(waits) * 1e9))
    monkeypatch.setattr("carecycle_client._pacing.time", SimpleNamespace(sleep=waits.append))
    return waits


def test_place_without_a_use_is_given_back(server: Arrivals, clock: list[float]) -> None:
    """A call that finds no place in time takes none from those that follow."""
    slow = Limiter([Rate(2, 1000), Rate(3, 86400_000)])
    client = AuthenticatedClient(server.url, KEY, verify_ssl=False, rate_limit=slow)
    for _ in range(2):
        endpoint.sync(client=client, body=UPDATE)
    for _ in range(2):
        with pytest.raises(APITimeoutError, match="rate limit had no place"):
            endpoint.sync(client=client, body=UPDATE, timeout=0.01)
    endpoint.sync(client=client, body=UPDATE)
    with pytest.raises(APITimeoutError, match="rate limit had no place"):
        endpoint.sync(client=client, body=UPDATE, timeout=0.5)
    client.close()
    assert 3 == len(server.arrived)
    assert pytest.approx(1.0 + 0.01 + 0.5, abs=0.02) == sum(clock)
