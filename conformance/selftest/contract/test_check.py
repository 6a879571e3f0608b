"""The check has a finding for each error that a contract can have, and no finding about our contract."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.contract.document import DEFAULT_PATH
from conformance.selftest.changed_contract import CONTRACT, REMOVED, brief, changed
from scripts.contract import facts
from scripts.contract.check import check, check_raw, main
from scripts.contract.findings import child, lookup

PATCH = facts.OPERATION
SCHEMAS = "/components/schemas"
RESPONSES = "/components/responses"
TYPICAL = "content/application~1json/examples/typical"

Write = Callable[[Any], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a contract, or the text of a contract, to a file."""

    def write(content: Any) -> Path:  # noqa: ANN401 - a text or a JSON value
        path = tmp_path / "contract.yaml"
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_contract_is_sound() -> None:
    """The check has no finding about our contract."""
    assert [] == check(DEFAULT_PATH)


def test_success_prints_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    """A sound contract prints its counts in one line and exits with 0."""
    assert main([]) == 0
    counts = (
        r"operations: \d+; schemas: \d+; examples: \d+; rules: \d+, of them \d+ MUST \(documented\), .*\n"
    )
    assert re.fullmatch(rf"openapi/carecycle\.yaml: sound; {counts}", capsys.readouterr().out)


def test_findings_are_printed_one_on_a_line(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A finding has the file, the pointer, the error and the way to fix it, and the exit status is 1."""
    path = write(changed(f"{PATCH}/operationId", "import"))
    assert main([str(path)]) == 1
    expected = (
        f"{path}#{PATCH}/operationId: 'import' is no good name for a Python module; "
        "write a verb and a noun in camelCase\n"
    )
    assert expected == capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("openapi: [3.1.0\ninfo: {}\n", "line 2"),
        ("openapi: 3.1.0\n---\nopenapi: 3.1.0\n", "line 2"),
        ("- openapi: 3.1.0\n", "is not a YAML mapping"),
        ("", "is not a YAML mapping"),
    ],
)
def test_invalid_yaml_names_the_line(
    write: Write, capsys: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    """A file that is not one YAML mapping ends the check with a message and the exit status 1."""
    assert main([str(write(content))]) == 1
    assert message in capsys.readouterr().out


def test_unreadable_files_end_in_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, a directory or a file that is not UTF-8 ends the check with a message and 1."""
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"openapi: \xff\xfe")
    for path in (tmp_path / "none.yaml", tmp_path, binary):
        assert main([str(path)]) == 1
        assert capsys.readouterr().out.startswith(f"{path}: cannot read the contract: ")


@pytest.mark.parametrize(
    ("old", "new", "pointer", "text"),
    [
        (
            "  title: ",
            "  title: Other\n  title: ",
            "/info/title",
            r"is given in line \d+ and again in line \d+",
        ),
        (
            "        STATUS-04:\n",
            "        STATUS-04: {known: read, text: It MUST.}\n        STATUS-04:\n",
            f"{SCHEMAS}/CampaignStatus/x-rules/STATUS-04",
            r"is given in line \d+ and again in line \d+",
        ),
        ("'429': ", "429: ", f"{PATCH}/responses", r"has a key in line \d+ that is not a string"),
        ("version: 0.1.0", "version: 2026-01-31", "/info/version", r"is not a JSON value \(timestamp\)"),
        ("license:\n", "license: &licence\n    <<: {}\n", "/info/license", r"merges with << in line \d+"),
        ("license:\n", "license: &it\n    x-it: *it\n", "/info/license/x-it", r"contains itself"),
    ],
)
def test_yaml_loses_nothing(write: Write, old: str, new: str, pointer: str, text: str) -> None:
    """The check finds what YAML would drop or change silently."""
    source = DEFAULT_PATH.read_text(encoding="utf-8")
    assert old in source
    findings = brief(check(write(source.replace(old, new, 1))))
    assert [pointer] == [found for found, _ in findings]
    assert re.fullmatch(text, findings[0][1])


@pytest.mark.parametrize(
    ("reference", "what"),
    [
        ("#/components/schemas/None", ", which does not exist"),
        ("#/tags/first", ", which does not exist"),
        ("other.yaml#/ErrorBody", " in another file"),
        ("https://example.org/schema", " in another file"),
    ],
)
def test_references_point_to_something_in_the_file(reference: str, what: str) -> None:
    """The check finds a reference to another file, or to nothing."""
    raw = changed(f"{SCHEMAS}/ErrorBody", {"$ref": reference})
    expected = [(f"{SCHEMAS}/ErrorBody/$ref", f"points to {reference}{what}")]
    assert expected == brief(check_raw(raw))


def test_references_in_a_circle_are_found() -> None:
    """The check finds each of two references that point to each other."""
    raw = changed(f"{SCHEMAS}/A", {"$ref": "#/components/schemas/B"})
    raw["components"]["schemas"]["B"] = {"$ref": "#/components/schemas/A"}
    expected = [f"{SCHEMAS}/A/$ref", f"{SCHEMAS}/B/$ref"]
    assert expected == [finding.pointer for finding in check_raw(raw)]


