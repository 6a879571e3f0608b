"""The checks of rules about every response, and of rules about requests that the contract lacks."""

import functools
import math
from typing import Any

from ..contract.document import JSON, Contract
from ..requests.request import NO_JSON
from ..requests.request_class import RequestClass
from ..transport.exchange import DEEPEST_BODY, Response
from .finding import PASSED, Outcome, decides, expect
from .internals import revealed
from .response_facts import is_inconclusive, is_success, may_reject_the_key

BY_ITSELF = frozenset(
    {"HTTP-04", "HTTP-05", "RESPONSE-01", "RESPONSE-03", "RESPONSE-04", "RESPONSE-07", "AUTH-09"}
)
"""The rules that a response can violate for every request."""
METHODS_OF_FRAMEWORKS = frozenset({"OPTIONS", "HEAD"})
"""Methods about which nothing is documented. Frameworks respond to them as RFC 9110 has it."""


@decides("HTTP-03")
def is_no_server_error(request: RequestClass, response: Response) -> Outcome:
    """The response is not a 5xx, unless the request preferred one."""
    if request.preferred is not None and request.preferred >= 500:
        return None
    return expect("any documented response except a 5xx", that=response.status < 500)


@decides("HTTP-04")
def has_the_media_type_json(request: RequestClass, response: Response) -> Outcome:
    """The response of a documented operation has the media type JSON."""
    if request.operation is None or response.status == 204 or response.status in request.standard:
        return None
    media_type = (response.header("content-type") or "").partition(";")[0].strip().lower()
    return expect(f"the media type {JSON}", that=media_type == JSON)


@decides("HTTP-05")
def has_a_documented_status(request: RequestClass, response: Response) -> Outcome:
    """The response of a documented operation has a documented status code, or a standard one."""
    if request.operation is None:
        return None
    expected = sorted({*request.operation.responses, *request.standard})
    return expect("one of " + ", ".join(map(str, expected)), that=response.status in expected)


def _is_countable(number: object) -> bool:
    """Whether a JSON number has a finite value in the double precision that RFC 8259 expects of parsers."""
    try:
        return not isinstance(number, (int, float)) or math.isfinite(number)
    except OverflowError:
        return False


def _matches_its_schema(request: RequestClass, response: Response, status: int) -> Outcome:
    """Whether the body matches the schema that is documented for a status code."""
    if request.operation is None or status not in request.operation.responses:
        return None
    if request.operation.responses[status].schema is None:
        return None
    if response.body is NO_JSON:
        return "a body that is JSON" + (f", in at most {DEEPEST_BODY} levels" if response.is_deep else "")
    validator = _validator(request.contract, status, request.operation.id)
    try:
        error = next(validator.iter_errors(response.body), None)
    except UnicodeEncodeError:  # JSON can escape half of a surrogate pair, but UTF-8 cannot encode it
        error = next(validator.iter_errors(_without_surrogates(response.body)), None)
    if error is None:
        return PASSED
    place = "".join(f"/{step}" for step in error.instance_path)
    return f"the documented body; {place or 'the body'}: {error.message}"


