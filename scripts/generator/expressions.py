"""The expressions of the runtime for what the generator parsed: the kind of a value, and its type."""

import re

from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from conformance.contract.document import Node
from scripts.generator.places import UnsupportedError
from scripts.generator.schemas import CONSTRAINTS, Schemas
from scripts.generator.unions import ORDER, kind_of, require_apart, tags


class Expressions:
    """Turns a property that the generator parsed into text for a template."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def kind(  # noqa: C901, PLR0911, PLR0912 - a table, with a line for each kind
        self, found: PropertyProtocol, schema: Node, *, is_open: bool
    ) -> str:
        """The expression for the kind of a property."""
        match found:
            case AnyProperty():
                return "Anything()"
            case BooleanProperty():
                return "Boolean()"
            case NoneProperty():
                return "Constant(None)"
            case ConstProperty():
                # The generator's text of it is escaped for quotation marks once more.
                given = schema.get("const", found.value.raw_value)
                return f"Constant({given!r})"
            case EnumProperty():
                return f"Choice({found.class_info.name}, open={is_open})"
            case UuidProperty():
                return f"Uuid({_constraints(schema, 'pattern')})"
            case StringProperty():
                return f"String({_constraints(schema, 'pattern', 'minLength', 'maxLength')})"
            case IntProperty() | FloatProperty():
                bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
                whole = "whole=True, " * isinstance(found, IntProperty)
                return f"Number({whole}{_constraints(schema, *bounds)})"
            case DateTimeProperty() | DateProperty():
                return f"DateTime({found.get_base_type_string().as_unembedded_code()})"
            case ModelProperty():
                return f"Object({found.class_info.name})"
            case ListProperty():
                items = self.kind(
                    found.inner_property, self.schemas.resolved(schema.get("items", {})), is_open=is_open
                )
                sizes = _constraints(schema, "minItems", "maxItems", "uniqueItems")
                return f"ListOf({', '.join(filter(None, [items, sizes]))})"
            case UnionProperty():
                return self._union(found, schema, is_open=is_open)
            case _:
                name = found.name.get_untrusted_value()
                raise UnsupportedError(f"{name} is a {type(found).__name__}, which the client cannot express")

    def _union(self, found: UnionProperty, schema: Node, *, is_open: bool) -> str:
        name = found.name.get_untrusted_value()
        members = list(self.schemas.members(schema))
        if len(members) != len(found.inner_properties):
            raise UnsupportedError(f"{name} is a choice of two schemas of one type; make them one")
        require_apart(name, schema, self.schemas)
        pairs = sorted(
            zip(found.inner_properties, members, strict=True), key=lambda pair: ORDER.index(kind_of(pair[1]))
        )
        objects = [inner for inner, member in pairs if kind_of(member) == "object"]
        objects = objects if len(objects) > 1 else []
        kinds = [
            self.kind(inner, member, is_open=is_open and not isinstance(inner, EnumProperty))
            for inner, member in pairs
            if inner not in objects
        ]
        if objects:
            described = [member for member in members if kind_of(member) == "object"]
            tag, values = tags(name, self.schemas.resolved(schema), described, self.schemas)
            models = [str(one.class_info.name) for one in objects if isinstance(one, ModelProperty)]
            entries = ", ".join(f"{value!r}: {models[index]}" for value, index in values.items())
            kinds.append(f"Tagged({tag!r}, {{{entries}}})")
        if is_open:  # what fits no other schema may be a value that an enumeration does not list yet
            kinds += [self.kind(one, {}, is_open=True) for one, _ in pairs if isinstance(one, EnumProperty)]
        return kinds[0] if len(kinds) == 1 else f"OneOf(({', '.join(kinds)},))"

    def annotation(self, found: PropertyProtocol, *, is_open: bool) -> str:
        """The type of a property that is there."""
        match found:
            case EnumProperty() if is_open:
                return f"{found.class_info.name} | {found.value_type.__name__}"
            case EnumProperty():
                # The generator has escaped the texts for quotation marks.
                values = [f'"{one}"' if isinstance(one, str) else str(one) for one in found.values.values()]
                return f"{found.class_info.name} | Literal[{', '.join(values)}]"
            case UuidProperty() if not is_open:
                return "UUID | str"
            case ListProperty():
                items = self.annotation(found.inner_property, is_open=is_open)
                # A `list[A]` is no `list[A | B]`, so either of them is taken.
                parts = [items]
                if not is_open and isinstance(found.inner_property, EnumProperty | UuidProperty):
                    parts = items.split(" | ", 1)
                return " | ".join(f"list[{part}]" for part in parts)
            case UnionProperty():
                inner = [self.annotation(inner, is_open=is_open) for inner in found.inner_properties]
                return " | ".join(dict.fromkeys(inner))
            case _:
                return found.get_type_string(no_optional=True).as_unembedded_code()


def python_pattern(pattern: str) -> str:
    r"""An ECMA 262 pattern for `re`: there `$` matches only at the very end, which here is `\Z`."""
    part = r"\\.|\[(?:\\.|[^\]\\])*\]|\$"  # an escape, a class, or the end
    return re.sub(part, lambda found: r"\Z" if found[0] == "$" else found[0], pattern, flags=re.DOTALL)


def _constraints(schema: Node, *names: str) -> str:
    given = {CONSTRAINTS[name]: schema[name] for name in names if name in schema}
    if "pattern" in given:
        given["pattern"] = python_pattern(given["pattern"])
    return ", ".join(f"{name}={value!r}" for name, value in given.items())
