"""A contract that grows is generated without anyone touching a template."""

import asyncio
import copy
import datetime
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx2
import pytest
import yaml

from conformance.contract.document import Contract, load
from scripts.generator import generate
from scripts.generator.expressions import python_pattern
from scripts.generator.regenerate import make

KEY = "cc_key"
ID = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"
MORE = yaml.safe_load(r"""
paths:
  /v2/campaigns/{campaignId}:
    get:
      operationId: readCampaign
      tags: [Campaigns]
      summary: Read a campaign
      description: Says "all" of it.
      parameters:
        - {name: campaignId, in: path, required: true, schema: {$ref: '#/components/schemas/Uuid'}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: deep, in: query, required: true, schema: {type: boolean}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: flavour, in: cookie, schema: {type: string}}
      responses:
        '200':
          description: The campaign.
          content: {application/json: {schema: {$ref: '#/components/schemas/Campaign'}}}
        '409':
          description: Refused.
          content: {application/json: {schema: {$ref: '#/components/schemas/ErrorBody'}}}
    delete:
      operationId: endCampaign
      tags: [Campaigns]
      summary: End a campaign
      security: []
      parameters:
        - {name: campaignId, in: path, required: true, schema: {type: string}}
      responses:
        '204': {description: It ended.}
    post:
      operationId: callCustomers
      tags: [Campaigns]
      summary: Call customers
      parameters:
        - {name: campaignId, in: path, required: true, schema: {type: string}}
      requestBody:
        content:
          application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Call'}}}
      responses:
        '202':
          description: Accepted.
          content: {application/json: {schema: {type: array, items: {type: integer, minimum: 1}}}}
components:
  schemas:
    Call:
      type: object
      required: [day]
      properties:
        day: {type: string, format: date}
        kind: {type: string, enum: [voice, text]}
    Campaign:
      type: object
      required: [id, status, size]
      properties:
        id: {type: string, pattern: '^c\$[$]\d+$', maxLength: 6}
        status: {$ref: '#/components/schemas/CampaignStatus'}
        size: {type: integer, exclusiveMinimum: 0, maximum: 10}
        share: {type: number, exclusiveMaximum: 1}
        level: {type: integer, enum: [1, 2]}
        since: {type: string, format: date-time}
        note: {type: [string, 'null']}
        extra: {}
        owner: {oneOf: [{type: string, format: uuid}, {type: boolean}]}
        parents: {type: array, items: {$ref: '#/components/schemas/Campaign'}}
        last: {$ref: '#/components/schemas/Call'}
""")
CAMPAIGN = {
    "id": "c$$12",
    "status": "completed",
    "size": 10,
    "share": 0.5,
    "level": 2,
    "since": "2026-01-02T03:04:05+00:00",
    "note": None,
    "extra": [{}],
    "owner": True,
    "parents": [{"id": "c$$1", "status": "pending", "size": 1}],
    "last": {"day": "2026-01-02", "kind": "voice"},
    "unknown": 1,
}


@pytest.fixture(scope="module")
def grown() -> Contract:
    """The contract with three more operations."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    raw["paths"].update(MORE["paths"])
    raw["components"]["schemas"].update(MORE["components"]["schemas"])
    return Contract(raw)


@pytest.fixture(scope="module")
def client(grown: Contract, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The client of the grown contract, under another name."""
    directory = tmp_path_factory.mktemp("grown")
    make(grown, directory / "enlarged_client")
    sys.path.insert(0, str(directory))
    try:
        for module in ("errors", "models", "api.campaigns.read_campaign"):
            importlib.import_module(f"enlarged_client.{module}")
        for module in ("end_campaign", "call_customers"):
            importlib.import_module(f"enlarged_client.api.campaigns.{module}")
        return importlib.import_module("enlarged_client")
    finally:
        sys.path.remove(str(directory))


def answering(client: Any, answer: httpx2.Response) -> tuple[Any, list[httpx2.Request]]:  # noqa: ANN401 - a generated module
    """A client of the grown contract that gets this response, and what it sends."""
    sent: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        request.read()
        sent.append(request)
        return answer

    transport = httpx2.MockTransport(handle)
    return client.AuthenticatedClient(token=KEY, httpx_args={"transport": transport}), sent


