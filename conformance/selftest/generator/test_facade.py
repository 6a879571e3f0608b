"""The facade has a class for each tag and a method for each operation, by the rules that it states."""

import asyncio
import copy
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
import yaml

from conformance.contract.document import Contract, load
from scripts.generator import facade, generate
from scripts.generator.regenerate import make

KEY = "cc_key"
MORE = yaml.safe_load(r"""
paths:
  /v2/customers:
    get:
      operationId: listCustomers
      tags: [Customers]
      summary: List customers
      parameters:
        - {name: state, in: query, schema: {type: string, enum: [active, 'list of "all"']}}
      responses:
        '200':
          description: The customers.
          content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}
    post:
      operationId: importCustomers
      tags: [Customers]
      summary: Import customers
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}
      responses: {'204': {description: Imported.}}
  /v2/customers/{customerId}:
    parameters:
      - {name: customerId, in: path, required: true, schema: {type: string}}
    get:
      operationId: readCustomer
      tags: [Customers]
      summary: Read
      responses: {'204': {description: Read.}, '404': {description: 'No "customer" has this id.'}}
    head:
      operationId: readCustomers
      tags: [Customers]
      summary: Read all
      responses: {'204': {description: Read.}}
    put:
      operationId: writeCustomer
      tags: [Customers]
      summary: Write a customer "with a quotation mark"
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Written'}}}
      responses: {'204': {description: Written.}}
  /v2/stories:
    post:
      operationId: tellCampaignStory
      tags: [campaign stories]
      summary: Tell
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Told'}}}
      responses: {'204': {description: Told.}}
    get:
      operationId: countStories
      tags: [headers]
      summary: Count
      responses: {'204': {description: Counted.}}
    delete:
      operationId: forget
      summary: Forget
      responses: {'204': {description: Forgotten.}}
components:
  schemas:
    Page: {type: array, items: {$ref: '#/components/schemas/Customers'}}
    Customers:
      type: object
      required: [name]
      properties: {name: {type: string}}
    NotFoundError: {type: object, properties: {note: {type: string}}}
    Written:
      type: object
      required: [customerId]
      properties: {customerId: {type: string}}
    Told:
      type: object
      properties: {text: {type: string}, last: {$ref: '#/components/schemas/NotFoundError'}}
""")


