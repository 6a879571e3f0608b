"""What must be refused for its body, and how."""

from conformance.checks.registry import (
    HOLDS,
    Known,
    Outcome,
    accepts,
    decides,
    expect,
    has_paths,
    looked_up_in_vain,
    named_fields,
    says_nothing,
)
from conformance.exchange import Answer
from conformance.question import FIELDS, Key, Question, Stage


def _refuses_at(stage: Stage, question: Question, answer: Answer, known: Known) -> bool | None:
    """Whether the answer refuses what is wrong at a stage; None where it tells nothing."""
    if not question.is_update or question.key is not Key.FULL or question.stage is not stage:
        return None
    if says_nothing(answer) or known.refuses_the_key(answer):
        return None
    return not accepts(answer)


def _refuses_wrong(rule: str, expected: str, question: Question, answer: Answer, known: Known) -> Outcome:
    """Where several things are wrong, only an answer that names them all says that each was refused."""
    rules = {broken for _, broken in question.wrong}
    refused = _refuses_at(Stage.SCHEMA, question, answer, known)
    if refused is None or rule not in rules:
        return None
    if not refused:
        return expected if rules == {rule} else None
    all_named = named_fields(answer) == {name for name, _ in question.wrong}
    return HOLDS if len(question.wrong) == 1 or all_named else None


@decides("ID-04")
def refuses_other_versions_and_variants(question: Question, answer: Answer, known: Known) -> Outcome:
    """A UUID of an undocumented version or variant is refused."""
    return _refuses_wrong(
        "ID-04", "a refusal, for the version or variant is not allowed", question, answer, known
    )


@decides("ID-05")
def refuses_max_in_other_case(question: Question, answer: Answer, known: Known) -> Outcome:
    """The max UUID is refused in any case but lower case."""
    return _refuses_wrong(
        "ID-05", "a refusal, for max is allowed in lower case alone", question, answer, known
    )


@decides("ID-06")
def refuses_what_is_no_uuid(question: Question, answer: Answer, known: Known) -> Outcome:
    """A string that has not the form of a UUID is refused."""
    return _refuses_wrong("ID-06", "a refusal, for the id is no UUID", question, answer, known)


@decides("ID-07")
def refuses_ids_of_other_types(question: Question, answer: Answer, known: Known) -> Outcome:
    """An id that is not a string is refused."""
    return _refuses_wrong("ID-07", "a refusal, for the id is not a string", question, answer, known)


@decides("STATUS-04")
def refuses_unknown_statuses(question: Question, answer: Answer, known: Known) -> Outcome:
    """A status that is none of the nine is refused."""
    return _refuses_wrong(
        "STATUS-04", "a refusal, for the status is none of the nine", question, answer, known
    )


@decides("BODY-01")
def refuses_missing_fields(question: Question, answer: Answer, known: Known) -> Outcome:
    """A body that lacks a field is refused."""
    return _refuses_wrong("BODY-01", "a refusal, for a field is missing", question, answer, known)


@decides("BODY-06")
def refuses_what_is_no_object(question: Question, answer: Answer, known: Known) -> Outcome:
    """A JSON body that is not an object is refused."""
    return _refuses_wrong("BODY-06", "a refusal, for the body is not an object", question, answer, known)


@decides("RESPONSE-05")
def refuses_with_422(question: Question, answer: Answer, known: Known) -> Outcome:
    """What breaks the schema is refused with a 422."""
    if not _refuses_at(Stage.SCHEMA, question, answer, known):
        return None
    return expect("422", that=answer.status == 422)


@decides("RESPONSE-06")
def names_the_wrong_fields(question: Question, answer: Answer, known: Known) -> Outcome:
    """The errors of a 422 name the fields that are wrong, and no others."""
    fields = {name for name, _ in question.wrong if name}
    if answer.status != 422 or not fields or not _refuses_at(Stage.SCHEMA, question, answer, known):
        return None
    if not has_paths(answer):
        return None
    named = named_fields(answer)
    if named and named < fields:
        return None  # what was not named may have been accepted
    # What is odd and valid may have been refused as well: other rules are about that.
    unknown = set(question.value) - set(FIELDS) if isinstance(question.value, dict) else set()
    others = named - fields - unknown - question.odd_ids
    return expect("a `path` to " + " and to ".join(sorted(fields)), that=named >= fields and not others)


@decides("STATUS-02")
def refuses_other_statuses(question: Question, answer: Answer, known: Known) -> Outcome:
    """A well-formed request with a status that is not terminal is refused."""
    if _refuses_at(Stage.STATUS, question, answer, known) is None:
        return None
    if looked_up_in_vain(answer) and question.enrollment is None:
        return None  # the record may have been looked up first
    accepted = 200 <= answer.status < 300
    return expect("400 (422 tolerated), for the status is not terminal", that=not accepted)


@decides("STATUS-03")
def refuses_other_statuses_with_400(question: Question, answer: Answer, known: Known) -> Outcome:
    """The refusal of a status that is not terminal is a 400 or a 422."""
    if _refuses_at(Stage.STATUS, question, answer, known) is None or 200 <= answer.status < 300:
        return None
    if looked_up_in_vain(answer) and question.enrollment is None:
        return None
    return expect("400 (422 tolerated)", that=answer.status in {400, 422})


@decides("BODY-03")
def refuses_what_is_not_json(question: Question, answer: Answer, known: Known) -> Outcome:
    """A body that is not JSON is refused with a 400 or a 422."""
    if _refuses_at(Stage.NOT_JSON, question, answer, known) is None:
        return None
    return expect("400 (422 tolerated), for the body is not JSON", that=answer.status in {400, 422})


@decides("BODY-04")
def refuses_other_media_types(question: Question, answer: Answer, known: Known) -> Outcome:
    """A body of another media type than JSON is refused with a documented 4xx."""
    refused = _refuses_at(Stage.MEDIA_TYPE, question, answer, known)
    if refused is None or question.operation is None:
        return None
    documented = refused and answer.status in question.operation.responses
    return expect("a documented 4xx, for the media type is not JSON", that=documented)
