"""Copies, threads and event loops share the connections of a client."""

import asyncio
import threading

import httpx2
from carecycle_client import AuthenticatedClient
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import KEY, SUCCESS, UPDATE, reaching
from conformance.selftest.scripted_server import ScriptedServer, response

DONE = response(200, httpx2.Response(200, json=SUCCESS).content, keep=True)


def test_copies_share_connections_and_leave_the_original_alone() -> None:
    """A `with_…` copy differs in its setting only, and uses the connection that is open already."""
    with ScriptedServer(DONE) as server, reaching(server, cookies={"a": "1"}) as client:
        endpoint.sync(client=client, body=UPDATE)
        twin = client.with_headers({"X-A": "1"}).with_cookies({"b": "2"}).with_timeout(7)
        endpoint.sync(client=twin, body=UPDATE)
        endpoint.sync(client=client, body=UPDATE)
        first, second, third = server.requests
        assert (third, 1, AuthenticatedClient) == (first, server.connections, type(twin))
        assert b"X-A: 1" in second
        assert b"Cookie: a=1; b=2" in second
        assert (None, 7) == (client.timeout, twin.timeout)


def test_own_client_keeps_the_settings() -> None:
    """A client that is handed in gets the key, the headers and the base URL, and is not closed."""

    async def work() -> None:
        async with httpx2.AsyncClient(verify=False, headers={"X-Own": "async"}) as own:
            async with client.set_async_httpx_client(own):
                assert (await endpoint.asyncio(client=client, body=UPDATE)).success
            assert (False, own) == (own.is_closed, client.get_async_httpx_client())

    with ScriptedServer(DONE) as server, httpx2.Client(verify=False, headers={"X-Own": "sync"}) as own:
        with reaching(server, headers={"X-A": "1"}).set_httpx_client(own) as client:
            assert endpoint.sync(client=client, body=UPDATE).success
        assert (False, own) == (own.is_closed, client.get_httpx_client())
        asyncio.run(work())
        for request, kind in zip(server.requests, ["sync", "async"], strict=True):
            assert all(part in request for part in [KEY.encode(), b"X-A: 1", b"X-Own: " + kind.encode()])


def test_cookies_of_the_server_are_not_kept() -> None:
    """Calls do not depend on the calls before them."""
    answer = response(200, httpx2.Response(200, json=SUCCESS).content, "Set-Cookie: a=1", keep=True)
    with ScriptedServer(answer) as server, reaching(server) as client:
        endpoint.sync(client=client, body=UPDATE)
        endpoint.sync(client=client, body=UPDATE)
        assert server.requests[1] == server.requests[0]


def test_closed_client_opens_new_connections() -> None:
    """Leaving the `with` block closes the connections, not the client."""
    with ScriptedServer(DONE) as server:
        client = reaching(server)
        for _ in range(2):
            with client:
                endpoint.sync(client=client, body=UPDATE)
        assert 2 == server.connections


def test_client_is_safe_to_share_between_threads() -> None:
    """Many threads at once make their calls through one client, and one pool."""
    done: list[bool] = []
    with ScriptedServer(DONE) as server, reaching(server) as client:
        barrier = threading.Barrier(8)

        def work() -> None:
            barrier.wait()
            pools.add(client.get_httpx_client())
            done.extend(endpoint.sync(client=client, body=UPDATE).success for _ in range(10))

        pools: set[httpx2.Client] = set()
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (80, 1) == (len(done), len(pools))


def test_client_works_in_one_event_loop_after_another() -> None:
    """A connection of a loop that has ended is not used again."""

    async def work(client: AuthenticatedClient) -> None:
        async with client:
            done = await asyncio.gather(*(endpoint.asyncio(client=client, body=UPDATE) for _ in range(5)))
        assert all(one.success for one in done)

    async def leave(client: AuthenticatedClient) -> httpx2.AsyncClient:
        client.get_async_httpx_client()
        return client.get_async_httpx_client()

    with ScriptedServer(DONE) as server:
        client = reaching(server)
        for _ in range(3):
            asyncio.run(work(client))
        assert asyncio.run(leave(client)) is not asyncio.run(leave(client))
        asyncio.run(work(client))
        assert 0 == len(client._pool._own_async)  # noqa: SLF001 - what is kept of loops that ended
