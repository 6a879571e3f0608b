"""Command line: serve the endpoint, with one fault if asked, or list the faults."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys

import uvicorn
from app import Server, Settings
from faults import FAULTS


class Announcing(uvicorn.Server):
    """A uvicorn server that says when it accepts connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the port."""
        await super().startup(sockets=sockets)
        if sockets and not self.should_exit:
            print(f"listening on {sockets[0].getsockname()[1]}", flush=True)


def settings() -> Settings:
    """Read the settings from the environment."""
    given = os.environ.get("BLIND_ENROLLMENTS", "").split(",")
    pairs = [item.strip().split(":") for item in given if item.strip()]
    if any(len(pair) != 2 for pair in pairs):
        sys.exit("BLIND_ENROLLMENTS must be pairs CUSTOMER:CAMPAIGN separated by commas")
    if not os.environ.get("BLIND_API_KEY"):
        sys.exit("BLIND_API_KEY is not set")
    return Settings(
        os.environ["BLIND_API_KEY"],
        os.environ.get("BLIND_RESTRICTED_API_KEY", ""),
        [(customer, campaign) for customer, campaign in pairs],
        int(os.environ.get("BLIND_RATE_LIMIT", "60")),
        float(os.environ.get("BLIND_RATE_WINDOW_MS", "60000")) / 1000,
    )


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", choices=list(FAULTS), metavar="ID")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    if args.list:
        print(
            json.dumps(
                [
                    {"id": fault.id, "area": fault.area, "rule_broken": fault.rule, "text": fault.text}
                    for fault in FAULTS.values()
                ],
                indent=1,
            )
        )
        return
    server = Server(settings())
    if args.fault:
        FAULTS[args.fault].install(server)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", args.port))
    config = uvicorn.Config(
        server,
        lifespan="off",
        log_level="critical",
        access_log=False,
        http="h11",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    Announcing(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
