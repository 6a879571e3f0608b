"""If the contract grows, the check, the client and the mock follow without another change."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from conformance.contract.document import Contract
from conformance.mock.server import DEFAULT_ENROLLMENTS, DEFAULT_KEY, Mock, Settings, serve
from conformance.selftest.grown_contract import ERROR, FIELD, NEW, STATUS, with_everything, with_operations
from conformance.selftest.http_sender import send
from scripts.contract.check import check_raw
from scripts.generator.regenerate import make

PACKAGE = "grown_client"
UNKNOWN_KEY = "cc_other"
ID = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"
OTHER_ID, THIRD_ID = ID.replace("5f0c", "5f0d"), ID.replace("5f0c", "5f0e")
USAGE = """
from typing import assert_type

from grown_client import CareCycle
from grown_client.models import Call, CampaignStatus, Customer

with CareCycle(base_url="http://127.0.0.1:1", token="cc_x") as api:
    assert_type(api.customers.get(customer_id="{id}", view="short"), Customer)
    assert_type(api.calls.plan(phone="+15550100", attempts=2), Call)
    assert_type(api.calls.cancel(call_id="{id}"), None)
    assert_type(api.customers.get(customer_id="{id}").name, str)
    CampaignStatus.PAUSED
    api.customers.get(customer_id="{id}", view="wide")  # type: ignore[arg-type]  # no value of the enum
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the grown contract and its client."""
    directory = tmp_path_factory.mktemp("grown")
    path = directory / "contract.yaml"
    path.write_text(yaml.safe_dump(with_everything(), sort_keys=False), encoding="utf-8")
    make(Contract(with_everything(), path), directory / PACKAGE)
    return directory


@pytest.fixture(scope="module")
def client(directory: Path) -> Iterator[ModuleType]:
    """The client of the grown contract."""
    sys.path.insert(0, str(directory))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(directory))


@pytest.fixture(scope="module")
def mock(directory: Path) -> Iterator[Mock]:
    """The mock of the grown contract."""
    with serve(Settings(contract_path=directory / "contract.yaml")) as mock:
        yield mock


def test_new_operations_are_sound() -> None:
    """The check has no finding about a contract with three more operations."""
    assert [] == check_raw(with_operations())


def test_growth_beyond_the_documented_facts_is_reported() -> None:
    """A tenth status and a new error response have findings with the file of the documented facts."""
    found = {finding.pointer.rpartition("/")[2]: finding.text for finding in check_raw(with_everything())}
    assert {"enum", ERROR} == found.keys()
    assert all("or edit scripts/contract/facts.py" in text for text in found.values())


def test_new_operations_are_methods_of_the_client(client: ModuleType, mock: Mock) -> None:
    """Each new operation is a method of the client, which returns what the mock sends."""
    with client.CareCycle(base_url=mock.url, token=DEFAULT_KEY) as api:
        assert api.customers.get(customer_id=ID, view="full").name == "Ada"
        assert api.calls.plan(phone="+15550100").attempts == 2
        assert api.calls.cancel(call_id=ID) is None


def test_new_operations_reject_what_the_contract_rejects(client: ModuleType, mock: Mock) -> None:
    """The client does not send a value that the contract rejects, and raises a rejection of the server."""
    errors = importlib.import_module(f"{PACKAGE}.errors")
    with client.CareCycle(base_url=mock.url, token=DEFAULT_KEY) as api:
        with pytest.raises(ValueError, match="customerId"):
            api.customers.get(customer_id="7")
        with pytest.raises(ValueError, match="view"):
            api.customers.get(customer_id=ID, view="wide")
        with pytest.raises(ValueError, match="attempts"):
            api.calls.plan(phone="+15550100", attempts=0)
    with (
        client.CareCycle(mock.url, UNKNOWN_KEY) as api,
        pytest.raises(errors.AuthenticationError),
    ):
        api.calls.cancel(call_id=ID)


@pytest.mark.slow
def test_new_operations_are_typed(directory: Path) -> None:
    """The methods, their parameters and their results have the types of the contract."""
    usage = directory / "usage.py"
    usage.write_text(USAGE.format(id=ID), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "usage.py"]
    checked = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_new_status_field_and_response_are_in_the_client(client: ModuleType) -> None:
    """The client knows the tenth status, the new field and the new error response."""
    models = importlib.import_module(f"{PACKAGE}.models")
    update = importlib.import_module(f"{PACKAGE}.api.customers.update_customer_campaign_status")
    assert models.CampaignStatus(STATUS) is models.CampaignStatus.PAUSED
    assert FIELD in models.CampaignStatusUpdated.__annotations__
    assert int(ERROR) in vars(update)["_OPERATION"].responses
    assert client.__version__ == with_everything()["info"]["version"]


def test_new_operations_are_served_by_the_mock(mock: Mock) -> None:
    """The mock checks key and body of each new operation, and responds with the example."""
    operations = Contract(with_everything()).operations
    assert set(NEW) < operations.keys()
    paths = {
        id_: operations[id_].path.replace("{customerId}", ID).replace("{callId}", OTHER_ID) for id_ in NEW
    }
    for id_ in NEW:
        operation = operations[id_]
        body = next(iter(operation.request_examples.values()), b"")
        reply = send(mock, body, method=operation.method, path=paths[id_])
        assert operation.success.status == reply.status
        assert operation.success.example == (reply.body if reply.content else None)
        unknown = send(
            mock, body, method=operation.method, path=paths[id_], headers={"x-api-key": UNKNOWN_KEY}
        )
        assert unknown.status == 401
    assert send(mock, {"phone": 7}, method="POST", path=paths["planCall"]).status == 422


def test_new_deletion_has_state_in_the_mock(mock: Mock) -> None:
    """What was deleted is not found afterwards, and nothing else is gone."""
    statuses = [send(mock, b"", method="DELETE", path=f"/v2/calls/{id_}").status for id_ in (THIRD_ID,) * 2]
    assert [204, 404] == statuses
    assert 200 == send(mock, b"", method="GET", path=f"/v2/customers/{THIRD_ID}").status


def test_new_status_is_well_formed_and_rejected_by_the_mock(mock: Mock) -> None:
    """The mock rejects the tenth status like every status that a request may not set."""
    customer, campaign = DEFAULT_ENROLLMENTS[0]
    body = {"customerId": customer, "campaignId": campaign, "status": STATUS}
    assert send(mock, body).status == 400
    assert send(mock, {**body, "status": "other"}).status == 422
