"""Probes of what a client does in production and for a new user. They run with both clients."""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from scripts.evidence.stock_subject import ERROR, ID, KEY, LIMITED, SUCCESS, Failed, Subject

# Makes a call, forks a child whose call takes too long, and makes another call. Prints whose response it got.
FORK = """
import importlib, os, sys
import carecycle_client.client
from carecycle_client import AuthenticatedClient
from carecycle_client.api.customers.update_customer_campaign_status import sync
from carecycle_client.models import CampaignStatusUpdate

http = getattr(carecycle_client.client, "httpx", None) or importlib.import_module("httpx2")
client = AuthenticatedClient(
    base_url=sys.argv[1], token="cc_canary", verify_ssl=False, timeout=http.Timeout(1)
)
def call(client, process):
    id_ = f"{process:08x}-3a7b-4d5c-9e0f-6b1d2c3a4e5f"
    body = CampaignStatusUpdate.from_dict({"customerId": id_, "campaignId": id_, "status": "completed"})
    return sync(client=client, body=body).previous_status == id_

call(client, 0)  # of the parent, which opens a connection
if not (pid := os.fork()):
    try:
        call(client, 1)
    finally:
        os._exit(0)
os.waitpid(pid, 0)
print("own" if call(client, 0) else "the child's")
"""
LITERALS = """
from carecycle_client import CareCycle

def check(carecycle: CareCycle, id_: str) -> None:
    carecycle.customers.update_campaign_status(customer_id=id_, campaign_id=id_, status="completed")
    carecycle.customers.update_campaign_status(customer_id=id_, campaign_id=id_, status="pending")
"""


