"""The comparison of two generated clients finds the changes of the public names."""

from conformance.contract.document import Contract
from conformance.selftest.changed_contract import CONTRACT, edited
from conformance.selftest.contract.known_changes import CUSTOMERS, GET_CUSTOMER, SCHEMAS
from scripts.contract.changes import Change
from scripts.contract.client_names import client_changes

MODELS = "carecycle_client.models"
CUSTOMER_API = "carecycle_client.api.customers"


def test_removed_and_added_names_are_found() -> None:
    """The removal of a status breaks clients, and a new operation and a new property add names."""
    raw = edited(
        [
            (f"{SCHEMAS}/CampaignStatus/enum/8", "paused"),
            (f"{SCHEMAS}/CampaignStatusUpdated/properties/note", {"type": "string"}),
            (CUSTOMERS, {"get": GET_CUSTOMER}),
        ]
    )
    status = f"{MODELS}.campaign_status.CampaignStatus"
    assert [
        Change("breaking", f"{status}.EXCEEDED_MAX_CALLS", "public object was removed"),
        Change("compatible", f"{CUSTOMER_API}.AsyncCustomers.get", "was added"),
        Change("compatible", f"{CUSTOMER_API}.Customers.get", "was added"),
        Change("compatible", f"{CUSTOMER_API}.get_customer", "was added"),
        Change("compatible", f"{status}.PAUSED", "was added"),
        Change("compatible", f"{MODELS}.campaign_status_updated.CampaignStatusUpdated.note", "was added"),
    ] == client_changes(CONTRACT, Contract(raw))


def test_equal_contracts_have_equal_names() -> None:
    """A change of prose does not change a public name."""
    raw = edited([(f"{SCHEMAS}/CampaignStatusUpdated/description", "Another sentence.")])
    assert [] == client_changes(CONTRACT, Contract(raw))


def test_contracts_without_a_client_are_reported() -> None:
    """A contract that the generator rejects is reported with the place."""
    raw = edited([(f"{SCHEMAS}/ErrorBody/required", ["message", "code", "missing"])])
    found = client_changes(CONTRACT, Contract(raw))
    assert [("breaking", "carecycle_client")] == [(one.effect, one.pointer) for one in found]
    assert f"the new client cannot be generated: {CONTRACT.path}#" in found[0].text
