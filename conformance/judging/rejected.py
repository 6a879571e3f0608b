"""The checks of requests with a defect in the body: they are rejected, with the documented response."""

from ..requests.request_class import FIELDS, STATUS_FIELD, Defect, Key, RequestClass
from ..transport.exchange import Response
from .finding import PASSED, Check, Outcome, decides, expect
from .response_facts import (
    has_paths,
    is_inconclusive,
    is_not_found,
    is_success,
    may_reject_the_key,
    named_fields,
    passed_validation,
)

WRONG_FIELDS = {
    "ID-04": "a rejection: the version or variant is not allowed",
    "ID-05": "a rejection: max is allowed in lower case only",
    "ID-06": "a rejection: the id is not a UUID",
    "ID-07": "a rejection: the id is not a string",
    "STATUS-04": "a rejection: the status is not documented",
    "BODY-01": "a rejection: a field is missing",
    "BODY-06": "a rejection: the body is not an object",
}
"""What each rule about a wrong field expects."""


def _is_rejected(defect: Defect, request: RequestClass, response: Response) -> bool | None:
    """Whether a request with this defect was rejected, or None if the response does not show it."""
    if not request.is_update or request.key is not Key.FULL:
        return None
    # Nothing is documented about a query, but it does not stand in for a field of the body.
    is_carried_out = request.only_query and bool(request.wrong) and is_success(response)
    if request.first_defect is not defect and not (is_carried_out and defect is Defect.SCHEMA):
        return None
    if is_inconclusive(response) or may_reject_the_key(request, response):
        return None
    return not passed_validation(response)


def _rejects_wrong(rule: str, expected: str) -> Check:
    """The check of a rule about a wrong field.

    If several fields are wrong, only a response that names them all shows that each field was rejected.
    """

    def check(request: RequestClass, response: Response) -> Outcome:
        rules = {broken for _, broken in request.wrong}
        is_rejected = _is_rejected(Defect.SCHEMA, request, response)
        if is_rejected is None or rule not in rules:
            return None
        if not is_rejected:
            return expected if rules == {rule} else None
        all_named = _named(request, response) == {name for name, _ in request.wrong}
        return PASSED if len(request.wrong) == 1 or all_named else None

    return check


def _named(request: RequestClass, response: Response) -> set[str]:
    """The fields that a 422 names, without the status if it is well-formed but not terminal.

    A server may have a schema with the two terminal statuses only. Then its 422 names such a status too.
    """
    return named_fields(response) - ({STATUS_FIELD} if request.has_non_terminal_status else set())


for _rule, _expected in WRONG_FIELDS.items():
    decides(_rule)(_rejects_wrong(_rule, _expected))


@decides("RESPONSE-05")
def rejects_with_422(request: RequestClass, response: Response) -> Outcome:
    """A body that violates the schema gets a 422, or a 400 if it is not an object."""
    if not _is_rejected(Defect.SCHEMA, request, response):
        return None
    is_object = isinstance(request.value, dict)
    if response.status == 400 and request.has_non_terminal_status:
        return None  # the rejection may be about the status: `attribution` sends another
    return expect("422", that=response.status == 422 or (response.status == 400 and not is_object))


@decides("RESPONSE-06")
def names_the_wrong_fields(request: RequestClass, response: Response) -> Outcome:
    """The errors of a 422 name the fields that are wrong, and no others."""
    fields = {name for name, _ in request.wrong if name}
    if response.status != 422 or not fields or not _is_rejected(Defect.SCHEMA, request, response):
        return None
    if not has_paths(response):
        return None
    named = _named(request, response)
    if named_fields(response) and named < fields:
        return None  # the fields that are not named may have been accepted
    # The server may have rejected a valid id of an unusual kind too. Other rules decide that.
    unknown = set(request.value) - set(FIELDS) if isinstance(request.value, dict) else set()
    others = named - fields - unknown - request.unusual_ids
    return expect("a `path` to " + " and to ".join(sorted(fields)), that=named >= fields and not others)


def may_be_looked_up_first(request: RequestClass, response: Response) -> bool:
    """Whether a server looked up unknown ids before it checked the status, or accepts the status."""
    return is_not_found(response) and request.enrollment is None


@decides("STATUS-02")
def rejects_non_terminal_statuses(request: RequestClass, response: Response) -> Outcome:
    """A well-formed request with a status that is not terminal is rejected."""
    if _is_rejected(Defect.STATUS, request, response) is None or may_be_looked_up_first(request, response):
        return None
    return expect("400 (422 tolerated): the status is not terminal", that=not is_success(response))


@decides("STATUS-03")
def rejects_non_terminal_statuses_with_400(request: RequestClass, response: Response) -> Outcome:
    """The rejection of a status that is not terminal is a 400 or a 422.

    The status in a request is checked before the look-up, so a final status of the enrollment is no reason
    for another response.
    """
    if _is_rejected(Defect.STATUS, request, response) is None or may_be_looked_up_first(request, response):
        return None
    return None if is_success(response) else expect("400 (422 tolerated)", that=response.status in {400, 422})


@decides("BODY-03")
def rejects_what_is_not_json(request: RequestClass, response: Response) -> Outcome:
    """A body that is not JSON gets a 400 or a 422."""
    if _is_rejected(Defect.NOT_JSON, request, response) is None:
        return None
    return expect("400 (422 tolerated): the body is not JSON", that=response.status in {400, 422})


@decides("BODY-04")
def rejects_other_media_types(request: RequestClass, response: Response) -> Outcome:
    """A body whose media type is not JSON gets a documented 4xx, or a standard one."""
    is_rejected = _is_rejected(Defect.MEDIA_TYPE, request, response)
    if is_rejected is None or request.operation is None:
        return None
    expected = {*request.operation.responses, *request.standard}
    is_expected = is_rejected and response.status in expected
    return expect("a documented 4xx or 415: the media type is not JSON", that=is_expected)