def grown() -> dict[str, Any]:
    """The contract with more tags and names that clash."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    raw["paths"].update(copy.deepcopy(MORE["paths"]))
    raw["components"]["schemas"].update(MORE["components"]["schemas"])
    return raw


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - generated
    """The client of the grown contract, under another name."""
    directory = tmp_path_factory.mktemp("grown")
    make(Contract(grown()), directory / "tagged_client")
    sys.path.insert(0, str(directory))
    try:
        for module in ("models", "api.customers", "api.campaign_stories", "api.headers", "api.default"):
            importlib.import_module(f"tagged_client.{module}")
        return importlib.import_module("tagged_client")
    finally:
        sys.path.remove(str(directory))


def exchanging(
    client: Any,  # noqa: ANN401 - generated
    kind: str,
    response: httpx2.Response,
) -> tuple[Any, list[httpx2.Request]]:
    """A facade that gets this response, and what it sends."""
    sent: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        request.read()
        sent.append(request)
        return response

    transport = httpx2.MockTransport(handle)
    return getattr(client, kind)(token=KEY, httpx_args={"transport": transport}), sent


def methods(group: object) -> set[str]:
    """The names of the methods of a class of the facade."""
    return {name for name in vars(group) if not name.startswith("_")}


def test_method_is_the_operation_without_the_words_of_its_tag(client: Any) -> None:  # noqa: ANN401 - generated
    """Singular and plural count as one, and two that would be the same stay whole."""
    expected = {"update_campaign_status", "list", "import_", "read_customer", "read_customers", "write"}
    assert expected == methods(client.api.customers.Customers_)
    assert expected == methods(client.api.customers.AsyncCustomers_)
    assert {"tell"} == methods(client.api.campaign_stories.CampaignStories)
    assert {"forget"} == methods(client.api.default.Default)


def test_tag_with_a_name_of_the_client_gets_another(client: Any) -> None:  # noqa: ANN401 - generated
    """A tag that is called as a setting of the client leaves the setting alone."""
    made, sent = exchanging(client, "CareCycle", httpx2.Response(204))
    assert made.headers["Accept"]
    assert made.headers_.count_stories() is None
    assert ["https://api.carecycle.ai/v2/stories"] == [str(request.url) for request in sent]


def test_method_called_as_a_type_leaves_the_type_alone(client: Any) -> None:  # noqa: ANN401 - generated
    """A method `list` may return a list."""
    made, sent = exchanging(client, "CareCycle", httpx2.Response(200, json=[{"name": "n"}]))
    assert [client.models.Customers(name="n")] == made.customers.list(state='list of "all"')
    assert b"state=list+of+%22all%22" == sent[0].url.query.replace(b"%20", b"+")
    annotations = client.api.customers.Customers_.list.__annotations__
    assert "builtins.list[Customers]" == annotations["return"]
    assert """Literal['active', 'list of "all"']""" in annotations["state"]


def test_body_is_a_keyword_where_its_fields_cannot_be(client: Any) -> None:  # noqa: ANN401 - generated
    """A field with the name of a parameter, a list, and a body that may be left out are a body."""
    made, sent = exchanging(client, "AsyncCareCycle", httpx2.Response(204))
    model = client.models

    async def call() -> None:
        await made.customers.write(customer_id="a", body=model.Written(customer_id="b"))
        await made.customers.import_(body=[model.Customers(name="n")])
        await made.campaign_stories.tell(body=model.Told(text="t"))
        await made.campaign_stories.tell()

    asyncio.run(call())
    bodies = [json.loads(request.content or b"null") for request in sent]
    assert [{"customerId": "b"}, [{"name": "n"}], {"text": "t"}, None] == bodies


def test_top_of_the_package_has_clients_errors_and_models(client: Any) -> None:  # noqa: ANN401 - generated
    """What a user names is exported at the top; an error hides the model that is called as it is."""
    assert client.Written is client.models.Written
    assert issubclass(client.NotFoundError, client.APIStatusError)
    assert client.models.NotFoundError is not client.NotFoundError
    assert {"CareCycle", "AsyncCareCycle", "Told", "RateLimitError"} <= set(dir(client))
    with pytest.raises(AttributeError, match="'tagged_client' has no attribute 'Absent'"):
        _ = client.Absent


def test_copy_of_a_facade_calls_with_its_own_settings(client: Any) -> None:  # noqa: ANN401 - generated
    """The groups of a copy belong to the copy."""
    made, sent = exchanging(client, "CareCycle", httpx2.Response(204))
    _ = made.default
    made.with_headers({"X-Trace": "1"}).default.forget(headers={"X-More": "2"})
    assert ("1", "2") == (sent[0].headers["x-trace"], sent[0].headers["x-more"])


def test_docstring_says_each_thing_once(client: Any) -> None:  # noqa: ANN401 - generated
    """A method's docstring has the operation's words, and no entry that only repeats a name."""
    text = str(inspect.getdoc(client.CareCycle(token=KEY).customers.write))
    assert text.startswith('Write a customer "with a quotation mark".')
    assert "customer_id" not in text
    assert "Returns" not in text
    lines = text.splitlines()
    assert len(lines) == len(set(lines) - {""}) + lines.count("")


def test_error_has_the_sentences_of_the_contract(client: Any) -> None:  # noqa: ANN401 - generated
    """The docstring of an error has what the operations say of its status, each sentence once."""
    expected = '404. The ids name no enrollment.\n\nNo "customer" has this id.'
    assert expected == inspect.getdoc(client.NotFoundError)
    assert "5xx. The server failed." == inspect.getdoc(client.InternalServerError)


def test_argument_says_what_its_schema_says(client: Any) -> None:  # noqa: ANN401 - generated
    """The docstring of an id has the words beside the reference, and those of the schema behind it."""
    text = " ".join(str(inspect.getdoc(client.CareCycle.customers.fget)).split())
    assert text.startswith("The operations on customers.")
    text = " ".join(str(inspect.getdoc(client.models.CampaignStatusForm)).split())
    assert "customer_id: The id of the customer. A UUID (RFC 9562) of version 1 to 8, or" in text


@pytest.mark.slow
def test_tagged_client_is_typed(client: ModuleType) -> None:
    """The facade passes mypy and pyright as strictly as the rest, whatever its methods are called."""
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


def test_method_that_no_rule_tells_from_another_is_refused(tmp_path: Path) -> None:
    """Two operations of a tag that are left with one name are refused with both names."""
    raw = grown()
    for path, id_ in [("/a", "getList"), ("/b", "customerGetList"), ("/c", "customersCustomerGetList")]:
        again = copy.deepcopy(raw["paths"]["/v2/stories"]["delete"])
        raw["paths"][path] = {"get": again | {"operationId": id_, "tags": ["Customers"]}}
    with pytest.raises(generate.GenerationError) as refused:
        generate.generate_into(tmp_path / "client", Contract(raw))
    assert "/paths/~1b/get/operationId: " in str(refused.value)
    assert "['customer_get_list', 'customers_customer_get_list']" in str(refused.value)


@pytest.mark.parametrize(
    ("title", "package", "name"),
    [
        ("CareCycle campaign status", "carecycle", "CareCycle"),
        ("The CARECYCLE API", "carecycle", "CARECYCLE"),
        ("Something else", "care_cycle", "CareCycle"),
    ],
)
def test_client_is_called_as_the_title_spells_it(title: str, package: str, name: str) -> None:
    """The word of the title that is the package's name is the client's; else the package's name is."""
    assert name == facade.client_name(title, package)
