"""Send arbitrary requests to the mock, and measure whether it hangs or grows.

`python -m scripts.evidence.mock_requests [N]` starts the mock as a program. Three of four requests come from
Hypothesis: any method, target, headers and body. The others are bytes that are similar to HTTP. The response
to each must be documented, and come within 5 s. `mock_requests.md` has the last figures.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
from hypothesis import strategies as st

from conformance.contract.document import REPOSITORY
from conformance.selftest.mock.test_arbitrary_requests import (
    REQUESTS,
    WHOLE,
    Request,
    assert_is_http,
    assert_request_gets_a_documented_response,
    mutated,
    replies_to,
)
from scripts.evidence.table import Table

BATCH = 500
"""Requests of one seed. Hypothesis gets slower the more it has drawn with one."""
PATIENCE = 0.02
"""Seconds for which more bytes are awaited from a mock that may itself wait for more."""


def memory(pid: int) -> float:
    """The megabytes of memory that a process uses."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def batch(number: int, url: str, count: Callable[[], None]) -> None:
    """Send the requests of one seed.

    Raises:
        AssertionError: a response is not documented.
        OSError: a response did not come in time.

    """
    settings = hypothesis.settings(
        max_examples=BATCH,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    @hypothesis.seed(number)
    @settings
    @hypothesis.given(request=REQUESTS)
    def send_any(request: Request) -> None:
        count()
        assert_request_gets_a_documented_response(url, request)

    @hypothesis.seed(number)
    @settings
    @hypothesis.given(data=st.data())
    def send_bytes(data: st.DataObject) -> None:
        count()
        assert_is_http(replies_to(url, mutated(data), PATIENCE))

    (send_bytes if number % 4 == 0 else send_any)()
    assert replies_to(url, WHOLE).startswith(b"HTTP/1.1 200 ")


def main(arguments: list[str] | None = None) -> int:
    """Send the requests and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", metavar="N", nargs="?", type=int, default=20_000)
    wanted = parser.parse_args(arguments).requests
    sent = 0

    def count() -> None:
        nonlocal sent
        sent += 1

    process = subprocess.Popen(
        [sys.executable, "-m", "conformance.mock", "--port", "0", "--rate", "off"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None, "it is a pipe"
        url = next(found[0] for line in process.stdout if (found := re.search(r"http://[\d.]+:\d+", line)))
        batch(0, url, lambda: None)  # the mock has loaded everything by then
        batch(1, url, lambda: None)
        started, before = time.perf_counter(), memory(process.pid)
        number, sizes = 2, [before]
        while sent < wanted:
            batch(number, url, count)
            number += 1
            sizes.append(memory(process.pid))
            print(f"{sent:>6} requests, {sizes[-1]:.1f} MB", flush=True)
        seconds = time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(10)
    table = Table(
        Path(__file__).with_suffix(".md"),
        "Arbitrary requests to the mock",
        f"scripts.evidence.mock_requests {wanted}",
        ("requests", "seconds", "memory before", "after half", "at the end", "exit status of the mock"),
    )
    megabytes = [f"{size:.1f} MB" for size in (before, sizes[len(sizes) // 2], sizes[-1])]
    table.add(
        (sent, f"{seconds:.0f}", *megabytes, process.returncode),
        "each response was documented, and none was late.",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
