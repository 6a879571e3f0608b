"""Mistakes in looking up an enrollment, by somebody who had not seen what the suite asks."""

from dataclasses import replace

from ..behaviour import Behaviour, Call, Response
from ..problems import Issue
from ..store import Enrollment
from .changes import alters, as_status, on, saying, turns
from .fault import Fault
from .identifiers import knows_customer


def keeps_a_copy_for_each_case(mock: Behaviour) -> None:
    """Copy an enrollment for each other spelling of its customer."""
    before = mock.find
    copies: dict[tuple[str, str], Enrollment] = {}

    def find(call: Call) -> Enrollment | None:
        found, customer = before(call), str(call.value("customerId"))
        if found is None or customer == found.customer_id:
            return found
        return copies.setdefault((customer, found.campaign_id), replace(found))

    mock.find = find


def calls_an_unknown_id_malformed(mock: Behaviour) -> None:
    """Name the campaign in a 422 if the customer is known, else the customer."""

    def malformed(call: Call, _: Response) -> Response:
        field = "campaignId" if knows_customer(mock, call) else "customerId"
        issue = Issue((field,), "The object does not exist", "does_not_exist", "an existing id", "string")
        return mock.reject(call, 422, errors=[issue.as_json()])

    turns("lookup", malformed)(mock)


def refuses_an_unknown_customer_with_400(mock: Behaviour) -> None:
    """Refuse a customer who is in no campaign with another status."""
    alters(lambda call, response: on(404)(call, response) and not knows_customer(mock, call), as_status(400))(
        mock
    )


def calls_an_unknown_customer_by_its_name(mock: Behaviour) -> None:
    """Refuse a customer who is in no campaign with another code."""
    turns("lookup", saying(code="CUSTOMER_NOT_FOUND"), when=lambda call: not knows_customer(mock, call))(mock)


LOOKUP = (
    Fault(
        "keeps_a_copy_for_each_case_of_a_customer",
        "ID-08",
        "Each spelling of a `customerId` has a copy of the enrollment, made when it is first used.",
        keeps_a_copy_for_each_case,
        also=("STATE-02",),
        unseen=True,
    ),
    Fault(
        "calls_an_unknown_id_malformed",
        "LOOKUP-02",
        "An unknown enrollment is refused with a 422 that names one of its ids.",
        calls_an_unknown_id_malformed,
        also=("LOOKUP-03",),
        unseen=True,
    ),
    Fault(
        "refuses_an_unknown_customer_with_400",
        "LOOKUP-02",
        "A customer who is in no campaign is refused with a 400.",
        refuses_an_unknown_customer_with_400,
        unseen=True,
    ),
    Fault(
        "calls_an_unknown_customer_by_its_name",
        "LOOKUP-03",
        "The code of a 404 is CUSTOMER_NOT_FOUND if the customer is in no campaign.",
        calls_an_unknown_customer_by_its_name,
        unseen=True,
    ),
)
