"""The mock serves other contracts than ours, too."""

from pathlib import Path

import yaml

from conformance.contract import document
from conformance.contract.document import JSON
from conformance.mock.api import load
from conformance.mock.server import DEFAULT_ENROLLMENTS, DEFAULT_KEY, Settings, serve
from conformance.selftest.http_sender import CONTRACT, send, update

KEY = CONTRACT.key_header


def test_a_new_operation_is_served_from_its_examples(tmp_path: Path) -> None:
    """An operation that is added to the contract is routed, checked and gets its example as the response."""
    raw = yaml.safe_load(document.DEFAULT_PATH.read_text(encoding="utf-8"))
    body = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    response = {"description": "Done.", "content": {JSON: {"schema": body, "example": {"name": "made"}}}}
    rejected = {"$ref": "#/components/responses/UnprocessableContent"}
    raw["paths"]["/v2/customers/{customerId}/notes"] = {
        "post": {
            "operationId": "addNote",
            "requestBody": {"content": {JSON: {"schema": body}}, "required": True},
            "responses": {"201": response, "422": rejected},
        },
        "get": {"operationId": "listNotes", "security": [], "responses": {"200": response}},
    }
    path = tmp_path / "document.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with serve(Settings(contract_path=path)) as mock:
        notes = "/v2/customers/5/notes"
        sent = [
            send(mock, {"name": "a"}, method="POST", path=notes),
            send(mock, {"name": 1}, method="POST", path=notes),
            send(mock, b"{", method="POST", path=notes),
            send(mock, {"name": "a"}, method="POST", path=notes, headers={KEY: None}),
            send(mock, method="GET", path=notes, headers={KEY: None}),
            send(mock, method="GET", path="/v2/customers/5/6/notes"),
            send(mock, method="DELETE", path=notes),
            send(mock, update(mock)),
        ]
    assert [reply.status for reply in sent] == [201, 422, 422, 401, 200, 404, 405, 200]
    assert sent[0].body == sent[4].body == {"name": "made"}
    assert sent[6].headers["allow"] == "GET, OPTIONS, POST"


def test_a_contract_without_the_update_is_served(tmp_path: Path) -> None:
    """A contract without the update operation has no state, and is served from its examples."""
    raw = yaml.safe_load(document.DEFAULT_PATH.read_text(encoding="utf-8"))
    response = {"description": "Done.", "content": {JSON: {"example": [1]}}}
    raw["paths"] = {"/v3/pets": {"get": {"operationId": "listPets", "responses": {"200": response}}}}
    path = tmp_path / "document.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with serve(Settings(contract_path=path)) as mock:
        replies = [
            send(mock, method="GET", path="/v3/pets", headers={KEY: key}) for key in (DEFAULT_KEY, "cc_x")
        ]
    assert [reply.status for reply in replies] == [200, 401]
    assert replies[0].body == [1]
    assert not load(path).can_name(*DEFAULT_ENROLLMENTS[0])
