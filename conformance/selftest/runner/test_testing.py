"""The suite inside another test suite: applications are served, and rules become tests."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from _pytest.outcomes import Skipped
from starlette.types import Receive, Scope, Send

from conformance import testing
from conformance.contract.document import REPOSITORY
from conformance.mock.app import App
from conformance.mock.server import DEFAULT_ENROLLMENTS, DEFAULT_KEY, DEFAULT_RESTRICTED_KEY, Settings, build
from conformance.selftest.waiting import LONGEST
from conformance.testing import RULES, CheckError, Conformance, check


def mock(*faults: str) -> App:
    """The mock as an ASGI application."""
    return App(build(Settings(rate=None, faults=faults)))


def run(app: testing.App) -> Conformance:
    """A small run against an application with the keys of the mock."""
    return check(
        app,
        key=DEFAULT_KEY,
        restricted_key=DEFAULT_RESTRICTED_KEY,
        enrollments=DEFAULT_ENROLLMENTS[:2],
        options=["--rule", "STATUS", "--profile", "quick"],
    )


def unavailable(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A WSGI application that knows no key."""
    body = json.dumps({"message": "No such key", "code": "UNAUTHORIZED"}).encode()
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
    start_response("401 Unauthorized", headers)
    return [body]


def test_testing_passes_the_rules_of_a_right_asgi_application() -> None:
    """A rule that responses kept is a test that passes."""
    found = run(mock())
    assert "pass" == found.rules["STATUS-02"]["result"]
    found.require("STATUS-02")


def test_testing_fails_the_rule_that_an_application_breaks() -> None:
    """A broken rule is a test that fails with what was expected and received."""
    found = run(mock("accepts_expired"))
    assert "does not conform" == found.verdict
    with pytest.raises(pytest.fail.Exception, match=r"(?s)STATUS-02.*expected.*received.*request"):
        found.require("STATUS-02")
    found.require("STATUS-01")


def test_testing_skips_what_a_run_leaves_undecided() -> None:
    """In a run with a verdict, a rule that was not decided is a test that is skipped with the reason."""
    found = check(mock(), key=DEFAULT_KEY, options=["--rule", "AUTH", "--profile", "quick"])
    assert "conforms" == found.verdict
    with pytest.raises(Skipped, match=r"AUTH-05 not applicable: \w"):
        found.require("AUTH-05")


def test_testing_fails_if_a_wsgi_application_leaves_the_run_undecided() -> None:
    """In a run without a verdict, a rule that was not decided is a test that fails with the reason."""
    found = run(unavailable)
    with pytest.raises(pytest.fail.Exception, match=r"the run is inconclusive: STATUS-02 inconclusive: \w"):
        found.require("STATUS-02")


def test_testing_knows_every_rule() -> None:
    """The rules to parametrize a test with are those of the contract."""
    assert {"STATUS-01", "AUTH-01"} <= set(RULES)


def test_testing_reports_a_usage_error_with_the_output() -> None:
    """Where the suite ends without a report, the error has what it printed."""
    with pytest.raises(CheckError, match=r"(?s)ended with 4 .*--target"):
        check("not an address", key="cc_x")


def test_testing_reports_an_application_that_does_not_start() -> None:
    """An application whose start fails is an error, not a hang."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert "lifespan" == scope["type"]
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(CheckError, match="did not start"), testing.serve(app):
        pytest.fail("it was served")


@pytest.mark.slow
def test_testing_works_as_the_guide_has_it(tmp_path: Path) -> None:
    """The example of the guide has a test for each rule, and the rules of the mock pass."""
    guide = (REPOSITORY / "conformance" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    text = example.replace("carecycle_conformance.", "conformance.").replace("cc_test", DEFAULT_KEY)
    (tmp_path / "test_server.py").write_text(text, encoding="utf-8")
    server = "from conformance.selftest.runner.test_testing import mock\n\napp = mock()\n"
    (tmp_path / "my_server.py").write_text(server, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_server.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    assert 0 == done.returncode, done.stdout
    summary = re.search(r"(\d+) passed, (\d+) skipped", done.stdout)
    assert summary, done.stdout
    passed, skipped = (int(number) for number in summary.groups())
    assert len(RULES) == passed + skipped
    assert passed > len(RULES) / 2
