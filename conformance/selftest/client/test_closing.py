"""A client closes what it opened, of either kind, and a call of another thread does not hang by it."""

import asyncio
import json
import socket
import threading
import time
from dataclasses import replace
from queue import Queue
from typing import Any

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client._fork import connection_pools
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.contract.document import JSON
from conformance.selftest.client.calls import KEY, SUCCESS, UPDATE, reaching, responding
from conformance.selftest.scripted_server import Received, Reply, ScriptedServer, listen_only, response
from conformance.selftest.waiting import LONGEST, wait_until

DONE = httpx2.Response(200, json=SUCCESS)
LIMIT = 10 * LONGEST
"""The time limit of a call that ends because its client is closed."""
ONE_CONNECTION = {"limits": httpx2.Limits(max_connections=1)}


def stall(connection: socket.socket) -> None:
    """Send nothing until the client leaves."""
    connection.recv(1)


def send_id_back(received: Received) -> Reply | None:
    """Return the id of the request as the previous status; nothing if the request broke off."""
    if not received.content.endswith(b"}"):
        return None
    found = {**SUCCESS, "previousStatus": json.loads(received.content)["customerId"]}
    return 200, JSON, json.dumps(found).encode()


def wait_for_all(client: httpx2.Client | httpx2.AsyncClient, requests: int) -> None:
    """Wait until so many requests have a connection of a client or wait for one."""
    [pool] = connection_pools(client)
    wait_until(lambda: len(vars(pool)["_requests"]) >= requests)


def test_close_closes_the_connections_of_both_kinds() -> None:
    """`close` and `aclose` each close the synchronous and the asynchronous client."""

    async def work() -> None:
        for how in ("close", "aclose"):
            client = responding(DONE)
            opened = [client.get_httpx_client(), client.get_async_httpx_client()]
            if how == "aclose":
                await client.aclose()
            else:
                client.close()
            await asyncio.to_thread(wait_until, lambda: all(one.is_closed for one in opened))  # noqa: B023 - waited for at once

    asyncio.run(work())


def test_close_of_a_copy_closes_nothing() -> None:
    """The connections belong to the client that a copy was made of."""
    client = responding(DONE)
    opened = client.get_httpx_client()
    client.with_timeout(3).close()
    assert not opened.is_closed
    client.close()
    assert opened.is_closed


def test_close_ends_the_call_of_another_thread() -> None:
    """A thread that waits for a response fails at once, long before its time limit."""
    with ScriptedServer(stall) as server:
        client = reaching(server)
        errors: list[e.APIError] = []

        def call() -> None:
            with pytest.raises(e.APIConnectionError) as raised:
                endpoint.sync(client=client, body=UPDATE, timeout=LIMIT, max_retries=0)
            errors.append(raised.value)

        thread = threading.Thread(target=call)
        thread.start()
        wait_until(lambda: server.requests)
        client.close()
        thread.join(LONGEST)
        assert (False, 1) == (thread.is_alive(), len(errors))


def test_close_lets_the_call_of_another_thread_be_tried_again() -> None:
    """With retries left the call succeeds on a new connection."""
    with ScriptedServer(stall, response(200, json.dumps(SUCCESS).encode())) as server:
        client = reaching(server)
        found: list[bool] = []
        thread = threading.Thread(
            target=lambda: found.append(endpoint.sync(client=client, body=UPDATE, timeout=LIMIT).success)
        )
        thread.start()
        wait_until(lambda: server.requests)
        client.close()
        thread.join(LONGEST)
        assert [True] == found
        client.close()


