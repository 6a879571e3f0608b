"""The shell steps of the workflows, run as the runner of GitHub runs them."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from conformance.contract.document import REPOSITORY
from conformance.selftest.repository.sources import workflows
from conformance.selftest.waiting import LONGEST

EXPRESSION = re.compile(r"\$\{\{ *(.+?) *\}\}")
FAKE = '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done >> "{log}"\necho ===== >> "{log}"\n'
IDENTITY = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]


@dataclass
class Runner:
    """A runner of GitHub with a checkout. Its commands `.ci/run` and `gh` log their arguments."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the checkout and the commands."""
        for name in ("work/.ci", "bin"):
            (self.root / name).mkdir(parents=True)
        self.command("work/.ci/run", "tox")
        self.command("bin/gh", "gh")

    @property
    def work(self) -> Path:
        """The checkout."""
        return self.root / "work"

    def command(self, path: str, log: str, more: str = "") -> None:
        """Make a command that logs its arguments and then runs more shell code."""
        script = self.root / path
        script.write_text(FAKE.format(log=self.root / log) + more, encoding="utf-8")
        script.chmod(0o755)

    def calls(self, log: str) -> list[list[str]]:
        """The arguments of each logged call of a command."""
        path = self.root / log
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        return [call.splitlines() for call in text.split("=====\n") if call]

    def written(self, name: str) -> str:
        """The text that the steps wrote to a file of the runner, such as GITHUB_OUTPUT."""
        path = self.root / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def step(self, workflow: str, name: str, values: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Run a step with the values of its expressions. Returns the status and the printed text."""
        job, step = found(workflow, name)
        replaced = {"github.event_name": "push", **(values or {})}
        declared = {**job.get("env", {}), **step.get("env", {})}
        environment = {
            key: EXPRESSION.sub(lambda match: replaced[match[1]], str(text)) for key, text in declared.items()
        }
        assert not EXPRESSION.search(step["run"]), "a value must enter a script by the environment"
        script = self.root / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "-e", str(script)],
            cwd=self.work,
            env={**self.environment(), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        return done.returncode, done.stdout

    def environment(self) -> dict[str, str]:
        """The environment that the runner and the settings of git give to every step."""
        return {
            "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.root),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", ""),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GITHUB_OUTPUT": str(self.root / "output"),
            "GITHUB_STEP_SUMMARY": str(self.root / "summary"),
            **self.variables,
        }

    def git(self, *arguments: str) -> str:
        """Run git in the checkout."""
        command = ["git", *IDENTITY, *arguments]
        done = subprocess.run(
            command, cwd=self.work, env=self.environment(), capture_output=True, check=True, text=True
        )
        return done.stdout.strip()


def found(workflow: str, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A step and its job."""
    jobs = yaml.safe_load(workflows()[f".github/workflows/{workflow}.yml"])["jobs"].values()
    ((job, step),) = [(job, step) for job in jobs for step in job["steps"] if step.get("name") == name]
    return job, step
