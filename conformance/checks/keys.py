"""Which keys are refused, and how."""

from conformance.checks.registry import Known, Outcome, decides, expect, looked_up_in_vain, says_nothing
from conformance.exchange import Answer
from conformance.question import Key, Question, Stage


def _refuses_the_key(question: Question, answer: Answer, *keys: Key) -> bool | None:
    """Whether the answer refuses the key; None where it tells nothing."""
    if not question.is_update or question.key not in keys or says_nothing(answer):
        return None
    if 200 <= answer.status < 300:
        return False
    if answer.status in {401, 403}:
        return True
    # What was looked up in vain was refused, though perhaps not for its key.
    is_valid = question.stage in {Stage.LOOKUP, Stage.UPDATE}
    return True if is_valid and not looked_up_in_vain(answer) else None


def _is_let_in(question: Question, answer: Answer, known: Known) -> bool:
    """Whether the key was seen to be ignored, so that what came of it says nothing more."""
    rule = {Key.MISSING: "AUTH-01", Key.UNKNOWN: "AUTH-02", Key.RESTRICTED: "AUTH-05"}[question.key]
    return 200 <= answer.status < 300 or (looked_up_in_vain(answer) and rule in known.broken)


def _says(code: str, question: Question, answer: Answer, known: Known, *keys: Key) -> Outcome:
    if not question.is_update or question.key not in keys or says_nothing(answer) or answer.code is None:
        return None
    is_valid = question.stage in {Stage.LOOKUP, Stage.UPDATE}
    if _is_let_in(question, answer, known) or not (is_valid or answer.status in {401, 403}):
        return None
    return expect(f"the code {code}", that=answer.code == code)


@decides("AUTH-08")
def begins_with_the_prefix(question: Question, answer: Answer, known: Known) -> Outcome:
    """A key that is let in begins as every key does."""
    if not question.is_update or question.key is not Key.FULL or says_nothing(answer):
        return None
    if answer.status in {401, 403}:
        return None
    prefix = known.contract.key_prefix
    return expect(f"a key that begins with {prefix}", that=question.key_sent.startswith(prefix))


@decides("AUTH-01")
def refuses_a_missing_key(question: Question, answer: Answer, _: Known) -> Outcome:
    """A request without a key is refused."""
    refused = _refuses_the_key(question, answer, Key.MISSING)
    return None if refused is None else expect("a refusal, for there is no key", that=refused)


@decides("AUTH-02")
def refuses_an_unknown_key(question: Question, answer: Answer, _: Known) -> Outcome:
    """A request with a key that the vendor did not make is refused."""
    refused = _refuses_the_key(question, answer, Key.UNKNOWN)
    return None if refused is None else expect("a refusal, for the key is unknown", that=refused)


@decides("AUTH-03")
def says_unauthorized(question: Question, answer: Answer, known: Known) -> Outcome:
    """The refusal of a missing or unknown key has the documented code."""
    return _says("UNAUTHORIZED", question, answer, known, Key.MISSING, Key.UNKNOWN)


@decides("AUTH-04")
def refuses_unauthorized_with_401(question: Question, answer: Answer, known: Known) -> Outcome:
    """A missing or unknown key gives a 401 before anything else is looked at."""
    return _refuses_first_with(401, question, answer, known, Key.MISSING, Key.UNKNOWN)


@decides("AUTH-05")
def refuses_a_restricted_key(question: Question, answer: Answer, _: Known) -> Outcome:
    """A key that lacks the permission is refused."""
    refused = _refuses_the_key(question, answer, Key.RESTRICTED)
    return None if refused is None else expect("a refusal, for the key lacks the permission", that=refused)


@decides("AUTH-06")
def says_forbidden(question: Question, answer: Answer, known: Known) -> Outcome:
    """The refusal of a key that lacks the permission has the documented code."""
    return _says("FORBIDDEN", question, answer, known, Key.RESTRICTED)


@decides("AUTH-07")
def refuses_forbidden_with_403(question: Question, answer: Answer, known: Known) -> Outcome:
    """A key that lacks the permission gives a 403 before anything else is looked at."""
    return _refuses_first_with(403, question, answer, known, Key.RESTRICTED)


def _refuses_first_with(status: int, question: Question, answer: Answer, known: Known, *keys: Key) -> Outcome:
    if not question.is_update or question.key not in keys or says_nothing(answer):
        return None
    if _is_let_in(question, answer, known):
        return None
    return expect(str(status), that=answer.status == status)
