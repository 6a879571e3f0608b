"""Which keys are refused, and how."""

from conformance.checks.registry import Known, Outcome, accepts, decides, expect, says_nothing
from conformance.exchange import Answer
from conformance.question import Key, Question, Stage


def _refuses_the_key(question: Question, answer: Answer, *keys: Key) -> bool | None:
    """Whether the answer refuses the key; None where it tells nothing."""
    if not question.is_update or question.key not in keys or says_nothing(answer):
        return None
    if accepts(answer):
        return False
    refused = answer.status in {401, 403}
    return True if refused or question.stage in {Stage.LOOKUP, Stage.UPDATE} else None


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
def says_unauthorized(question: Question, answer: Answer, _: Known) -> Outcome:
    """The refusal of a missing or unknown key has the documented code."""
    if not _refuses_the_key(question, answer, Key.MISSING, Key.UNKNOWN) or answer.code is None:
        return None
    return expect("the code UNAUTHORIZED", that=answer.code == "UNAUTHORIZED")


@decides("AUTH-04")
def refuses_unauthorized_with_401(question: Question, answer: Answer, _: Known) -> Outcome:
    """A missing or unknown key gives a 401 before anything else is looked at."""
    return _refuses_first_with(401, question, answer, Key.MISSING, Key.UNKNOWN)


@decides("AUTH-05")
def refuses_a_restricted_key(question: Question, answer: Answer, _: Known) -> Outcome:
    """A key that lacks the permission is refused."""
    refused = _refuses_the_key(question, answer, Key.RESTRICTED)
    return None if refused is None else expect("a refusal, for the key lacks the permission", that=refused)


@decides("AUTH-06")
def says_forbidden(question: Question, answer: Answer, _: Known) -> Outcome:
    """The refusal of a key that lacks the permission has the documented code."""
    if not _refuses_the_key(question, answer, Key.RESTRICTED) or answer.code is None:
        return None
    return expect("the code FORBIDDEN", that=answer.code == "FORBIDDEN")


@decides("AUTH-07")
def refuses_forbidden_with_403(question: Question, answer: Answer, _: Known) -> Outcome:
    """A key that lacks the permission gives a 403 before anything else is looked at."""
    return _refuses_first_with(403, question, answer, Key.RESTRICTED)


def _refuses_first_with(status: int, question: Question, answer: Answer, *keys: Key) -> Outcome:
    if not question.is_update or question.key not in keys or says_nothing(answer):
        return None
    if accepts(answer) and question.stage in {Stage.LOOKUP, Stage.UPDATE}:
        return None  # the key was not refused at all: another rule's matter
    return expect(str(status), that=answer.status == status)
