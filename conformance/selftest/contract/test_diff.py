"""Changes of a contract are told apart by what they do to clients."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.contract.document import DEFAULT_PATH, Contract
from conformance.selftest.mutation import CONTRACT, REMOVED, changed
from scripts.contract import facts
from scripts.contract.diff import diff, main, table
from scripts.contract.schema_diff import Change, Effect, Pair, diff_schema, flat

PATCH = facts.OPERATION
SCHEMAS = "/components/schemas"
ID = "updateCustomerCampaignStatus"
KEY = "/components/securitySchemes/apiKey"
RULE = "/x-rules/HTTP-05"
REFUSED = sorted(set(facts.STATUSES) - set(facts.ACCEPTED_STATUSES))


def schema_changes(
    before: dict[str, Any], after: dict[str, Any], *, sent: bool
) -> list[tuple[Effect, str, str]]:
    """The changes between two schemas."""
    pair = Pair(Contract({"components": {}}), Contract({"components": {}}), "body", sent)
    return [(change.effect, change.place, change.text) for change in diff_schema(pair, before, after)]


def test_equal_contracts_do_not_differ(capsys: pytest.CaptureFixture[str]) -> None:
    """A contract and itself differ in nothing, and the exit status is 0."""
    assert main([str(DEFAULT_PATH), str(DEFAULT_PATH)]) == 0
    assert capsys.readouterr().out == "Nothing that a client can see has changed.\n"


@pytest.mark.parametrize(
    "pointer", [f"{PATCH}/summary", f"{SCHEMAS}/Uuid/description", f"{SCHEMAS}/Uuid/examples"]
)
def test_prose_is_no_change(pointer: str) -> None:
    """Summaries, descriptions and examples change nothing for a client."""
    assert [] == diff(CONTRACT, Contract(changed(pointer, REMOVED)))


@pytest.mark.parametrize(
    ("pointer", "value", "expected"),
    [
        (
            "/servers/0/url",
            "https://api.example.org",
            ("breaking", "server", "https://api.carecycle.ai became https://api.example.org"),
        ),
        (f"{KEY}/name", "x-key", ("breaking", "key header", "x-api-key became x-key")),
        (f"{KEY}/x-key-prefix", "key_", ("breaking", "key prefix", "cc_ became key_")),
        ("/x-rate-limit/requests", 30, ("warning", "rate limit", "60 in 60 s became 30 in 60 s")),
        (f"{PATCH}/security", [], ("compatible", f"{ID} request", "the key is no longer required")),
        (
            f"{PATCH}/requestBody/required",
            False,
            ("compatible", f"{ID} request", "the body is no longer required"),
        ),
        (f"{PATCH}/requestBody/content", {}, ("breaking", f"{ID} request", "the body was removed")),
        (f"{PATCH}/responses/429", REMOVED, ("breaking", f"{ID} 429", "the response was removed")),
        ("/components/responses/Updated/content", {}, ("breaking", f"{ID} 200", "the body was removed")),
        (RULE, REMOVED, ("warning", "HTTP-05", "the rule was removed")),
        (f"{RULE}/text", "It MUST.", ("compatible", "HTTP-05", "SHOULD became MUST")),
        (f"{RULE}/text", "It SHOULD.", ("warning", "HTTP-05", "the rule now says: It SHOULD.")),
        (
            "/components/responses/Updated/content/application~1json/schema/$ref",
            "#/components/schemas/ErrorBody",
            ("breaking", f"{ID} 200/customerCampaignId", "the property was removed"),
        ),
        (
            f"{SCHEMAS}/CampaignStatusUpdated/properties/previousStatus",
            {"type": "integer"},
            ("breaking", f"{ID} 200/previousStatus", "the type now allows integer"),
        ),
        (
            f"{SCHEMAS}/CampaignStatusUpdated/required",
            ["success"],
            ("breaking", f"{ID} 200/customerCampaignId", "became optional"),
        ),
        (
            f"{SCHEMAS}/TerminalCampaignStatus/enum",
            ["completed"],
            ("breaking", f"{ID} request/status", "the enum no longer allows failed"),
        ),
        (
            f"{SCHEMAS}/CampaignStatusUpdate/allOf/1",
            {},
            (
                "compatible",
                f"{ID} request/status",
                f"the enum now allows {', '.join(REFUSED)}",
            ),
        ),
        (
            f"{SCHEMAS}/CampaignStatusForm/required",
            ["customerId", "campaignId", "status", "reason"],
            ("breaking", f"{ID} request/reason", "became required"),
        ),
        (
            f"{SCHEMAS}/CampaignStatusForm/properties/note",
            {"type": "string"},
            ("compatible", f"{ID} request/note", "the property was added"),
        ),
        (
            f"{SCHEMAS}/Uuid/pattern",
            REMOVED,
            ("compatible", f"{ID} request/campaignId", None),
        ),
        (
            f"{SCHEMAS}/ValidationIssue/properties/path/items/type",
            "integer",
            ("breaking", f"{ID} 422/errors/*/path/*", "the type now allows integer"),
        ),
    ],
)
def test_changes_have_an_effect(pointer: str, value: object, expected: tuple[str, str, str | None]) -> None:
    """Each kind of change is found at its place, with what it does to clients."""
    found = [(one.effect, one.place, one.text) for one in diff(CONTRACT, Contract(changed(pointer, value)))]
    assert expected in [*found, *((effect, place, None) for effect, place, _ in found)]


@pytest.mark.parametrize(
    ("pointer", "value", "expected"),
    [
        (f"{PATCH}/responses/429", REMOVED, ("warning", f"{ID} 429", "the response was added")),
        (f"{PATCH}/security", [], ("breaking", f"{ID} request", "the key is now required")),
        (f"{PATCH}/requestBody/required", False, ("breaking", f"{ID} request", "the body is now required")),
        (f"{PATCH}/requestBody/content", {}, ("warning", f"{ID} request", "the body was added")),
        (RULE, {"known": "read", "text": "It MUST."}, ("warning", "HTTP-05", "MUST became SHOULD")),
        (
            RULE,
            REMOVED,
            (
                "compatible",
                "HTTP-05",
                f"the rule was added: {CONTRACT.rules['HTTP-05'].text}",
            ),
        ),
        (
            f"{SCHEMAS}/CampaignStatusUpdated/required",
            ["success"],
            ("compatible", f"{ID} 200/newStatus", "became required"),
        ),
    ],
)
def test_reversed_changes_have_an_effect(pointer: str, value: object, expected: tuple[str, str, str]) -> None:
    """What a contract gains is told from what it loses."""
    changes = diff(Contract(changed(pointer, value)), CONTRACT)
    assert Change(*expected) in changes  # type: ignore[arg-type]  # the effects of the table are plain strings


def test_moved_operations_break_clients() -> None:
    """Another method or path of an operation breaks clients, another operation does not."""
    operation = CONTRACT.raw["paths"][facts.PATH]["patch"]
    moved = Contract({**CONTRACT.raw, "paths": {"/v3/status": {"put": operation}}})
    expected: list[Change] = [
        Change("breaking", ID, "the method PATCH became PUT"),
        Change("breaking", ID, f"the path {facts.PATH} became /v3/status"),
    ]
    assert expected == diff(CONTRACT, moved)


def test_operations_are_added_and_removed() -> None:
    """An operation that is gone breaks clients, and one that comes does not."""
    empty = Contract({**CONTRACT.raw, "paths": {}})
    gone = [change for change in diff(CONTRACT, empty) if change.place == ID]
    come = [change for change in diff(empty, CONTRACT) if change.place == ID]
    assert gone == [Change("breaking", ID, "the operation was removed")]
    assert come == [Change("compatible", ID, "the operation was added")]


@pytest.mark.parametrize(
    ("before", "after", "sent", "read"),
    [
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, "compatible", "warning"),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "breaking", "compatible"),
        ({"const": "a"}, {}, "compatible", "warning"),
        ({}, {"const": "a"}, "breaking", "compatible"),
        ({"type": "string"}, {"type": ["string", "null"]}, "compatible", "breaking"),
        ({"type": ["string", "null"]}, {"type": "string"}, "breaking", "compatible"),
        ({"type": "string"}, {}, "compatible", "breaking"),
        ({}, {"type": "string"}, "breaking", "compatible"),
        ({"maxLength": 1}, {"maxLength": 2}, "breaking", "warning"),
        ({"maxLength": 1}, {}, "compatible", "warning"),
        ({}, {"maxLength": 1}, "breaking", "compatible"),
        ({"oneOf": [{}, {"enum": ["a"]}]}, {"oneOf": [{}, {"enum": ["a", "b"]}]}, "compatible", "warning"),
        ({"anyOf": [{}]}, {"anyOf": [{}, {}]}, "breaking", "warning"),
    ],
)
def test_directions_decide(before: dict[str, Any], after: dict[str, Any], sent: str, read: str) -> None:
    """The same change is judged by whether clients send the value or read it."""
    assert [sent] == [effect for effect, _, _ in schema_changes(before, after, sent=True)]
    assert [read] == [effect for effect, _, _ in schema_changes(before, after, sent=False)]


def test_parts_are_folded() -> None:
    """A schema in parts allows what all its parts allow."""
    parts = {
        "description": "In two parts.",
        "allOf": [
            {"required": ["a"], "properties": {"a": {"enum": [1, 2]}}, "minProperties": 1},
            {"required": ["b"], "properties": {"a": {"enum": [2, 3]}, "b": {}}, "minProperties": 1},
        ],
    }
    expected = {
        "required": ["a", "b"],
        "properties": {"a": {"allOf": [{"enum": [1, 2]}, {"enum": [2, 3]}]}, "b": {}},
        "minProperties": 1,
    }
    folded = flat(CONTRACT, parts)
    assert expected == folded
    assert {"enum": [2]} == flat(CONTRACT, folded["properties"]["a"])


def test_recursive_schemas_end() -> None:
    """A schema that holds itself is compared once."""
    itself = {"$ref": "#/components/schemas/A"}

    def recursive(kind: object) -> Contract:
        return Contract({"components": {"schemas": {"A": {"type": kind, "properties": {"a": itself}}}}})

    pair = Pair(recursive("object"), recursive(["object", "null"]), "A", sent=False)
    expected = [Change("breaking", "A", "the type now allows null")]
    assert expected == list(diff_schema(pair, itself, itself))


def test_bodies_may_be_absent() -> None:
    """An operation without bodies differs from itself in nothing."""
    ping = {"get": {"operationId": "ping", "responses": {"204": {"description": "Here."}}}}
    contract = Contract({**CONTRACT.raw, "paths": {"/ping": ping}})
    assert [] == diff(contract, contract)


def test_worst_changes_come_first() -> None:
    """The table is ordered by effect and ends with the counts."""
    raw = changed(f"{SCHEMAS}/ErrorBody/properties/hint", {"type": "string"})
    del raw["x-rules"]["HTTP-05"]
    raw["components"]["securitySchemes"]["apiKey"]["name"] = "x-key"
    lines = table(diff(CONTRACT, Contract(raw))).splitlines()
    assert ["breaking", "warning", *["compatible"] * 5] == [line.split()[0] for line in lines[:-1]]
    assert lines[-1] == "1 breaking, 1 warning, 5 compatible"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository that holds our contract."""
    monkeypatch.chdir(tmp_path)
    Path("contract.yaml").write_text(DEFAULT_PATH.read_text(encoding="utf-8"), encoding="utf-8")
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "The contract"]):
        subprocess.run(["git", *command], check=True)
    return tmp_path


def test_revisions_are_read_from_git(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A revision and a path name a contract, and a breaking change since ends with 1."""
    path = repository / "contract.yaml"
    path.write_text(yaml.safe_dump(changed(f"{KEY}/name", "x-key")), encoding="utf-8")
    assert main(["HEAD:contract.yaml", "contract.yaml"]) == 1
    assert capsys.readouterr().out == (
        "breaking    key header  x-api-key became x-key\n1 breaking, 0 warning, 0 compatible\n"
    )


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("HEAD:none.yaml", "cannot read HEAD:none.yaml: fatal: "),
        ("--output=x:y", "the following arguments are required"),
        ("none.yaml", "cannot read none.yaml: "),
        ("list.yaml", "cannot read list.yaml: it is not a YAML mapping"),
        ("broken.yaml", "cannot read broken.yaml: "),
        ("empty.yaml", "one of the contracts is not sound (KeyError('servers'))"),
    ],
)
def test_contracts_that_cannot_be_compared_end_with_2(
    source: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contract that is not there, or is none, is a usage error."""
    Path("list.yaml").write_text("[]", encoding="utf-8")
    Path("broken.yaml").write_text("[", encoding="utf-8")
    Path("empty.yaml").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main([source, "contract.yaml"])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
