"""The guide to the client says what is so: its examples run."""

import re

import pytest

from conformance.contract.document import REPOSITORY
from conformance.mock.server import Settings, serve

GUIDE = (REPOSITORY / "generated_client" / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_guide_python_runs_as_written(snippet: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each example of the guide runs against the mock, word for word but for the port."""
    with serve(Settings()) as mock:
        code = compile(snippet.replace("http://127.0.0.1:8765", mock.url), "README.md", "exec")
        exec(code, {})  # noqa: S102 - the guide is ours
    assert "completed" in capsys.readouterr().out
