"""A server in memory. A test writes it as a function from a request class to a response."""

from collections.abc import Callable, Sequence
from typing import Any

from schemathesis import Case

from conformance.judging import Finding, judge
from conformance.judging.attribution import Attribution
from conformance.judging.judged import Judged
from conformance.judging.state_model import StateModel
from conformance.requests.cases import Cases
from conformance.requests.request import write_request
from conformance.requests.request_class import Defect, Key, RequestClass
from conformance.selftest.exchanges import (
    CLASSIFIER,
    CONTRACT,
    ONE,
    OPERATION,
    OTHER,
    SCHEMA,
    TARGET,
    response,
    validation_error,
)
from conformance.transport.exchange import Exchange, Response

Respond = Callable[[RequestClass], Response | None]


class Scripted:
    """Sends cases to a function, and attributes the responses."""

    def __init__(self, respond: Respond = lambda _: None, *, may_name: bool = True) -> None:
        self.respond = respond
        self.sent: list[RequestClass] = []
        self.violated: set[str] = set()
        self.statuses: dict[tuple[str, str], str] = {}
        self._state_model = StateModel()
        self.attribution = Attribution(
            Cases(SCHEMA[OPERATION.path][OPERATION.method], CONTRACT, TARGET.access, "scripted"),
            self.send,
            violated=lambda: self.violated,
            may_name=lambda: may_name,
            state=self._state_model,
        )

    def send(self, case: Case[Any]) -> Judged:
        """Send a case, and judge the response of the function, or of a correct server if it returns None."""
        request = CLASSIFIER.classify(write_request(case, TARGET.url))
        self.sent.append(request)
        received = self.respond(request) or self.respond_correctly(request)
        exchange = Exchange(case, write_request(case, TARGET.url), received)
        findings, doubt = self._state_model.observe(request, exchange)
        judged = Judged(request, exchange, (*judge(request, received), *findings), doubt)
        self._keep(judged.findings)
        return judged

    def attribute(self, case: Case[Any]) -> list[str]:
        """Send a case and attribute the response: the violations that the response alone does not show."""
        found = self.attribution.attribute(self.send(case))
        self._keep(found)
        return [each.rule for each in found if each.is_violation]

    def respond_correctly(self, request: RequestClass) -> Response:
        """The response of a correct server."""
        if request.key in {Key.MISSING, Key.UNKNOWN}:
            return response(401)
        if request.key is Key.RESTRICTED:
            return response(403)
        if request.first_defect is Defect.SCHEMA:
            return validation_error(*(name for name, _ in request.wrong))
        if request.first_defect is Defect.UNKNOWN_IDS:
            return response(404)
        return self.updated(request) if request.first_defect is Defect.NONE else response(400)

    def updated(self, request: RequestClass, **changes: object) -> Response:
        """The response to an accepted update."""
        assert request.pair is not None
        previous = self.statuses.get(request.pair, "pending")
        self.statuses[request.pair] = str(request.status)
        returned = {
            "previousStatus": previous,
            "newStatus": request.status,
            "customerCampaignId": IDS[request.pair],
        }
        return response(200, returned | changes)

    def _keep(self, findings: Sequence[Finding]) -> None:
        self.violated |= {each.rule for each in findings if each.is_violation}


ID, OTHER_ID = "36ca8d1d-3d3d-48cf-bd1f-a796d8849d75", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
IDS = {ONE.pair: ID, OTHER.pair: OTHER_ID}
