"""What must be found valid, and is then looked up."""

from ..requests.classify import (
    ID_FIELDS,
    STATUS_FIELD,
    Defect,
    Key,
    RequestClass,
    is_ordinary,
    plain,
    special,
)
from ..transport.exchange import Response
from .registry import (
    HOLDS,
    Known,
    Outcome,
    accepts,
    decides,
    expect,
    is_inconclusive,
    is_not_found,
    named_fields,
)


def blame(request_class: RequestClass, response: Response, known: Known) -> str | None:
    """The rule that the refusal of a valid request breaks, "" where it was accepted, None if it says nothing.

    An error that names a field says itself what was refused; else it is what sets the request apart. Where
    that is more than one thing, it is one that broke before, or else the rarest.
    """
    is_valid = (
        request_class.is_update
        and request_class.first_defect in {Defect.UNKNOWN_IDS, Defect.NONE}
        and not request_class.swapped
    )
    named = named_fields(response)
    if request_class.first_defect is Defect.STATUS and named & set(ID_FIELDS):
        is_valid = True  # but for the status: what is said of an id is wrong all the same
    if (
        not is_valid
        or request_class.key is not Key.FULL
        or is_inconclusive(response)
        or known.refuses_the_key(response)
    ):
        return None
    if accepts(response):
        return ""
    if request_class.first_defect is Defect.NONE and not named & set(ID_FIELDS):
        return None  # a terminal status may be final: nothing is documented about a second update
    if known.valid_elsewhere:
        return "LOOKUP-02"
    suspects = _suspects(request_class, named, known)
    return next((rule for rule in suspects if rule in known.broken), suspects[0])


def is_plain(request_class: RequestClass) -> bool:
    """Whether there is nothing unusual about a request but perhaps its status."""
    return (
        all(map(is_ordinary, request_class.ids))
        and not request_class.charset
        and not request_class.extra_fields
    )


def _suspects(request_class: RequestClass, named: set[str], known: Known) -> list[str]:
    """The rules that could be at fault for a refusal, the rarest thing first."""
    if named == {STATUS_FIELD}:
        return ["STATUS-01"]
    if is_plain(request_class) or request_class.status in known.refused_plainly:
        if request_class.status in (known.accepted_plainly if named & set(ID_FIELDS) else known.accepted):
            return ["LOOKUP-02", "ID-01"] if named & set(ID_FIELDS) else ["LOOKUP-02"]
        if not named & set(ID_FIELDS):
            return ["STATUS-01"]
    ids = [
        str(request_class.value[name]) for name in named if name in request_class.value
    ] or request_class.ids
    apart = {
        "BODY-05": request_class.charset and not named & set(ID_FIELDS),
        "BODY-02": request_class.extra_fields and not named & set(ID_FIELDS),
        "ID-02": any(map(special, ids)),
        "ID-03": any(id_ != id_.lower() for id_ in ids),
        "ID-01": bool(named) or not all(plain(id_.lower()) or special(id_) for id_ in ids),
    }
    found = [rule for rule, is_apart in apart.items() if is_apart] or ["STATUS-01"]
    return [*found, "LOOKUP-02"] if any(map(special, ids)) else found  # nil and max may be somebody's


def _accepted(  # noqa: PLR0913 - what every check is given, and what tells this one from the others
    rule: str, expected: str, request_class: RequestClass, response: Response, known: Known, *, in_play: bool
) -> Outcome:
    blamed = blame(request_class, response, known)
    if blamed is None:
        return None
    if blamed == rule:
        return expected
    return HOLDS if in_play and blamed == "" else None


@decides("ID-01")
def accepts_every_version_and_variant(
    request_class: RequestClass, response: Response, known: Known
) -> Outcome:
    """An id of a documented version and variant is accepted."""
    in_play = any(not special(id_) for id_ in request_class.ids)
    return _accepted(
        "ID-01", "200 or 404, for both ids are valid", request_class, response, known, in_play=in_play
    )


@decides("ID-02")
def accepts_nil_and_max(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """The nil and the lower-case max UUID are accepted."""
    in_play = any(map(special, request_class.ids))
    return _accepted(
        "ID-02", "200 or 404, for nil and max are valid", request_class, response, known, in_play=in_play
    )


@decides("ID-03")
def accepts_either_case(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """Hex digits are accepted in either case."""
    in_play = any(id_ != id_.lower() for id_ in request_class.ids)
    return _accepted(
        "ID-03",
        "200 or 404, for hex digits may be in either case",
        request_class,
        response,
        known,
        in_play=in_play,
    )


@decides("STATUS-01")
def accepts_terminal_statuses(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """Both terminal statuses are accepted."""
    return _accepted(
        "STATUS-01", "200 or 404, for the status is terminal", request_class, response, known, in_play=True
    )


@decides("BODY-02")
def ignores_unknown_fields(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """A field that the contract lacks does not matter."""
    in_play = request_class.extra_fields
    return _accepted(
        "BODY-02",
        "200 or 404, for unknown fields are ignored",
        request_class,
        response,
        known,
        in_play=in_play,
    )


@decides("BODY-05")
def accepts_a_charset(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """JSON with a charset parameter is JSON."""
    return _accepted(
        "BODY-05",
        "200 or 404, for the body is JSON",
        request_class,
        response,
        known,
        in_play=request_class.charset,
    )


def _looks_up(request_class: RequestClass, response: Response, known: Known) -> bool:
    return request_class.first_defect is Defect.UNKNOWN_IDS and blame(request_class, response, known) == ""


@decides("LOOKUP-01")
def finds_no_enrollment(request_class: RequestClass, response: Response, known: Known) -> Outcome:
    """Ids that name no enrollment are refused."""
    if not _looks_up(request_class, response, known):
        return None
    return expect("404, for no enrollment has these ids", that=is_not_found(response))


@decides("LOOKUP-02")
def refuses_unknown_enrollments_with_404(
    request_class: RequestClass, response: Response, known: Known
) -> Outcome:
    """Ids that name no enrollment give a 404."""
    if blame(request_class, response, known) == "LOOKUP-02":
        return "404, for what was asked is valid"
    if not _looks_up(request_class, response, known) or not is_not_found(response):
        return None
    return expect("404", that=response.status == 404)


@decides("LOOKUP-03")
def says_not_found(request_class: RequestClass, response: Response, _: Known) -> Outcome:
    """The refusal of ids that name no enrollment has the documented code."""
    if (
        request_class.first_defect is not Defect.UNKNOWN_IDS
        or not request_class.is_update
        or request_class.key is not Key.FULL
    ):
        return None
    if response.status != 404:
        return None
    return expect("the code NOT_FOUND", that=response.code == "NOT_FOUND")
