"""No run touches a record that it was not given, and no run shows a key."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from conformance.contract.document import REPOSITORY
from conformance.mock.server import Mock, Settings, serve
from conformance.selftest.runs import run
from conformance.selftest.scripted_server import Received, Reply, forward, listen
from conformance.selftest.waiting import LONGEST
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE


def holdings(mock: Mock) -> Mapping[tuple[str, str], tuple[str, int]]:
    """What the enrollments of a mock hold, and how often they were updated."""
    return {(one.customer_id, one.campaign_id): (one.status, one.updates) for one in mock.store}


def test_run_without_enrollments_names_no_record(tmp_path: Path) -> None:
    """No request of the whole suite names both ids of a record, and nothing in the store changes."""
    with serve(Settings(rate=None)) as mock:
        before = holdings(mock)
        outcome = run(tmp_path, "--target", mock.url, "--prefer")
        assert holdings(mock) == before
    assert outcome.status == 0, outcome.text
    assert len(mock.log) == outcome.report["requests"] > 500
    for customer, campaign in before:
        both = customer.lower().encode(), campaign.lower().encode()
        assert not [
            one
            for one in mock.log
            if all(id_ in one.body.lower() + one.path.lower().encode() for id_ in both)
        ]
    lacking = {
        rule["id"]: rule["reason"] for rule in outcome.report["rules"] if rule["result"] == "not applicable"
    }
    assert lacking["STATE-01"] == "give --enrollment"
    assert lacking["STATE-04"] == "give --enrollment twice"


@pytest.mark.parametrize("faults", [(), ("accepts_any_customer_id",)], ids=["conforming", "broken"])
def test_run_with_enrollments_changes_only_those(tmp_path: Path, faults: tuple[str, ...]) -> None:
    """With two enrollments given, these two are updated and no other ever is."""
    with serve(Settings(rate=None, faults=faults)) as mock:
        before = holdings(mock)
        given = list(before)[2:4]
        options = [word for pair in given for word in ("--enrollment", ":".join(pair))]
        outcome = run(tmp_path, "--target", mock.url, *options, "--max-requests", "320")
        after = holdings(mock)
    assert outcome.status == (1 if faults else 0), outcome.text
    assert {pair for pair in before if after[pair] != before[pair]} == set(given)


KEYS = {KEY_VARIABLE: "cc_Canary'\"<&>\\/+=%1", RESTRICTED_KEY_VARIABLE: "cc_Restricted~Canary|$(x)`2"}


def spellings(key: str) -> set[str]:
    """A key as a text could have it: as it is, escaped, quoted, or with a character missing at an end."""
    pieces = {key, key[:-1], key[1:], key[3:]}
    return {
        spelt.lower()
        for piece in pieces
        for spelt in (
            piece,
            repr(piece)[1:-1],
            piece.replace("\\", "\\\\").replace('"', '\\"'),
            quote(piece, safe=""),
            piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        )
    }


def assert_no_key(texts: Mapping[str, str]) -> None:
    """Check that neither key is in any of the texts."""
    for name, text in texts.items():
        for key in KEYS.values():
            assert not [spelt for spelt in spellings(key) if spelt in text.lower()], name


def run_noisily(directory: Path, *options: str, module: str = "conformance") -> tuple[int, dict[str, str]]:
    """Run the suite and let it say and write all that it can; its exit status, and every text."""
    words = [
        "-vv",
        "--tb=long",
        "--showlocals",
        "-rA",
        "--log-cli-level=DEBUG",
        "--hypothesis-verbosity=verbose",
    ]
    files = [
        f"--junitxml={directory}/junit.xml",
        f"--basetemp={directory}/temp",
        f"--log-file={directory}/log.txt",
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            module,
            "--report-dir",
            str(directory / "report"),
            *words,
            *files,
            *options,
        ],
        cwd=directory,
        env={**os.environ, **KEYS, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    written = {
        str(path): path.read_text("utf-8", "replace") for path in directory.rglob("*") if path.is_file()
    }
    assert {"junit.xml", "report.json", "log.txt"} <= {Path(name).name for name in written}
    return done.returncode, {"stdout": done.stdout, "stderr": done.stderr, **written}


@pytest.mark.parametrize(
    "faults", [(), ("ignores_the_key", "forgets_the_update")], ids=["conforming", "broken"]
)
def test_run_shows_no_key(tmp_path: Path, faults: tuple[str, ...]) -> None:
    """Neither key is in anything that a run prints or writes, at any verbosity."""
    settings = Settings(KEYS[KEY_VARIABLE], KEYS[RESTRICTED_KEY_VARIABLE], rate=None, faults=faults)
    with serve(settings) as mock:
        enrollment = ":".join(mock.settings.enrollments[0])
        status, texts = run_noisily(
            tmp_path,
            "--target",
            mock.url,
            "--enrollment",
            enrollment,
            "--max-requests",
            "170",
            "--rule",
            "AUTH",
            "--rule",
            "STATE",
            "--rule",
            "ID-01",
        )
    assert status == (1 if faults else 0), texts["stdout"]
    assert_no_key(texts)


@pytest.mark.slow
def test_run_of_workers_shows_no_key(tmp_path: Path) -> None:
    """Workers get the keys, and no more of them is printed or written than by one process."""
    settings = Settings(
        KEYS[KEY_VARIABLE], KEYS[RESTRICTED_KEY_VARIABLE], rate=None, faults=("ignores_the_key",)
    )
    with serve(settings) as mock:
        options = ["-n", "2", "--max-requests", "60", "--rule", "AUTH", "--debug", f"{tmp_path}/debug.txt"]
        status, texts = run_noisily(tmp_path, "--target", mock.url, *options)
    assert status == 1, texts["stdout"]
    assert_no_key(texts)


def test_run_shows_no_key_that_a_server_echoes(tmp_path: Path) -> None:
    """A key that a server repeats in its responses violates a rule, and is masked in the report."""
    with serve(
        Settings(rate=None, key=KEYS[KEY_VARIABLE], restricted_key=KEYS[RESTRICTED_KEY_VARIABLE])
    ) as mock:

        def respond(request: Received) -> Reply:
            status, media_type, content = forward(request, mock.url)
            key = request.headers.get("x-api-key", "").encode()
            return status, f"{media_type}; key={key.decode('ascii', 'ignore')}", content + b" " + key

        with listen(respond) as url:
            status, texts = run_noisily(tmp_path, "--target", url, "--max-requests", "60")
    assert status == 1, texts["stdout"]
    assert "[masked]" in texts["stdout"]
    assert "AUTH-09" in texts["stdout"]
    assert_no_key(texts)


def test_run_shows_no_key_in_an_error_of_its_own(tmp_path: Path) -> None:
    """A bug of a test is reported without its local variables, which are cut in the middle of a key."""
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "conftest.py").write_text(
        "from conformance.runner.fixtures import *\nfrom conformance.runner.plugin import *\n",
        encoding="utf-8",
    )
    (suite / "test_added.py").write_text(
        "import pytest\n"
        "@pytest.mark.rule('AUTH-08')\n"
        "def test_added_fails(session, cases):\n"
        "    key, short, headers = session.target.key, session.target.key[:-1], cases.update().headers\n"
        "    cut = 'x' * 110 + key + 'x' * 200\n"
        "    print(key)\n"
        "    assert not key, (key, short, headers)\n",
        encoding="utf-8",
    )
    with serve(Settings(rate=None, key=KEYS[KEY_VARIABLE])) as mock:
        options = [str(suite), f"--target={mock.url}", "--verbosity=0"]  # else pytest cuts nothing
        status, texts = run_noisily(tmp_path, *options, module="pytest")
    assert status == 3, texts["stdout"]
    assert "[masked]" in texts["stdout"]
    assert "Captured stdout call" in texts["stdout"]
    assert_no_key(texts)
    assert not [name for name, text in texts.items() if f"xxx{KEYS[KEY_VARIABLE][:3]}" in text]
