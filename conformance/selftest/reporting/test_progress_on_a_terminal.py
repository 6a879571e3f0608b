"""The live line on a real terminal of 80 columns, while tests run."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from pathlib import Path

from conformance.contract.document import REPOSITORY

COLUMNS = 80


def on_a_terminal(*arguments: str) -> tuple[int, str]:
    """Run the suite on a terminal; its exit status, and all that it wrote."""
    child, terminal = pty.fork()
    if child == 0:
        paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
        left = {"CI", "GITHUB_ACTIONS", "NO_COLOR", "COLUMNS"}
        kept = {name: value for name, value in os.environ.items() if name not in left}
        environment = {**kept, "TERM": "xterm-256color", "PYTHONPATH": paths}
        command = [sys.executable, "-m", "conformance", *arguments]
        os.execve(sys.executable, command, environment)  # noqa: S606 - this interpreter, on a terminal
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    written = b""
    try:
        while read := os.read(terminal, 65536):
            written += read
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), written.decode()


def test_live_line_shows_waits_and_fits(tmp_path: Path) -> None:
    """The line follows the run, also in the middle of a test, fits the terminal, and is gone at the end."""
    options = ["--rule", "AUTH", "--rate", "4/3", "--max-requests", "12", "--report-dir", str(tmp_path)]
    status, text = on_a_terminal(*options, "--seed", "7")
    assert status in {0, 6}
    shown = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", part) for part in text.split("\x1b[2K")]
    lines = [line for part in shown for line in part.split("\n")]
    live = [line for line in lines if "rules decided" in line]
    assert len(set(live)) > 2
    assert any(re.search(r"\d of 12 requests, waiting \d s for the rate limit", line) for line in live)
    assert [] == [line for line in live if len(line) > COLUMNS]
    assert "rules decided" not in shown[-1]
    assert "for the rate limit" not in shown[-1]
