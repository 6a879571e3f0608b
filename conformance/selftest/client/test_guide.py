"""The guide to the client says what is so: its examples run, and print what it says."""

import logging
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from carecycle_client import Client

from conformance.contract.document import REPOSITORY
from conformance.mock.server import Settings, serve

GUIDE = (REPOSITORY / "generated_client" / "README.md").read_text(encoding="utf-8")
FENCED = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
SNIPPETS = [text for _, text in FENCED]
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
"""A kind of key that is made at once."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory with a certificate, and a rate limit whose minute is short; the logging stays as it was."""
    command = ["openssl", "req", "-x509", *EC, "-nodes", "-days", "1", "-subj", "/CN=ca"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "internal-ca.pem")]
    subprocess.run([*command, *files], check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Client, "_api", replace(Client._api, rate=(60, 0.3)))  # noqa: SLF001 - for 500 calls
    root, own = logging.getLogger(), logging.getLogger("carecycle_client")
    handlers, levels = root.handlers[:], (root.level, own.level)
    yield tmp_path
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])


def test_guide_has_nothing_but_python() -> None:
    """Every block of the guide is an example that the other test runs."""
    assert {"python"} == {language for language, _ in FENCED}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("snippet", SNIPPETS)
def test_guide_python_runs_as_written(snippet: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each example runs against the mock, word for word but for the port, and prints what it says."""
    expected = re.findall(r"# prints: (.+)$", snippet, re.MULTILINE)
    with serve(Settings(rate=None)) as mock:
        code = compile(snippet.replace("http://127.0.0.1:8765", mock.url), "README.md", "exec")
        exec(code, {"__name__": "guide"})  # noqa: S102 - the guide is ours
    printed = capsys.readouterr().out
    assert [] == [text for text in expected if text not in printed]
    assert expected
