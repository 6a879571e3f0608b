"""What must be found valid, and is then looked up."""

from conformance.checks.registry import (
    HOLDS,
    Known,
    Outcome,
    accepts,
    decides,
    expect,
    looked_up_in_vain,
    named_fields,
    says_nothing,
)
from conformance.exchange import Answer
from conformance.question import ID_FIELDS, STATUS_FIELD, Key, Question, Stage, is_ordinary, plain, special


def blame(question: Question, answer: Answer, known: Known) -> str | None:
    """The rule that the refusal of a valid request breaks, "" where it was accepted, None if it says nothing.

    An error that names a field says itself what was refused; else it is what sets the request apart. Where
    that is more than one thing, it is one that broke before, or else the rarest.
    """
    is_valid = question.is_update and question.stage in {Stage.LOOKUP, Stage.UPDATE} and not question.swapped
    named = named_fields(answer)
    if question.stage is Stage.STATUS and named & set(ID_FIELDS):
        is_valid = True  # but for the status: what is said of an id is wrong all the same
    if not is_valid or question.key is not Key.FULL or says_nothing(answer) or known.refuses_the_key(answer):
        return None
    if accepts(answer):
        return ""
    if question.stage is Stage.UPDATE and not named & set(ID_FIELDS):
        return None  # a terminal status may be final: nothing is documented about a second update
    if known.valid_elsewhere:
        return "LOOKUP-02"
    suspects = _suspects(question, named, known)
    return next((rule for rule in suspects if rule in known.broken), suspects[0])


def is_plain(question: Question) -> bool:
    """Whether there is nothing unusual about a request but perhaps its status."""
    return all(map(is_ordinary, question.ids)) and not question.charset and not question.extra_fields


def _suspects(question: Question, named: set[str], known: Known) -> list[str]:
    """The rules that could be at fault for a refusal, the rarest thing first."""
    if named == {STATUS_FIELD}:
        return ["STATUS-01"]
    if is_plain(question) or question.status in known.refused_plainly:
        if question.status in (known.accepted_plainly if named & set(ID_FIELDS) else known.accepted):
            return ["LOOKUP-02", "ID-01"] if named & set(ID_FIELDS) else ["LOOKUP-02"]
        if not named & set(ID_FIELDS):
            return ["STATUS-01"]
    ids = [str(question.value[name]) for name in named if name in question.value] or question.ids
    apart = {
        "BODY-05": question.charset and not named & set(ID_FIELDS),
        "BODY-02": question.extra_fields and not named & set(ID_FIELDS),
        "ID-02": any(map(special, ids)),
        "ID-03": any(id_ != id_.lower() for id_ in ids),
        "ID-01": bool(named) or not all(plain(id_.lower()) or special(id_) for id_ in ids),
    }
    found = [rule for rule, is_apart in apart.items() if is_apart] or ["STATUS-01"]
    return [*found, "LOOKUP-02"] if any(map(special, ids)) else found  # nil and max may be somebody's


def _accepted(  # noqa: PLR0913 - what every check is given, and what tells this one from the others
    rule: str, expected: str, question: Question, answer: Answer, known: Known, *, in_play: bool
) -> Outcome:
    blamed = blame(question, answer, known)
    if blamed is None:
        return None
    if blamed == rule:
        return expected
    return HOLDS if in_play and blamed == "" else None


@decides("ID-01")
def accepts_every_version_and_variant(question: Question, answer: Answer, known: Known) -> Outcome:
    """An id of a documented version and variant is accepted."""
    in_play = any(not special(id_) for id_ in question.ids)
    return _accepted("ID-01", "200 or 404, for both ids are valid", question, answer, known, in_play=in_play)


@decides("ID-02")
def accepts_nil_and_max(question: Question, answer: Answer, known: Known) -> Outcome:
    """The nil and the lower-case max UUID are accepted."""
    in_play = any(map(special, question.ids))
    return _accepted(
        "ID-02", "200 or 404, for nil and max are valid", question, answer, known, in_play=in_play
    )


@decides("ID-03")
def accepts_either_case(question: Question, answer: Answer, known: Known) -> Outcome:
    """Hex digits are accepted in either case."""
    in_play = any(id_ != id_.lower() for id_ in question.ids)
    return _accepted(
        "ID-03", "200 or 404, for hex digits may be in either case", question, answer, known, in_play=in_play
    )


@decides("STATUS-01")
def accepts_terminal_statuses(question: Question, answer: Answer, known: Known) -> Outcome:
    """Both terminal statuses are accepted."""
    return _accepted(
        "STATUS-01", "200 or 404, for the status is terminal", question, answer, known, in_play=True
    )


@decides("BODY-02")
def ignores_unknown_fields(question: Question, answer: Answer, known: Known) -> Outcome:
    """A field that the contract lacks does not matter."""
    in_play = question.extra_fields
    return _accepted(
        "BODY-02", "200 or 404, for unknown fields are ignored", question, answer, known, in_play=in_play
    )


@decides("BODY-05")
def accepts_a_charset(question: Question, answer: Answer, known: Known) -> Outcome:
    """JSON with a charset parameter is JSON."""
    return _accepted(
        "BODY-05", "200 or 404, for the body is JSON", question, answer, known, in_play=question.charset
    )


def _looks_up(question: Question, answer: Answer, known: Known) -> bool:
    return question.stage is Stage.LOOKUP and blame(question, answer, known) == ""


@decides("LOOKUP-01")
def finds_no_enrollment(question: Question, answer: Answer, known: Known) -> Outcome:
    """Ids that name no enrollment are refused."""
    if not _looks_up(question, answer, known):
        return None
    return expect("404, for no enrollment has these ids", that=looked_up_in_vain(answer))


@decides("LOOKUP-02")
def refuses_unknown_enrollments_with_404(question: Question, answer: Answer, known: Known) -> Outcome:
    """Ids that name no enrollment give a 404."""
    if blame(question, answer, known) == "LOOKUP-02":
        return "404, for what was asked is valid"
    if not _looks_up(question, answer, known) or not looked_up_in_vain(answer):
        return None
    return expect("404", that=answer.status == 404)


@decides("LOOKUP-03")
def says_not_found(question: Question, answer: Answer, _: Known) -> Outcome:
    """The refusal of ids that name no enrollment has the documented code."""
    if question.stage is not Stage.LOOKUP or not question.is_update or question.key is not Key.FULL:
        return None
    if answer.status != 404:
        return None
    return expect("the code NOT_FOUND", that=answer.code == "NOT_FOUND")
