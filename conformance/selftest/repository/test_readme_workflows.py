"""The workflows of the README work, if they are run as the runner of GitHub runs them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from conformance.contract.document import REPOSITORY
from conformance.selftest.repository import action_steps
from conformance.selftest.scripted_server import refuse_connections
from conformance.selftest.waiting import LONGEST

pytestmark = pytest.mark.slow

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
JOBS = {name: job for block in BLOCKS for name, job in yaml.safe_load(block)["jobs"].items()}
PORTS = ("8000", "8765")
LINES = 12
"""The most lines that a workflow may have, so that the README may call it ten lines."""
TEST = """
import os
from uuid import uuid4

import pytest
from carecycle_client import CareCycle, NotFoundError

def test_integration_gets_not_found():
    with CareCycle(base_url=os.environ["MOCK"]) as carecycle, pytest.raises(NotFoundError):
        carecycle.customers.update_campaign_status(
            customer_id=uuid4(), campaign_id=uuid4(), status="completed"
        )
"""


@pytest.fixture
def port() -> str:
    """A free port."""
    with refuse_connections() as url:
        return str(urlsplit(url).port)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """The checkout of another repository. Processes that a step leaves running end with the test."""
    yield tmp_path
    for path in tmp_path.glob("*.pid"):
        os.kill(int(path.read_text(encoding="utf-8")), 15)


def program(path: Path, command: str) -> None:
    """Make a program that writes its process id to a file and then becomes a command of this checkout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    note = f'echo $$ > "{path.name}.pid"\n' if "mock" in command else ""
    script = f'#!/bin/sh\n{note}PYTHONPATH="{paths}" exec "{sys.executable}" {command} "$@"\n'
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


def run_step(step: Mapping[str, Any], job: Mapping[str, Any], checkout: Path, port: str) -> None:
    """Run a shell step of a job, at another port."""
    text = re.sub("|".join(PORTS), port, step["run"])
    script, log = checkout / "step.sh", checkout / "log.txt"
    script.write_text(text, encoding="utf-8")
    environment = {**os.environ, **job["env"], "MOCK": f"http://127.0.0.1:{port}"}
    with log.open("w", encoding="utf-8") as file:
        done = subprocess.run(
            ["bash", "-e", str(script)],
            cwd=checkout,
            env=environment,
            stdout=file,
            stderr=file,
            timeout=LONGEST,
            check=False,
        )
    assert 0 == done.returncode, log.read_text(encoding="utf-8")


def test_readme_workflows_are_short() -> None:
    """Each workflow of the README has about ten lines, and checks the other repository out first."""
    assert ["conformance", "integration"] == list(JOBS)
    assert [] == [block for block in BLOCKS if len(block.splitlines()) > LINES]
    assert all(job["steps"][0]["uses"].startswith("actions/checkout@") for job in JOBS.values())


def test_readme_workflow_tests_a_server(checkout: Path, port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workflow for an implementer starts a server and gets its verdict from the action."""
    job = JOBS["conformance"]
    program(checkout / "start-server", "-m conformance.mock --rate off")
    *steps, action = job["steps"][1:]
    for step in steps:
        run_step(step, job, checkout, port)
    assert "OWNER/REPOSITORY@TAG" == action["uses"]
    assert set() == action["with"].keys() - action_steps.ACTION["inputs"].keys()
    for name, value in job["env"].items():
        monkeypatch.setenv(name, value)
    inputs = {name.replace("-", "_"): value.replace("8000", port) for name, value in action["with"].items()}
    status, outputs, printed = action_steps.run(checkout, **inputs, rules="STATUS")
    assert (0, "conforms") == (status, outputs["verdict"]), printed
    assert json.loads((checkout / outputs["report"]).read_text(encoding="utf-8"))["requests"] <= 120


def test_readme_workflow_tests_an_integration(checkout: Path, port: str) -> None:
    """The workflow for an integrator installs both distributions, starts the mock and runs the tests."""
    job = JOBS["integration"]
    install, *steps = job["steps"][1:]
    kit = job["env"]["KIT"]
    assert kit.startswith("git+https://")
    assert '"$KIT" "$KIT#subdirectory=conformance"' in install["run"]
    assert (REPOSITORY / "conformance" / "pyproject.toml").is_file()
    for name, command in (("carecycle-mock", "-m conformance.mock --rate off"), ("pytest", "-m pytest")):
        program(checkout / ".venv" / "bin" / name, command)
    (checkout / "test_integration.py").write_text(TEST, encoding="utf-8")
    (checkout / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for step in steps:
        run_step(step, job, checkout, port)
    assert "1 passed" in (checkout / "log.txt").read_text(encoding="utf-8")
