"""What the options of a run ask for: the contract, the target, the rate and the rules."""

import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ..contract import document
from ..contract.document import Contract, ContractError, RateLimit
from ..mock.server import Settings, build, serve
from ..requests.access import Enrollment
from ..transport.target import KEY_VARIABLE, Target
from ..transport.target_options import TargetError, TargetOptions, read_enrollments, read_target
from .options import LIMITING, NOT_REPLAYED, OPTIONS

UNITS = {"s": 1, "m": 60, "h": 3600}
"""The units of `--rate`, in seconds."""
LIMIT = RateLimit(requests=2, seconds=1.0)
"""The rate limit of the embedded mock that shows it. It is small, because every request counts."""


def read_contract(config: pytest.Config) -> Contract:
    """The contract of `--contract`, or the one of this repository."""
    path = config.getoption("--contract")
    try:
        return document.load_to_run(Path(path)) if path else document.load_to_run()
    except ContractError as error:
        raise pytest.UsageError(str(error)) from error


def make_report_directory(config: pytest.Config) -> None:
    """Make the directory of `--report-dir`, before a request is spent."""
    path = Path(config.getoption("--report-dir"))
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise pytest.UsageError(f"--report-dir {path}: no report can be written there: {error}") from error


def find_target(config: pytest.Config, contract: Contract, stack: contextlib.ExitStack) -> Target:
    """The target of `--target`, or the embedded mock. The stack stops the mock; a dry run starts none."""
    url = config.getoption("--target")
    changes = {name: tuple(config.getoption(f"--{name}")) for name in ("fault", "variant")}
    is_dry = config.getoption("--dry-run")
    stand_in = {KEY_VARIABLE: f"{contract.key_prefix}of_a_dry_run"} if is_dry else {}
    enrollments = config.getoption("--enrollment")
    try:
        if url is None:
            return _embedded(contract, enrollments, changes, None if is_dry else stack)
        if any(changes.values()):
            raise TargetError("--fault and --variant change the embedded mock; leave out --target")
        options = TargetOptions(
            url=url,
            enrollments=enrollments,
            honours_prefer=config.getoption("--prefer"),
            exercise_limit=config.getoption("--exercise-rate-limit"),
            allow_production=config.getoption("--allow-production"),
            plain_http=config.getoption("--plain-http"),
            may_swap_ids=config.getoption("--swap-ids"),
            may_write=config.getoption("--allow-writes"),
            headers=config.getoption("--header"),
            ca_bundle=config.getoption("--ca-bundle"),
            client_certificate=config.getoption("--client-certificate"),
            client_key=config.getoption("--client-key"),
        )
        return read_target(options, stand_in | os.environ, contract)
    except ValueError as error:  # a TargetError, or a name that the mock does not know
        raise pytest.UsageError(str(error)) from error


def _embedded(
    contract: Contract,
    enrollments: Sequence[str],
    changes: Mapping[str, tuple[str, ...]],
    stack: contextlib.ExitStack | None,
) -> Target:
    settings = Settings(
        rate=None, faults=changes["fault"], variants=changes["variant"], contract_path=contract.path
    )
    if enrollments:
        named = read_enrollments(enrollments, contract)
        settings = replace(
            settings, enrollments=tuple((each.customer_id, each.campaign_id) for each in named)
        )
    build(settings)  # which knows the faults and the variants
    mocks = (settings, replace(settings, rate=LIMIT))
    # In a dry run they have no addresses. Two different texts stand for them.
    urls = [stack.enter_context(serve(each)).url for each in mocks] if stack else ["", "limited"]
    return Target(
        url=urls[0],
        key=settings.key,
        restricted_key=settings.restricted_key,
        enrollments=tuple(Enrollment(*pair) for pair in settings.enrollments),
        honours_prefer=True,
        limited_url=urls[1],
        limit=LIMIT,
        may_swap_ids=True,
        may_write=True,
    )


def read_rate(config: pytest.Config, contract: Contract) -> RateLimit | None:
    """The rate of `--rate`: by default the documented one, and none on this machine."""
    value, url = config.getoption("--rate"), config.getoption("--target")
    if value is None:
        return None if url is None or Target(url=url, key="").is_loopback else contract.rate_limit
    if value == "off":
        return None
    try:
        requests, _, seconds = value.partition("/")
        rate = RateLimit(int(requests), float(UNITS.get(seconds, seconds)))
    except ValueError:
        raise pytest.UsageError(f"--rate {value}: write N/SECONDS, such as 60/60 or 60/m, or off") from None
    if rate.requests < 1 or not 0.001 <= rate.seconds < float("inf"):
        raise pytest.UsageError(f"--rate {value}: both numbers must be above zero")
    return rate


def read_budget(config: pytest.Config) -> tuple[int | None, float]:
    """The most requests of `--max-requests`, and the seconds of `--request-timeout`."""
    most, timeout = config.getoption("--max-requests"), config.getoption("--request-timeout")
    if most is not None and most < 1:
        raise pytest.UsageError(f"--max-requests {most}: it takes a request to find anything out")
    if not 0 < timeout < float("inf"):
        raise pytest.UsageError(f"--request-timeout {timeout:g}: it must be above zero")
    return most, timeout


def read_time_limit(config: pytest.Config) -> float:
    """When `--time-limit` is reached, in seconds of the monotonic clock."""
    seconds = config.getoption("--time-limit")
    if seconds is None:
        return float("inf")
    if not 0 < seconds < float("inf"):
        raise pytest.UsageError(f"--time-limit {seconds:g}: it must be above zero")
    return time.monotonic() + float(seconds)


def read_seed(config: pytest.Config) -> str:
    """The seed of `--seed`, or of Hypothesis' name for it, or a new one."""
    ours, its = config.getoption("--seed"), config.getoption("hypothesis_seed", None)
    if ours is not None and its is not None and str(ours) != its:
        raise pytest.UsageError(f"--seed {ours} and --hypothesis-seed {its}: both mean the same; give one")
    if ours is None and its is None:
        return str(secrets.randbelow(2**32))
    return str(its if ours is None else ours)


def has_seed(config: pytest.Config) -> bool:
    """Whether the seed was given."""
    return config.getoption("--seed") is not None


def read_rules(config: pytest.Config, contract: Contract) -> set[str] | None:
    """The rules of `--rule`, or None for all."""
    try:
        return contract.select_rules(config.getoption("--rule"))
    except ContractError as error:
        raise pytest.UsageError(f"--rule: {error}; see --list-rules") from error


def replay_options(config: pytest.Config) -> list[str]:
    """The options that make another run the same, as far as they differ from their defaults."""
    words: list[str] = []
    # What limits the run comes first: a long line is wrapped, and may be copied only in part.
    for flag, settings in sorted(OPTIONS, key=lambda option: option[0] not in LIMITING):
        value = config.getoption(flag)
        if flag in NOT_REPLAYED or not value or value == settings.get("default"):
            continue
        if settings.get("action") == "store_true":
            words.append(flag)
        else:
            words += [word for each in _as_list(value) for word in (flag, str(each))]
    return [*words, *(["--strict"] if config.getoption("strict") else [])]


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 - the value of any option
    return value if isinstance(value, list) else [value]
