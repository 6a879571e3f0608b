"""A client closes what it opened, of either kind, and a call of another thread does not hang by it."""

import asyncio
import json
import socket
import threading
import time

import httpx2
import pytest
from carecycle_client import errors as e
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import SUCCESS, UPDATE, answering, reaching
from conformance.selftest.scripted_server import ScriptedServer, response

DONE = httpx2.Response(200, json=SUCCESS)


def stall(connection: socket.socket) -> None:
    """Send nothing until the client leaves."""
    connection.recv(1)


def test_close_closes_the_connections_of_both_kinds() -> None:
    """`close` and `aclose` each close the synchronous and the asynchronous client."""

    async def work() -> None:
        for how in ("close", "aclose"):
            client = answering(DONE)
            opened = [client.get_httpx_client(), client.get_async_httpx_client()]
            if how == "aclose":
                await client.aclose()
            else:
                client.close()
                await asyncio.sleep(0.05)
            assert [True, True] == [one.is_closed for one in opened]

    asyncio.run(work())


def test_close_of_a_copy_closes_nothing() -> None:
    """The connections belong to the client that a copy was made of."""
    client = answering(DONE)
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
                endpoint.sync(client=client, body=UPDATE, timeout=60, max_retries=0)
            errors.append(raised.value)

        thread = threading.Thread(target=call)
        thread.start()
        while not server.requests:
            time.sleep(0.01)
        client.close()
        thread.join(20)
        assert (False, 1) == (thread.is_alive(), len(errors))


def test_close_lets_the_call_of_another_thread_be_tried_again() -> None:
    """With retries left the call succeeds on a new connection."""
    with ScriptedServer(stall, response(200, json.dumps(SUCCESS).encode())) as server:
        client = reaching(server)
        found: list[bool] = []
        thread = threading.Thread(
            target=lambda: found.append(endpoint.sync(client=client, body=UPDATE, timeout=60).success)
        )
        thread.start()
        while not server.requests:
            time.sleep(0.01)
        client.close()
        thread.join(20)
        assert [True] == found
        client.close()


def test_asynchronous_call_without_a_loop_of_asyncio_says_so() -> None:
    """Another library's event loop ends in an error that names what is needed."""
    coroutine = endpoint.asyncio(client=answering(DONE), body=UPDATE)
    with pytest.raises(RuntimeError, match="need an event loop of asyncio"):
        coroutine.send(None)
