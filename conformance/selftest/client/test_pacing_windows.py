"""No window of the server has more requests than the rate allows, by the times that the server recorded."""

import asyncio
import http.server
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from carecycle_client import AsyncCareCycle, AuthenticatedClient, CareCycle
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.errors import APITimeoutError
from pyrate_limiter import Limiter, Rate

from conformance.selftest.client.calls import SUCCESS, UPDATE

REQUESTS, SECONDS, CALLS = 5, 0.3, 17
KEY = "cc_paced-7b2e9c"
FIELDS = {"customer_id": UPDATE.customer_id, "campaign_id": UPDATE.campaign_id, "status": "completed"}


class Counting(http.server.ThreadingHTTPServer):
    """Records when each request arrived. Now and then it takes long until one does."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.arrived: list[float] = []
        self.statuses = [200]

    def wait_to_accept(self) -> None:
        """Stand for a slow network: a request arrives up to half a window after it was sent."""
        time.sleep(random.choice([0.0, 0.0, 0.05, SECONDS / 2]))  # noqa: S311 - no secret


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the next status of the server."""

    protocol_version = "HTTP/1.1"
    server: Counting

    def do_PATCH(self) -> None:
        """Record the moment, and answer."""
        self.server.wait_to_accept()
        self.server.arrived.append(time.monotonic())
        self.rfile.read(int(self.headers["Content-Length"]))
        left = self.server.statuses
        status = left.pop(0) if len(left) > 1 else left[0]
        content = json.dumps(SUCCESS if status == 200 else {}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 307:
            self.send_header("Location", self.path)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_details: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Counting]:
    """A server that records arrivals."""
    with Counting() as counting:
        thread = threading.Thread(target=counting.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield counting
        counting.shutdown()
        thread.join()


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


def test_window_of_threads_is_never_too_full(server: Counting) -> None:
    """Threads that share a client of the generator's layout keep to the rate as the server counts."""
    client = AuthenticatedClient(server.url, KEY, verify_ssl=False, rate_limit=limiter())
    in_threads(lambda: endpoint.sync(client=client, body=UPDATE))
    client.close()
    assert CALLS == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


def test_window_of_tasks_is_never_too_full(server: Counting) -> None:
    """Tasks that share a client of the facade keep to the rate as the server counts."""

    async def work() -> None:
        async with AsyncCareCycle(server.url, KEY, verify_ssl=False, rate_limit=limiter()) as carecycle:
            update: Any = carecycle.customers.update_campaign_status
            await asyncio.gather(*[update(**FIELDS) for _ in range(CALLS)])

    asyncio.run(work())
    assert CALLS == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


def test_window_of_the_contract_is_never_too_full(server: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    """`rate_limit=True` keeps to the contract's rate as the server counts."""
    api = replace(CareCycle._api, rate=(REQUESTS, SECONDS))  # noqa: SLF001 - a minute would take too long
    monkeypatch.setattr(CareCycle, "_api", api)
    with CareCycle(server.url, KEY, verify_ssl=False, rate_limit=True) as carecycle:
        copies = [carecycle, carecycle.with_options(timeout=60), carecycle.with_headers({"X-Copy": "1"})]
        updates: Any = iter([copy.customers.update_campaign_status for copy in copies * CALLS])
        in_threads(lambda: next(updates)(**FIELDS))
    assert CALLS == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


def test_window_counts_retries_and_redirects(server: Counting) -> None:
    """What is sent again or redirected is a request of its own for the server, and for the rate."""
    server.statuses = [429, 307, 503, 307, 200]
    client = AuthenticatedClient(
        server.url, KEY, verify_ssl=False, rate_limit=limiter(), follow_redirects=True, max_retries=9
    )
    in_threads(lambda: endpoint.sync(client=client, body=UPDATE), 8)
    client.close()
    assert 12 == len(server.arrived)
    assert fullest(server.arrived) <= REQUESTS


def test_window_is_shared_by_clients_of_one_limiter(server: Counting) -> None:
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


def test_place_without_a_use_is_given_back(server: Counting) -> None:
    """A call that finds no place in time takes none from those that follow."""
    slow = Limiter([Rate(2, 200), Rate(3, 86400_000)])
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
