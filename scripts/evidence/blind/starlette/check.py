"""Show each fault: of the correct and the faulty server only the correct one keeps the fact."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from faults import FAULTS
from sender import A, B, C, CODES, FULL, MAX, NIL, PATH, RESTRICTED, UNKNOWN, Answer, Client, body


Kept = Callable[["Client"], bool]
CHECKS: dict[str, tuple[Kept, dict[str, str]]] = {}


def check(name: str, **environment: str) -> Callable[[Kept], Kept]:
    """Enter the check of a fault."""

    def enter(kept: Kept) -> Kept:
        """Keep the function."""
        CHECKS[name] = (kept, environment)
        return kept

    return enter


def simple(name: str, kept: Kept) -> None:
    """Enter a check of one expression."""
    CHECKS[name] = (kept, {})


def text(data: dict[str, Any]) -> str:
    """The JSON text of a body."""
    return json.dumps(data)


simple("C01", lambda c: c.send(body(), key=None).refused(401))
simple("C02", lambda c: c.send(body(), key=None, path=f"{PATH}?api_key={FULL}").refused(401))
simple("C03", lambda c: c.send(body(), key="cc_full%").refused(401))
simple("C04", lambda c: c.send(body(), key="cc_caf\xe9").refused(401))
simple("C05", lambda c: c.send(body()).status == 200 and c.send(body(), key=None).refused(401))
simple("C06", lambda c: c.send(body(), headers={"origin": "https://app.example"}).status == 200)
simple("C07", lambda c: c.send(body(), key=RESTRICTED).refused(403))
simple("C08", lambda c: c.send(body(UNKNOWN), key=RESTRICTED).refused(403))
simple(
    "C09",
    lambda c: (
        c.send(body(), key=RESTRICTED).refused(403)
        and c.send(body(status="failed"), key=RESTRICTED).refused(403)
    ),
)
simple(
    "C10",
    lambda c: (
        c.send(body(), key=RESTRICTED).refused(403)
        and c.send(body()).status == 200
        and c.send(body(), key=RESTRICTED).refused(403)
    ),
)
simple("C11", lambda c: c.send({}, key=None).refused(401))
simple("C12", lambda c: c.send(body(UNKNOWN, "pending")).refused(400, 422))
simple("C13", lambda c: c.send(body((UNKNOWN[0], "x"))).names("campaignId"))
simple(
    "C14", lambda c: c.send(body(("{" + A[0] + "}", A[1].replace("-", "")))).names("customerId", "campaignId")
)
simple("C15", lambda c: c.send(body((A[0] + "\n", A[1]))).names("customerId"))
simple("C16", lambda c: c.send(body(("01890a5d-ac96-774b-bcce-b302099a8057", A[1]))).refused(404))
simple("C17", lambda c: c.send(body((NIL, NIL))).refused(404))
simple(
    "C18",
    lambda c: (
        c.send(body((MAX, A[1]))).refused(404) and c.send(body((MAX.upper(), A[1]))).names("customerId")
    ),
)
simple("C19", lambda c: c.send(body(("\u0663" + A[0][1:], A[1]))).names("customerId"))
simple("C20", lambda c: c.send(body((A[0].upper(), A[1].upper()))).status == 200)
simple("C21", lambda c: c.send(body(status="COMPLETED")).names("status"))
simple(
    "C22", lambda c: c.send({"CUSTOMERID": A[0], "campaignId": A[1], "status": "failed"}).names("customerId")
)
simple(
    "C23",
    lambda c: (
        c.send(body()).json["customerCampaignId"]
        == c.send(body((A[0].upper(), A[1]))).json["customerCampaignId"]
    ),
)
simple("C24", lambda c: c.send(body(([A[0]], A[1]))).names("customerId"))
simple("C25", lambda c: c.send(body((None, A[1]))).names("customerId"))
simple("C26", lambda c: c.send(body(status="expired")).refused(400, 422))
simple(
    "C27",
    lambda c: (
        c.send(body(status="pending")).refused(400, 422)
        and c.send(body(status="in_progress")).refused(400, 422)
    ),
)
simple("C28", lambda c: c.send(body(status=3)).names("status"))
simple("C29", lambda c: c.send({"customerId": A[0], "campaignId": A[1]}).names("status"))
simple("C30", lambda c: c.send(body(status="fail")).names("status"))
simple("C31", lambda c: c.send(body(C)).status == 200)
simple("C32", lambda c: c.send(b"{oops").refused(400, 422))
simple("C33", lambda c: c.send((text(body())[:-1] + ', "note": NaN}').encode()).refused(400, 422))
simple("C34", lambda c: c.send((text(body()) + " and more").encode()).refused(400, 422))
simple("C35", lambda c: c.send(body(note="x")).status == 200)
simple(
    "C36",
    lambda c: (
        c.send(body()).status == 200
        and c.send(body(B)).status == 200
        and c.send(body(previousStatus="skipped")).json["previousStatus"] == "completed"
    ),
)
simple(
    "C37",
    lambda c: c.send({"customerId": A[0], "campaignId": A[1]}, path=f"{PATH}?status=failed").names("status"),
)
simple("C38", lambda c: c.send(text(body()).replace('"status"', '"st\\u0061tus"').encode()).status == 200)
simple("C39", lambda c: c.send(dict(reversed(body().items()))).status == 200)
simple("C40", lambda c: c.send([body()]).refused(400, 422))
simple(
    "C41",
    lambda c: (
        c.send(
            f"customerId={A[0]}&campaignId={A[1]}&status=failed".encode(),
            kind="application/x-www-form-urlencoded",
        ).status
        in (400, 415, 422)
    ),
)
simple("C42", lambda c: c.send(body(), kind="application/json-patch+json").status in (400, 415, 422))
simple("C43", lambda c: c.send(body(), kind="application/json; charset=utf-8").status == 200)
simple(
    "C44",
    lambda c: c.send(body(note="x" * 3000)).status == 200 and c.send(body(note="x" * 6000)).status == 200,
)
simple("C45", lambda c: c.send(iter([text(body()).encode()])).status == 200)
simple("C46", lambda c: c.send(body(note="a\0b")).status == 200)
simple("C47", lambda c: c.send(body(status="\ud800")).names("status"))
simple("C48", lambda c: c.send(body(status="x")).names("status"))
simple("C49", lambda c: c.send(body(("x", "y"))).names("customerId", "campaignId"))
simple("C50", lambda c: c.send({"customerId": A[0], "status": "failed"}).names("campaignId"))
simple(
    "C51",
    lambda c: all(
        isinstance(error.get("received", ""), str) for error in c.send(body(status=7)).json["errors"]
    ),
)
simple("C52", lambda c: c.send(body(UNKNOWN)).refused(404))
simple("C53", lambda c: c.send(body(UNKNOWN)).refused(404) and c.send(body((A[0], UNKNOWN[1]))).refused(404))
simple("C54", lambda c: c.send(body(status="skipped")).refused(400))


@check("C55")
def no_trace(c: Client) -> bool:
    """No trace in the answer to a bad body."""
    answer = c.send(b'{"customerId":')
    return answer.refused(400) and "Traceback" not in answer.text and ".py" not in answer.text


@check("C56")
def no_sql(c: Client) -> bool:
    """No SQL in the answer to an id with an apostrophe."""
    answer = c.send(body(("x' OR '1'='1", A[1])))
    return answer.names("customerId") and "SELECT" not in answer.text


simple("C57", lambda c: "PATCH" in (c.send(body(), method="POST").headers.get("allow") or ""))
simple("C58", lambda c: c.send(body(), method="PUT").status in (404, 405))
simple(
    "C59",
    lambda c: c.send(body(), method="POST", headers={"x-http-method-override": "PATCH"}).status in (404, 405),
)
simple("C60", lambda c: c.send(body(), path=PATH + "-history").status in (404, 405))


@check("C61", BLIND_RATE_LIMIT="2")
def limited(c: Client) -> bool:
    """The third request gets 429."""
    return [c.send(body()).status for _ in range(2)] == [200, 200] and c.send(body()).refused(429)


@check("C62", BLIND_RATE_LIMIT="1")
def seconds(c: Client) -> bool:
    """RetryAfter is no longer than the window of 60 seconds."""
    c.send(body())
    return 0 < c.send(body()).json["retryAfter"] <= 60


@check("C63", BLIND_RATE_LIMIT="3")
def exact(c: Client) -> bool:
    """Three requests pass and no more."""
    return [c.send(body()).status for _ in range(4)] == [200, 200, 200, 429]


@check("C64", BLIND_RATE_LIMIT="1", BLIND_RATE_WINDOW_MS="1500")
def nothing_done(c: Client) -> bool:
    """A limited request does not change the status."""
    c.send(body(status="completed"))
    refused = c.send(body(status="failed"))
    time.sleep(refused.json["retryAfter"])
    return refused.refused(429) and c.send(body()).json["previousStatus"] == "completed"


@check("C65", BLIND_RATE_LIMIT="1")
def forwarded(c: Client) -> bool:
    """Another X-Forwarded-For does not help."""
    c.send(body(), headers={"x-forwarded-for": "192.0.2.1"})
    return c.send(body(), headers={"x-forwarded-for": "192.0.2.2"}).refused(429)


simple(
    "C66",
    lambda c: (
        c.send(body(status="failed")).status == 200
        and c.send(body(status="completed")).json["previousStatus"] == "failed"
    ),
)
simple("C67", lambda c: len(str(c.send(body()).json["customerCampaignId"])) == 36)
simple("C68", lambda c: c.send(body(B)).json["previousStatus"] == "awaiting_call")
simple("C69", lambda c: c.send(body()).status == 200 and c.send(body()).json["previousStatus"] == "completed")
simple(
    "C70",
    lambda c: (
        c.send(body()).status == 200
        and c.send(body(status="skipped")).refused(400)
        and c.send(body()).json["previousStatus"] == "completed"
    ),
)
simple(
    "C71",
    lambda c: (
        [
            c.send(body(status=status)).json["previousStatus"]
            for status in ("completed", "failed", "completed")
        ][2]
        == "failed"
    ),
)
simple("C72", lambda c: c.send(body((A[0], B[1]))).refused(404))


def start(fault: str | None, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start a server on a free port."""
    pairs = ",".join(":".join(pair) for pair in (A, B, C))
    command = [sys.executable, str(Path(__file__).with_name("server.py")), "--port", "0"]
    variables = {
        **os.environ,
        "BLIND_API_KEY": FULL,
        "BLIND_RESTRICTED_API_KEY": RESTRICTED,
        "BLIND_ENROLLMENTS": pairs,
        **environment,
    }
    command += ["--fault", fault] if fault else []
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables)


def verdicts(name: str) -> Iterator[bool]:
    """Whether the correct and the faulty server keep the fact."""
    kept, environment = CHECKS[name]
    servers = [start(None, environment), start(name, environment)]
    try:
        for server in servers:
            assert server.stdout
            client = Client(int(server.stdout.readline().split()[-1]))
            try:
                yield kept(client)
            finally:
                client.link.close()
    finally:
        for server in servers:
            server.kill()
            server.wait()


def main() -> int:
    """Check the faults named on the command line, or all."""
    names, shown = sys.argv[1:] or list(FAULTS), 0
    for name in names:
        correct, faulty = verdicts(name)
        good = correct and not faulty
        shown += good
        why = f"NOT SHOWN (correct keeps: {correct}, faulty keeps: {faulty})"
        print(name, "shown" if good else why, flush=True)
    print(f"{shown} of {len(names)} faults are shown")
    return int(shown != len(names))


if __name__ == "__main__":
    sys.exit(main())
