"""Imports follow the arrow from the contract to the report, and the mock shares nothing with the suite."""

import ast
import importlib.util
import re

import pytest

from conformance.selftest.sources import below, modules

# Each module may import those before it; what is not in the list is in no module's reach.
ARROW = (
    "contract",
    "fresh",
    "target",
    "strategies",
    "exchange",
    "question",
    "checks",
    "memory",
    "ledger",
    "report",
    "budget",
    "connection",
    "transport",
    "governor",
    "plan",
    "cases",
    "run",
    "untested",
    "options",
    "exploration",
    "configuration",
    "workers",
    "plugin",
    "__main__",
)
# The mock that a run starts when it is given no target: reached by its server module, and over HTTP.
STARTED = {"configuration": {"mock"}}
# What runs on top of the arrow or beside it, and the modules of `conformance` that it may import.
BESIDE = {
    "mock": {"contract", "mock"},
    "suite": {*ARROW, "suite"},
    "selftest": {*ARROW, "mock", "suite", "selftest"},
    # Three are what a comparison gives to the other side, so that it lacks nothing we have; of the suite
    # itself it is the moves of the opening, of which other orders are made.
    "scripts": {"contract", "mock", "plugin", "__main__", "configuration", "strategies", "target", "suite"},
}
CLIENT_IMPORTERS = re.compile(r"conformance\.suite\.test_client|conformance\.selftest\..+")


def imports(name: str) -> set[str]:
    """The dotted names that a module imports."""
    found = set()
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            relative = "." * node.level + (node.module or "")
            module = importlib.util.resolve_name(relative, name.rpartition(".")[0])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def parts_imported(name: str) -> set[str]:
    """The modules and packages directly below `conformance` that a module imports."""
    return {one.split(".")[1] for one in imports(name) if one.startswith("conformance.")}


def test_contract_module_imports_nothing_of_ours() -> None:
    """The module that reads the contract stands at the start of the arrow."""
    assert not [
        name for name in imports("conformance.contract") if name.startswith(("conformance", "scripts"))
    ]


def test_arrow_has_a_place_for_every_module() -> None:
    """Every module of the conformance run is part of the arrow."""
    found = {name.split(".")[1] for name in below("conformance")} - {"__init__"}
    assert set() == found - set(ARROW) - BESIDE.keys()


def test_imports_follow_the_arrow() -> None:
    """A module of the conformance run imports only those before it."""
    for index, part in enumerate(ARROW):
        if f"conformance.{part}" in modules():
            allowed = {part, *ARROW[:index], *STARTED.get(part, set())}
            assert set() == parts_imported(f"conformance.{part}") - allowed, part


@pytest.mark.parametrize("package", BESIDE)
def test_imports_beside_the_arrow_are_few(package: str) -> None:
    """The mock, the suite, the selftests and the scripts import what they may and no more."""
    for name in below("scripts" if package == "scripts" else f"conformance.{package}"):
        assert set() == parts_imported(name) - BESIDE[package], name


def test_scripts_are_imported_by_selftests_alone() -> None:
    """The conformance run does without the scripts."""
    for name in modules():
        if not name.startswith(("scripts.", "conformance.selftest.")):
            assert not [one for one in imports(name) if one.split(".")[0] == "scripts"], name


def test_client_is_imported_by_its_tests_alone() -> None:
    """Nothing but the tests of the client knows the client."""
    importers = [
        name for name in modules() if any(one.split(".")[0] == "carecycle_client" for one in imports(name))
    ]
    assert importers
    assert [] == [name for name in importers if not CLIENT_IMPORTERS.fullmatch(name)]