def test_new_operation_has_its_parameters(client: Any) -> None:  # noqa: ANN401 - a generated module
    """Path, query, header and cookie parameters go where the contract has them, checked."""
    made, sent = answering(client, httpx2.Response(200, json=CAMPAIGN))
    read = client.api.campaigns.read_campaign.sync
    found = read(ID, client=made, deep=True, limit=3, x_trace="t", flavour="oat")
    assert f"https://api.carecycle.ai/v2/campaigns/{ID}?limit=3&deep=true" == str(sent[0].url)
    assert ("t", "flavour=oat") == (sent[0].headers["x-trace"], sent[0].headers["cookie"])
    assert CAMPAIGN == found.to_dict()
    with pytest.raises(ValueError, match="deep: expected a boolean"):
        read(ID, client=made, deep="yes")
    with pytest.raises(ValueError, match="campaignId: expected a UUID"):
        read("../customers", client=made, deep=True)
    assert 1 == len(sent)


def test_new_model_has_python_values(client: Any) -> None:  # noqa: ANN401 - a generated module
    """Enums, dates, unions and models are Python values, and what is not listed yet is kept."""
    campaign = client.models.Campaign.from_dict({**CAMPAIGN, "owner": ID, "level": 9, "status": "paused"})
    assert ("paused", 9, UUID(ID)) == (campaign.status, campaign.level, campaign.owner)
    assert datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC) == campaign.since
    assert datetime.date(2026, 1, 2) == campaign.last.day
    assert campaign.last.kind is client.models.CallKind.VOICE
    assert campaign.parents[0].status is client.models.CampaignStatus.PENDING
    assert {"unknown": 1} == campaign.additional_properties


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "c$$12\n"}, "id: expected a string that matches"),
        ({"id": "c$$1234"}, "id: expected a string of at most 6 characters"),
        ({"size": 0}, "size: expected a number above 0 and below inf"),
        ({"size": 11}, "size: expected a number of at most 10"),
        ({"size": 1.5}, "size: expected a whole number, got 1.5"),
        ({"size": 10**30}, "size: expected a number of at most 10, got a huge number"),
        ({"share": 1}, "share: expected a number above -inf and below 1"),
        ({"level": "2"}, "level: expected one of 1, 2, got '2'"),
        ({"since": "yesterday"}, "since: expected a datetime"),
        ({"since": 1}, "since: expected a string"),
        ({"note": 1}, "note: expected one of 2 kinds of values"),
        ({"parents": [CAMPAIGN, {}]}, "parents.1.id: is missing"),
        ({"parents": {}}, "parents: expected a list, got a dict"),
        ({"last": []}, "last: expected an object, got a list"),
        (
            {"last": {"day": "2026-13-01"}},
            "last.day: expected a date in the form of RFC 3339, got '2026-13-01'",
        ),
    ],
)
def test_new_model_is_checked(client: Any, change: dict[str, Any], problem: str) -> None:  # noqa: ANN401 - a generated module
    """What breaks the schema is named with its place."""
    with pytest.raises(ValueError, match="^" + problem.replace(".", r"\.")):
        client.models.Campaign.from_dict({**CAMPAIGN, **change})


def test_model_of_a_response_is_checked_when_it_is_written(client: Any) -> None:  # noqa: ANN401 - a generated module
    """Values that were put into a model do not go out unchecked."""
    campaign = client.models.Campaign.from_dict(CAMPAIGN)
    for name, value in [("since", "now"), ("last", {}), ("owner", 1)]:
        broken = copy.copy(campaign)
        setattr(broken, name, value)
        with pytest.raises(ValueError, match=f"^{name}: expected"):
            broken.to_dict()


def test_operation_without_a_body_in_its_answer_returns_nothing(client: Any) -> None:  # noqa: ANN401 - a generated module
    """A 204 is a success without a model; without security, no key is needed."""
    made, sent = answering(client, httpx2.Response(204))
    assert asyncio.run(client.api.campaigns.end_campaign.asyncio("a/b", client=made)) is None
    assert b"/v2/campaigns/a%2Fb" == sent[0].url.raw_path
    parameters = client.api.campaigns.end_campaign.sync.__annotations__
    assert ("Client", "None") == (parameters["client"], parameters["return"])


