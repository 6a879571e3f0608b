"""If a valid request was rejected, find the cause: remove its unusual features one after the other.

The first variant that is accepted identifies the rule. A request without unusual features was rejected
because of its status or because its ids are unknown.
"""

from collections.abc import Callable, Collection, Sequence

from ..requests.access import Enrollment
from ..requests.cases import Cases
from ..requests.request_class import ID_FIELDS, STATUS_FIELD, Defect, RequestClass
from ..transport.exchange import Response
from .features import (
    ANY_ID,
    BODY_FEATURES,
    ID_FEATURES,
    KNOWN_ID,
    SPECIAL_ID,
    STATUS,
    UNKNOWN_IDS,
    UPPER_CASE,
    Feature,
    Variant,
    other_status,
    present_features,
    with_known_ids,
    with_new_ids,
    without_features,
)
from .finding import Finding
from .judged import Send
from .response_facts import is_inconclusive, is_success, named_fields, passed_validation
from .state_model import StateModel

LOOKUP = "unknown ids"
"""The cause if a server rejects every request whose ids name no enrollment, but not with a 404."""


class RejectionAttribution:
    """Attributes the rejections of valid requests by one target.

    It keeps the causes that it found, so that it searches for no cause twice.
    """

    def __init__(
        self, cases: Cases, send: Send, state: StateModel, enrollment: Callable[[], Enrollment | None]
    ) -> None:
        self._cases = cases
        self._send = send
        self._state = state
        self._enrollment = enrollment
        self._causes: dict[str, Finding] = {}
        """The features that caused rejections, and the finding of each."""
        self._tried: set[object] = set()
        """The kinds of request for which no cause was found."""
        self._accepted: set[object] = set()
        """The statuses that accepted updates have set."""

    def learn(self, request: RequestClass) -> None:
        """An update with the status of the request was accepted."""
        if isinstance(request.status, str):  # a server may accept any JSON value
            self._accepted.add(request.status)

    def attribute(self, request: RequestClass, response: Response) -> list[Finding]:
        """The feature that caused the rejection of a valid request.

        Raises:
            RunStopped: nothing more may be sent.

        """
        named = named_fields(response) & set(ID_FIELDS)
        is_valid = request.is_valid or (request.is_update and request.first_defect is Defect.STATUS and named)
        if not is_valid or passed_validation(response):
            return []
        # The status of an enrollment may be final, but that of unknown ids cannot.
        if named_fields(response) == {STATUS_FIELD} and request.enrollment is None and not request.rewritten:
            return [STATUS]
        kind = (
            *present_features(request, named or ID_FIELDS),
            frozenset(named),
            request.status,
            request.enrollment,
        )
        if kind in self._tried:
            return []
        finding = self._search(request, named)
        if finding is None:
            self._tried.add(kind)
        return [] if finding is None else [finding]

    def _search(self, request: RequestClass, named: Collection[str]) -> Finding | None:
        variant = Variant.of(request)
        features = [*ID_FEATURES] if named else [*BODY_FEATURES, *ID_FEATURES]
        if (known := self._known_cause(request, named, features)) is not None:
            return known
        if request.first_defect is Defect.STATUS:  # the response names an id, but only the status is wrong
            variant = variant.change(status="completed")
            if request.enrollment is not None:
                variant = with_new_ids(variant, self._cases)
            if self._passes(variant):
                return None
        if request.first_defect is Defect.NONE:
            variant, finding = self._remove(
                variant, ID_FIELDS, [*([] if named else BODY_FEATURES), UPPER_CASE]
            )
            if finding is not None:
                return finding
            variant = with_new_ids(variant, self._cases)
            if self._passes(variant):
                # Either the status of the enrollment is final, or the status in the request is rejected.
                return self._attribute_status(request)
        for fields in (named, ID_FIELDS) if named else (ID_FIELDS,):
            variant, finding = self._remove(variant, fields, features)
            if finding is not None:
                return finding
        return self._attribute_usual(variant, named)

    def _known_cause(
        self, request: RequestClass, named: Collection[str], features: Sequence[Feature]
    ) -> Finding | None:
        """The finding of a cause that was found before, if the request has that cause."""
        variant = Variant.of(request)
        for feature in features:
            if feature.name in self._causes and feature.is_present(variant, named or ID_FIELDS):
                return self._causes[feature.name]
        if named:
            return None
        status = self._causes.get(_status_cause(variant))
        return status or (self._causes.get(LOOKUP) if request.enrollment is None else None)

    def _remove(
        self, variant: Variant, fields: Collection[str], features: Sequence[Feature]
    ) -> tuple[Variant, Finding | None]:
        """Remove one feature after the other, until a variant is accepted."""
        for feature, without in without_features(variant, fields, features, self._cases):
            before, variant = variant, without
            if self._passes(variant):
                cause = KNOWN_ID if feature is SPECIAL_ID and self._rejects_known(before) else feature
                self._causes[feature.name] = cause.finding
                return variant, cause.finding
        return variant, None

    def _rejects_known(self, variant: Variant) -> bool:
        """Whether a known id in the place of nil or max is rejected too.

        If it is, nil or max may be rejected because it is the id of a record of the target.
        """
        enrollment = self._enrollment()
        if enrollment is None:
            return False
        control = with_known_ids(variant, enrollment)
        if all(control.body[name] == id_ for name, id_ in enrollment.fields.items()):
            return False  # that is the enrollment itself
        response = self._send(control.case(self._cases)).response
        return response is not None and not is_inconclusive(response) and not passed_validation(response)

    def _attribute_status(self, request: RequestClass) -> Finding | None:
        """Whether the status was rejected: the same request with the other status is the first update."""
        control = self._send(
            Variant.of(request).change(status=other_status(request.status)).case(self._cases)
        )
        response = control.response
        if response is None or not is_success(response) or not isinstance(response.body, dict):
            return None
        if response.body.get("previousStatus") in ("completed", "failed"):  # any JSON value can be there
            return None
        self._causes[_status_cause(Variant.of(request))] = STATUS
        return STATUS

    def _attribute_usual(self, variant: Variant, named: Collection[str]) -> Finding:
        """A request without unusual features was rejected: because of its status, or of its unknown ids?"""
        status = variant.body[STATUS_FIELD]
        other = variant.change(status=other_status(status))
        if not named and status not in self._accepted and self._passes(other):
            self._causes[_status_cause(variant)] = STATUS
            return STATUS
        enrollment = self._enrollment()
        if enrollment is None:
            return ANY_ID if named else UNKNOWN_IDS
        if (status in self._accepted and not named) or self._passes(variant.change(**enrollment.fields)):
            if not named:
                self._causes[LOOKUP] = UNKNOWN_IDS
            return UNKNOWN_IDS
        return ANY_ID if named else STATUS

    def _passes(self, variant: Variant) -> bool:
        response = self._send(variant.case(self._cases)).response
        return response is not None and not is_inconclusive(response) and passed_validation(response)


def _status_cause(variant: Variant) -> str:
    return f"status {variant.body[STATUS_FIELD]}"
