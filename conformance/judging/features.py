"""The features that can be unusual about a valid request, and how to remove each feature.

Each row of the tables has the finding for a server that rejects a valid request because of the feature. The
features are removed in the order of the rows.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemathesis import Case

from ..contract.document import JSON
from ..requests import new_ids
from ..requests.access import Enrollment
from ..requests.cases import Cases
from ..requests.ids import has_usual_digits, is_special, is_upper
from ..requests.request_class import CHARSET, FIELDS, ID_FIELDS, RequestClass
from .finding import Finding


@dataclass(frozen=True, slots=True)
class Variant:
    """A request of the update operation that is valid, or would be valid with another status."""

    body: Mapping[str, Any]
    charset: bool
    rewritten: bool = False
    """Whether the JSON text of the request was unusual. A variant is always sent as usual JSON text."""

    @classmethod
    def of(cls, request: RequestClass) -> "Variant":
        """The request as a variant, with the documented fields first."""
        fields = {name: request.value[name] for name in FIELDS if name in request.value}
        return cls({**fields, **request.value}, request.charset, request.rewritten)

    def change(self, **fields: object) -> "Variant":
        """The request with other fields."""
        return replace(self, body={**self.body, **fields})

    def case(self, cases: Cases) -> Case[Any]:
        """The request as a case."""
        return cases.update(dict(self.body), media_type=f"{JSON}; {CHARSET}" if self.charset else JSON)


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that can be unusual about a valid request."""

    name: str
    finding: Finding
    """The violation, if a server rejects the request because of the feature."""
    is_present: Callable[[Variant, Collection[str]], bool]
    """Whether the body or one of the given id fields has the feature."""
    remove: Callable[[Variant, Collection[str], Cases], Variant]
    """Return the request without the feature in the body or in the given id fields."""


def may_be_record(id_: str) -> bool:
    """Whether an id may belong to a record: it is neither a new id nor nil or max."""
    return bool(new_ids.possible_record_ids(id_)) and not is_special(id_)


def new_like(id_: str, cases: Cases) -> str:
    """A new id of the same version, variant and letter case."""
    return new_ids.new_id_like(id_, cases.id())


def _of_ids(
    name: str, finding: Finding, is_unusual: Callable[[str], bool], instead: Callable[[str, Cases], str]
) -> Feature:
    def found(variant: Variant, fields: Collection[str]) -> list[str]:
        return [name for name in ID_FIELDS if name in fields and is_unusual(variant.body[name])]

    return Feature(
        name,
        finding,
        lambda variant, fields: bool(found(variant, fields)),
        lambda variant, fields, cases: variant.change(
            **{name: instead(variant.body[name], cases) for name in found(variant, fields)}
        ),
    )


BODY_FEATURES: Sequence[Feature] = (
    Feature(
        "JSON text",
        Finding("BODY-07", "200 or 404: the body is the same with other white space, order and escapes"),
        lambda variant, _: variant.rewritten,
        lambda variant, *_: replace(variant, rewritten=False),
    ),
    Feature(
        "charset",
        Finding("BODY-05", "200 or 404: the body is JSON"),
        lambda variant, _: variant.charset,
        lambda variant, *_: replace(variant, charset=False),
    ),
    Feature(
        "unknown fields",
        Finding("BODY-02", "200 or 404: unknown fields are ignored"),
        lambda variant, _: not set(variant.body) <= set(FIELDS),
        lambda variant, *_: replace(variant, body={name: variant.body[name] for name in FIELDS}),
    ),
)
KNOWN_ID = _of_ids(
    "known id", Finding("LOOKUP-02", "404: the request is valid with other ids"), may_be_record, new_like
)
UPPER_CASE = _of_ids(
    "upper case",
    Finding("ID-03", "200 or 404: hex digits may be in either case"),
    is_upper,
    lambda id_, _: id_.lower(),
)
SPECIAL_ID = _of_ids(
    "special id",
    Finding("ID-02", "200 or 404: nil and max are valid"),
    is_special,
    lambda _, cases: cases.id(),
)
ID_FEATURES: Sequence[Feature] = (
    KNOWN_ID,
    SPECIAL_ID,
    UPPER_CASE,
    _of_ids(
        "version or variant",
        Finding("ID-01", "200 or 404: both ids are valid"),
        lambda id_: not has_usual_digits(id_) and not is_special(id_),
        lambda _, cases: cases.id(),
    ),
)
STATUS = Finding("STATUS-01", "200 or 404: the status is terminal")
ANY_ID = Finding("ID-01", "200 or 404: both ids are valid")
UNKNOWN_IDS = Finding("LOOKUP-02", "404: the request is valid")
"""The findings if a server rejects a request that has no unusual feature."""


def present_features(request: RequestClass, fields: Collection[str]) -> list[str]:
    """The names of the unusual features of the body or of the given id fields."""
    variant = Variant.of(request)
    return [each.name for each in (*BODY_FEATURES, *ID_FEATURES) if each.is_present(variant, fields)]


def without_features(
    variant: Variant, fields: Collection[str], features: Sequence[Feature], cases: Cases
) -> Iterator[tuple[Feature, Variant]]:
    """Each feature that the body or one of the given id fields has, and the request without it.

    Each request also lacks the features before it.
    """
    for feature in features:
        if feature.is_present(variant, fields):
            variant = feature.remove(variant, fields, cases)
            yield feature, variant


def other_status(status: object) -> str:
    """The other one of the two terminal statuses."""
    return "failed" if status == "completed" else "completed"


def with_known_ids(variant: Variant, enrollment: Enrollment) -> Variant:
    """The request with ids of the enrollment in the place of nil and max."""
    ids = {name: enrollment.fields[name] for name in ID_FIELDS if is_special(variant.body[name])}
    return variant.change(**ids)


def with_new_ids(variant: Variant, cases: Cases) -> Variant:
    """The request with new ids of the same kinds. Nil and max stay, unless both ids are nil or max."""
    ids = {name: variant.body[name] for name in ID_FIELDS}
    changed = {name: new_like(id_, cases) for name, id_ in ids.items() if may_be_record(id_)}
    return variant.change(**changed or {ID_FIELDS[0]: cases.id()})
