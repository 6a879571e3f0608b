"""The cost of the client, compared with its HTTP library: `python -m scripts.evidence.client_cost`.

Both sides run in turns on the same machine, and each side is first in every other turn. The import of the
client includes the import of the library. Other work on the machine can only add to a time, so the lower
quartile of each side counts: it is the time that the side itself takes. The exit status is 1 if a ratio is
above the limit.
"""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles

from conformance.contract.document import REPOSITORY, load

LIMIT = 1.15
IMPORTS = 15
IMPORT = """
import time
begin = time.perf_counter()
import httpx2
between = time.perf_counter()
import carecycle_client
print(between - begin, time.perf_counter() - begin)
"""
CALLS = """
import sys, time
import httpx2
from carecycle_client import AuthenticatedClient
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.models import CampaignStatusUpdate, TerminalCampaignStatus

url, id_ = sys.argv[1:]
http = httpx2.Client(verify=False, headers={"x-api-key": "cc_bench"})
client = AuthenticatedClient(url, "cc_bench", verify_ssl=False)

def bare():
    body = {"customerId": id_, "campaignId": id_, "status": "completed"}
    return http.patch(url + "/v2/customers/campaign-status", json=body).json()

def ours():
    body = CampaignStatusUpdate(customer_id=id_, campaign_id=id_, status=TerminalCampaignStatus.COMPLETED)
    return endpoint.sync(client=client, body=body)

assert ours().to_dict() == bare()
sides, taken = [bare, ours], {}
for _ in range(2000):
    for call in sides:
        begin = time.perf_counter()
        call()
        taken[call] = time.perf_counter() - begin
    print(taken[bare], taken[ours])
    sides.reverse()
"""


def main() -> int:
    """Measure both sides, print the table, and compare the ratios with the limit."""
    rows = {"import": _imports(), "call": _calls()}
    print(f"{'':8}{'httpx2':>12}{'client':>12}{'ratio':>8}   limit {LIMIT}")
    worst = 0.0
    for name, turns in rows.items():
        bare, ours = (quantiles(side, n=4)[0] * 1000 for side in zip(*turns, strict=True))
        print(f"{name:8}{bare:>9.2f} ms{ours:>9.2f} ms{ours / bare:>8.2f}")
        worst = max(worst, ours / bare)
    return int(worst > LIMIT)


def _imports() -> list[tuple[float, float]]:
    _python(IMPORT)  # compiles the modules, so the measured imports are those of an installed package
    return [_pair(_python(IMPORT)) for _ in range(IMPORTS)]


def _calls() -> list[tuple[float, float]]:
    contract = load()
    (operation,) = contract.operations.values()
    with _server(json.dumps(operation.success.example).encode()) as url:
        lines = _python(CALLS, url, contract.schema("Uuid")["examples"][0]).splitlines()
    return [_pair(line) for line in lines]


def _pair(line: str) -> tuple[float, float]:
    bare, ours = line.split()
    return float(bare), float(ours)


def _python(program: str, *arguments: str) -> str:
    """The output of a program that runs in a Python process of its own."""
    done = subprocess.run(  # noqa: S603 - programs of this module
        [sys.executable, "-c", program, *arguments],
        cwd=REPOSITORY / "generated_client",
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@contextmanager
def _server(body: bytes) -> Iterator[str]:
    """A server on loopback that sends `body` as the response to every request."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PATCH(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *_details: object) -> None:
            """Log nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    sys.exit(main())