def _without_surrogates(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """The JSON value with a question mark instead of each half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(each) for name, each in value.items()}
    return value


@functools.lru_cache
def _validator(contract: Contract, status: int, operation: str) -> Any:  # noqa: ANN401 - jsonschema-rs has no common type
    return contract.validator(contract.operations[operation].responses[status].schema or {})


@decides("RESPONSE-01")
def has_the_body_of_a_success(request: RequestClass, response: Response) -> Outcome:
    """The body of a 2xx matches the schema of its status code, or that of the documented success."""
    if request.operation is None or not is_success(response):
        return None
    is_documented = response.status in request.operation.responses
    status = response.status if is_documented else request.operation.success.status
    return _matches_its_schema(request, response, status)


@decides("RESPONSE-03")
def has_the_body_of_an_error(request: RequestClass, response: Response) -> Outcome:
    """The body of an error except 422 and 429 matches the schema of its status code, or that of a 400."""
    if request.operation is None or response.status < 400 or response.status in {422, 429}:
        return None
    if response.status in request.standard:
        return None  # the body of a standard rejection may come from a gateway
    if response.status in request.operation.responses:
        return _matches_its_schema(request, response, response.status)
    if response.status >= 500:
        return None  # which violates HTTP-03
    return _matches_its_schema(request, response, 400)


@decides("RESPONSE-07")
def reveals_no_internals(_: RequestClass, response: Response) -> Outcome:
    """An error reveals no stack trace, no file path and no SQL."""
    if response.status < 400:
        return None
    found = revealed(response.content, response.body)
    return expect(f"an error without {found}", that=found is None)


@decides("HTTP-06")
def names_the_methods_of_a_path(_: RequestClass, response: Response) -> Outcome:
    """A 405 has the header `Allow`."""
    if response.status != 405:
        return None
    return expect("the header Allow", that=response.header("allow") is not None)


@decides("RESPONSE-04")
def has_the_body_of_a_validation_error(request: RequestClass, response: Response) -> Outcome:
    """The body of a 422 matches its schema."""
    return _matches_its_schema(request, response, 422) if response.status == 422 else None


@decides("RATE-02")
def has_the_body_of_a_rate_limit_error(request: RequestClass, response: Response) -> Outcome:
    """The body of a 429 matches its schema, and a clock can count the seconds to wait."""
    if response.status != 429:
        return None
    outcome = _matches_its_schema(request, response, 429)
    if outcome == PASSED:
        is_countable = _is_countable(response.member("retryAfter"))
        return expect("a number of seconds to wait that a clock can count", that=is_countable)
    return outcome


@decides("RATE-03")
def has_the_code_that_the_limit_is_exceeded(request: RequestClass, response: Response) -> Outcome:
    """The code of a 429 is the documented one."""
    if request.operation is None or request.preferred is not None or response.status != 429:
        return None
    return expect("the code RATE_LIMIT_EXCEEDED", that=response.code == "RATE_LIMIT_EXCEEDED")


@decides("RATE-04")
def limits_with_429(request: RequestClass, response: Response) -> Outcome:
    """A rejection of too many requests has the status code 429."""
    if request.operation is None or request.preferred is not None:
        return None
    if response.code != "RATE_LIMIT_EXCEEDED" and response.status != 429:
        return None
    return expect("429", that=response.status == 429)


@decides("AUTH-09")
def contains_no_key(request: RequestClass, response: Response) -> Outcome:
    """The response does not contain a key of the user that was sent. A key that was made up is no secret."""
    if not request.secrets_sent:
        return None
    seen = response.content + b" ".join(value.encode("latin-1", "replace") for _, value in response.headers)
    is_repeated = any(secret.encode("utf-8", "surrogateescape") in seen for secret in request.secrets_sent)
    return expect("a response without the key", that=not is_repeated)


@decides("HTTP-01")
def rejects_other_methods(request: RequestClass, response: Response) -> Outcome:
    """A method that the contract lacks gets a 404 or a 405, unless it is OPTIONS or HEAD."""
    return _rejects_what_the_contract_lacks(request, response) if request.known_path else None


@decides("HTTP-02")
def rejects_other_paths(request: RequestClass, response: Response) -> Outcome:
    """A path that the contract lacks gets a 404 or a 405, unless it is similar to one of the contract."""
    if request.known_path or request.similar_path:
        return None
    return _rejects_what_the_contract_lacks(request, response)


def _rejects_what_the_contract_lacks(request: RequestClass, response: Response) -> Outcome:
    if request.operation is not None or is_inconclusive(response) or may_reject_the_key(request, response):
        return None
    if request.method in METHODS_OF_FRAMEWORKS:
        return None
    is_rejected = response.status in {404, 405, *(request.standard & {400})}
    if request.has_needless_content and not is_rejected and 400 <= response.status < 500:
        return None  # a gateway may have rejected the content: with 400, or with 403 as CloudFront does
    return expect("404 or 405", that=is_rejected)
