"""If a response has several possible causes, send the request again without one of them.

Of the modules of `judging`, only those named `attribution` send requests, each for one kind of response:

- a valid request was rejected (`rejection_attribution`),
- a bad key got the response that the full key would get (`key_attribution`),
- a response named only some of the wrong fields of a request (`field_attribution`),
- a status changed unexpectedly (`state_attribution`),
- a 404 may be due to the body, or to ids that were looked up too early (`lookup_attribution`).

If a response leaves nothing open, nothing is sent.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from ..requests.access import Enrollment
from ..requests.cases import Cases
from ..requests.request_class import ID_FIELDS, Defect, Key, RequestClass
from ..transport.exchange import Response
from .features import UNKNOWN_IDS, Variant, other_status, present_features
from .field_attribution import attribute_field_order, attribute_wrong_fields
from .finding import Finding, judge
from .judged import Judged, Send
from .key_attribution import attribute_key
from .keys import is_as_with_the_full_key, may_reject_the_query
from .lookup_attribution import attribute_lookup_order, find_feature_of_not_found
from .rejected import may_be_looked_up_first
from .rejection_attribution import RejectionAttribution
from .response_facts import (
    is_inconclusive,
    is_not_found,
    is_success,
    may_reject_the_key,
)
from .state_attribution import attribute_state
from .state_model import StateModel


class Attribution:
    """Attributes the responses of one target.

    It keeps what it has sent for a kind of response, so that it sends it once.
    """

    def __init__(
        self,
        cases: Cases,
        send: Send,
        *,
        violated: Callable[[], Collection[str]],
        may_name: Callable[[], bool],
        state: StateModel | None = None,
    ) -> None:
        self._cases = cases
        self._send = send
        self._violated = violated
        self._may_name = may_name
        self._state = state or StateModel()
        self._rejections = RejectionAttribution(cases, send, self._state, self._enrollment)
        self._tried: set[object] = set()
        """The kinds of response for which more requests were sent already, and are not sent again."""
        self.key_was_accepted = False
        """Whether the full key was ever accepted."""

    def attribute(self, judged: Judged) -> list[Finding]:
        """The violations that the response alone does not show.

        Raises:
            RunStopped: nothing more may be sent.

        """
        request, response = judged.request, judged.response
        if response is None:
            return []
        self._learn(request, response)
        if judged.doubt is not None:
            return attribute_state(
                judged.doubt, str(request.status), self._cases, self._send, self._violated()
            )
        if request.key is not Key.FULL and may_reject_the_query(request, response):
            self._send_without_query(request)
            return []
        if is_as_with_the_full_key(request, response):
            return attribute_key(judged, self._cases, self._send, self._violated(), self._enrollment())
        found = []
        if may_reject_the_key(request, response) and request.preferred is None and self._is_key_good():
            request = replace(request, key_is_verified=True)
            found = [each for each in judge(request, response) if each not in judged.findings]
        if request.key is not Key.FULL or is_inconclusive(response) or may_reject_the_key(request, response):
            return found
        return found + self._attribute_body(request, response)

    def _attribute_body(self, request: RequestClass, response: Response) -> list[Finding]:
        """The violations that a response to a request with the full key shows about the body."""
        if (
            request.first_defect is Defect.SCHEMA
            and response.status == 400
            and request.has_non_terminal_status
        ):
            return self._attribute_field_order(request)
        if len(request.wrong) > 1 and request.is_update:
            return attribute_wrong_fields(request, response, self._cases, self._send, self._violated)
        if self._state.rejects_later(request):
            return []
        if request.first_defect is Defect.STATUS and may_be_looked_up_first(request, response):
            return self._attribute_lookup_order(request)
        if is_not_found(response) and request.first_defect is Defect.NONE:
            if (finding := self._attribute_not_found(request)) is not None:
                return [finding]
            self._send_other_status(request)
        found = self._rejections.attribute(request, response)
        is_documented = request.operation is not None and response.status in request.operation.responses
        if UNKNOWN_IDS in found and not is_documented and response.code != "NOT_FOUND":
            found.append(Finding("LOOKUP-03", "the code NOT_FOUND"))
        return found

    def _learn(self, request: RequestClass, response: Response) -> None:
        if not request.is_update or request.key is not Key.FULL or is_inconclusive(response):
            return
        if response.status not in {401, 403}:
            self.key_was_accepted = True
        if is_success(response):
            self._rejections.learn(request)

    def _is_key_good(self) -> bool:
        """Whether the target accepts the full key for another request now.

        The body of the second request has no fields. If the key is good, that request is rejected because of
        the fields, whatever else the target rejects.
        """
        if not self.key_was_accepted:
            return False
        for body in (None, b"{}"):
            control = self._send(self._cases.update(body)).response
            if control is not None and control.status not in {401, 403}:
                return not is_inconclusive(control)
        return False

    def _send_without_query(self, request: RequestClass) -> None:
        """A bad key and a query were rejected. Send the key without the query, once for each kind of key."""
        kind = ("query", request.key)
        if kind not in self._tried:
            self._tried.add(kind)
            self._send(self._cases.update(key=None if request.key is Key.MISSING else request.key_sent))

    def _send_other_status(self, request: RequestClass) -> None:
        """A later update was not found. Send the other status too, to see if the status is final."""
        kind = (Defect.NONE, request.pair)
        if self._state.was_updated(request.pair) and kind not in self._tried:
            self._tried.add(kind)
            self._send(Variant.of(request).change(status=other_status(request.status)).case(self._cases))

    def _attribute_not_found(self, request: RequestClass) -> Finding | None:
        """The feature of the body without which the update of an enrollment is carried out."""
        kind = ("not found", *present_features(request, ID_FIELDS))
        if kind in self._tried:
            return None
        feature = find_feature_of_not_found(request, self._cases, self._send)
        if feature is None:
            self._tried.add(kind)
            return None
        return feature.finding

    def _attribute_field_order(self, request: RequestClass) -> list[Finding]:
        """Attribute a 400 to a wrong field and a status that is not terminal, once for each set of fields."""
        kind = (Defect.SCHEMA, frozenset(request.wrong))
        if kind in self._tried or "RESPONSE-05" in self._violated():
            return []
        self._tried.add(kind)
        return attribute_field_order(request, self._cases, self._send)

    def _attribute_lookup_order(self, request: RequestClass) -> list[Finding]:
        """Whether unknown ids are looked up before the status is checked, found out once."""
        kind, enrollment = (Defect.STATUS, None), self._enrollment()
        if enrollment is None or kind in self._tried or "STATUS-02" in self._violated():
            return []
        self._tried.add(kind)
        return attribute_lookup_order(request, enrollment, self._cases, self._send)

    def _enrollment(self) -> Enrollment | None:
        enrollments = self._cases.access.enrollments if self._may_name() else ()
        return next(iter(enrollments), None)
