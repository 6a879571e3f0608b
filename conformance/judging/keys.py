"""The checks of keys: which keys are rejected, and with which response.

If a request with a bad key gets the rejection that the full key would get, the server either ignores the
key or checks the key after the body. One exchange does not show which of the two, so `key_attribution` sends
another request.
"""

from ..requests.request_class import Defect, Key, RequestClass
from ..transport.exchange import Response
from .finding import Outcome, decides, expect
from .response_facts import is_inconclusive, is_not_found, is_success

UNPARSABLE = {400, 413, 415, 422}
"""The status codes of a rejection because the body cannot be parsed."""
IGNORED = {Key.MISSING: "AUTH-01", Key.UNKNOWN: "AUTH-02", Key.RESTRICTED: "AUTH-05"}
"""The rule that a server violates if it ignores a bad key."""
_UNAUTHORIZED = ("AUTH-04", 401, ("AUTH-03", "the code UNAUTHORIZED"))
REJECTION = {
    Key.MISSING: _UNAUTHORIZED,
    Key.UNKNOWN: _UNAUTHORIZED,
    Key.RESTRICTED: ("AUTH-07", 403, ("AUTH-06", "the code FORBIDDEN")),
}
"""The rejection of each bad key: the rule about the status code, the status code, the rule about the code."""


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


def _is_decided(request: RequestClass, response: Response, *keys: Key) -> bool:
    """Whether a response to a request with one of the keys shows if the server accepts the key.

    How other operations respond to the full key is not known. There, only a success, a 401 or a 403 shows it.
    """
    operation = request.operation
    if operation is None or not operation.needs_key or request.preferred is not None:
        return False
    if request.key not in keys or is_inconclusive(response) or _may_be_parsed_first(request, response):
        return False
    return request.is_update or is_success(response) or response.status in {401, 403}


def _rejects(expected: str, request: RequestClass, response: Response, key: Key) -> Outcome:
    if not _is_decided(request, response, key) or is_as_with_the_full_key(request, response):
        return None
    return expect(expected, that=not is_success(response))


def _is_rejection(request: RequestClass, response: Response, *keys: Key) -> bool:
    """Whether a response rejects a request because of one of the keys."""
    return (
        _is_decided(request, response, *keys)
        and not is_success(response)
        and not is_as_with_the_full_key(request, response)
    )


def _has_code(code: str, request: RequestClass, response: Response, *keys: Key) -> Outcome:
    if response.code is None or not _is_rejection(request, response, *keys):
        return None
    return expect(f"the code {code}", that=response.code == code)


def _has_status(status: int, request: RequestClass, response: Response, *keys: Key) -> Outcome:
    if not _is_rejection(request, response, *keys):
        return None
    return expect(str(status), that=response.status == status)


@decides("AUTH-01")
def rejects_a_missing_key(request: RequestClass, response: Response) -> Outcome:
    """A request without a key is rejected."""
    return _rejects("a rejection: there is no key", request, response, Key.MISSING)


@decides("AUTH-02")
def rejects_an_unknown_key(request: RequestClass, response: Response) -> Outcome:
    """A request with a key that the vendor did not make is rejected."""
    return _rejects("a rejection: the key is unknown", request, response, Key.UNKNOWN)


@decides("AUTH-03")
def has_the_code_unauthorized(request: RequestClass, response: Response) -> Outcome:
    """The rejection of a missing or unknown key has the documented code."""
    return _has_code("UNAUTHORIZED", request, response, Key.MISSING, Key.UNKNOWN)


@decides("AUTH-04")
def rejects_a_bad_key_with_401(request: RequestClass, response: Response) -> Outcome:
    """A missing or unknown key is rejected with a 401."""
    return _has_status(401, request, response, Key.MISSING, Key.UNKNOWN)


@decides("AUTH-05")
def rejects_a_restricted_key(request: RequestClass, response: Response) -> Outcome:
    """A key that lacks the permission is rejected."""
    return _rejects("a rejection: the key lacks the permission", request, response, Key.RESTRICTED)


@decides("AUTH-06")
def has_the_code_forbidden(request: RequestClass, response: Response) -> Outcome:
    """The rejection of a key that lacks the permission has the documented code."""
    return _has_code("FORBIDDEN", request, response, Key.RESTRICTED)


@decides("AUTH-07")
def rejects_a_restricted_key_with_403(request: RequestClass, response: Response) -> Outcome:
    """A key that lacks the permission is rejected with a 403."""
    return _has_status(403, request, response, Key.RESTRICTED)


@decides("AUTH-08")
def begins_with_the_prefix(request: RequestClass, response: Response) -> Outcome:
    """A key that is accepted begins with the documented prefix."""
    if not _is_decided(request, response, Key.FULL) or response.status in {401, 403}:
        return None
    prefix = request.contract.key_prefix
    return expect(f"a key that begins with {prefix}", that=request.key_sent.startswith(prefix))
