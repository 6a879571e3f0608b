"""The policies of the workflows: permissions, pins, environments, and no loop."""

import fnmatch
import itertools
import re
from typing import Any

import pytest
import yaml

from conformance.selftest.repository.sources import texts, workflows

PINNED = re.compile(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
# The permissions of every job that needs more than read access.
PERMISSIONS = {
    ("regenerate", "commit"): {"contents": "write", "pull-requests": "write"},
    ("sandbox", "issue"): {"actions": "read", "contents": "read", "issues": "write"},
    ("release", "publish"): {"attestations": "write", "id-token": "write"},
    ("ci", "gate"): {},
}


def workflow(name: str) -> dict[Any, Any]:
    """A workflow. YAML reads the key `on` as true."""
    found: dict[Any, Any] = yaml.safe_load(workflows()[f".github/workflows/{name}.yml"])
    return found


def environments(job: dict[str, Any]) -> set[str]:
    """The tox environments that a job runs."""
    matrix = job.get("strategy", {}).get("matrix", {}).get("env", [])
    scripts = " ".join(step.get("run", "") for step in job["steps"])
    named = re.findall(r"\.ci/run -e (\S+)", scripts)
    return set(
        itertools.chain.from_iterable(matrix if name == '"$ENV"' else name.split(",") for name in named)
    )


@pytest.mark.parametrize("path", workflows())
def test_jobs_may_do_no_more_than_they_need(path: str) -> None:
    """A workflow has no permissions, each job has only those that it needs, and each job has a time limit."""
    found = yaml.safe_load(workflows()[path])
    assert {} == found["permissions"]
    name = path.rpartition("/")[2].removesuffix(".yml")
    for id_, job in found["jobs"].items():
        assert PERMISSIONS.get((name, id_), {"contents": "read"}) == job["permissions"]
        assert "timeout-minutes" in job


@pytest.mark.parametrize("path", workflows())
def test_actions_are_pinned(path: str) -> None:
    """An action is pinned to a commit, with its version in a comment."""
    used = re.findall(r"uses: (.+)", workflows()[path])
    assert used
    assert [] == [action for action in used if not PINNED.fullmatch(action)]


def test_actions_have_one_version() -> None:
    """Every workflow and the action of the repository use the same version of an action."""
    used = set(
        re.findall(r"uses: (\S+)@(\S+) # (\S+)", "\n".join([*workflows().values(), texts()["action.yml"]]))
    )
    assert len({name for name, _, _ in used}) == len(used)


@pytest.mark.parametrize("path", workflows())
def test_workflows_run_environments_of_tox(path: str) -> None:
    """A workflow runs only existing tox environments, which a developer can run too."""
    jobs = yaml.safe_load(workflows()[path])["jobs"].values()
    named = set().union(*(environments(job) for job in jobs))
    assert named
    assert set() == {name for name in named if f"[testenv:{name}]" not in texts()["tox.ini"]}


def test_ci_runs_every_proof() -> None:
    """CI runs every tox environment except those that only start a tool."""
    jobs = workflow("ci")["jobs"].values()
    every = set(re.findall(r"^\[testenv:([\w-]+)\]$", texts()["tox.ini"], re.MULTILINE))
    tools = {"mock", "regenerate", "release"}
    assert every - tools == set().union(*(environments(job) for job in jobs))


def test_gate_waits_for_every_job() -> None:
    """The gate of CI waits for every other job, and runs for every result of the jobs."""
    jobs = workflow("ci")["jobs"]
    assert jobs.keys() - {"gate"} == set(jobs["gate"]["needs"])
    assert jobs["gate"]["if"] == "always()"


def test_regeneration_never_loops() -> None:
    """Neither a commit of the client nor its branch starts a regeneration."""
    started = workflow("regenerate")[True]["push"]
    client = [path for path in texts() if path.startswith("generated_client/")]
    assert client
    assert [] == [path for path in client for glob in started["paths"] if fnmatch.fnmatch(path, glob)]
    assert "regenerate/client" in started["branches-ignore"]


def test_sandbox_runs_one_at_a_time_and_never_for_forks() -> None:
    """The sandbox has a protected environment, one run at a time, and no run in a fork."""
    found = workflow("sandbox")
    assert {"group": "sandbox", "cancel-in-progress": False} == found["concurrency"]
    assert {"schedule", "workflow_dispatch"} == found[True].keys()
    job = found["jobs"]["conformance"]
    assert job["environment"] == "sandbox"
    assert "github.event.repository.fork != true" in job["if"]


def test_publishing_needs_no_token() -> None:
    """The job that publishes uses no secret, has its own environment and runs no code of the repository."""
    job = workflow("release")["jobs"]["publish"]
    assert job["environment"] == "pypi"
    assert [] == [step for step in job["steps"] if "run" in step or "checkout" in step["uses"]]
    assert "secrets." not in texts()[".github/workflows/release.yml"]
