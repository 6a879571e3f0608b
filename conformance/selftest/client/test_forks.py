"""A client that was used before a fork gives no process the response of another."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from conformance.contract.document import JSON, REPOSITORY
from conformance.selftest.client.calls import SUCCESS
from conformance.selftest.scripted_server import Received, Reply, ScriptedServer
from conformance.selftest.waiting import LONGEST

CHILDREN, CALLS = 4, 200
BEGIN = """
import asyncio, os, sys, threading
import httpx2
from carecycle_client import AuthenticatedClient
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.models import CampaignStatusUpdate, TerminalCampaignStatus

url, mode, children, calls = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
arguments = {"transport": httpx2.HTTPTransport(verify=False)} if mode == "transport" else {}
client = AuthenticatedClient(url, "cc_forked-5e1f", verify_ssl=False, timeout=180, httpx_args=arguments)
if mode == "handed in":
    client.set_httpx_client(httpx2.Client(verify=False))

def body(process, call):
    id_ = f"{process:08x}-{call:04x}-4d5c-9e0f-6b1d2c3a4e5f"
    return CampaignStatusUpdate(customer_id=id_, campaign_id=id_, status=TerminalCampaignStatus.COMPLETED)
"""
# Calls once, forks children that call while their parent calls on, and prints how many calls of each process
# got the response to another call. The server sends each id back as `previousStatus`.
FORK = """
def crossed(process, calls):
    sent = [body(process, call) for call in range(calls)]
    return sum(endpoint.sync(client=client, body=one).previous_status != one.customer_id for one in sent)

async def crossed_in_loop(process, calls):
    sent = [body(process, call) for call in range(calls)]
    found = [await endpoint.asyncio(client=client, body=one) for one in sent]
    return sum(one.previous_status != update.customer_id for one, update in zip(found, sent))

def in_parent(calls):
    return loop.run_until_complete(crossed_in_loop(0, calls)) if mode == "asyncio" else crossed(0, calls)

def in_child(process):
    return asyncio.run(crossed_in_loop(process, calls)) if mode == "asyncio" else crossed(process, calls)

loop = asyncio.new_event_loop()
wrong, pids = in_parent(1), []
for process in range(1, children + 1):
    if not (pid := os.fork()):
        code = 255
        try:
            code = min(in_child(process), 254)
            client.close()
        finally:
            os._exit(code)
    pids.append(pid)
wrong += in_parent(calls)
print(wrong, *[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids])
"""
# Forks while another thread holds each lock of the client and of its connections.
LOCKED = """
from carecycle_client import _secret

client.get_httpx_client()
pools = [vars(client._pool)["_lock"], vars(_secret._IN_USE)["_lock"]]
pools.append(vars(vars(vars(client._pool)["_own"])["_transport"])["_pool"]._optional_thread_lock)
held = threading.Event()

def hold():
    for lock in pools:
        lock.__enter__()
    held.set()
    threading.Event().wait()

threading.Thread(target=hold, daemon=True).start()
held.wait()
if not (pid := os.fork()):
    code = 255
    try:
        code = endpoint.sync(client=client, body=body(1, 1)).previous_status != body(1, 1).customer_id
    finally:
        os._exit(code)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def echo(request: Received) -> Reply:
    """A success whose previous status is the id of the customer."""
    sent = json.loads(request.content)
    return 200, JSON, json.dumps({**SUCCESS, "previousStatus": sent["customerId"]}).encode()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that sends the id of each customer back."""
    with ScriptedServer(respond=echo) as found:
        yield found


def printed(program: str, url: str, mode: str) -> str:
    """What a program prints in a Python of its own, where no other thread runs."""
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client"), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program, url, mode, str(CHILDREN), str(CALLS)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
        timeout=LONGEST,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.parametrize("mode", ["sync", "asyncio", "transport", "handed in"])
def test_fork_crosses_no_response(mode: str, server: ScriptedServer) -> None:
    """Four children and their parent get the responses to their own requests, each on one connection."""
    assert "0 0 0 0 0" == printed(FORK, server.url, mode)
    assert 1 + CHILDREN == server.connections


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_fork_while_locks_are_held_stops_no_child(server: ScriptedServer) -> None:
    """A lock that a thread of the parent holds is a new lock in the child."""
    assert "0" == printed(LOCKED, server.url, "sync")
