"""The action, the image and the compose file run the suite in other repositories."""

import json
import shutil
import subprocess
import sys
import venv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from conformance.contract.document import REPOSITORY
from conformance.mock.server import Settings, serve
from conformance.runner.options import OPTIONS
from conformance.selftest.repository.action_steps import ACTION, EXPRESSION, STEPS, run, runner

FLAGS = {flag for flag, _ in OPTIONS}


def test_action_tests_a_server_and_returns_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inputs become options of the suite, and the outputs have the verdict and the report."""
    with serve(Settings(rate=None)) as mock:
        monkeypatch.setenv("CARECYCLE_API_KEY", mock.settings.key)
        pairs = [":".join(pair) for pair in mock.settings.enrollments[:2]]
        status, outputs, printed = run(
            tmp_path,
            target=mock.url,
            enrollments="\n".join(pairs),
            rules="STATUS-02 STATUS-04",
            max_requests="60",
            strict="true",
            args="--profile quick --seed 3",
        )
    assert (0, "conforms") == (status, outputs["verdict"]), printed
    report = json.loads((tmp_path / outputs["report"]).read_text(encoding="utf-8"))
    assert {"STATUS-02", "STATUS-04"} == {rule["id"] for rule in report["rules"]}
    assert (True, 3) == (report["strict"], int(report["seed"]))


def test_action_fails_with_the_status_of_the_suite(tmp_path: Path) -> None:
    """A violated rule fails the step, and the step still sets its outputs."""
    status, outputs, _ = run(tmp_path, args="--rule STATUS-02 --profile quick --fault accepts_expired")
    assert (1, "does not conform") == (status, outputs["verdict"])


def test_action_accepts_what_a_baseline_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A baseline makes a broken rule a warning, and the summary of the job shows both."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    expires = datetime.now(UTC).date() + timedelta(days=2)
    baseline = tmp_path / "accepted.yaml"
    baseline.write_text(f"STATUS-02: {{reason: it is being mended, expires: {expires}}}\n", encoding="utf-8")
    options = "--rule STATUS-02 --profile quick --fault accepts_expired"
    status, outputs, printed = run(tmp_path, args=options, baseline=str(baseline))
    assert (0, "conforms") == (status, outputs["verdict"]), printed
    assert "::warning" in printed
    assert "STATUS-02" in summary.read_text(encoding="utf-8")


def test_action_caches_packages_and_uploads_the_report() -> None:
    """The cache is that of pip, and the report is uploaded whatever the verdict is."""
    used = {step["uses"].partition("@")[0]: step for step in ACTION["runs"]["steps"] if "uses" in step}
    cache, upload = used["actions/cache"]["with"], used["actions/upload-artifact"]
    assert STEPS["Install"]["env"]["PIP_CACHE_DIR"] == cache["path"]
    assert {"runner.os", "steps.python.outputs.python-version"} <= set(EXPRESSION.findall(cache["key"]))
    assert "always() && inputs.artifact != ''" == upload["if"]
    assert STEPS["Conformance"]["env"]["REPORT_DIR"] == upload["with"]["path"]


def test_action_has_the_documented_inputs_and_outputs() -> None:
    """Every input reaches a step, and every output is written by one."""
    used = set(EXPRESSION.findall(str(ACTION["runs"])))
    assert set() == {f"inputs.{name}" for name in ACTION["inputs"]} - used - {"inputs.artifact"}
    assert {"verdict", "report"} == ACTION["outputs"].keys()
    for name in ACTION["outputs"]:
        assert f'echo "{name}=' in STEPS["Conformance"]["run"]


def test_action_takes_inputs_as_data(tmp_path: Path) -> None:
    """An input with shell code is passed as an argument and is not executed."""
    status, outputs, printed = run(tmp_path, target=f'"; touch {tmp_path}/injected; echo $(id)')
    assert (4, {}) == (status, outputs), printed
    assert not (tmp_path / "injected").exists()
    assert all("${{" not in step["run"] for step in STEPS.values())


def test_action_installs_what_the_checkout_has(tmp_path: Path) -> None:
    """The step `Install` calls pip with the folder of the suite and the pins of this repository."""
    fake = tmp_path / "python"
    fake.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"; cp "$0" "$3/bin/pip"; echo "$@" >> "$LOG"\n', encoding="utf-8"
    )
    fake.chmod(0o755)
    log = tmp_path / "log"
    environment = runner(tmp_path) | {"PYTHON": str(fake), "LOG": str(log)}
    subprocess.run(["bash", "-c", STEPS["Install"]["run"]], env=environment, cwd=tmp_path, check=True)
    words = log.read_text(encoding="utf-8").split()
    assert str(REPOSITORY / "conformance") in words
    assert str(REPOSITORY / "constraints.txt") == words[words.index("--constraint") + 1]


def test_compose_file_has_only_known_options() -> None:
    """Each option in the compose file is an option of the suite or of the mock."""
    services = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    suite = {word for word in services["conformance"]["command"] if word.startswith("--")}
    assert suite
    assert set() == suite - FLAGS
    done = subprocess.run(
        [sys.executable, "-m", "conformance.mock", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(word in done.stdout for word in services["server"]["command"] if word.startswith("--"))


@pytest.mark.slow
def test_image_is_built_by_steps_that_work(tmp_path: Path) -> None:
    """Each COPY of the Dockerfile finds its files, and the installed package has both commands."""
    lines = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    for line in (line for line in lines if line.startswith("COPY ")):
        *sources, place = line.split()[1:]
        for source in sources:
            path = REPOSITORY / source
            if path.is_dir():
                ignored = shutil.ignore_patterns("selftest", "__pycache__")
                shutil.copytree(path, tmp_path / place, ignore=ignored)
            else:
                shutil.copy(path, tmp_path / place)
    (install_line,) = (line for line in lines if line.startswith("RUN python -m pip install"))
    assert install_line.endswith('-c constraints.txt "./conformance[workers,redis]"')
    venv.create(tmp_path / "venv", with_pip=True)
    pip = [str(tmp_path / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "-c", "constraints.txt", "./conformance"], cwd=tmp_path, check=True)
    commands = {path.name for path in (tmp_path / "venv" / "bin").iterdir()}
    assert {"carecycle-conformance", "carecycle-mock"} <= commands
