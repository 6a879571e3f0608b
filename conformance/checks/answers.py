"""What holds of every answer, whatever was asked; and what the contract lacks."""

import functools
from typing import Any

from conformance.checks.registry import HOLDS, Known, Outcome, decides, expect, says_nothing
from conformance.contract import JSON, Contract
from conformance.exchange import NO_JSON, Answer
from conformance.question import Question


@decides("HTTP-03")
def is_no_server_error(question: Question, answer: Answer, _: Known) -> Outcome:
    """The answer is no 5xx, unless one was asked for."""
    if question.preferred is not None and question.preferred >= 500:
        return None
    return expect("any documented answer but a 5xx", that=answer.status < 500)


@decides("HTTP-04")
def has_the_media_type_json(question: Question, answer: Answer, _: Known) -> Outcome:
    """The answer of a documented operation says that it is JSON."""
    if question.operation is None or answer.status == 204:
        return None
    media_type = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    return expect(f"the media type {JSON}", that=media_type == JSON)


@decides("HTTP-05")
def has_a_documented_status(question: Question, answer: Answer, _: Known) -> Outcome:
    """The answer of a documented operation has a status that is documented."""
    if question.operation is None:
        return None
    documented = question.operation.responses
    return expect("one of " + ", ".join(map(str, documented)), that=answer.status in documented)


def _matches_its_schema(question: Question, answer: Answer, contract: Contract) -> Outcome:
    response = question.operation.responses.get(answer.status) if question.operation else None
    if response is None or response.schema is None:
        return None
    body = answer.body
    if body is NO_JSON:
        return "a body that is JSON"
    error = next(_validator(contract, answer.status, question.operation.id).iter_errors(body), None)  # type: ignore[union-attr]  # an answer with a response has an operation
    if error is None:
        return HOLDS
    place = "".join(f"/{step}" for step in error.instance_path)
    return f"the documented body; {place or 'the body'}: {error.message}"


@functools.lru_cache
def _validator(contract: Contract, status: int, operation: str) -> Any:  # noqa: ANN401 - jsonschema-rs has no common type
    return contract.validator(contract.operations[operation].responses[status].schema or {})


@decides("RESPONSE-01")
def has_the_body_of_a_success(question: Question, answer: Answer, known: Known) -> Outcome:
    """The body of a 2xx matches its schema."""
    return _matches_its_schema(question, answer, known.contract) if 200 <= answer.status < 300 else None


@decides("RESPONSE-03")
def has_the_body_of_an_error(question: Question, answer: Answer, known: Known) -> Outcome:
    """The body of an error, but for 422 and 429, matches its schema."""
    if answer.status < 400 or answer.status in {422, 429}:
        return None
    return _matches_its_schema(question, answer, known.contract)


@decides("RESPONSE-04")
def has_the_body_of_a_validation_error(question: Question, answer: Answer, known: Known) -> Outcome:
    """The body of a 422 matches its schema."""
    return _matches_its_schema(question, answer, known.contract) if answer.status == 422 else None


@decides("RATE-02")
def has_the_body_of_a_rate_limit_error(question: Question, answer: Answer, known: Known) -> Outcome:
    """The body of a 429 matches its schema."""
    return _matches_its_schema(question, answer, known.contract) if answer.status == 429 else None


@decides("RATE-03")
def says_that_the_limit_is_exceeded(question: Question, answer: Answer, _: Known) -> Outcome:
    """The code of a 429 is the documented one."""
    if question.operation is None or question.preferred is not None or answer.status != 429:
        return None
    return expect("the code RATE_LIMIT_EXCEEDED", that=answer.code == "RATE_LIMIT_EXCEEDED")


@decides("RATE-04")
def limits_with_429(question: Question, answer: Answer, _: Known) -> Outcome:
    """A refusal for too many requests is a 429."""
    if question.operation is None or question.preferred is not None:
        return None
    if answer.code != "RATE_LIMIT_EXCEEDED" and answer.status != 429:
        return None
    return expect("429", that=answer.status == 429)


@decides("AUTH-09")
def keeps_the_key_to_itself(question: Question, answer: Answer, known: Known) -> Outcome:
    """The answer does not contain the key that was sent."""
    if len(question.key_sent) <= len(known.contract.key_prefix):
        return None
    seen = answer.content + b" ".join(value.encode("latin-1", "replace") for _, value in answer.headers)
    return expect("an answer without the key", that=question.key_sent.encode() not in seen)


@decides("HTTP-01")
def refuses_other_methods(question: Question, answer: Answer, known: Known) -> Outcome:
    """A method that the contract lacks is refused with 404 or 405."""
    return _refuses_what_is_not_there(question, answer, known) if question.known_path else None


@decides("HTTP-02")
def refuses_other_paths(question: Question, answer: Answer, known: Known) -> Outcome:
    """A path that the contract lacks is refused with 404 or 405."""
    return None if question.known_path else _refuses_what_is_not_there(question, answer, known)


def _refuses_what_is_not_there(question: Question, answer: Answer, known: Known) -> Outcome:
    if question.operation is not None or says_nothing(answer) or known.refuses_the_key(answer):
        return None
    return expect("404 or 405", that=answer.status in {404, 405})
