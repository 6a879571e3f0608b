"""What must be refused for its body, and how."""

from ..requests.classify import FIELDS, Defect, Key, RequestClass
from ..transport.exchange import Response
from .registry import (
    HOLDS,
    Known,
    Outcome,
    accepts,
    decides,
    expect,
    has_paths,
    is_inconclusive,
    is_not_found,
    named_fields,
)


def _refuses_at(
    first_defect: Defect, request_class: RequestClass, response: Response, known: Known
) -> bool | None:
    """Whether the answer refuses what is wrong at a stage; None where it tells nothing."""
    if (
        not request_class.is_update
        or request_class.key is not Key.FULL
        or request_class.first_defect is not first_defect
    ):
        return None
    if is_inconclusive(response) or known.refuses_the_key(response):
        return None
    return not accepts(response)


def _refuses_wrong(
    rule: str, expected: str, request_class: RequestClass, response: Response, known: Known
) -> Outcome:
    """Where several things are wrong, only an answer that names them all says that each was refused."""
    rules = {broken for _, broken in request_class.wrong}
    refused = _refuses_at(Defect.SCHEMA, request_class, response, known)
    if refused is None or rule not in rules:
        return None
    if not refused:
        return expected if rules == {rule} else None
    all_named = named_fields(response) == {name for name, _ in request_class.wrong}
    return HOLDS if len(request_class.wrong) == 1 or all_named else None


@decides("ID-04")
def refuses_other_versions_and_variants(
    request_class: RequestClass, response: Response, known: Known
) -> Outcome:
    """A UUID of an undocumented version or variant is refused."""
    return _refuses_wrong(
        "ID-04", "a refusal, for the version or variant is not allowed", request_class, response, known
    )


@decides("ID-05")
def refuses_max_in_other_case(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The max UUID is refused in any case but lower case."""
    return _refuses_wrong(
        "ID-05", "a refusal, for max is allowed in lower case alone", request_class, response, known
    )


@decides("ID-06")
def refuses_what_is_no_uuid(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A string that has not the form of a UUID is refused."""
    return _refuses_wrong("ID-06", "a refusal, for the id is no UUID", request_class, response, known)


@decides("ID-07")
def refuses_ids_of_other_types(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """An id that is not a string is refused."""
    return _refuses_wrong("ID-07", "a refusal, for the id is not a string", request_class, response, known)


@decides("STATUS-04")
def refuses_unknown_statuses(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A status that is none of the nine is refused."""
    return _refuses_wrong(
        "STATUS-04", "a refusal, for the status is none of the nine", request_class, response, known
    )


@decides("BODY-01")
def refuses_missing_fields(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A body that lacks a field is refused."""
    return _refuses_wrong("BODY-01", "a refusal, for a field is missing", request_class, response, known)


@decides("BODY-06")
def refuses_what_is_no_object(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A JSON body that is not an object is refused."""
    return _refuses_wrong(
        "BODY-06", "a refusal, for the body is not an object", request_class, response, known
    )


@decides("RESPONSE-05")
def refuses_with_422(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """What breaks the schema is refused with a 422."""
    if not _refuses_at(Defect.SCHEMA, request_class, response, known):
        return None
    return expect("422", that=response.status == 422)


@decides("RESPONSE-06")
def names_the_wrong_fields(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The errors of a 422 name the fields that are wrong, and no others."""
    fields = {name for name, _ in request_class.wrong if name}
    if response.status != 422 or not fields or not _refuses_at(Defect.SCHEMA, request_class, response, known):
        return None
    if not has_paths(response):
        return None
    named = named_fields(response)
    if named and named < fields:
        return None  # what was not named may have been accepted
    # What is odd and valid may have been refused as well: other rules are about that.
    unknown = set(request_class.value) - set(FIELDS) if isinstance(request_class.value, dict) else set()
    others = named - fields - unknown - request_class.odd_ids
    return expect("a `path` to " + " and to ".join(sorted(fields)), that=named >= fields and not others)


@decides("STATUS-02")
def refuses_other_statuses(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A well-formed request with a status that is not terminal is refused."""
    if _refuses_at(Defect.STATUS, request_class, response, known) is None:
        return None
    if is_not_found(response) and request_class.enrollment is None:
        return None  # the record may have been looked up first
    accepted = 200 <= response.status < 300
    return expect("400 (422 tolerated), for the status is not terminal", that=not accepted)


@decides("STATUS-03")
def refuses_other_statuses_with_400(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The refusal of a status that is not terminal is a 400 or a 422."""
    if _refuses_at(Defect.STATUS, request_class, response, known) is None or 200 <= response.status < 300:
        return None
    if is_not_found(response) and request_class.enrollment is None:
        return None
    return expect("400 (422 tolerated)", that=response.status in {400, 422})


@decides("BODY-03")
def refuses_what_is_not_json(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A body that is not JSON is refused with a 400 or a 422."""
    if _refuses_at(Defect.NOT_JSON, request_class, response, known) is None:
        return None
    return expect("400 (422 tolerated), for the body is not JSON", that=response.status in {400, 422})


@decides("BODY-04")
def refuses_other_media_types(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A body of another media type than JSON is refused with a documented 4xx."""
    refused = _refuses_at(Defect.MEDIA_TYPE, request_class, response, known)
    if refused is None or request_class.operation is None:
        return None
    documented = refused and response.status in request_class.operation.responses
    return expect("a documented 4xx, for the media type is not JSON", that=documented)