def forks(subject: Subject) -> None:
    """After a fork, no process gets the response of another process."""
    with _Echo() as server:
        command = [sys.executable, "-c", FORK, server.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - of this module
    assert subject.package
    if done.returncode or done.stdout.strip() != "own":
        raise Failed(f"the parent gets {done.stdout.strip() or 'no response'}")


class _Echo(http.server.ThreadingHTTPServer):
    """A server that sends the id of each request back, and records when each request arrived."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.came: list[float] = []
        self.slow = False

    def __enter__(self) -> "_Echo":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_details: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Echo

    def do_PATCH(self) -> None:
        """Send a success."""
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if sent["customerId"].startswith("00000001-"):
            time.sleep(1.5)  # the call of a forked child
        if self.server.slow:
            time.sleep(len(self.server.came) % 3 * 0.05)
        self.server.came.append(time.monotonic())
        content = json.dumps({**SUCCESS, "previousStatus": sent["customerId"]}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self.wfile.write(head.encode() + content)

    def log_message(self, *_details: object) -> None:
        """Log nothing."""


def keys_as_headers(subject: Subject) -> None:
    """A key that is given as a header is rejected, or is never shown."""
    try:
        client = subject.package.AuthenticatedClient(
            base_url="http://127.0.0.1:9", token=KEY, headers={"X-Api-Key": "cc_second-key"}
        )
    except ValueError:
        return
    if "cc_second-key" in repr(client):
        raise Failed("shows in repr(client)")


def keys_that_change(subject: Subject) -> None:
    """The key may be a callable, which is called for each attempt."""
    keys = iter(["cc_first-key", "cc_second-key"])
    client = subject.client(token=lambda: next(keys))
    for _ in range(2):
        subject.endpoint.sync(client=client, body=subject.body())
    if {"cc_first-key", "cc_second-key"} - {value for one in subject.sent for value in one.values()}:
        raise Failed("sent as it is")


def echoed_keys(subject: Subject) -> None:
    """A key that the server sends back is masked, also in upper case."""
    for echo in (KEY, KEY.upper()):
        found = subject.call((200, {**SUCCESS, "previousStatus": f"key {echo}"}))
        if echo in repr(found):
            raise Failed(f"shows {'as it is' if echo == KEY else 'in upper case'}")


def undocumented_errors(subject: Subject) -> None:
    """A 409 that the contract lacks is an error with its status and its code."""
    try:
        found = subject.call((409, {"message": "No", "code": "CONFLICT"}))
    except Exception as error:
        if (getattr(error, "status", None), getattr(error, "code", None)) != (409, "CONFLICT"):
            raise Failed("it lacks status or code") from error
        return
    raise Failed(f"is returned as a {type(found).__name__}")


def settings_of_the_environment(subject: Subject) -> None:
    """A wrong proxy in the environment is an error with the name of the variable."""
    os.environ["ALL_PROXY"] = "http://[no-proxy"
    try:
        client = subject.package.AuthenticatedClient(base_url="http://127.0.0.1:9", token=KEY)
        subject.endpoint.sync(client=client, body=subject.body())
    except Exception as error:
        if "ALL_PROXY" not in str(error).upper():
            raise Failed(f"{type(error).__name__}, without the variable") from error
    finally:
        del os.environ["ALL_PROXY"]


def arguments_of_the_library(subject: Subject) -> None:
    """An argument that the HTTP library does not know is rejected at construction."""
    try:
        subject.package.AuthenticatedClient(
            base_url="http://127.0.0.1:9", token=KEY, httpx_args={"proxies": {}}
        )
    except (TypeError, ValueError):
        return
    raise Failed("is accepted until the first call")


def own_bugs(subject: Subject) -> None:
    """An exception of the user's fake transport is raised with its frames."""

    def handle(_request: object) -> object:
        raise KeyError("a bug of the fake")

    transport = subject.http.MockTransport(handle)
    client = subject.client(httpx_args={"transport": transport})
    try:
        subject.endpoint.sync(client=client, body=subject.body())
    except KeyError as error:
        frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        if "handle" not in frames:
            raise Failed("without the frames of the fake") from error
        return
    except Exception as error:
        raise Failed(f"becomes a {type(error).__name__}") from error
    raise Failed("nothing is raised")


def decimal_waits(subject: Subject) -> None:
    """A `Retry-After` with decimals is not rounded down."""
    begun = time.monotonic()
    headers = {"Retry-After": "0.4"}
    responses = iter([(429, LIMITED), (200, SUCCESS)])

    def handle(_request: object) -> Any:  # noqa: ANN401 - of either library
        status, body = next(responses)
        return subject.http.Response(status, headers=headers, json=body)

    client = subject.client(httpx_args={"transport": subject.http.MockTransport(handle)})
    found = subject.endpoint.sync(client=client, body=subject.body())
    if not getattr(found, "success", False):
        raise Failed("is not tried again")
    if time.monotonic() - begun < 0.4:
        raise Failed("comes back too early")


def closing(subject: Subject) -> None:
    """`close` closes the connections that were opened."""
    client = subject.client()
    opened = client.get_httpx_client()
    try:
        client.close()
    except AttributeError as error:
        raise Failed("there is no close()") from error
    if not opened.is_closed:
        raise Failed("they stay open")


def options(subject: Subject) -> None:
    """One method makes a copy with any other option."""
    client = subject.client()
    try:
        twin = client.with_options(base_url="http://127.0.0.1:10", token=f"{KEY}-2", max_retries=7)
    except AttributeError as error:
        raise Failed("there is no with_options()") from error
    if (client.base_url, twin.base_url) != ("http://127.0.0.1:9", "http://127.0.0.1:10"):
        raise Failed("changes the original")


def windows_of_the_server(subject: Subject) -> None:
    """No window of the server has more requests than the rate allows, with 20 threads at once."""
    if subject.stock:
        raise Failed("no such setting")
    from pyrate_limiter import Limiter, Rate  # noqa: PLC0415 - the stock client does without

    with _Echo() as server, Limiter(Rate(8, 400)) as limiter:
        server.slow = True
        client = subject.package.AuthenticatedClient(server.url, KEY, verify_ssl=False, rate_limit=limiter)
        with ThreadPoolExecutor(20) as pool:
            for _ in pool.map(lambda _: subject.endpoint.sync(client=client, body=subject.body()), range(30)):
                pass
        client.close()
    fullest = max(sum(start <= one < start + 0.4 for one in server.came) for start in server.came)
    if fullest > 8:
        raise Failed(f"{fullest} of 8")


def facade(subject: Subject) -> None:
    """An operation is a method with the fields of the body as keywords."""
    found = getattr(subject.package, "CareCycle", None)
    if found is None:
        raise Failed("functions and models only")
    transport = subject.http.MockTransport(lambda _: subject.http.Response(200, json=SUCCESS))
    with found(token=KEY, httpx_args={"transport": transport}) as carecycle:
        carecycle.customers.update_campaign_status(customer_id=ID, campaign_id=ID, status="completed")


def literals(subject: Subject) -> None:
    """A type checker accepts `status="completed"` and rejects `status="pending"`."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "user.py"
        path.write_text(LITERALS, encoding="utf-8")
        command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", directory, str(path)]
        checked = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603 - of this module
    assert subject.package
    if "Found 1 error" not in checked.stdout or "\"Literal['pending']\"" not in checked.stdout:
        raise Failed("no such method" if "no attribute" in checked.stdout else "takes both or neither")


def top_of_the_package(subject: Subject) -> None:
    """Clients, errors and models are imported from the top."""
    missing = {"AuthenticatedClient", "NotFoundError", "CampaignStatusUpdate"} - set(dir(subject.package))
    if missing:
        raise Failed(f"lacks {', '.join(sorted(missing))}")


def words_of_the_contract(subject: Subject) -> None:
    """The docstring of an error has the description in the contract."""
    found = getattr(subject.errors, "NotFoundError", None)
    if "name no enrollment" not in str(found.__doc__ if found else ""):
        raise Failed("no class for it" if found is None else "only its status")


def own_tests(subject: Subject) -> None:
    """A transport for unit tests of the user responds with the examples of the contract."""
    try:
        from carecycle_client.testing import responds  # noqa: PLC0415 - the stock client has none
    except ImportError as error:
        raise Failed("there is none") from error
    server = responds(429, 404)
    client = subject.client(httpx_args={"transport": server}, max_retry_wait=90)
    try:
        subject.endpoint.sync(client=client, body=subject.body())
    except subject.errors.NotFoundError as error:
        if error.code != ERROR["code"] or len(server.requests) != 2:
            raise Failed("another response") from error


PRODUCTION: tuple[Callable[[Subject], None], ...] = (
    forks, keys_as_headers, keys_that_change, echoed_keys, undocumented_errors, settings_of_the_environment,
    arguments_of_the_library, own_bugs, decimal_waits, closing, options, windows_of_the_server, facade,
    literals, top_of_the_package, words_of_the_contract, own_tests,
)  # fmt: skip
