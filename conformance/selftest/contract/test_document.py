"""The contract is read once, and its parts are those of the file."""

from pathlib import Path

import pytest

from conformance.contract import document
from conformance.contract.document import Contract, ContractError, RateLimit, Rule, walk
from conformance.selftest.changed_contract import CONTRACT
from scripts.contract import facts

OPERATION = CONTRACT.operations["updateCustomerCampaignStatus"]


def test_version_is_the_version_of_the_file() -> None:
    """The version of the contract is the version in `info`."""
    assert CONTRACT.raw["info"]["version"] == CONTRACT.version


def test_key_is_described() -> None:
    """The header and the prefix of the key come from the security scheme."""
    assert (CONTRACT.key_header, CONTRACT.key_prefix) == ("x-api-key", "cc_")


def test_rate_limit_is_read() -> None:
    """The limit is a number of requests in a number of seconds."""
    assert RateLimit(requests=60, seconds=60) == CONTRACT.rate_limit


def test_production_hosts_are_the_hosts_of_the_servers() -> None:
    """A production host has neither a scheme nor a path."""
    assert frozenset({"api.carecycle.ai"}) == CONTRACT.production_hosts


def test_operation_is_read() -> None:
    """The documented operation has its method, path, key, body and eight responses."""
    assert (OPERATION.method, OPERATION.path) == ("PATCH", facts.PATH)
    assert (OPERATION.needs_key, OPERATION.body_required) == (True, True)
    assert OPERATION.body == {"$ref": "#/components/schemas/CampaignStatusUpdate"}
    assert sorted(facts.RESPONSE_BODIES) == sorted(OPERATION.responses)
    assert {"complete", "fail"} == OPERATION.request_examples.keys()


@pytest.mark.parametrize("status", facts.RESPONSE_BODIES)
def test_response_has_its_examples(status: int) -> None:
    """A response has the documented body, the typical body and the documented code."""
    response = OPERATION.responses[status]
    assert facts.RESPONSE_BODIES[status] == response.examples["documented"]
    assert response.examples["typical"] == response.example
    assert facts.ERROR_CODES.get(status) == response.error_code
    assert status == response.status


def test_success_is_the_2xx_response() -> None:
    """The success of an operation is its first 2xx response."""
    assert OPERATION.responses[200] == OPERATION.success


def test_unnamed_example_is_read() -> None:
    """An example without a name is read, and a response without an example has no body."""
    media = {"application/json": {"schema": {}, "example": [1]}}
    responses = {"200": {"description": "x", "content": media}, "404": {"description": "y"}}
    contract = Contract({"paths": {"/a": {"get": {"operationId": "a", "responses": responses}}}})
    operation = contract.operations["a"]
    assert operation.success.example == [1]
    assert operation.responses[404].example is None
    assert (operation.needs_key, operation.body, operation.body_required) == (False, None, False)


def test_security_of_an_operation_wins() -> None:
    """An operation with an empty `security` needs no key, also if the contract requires a key."""
    operation = {"operationId": "a", "security": [], "responses": {}}
    contract = Contract({"security": [{"apiKey": []}], "paths": {"/a": {"get": operation}}})
    assert not contract.operations["a"].needs_key


def test_rules_are_found_at_every_place() -> None:
    """Each rule of the contract is found, and its pointer leads back to it."""
    ids = {id_ for _, node in walk(CONTRACT.raw) for id_ in node.get("x-rules", {})}
    assert ids == CONTRACT.rules.keys()
    places = dict(walk(CONTRACT.raw))
    for rule in CONTRACT.rules.values():
        place = places[rule.pointer]
        assert (place["known"], place["text"]) == (rule.known, rule.text)
        assert place.get("untested", "") == rule.untested


def test_rules_are_ordered() -> None:
    """Rules are ordered by area and number."""
    assert sorted(CONTRACT.rules) == list(CONTRACT.rules)


@pytest.mark.parametrize(
    ("text", "level"), [("It MUST.", "MUST"), ("It MUST NOT.", "MUST"), ("It SHOULD.", "SHOULD")]
)
def test_level_is_the_keyword(text: str, level: str) -> None:
    """The level of a rule is the keyword of its sentence, and its area is the beginning of its id."""
    rule = Rule("STATUS-02", text, "read", "")
    assert (level, "STATUS") == (rule.level, rule.area)


def test_references_are_followed() -> None:
    """A chain of references is followed to its end, through escaped keys."""
    contract = Contract({"a": {"$ref": "#/b~1c"}, "b/c": {"$ref": "#/d~0e"}, "d~e": {"type": "null"}})
    assert {"type": "null"} == contract.resolve({"$ref": "#/a"})


def test_formats_are_asserted() -> None:
    """A validator rejects a string that violates only a format."""
    validator = CONTRACT.validator({"format": "uuid"})
    assert validator.is_valid(facts.NIL)
    assert not validator.is_valid("x")


def test_walk_yields_every_object() -> None:
    """Objects within lists and objects are yielded, with escaped pointers."""
    node = {"a/b": [{"c~d": {}}], "e": 1}
    expected = [("", node), ("/a~1b/0", {"c~d": {}}), ("/a~1b/0/c~0d", {})]
    assert expected == list(walk(node))


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\x00", b"a: 2026-13-45", b"[]", b""])
def test_unreadable_contract_is_rejected(tmp_path: Path, content: bytes) -> None:
    """A file that is not a YAML mapping is rejected with a message that has its name."""
    path = tmp_path / "contract.yaml"
    path.write_bytes(content)
    with pytest.raises(ContractError, match=r"contract\.yaml"):
        document.load(path)


def test_missing_contract_is_rejected(tmp_path: Path) -> None:
    """A missing file is rejected with a message."""
    with pytest.raises(ContractError, match="cannot read the contract"):
        document.load(tmp_path / "contract.yaml")