def test_close_ends_calls_that_wait_for_a_connection() -> None:
    """Threads that wait for the only connection of a client fail at once, too."""
    with ScriptedServer(stall) as server:
        client = reaching(server, httpx_args=ONE_CONNECTION)
        errors = Queue[str]()

        def call() -> None:
            with pytest.raises(e.APIConnectionError) as raised:
                endpoint.sync(client=client, body=UPDATE, timeout=LIMIT, max_retries=0)
            errors.put(str(raised.value))

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        wait_until(lambda: server.requests)
        wait_for_all(client.get_httpx_client(), len(threads))
        client.close()
        for thread in threads:
            thread.join(LONGEST)
        assert [False] * 4 == [thread.is_alive() for thread in threads]
        assert all("the client was closed" in errors.get_nowait() for _ in threads)


def test_close_ends_tasks_that_wait_for_a_connection() -> None:
    """Tasks that wait for the only connection of a client fail at once, and the next call has a new one."""

    async def work(server: ScriptedServer) -> None:
        async with reaching(server, httpx_args=ONE_CONNECTION) as client:
            options: dict[str, Any] = {"body": UPDATE, "timeout": LIMIT, "max_retries": 0}
            calls = [asyncio.create_task(endpoint.asyncio(client=client, **options)) for _ in range(4)]
            await asyncio.to_thread(wait_until, lambda: server.requests)
            await asyncio.to_thread(wait_for_all, client.get_async_httpx_client(), len(calls))
            await client.aclose()
            errors = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), LONGEST)
            assert [e.APIConnectionError] * 4 == list(map(type, errors))
            assert "the client was closed" in str(errors[-1])
            assert (await endpoint.asyncio(client=client, body=UPDATE)).success

    with ScriptedServer(stall, response(200, json.dumps(SUCCESS).encode())) as server:
        asyncio.run(work(server))


def test_close_gives_no_thread_the_response_of_another() -> None:
    """Calls while a client is closed again and again each get their own response, and all of them end."""
    with ScriptedServer(respond=send_id_back) as server:
        client = reaching(server, max_retry_wait=0.05)
        wrong = Queue[str]()

        def call(thread: int) -> None:
            for number in range(60):
                id_ = f"{thread:08x}-{number:04x}-4d5c-9e0f-6b1d2c3a4e5f"
                body = replace(UPDATE, customer_id=id_)
                found = endpoint.sync(client=client, body=body, max_retries=50, timeout=LIMIT)
                if found.previous_status != id_:
                    wrong.put(id_)

        threads = [threading.Thread(target=call, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            time.sleep(0.03)
            client.close()
        for thread in threads:
            thread.join(LONGEST)
        client.close()
        assert ([False] * 6, True) == ([thread.is_alive() for thread in threads], wrong.empty())


def test_transport_can_be_used_again_after_a_close() -> None:
    """A client that was given a transport opens new connections of it after `close`, as any other does."""
    with ScriptedServer(response(200, json.dumps(SUCCESS).encode())) as server:
        client = reaching(server, httpx_args={"transport": httpx2.HTTPTransport(verify=False)})
        for _ in range(2):
            assert endpoint.sync(client=client, body=UPDATE, max_retries=0).success
            client.close()


def test_close_ends_a_handshake() -> None:
    """A thread that waits for the server to respond to the beginning of TLS fails at once."""
    with listen_only() as (listener, url):
        client = AuthenticatedClient(url.replace("http:", "https:"), KEY, verify_ssl=False, max_retries=0)
        errors: list[str] = []

        def call() -> None:
            with pytest.raises(e.APIConnectionError) as raised:
                endpoint.sync(client=client, body=UPDATE, timeout=httpx2.Timeout(LIMIT))
            errors.append(str(raised.value))

        thread = threading.Thread(target=call)
        thread.start()
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(1)  # the handshake has begun
            client.close()
            thread.join(LONGEST)
        assert (False, True) == (thread.is_alive(), "the client was closed" in errors[0])


def test_asynchronous_call_without_a_loop_of_asyncio_says_so() -> None:
    """Another library's event loop ends in an error that names what is needed."""
    coroutine = endpoint.asyncio(client=responding(DONE), body=UPDATE)
    with pytest.raises(RuntimeError, match="need an event loop of asyncio"):
        coroutine.send(None)
