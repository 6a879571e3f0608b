"""Run the suite against targets that fail in some way, and compare each outcome with the right one.

`python -m scripts.evidence.trials` writes `trials.md`: for each trial the exit status, the number of requests
and the closing line. Exit status 1 if an outcome is wrong.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from conformance.contract.document import REPOSITORY
from conformance.mock.server import DEFAULT_KEY, DEFAULT_RESTRICTED_KEY, Settings, serve
from conformance.selftest.scripted_server import (
    Received,
    Reply,
    Respond,
    always,
    forward,
    hang,
    listen,
    refuse_connections,
)
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE

REPORT = Path(__file__).with_suffix(".md")
PAGE = b"<!doctype html><p>maintenance"
EXPIRED = {"message": "The key has expired", "code": "UNAUTHORIZED"}
DEEP = b'{"message": "m", "code": "VALIDATION_ERROR", "errors": ' + b"[" * 3000 + b"]" * 3000 + b"}"
MANY = {"message": "m", "code": "c", "errors": [{"path": ["x"], "message": "m", "code": "c"}] * 200_000}

Target = Callable[[], AbstractContextManager[str]]


@dataclass(frozen=True)
class Trial:
    """A target, and the right outcome."""

    name: str
    target: Target
    right: tuple[int, ...]
    """The exit statuses that are right."""
    says: str
    """What the closing line says, or nothing."""
    options: tuple[str, ...] = ()


def responding(respond: Respond) -> Target:
    """A target that responds so."""
    return lambda: listen(respond)


def redirecting(request: Received) -> Reply:
    """Redirect to a host elsewhere."""
    request.more = {"location": "https://login.example.com/"}
    return 302, "text/html", b""


def changing(instead: Respond, after: int) -> Target:
    """A correct target that responds otherwise after so many requests."""

    @contextmanager
    def target() -> Iterator[str]:
        count = itertools.count(1)
        with serve(Settings(rate=None)) as mock:

            def respond(request: Received) -> Reply | None:
                return instead(request) if next(count) > after else forward(request, mock.url)

            with listen(respond) as url:
                yield url

    return target


def at_path(path: str) -> Target:
    """A correct target at a wrong path."""

    @contextmanager
    def target() -> Iterator[str]:
        with serve(Settings(rate=None)) as mock:
            yield mock.url + path

    return target


def no_response(_: Received) -> Reply | None:
    """Break the connection."""
    return None


QUICK = ("--profile", "quick")
ALIKE = "every request got the same response, "
TRIALS = [
    Trial("correct", at_path(""), (0,), "CONFORMS", QUICK),
    Trial("a rule that cannot be tested, alone", at_path(""), (6,), "INCONCLUSIVE", ("--rule", "AUTH-10")),
    Trial("doubled path prefix", at_path("/v2"), (6,), "--target ends with /v2", QUICK),
    Trial(
        "whole path of the operation",
        at_path("/v2/customers/campaign-status"),
        (6,),
        "so it is doubled",
        QUICK,
    ),
    Trial("redirect to elsewhere", responding(redirecting), (6,), "https://login.example.com/", QUICK),
    Trial(
        "a gateway's HTML, 404", responding(always(404, PAGE, "text/html")), (6,), "404, an HTML page", QUICK
    ),
    Trial(
        "a gateway's HTML, 200", responding(always(200, PAGE, "text/html")), (6,), "200, an HTML page", QUICK
    ),
    Trial(
        "404 to everything",
        responding(always(404, {"message": "no", "code": "NOT_FOUND"})),
        (6,),
        ALIKE,
        QUICK,
    ),
    Trial("401 to everything", responding(always(401, EXPIRED)), (6,), "is CARECYCLE_API_KEY right?", QUICK),
    Trial(
        "503 to everything",
        responding(always(503, b"no upstream", "text/plain")),
        (6,),
        "503 to every",
        QUICK,
    ),
    Trial("connection refused", refuse_connections, (6,), "connection refused", QUICK),
    Trial("no response", hang, (6,), "timed out after 0.5 s", (*QUICK, "--request-timeout", "0.5")),
    Trial("not HTTP", responding(no_response), (6,), "no response to 3 requests in a row", QUICK),
    Trial("key refused from request 61 on", changing(always(401, EXPIRED), 60), (6,), "since request 61"),
    Trial("503 from request 41 on", changing(always(503, PAGE, "text/html"), 40), (6,), "since request 41"),
    Trial("dead from request 41 on", changing(no_response, 40), (6,), "no response to 3 requests in a row"),
    Trial("200 without a body to everything", responding(always(200, {})), (1,), "DOES NOT CONFORM", QUICK),
    Trial("JSON in 3,000 levels", responding(always(422, DEEP)), (1,), "DOES NOT CONFORM", QUICK),
    Trial("200,000 errors", responding(always(422, MANY)), (1,), "DOES NOT CONFORM", QUICK),
    Trial(
        "half a surrogate pair",
        responding(always(401, b'{"message": "\\ud83d"}')),
        (6,),
        "API_KEY right?",
        QUICK,
    ),
]


def run(trial: Trial) -> tuple[int, int, str, str]:
    """The exit status of a trial, its requests, its closing line, and what is wrong."""
    with trial.target() as url, tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "conformance", "--target", url, "--report-dir", directory, *trial.options],
            cwd=REPOSITORY,
            env=os.environ | {KEY_VARIABLE: DEFAULT_KEY, RESTRICTED_KEY_VARIABLE: DEFAULT_RESTRICTED_KEY},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        report = json.loads((Path(directory) / "report.json").read_text("utf-8"))
    words = ("CONFORMS", "DOES NOT CONFORM", "INCONCLUSIVE", "ERROR", "INTERRUPTED")
    lines = done.stdout.replace("\n  ", " ").splitlines()  # an entry can have several lines
    closing = next(line for line in lines if line.startswith(words)).replace(url, "URL")
    wrong = [] if done.returncode in trial.right else [f"the exit status is not {trial.right[0]}"]
    wrong += [] if trial.says in closing else [f"the closing line lacks {trial.says!r}"]
    wrong += [] if report["exit_status"] == done.returncode else ["the report has another exit status"]
    wrong += ["a traceback"] if "Traceback" in done.stdout + done.stderr else []
    return done.returncode, report["requests"], closing, "; ".join(wrong)


def main() -> int:
    """Run the trials, write the table, and return 1 if an outcome is wrong."""
    rows, failed = [], 0
    for trial in TRIALS:
        status, requests, closing, wrong = run(trial)
        failed += bool(wrong)
        rows.append(
            f"| {trial.name} | {status} | {requests} | {closing.replace('|', ' ')} | {wrong or 'right'} |"
        )
        print(rows[-1], flush=True)
    lines = [
        "# Trials and outcomes",
        "",
        f"{datetime.now(UTC).date()}, `python -m scripts.evidence.trials`:",
        f"{len(rows) - failed} of {len(rows)} outcomes are right.",
        "",
        "| target | exit status | requests | closing line | outcome |",
        "|---|--:|--:|---|---|",
        *rows,
    ]
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
