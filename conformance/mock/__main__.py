"""Serve a mock until the process is stopped: `python -m conformance.mock`."""

import argparse
import os
import re
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from ..contract import document
from ..contract.document import ContractError, RateLimit, program
from . import api, faults, variants
from .catalogue import UnknownNameError
from .server import (
    DEFAULT_ENROLLMENTS,
    DEFAULT_KEY,
    DEFAULT_RESTRICTED_KEY,
    KEY_VARIABLES,
    Mock,
    Settings,
    serve,
)

DEFAULT_PORT = 8765


class UsageError(ValueError):
    """An argument that cannot be used. The message has the reason, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a mock, and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list_faults:
        print(faults.listing())
        return 0
    if options.list_variants:
        for variant in variants.CATALOGUE.values():
            print(f"{variant.name}  {variant.text}")
        return 0
    try:
        with serve(_settings(options, os.environ)) as mock:
            print(describe(mock), flush=True)
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    except (UsageError, ContractError, UnknownNameError) as error:
        parser.error(str(error))
    except BrokenPipeError:
        raise  # `command` handles it
    except OSError as error:
        place = f"{options.host}:{options.port}"
        print(
            f"cannot listen on {place}: {error.strerror or error}; try another --host, or --port 0",
            file=sys.stderr,
        )
        return 1


def describe(mock: Mock) -> str:
    """What a person needs to use the mock. A key is shown only if it is a default key."""
    settings = mock.settings
    rate = (
        f"{settings.rate.requests} requests in {settings.rate.seconds:g} seconds" if settings.rate else "off"
    )
    header = api.load(settings.contract_path).key_header
    lines = [
        f"Serving {mock.url}",
        f"  {header}: {settings.shown_keys['full']}",
        f"  {header} (restricted): {settings.shown_keys['restricted']}",
        f"  rate limit: {rate}",
    ]
    lines += [f"  variant: {name}" for name in settings.variants]
    lines += [f"  fault: {name}" for name in settings.faults]
    lines += [f"  enrollment: {customer}:{campaign}" for customer, campaign in settings.enrollments]
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program("mock"),
        description="Serve the API of the contract from memory, on this machine.",
        epilog=f"The variables {' and '.join(KEY_VARIABLES)} replace the keys of the mock.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default %(default)s)")
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help="the port to listen on, 0 for any free one (default %(default)s)",
    )
    parser.add_argument(
        "--enrollment",
        action="append",
        metavar="CUSTOMER_ID:CAMPAIGN_ID",
        help="an enrollment that replaces the mock's own enrollments (repeatable)",
    )
    parser.add_argument(
        "--rate",
        metavar="N/SECONDS",
        help="the rate limit of each key, or off (default: the documented limit)",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="break a rule of the contract (repeatable)",
    )
    parser.add_argument(
        "--list-faults", action="store_true", help="list every fault with the rule that it breaks"
    )
    parser.add_argument(
        "--variant",
        action="append",
        default=[],
        metavar="NAME",
        help="differ from the mock without breaking a rule (repeatable)",
    )
    parser.add_argument("--list-variants", action="store_true", help="list every variant with its difference")
    parser.add_argument(
        "--contract",
        type=Path,
        default=document.DEFAULT_PATH,
        metavar="PATH",
        help="the contract to serve (default: the contract of the kit)",
    )
    return parser


def _settings(options: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    served = api.load(options.contract)
    if not 0 <= options.port <= 65535:
        raise UsageError(f"--port {options.port} is not a port: use a number from 0 to 65535")
    for name in options.fault:
        faults.find(name)
    for name in options.variant:
        variants.find(name)
    enrollments = tuple(_enrollment(text, served) for text in options.enrollment or ()) or DEFAULT_ENROLLMENTS
    key, restricted_key = (
        _key(environment, variable, default, served.contract.key_prefix)
        for variable, default in zip(KEY_VARIABLES, (DEFAULT_KEY, DEFAULT_RESTRICTED_KEY), strict=True)
    )
    if key == restricted_key:
        raise UsageError(f"{' and '.join(KEY_VARIABLES)} are the same key: use two different keys")
    return Settings(
        key=key,
        restricted_key=restricted_key,
        enrollments=enrollments,
        rate=_rate(options.rate) if options.rate else served.contract.rate_limit,
        faults=tuple(options.fault),
        variants=tuple(options.variant),
        contract_path=options.contract,
        host=options.host,
        port=options.port,
        keeps_log=False,  # the log is not read, and would grow without limit
    )


def _enrollment(text: str, served: api.Api) -> tuple[str, str]:
    customer, _, campaign = text.partition(":")
    if not served.can_name(customer, campaign):
        raise UsageError(
            f"--enrollment {text!r} is not two UUIDs separated by a colon: CUSTOMER_ID:CAMPAIGN_ID"
        )
    return customer, campaign


def _key(environment: Mapping[str, str], variable: str, default: str, prefix: str) -> str:
    key = environment.get(variable) or default
    # The message must not show the key: it may be a real one.
    if not re.fullmatch(re.escape(prefix) + r"[!-~]+", key):
        raise UsageError(f"{variable} is not a key: a key begins with {prefix} and has no spaces")
    return key


def _rate(text: str) -> RateLimit | None:
    if text == "off":
        return None
    match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9}(?:\.[0-9]{1,9})?)", text)
    if match is None or int(match[1]) == 0 or float(match[2]) == 0:
        raise UsageError(f"--rate {text!r} is not a rate: use N/SECONDS, such as 60/60, or off")
    return RateLimit(int(match[1]), float(match[2]))


def command() -> NoReturn:
    """Run the mock as a program. The reader of the output may close the pipe, as `head` does."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # Python flushes the output when it ends
        status = 0
    sys.exit(status)


if __name__ == "__main__":
    # A person and a process stop the mock with different signals. A command that a shell starts with `&`
    # ignores SIGINT.
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_, signal.default_int_handler)
    command()
