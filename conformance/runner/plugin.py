"""The suite under pytest: its options, order and exit status."""

import contextlib
import gc
import logging
import os
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis

from ..contract.document import Contract
from ..reporting import github, terminal
from ..reporting.everything import WRITERS, report_to_open, write_reports
from ..reporting.har import Recorder as TrafficRecorder
from ..reporting.ledger import Ledger
from ..reporting.output import say
from ..reporting.own_failure import describe
from ..reporting.report import Summary
from ..transport.exchange import Exchange
from ..transport.gate import Gate
from ..transport.interruption import INTERRUPTION
from . import configuration, exploration, machines, outcome, reporter, selection, workers
from .dry_run import DryRunPlugin
from .fixtures import SESSION
from .interruptions import Interruptions
from .options import OPTIONS, PROFILES
from .rate_limit import reserve
from .recorder import Recorder, RuleViolation
from .session import Session

_CONTRACT = pytest.StashKey[Contract]()
_STACK = pytest.StashKey[contextlib.ExitStack]()
_STARTED = pytest.StashKey[float]()
_SELECTED = pytest.StashKey[set[str] | None]()
_SUMMARY = pytest.StashKey[Summary]()
_DRY_RUN = pytest.StashKey[DryRunPlugin]()
_REPORTS = pytest.StashKey[workers.Reports]()
_TRAFFIC = pytest.StashKey[TrafficRecorder]()
_JUNIT = pytest.StashKey[Path | None]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options of the suite, and what prints in place of pytest."""
    pluginmanager.register(reporter.Installer())
    group = parser.getgroup("conformance", "conformance with the contract")
    for flag, settings in OPTIONS:
        group.addoption(flag, **settings)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Fix the seed and the Hypothesis profile."""
    if not config.option.collectonly:  # a listing has nothing to end in order
        config.pluginmanager.register(Interruptions(config))
    config.addinivalue_line("markers", "screening(turn): a test that comes before all others, in its turn")
    config.addinivalue_line("markers", "naming: a test that names an enrollment, where there is one")
    config.addinivalue_line("markers", "limiting: a test that uses up the rate limit of a target")
    config.addinivalue_line("markers", "deep: a test of the deep profile, which goes on until the limit")
    config.addinivalue_line("markers", "exploring: a test that takes what is left, as property tests do")
    config.addinivalue_line("markers", "of_every_run: a test that is part of a run of any rules")
    config.addinivalue_line("markers", "rule(*ids, needs=()): the rules that a test is about")
    if config.getoption("--dry-run"):
        workers.do_without(config)
    if config.getoption("--against"):
        raise pytest.UsageError("--against is for `python -m conformance`, which runs the suite twice")
    if workers.is_controller(config):
        config.pluginmanager.register(workers.Start())
    workers.choose_directory(config)
    is_worker = workers.is_worker(config)
    seed = (
        workers.orders(config).seed
        if is_worker
        else machines.agree_on_seed(config, configuration.read_seed(config))
    )
    config.option.hypothesis_seed = seed
    config.stash[_JUNIT] = outcome.take_junit_path(config)
    # They would show the URL of a request, and one test sends the key in it.
    for name in ("httpx", "httpx2", "httpcore", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    contract = config.stash[_CONTRACT] = configuration.read_contract(config)
    paced = configuration.read_rate(config, contract) is not None
    sends_nothing = config.option.collectonly or config.getoption("--dry-run")
    exploration.configure(
        PROFILES[config.getoption("--profile")][paced],
        shrinks=not paced,
        is_limited=bool(config.getoption("--max-requests") or config.getoption("--time-limit")),
        database=None
        if sends_nothing
        else exploration.find_database(Path(config.getoption("--report-dir")), os.environ),
    )


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Print the rules, where that is all that is wanted."""
    if not config.getoption("--list-rules"):
        return None
    for rule in configuration.read_contract(config).rules.values():
        say(f"{rule.id:<12} {rule.level:<7} {rule.known:<11} {rule.text}")
    return int(pytest.ExitCode.OK)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Find the target, or start the mock, and open the ledger."""
    config = session.config
    stack = config.stash[_STACK] = contextlib.ExitStack()
    contract = config.stash[_CONTRACT]
    config.stash[_SELECTED] = configuration.read_rules(config, contract)
    config.stash[outcome.BASELINE] = outcome.read_accepted(config, contract)
    most, timeout = configuration.read_budget(config)
    rate = configuration.read_rate(config, contract)
    is_worker = workers.is_worker(config)
    target = (
        workers.orders(config).target if is_worker else configuration.find_target(config, contract, stack)
    )
    shared = workers.share(config, stack)
    stack.callback(machines.close, config)
    run = (
        machines.find(config, workers.orders(config).machine) if is_worker else machines.join(config, target)
    )
    is_dry = config.getoption("--dry-run")
    if not (is_dry or is_worker or config.option.collectonly):
        configuration.make_report_directory(config)
    gate = Gate(
        target,
        contract,
        max_requests=most,
        rate=rate,
        timeout=timeout,
        is_dry=is_dry,
        shared=shared,
        run=run,
    )
    gate.until = configuration.read_time_limit(config)
    stack.callback(gate.close)
    recorder = Recorder(
        contract,
        target,
        Ledger(contract, contract.untested),
        strict=bool(config.getoption("strict")),
        options=(*configuration.replay_options(config), f"--seed={config.getoption('hypothesis_seed')}"),
        reports=config.getoption("--report-dir"),
    )
    schema, base_path = schemathesis.openapi.from_dict(dict(contract.raw)), urlsplit(target.url).path
    traffic = config.stash[_TRAFFIC] = TrafficRecorder(contract, target)

    def record(exchange: Exchange) -> None:
        recorder.record_exchange(exchange, base_path)
        traffic.record(exchange)

    gate.on_exchange = record
    gate.say = reporter.sayer(config)
    config.stash[SESSION] = Session(schema, gate, recorder, str(config.getoption("hypothesis_seed")))
    if is_dry:
        config.stash[_DRY_RUN] = DryRunPlugin(config.stash[SESSION], config.stash[_SELECTED])
        config.pluginmanager.register(config.stash[_DRY_RUN])
    config.stash[_STARTED] = time.perf_counter()
    config.stash[_REPORTS] = workers.Reports()
    if not is_worker:
        config.pluginmanager.register(config.stash[_REPORTS])
    reporter.watch(
        config,
        lambda: outcome.state(config.stash[SESSION], config.stash[_REPORTS].decided, config.stash[_SELECTED]),
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - of xdist, which need not be installed
    """Tell a worker what it is to test."""
    session = node.config.stash[SESSION]
    shared = session.gate.shared
    assert shared is not None
    machine = "" if session.gate.run is None else session.gate.run.machine
    workers.instruct(node, workers.Orders(session.target, session.seed, shared, machine))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:  # noqa: ANN401 - of xdist
    """Divide the tests between the workers."""
    shared = config.stash[SESSION].gate.shared
    assert shared is not None
    return workers.make_scheduler(config, log, shared)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the selected rules, in their order."""
    wanted = config.stash[_SELECTED]
    chosen = [item for item in items if exploration.is_wanted(item, wanted, selection.rules(item))]
    chosen = selection.of_profile(chosen, config.getoption("--profile"))
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    for item in chosen:
        exploration.remember(item)
    if workers.is_worker(config):
        workers.keep_together(config, [item.nodeid for item in chosen if selection.names_an_enrollment(item)])
    items[:] = selection.in_order(chosen, config.stash[SESSION].target)
    shortage = reserve(config.stash[SESSION].gate, items)
    if _DRY_RUN in config.stash:
        config.stash[_DRY_RUN].note_shortage(shortage)
    elif shortage and not workers.is_worker(config):
        config.stash[SESSION].gate.say(shortage)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Stop where a test module could not be read, which pytest would call an interruption."""
    if session.testsfailed:
        pytest.exit("the suite could not be read", returncode=pytest.ExitCode.INTERNAL_ERROR)
    gc.freeze()  # what was imported and collected stays: no need to look through it again and again


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test if the target lacks what it takes, and record what that is."""
    session = item.config.stash[SESSION]
    if workers.is_worker(item.config):
        workers.share_violations(item.config, session.recorder)
    explores = selection.is_property(item)
    session.recorder.begin(item.nodeid, tuple(selection.rules(item)), explores=explores)
    lacking, names_enrollment = selection.lacking(item, session.target), selection.names_an_enrollment(item)
    is_elsewhere = not lacking and not machines.takes(session, item, names_enrollment=names_enrollment)
    is_of_this_worker = names_enrollment or not workers.is_worker(item.config)
    session.gate.may_name = is_of_this_worker and machines.may_name(session)
    if lacking:
        session.recorder.record_not_applicable(lacking)
        pytest.skip(lacking)
    if is_elsewhere:
        pytest.skip(machines.ELSEWHERE)
    if item.get_closest_marker("limiting"):
        session.gate.reserved = 0
    session.gate.share = float("inf")
    if selection.is_property(item) and session.gate.max_requests is not None:
        waiting = item.session.items[item.session.items.index(item) :]
        session.gate.share_out(len(waiting))


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Exclude what the target has no occasion to violate. At the end, see that it tells requests apart."""
    item.config.stash[SESSION].settle(is_end=nextitem is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a broken rule as such; anything else that fails a test of rules is a bug of ours."""
    test_report = yield
    session = item.config.stash[SESSION]
    if call.excinfo is not None and test_report.failed:
        if isinstance(call.excinfo.value, RuleViolation):
            test_report.longrepr = str(call.excinfo.value)
            workers.mark_violation(test_report)
        else:
            session.recorder.record_error(f"{describe(call.excinfo.value)} in {item.nodeid}")
            test_report.longrepr = session.target.mask(str(call.excinfo.getrepr(style="native")))
    test_report.sections = [(name, session.target.mask(text)) for name, text in test_report.sections]
    if call.when == "teardown":
        traffic = item.config.stash[_TRAFFIC].take()
        machines.publish(session, traffic)
        if workers.is_worker(item.config):
            workers.tell(test_report, session.recorder, traffic)
        else:
            item.config.stash[_REPORTS].traffic += traffic
    return test_report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the report, and turn the verdicts into the exit status."""
    config = session.config
    if SESSION not in config.stash or config.option.collectonly or workers.is_worker(config):
        return
    ended = outcome.how_it_ended(
        exitstatus, has_bug=config.stash[_REPORTS].has_bug, is_interrupted=INTERRUPTION.is_wanted
    )
    if _DRY_RUN in config.stash:
        session.exitstatus = ended
        return
    run = config.stash[SESSION]
    config.stash[_REPORTS].enter(run.recorder)
    missing = machines.enter(run)
    summary = outcome.summarize(config, run, config.stash[_SELECTED], config.stash[_STARTED], ended)
    config.stash[_SUMMARY] = summary = write_reports(
        replace(
            machines.conclude(summary, missing),
            traffic=(
                *config.stash[_TRAFFIC].take(),
                *config.stash[_REPORTS].traffic,
                *machines.traffic(run),
            ),
        ),
        Path(config.getoption("--report-dir")),
        config.getoption("--report") or WRITERS,
        config.stash[_JUNIT],
    )
    session.exitstatus = summary.exit_status


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the verdicts."""
    if _SUMMARY not in config.stash:
        return
    summary, verbose = config.stash[_SUMMARY], config.option.verbose >= 0
    report = report_to_open(Path(config.getoption("--report-dir")), config.getoption("--report") or WRITERS)
    with github.log(terminalreporter.write_line, os.environ, summary):
        for line, markup in terminal.lines(summary, report, verbose=verbose):
            terminalreporter.write_line(line, **markup)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the mock and close the connections."""
    if (stack := config.stash.get(_STACK, None)) is not None:
        stack.close()
