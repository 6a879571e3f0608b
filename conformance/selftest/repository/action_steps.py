"""The shell steps of the action, run as the runner of GitHub runs them."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from conformance.contract.document import REPOSITORY

ACTION: Mapping[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"] if "run" in step}
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")


def runner(tmp_path: Path, **inputs: str) -> dict[str, str]:
    """The environment that the runner gives to the steps of the action."""
    values = {f"inputs.{name}": each.get("default", "") for name, each in ACTION["inputs"].items()}
    values |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
    values |= {
        "github.action_path": str(REPOSITORY),
        "runner.temp": str(tmp_path),
        "steps.python.outputs.python-path": sys.executable,
    }
    found: dict[str, str] = {}
    for step in STEPS.values():
        found |= {name: EXPRESSION.sub(lambda m: values[m[1]], text) for name, text in step["env"].items()}
    return {**os.environ, **found, "GITHUB_OUTPUT": str(tmp_path / "output")}


def install(tmp_path: Path) -> None:
    """Make the commands that the step `Install` makes. They run this checkout, without a download."""
    place = tmp_path / "carecycle-conformance" / "bin"
    place.mkdir(parents=True)
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated_client")])
    for name, module in (("carecycle-conformance", "-m conformance"), ("python", "")):
        script = f'#!/bin/sh\nPYTHONPATH="{paths}" exec "{sys.executable}" {module} "$@"\n'
        (place / name).write_text(script, encoding="utf-8")
        (place / name).chmod(0o755)


def run(tmp_path: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Run the step `Conformance` as the runner does. Returns the status, the outputs and the printed text."""
    install(tmp_path)
    script = tmp_path / "step.sh"
    script.write_text(STEPS["Conformance"]["run"], encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=tmp_path,
        env=runner(tmp_path, **inputs),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    output = tmp_path / "output"
    lines = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
    return done.returncode, dict(line.split("=", 1) for line in lines), done.stdout
