"""The commands in the README exist, and its Python code runs."""

import configparser
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from conformance.contract.document import REPOSITORY
from conformance.mock.server import DEFAULT_KEY, Settings, serve
from conformance.reporting.exit_status import ExitStatus
from conformance.runner.command import options
from conformance.selftest.runs import run

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line
    for language, text in BLOCKS
    if language == "sh"
    for line in text.replace("\\\n", "").splitlines()
    if line.strip()
]
SNIPPETS = [text for language, text in BLOCKS if language == "python"]
SECTIONS = [
    "Run it in 60 seconds",
    "Test your server",
    "Read a failure",
    "Use the client",
    "Use it in another repository",
    "Change the contract",
    "Where things live",
    "What this does not prove",
]


def tox_environments() -> set[str]:
    """The names of the tox environments."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(REPOSITORY / "tox.ini")
    return {name.removeprefix("testenv:") for name in settings.sections()}


def test_readme_has_its_sections_in_order() -> None:
    """The README has its sections in order, in at most 140 lines."""
    assert re.findall(r"^## (.+)$", README, re.MULTILINE) == SECTIONS
    assert len(README.splitlines()) <= 140


def test_readme_calls_the_project_unofficial() -> None:
    """The README says that the kit is unofficial and independent of the vendor."""
    assert "Unofficial" in README
    assert "independent of the vendor" in README


@pytest.mark.parametrize("folder", [REPOSITORY, REPOSITORY / "conformance"], ids=["client", "suite"])
def test_readme_of_a_distribution_needs_no_other_file(folder: Path) -> None:
    """The page of a distribution on PyPI has no link to a file of the repository, where PyPI has none."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (folder / project["readme"]).read_text(encoding="utf-8")
    assert [] == re.findall(r"\]\((?!https://|#)([^)]*)\)", text)
    assert "Unofficial" in text


def test_readme_names_environments_that_exist() -> None:
    """Every tox environment that the README names is in tox.ini."""
    named = set(",".join(re.findall(r"tox run -e ([\w,-]+)", README)).split(","))
    assert named
    assert set() == named - tox_environments()


@pytest.mark.parametrize("command", [line for line in COMMANDS if "-e conformance --" in line])
def test_readme_options_are_options_of_the_suite(command: str) -> None:
    """The options after `--` in a command of the README are options of the suite."""
    words = shlex.split(command, comments=True)
    _, unknown = options().parse_known_args(words[words.index("--") + 1 :])
    assert [] == unknown


def test_readme_setup_is_what_ci_runs() -> None:
    """The README and CI install the same packages."""
    setup = next(line for line in COMMANDS if "venv" in line)
    script = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
    for words in ("-c constraints.txt tox tox-uv", "-m venv"):
        assert words in setup
        assert words in script


def test_readme_failure_is_what_the_suite_prints(tmp_path: Path) -> None:
    """The command in the README prints the failure that the README shows below it."""
    shown = next(text for _, text in BLOCKS if text.startswith("STATUS-02"))
    command = next(line for line in COMMANDS if "--fault" in line)
    arguments = shlex.split(command.partition(" -- ")[2])
    outcome = run(tmp_path, *arguments, "--seed=1")
    assert outcome.status == 1, outcome.text
    for line in shown.splitlines():
        beginning = line.partition("…")[0].rstrip()
        assert beginning in outcome.text


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_readme_python_runs_as_written(snippet: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The Python examples run against the mock without a change, except the port."""
    with serve(Settings()) as mock:
        assert DEFAULT_KEY in snippet
        code = compile(snippet.replace("http://127.0.0.1:8765", mock.url), "README.md", "exec")
        exec(code, {})  # noqa: S102 - the README is ours
    assert "completed" in capsys.readouterr().out


def test_guides_have_the_exit_statuses() -> None:
    """The README and the table of the suite's guide name each exit status, and no other."""
    (sentence,) = re.findall(r"The exit status is .*?\n\n", README, re.DOTALL)
    sentence = sentence.replace("then exits with 1", "")  # tox
    assert [str(int(each)) for each in ExitStatus] == re.findall(r"\b\d\b", sentence)
    guide = (REPOSITORY / "conformance" / "README.md").read_text("utf-8")
    table = dict(re.findall(r"^\| (\d) \| (.*?) \|$", guide, re.MULTILINE))
    assert [str(int(each)) for each in ExitStatus] == list(table)
    assert all(each.words.lower() in table[str(int(each))] for each in ExitStatus)
