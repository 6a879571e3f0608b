"""Large and endless responses cost a run little memory and time."""

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY
from conformance.selftest.runs import KEYS
from conformance.selftest.scripted_server import Received, Script, listen

MOST = 300
"""The megabytes of memory that a run may use."""
HEAD = b"HTTP/1.1 422 Any\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECE = b" " * 65536
ERRORS = [{"path": ["status"], "message": "m", "code": "c", "expected": "e", "received": "r"}] * 200_000


def send(pieces: Iterable[bytes]) -> Script:
    """Send a response with a body in pieces, until the run closes the connection."""

    def script(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(HEAD)
            for piece in pieces:
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            connection.sendall(b"0\r\n\r\n")

    return script


def peak(directory: Path, *options: str) -> tuple[int, float, str]:
    """The exit status of a run, the megabytes that it used at most, and its output."""
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    megabytes = 0.0
    with (directory / "output.txt").open("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "--report-dir", str(directory / "report"), *options],
            env=os.environ | KEYS | {"PYTHONPATH": paths},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        # What `wait4` says can be the usage of this process. Linux shows that of the program while it runs.
        while process.poll() is None:
            lines = Path(f"/proc/{process.pid}/status").read_text("utf-8").splitlines()
            kilobytes = next((line.split()[1] for line in lines if line.startswith("VmHWM")), "0")
            megabytes = max(megabytes, int(kilobytes) / 1024)
            time.sleep(0.02)
        output.seek(0)
        return process.returncode, megabytes, output.read()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux shows the memory")
@pytest.mark.parametrize(
    "pieces",
    [
        itertools.repeat(PIECE),
        [b'"', *[PIECE.replace(b" ", b"x")] * 320, b'"'],
        [json.dumps({"message": "m", "code": "VALIDATION_ERROR", "errors": ERRORS}).encode()],
    ],
    ids=["endless", "20 MB", "200,000 errors"],
)
def test_run_against_large_responses_stays_small(tmp_path: Path, pieces: Iterable[bytes]) -> None:
    """A run that gets only such responses ends soon, with a verdict, and uses less than 300 MB."""

    def respond(_: Received) -> Script:
        return send(pieces)

    with listen(respond) as url:
        status, megabytes, text = peak(tmp_path, "--target", url, "--profile", "quick")
    assert status in {1, 6}, text
    assert 0 < megabytes < MOST, text
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert report["exit_status"] == status
    assert report["requests"] <= 30
    assert "256 KiB" in " ".join(report["stopped"])