def test_optional_body_may_be_left_out(client: Any) -> None:  # noqa: ANN401 - a generated module
    """A list is sent as a list; what is not idempotent is sent again only if the server rejected it."""
    made, sent = answering(client, httpx2.Response(202, json=[1, 2]))
    call = client.api.campaigns.call_customers.sync
    assert [1, 2] == call("c", client=made, body=[client.models.Call(day=datetime.date(2026, 1, 2))])
    assert b'[{"day":"2026-01-02"}]' == sent[0].content
    assert [1, 2] == call("c", client=made)
    assert (b"", False) == (sent[1].content, "content-type" in sent[1].headers)
    made, sent = answering(client, httpx2.Response(503))
    with pytest.raises(client.errors.InternalServerError):
        call("c", client=made)
    assert 1 == len(sent)


def test_documented_error_without_a_name_has_its_model(client: Any) -> None:  # noqa: ANN401 - a generated module
    """A documented error status that has no class of its own is an `APIStatusError`."""
    made, _ = answering(client, httpx2.Response(409, json={"message": "m", "code": "c"}))
    with pytest.raises(client.errors.APIStatusError) as raised:
        client.api.campaigns.read_campaign.sync(ID, client=made, deep=False)
    assert ("APIStatusError", "c") == (type(raised.value).__name__, raised.value.parsed.code)


@pytest.mark.slow
def test_enlarged_client_is_typed(client: ModuleType) -> None:
    """The client of another contract passes mypy as strictly as this one."""
    assert client.__file__ is not None
    package = Path(client.__file__).parent
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(package.parent), str(package)],
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (checked.returncode, checked.stderr), checked.stdout


IN_PARTS = {"requestBody": {"content": {"multipart/form-data": {"schema": {"type": "object"}}}}}
AS_TEXT = {
    "responses": {"200": {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}}}
}
A_FILE = {"parameters": [{"name": "f", "in": "query", "schema": {"type": "string", "format": "binary"}}]}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (IN_PARTS, "takes a body as multipart/form-data"),
        (AS_TEXT, "the 200 has a body as text/plain"),
        (A_FILE, "FileProperty"),
    ],
)
def test_what_the_client_cannot_express_is_refused(
    change: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    """No part of a contract is left out without an error."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    raw["paths"]["/v2/customers/campaign-status"]["patch"].update(change)
    with pytest.raises(generate.GenerationError, match=complaint):
        generate.generate_into(tmp_path / "client", Contract(raw))


def test_upstream_templates_are_those_that_ours_replace() -> None:
    """The lock names each template that ours or the runtime takes the place of, and the hashes hold."""
    ours = {path.name for path in generate.TEMPLATES.iterdir()}
    copied = {"types.py.jinja", "errors.py.jinja"}
    assert all((generate.RUNTIME / name.removesuffix(".jinja")).is_file() for name in copied)
    assert ours | copied == {line.split()[1] for line in generate.LOCK.read_text().splitlines()}
    generate.check_upstream()


def test_changed_upstream_template_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another generator's template stops generation, and the message has the line for the lock."""
    right = generate.LOCK.read_text()
    lock = tmp_path / "upstream.lock"
    lock.write_text(f"{'0' * 64}  model.py.jinja\n{'0' * 64}  lost.py.jinja\n")
    monkeypatch.setattr(generate, "LOCK", lock)
    with pytest.raises(generate.GenerationError) as refused:
        generate.generate_into(tmp_path / "client", load())
    assert next(line for line in right.splitlines() if "model.py" in line) in str(refused.value)
    assert "gone  lost.py.jinja" in str(refused.value)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("^a$", r"^a\Z"), (r"\$", r"\$"), ("[$]$|b$", r"[$]\Z|b\Z"), (r"[\]$]", r"[\]$]")],
)
def test_pattern_ends_where_it_ends(pattern: str, expected: str) -> None:
    """The `$` of ECMA 262 does not match before a line break, unless it stands for itself."""
    assert expected == python_pattern(pattern)