@pytest.mark.parametrize(
    ("change", "value", "pointer", "text"),
    [
        ("/openapi", "3.0.3", "/openapi", '"3.0.3" does not match "^3\\.1\\.\\d+(-.+)?$"'),
        (
            f"{RESPONSES}/NotFound/description",
            REMOVED,
            f"{RESPONSES}/NotFound",
            '"description" is a required property',
        ),
        (f"{SCHEMAS}/Uuid/pattern", "(", f"{SCHEMAS}/Uuid/pattern", "'(' is not a 'regex'"),
        (
            f"{SCHEMAS}/ErrorBody/required",
            "code",
            f"{SCHEMAS}/ErrorBody/required",
            "'code' is not of type 'array'",
        ),
        ("/paths/~1v2~1{id}", {"get": {"responses": {}}}, "/paths/~1v2~1{id}/get/responses", None),
    ],
)
def test_contract_is_valid_openapi(change: str, value: object, pointer: str, text: str | None) -> None:
    """The check finds what OpenAPI 3.1 or JSON Schema forbids, with its place in the contract."""
    found = brief(check_raw(changed(change, value)))[0]
    assert (pointer, text or found[1]) == found


def test_error_is_where_a_reference_leads() -> None:
    """An error in a schema has its own place, and not that of a reference to it that stands before it."""
    raw = changed(f"{SCHEMAS}/Uuid/type", "strin")
    raw["components"]["schemas"] = {"A": {"$ref": f"#{SCHEMAS}/Uuid"}, **raw["components"]["schemas"]}
    assert f"{SCHEMAS}/Uuid/type" in {finding.pointer for finding in check_raw(raw)}


def test_unplaced_errors_are_reported() -> None:
    """An error without a place in the validator is reported at the top of the contract."""
    raw = changed("/paths/~1again", {"patch": lookup(CONTRACT.raw, PATCH)})
    text = "Operation ID 'updateCustomerCampaignStatus' for 'patch' in '/again' is not unique"
    assert [("", text)] == brief(check_raw(raw))


@pytest.mark.parametrize(
    ("change", "value", "pointer", "text"),
    [
        (
            f"{PATCH}/requestBody/content/application~1json/examples/fail/value/status",
            "pending",
            f"{PATCH}/requestBody/content/application~1json/examples/fail/value/status",
            '"pending" is not one of "completed" or "failed"',
        ),
        (
            f"{RESPONSES}/Updated/{TYPICAL}/value/success",
            "yes",
            f"{RESPONSES}/Updated/{TYPICAL}/value/success",
            '"yes" is not of type "boolean"',
        ),
        (
            f"{RESPONSES}/Updated/{TYPICAL}/value/customerCampaignId",
            "36ca8d1d",
            f"{RESPONSES}/Updated/{TYPICAL}/value/customerCampaignId",
            '"36ca8d1d" is not a "uuid"',
        ),
        (
            f"{SCHEMAS}/ErrorBody/examples",
            [{}],
            f"{SCHEMAS}/ErrorBody/examples/0",
            '"message" is a required property',
        ),
    ],
)
def test_examples_are_valid(change: str, value: object, pointer: str, text: str) -> None:
    """The check finds an example that its schema rejects, with the value that is wrong."""
    assert (pointer, text) in brief(check_raw(changed(change, value)))


def test_single_examples_are_checked() -> None:
    """An example without a name is checked like a named example."""
    media = {"schema": {"type": "string"}, "example": 1}
    raw = changed(f"{RESPONSES}/Extra", {"description": "x", "content": {"application/json": media}})
    pointer = f"{RESPONSES}/Extra/content/application~1json/example"
    assert [(pointer, '1 is not of type "string"')] == brief(check_raw(raw))


def test_uncheckable_examples_are_found() -> None:
    """The check finds a pattern that is not an ECMA 262 regular expression."""
    pattern = f"{SCHEMAS}/Uuid/pattern"
    found = brief(check_raw(changed(pattern, r"^(?P<a>a)(?P=a)\Z$")))
    assert "cannot be checked" in found[0][1]


def test_pointers_are_escaped() -> None:
    """A key with a slash or a tilde stays one token of its pointer."""
    raw = {"a/b": {"c~d": [1]}}
    pointer = child("", "a/b", "c~d", 0)
    assert pointer == "/a~1b/c~0d/0"
    assert lookup(raw, pointer) == 1


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("/servers/0/url", "https://api.example.org"),
        (f"{SCHEMAS}/CampaignStatus/enum", [*facts.STATUSES, "paused"]),
        (f"{PATCH}/responses/409", {"description": "x"}),
        (f"{PATCH}/responses/429", REMOVED),
        (f"{SCHEMAS}/Uuid/pattern", REMOVED),
        ("/paths", {}),
    ],
)
def test_documented_facts_name_the_file_to_edit(change: str, value: object) -> None:
    """A finding about a documented fact has the name of the file with the facts."""
    findings = check_raw(changed(change, value))
    assert findings
    for finding in findings:
        assert finding.text.endswith(", or edit scripts/contract/facts.py if the vendor's reference changed")
