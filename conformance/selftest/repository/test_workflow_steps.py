"""Each shell step of the workflows works, if it is run as the runner runs it."""

import json
import re
from pathlib import Path

import pytest
import yaml

from conformance import compare
from conformance.reporting.ledger import Result
from conformance.selftest.repository.sources import texts, workflows
from conformance.selftest.repository.workflow_runner import Runner, found
from scripts.repository import worse_verdicts

NAME = "carecycle-conformance"
BEFORE, AFTER = "generated_client/a.py", "generated_client/b.py"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner of GitHub."""
    return Runner(tmp_path)


def test_every_shell_step_is_run_here() -> None:
    """Each shell step of a workflow has a name, and a test of this module runs it."""
    steps = [
        (path.rpartition("/")[2].removesuffix(".yml"), step["name"])
        for path, text in workflows().items()
        for job in yaml.safe_load(text)["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    own = texts()["conformance/selftest/repository/test_workflow_steps.py"]
    assert len(set(steps)) == len(steps)
    assert sorted(steps) == sorted(set(re.findall(r'step\("([\w-]+)", "([^"]+)"', own)))


@pytest.mark.parametrize("status", [0, 1])
def test_ci_runs_the_environment_of_its_matrix(runner: Runner, status: int) -> None:
    """A job of CI runs its tox environment and ends with its status."""
    runner.command("work/.ci/run", "tox", f"exit {status}\n")
    assert status == runner.step("ci", "Check", {"matrix.env": "lint"})[0]
    assert status == runner.step("ci", "Test", {"matrix.env": "selftest"})[0]
    assert status == runner.step("ci", "Prove", {"matrix.env": "faults"})[0]
    assert [["-e", "lint"], ["-e", "selftest"], ["-e", "faults"]] == runner.calls("tox")


def test_ci_builds_and_runs_the_image(runner: Runner) -> None:
    """CI builds the image, lets it test its own mock, and runs the compose example as the file says."""
    runner.command("bin/docker", "docker")
    assert runner.step("ci", "Build the image")[0] == 0
    assert runner.step("ci", "Run the image")[0] == 0
    assert runner.step("ci", "Run the compose example")[0] == 0
    assert 0o777 == (runner.work / "conformance-report").stat().st_mode & 0o777
    build, once, compose = (" ".join(call) for call in runner.calls("docker"))
    assert (build, once) == (f"build --tag {NAME} .", f"run --rm {NAME} --profile quick")
    steps = " && ".join(found("ci", "Run the compose example")[1]["run"].splitlines())
    assert f"#   {steps}\n" in texts()["compose.yaml"]
    assert f"docker {compose}" in steps


def test_ci_compares_a_pull_request_with_its_base(runner: Runner) -> None:
    """The commits and the contract of a pull request are compared with its base."""
    values = {"github.event.pull_request.base.sha": "abc", "github.event.pull_request.head.sha": "def"}
    assert runner.step("ci", "Commit messages", values)[0] == 0
    assert runner.step("ci", "Changes of the contract", values)[0] == 0
    summary = str(runner.root / "summary")
    assert [
        ["-e", "commits", "--", "abc..def"],
        ["-e", "diff", "--", "abc", "openapi/carecycle.yaml", "--markdown", summary],
    ] == runner.calls("tox")


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ("success success skipped", 0),
        ("success failure skipped", 1),
        ("cancelled", 1),
        ("failure", 1),
    ],
)
def test_ci_has_one_gate(runner: Runner, results: str, status: int) -> None:
    """The gate passes if every job passed or was skipped."""
    assert status == runner.step("ci", "Every job passed", {"join(needs.*.result, ' ')": results})[0]


@pytest.fixture
def branch(runner: Runner) -> Runner:
    """A runner with a checkout of the branch `feature`, from a repository on the same machine."""
    origin = runner.root / "origin.git"
    runner.git("init", "-q", "--bare", "-b", "main", str(origin))
    runner.git("init", "-q", "-b", "feature")
    (runner.work / "generated_client").mkdir()
    (runner.work / BEFORE).write_text("a = 1\n", encoding="utf-8")
    runner.git("add", ".")
    runner.git("commit", "-q", "-m", "First")
    runner.git("remote", "add", "origin", str(origin))
    runner.git("push", "-q", "origin", "HEAD:refs/heads/feature", "HEAD:refs/heads/main")
    runner.variables["GITHUB_REF_NAME"] = "feature"
    return runner


def regenerated(runner: Runner) -> None:
    """Make the patch as the first job does, and the fresh checkout of the second job."""
    runner.command("work/.ci/run", "tox", f"echo 'a = 2' > {BEFORE}; echo 'b = 1' > {AFTER}\n")
    assert runner.step("regenerate", "Generate")[0] == 0
    assert [["-e", "regenerate"]] == runner.calls("tox")
    assert runner.step("regenerate", "Difference")[0] == 0
    assert runner.written("output") == "changed=true\n"
    assert "generated_client/a.py" in runner.written("summary")
    (runner.work / "client.patch").rename(runner.root / "client.patch")
    runner.git("checkout", "-q", "--force", "HEAD", "--", ".")
    runner.git("reset", "-q", "--hard")
    (runner.work / AFTER).unlink(missing_ok=True)
    assert runner.step("regenerate", "Commit", {"runner.temp": str(runner.root)})[0] == 0


PUSH = {
    "secrets.REGENERATE_TOKEN || github.token": "token",
    "github.event.repository.default_branch": "main",
}


def test_regeneration_without_a_difference_commits_nothing(branch: Runner) -> None:
    """If the generated client has not changed, there is no output and no patch."""
    assert branch.step("regenerate", "Difference")[0] == 0
    assert branch.written("output") == ""


@pytest.mark.parametrize("configured", [True, False])
def test_regeneration_commits_to_the_branch(branch: Runner, *, configured: bool) -> None:
    """The branch gets one commit with the new client. Without the secret, a notice says that no CI runs."""
    regenerated(branch)
    is_set = str(configured).lower()
    status, output = branch.step("regenerate", "Push", {**PUSH, "secrets.REGENERATE_TOKEN != ''": is_set})
    assert status == 0, output
    assert (not configured) == ("::notice::CI does not run on this commit" in output)
    branch.git("fetch", "-q", "origin")
    assert branch.git("diff", "--name-only", "origin/main", "origin/feature").splitlines() == [BEFORE, AFTER]
    assert branch.git("log", "-1", "--format=%s|%an", "origin/feature") == (
        "Regenerate the client|github-actions[bot]"
    )
    assert [["auth", "setup-git"]] == branch.calls("gh")


@pytest.mark.parametrize("open_requests", [0, 1])
def test_regeneration_of_main_is_a_pull_request(branch: Runner, open_requests: int) -> None:
    """On the default branch, the client becomes one pull request, which a later run updates."""
    branch.command("bin/gh", "gh", f'if [ "$2" = list ]; then echo {open_requests}; fi\n')
    branch.variables["GITHUB_REF_NAME"] = "main"
    regenerated(branch)
    status, output = branch.step("regenerate", "Push", {**PUSH, "secrets.REGENERATE_TOKEN != ''": "true"})
    assert status == 0, output
    branch.git("fetch", "-q", "origin")
    assert branch.git("log", "-1", "--format=%s", "origin/main") == "First"
    assert branch.git("log", "-1", "--format=%s", "origin/regenerate/client") == "Regenerate the client"
    created = [call for call in branch.calls("gh") if call[:2] == ["pr", "create"]]
    assert len(created) == 1 - open_requests


def test_branches_that_moved_are_not_overwritten(branch: Runner) -> None:
    """The push fails if the branch got another commit meanwhile."""
    regenerated(branch)
    first = branch.git("rev-parse", "HEAD~1")
    other = branch.git("commit-tree", "-p", first, "-m", "Other", f"{first}^{{tree}}")
    branch.git("push", "-q", "origin", f"{other}:refs/heads/feature")
    status, _ = branch.step("regenerate", "Push", {**PUSH, "secrets.REGENERATE_TOKEN != ''": "true"})
    assert status != 0
    assert other in branch.git("ls-remote", "origin", "feature")


def test_published_document_is_compared(runner: Runner) -> None:
    """The vendor's document is compared by our operations. Every difference except prose fails."""
    address = "https://example.org/openapi.json"
    assert runner.step("regenerate", "Compare", {"vars.CARECYCLE_PUBLISHED_CONTRACT": address})[0] == 0
    (call,) = runner.calls("tox")
    assert call[:6] == ["-e", "diff", "--", "openapi/carecycle.yaml", address, "--only-ours"]
    assert call[6:] == ["--fail-on", "compatible", "--markdown", str(runner.root / "summary")]


