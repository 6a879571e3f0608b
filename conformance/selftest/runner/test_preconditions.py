"""What a run cannot do without is missed before a request is spent, in words."""

from pathlib import Path

import pytest

from conformance.contract.document import DEFAULT_PATH, ContractError, load_to_run
from conformance.mock.server import Settings, serve
from conformance.runner.command import main

TEXT = DEFAULT_PATH.read_text(encoding="utf-8")
BROKEN = {
    "nothing-of-openapi": "a: 1\n",
    "dangling-reference": TEXT.replace(
        "schema:\n            $ref: '#/components/schemas/Camp",
        "schema:\n            $ref: '#/components/schemas/Lamp",
    ),
    "no-key-scheme": TEXT.replace("type: apiKey", "type: http"),
    "no-rate-limit": TEXT.replace("x-rate-limit:", "x-limit:"),
    "no-rule-text": TEXT.replace(
        "          text: A request without a key", "          words: A request without a key"
    ),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_contract_that_cannot_be_run_is_named(tmp_path: Path, text: str) -> None:
    """The message names the file and the command that finds the place."""
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    assert text != TEXT
    with pytest.raises(ContractError, match=r"contract\.yaml cannot be run .*scripts\.contract\.check"):
        load_to_run(path)
    with pytest.raises(ContractError), serve(Settings(contract_path=path)):
        pytest.fail("it was served")


def test_run_with_an_unusable_contract_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The suite stops with exit status 4 before anything is sent."""
    path = tmp_path / "contract.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    assert main(["--contract", str(path), "--report-dir", str(tmp_path)]) == 4
    assert "cannot be run" in capsys.readouterr().err


def test_run_whose_report_cannot_be_written_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where the directory of the report is to be stops the run with exit status 4."""
    path = tmp_path / "report"
    path.write_text("", encoding="utf-8")
    assert main(["--report-dir", str(path), "--rule", "AUTH-08"]) == 4
    assert "no report can be written there" in capsys.readouterr().err
