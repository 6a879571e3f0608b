"""The options of the suite, for pytest and for `python -m conformance`."""

from collections.abc import Sequence
from typing import Any

from ..reporting.everything import WRITERS

TIMEOUT = 10.0
"""Seconds that a response may take by default."""
PROFILES = {"quick": (1, 1), "default": (60, 5), "deep": (600, 60)}
"""The examples of a test by Hypothesis, where requests are free and where they are paced."""

OPTIONS: Sequence[tuple[str, dict[str, Any]]] = (
    ("--target", {"metavar": "URL", "help": "the server to test (default: start the embedded mock)"}),
    (
        "--enrollment",
        {
            "metavar": "CUSTOMER_ID:CAMPAIGN_ID",
            "action": "append",
            "default": [],
            "help": "an enrollment that may be updated; repeatable; without it none is named",
        },
    ),
    (
        "--against",
        {
            "metavar": "URL",
            "help": "also send the essential cases to this server, and say where the two differ; "
            "its key comes from CARECYCLE_AGAINST_API_KEY",
        },
    ),
    (
        "--time-limit",
        {"metavar": "SECONDS", "type": float, "help": "send nothing more after so many seconds"},
    ),
    ("--max-requests", {"metavar": "N", "type": int, "help": "send at most N requests"}),
    (
        "--rate",
        {
            "metavar": "N/SECONDS",
            "help": "send at most N requests in SECONDS (or s, m, h), or off (default: off on loopback)",
        },
    ),
    (
        "--exercise-rate-limit",
        {
            "action": "store_true",
            "help": "at the end, send requests as fast as possible until two in a row are rejected",
        },
    ),
    (
        "--request-timeout",
        {
            "metavar": "SECONDS",
            "type": float,
            "default": TIMEOUT,
            "help": "how long a response may take (10)",
        },
    ),
    ("--prefer", {"action": "store_true", "help": "the target honours `Prefer: code=NNN`"}),
    ("--allow-production", {"action": "store_true", "help": "let --target name a production host"}),
    (
        "--plain-http",
        {
            "action": "store_true",
            "help": "let --target name a host of a private network by http; the key travels in clear text",
        },
    ),
    (
        "--allow-writes",
        {
            "action": "store_true",
            "help": "also send POST, PUT, PATCH and DELETE of operations other than the update to a server "
            "that is not on this machine; they can create or change data there",
        },
    ),
    (
        "--swap-ids",
        {
            "action": "store_true",
            "help": "also send the two ids of an enrollment in each other's place; only if no other record "
            "has them so",
        },
    ),
    (
        "--header",
        {
            "metavar": "NAME",
            "action": "append",
            "default": [],
            "help": "send this header with every request; its value comes from the variable "
            "CARECYCLE_HEADER_NAME, with the name in upper case and _ for -; repeatable",
        },
    ),
    ("--ca-bundle", {"metavar": "FILE", "help": "trust these certificates (default: the system's)"}),
    (
        "--client-certificate",
        {"metavar": "FILE", "help": "show this certificate (PEM, with its key or with --client-key)"},
    ),
    (
        "--client-key",
        {
            "metavar": "FILE",
            "help": "the key of --client-certificate; its password comes from CARECYCLE_CLIENT_KEY_PASSWORD",
        },
    ),
    (
        "--rule",
        {
            "metavar": "ID",
            "action": "append",
            "default": [],
            "help": "a rule or an area, STATUS-02 or STATUS; repeatable",
        },
    ),
    (
        "--profile",
        {
            "choices": list(PROFILES),
            "default": "default",
            "help": "quick: the screening and one case of each test; deep: ten times the examples, "
            "and shapes and states until --max-requests or --time-limit",
        },
    ),
    ("--seed", {"metavar": "N", "type": int, "help": "send what the run with this seed sent"}),
    ("--dry-run", {"action": "store_true", "help": "print what would be sent; send nothing"}),
    ("--list-rules", {"action": "store_true", "help": "print the rules and stop"}),
    (
        "--report-dir",
        {"metavar": "DIR", "default": "conformance-report", "help": "where reports and finds go"},
    ),
    (
        "--baseline",
        {"metavar": "FILE", "help": "accepted failures, each with `reason` and the date `expires`"},
    ),
    (
        "--report",
        {
            "choices": ["json", *WRITERS],
            "action": "append",
            "default": [],
            "help": "write this report only, beside report.json; repeatable; without it all are written",
        },
    ),
    (
        "--fault",
        {"metavar": "NAME", "action": "append", "default": [], "help": "break the embedded mock; repeatable"},
    ),
    (
        "--variant",
        {
            "metavar": "NAME",
            "action": "append",
            "default": [],
            "help": "vary the embedded mock without breaking a rule; repeatable",
        },
    ),
    (
        "--shared",
        {
            "metavar": "URL",
            "help": "share the run with other machines on a Redis server, redis://HOST:PORT/0; its password "
            "comes from CARECYCLE_SHARED_PASSWORD",
        },
    ),
    (
        "--shared-run",
        {
            "metavar": "NAME",
            "help": "the name of the shared run, the same on each machine and another for each run "
            "(default: CARECYCLE_SHARED_RUN)",
        },
    ),
    ("--contract", {"metavar": "PATH", "help": "another contract than openapi/carecycle.yaml"}),
)
"""Beside these, pytest's own `--strict` makes a broken SHOULD fail the run, and Hypothesis' own
`--hypothesis-seed` is another name of `--seed`."""

LIMITING = {"--max-requests", "--time-limit"}
"""The options that limit what a target gets."""
NOT_REPLAYED = {
    "--against",
    "--rule",
    "--seed",
    "--dry-run",
    "--list-rules",
    "--report-dir",
    "--baseline",
    "--report",
    "--shared",
    "--shared-run",
}
"""The options that a replay line leaves out. It has a `--rule` and a `--seed` of its own, and the requests of
one run on one machine do not depend on the others."""
