"""The checks of keys: which keys are rejected, and with which response.

If a request with a bad key gets the rejection that the full key would get, the server either ignores the
key or checks the key after the body. One exchange does not show which of the two, so `key_attribution` sends
another request.
"""

from dataclasses import dataclass

from ..requests.request_class import Defect, Key, RequestClass
from ..transport.exchange import Response
from .finding import Check, Finding, Outcome, decides, expect
from .response_facts import is_inconclusive, is_not_found, is_success

UNPARSABLE = {400, 413, 415, 422}
"""The status codes of a rejection because the body cannot be parsed."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """The documented rejection of a bad key, and the rules about its parts."""

    status: int
    status_rule: str
    code: str
    code_rule: str


IGNORED = {
    Key.MISSING: Finding("AUTH-01", "a rejection: there is no key"),
    Key.UNKNOWN: Finding("AUTH-02", "a rejection: the key is unknown"),
    Key.RESTRICTED: Finding("AUTH-05", "a rejection: the key lacks the permission"),
}
"""The violation if a server ignores that a key is bad."""
_UNAUTHORIZED = Rejection(401, "AUTH-04", "UNAUTHORIZED", "AUTH-03")
_FORBIDDEN = Rejection(403, "AUTH-07", "FORBIDDEN", "AUTH-06")
REJECTION = {Key.MISSING: _UNAUTHORIZED, Key.UNKNOWN: _UNAUTHORIZED, Key.RESTRICTED: _FORBIDDEN}
"""The rejection of each bad key."""


def _may_be_parsed_first(request: RequestClass, response: Response) -> bool:
    """Whether an odd header, a query or a body that cannot be parsed may have been rejected first."""
    is_of_a_gateway = request.has_odd_key and response.status in {400, 431}
    is_unparsable = request.may_be_unparsable and response.status in UNPARSABLE
    return is_of_a_gateway or is_unparsable or may_reject_the_query(request, response)


def may_reject_the_query(request: RequestClass, response: Response) -> bool:
    """Whether a validator may have rejected the query, which is documented nowhere, before the key."""
    return request.is_update and request.has_query and response.status in {400, 422}


def is_as_with_the_full_key(request: RequestClass, response: Response) -> bool:
    """Whether a request with a bad key got a rejection that the full key would get as well."""
    if not request.is_update or request.key is Key.FULL or is_inconclusive(response):
        return False
    if is_success(response) or response.status in {401, 403} or _may_be_parsed_first(request, response):
        return False
    return not request.is_valid or (request.first_defect is Defect.UNKNOWN_IDS and is_not_found(response))


def _is_decided(request: RequestClass, response: Response) -> bool:
    """Whether a response shows if the server accepts the key of its request.

    How other operations respond to the full key is not known. There, only a success, a 401 or a 403 shows it.
    """
    operation = request.operation
    if operation is None or not operation.needs_key or request.preferred is not None:
        return False
    if is_inconclusive(response) or _may_be_parsed_first(request, response):
        return False
    return request.is_update or is_success(response) or response.status in {401, 403}


def _is_rejected(request: RequestClass, response: Response) -> bool | None:
    """Whether a request was rejected because of its bad key, or None if the response does not show it."""
    if not _is_decided(request, response) or is_as_with_the_full_key(request, response):
        return None
    return not is_success(response)


def _rejects(key: Key, expected: str) -> Check:
    """The check that a bad key is not ignored."""

    def check(request: RequestClass, response: Response) -> Outcome:
        is_rejected = _is_rejected(request, response) if request.key is key else None
        return None if is_rejected is None else expect(expected, that=is_rejected)

    return check


def _has_code(rejection: Rejection) -> Check:
    """The check that a rejection has the documented code. An error without any breaks RESPONSE-03."""

    def check(request: RequestClass, response: Response) -> Outcome:
        is_error_without_code = response.code is None and response.status >= 400
        if is_error_without_code or not _is_rejected_with(rejection, request, response):
            return None
        return expect(f"the code {rejection.code}", that=response.code == rejection.code)

    return check


def _has_status(rejection: Rejection) -> Check:
    """The check that a rejection has the documented status code."""

    def check(request: RequestClass, response: Response) -> Outcome:
        if not _is_rejected_with(rejection, request, response):
            return None
        return expect(str(rejection.status), that=response.status == rejection.status)

    return check


def _is_rejected_with(rejection: Rejection, request: RequestClass, response: Response) -> bool:
    """Whether a response rejects a bad key for which this rejection is documented."""
    return REJECTION.get(request.key) == rejection and bool(_is_rejected(request, response))


for _key, _ignored in IGNORED.items():
    decides(_ignored.rule)(_rejects(_key, _ignored.expected))
for _rejection in (_UNAUTHORIZED, _FORBIDDEN):
    decides(_rejection.code_rule)(_has_code(_rejection))
    decides(_rejection.status_rule)(_has_status(_rejection))


@decides("AUTH-08")
def begins_with_the_prefix(request: RequestClass, response: Response) -> Outcome:
    """A key that is accepted begins with the documented prefix."""
    if request.key is not Key.FULL or not _is_decided(request, response) or response.status in {401, 403}:
        return None
    prefix = request.contract.key_prefix
    return expect(f"a key that begins with {prefix}", that=request.key_sent.startswith(prefix))
