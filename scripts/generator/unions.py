"""Values of one of several schemas: in which order the client tries them, and which it cannot tell apart."""

from collections.abc import Sequence

from conformance.contract.document import Node
from scripts.generator.places import UnsupportedError
from scripts.generator.schemas import Schemas

# The kinds of values, closed ones first: what is none of them may still be one of those that follow.
ORDER = (
    "null",
    "values",
    "uuid",
    "date-time",
    "date",
    "boolean",
    "integer",
    "number",
    "string",
    "array",
    "object",
)
FORMATS = frozenset({"uuid", "date-time", "date"})
SCHEMAS = "#/components/schemas/"


def kind_of(schema: Node) -> str:
    """The kind of the values of a schema, one of `ORDER`; empty for any value."""
    if "enum" in schema or "const" in schema:
        return "null" if schema.get("const", 0) is None else "values"
    type_ = schema.get("type", "object" if "properties" in schema or "allOf" in schema else "")
    if type_ == "string" and schema.get("format") in FORMATS:
        return str(schema["format"])
    return str(type_)


def require_apart(name: str, union: Node, schemas: Schemas) -> None:
    """Check that a value is of one member only, or that it does not matter which.

    Raises:
        UnsupportedError: the client could take a value for another than it is.

    """
    members = list(schemas.members(union))
    kinds = [kind_of(member) for member in members]
    if len(members) > 1 and "" in kinds:
        words = "one of which allows anything; leave out the others"
        raise UnsupportedError(f"{name} is one of several schemas, {words}")
    for index, kind in enumerate(kinds):
        if kind in kinds[:index] and kind not in {"values", "object"}:
            raise UnsupportedError(f"{name} is a choice of two schemas of one type; make them one")
    _require_values_apart(name, [member for member in members if kind_of(member) == "values"])
    if len(objects := [member for member in members if kind_of(member) == "object"]) > 1:
        tags(name, schemas.resolved(union), objects, schemas)
    if schemas.is_exclusive(union):
        _require_forms_apart(name, members)


def _require_forms_apart(name: str, members: Sequence[Node]) -> None:
    """Check that no value fits two members, which `oneOf` forbids."""
    kinds = [kind_of(member) for member in members]
    for whole, types, advice in (
        ({"string"}, str, "a string of another form is a string too"),
        ({"integer", "number"}, int, "a whole number is both"),
    ):
        alike = [
            kind
            for kind, member in zip(kinds, members, strict=True)
            if kind in whole
            or (types is str and kind in FORMATS)
            or (kind == "values" and any(isinstance(value, types) for value in _values(member)))
        ]
        if whole & set(kinds) and len(alike) > 1:
            words = f"{name} is a choice of {len(alike)} schemas, and {advice}"
            raise UnsupportedError(f"{words}; write anyOf in place of oneOf")


def tags(
    name: str, union: Node, members: Sequence[Node], schemas: Schemas
) -> tuple[str, dict[str | int, int]]:
    """The property that tells objects apart, and the index of the member that each of its values means.

    Raises:
        UnsupportedError: there is none.

    """
    if "discriminator" in union:
        return _discriminated(name, union, members, schemas)
    for tag in schemas.properties(members[0]):
        found: dict[str | int, int] = {}
        for index, member in enumerate(members):
            values = _values(schemas.properties(member).get(tag, {}))
            if not values or tag not in schemas.required(member) or found.keys() & set(values):
                break
            found.update(dict.fromkeys(values, index))
        else:
            return tag, found
    words = "give each a required property of one name with its own `const`, or its own values in an `enum`"
    raise UnsupportedError(f"{name} is one of several objects, and nothing tells them apart; {words}")


def _discriminated(
    name: str, union: Node, members: Sequence[Node], schemas: Schemas
) -> tuple[str, dict[str | int, int]]:
    discriminator = union["discriminator"]
    tag = discriminator["propertyName"]
    parts = [part for group in ("anyOf", "oneOf") for part in union.get(group, [])]
    objects = [part for part in parts if kind_of(schemas.resolved(part)) == "object"]
    if len(objects) != len(members) or not all("$ref" in part for part in objects):
        raise UnsupportedError(f"{name} has a discriminator; each of its objects has to be a $ref of its own")
    places = [str(part["$ref"]) for part in objects]
    found: dict[str | int, int] = {}
    for value, target in discriminator.get("mapping", {}).items():
        place = target if str(target).startswith("#") else f"{SCHEMAS}{target}"
        if place not in places:
            words = f"{name} has a discriminator that maps {value!r} to {target!r}"
            raise UnsupportedError(f"{words}, none of its schemas")
        found[value] = places.index(place)
    for index, place in enumerate(places):
        if index not in found.values():
            found.setdefault(place.removeprefix(SCHEMAS), index)
    for index, member in enumerate(members):
        described = schemas.properties(member).get(tag, {})
        if tag not in schemas.required(member) or described.get("type", "string") != "string":
            words = (
                f"{name} has the discriminator {tag!r}, which {places[index]} has not as a required string"
            )
            raise UnsupportedError(f"{words}; add it there")
        values = _values(described)
        own = [value for value, meant in found.items() if meant == index]
        if values and (missing := [value for value in own if value not in values]):
            words = (
                f"{name} has a discriminator that maps {missing[0]!r} to {places[index]}, where {tag!r} is"
            )
            raise UnsupportedError(f"{words} one of {values}; write the mapping that fits")
    return tag, found


def _values(schema: Node) -> list[str | int]:
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return values if all(type(value) in {str, int} for value in values) else []


def _require_values_apart(name: str, members: Sequence[Node]) -> None:
    seen: set[object] = set()
    for member in members:
        values = {repr(value) for value in ([member["const"]] if "const" in member else member["enum"])}
        if twice := sorted(map(str, values & seen)):
            raise UnsupportedError(
                f"{name} is a choice of two schemas that both allow {twice[0]}; make them one"
            )
        seen |= values
