"""Explain why a valid request of a recording was rejected, by the requests that were accepted.

A run sends a rejected request again without one of its features. A recording may have both requests already.
Then a comparison finds the same cause, and sends nothing.
"""

from collections.abc import Collection, Iterable, Mapping

from ..judging import Finding
from ..judging.features import ANY_ID, BODY_FEATURES, ID_FEATURES, KNOWN_ID, STATUS, UNKNOWN_IDS, Variant
from ..judging.response_facts import named_fields
from ..requests.ids import kind_of_id
from ..requests.request_class import ID_FIELDS, STATUS_FIELD, Defect, RequestClass
from ..transport.exchange import Response

Features = Mapping[tuple[str, ...], Finding | None]
"""What can be the cause of a rejection, by name, field and kind, with the violation if it is the cause.

The violation is None if a rejection for that reason is allowed.
"""


def features(request: RequestClass) -> Features:
    """The features of a valid request, except that an id may belong to a record."""
    variant = Variant.of(request)
    found: dict[tuple[str, ...], Finding | None] = {
        (each.name,): each.finding for each in BODY_FEATURES if each.is_present(variant, ID_FIELDS)
    }
    for each in ID_FEATURES:
        for field in ID_FIELDS:
            if each is not KNOWN_ID and each.is_present(variant, (field,)):
                kind = kind_of_id(variant.body[field].lower())
                found[each.name, field, kind] = each.finding
    # The status of an enrollment may be final, so that any update of it is rejected.
    found["status", str(request.status)] = STATUS if request.first_defect is Defect.UNKNOWN_IDS else None
    return found


def explain(own: Features, response: Response, accepted: Iterable[Features]) -> Finding | None:
    """The rule that the rejection of a valid request violates, or None if the recording does not show it.

    Args:
        own: the features of the request.
        response: its rejection.
        accepted: the features of each valid request to the same server that was accepted.

    """
    others = [each.keys() for each in accepted]
    if not others:
        return None
    possible = dict(own)
    named = named_fields(response)
    if fields := named & set(ID_FIELDS):
        possible = {key: finding for key, finding in own.items() if fields & set(key[1:2])}
    elif named == {STATUS_FIELD}:
        possible = {key: finding for key, finding in own.items() if key[0] == STATUS_FIELD}
    never_accepted = possible.keys() - {key for other in others for key in other}
    added = (possible.keys() - other for other in others if other < own.keys())
    return _agreed(possible, [never_accepted]) or _agreed(possible, added)


def _agreed(possible: Features, differences: Iterable[Collection[tuple[str, ...]]]) -> Finding | None:
    """The one violation of the differences that have one cause, if they agree."""
    causes = [{possible[key] for key in difference} for difference in differences]
    agreed = {finding for cause in causes if len(cause) == 1 for finding in cause}
    return agreed.pop() if len(agreed) == 1 else None


def possible_violations(own: Features) -> set[str]:
    """The rules that the rejection of a valid request with these features may violate."""
    findings = {finding for finding in own.values() if finding is not None} - {STATUS}
    return {finding.rule for finding in findings or {STATUS, ANY_ID, UNKNOWN_IDS}}
