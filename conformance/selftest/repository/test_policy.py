"""The policies of this repository that a program can check. Each policy is a test."""

import ast
import io
import re
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from conformance.selftest.changed_contract import CONTRACT
from conformance.selftest.repository.sources import below, modules, texts, workflows

REASONS = {
    "noqa": re.compile(r"# (ruff: )?noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \S"),
    "type: ignore": re.compile(r"# type: ignore\[[a-z-]+(, ?[a-z-]+)*\]  # \S"),
    "pragma:": re.compile(r"# pragma: no (cover|branch) - \S"),
}
SKIPS = {"skip", "skipif", "xfail", "importorskip"}
NOT_PRESENT = re.compile(
    r"\b(should|will|shall)\b|^(Test|Check|Ensure|Verify|Assert)s? (that|if|whether)\b", re.IGNORECASE
)
# The brackets prevent that the pattern matches its own source.
ADDRESSES = re.compile(
    r"\b(pypi|pythonhosted|npmjs)[.](org|com)|/simpl[e]/|index-ur[l]|file:[/]/", re.IGNORECASE
)
MACHINE_PATHS = re.compile(r"(?<![\w.:/~*-])/(home|Users|root|tmp|work|opt|mnt|srv)/\w|\b[A-Z]:\\\w")
AREAS = "|".join(sorted({rule.area for rule in CONTRACT.rules.values()}))
ID = re.compile(rf"(?<![A-Z])({AREAS})[-_]\d\d(?!\d)", re.IGNORECASE)


def project() -> dict[str, Any]:
    """The settings of the project."""
    return tomllib.loads(texts()["pyproject.toml"])


def statements(package: str) -> Iterator[tuple[str, str]]:
    """The name and the docstring of every test of a package."""
    for name in below(package):
        for node in ast.walk(modules()[name]):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                yield node.name, ast.get_docstring(node) or ""


@pytest.mark.parametrize("package", ["conformance.suite", "conformance.selftest"])
def test_tests_are_named_for_a_fact(package: str) -> None:
    """The name of a test is its subject and a fact, without the number of a rule."""
    names = [name for name, _ in statements(package)]
    assert names
    assert [] == [name for name in names if not re.fullmatch(r"test(_[a-z0-9]+){2,}", name)]
    assert [] == [name for name in names if "should" in name or ID.search(name)]


@pytest.mark.parametrize("package", ["conformance.suite", "conformance.selftest"])
def test_docstrings_state_the_fact(package: str) -> None:
    """The docstring of a test is one line in the present tense, a sentence without the number of a rule."""
    stated = list(statements(package))
    assert stated
    assert [] == [name for name, text in stated if not re.fullmatch(r"[A-Z0-9`\"'].*\.", text)]
    assert [] == [name for name, text in stated if NOT_PRESENT.search(text) or ID.search(text)]


def test_docstrings_are_unique() -> None:
    """No two tests state the same fact."""
    stated = Counter(
        text for package in ("conformance.suite", "conformance.selftest") for _, text in statements(package)
    )
    assert [] == [text for text, count in stated.items() if count > 1]


def test_exceptions_have_a_reason() -> None:
    """Every comment that silences a tool has a reason on its line."""
    silencing = []
    for path, text in texts().items():
        if not path.endswith(".py") or path.startswith("generated_client/"):
            continue
        if not any(word in text for word in REASONS):
            continue
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            silencing += [
                (path, token.start[0], bool(pattern.search(token.string)))
                for word, pattern in REASONS.items()
                if token.type == tokenize.COMMENT and word in token.string
            ]
    assert silencing
    assert [] == [(path, line) for path, line, reason in silencing if not reason]


def test_skips_have_a_reason() -> None:
    """Every test that is skipped or expected to fail has a reason."""
    assert modules()
    for name, module in modules().items():
        nodes = list(ast.walk(module))
        reasoned = {
            id(node.func)
            for node in nodes
            if isinstance(node, ast.Call)
            and (any(keyword.arg == "reason" for keyword in node.keywords) or _is_plain_skip(node))
        }
        silent = [node for node in nodes if _is_skip(node) and id(node) not in reasoned]
        assert [] == [f"{name}:{node.lineno}" for node in silent if isinstance(node, ast.expr)]


def _is_skip(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in SKIPS and "pytest" in ast.unparse(node.value)


def _is_plain_skip(node: ast.Call) -> bool:
    return ast.unparse(node.func) in {"pytest.skip", "pytest.xfail", "pytest.mark.skip"} and bool(node.args)


def test_modules_are_short() -> None:
    """No module of ours is longer than 400 lines."""
    lengths = {path: text.count("\n") for path, text in texts().items() if path.endswith(".py")}
    ours = {path: length for path, length in lengths.items() if not path.startswith("generated_client/")}
    assert ours
    assert {} == {path: length for path, length in ours.items() if length > 400}


def test_files_name_no_registry() -> None:
    """No file contains the address of a package registry."""
    assert "constraints.txt" in texts()
    assert [] == [path for path, text in texts().items() if ADDRESSES.search(text)]


def test_files_name_no_path_of_a_machine() -> None:
    """No file contains an absolute path of the machine on which it was written."""
    assert texts()
    found = [(path, match[0]) for path, text in texts().items() for match in MACHINE_PATHS.finditer(text)]
    assert [] == found


def test_constraints_pin_every_dependency() -> None:
    """Each dependency of the client, of a group or of tox itself has one exact version."""
    lines = texts()["constraints.txt"].splitlines()
    pins = {line.partition("==")[0] for line in lines}
    assert [] == [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", line)]
    listed = [*project()["project"]["dependencies"], *project()["dependency-groups"].values()]
    flat = [one for entry in listed for one in (entry if isinstance(entry, list) else [entry])]
    names = {re.split(r"[<>=~!\[]", one)[0] for one in flat if isinstance(one, str)}
    assert {"tox", "tox-uv", "httpx2"} <= names
    assert set() == names - pins


def test_python_versions_agree() -> None:
    """Classifiers, requirement, ruff, mypy and CI have the same versions of Python."""
    prefix = "Programming Language :: Python :: "
    classifiers = [one.removeprefix(prefix) for one in project()["project"]["classifiers"] if prefix in one]
    oldest = classifiers[0]
    jobs = yaml.safe_load(workflows()[".github/workflows/ci.yml"])["jobs"]
    assert classifiers == jobs["tox"]["strategy"]["matrix"]["python"]
    assert f">={oldest}" == project()["project"]["requires-python"]
    assert f"py{oldest.replace('.', '')}" == project()["tool"]["ruff"]["target-version"]
    assert oldest == project()["tool"]["mypy"]["python_version"]
    single = {
        version for text in workflows().values() for version in re.findall(r'python-version: "(.+)"', text)
    }
    assert {oldest} == single


def test_readme_has_the_command_of_ci() -> None:
    """The script of CI runs the commands that the README shows."""
    commands = ("pip install -q -c constraints.txt tox tox-uv", "tox run")
    script = re.sub(r" --disable-pip-version-check|[\"]", "", texts()[".ci/run"])
    for command in commands:
        assert command in script
        assert command in texts()["README.md"]
