"""What holds of every response, whatever was asked; and what the contract lacks."""

import functools
from typing import Any

from ..contract.document import JSON, Contract
from ..requests.classify import RequestClass
from ..requests.request import NO_JSON
from ..transport.exchange import Response
from .registry import HOLDS, Known, Outcome, decides, expect, is_inconclusive


@decides("HTTP-03")
def is_no_server_error(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """The response is no 5xx, unless one was asked for."""
    if request_class.preferred is not None and request_class.preferred >= 500:
        return None
    return expect("any documented response but a 5xx", that=response.status < 500)


@decides("HTTP-04")
def has_the_media_type_json(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """The response of a documented operation says that it is JSON."""
    if request_class.operation is None or response.status == 204:
        return None
    media_type = (response.header("content-type") or "").partition(";")[0].strip().lower()
    return expect(f"the media type {JSON}", that=media_type == JSON)


@decides("HTTP-05")
def has_a_documented_status(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """The response of a documented operation has a status that is documented."""
    if request_class.operation is None:
        return None
    documented = request_class.operation.responses
    return expect("one of " + ", ".join(map(str, documented)), that=response.status in documented)


def _matches_its_schema(request_class: RequestClass, response: Response, contract: Contract) -> Outcome:
    documented = request_class.operation.responses.get(response.status) if request_class.operation else None
    if documented is None or documented.schema is None:
        return None
    body = response.body
    if body is NO_JSON:
        return "a body that is JSON"
    error = next(_validator(contract, response.status, request_class.operation.id).iter_errors(body), None)  # type: ignore[union-attr]  # an response with a response has an operation
    if error is None:
        return HOLDS
    place = "".join(f"/{step}" for step in error.instance_path)
    return f"the documented body; {place or 'the body'}: {error.message}"


@functools.lru_cache
def _validator(contract: Contract, status: int, operation: str) -> Any:  # noqa: ANN401 - jsonschema-rs has no common type
    return contract.validator(contract.operations[operation].responses[status].schema or {})


@decides("RESPONSE-01")
def has_the_body_of_a_success(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The body of a 2xx matches its schema."""
    return (
        _matches_its_schema(request_class, response, known.contract) if 200 <= response.status < 300 else None
    )


@decides("RESPONSE-03")
def has_the_body_of_an_error(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The body of an error, but for 422 and 429, matches its schema."""
    if response.status < 400 or response.status in {422, 429}:
        return None
    return _matches_its_schema(request_class, response, known.contract)


@decides("RESPONSE-04")
def has_the_body_of_a_validation_error(
    request_class: RequestClass, response: Response, known: Known
) -> Outcome:
    """The body of a 422 matches its schema."""
    return _matches_its_schema(request_class, response, known.contract) if response.status == 422 else None


@decides("RATE-02")
def has_the_body_of_a_rate_limit_error(
    request_class: RequestClass, response: Response, known: Known
) -> Outcome:
    """The body of a 429 matches its schema."""
    return _matches_its_schema(request_class, response, known.contract) if response.status == 429 else None


@decides("RATE-03")
def says_that_the_limit_is_exceeded(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """The code of a 429 is the documented one."""
    if request_class.operation is None or request_class.preferred is not None or response.status != 429:
        return None
    return expect("the code RATE_LIMIT_EXCEEDED", that=response.code == "RATE_LIMIT_EXCEEDED")


@decides("RATE-04")
def limits_with_429(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """A refusal for too many requests is a 429."""
    if request_class.operation is None or request_class.preferred is not None:
        return None
    if response.code != "RATE_LIMIT_EXCEEDED" and response.status != 429:
        return None
    return expect("429", that=response.status == 429)


@decides("AUTH-09")
def keeps_the_key_to_itself(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The response does not contain the key that was sent."""
    if len(request_class.key_sent) <= len(known.contract.key_prefix):
        return None
    seen = response.content + b" ".join(value.encode("latin-1", "replace") for _, value in response.headers)
    return expect("an response without the key", that=request_class.key_sent.encode() not in seen)


@decides("HTTP-01")
def refuses_other_methods(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A method that the contract lacks is refused with 404 or 405."""
    return _refuses_what_is_not_there(request_class, response, known) if request_class.known_path else None


@decides("HTTP-02")
def refuses_other_paths(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A path that the contract lacks is refused with 404 or 405."""
    return None if request_class.known_path else _refuses_what_is_not_there(request_class, response, known)


def _refuses_what_is_not_there(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    if request_class.operation is not None or is_inconclusive(response) or known.refuses_the_key(response):
        return None
    return expect("404 or 405", that=response.status in {404, 405})
