"""The suite inside the test suite of a server: each rule is a test. The guide of the suite has an example."""

import contextlib
import inspect
import json
import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import uvicorn

from .contract.document import PACKAGE, load
from .transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE

RULES: Sequence[str] = tuple(load().rules)
"""The ids of all rules of the contract."""
DECISIVE = frozenset(("conforms", "does not conform"))
"""The verdicts on a server. All others say that a run ended without one."""
STARTING = 10.0
"""Seconds that an application may take to start."""

App = Callable[..., Any]


class CheckError(RuntimeError):
    """The suite could not be run against the server; the message has its output."""


@dataclass(frozen=True, slots=True)
class Conformance:
    """What the suite found.

    Attributes:
        verdict: what `report.json` has as `result`, such as `conforms`.
        rules: the entry of each rule in `report.json`, by id.
        output: what the run printed, with the counter-example of each broken rule.

    """

    verdict: str
    rules: Mapping[str, Mapping[str, Any]]
    output: str = field(repr=False)

    def require(self, rule: str) -> None:
        """Fail the test that runs now if the rule is broken, and skip it if the rule was not decided.

        If the whole run is inconclusive, a rule that was not decided fails too: such a run is no success.
        A broken SHOULD fails as a broken MUST does. Leave out rules that your server breaks on purpose.

        Args:
            rule: the id of a rule, such as `STATUS-02`.

        """
        entry = self.rules[rule]
        if entry["result"] == "fail":
            pytest.fail(_explain(entry), pytrace=False)
        if entry["result"] != "pass":
            text = f"{rule} {entry['result']}: {entry['reason']}"
            if self.verdict in DECISIVE:
                pytest.skip(text)
            pytest.fail(f"the run is {self.verdict}: {text}", pytrace=False)


def check(  # noqa: PLR0913 - one argument a property of the server
    server: App | str,
    *,
    key: str,
    restricted_key: str | None = None,
    enrollments: Sequence[tuple[str, str]] = (),
    options: Sequence[str] = (),
    timeout: float = 600.0,
) -> Conformance:
    """Run the suite against a server, in a process of its own.

    Args:
        server: an ASGI or WSGI application, which is served on loopback for the run, or a URL.
        key: an API key that the server accepts.
        restricted_key: an API key that lacks the permission; without it the rules of 403 are not decided.
        enrollments: customer id and campaign id of each enrollment that may be updated.
        options: more options of the suite, such as `--profile quick`.
        timeout: the most seconds that the run may take.

    Raises:
        CheckError: the application does not start, or the suite ends without a verdict.

    """
    place = contextlib.nullcontext(server) if isinstance(server, str) else serve(server)
    with place as url, tempfile.TemporaryDirectory() as directory:
        named = [word for pair in enrollments for word in ("--enrollment", ":".join(pair))]
        command = [sys.executable, "-m", __package__, "--target", url, "--report-dir", directory]
        environment = {**os.environ, KEY_VARIABLE: key}
        if restricted_key is not None:
            environment[RESTRICTED_KEY_VARIABLE] = restricted_key
        paths = [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        try:
            done = subprocess.run(  # noqa: S603 - our own module; the options are the caller's
                [*command, *named, *options],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise CheckError(f"the suite did not end within {timeout:g} s") from error
        report = Path(directory) / "report.json"
        if not report.is_file():
            raise CheckError(f"the suite ended with {done.returncode} and no report:\n{done.stdout}")
        found = json.loads(report.read_text(encoding="utf-8"))
    return Conformance(found["result"], {rule["id"]: rule for rule in found["rules"]}, done.stdout)


@contextlib.contextmanager
def serve(app: App) -> Iterator[str]:
    """Serve an ASGI or WSGI application on a free port of loopback; the URL.

    Raises:
        CheckError: the application does not start within 10 seconds.

    """
    with _serve_asgi(app) if _is_asgi(app) else _serve_wsgi(app) as url:
        yield url


def _is_asgi(app: App) -> bool:
    """Whether an application is ASGI: a coroutine function, or an object whose call is one."""
    call = getattr(app, "__call__", app)  # noqa: B004 - its call is looked at, not whether there is one
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call)


@contextlib.contextmanager
def _serve_asgi(app: App) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="auto"))

    def run() -> None:
        with contextlib.suppress(SystemExit):  # uvicorn's way to say that the application failed to start
            server.run([listener])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    deadline = time.monotonic() + STARTING
    try:
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise CheckError(f"the application did not start within {STARTING:g} s; see its log")
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STARTING)
        listener.close()


class _ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names them
        """Write no line a request."""


@contextlib.contextmanager
def _serve_wsgi(app: App) -> Iterator[str]:
    with make_server("127.0.0.1", 0, app, _ThreadingServer, _QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(STARTING)


def _explain(entry: Mapping[str, Any]) -> str:
    """A broken rule with its counter-example."""
    example = entry["counterexample"] or {}
    lines = [f"{entry['id']}  {entry['text']}"]
    lines += [
        f"  {name:<9} {example[name]}" for name in ("expected", "received", "request") if name in example
    ]
    return "\n".join(lines)
