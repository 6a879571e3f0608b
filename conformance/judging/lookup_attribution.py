"""Why a request got a 404: because of its body, or because its ids were looked up too early?"""

from ..requests.access import Enrollment
from ..requests.cases import Cases
from ..requests.request_class import ID_FIELDS, RequestClass
from .features import BODY_FEATURES, Feature, Variant, without_features
from .finding import Finding
from .judged import Send
from .response_facts import is_inconclusive, is_success

LOOKED_UP_FIRST = Finding("STATUS-03", "400 (422 tolerated): the status is checked before the ids")


def find_feature_of_not_found(request: RequestClass, cases: Cases, send: Send) -> Feature | None:
    """The feature of a body without which an enrollment that was not found is updated, or None."""
    for feature, variant in without_features(Variant.of(request), ID_FIELDS, BODY_FEATURES, cases):
        response = send(variant.case(cases)).response
        if response is not None and is_success(response):
            return feature
    return None


def attribute_lookup_order(
    request: RequestClass, enrollment: Enrollment, cases: Cases, send: Send
) -> list[Finding]:
    """A status that is not terminal and unknown ids got a 404. Send the status with an enrollment.

    If that is rejected, the ids were looked up before the status was checked. Else the status is accepted.
    """
    variant = Variant.of(request).change(**enrollment.fields)
    response = send(variant.case(cases)).response
    is_rejected = response is not None and not is_inconclusive(response) and not is_success(response)
    return [LOOKED_UP_FIRST] if is_rejected else []
