"""The checks of valid requests: they pass validation, and ids that name no enrollment are not found.

These checks decide only if a request was accepted. If a valid request was rejected, `attribution` finds the
cause.
"""

from collections.abc import Callable

from ..requests.ids import is_special, is_upper
from ..requests.request_class import Defect, Key, RequestClass
from ..transport.exchange import Response
from .finding import PASSED, Check, Outcome, decides, expect
from .response_facts import is_inconclusive, is_not_found, passed_validation

TESTED: dict[str, Callable[[RequestClass], bool]] = {
    "ID-01": lambda request: any(not is_special(id_) for id_ in request.ids),
    "ID-02": lambda request: any(map(is_special, request.ids)),
    "ID-03": lambda request: any(map(is_upper, request.ids)),
    "STATUS-01": lambda _: True,
    "BODY-02": lambda request: request.extra_fields,
    "BODY-05": lambda request: request.charset,
    "BODY-07": lambda request: request.rewritten,
}
"""The rules about what must be accepted, and for each rule whether a valid request tests it."""


def is_accepted(request: RequestClass, response: Response) -> bool:
    """Whether a valid request passed validation."""
    return request.is_valid and request.key is Key.FULL and passed_validation(response)


def _accepts(is_tested: Callable[[RequestClass], bool]) -> Check:
    return lambda request, response: PASSED if is_accepted(request, response) and is_tested(request) else None


for _rule, _is_tested in TESTED.items():
    decides(_rule)(_accepts(_is_tested))


def _looks_up(request: RequestClass, response: Response) -> bool:
    return request.first_defect is Defect.UNKNOWN_IDS and is_accepted(request, response)


@decides("LOOKUP-01")
def finds_no_enrollment(request: RequestClass, response: Response) -> Outcome:
    """Ids that name no enrollment are rejected."""
    if not _looks_up(request, response):
        return None
    return expect("404: no enrollment has these ids", that=is_not_found(response))


@decides("LOOKUP-02")
def rejects_unknown_ids_with_404(request: RequestClass, response: Response) -> Outcome:
    """Ids that name no enrollment get a 404."""
    if not _looks_up(request, response) or not is_not_found(response):
        return None
    return expect("404", that=response.status == 404)


@decides("LOOKUP-03")
def has_the_code_not_found(request: RequestClass, response: Response) -> Outcome:
    """The rejection of ids that name no enrollment has the documented code."""
    is_lookup = request.is_update and request.first_defect is Defect.UNKNOWN_IDS
    if not is_lookup or request.key is not Key.FULL or response.status != 404 or is_inconclusive(response):
        return None
    return expect("the code NOT_FOUND", that=response.code == "NOT_FOUND")
