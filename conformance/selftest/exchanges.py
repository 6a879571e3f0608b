"""Exchanges without a server: requests, and the responses that a server could send."""

import json
from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis import Case

from conformance.contract.document import JSON, load
from conformance.requests.access import Enrollment
from conformance.requests.cases import Cases
from conformance.requests.classify import Classifier
from conformance.requests.request import write_request
from conformance.requests.request_class import UPDATE, RequestClass
from conformance.transport.exchange import Response
from conformance.transport.target import Target

CONTRACT = load()
OPERATION = CONTRACT.operations[UPDATE]
SCHEMA = schemathesis.openapi.from_dict(dict(CONTRACT.raw))
ONE = Enrollment("5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a")
OTHER = Enrollment("5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "c232ab00-9414-11ec-b3c8-9f6bdeced846")
TARGET = Target(
    url="http://127.0.0.1:1",
    key="cc_the_full_key",
    restricted_key="cc_the_restricted_key",
    enrollments=(ONE, OTHER),
    honours_prefer=True,
)
CLASSIFIER = Classifier(CONTRACT, TARGET.access)
CASES = Cases(SCHEMA[OPERATION.path][OPERATION.method], CONTRACT, TARGET.access, "selftest")


def body(enrollment: Enrollment | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
    """A valid body, with the ids of an enrollment or with new ids."""
    if enrollment is None:
        return CASES.body(**changes)
    ids = {"customerId": enrollment.customer_id, "campaignId": enrollment.campaign_id}
    return CASES.body(**ids | changes)


def request_class(content: Any = None, **how: Any) -> RequestClass:  # noqa: ANN401 - a body, and the options of a case
    """The class of a request to the update operation."""
    return classify(CASES.update(content, **how))


def classify(case: Case[Any], classifier: Classifier = CLASSIFIER) -> RequestClass:
    """The class of a case."""
    return classifier.classify(write_request(case, TARGET.url))


def elsewhere(
    method: str = "PATCH",
    path: str = OPERATION.path,
    content: Any = None,  # noqa: ANN401 - a JSON value, or bytes
) -> Case[Any]:
    """A case of another method or path."""
    case = CASES.update(content)
    case.method, case.path = method, path  # type: ignore[assignment]  # any method may be sent
    return case


def response(
    status: int, changes: Mapping[str, Any] | bytes | None = None, *, media_type: str = JSON
) -> Response:
    """The documented example of a status code, with changes. A property that is None is left out."""
    if isinstance(changes, bytes):
        content = changes
    else:
        documented = OPERATION.responses[status].example if status in OPERATION.responses else {}
        whole = {**documented, **(changes or {})}
        content = json.dumps({name: value for name, value in whole.items() if value is not None}).encode()
    return Response(status, (("content-type", media_type),), content, 0.0)


def validation_error(*fields: str) -> Response:
    """A validation error that names these fields."""
    return response(422, {"errors": [{"path": [name], "message": "no", "code": "x"} for name in fields]})