@pytest.mark.parametrize("enrollment", ["", "a b:$(touch broken)"])
def test_sandbox_passes_settings_as_data(runner: Runner, enrollment: str) -> None:
    """The settings of the sandbox reach the suite unchanged. An empty enrollment is left out."""
    values = {
        "secrets.CARECYCLE_API_KEY": "cc_a",
        "secrets.CARECYCLE_RESTRICTED_API_KEY": "",
        "vars.CARECYCLE_SANDBOX_URL": "https://sandbox.example.org",
        "vars.CARECYCLE_SANDBOX_ENROLLMENT": enrollment,
        "inputs.max-requests || '300'": "20",
    }
    assert runner.step("sandbox", "Conformance", values)[0] == 0
    (call,) = runner.calls("tox")
    assert call[:3] == ["-e", "conformance", "--"]
    assert call[3:7] == ["--target", "https://sandbox.example.org", "--max-requests", "20"]
    assert call[7:9] == ["--report-dir", "conformance-report"]
    assert call[9:] == (["--enrollment", enrollment] if enrollment else [])
    assert not (runner.work / "broken").exists()


SANDBOX = {
    "github.token": "token",
    "github.server_url": "https://github.example.org",
    "github.repository": "owner/kit",
    "github.run_id": "7",
}


def report(path: Path, **results: str) -> None:
    """Write a report of the suite with the verdict of each rule."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rules = [{"id": id_.replace("_", "-"), "result": result} for id_, result in results.items()]
    path.write_text(json.dumps({"rules": rules}), encoding="utf-8")


def test_sandbox_takes_the_newest_report(runner: Runner) -> None:
    """The earlier report comes from the newest run that has a report."""
    runner.variables |= {"GITHUB_RUN_ID": "7", "GITHUB_REF_NAME": "main"}
    script = 'if [ "$2" = list ]; then printf "6\\n5\\n4\\n"; fi\nif [ "$3" = 6 ]; then exit 1; fi\n'
    runner.command("bin/gh", "gh", script)
    assert runner.step("sandbox", "Reports", SANDBOX)[0] == 0
    downloads = [(call[2], call[-1]) for call in runner.calls("gh") if call[1] == "download"]
    assert [("7", "after"), ("6", "before"), ("5", "before")] == downloads


@pytest.mark.parametrize(
    ("before", "after", "table"),
    [
        ({"A_01": "pass"}, {"A_01": "pass"}, None),
        ({"A_01": "fail"}, {"A_01": "fail"}, None),
        ({"A_01": "fail"}, {"A_01": "pass", "A_02": "inconclusive"}, None),
        ({"A_01": "fail"}, {"A_01": "error"}, None),
        ({"A_01": "pass"}, {"A_01": "inconclusive"}, "| A-01 | pass | inconclusive |"),
        ({"A_01": "error"}, {"A_01": "fail"}, "| A-01 | error | fail |"),
        (None, {"A_01": "fail", "A_02": "pass"}, "| A-01 | not reported | fail |"),
        ({"A_01": "pass"}, None, "The run ended without a report."),
    ],
)
@pytest.mark.parametrize("number", ["", "12"])
def test_sandbox_has_one_issue_for_worse_verdicts(
    runner: Runner,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
    table: str | None,
    number: str,
) -> None:
    """A worse verdict opens an issue, or adds a comment to the open issue."""
    for name, results in (("before", before), ("after", after)):
        if results is not None:
            report(runner.work / name / "report.json", **results)
    runner.command("bin/gh", "gh", f'if [ "$2" = list ]; then echo "{number}"; fi\n')
    status, output = runner.step("sandbox", "Issue", SANDBOX)
    assert status == 0, output
    calls = [call[:2] for call in runner.calls("gh")]
    if table is None:
        assert [] == calls
        return
    last = ["issue", "comment" if number else "create"]
    assert [["label", "create"], ["issue", "list"], last] == calls
    text = (runner.work / "worse.md").read_text(encoding="utf-8")
    assert table in text.splitlines()
    assert text.endswith("\nhttps://github.example.org/owner/kit/actions/runs/7\n")


def test_verdicts_have_an_order() -> None:
    """Every verdict of the suite has a rank, the same as in a comparison of two reports."""
    assert set(Result) == set(worse_verdicts.RANKS)
    assert [verdict for verdict in reversed(compare.ORDER) if verdict != "warning"] == [*worse_verdicts.RANKS]


def test_missing_reports_are_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing later report is a usage error with the reason."""
    with pytest.raises(SystemExit) as stopped:
        worse_verdicts.main([str(tmp_path / "before"), str(tmp_path / "after")])
    assert stopped.value.code == 2
    assert "the run wrote no report" in capsys.readouterr().err


def test_verdicts_that_got_worse_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rules with a worse verdict are printed as a table. Without such rules, nothing is printed."""
    report(tmp_path / "before.json", A_01="pass")
    report(tmp_path / "after.json", A_01="fail")
    paths = [str(tmp_path / "before.json"), str(tmp_path / "after.json")]
    assert worse_verdicts.main(paths) == 0
    assert capsys.readouterr().out == "| rule | before | now |\n|---|---|---|\n| A-01 | pass | fail |\n"
    assert worse_verdicts.main(paths[:1] * 2) == 0
    assert capsys.readouterr().out == ""


def test_release_checks_its_tag_before_it_builds(runner: Runner) -> None:
    """A release checks its tag, runs all checks, and builds the distributions."""
    runner.variables["GITHUB_REF_NAME"] = "v0.1.0"
    assert runner.step("release", "Tag")[0] == 0
    assert runner.step("release", "Check")[0] == 0
    assert runner.step("release", "Build")[0] == 0
    assert [
        ["-e", "release", "--", "v0.1.0"],
        ["-e", "lint,types,contract,drift,selftest,proofs,conformance"],
        ["-e", "package"],
    ] == runner.calls("tox")
