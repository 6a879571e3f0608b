"""What must be found valid, and is then looked up."""

from conformance.checks.registry import (
    HOLDS,
    Outcome,
    accepts,
    decides,
    expect,
    looked_up_in_vain,
    named_fields,
    says_nothing,
)
from conformance.contract import Contract
from conformance.exchange import Answer
from conformance.question import Key, Question, Stage, plain, special


def blame(question: Question, answer: Answer) -> str | None:
    """The rule that the refusal of a valid request breaks, "" where it was accepted, None if it says nothing.

    An error that names a field says itself what was refused; else it is what sets the request apart most.
    """
    is_valid = question.is_update and question.stage in {Stage.LOOKUP, Stage.UPDATE} and not question.swapped
    if not is_valid or question.key is not Key.FULL or says_nothing(answer) or answer.status in {401, 403}:
        return None
    if accepts(answer):
        return ""
    # A terminal status may be final: nothing is documented about a second update.
    return None if question.stage is Stage.UPDATE else _blamed(question, named_fields(answer))


def _blamed(question: Question, named: set[str]) -> str:
    if named == {"status"}:
        return "STATUS-01"
    if question.charset:
        return "BODY-05"
    if question.extra_fields:
        return "BODY-02"
    ids = [str(question.value[name]) for name in named if name in question.value] or question.ids
    if any(map(special, ids)):
        return "ID-02"
    if any(id_ != id_.lower() for id_ in ids):
        return "ID-03"
    return "STATUS-01" if len(ids) > 1 and all(map(plain, ids)) else "ID-01"


def _accepted(rule: str, expected: str, question: Question, answer: Answer, *, in_play: bool) -> Outcome:
    blamed = blame(question, answer)
    if blamed is None:
        return None
    if blamed == rule:
        return expected
    return HOLDS if in_play and blamed == "" else None


@decides("ID-01")
def accepts_every_version_and_variant(question: Question, answer: Answer, _: Contract) -> Outcome:
    """An id of a documented version and variant is accepted."""
    in_play = any(not special(id_) for id_ in question.ids)
    return _accepted("ID-01", "200 or 404, for both ids are valid", question, answer, in_play=in_play)


@decides("ID-02")
def accepts_nil_and_max(question: Question, answer: Answer, _: Contract) -> Outcome:
    """The nil and the lower-case max UUID are accepted."""
    in_play = any(map(special, question.ids))
    return _accepted("ID-02", "200 or 404, for nil and max are valid", question, answer, in_play=in_play)


@decides("ID-03")
def accepts_either_case(question: Question, answer: Answer, _: Contract) -> Outcome:
    """Hex digits are accepted in either case."""
    in_play = any(id_ != id_.lower() for id_ in question.ids)
    return _accepted(
        "ID-03", "200 or 404, for hex digits may be in either case", question, answer, in_play=in_play
    )


@decides("STATUS-01")
def accepts_terminal_statuses(question: Question, answer: Answer, _: Contract) -> Outcome:
    """Both terminal statuses are accepted."""
    return _accepted("STATUS-01", "200 or 404, for the status is terminal", question, answer, in_play=True)


@decides("BODY-02")
def ignores_unknown_fields(question: Question, answer: Answer, _: Contract) -> Outcome:
    """A field that the contract lacks does not matter."""
    in_play = question.extra_fields
    return _accepted(
        "BODY-02", "200 or 404, for unknown fields are ignored", question, answer, in_play=in_play
    )


@decides("BODY-05")
def accepts_a_charset(question: Question, answer: Answer, _: Contract) -> Outcome:
    """JSON with a charset parameter is JSON."""
    return _accepted(
        "BODY-05", "200 or 404, for the body is JSON", question, answer, in_play=question.charset
    )


def _looks_up(question: Question, answer: Answer) -> bool:
    return question.stage is Stage.LOOKUP and not question.swapped and blame(question, answer) == ""


@decides("LOOKUP-01")
def finds_no_enrollment(question: Question, answer: Answer, _: Contract) -> Outcome:
    """Ids that name no enrollment are refused."""
    if not _looks_up(question, answer):
        return None
    return expect("404, for no enrollment has these ids", that=looked_up_in_vain(answer))


@decides("LOOKUP-02")
def refuses_unknown_enrollments_with_404(question: Question, answer: Answer, _: Contract) -> Outcome:
    """Ids that name no enrollment give a 404."""
    if not _looks_up(question, answer) or not looked_up_in_vain(answer):
        return None
    return expect("404", that=answer.status == 404)


@decides("LOOKUP-03")
def says_not_found(question: Question, answer: Answer, _: Contract) -> Outcome:
    """A 404 of the operation has the documented code."""
    if not question.is_update or answer.status != 404 or answer.code is None:
        return None
    return expect("the code NOT_FOUND", that=answer.code == "NOT_FOUND")
