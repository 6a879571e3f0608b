"""Which keys are refused, and how."""

from ..requests.classify import Defect, Key, RequestClass
from ..transport.exchange import Response
from .registry import Known, Outcome, decides, expect, is_inconclusive, is_not_found


def _refuses_the_key(request_class: RequestClass, response: Response, *keys: Key) -> bool | None:
    """Whether the answer refuses the key; None where it tells nothing."""
    if not request_class.is_update or request_class.key not in keys or is_inconclusive(response):
        return None
    if 200 <= response.status < 300:
        return False
    if response.status in {401, 403}:
        return True
    # What was looked up in vain was refused, though perhaps not for its key.
    is_valid = request_class.first_defect in {Defect.UNKNOWN_IDS, Defect.NONE}
    return True if is_valid and not is_not_found(response) else None


def _is_let_in(request_class: RequestClass, response: Response, known: Known) -> bool:
    """Whether the key was seen to be ignored, so that what came of it says nothing more."""
    rule = {Key.MISSING: "AUTH-01", Key.UNKNOWN: "AUTH-02", Key.RESTRICTED: "AUTH-05"}[request_class.key]
    return 200 <= response.status < 300 or (is_not_found(response) and rule in known.broken)


def _says(code: str, request_class: RequestClass, response: Response, known: Known, *keys: Key) -> Outcome:
    if (
        not request_class.is_update
        or request_class.key not in keys
        or is_inconclusive(response)
        or response.code is None
    ):
        return None
    is_valid = request_class.first_defect in {Defect.UNKNOWN_IDS, Defect.NONE}
    if _is_let_in(request_class, response, known) or not (is_valid or response.status in {401, 403}):
        return None
    return expect(f"the code {code}", that=response.code == code)


@decides("AUTH-08")
def begins_with_the_prefix(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A key that is let in begins as every key does."""
    if not request_class.is_update or request_class.key is not Key.FULL or is_inconclusive(response):
        return None
    if response.status in {401, 403}:
        return None
    prefix = known.contract.key_prefix
    return expect(f"a key that begins with {prefix}", that=request_class.key_sent.startswith(prefix))


@decides("AUTH-01")
def refuses_a_missing_key(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """A request without a key is refused."""
    refused = _refuses_the_key(request_class, response, Key.MISSING)
    return None if refused is None else expect("a refusal, for there is no key", that=refused)


@decides("AUTH-02")
def refuses_an_unknown_key(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """A request with a key that the vendor did not make is refused."""
    refused = _refuses_the_key(request_class, response, Key.UNKNOWN)
    return None if refused is None else expect("a refusal, for the key is unknown", that=refused)


@decides("AUTH-03")
def says_unauthorized(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The refusal of a missing or unknown key has the documented code."""
    return _says("UNAUTHORIZED", request_class, response, known, Key.MISSING, Key.UNKNOWN)


@decides("AUTH-04")
def refuses_unauthorized_with_401(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A missing or unknown key gives a 401 before anything else is looked at."""
    return _refuses_first_with(401, request_class, response, known, Key.MISSING, Key.UNKNOWN)


@decides("AUTH-05")
def refuses_a_restricted_key(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """A key that lacks the permission is refused."""
    refused = _refuses_the_key(request_class, response, Key.RESTRICTED)
    return None if refused is None else expect("a refusal, for the key lacks the permission", that=refused)


@decides("AUTH-06")
def says_forbidden(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The refusal of a key that lacks the permission has the documented code."""
    return _says("FORBIDDEN", request_class, response, known, Key.RESTRICTED)


@decides("AUTH-07")
def refuses_forbidden_with_403(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A key that lacks the permission gives a 403 before anything else is looked at."""
    return _refuses_first_with(403, request_class, response, known, Key.RESTRICTED)


def _refuses_first_with(
    status: int, request_class: RequestClass, response: Response, known: Known, *keys: Key
) -> Outcome:
    if not request_class.is_update or request_class.key not in keys or is_inconclusive(response):
        return None
    if _is_let_in(request_class, response, known):
        return None
    return expect(str(status), that=response.status == status)
