"""Run the suite against targets that fail in some way, and compare each outcome with the right one.

`python -m scripts.evidence.trials` writes `trials.md`: for each trial the exit status, the number of requests
and the closing line. Exit status 1 if an outcome is wrong.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from conformance.contract.document import REPOSITORY
from conformance.selftest.runs import KEYS
from conformance.selftest.scripted_server import always, hang, refuse_connections
from scripts.evidence.table import Table
from scripts.evidence.trial_targets import (
    DEEP,
    EXPIRED,
    HUGE,
    MANY,
    PAGE,
    Target,
    at_path,
    changing,
    in_seconds,
    no_response,
    once,
    redirecting,
    responding,
    sending,
    waiting,
    with_unknown_certificate,
)

REPORT = Path(__file__).with_suffix(".md")


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
    shows: str = ""
    """What the output says elsewhere, or nothing."""
    program: tuple[str, ...] = ("-m", "conformance")
    """What Python runs."""


QUICK = ("--profile", "quick")
FEW = ("--rule", "STATUS-01", "--max-requests", "5")
PROGRAM = "from conformance.runner.command import main; import sys; sys.exit(main(sys.argv[1:]))"
A_BUG = "import conformance.runner.monitor as m; m.judge = lambda *_: [][0]; " + PROGRAM
A_BUG_IN_A_REPORT = (
    "import conformance.reporting.everything as e; e.WRITERS['html'] = lambda *_: [][0]; " + PROGRAM
)
GROWN = (
    "import pathlib, sys, yaml; from conformance.selftest.grown_contract import with_operations; "
    "path = pathlib.Path(sys.argv[4], 'contract.yaml'); path.write_text(yaml.safe_dump(with_operations())); "
    "sys.argv += ['--contract', str(path)]; " + PROGRAM
)
NO_SPACE = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)); " + PROGRAM
A_DIRECTORY = "import pathlib, sys; pathlib.Path(sys.argv[4], 'report.json').mkdir(); " + PROGRAM
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
        "404 NOT_FOUND to every update: is the address right?",
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
    Trial(
        "key refused from request 61 on",
        changing(always(401, EXPIRED), 60),
        (6,),
        "no longer accepted since request",
    ),
    Trial(
        "503 from request 41 on",
        changing(always(503, PAGE, "text/html"), 40),
        (6,),
        "or so the target returned 503",
    ),
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
    Trial(
        "half a surrogate pair as the code",
        responding(always(422, b'{"message": "m", "code": "\\ud83d"}')),
        (1, 6),
        "",
        QUICK,
    ),
    Trial("retryAfter of 10^400", responding(always(429, HUGE)), (1,), "wait more than a day", QUICK),
    Trial(
        "no certificate that is trusted", with_unknown_certificate, (6,), "certificate verify failed", QUICK
    ),
    Trial("not HTTP/1.1, SSH", sending(b"SSH-2.0-OpenSSH_9.6\r\n"), (6,), "not HTTP/1.1", QUICK),
    Trial("not HTTP/1.1, HTTP/2 only", sending(b"\0\0\x12\4\0\0\0\0\0"), (6,), "not HTTP/1.1", QUICK),
    Trial(
        "429 once, `Retry-After` in seconds",
        once(waiting(429, lambda: "3", retryAfter=1)),
        (0,),
        "CONFORMS",
        FEW,
        shows="waiting 3 s for the rate limit",
    ),
    Trial(
        "429 once, `Retry-After` as a date",
        once(waiting(429, lambda: in_seconds(4), retryAfter=0)),
        (0,),
        "CONFORMS",
        FEW,
        shows=" s for the rate limit",
    ),
    Trial(
        "429 once, `retryAfter` of the body is longer",
        once(waiting(429, lambda: "0", retryAfter=3)),
        (0,),
        "CONFORMS",
        FEW,
        shows="waiting 3 s for the rate limit",
    ),
    Trial(
        "503 once, `Retry-After` in seconds",
        once(waiting(503, lambda: "3")),
        (1,),  # HTTP-03: a server should not fail
        "DOES NOT CONFORM",
        FEW,
        shows="waiting 3 s",
    ),
    Trial(
        "an operation that got no request",
        at_path(""),
        (6,),
        "INCONCLUSIVE",
        ("--rule", "HTTP-05", "--max-requests", "1"),
        "no request was sent to getCustomer, planCall",
        ("-c", GROWN),
    ),
    Trial("no space for a report", at_path(""), (3,), "", QUICK, "error: cannot write", ("-c", NO_SPACE)),
    Trial(
        "report.json is a directory", at_path(""), (3,), "", QUICK, "error: cannot write", ("-c", A_DIRECTORY)
    ),
    Trial("a bug in a check", at_path(""), (3,), "", QUICK, "IndexError at", ("-c", A_BUG)),
    Trial(
        "a bug in a report",
        at_path(""),
        (3,),
        "",
        QUICK,
        shows="a report has a bug: IndexError at",
        program=("-c", A_BUG_IN_A_REPORT),
    ),
]


def run(trial: Trial) -> tuple[int, object, str, str]:
    """The exit status of a trial, its requests, its closing line, and what is wrong."""
    with trial.target() as url, tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(  # noqa: S603 - our own program
            [
                *(sys.executable, *trial.program, "--target", url, "--report-dir", directory),
                *trial.options,
            ],
            cwd=REPOSITORY,
            env=os.environ | KEYS,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        path = Path(directory, "report.json")
        report = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    words = ("CONFORMS", "DOES NOT CONFORM", "INCONCLUSIVE", "ERROR", "INTERRUPTED")
    text = re.sub(r"\n\s+", " ", done.stdout + "\n" + done.stderr)  # an entry can have several lines
    lines = text.splitlines()
    closing = next(line for line in lines if line.startswith(words)).replace(url, "URL")
    wrong = [] if done.returncode in trial.right else [f"the exit status is not {trial.right[0]}"]
    wrong += [] if trial.says in closing else [f"the closing line lacks {trial.says!r}"]
    wrong += [] if trial.shows in text else [f"the output lacks {trial.shows!r}"]
    wrong += [] if report.get("exit_status") in {None, done.returncode} else ["the report has another status"]
    wrong += ["a traceback"] if "Traceback" in done.stdout + done.stderr else []
    return done.returncode, report.get("requests", "-"), closing, "; ".join(wrong)


def main() -> int:
    """Run the trials, write the table, and return 1 if an outcome is wrong."""
    columns = ("target", "exit status", "requests", "closing line", "outcome")
    table = Table(REPORT, "Trials and outcomes", "scripts.evidence.trials", columns)
    right = 0
    for trial in TRIALS:
        status, requests, closing, wrong = run(trial)
        right += not wrong
        table.add(
            (trial.name, status, requests, closing, wrong or "right"),
            f"{right} of {len(TRIALS)} outcomes are right.",
        )
    return 0 if right == len(TRIALS) else 1


if __name__ == "__main__":
    sys.exit(main())
