"""The suite under pytest: its options, fixtures, order and exit status.

Exit status: 0 conforms, 1 does not conform, 2 interrupted, 3 an error of ours, 4 usage or configuration,
6 inconclusive.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import Case

from conformance import contract as contracts
from conformance import report
from conformance.cases import Cases
from conformance.contract import Contract, RateLimit
from conformance.exchange import Answer
from conformance.governor import Governor, Stopped
from conformance.ledger import Ledger, exit_status
from conformance.mock.server import Mock, Settings, serve
from conformance.options import OPTIONS
from conformance.run import Broken, Run
from conformance.target import Enrollment, Target, TargetError, read_enrollments, read_target
from conformance.untested import UNTESTED

EXAMPLES = 60
"""How many examples a property test takes where requests are free."""
EXAMPLES_WHEN_PACED = 5
WINDOW = 2.0
"""Seconds: the rate-limit window of the embedded mock that shows its limit."""

NEEDS: dict[str, tuple[Callable[[Target], bool], str]] = {
    "enrollment": (lambda target: len(target.enrollments) >= 1, "give --enrollment"),
    "enrollments": (lambda target: len(target.enrollments) >= 2, "give --enrollment twice"),
    "restricted_key": (lambda target: target.restricted_key is not None, "set CARECYCLE_RESTRICTED_API_KEY"),
    "prefer": (lambda target: target.honours_prefer, "give --prefer, if the target honours it"),
    "limit": (lambda target: target.limited_url is not None, "exercised on the embedded mock only"),
}
"""What a test can need of a target: whether it is there, and what gives it."""

_RUN = pytest.StashKey[Run]()
_STACK = pytest.StashKey[contextlib.ExitStack]()
_STARTED = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite."""
    group = parser.getgroup("conformance", "conformance with the contract")
    for flag, settings in OPTIONS:
        group.addoption(flag, **settings)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Fix the seed and the Hypothesis profile."""
    config.addinivalue_line("markers", "rule(*ids, needs=()): the rules that a test asks about")
    if not config.getoption("hypothesis_seed", None):
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))
    paced = _rate(config, contracts.load(), loopback=_is_loopback(config)) is not None
    phases = (
        set(hypothesis.Phase) - {hypothesis.Phase.explain} - ({hypothesis.Phase.shrink} if paced else set())
    )
    hypothesis.settings.register_profile(
        "conformance",
        max_examples=EXAMPLES_WHEN_PACED if paced else EXAMPLES,
        phases=sorted(phases, key=list(hypothesis.Phase).index),
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("conformance")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Print the rules, where that is all that is wanted."""
    if not config.getoption("--list-rules"):
        return None
    for rule in _read_contract(config).rules.values():
        print(f"{rule.id:<12} {rule.level:<7} {rule.known:<11} {rule.text}")
    return int(pytest.ExitCode.OK)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Find the target, or start the mock, and open the ledger."""
    config = session.config
    stack = config.stash[_STACK] = contextlib.ExitStack()
    contract = _read_contract(config)
    try:
        target = _target(config, contract, stack)
    except TargetError as error:
        raise pytest.UsageError(str(error)) from error
    if (config.getoption("--max-requests") or 1) < 1:
        raise pytest.UsageError("--max-requests: at least one request is needed to find anything out")
    governor = Governor(
        target,
        contract,
        max_requests=config.getoption("--max-requests"),
        rate=_rate(config, contract, loopback=target.is_loopback),
        timeout=config.getoption("--request-timeout"),
    )
    stack.callback(governor.close)
    seed = config.getoption("hypothesis_seed")
    config.stash[_RUN] = Run(
        contract=contract,
        schema=schemathesis.openapi.from_dict(dict(contract.raw)),
        target=target,
        governor=governor,
        ledger=Ledger(contract, UNTESTED),
        strict=bool(config.getoption("strict")),
        seed=str(seed),
        options=(*_options_to_replay(config), f"--hypothesis-seed={seed}"),
    )
    config.stash[_STARTED] = time.perf_counter()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the selected rules; the essential cases come first, one of each test in turn."""
    run = config.stash[_RUN]
    wanted = _selected(config, run.contract)
    chosen = [item for item in items if wanted is None or wanted & set(_rules(item))]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    turns: dict[str, int] = {}

    def turn(item: pytest.Item) -> tuple[bool, int]:
        name = item.nodeid.partition("[")[0]
        turns[name] = turns.get(name, -1) + 1
        return _is_property(item), turns[name]

    items[:] = [item for _, item in sorted(((turn(item), item) for item in chosen), key=lambda pair: pair[0])]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that the target cannot be asked, and say so in the ledger."""
    run = item.config.stash[_RUN]
    run.test, run.rules = item.nodeid, tuple(_rules(item))
    for mark in item.iter_markers("rule"):
        for need in _needs(mark):
            is_there, what_gives_it = NEEDS[need]
            if not is_there(run.target):
                run.ledger.lack(run.rules, what_gives_it)
                pytest.skip(what_gives_it)
    run.ledger.ask(run.rules, item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a broken rule as such; anything else that fails a test of rules is a bug of ours."""
    test_report = yield
    run = item.config.stash[_RUN]
    if call.excinfo is not None and test_report.failed:
        if isinstance(call.excinfo.value, Broken):
            test_report.longrepr = str(call.excinfo.value)
        else:
            run.ledger.fail_to_ask(run.rules, f"{call.excinfo.typename} in {item.nodeid}")
            test_report.longrepr = run.target.mask(str(test_report.longrepr))
    return test_report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the report, and turn the verdicts into the exit status."""
    run = session.config.stash.get(_RUN, None)
    if run is None or session.config.option.collectonly:
        return
    summary = _summary(session.config, exitstatus)
    session.exitstatus = summary.exit_status
    report.write_json(summary, Path(session.config.getoption("--report-dir")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the verdicts."""
    if _RUN not in config.stash or config.option.collectonly:
        return
    summary = _summary(config, int(terminalreporter._session.exitstatus))  # type: ignore[union-attr]  # noqa: SLF001 - the hook is given the status before ours
    write = terminalreporter.write_line
    terminalreporter.section("verdicts")
    for line in report.table(summary):
        write(line)
    for text in report.failures(summary):
        write("")
        write(text)
    write("")
    write(report.closing_line(summary))
    write(f"report: {config.getoption('--report-dir')}/report.json")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the mock and close the connections."""
    stack = config.stash.get(_STACK, None)
    if stack is not None:
        stack.close()


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """The run that the tests share."""
    return pytestconfig.stash[_RUN]


@pytest.fixture(scope="session")
def contract(run: Run) -> Contract:
    """The contract."""
    return run.contract


@pytest.fixture
def cases(run: Run, request: pytest.FixtureRequest) -> Cases:
    """Makes cases of the update operation."""
    return Cases(run.operation(), run.contract, run.target, f"{run.seed} {request.node.nodeid}")


@pytest.fixture
def ask(run: Run) -> Callable[[Case[Any]], Answer | None]:
    """Sends a case and judges the answer."""

    def send(case: Case[Any], **how: Any) -> Answer | None:  # noqa: ANN401 - the options of Run.ask
        try:
            return run.ask(case, **how)
        except Stopped as reason:
            run.ledger.stay_silent(run.rules, str(reason))
            pytest.skip(str(reason))

    return send


@pytest.fixture
def explore(ask: Callable[..., Answer | None]) -> Callable[[Case[Any]], Answer | None]:
    """Sends a case of a property test, which goes on past rules that are known to be broken."""

    def send(case: Case[Any]) -> Answer | None:
        return ask(case, exploring=True)

    return send


@pytest.fixture
def enrollments(run: Run) -> tuple[Enrollment, ...]:
    """The enrollments that may be updated."""
    return run.target.enrollments


def _read_contract(config: pytest.Config) -> Contract:
    path = config.getoption("--contract")
    try:
        return contracts.load(Path(path)) if path else contracts.load()
    except contracts.ContractError as error:
        raise pytest.UsageError(str(error)) from error


def _target(config: pytest.Config, contract: Contract, stack: contextlib.ExitStack) -> Target:
    url, faults = config.getoption("--target"), tuple(config.getoption("--fault"))
    enrollments = config.getoption("--enrollment")
    if url is None:
        return _embedded(contract, enrollments, faults, stack)
    if faults:
        raise TargetError("--fault breaks the embedded mock; leave out --target")
    return read_target(
        url,
        enrollments=enrollments,
        honours_prefer=config.getoption("--prefer"),
        allow_production=config.getoption("--allow-production"),
        environment=os.environ,
        contract=contract,
    )


def _embedded(
    contract: Contract, enrollments: Sequence[str], faults: tuple[str, ...], stack: contextlib.ExitStack
) -> Target:
    settings = Settings(rate=None, faults=faults, contract_path=contract.path)
    if enrollments:
        pairs = tuple(
            (each.customer_id, each.campaign_id) for each in read_enrollments(enrollments, contract)
        )
        settings = replace(settings, enrollments=pairs)
    limit = RateLimit(contract.rate_limit.requests, WINDOW)
    try:
        mock: Mock = stack.enter_context(serve(settings))
        limited: Mock = stack.enter_context(serve(replace(settings, rate=limit)))
    except ValueError as error:
        raise TargetError(str(error)) from error
    return Target(
        url=mock.url,
        key=settings.key,
        restricted_key=settings.restricted_key,
        enrollments=tuple(Enrollment(*pair) for pair in settings.enrollments),
        honours_prefer=True,
        limited_url=limited.url,
    )


def _is_loopback(config: pytest.Config) -> bool:
    url = config.getoption("--target")
    return url is None or Target(url=url, key="").is_loopback


def _rate(config: pytest.Config, contract: Contract, *, loopback: bool) -> RateLimit | None:
    value = config.getoption("--rate")
    if value is None:
        return None if loopback else contract.rate_limit
    if value == "off":
        return None
    try:
        requests, _, seconds = value.partition("/")
        rate = RateLimit(int(requests), float(seconds))
    except ValueError:
        raise pytest.UsageError(f"--rate {value}: write N/SECONDS, such as 60/60, or off") from None
    if rate.requests < 1 or not 0 < rate.seconds < float("inf"):
        raise pytest.UsageError(f"--rate {value}: both numbers must be above zero")
    return rate


def _selected(config: pytest.Config, contract: Contract) -> set[str] | None:
    wanted = config.getoption("--rule")
    if not wanted:
        return None
    found: set[str] = set()
    for name in wanted:
        rules = {rule.id for rule in contract.rules.values() if name in {rule.id, rule.area}}
        if not rules:
            raise pytest.UsageError(f"--rule {name}: the contract has no such rule or area; see --list-rules")
        found |= rules
    return found


def _summary(config: pytest.Config, pytest_status: int) -> report.Summary:
    run = config.stash[_RUN]
    verdicts = run.ledger.verdicts(_selected(config, run.contract))
    status = pytest_status
    if pytest_status in {
        pytest.ExitCode.OK,
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    }:
        judged = exit_status(verdicts, strict=run.strict)
        status = judged or (1 if pytest_status == pytest.ExitCode.TESTS_FAILED else 0)
    return report.Summary(
        target=run.target.url,
        contract=run.contract,
        verdicts=verdicts,
        requests=run.governor.sent,
        seconds=time.perf_counter() - config.stash[_STARTED],
        exit_status=status,
        strict=run.strict,
        seed=run.seed,
        faults=config.getoption("--fault"),
    )


def _options_to_replay(config: pytest.Config) -> list[str]:
    target = config.getoption("--target")
    return [
        *(["--target", target] if target else []),
        *(word for pair in config.getoption("--enrollment") for word in ("--enrollment", pair)),
        *(word for name in config.getoption("--fault") for word in ("--fault", name)),
        *(["--prefer"] if config.getoption("--prefer") else []),
    ]


def _rules(item: pytest.Item) -> list[str]:
    return [id_ for mark in item.iter_markers("rule") for id_ in mark.args]


def _needs(mark: pytest.Mark) -> Sequence[str]:
    needs = mark.kwargs.get("needs", ())
    return (needs,) if isinstance(needs, str) else tuple(needs)


def _is_property(item: pytest.Item) -> bool:
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))
