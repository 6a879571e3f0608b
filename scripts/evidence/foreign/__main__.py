"""Run the suite against two servers of other frameworks: `python -m scripts.evidence.foreign [SERVER …]`.

Each server is correct in the way of its framework, so a strict run must conform. Then each server runs with
each of its deliberate mistakes, and the run must report the rule that the mistake violates. Otherwise the
exit status is 1.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.contract.document import REPOSITORY

HERE = Path(__file__).parent
KEYS = {
    "CARECYCLE_API_KEY": "cc_foreign_7Yb3Kd9Q",
    "CARECYCLE_RESTRICTED_API_KEY": "cc_foreign_restricted_2Lm",
}
ENROLLMENTS = [
    f"5f0c954e-3a7b-4d5c-9e0f-{number:012x}:0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a" for number in range(12)
]
LONGEST = 120
"""How many seconds a run or an installation may take."""


@dataclass(frozen=True)
class Server:
    """A server, and the deliberate mistakes that it can make."""

    name: str
    mistakes: Mapping[str, str]
    """The rule that each mistake violates."""


SERVERS = (
    Server(
        "fastapi",
        {
            "any-status": "STATUS-02",
            "framework-errors": "RESPONSE-03",
            "numbers-in-a-path": "RESPONSE-04",
            "prefix-of-the-key": "AUTH-02",
            "update-not-written": "STATE-02",
            "uuid-of-version-4": "ID-01",
        },
    ),
    Server(
        "express",
        {
            "created": "RESPONSE-01",
            "guid": "ID-04",
            "key-in-any-case": "AUTH-02",
            "no-allow": "HTTP-06",
            "no-errors": "RESPONSE-04",
            "previous-is-new": "STATE-02",
            "stack-traces": "RESPONSE-07",
            "trimmed-ids": "ID-06",
        },
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Run the suite against the given servers, or against both. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.evidence.foreign", description=__doc__)
    names = [server.name for server in SERVERS]
    parser.add_argument("servers", nargs="*", metavar="SERVER", help=f"{' or '.join(names)} (default: both)")
    known = parser.parse_args(arguments)
    if unknown := set(known.servers) - set(names):
        parser.error(f"there is no server called {' or '.join(sorted(unknown))}")
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        for server in SERVERS:
            if known.servers and server.name not in known.servers:
                continue
            command = prepare(server, Path(directory))
            if isinstance(command, str):
                print(f"- {server.name}: skipped, {command}")
                continue
            for settings, rule in expectations(server):
                wrong += not run(server.name, command, settings, rule)
    print(f"{wrong} wrong" if wrong else "all right")
    return 1 if wrong else 0


def expectations(server: Server) -> Iterator[tuple[Mapping[str, str], str | None]]:
    """The settings of each run of a server, and the rule that the run violates, or None."""
    yield {}, None
    for status in ("400", "404", "409"):
        yield {"FINAL": status}, None
    for mistake, rule in server.mistakes.items():
        yield {"BREAK": mistake}, rule


def prepare(server: Server, directory: Path) -> list[str] | str:
    """The command that starts a server, or the reason why the server is not available."""
    if server.name == "fastapi":
        return [sys.executable, "-m", "scripts.evidence.foreign.fastapi_app"]
    node, npm = _node(), shutil.which("npm")
    if node is None or npm is None:
        return "npm is not installed"
    for name in ("package.json", "package-lock.json", "express_app.mjs"):
        shutil.copy(HERE / name, directory)
    install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(  # noqa: S603 - npm, with the arguments above
            install, cwd=directory, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return f"npm took more than {LONGEST} seconds"
    if done.returncode != 0:
        return "npm could not install: " + (done.stderr.strip() or done.stdout.strip())[-300:]
    return [node, str(directory / "express_app.mjs")]


def _node() -> str | None:
    """The path of Node: from the wheel in the environment, or an installed one."""
    beside = Path(sys.executable).parent / "node"
    return str(beside) if beside.exists() else shutil.which("node")


def run(name: str, command: Sequence[str], settings: Mapping[str, str], rule: str | None) -> bool:
    """Run the suite against a server and print the outcome. Returns whether the outcome is expected."""
    with served(command, settings) as url, tempfile.TemporaryDirectory() as reports:
        options = [word for pair in ENROLLMENTS for word in ("--enrollment", pair)]
        suite = [
            sys.executable,
            "-m",
            "conformance",
            "--target",
            url,
            "--strict",
            "--report-dir",
            reports,
            *options,
        ]
        done = subprocess.run(  # noqa: S603 - this interpreter
            suite,
            cwd=REPOSITORY,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        path = Path(reports) / "report.json"
        report: Any = json.loads(path.read_text("utf-8")) if path.exists() else {"rules": [], "requests": 0}
    failed = sorted(each["id"] for each in report["rules"] if each["result"] in {"fail", "error"})
    right = (
        (done.returncode, failed) == (0, []) if rule is None else (done.returncode == 1 and rule in failed)
    )
    setting = " ".join(f"{key}={value}" for key, value in settings.items()) or "correct"
    expected = f"expected {rule}" if rule else "expected none"
    print(
        f"{'✓' if right else '✗'} {name} {setting}: exit {done.returncode}, {report['requests']} requests, "
        f"failed {', '.join(failed) or 'none'}; {expected}",
        flush=True,
    )
    return right


@contextlib.contextmanager
def served(command: Sequence[str], settings: Mapping[str, str]) -> Iterator[str]:
    """Run a server on a free port of this machine. Yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 - a server of this folder
        [*command, str(port), *ENROLLMENTS], cwd=REPOSITORY, env=_environment() | dict(settings)
    )
    try:
        _wait(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {' '.join(map(str, process.args))}")  # type: ignore[arg-type]  # a list


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARECYCLE_")}
    return (
        kept | KEYS | {"PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])}
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
