"""Probes of what a client does in each call. They run with both clients."""

import asyncio
import json
import pickle
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from scripts.evidence.stock_subject import ERROR, ID, KEY, LIMITED, SUCCESS, Failed, Subject

PROGRAM = """
from typing import assert_type
from carecycle_client import AuthenticatedClient
from carecycle_client.api.customers.update_customer_campaign_status import sync
from carecycle_client.models import CampaignStatusUpdate, CampaignStatusUpdated

def check(client: AuthenticatedClient, body: CampaignStatusUpdate) -> None:
    assert_type(sync(client=client, body=body), CampaignStatusUpdated)
"""
# Prints the packages that a call loads, except the HTTP library and the standard library.
LOADED = """
import importlib, sys
importlib.import_module(sys.argv[1])
before = set(sys.modules)
import carecycle_client.api.customers.update_customer_campaign_status
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - sys.stdlib_module_names - {"carecycle_client"}))
"""


def results(subject: Subject) -> None:
    """`sync` returns the model of the success, or raises."""
    found = subject.call((200, SUCCESS))
    if found.to_dict() != SUCCESS:
        raise Failed("another model")
    try:
        found = subject.call((404, ERROR))
    except subject.errors.NotFoundError:
        return
    raise Failed(f"a 404 is returned as a {type(found).__name__}")


def errors(subject: Subject) -> None:
    """An error has a class of its own, carries the response, and pickles."""
    try:
        found = subject.call((404, ERROR))
    except Exception as error:
        twin = pickle.loads(pickle.dumps(error))  # noqa: S301 - just pickled
        if (twin.status, twin.parsed.code, str(twin)) != (404, "NOT_FOUND", str(error)):
            raise Failed("it lacks the response") from error
        return
    raise Failed(f"there is none, but a {type(found).__name__}")


def total(subject: Subject) -> None:
    """No response makes the client raise an error of another package."""
    crashes = set()
    for received in [(520, b""), (200, b"<html>"), (200, []), (200, {}), (404, b""), (200, b"\xff")]:
        try:
            subject.call(received)
        except Exception as error:  # noqa: BLE001 - any error counts
            if type(error).__module__ != "carecycle_client.errors":
                crashes.add(type(error).__name__)
    if crashes:
        raise Failed(", ".join(sorted(crashes)))


def faithful(subject: Subject) -> None:
    """A value of the wrong type is noticed."""
    try:
        found = subject.call((200, {**SUCCESS, "success": "yes"}))
    except subject.errors.UnexpectedResponseError:
        return
    raise Failed(f"success is {found.success!r}")


def strict_requests(subject: Subject) -> None:
    """An id that the contract rejects is not sent."""
    accepted = []
    for id_ in [
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID.replace("-4d5c-", "-9d5c-"),
        ID.replace("-4d5c-", "-0d5c-"),
    ]:
        try:
            subject.body(id_)
        except ValueError:
            continue
        accepted.append(id_)
    if accepted:
        raise Failed(f"accepts {len(accepted)} of 4")


def retries(subject: Subject) -> None:
    """A temporary failure is retried after the time to wait in the response."""
    if not getattr(subject.call((503, b""), (429, LIMITED), (200, SUCCESS)), "success", False):
        raise Failed("gives up on the first 503")


def rate_limit(subject: Subject) -> None:
    """The client can keep the documented rate limit."""
    if subject.stock:
        raise Failed("no such setting")
    client = subject.client(rate_limit=True)
    for _ in range(60):
        subject.endpoint.sync(client=client, body=subject.body())
    try:
        subject.endpoint.sync(client=client, body=subject.body(), timeout=0.1)
    except subject.errors.APITimeoutError:
        return
    raise Failed("the 61st call passes")


def time_limits(subject: Subject) -> None:
    """A server that sends its response a byte at a time does not extend a call beyond its limit."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_drip, args=[server])
        thread.start()
        client = subject.package.AuthenticatedClient(
            base_url=f"http://127.0.0.1:{server.getsockname()[1]}",
            token=KEY,
            timeout=subject.http.Timeout(0.5) if subject.stock else 0.5,
            verify_ssl=False,
        )
        begun = monotonic()
        with suppress(subject.http.HTTPError, *([] if subject.stock else [subject.errors.APITimeoutError])):
            subject.endpoint.sync(client=client, body=subject.body())
        held = monotonic() - begun
        client.get_httpx_client().close()
        thread.join()
    if held > 1.5:
        raise Failed(f"0.5 s become {held:.0f} s")


def _drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    content = json.dumps(SUCCESS).encode()
    head = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    with connection, suppress(OSError):
        connection.recv(65536)
        connection.sendall(head + content[:-30])
        for byte in content[-30:]:
            sleep(0.1)
            connection.sendall(bytes([byte]))


def light(subject: Subject) -> None:
    """A call loads no package except the HTTP library (`client_cost` measures the time)."""
    done = subprocess.run(  # noqa: S603 - of this module
        [sys.executable, "-c", LOADED, subject.http.__name__],
        capture_output=True,
        text=True,
        check=True,
    )
    if loaded := done.stdout.split():
        raise Failed(f"loads {', '.join(loaded)}")


def user_agent(subject: Subject) -> None:
    """The server sees which client sends a request, and its version."""
    subject.call((200, SUCCESS))
    sent = subject.sent[-1]["user-agent"]
    if not sent.startswith("carecycle-client/"):
        raise Failed(sent.partition("/")[0])


def copies(subject: Subject) -> None:
    """A copy with other headers does not change the original."""
    client = subject.client()
    subject.endpoint.sync(client=client, body=subject.body())
    client.with_headers({"X-Copy": "1"})
    subject.endpoint.sync(client=client, body=subject.body())
    if "x-copy" in subject.sent[-1]:
        raise Failed("with_headers changes the original")


def secrets(subject: Subject) -> None:
    """Neither the text of the client nor the text of its headers contains the key."""
    client = subject.client()
    subject.endpoint.sync(client=client, body=subject.body())
    if KEY in repr(client):
        raise Failed("in repr(client)")
    if KEY in repr(client.get_httpx_client().headers):
        raise Failed("in the headers")


def key_header(subject: Subject) -> None:
    """The key is sent in the documented header by default."""
    subject.call((200, SUCCESS))
    if subject.sent[-1].get("x-api-key") != KEY:
        raise Failed("not sent as x-api-key")


def event_loops(subject: Subject) -> None:
    """One client serves several event loops, one after another."""
    client = subject.client()
    pools = []

    async def work() -> None:
        await subject.endpoint.asyncio(client=client, body=subject.body())
        pools.append(client.get_async_httpx_client())

    asyncio.run(work())
    asyncio.run(work())
    if pools[0] is pools[1]:
        raise Failed("connections of an ended loop are used again")


def types(_subject: Subject) -> None:
    """A type checker knows that `sync` returns the model of the success."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "user.py"
        path.write_text(PROGRAM, encoding="utf-8")
        command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", directory, str(path)]
        checked = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603 - of this function
    if checked.returncode:
        raise Failed("a union with the errors and None")


BASIC: tuple[Callable[[Subject], None], ...] = (
    results, errors, total, faithful, strict_requests, retries, rate_limit, time_limits, light, user_agent,
    copies, secrets, key_header, event_loops, types,
)  # fmt: skip
