"""What the generator parsed of the contract, in the words of the runtime: expressions for the templates.

The generator drops what it has no use for, patterns and bounds among it; so each property is looked up in its
schema again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
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
from openapi_python_client.strings import PythonIdentifier

from conformance.contract import Contract, Node, Operation

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})  # RFC 9110, section 9.2.2
CONSTRAINTS = {
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
}


class UnsupportedError(Exception):
    """The client has no words for a part of the contract."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of a model, or a parameter of an operation."""

    name: str
    attribute: str
    annotation: str
    kind: str
    required: bool
    description: str


class Vocabulary:
    """Turns what the generator parsed into annotations and kinds."""

    def __init__(self, contract: Contract, data: GeneratorData) -> None:
        self.contract = contract
        self._models = {str(model.class_info.name): model for model in data.models}
        self._received: set[str] = set()
        for collection in data.endpoint_collections_by_tag.values():
            for endpoint in collection.endpoints:
                for response in endpoint.responses:
                    self._receive(response.prop)

    def operation(self, endpoint: Endpoint) -> Operation:
        """The operation of the contract that an endpoint stands for."""
        named = {PythonIdentifier(id_, "field_"): found for id_, found in self.contract.operations.items()}
        return named[endpoint.name]

    def idempotent(self, endpoint: Endpoint) -> bool:
        """Whether the endpoint may be called again: the contract says so, or the method does."""
        operation = self.operation(endpoint)
        node = self.contract.raw["paths"][operation.path][operation.method.lower()]
        return bool(node.get("x-idempotent", operation.method in IDEMPOTENT))

    def open(self, model: ModelProperty) -> bool:
        """Whether a model comes in a response: then it keeps values that the contract does not list yet."""
        return str(model.class_info.name) in self._received

    def attributes(self, model: ModelProperty) -> list[Attribute]:
        """The properties of a model, required ones first."""
        schemas = self._properties(model.data.model_dump(mode="json", by_alias=True, exclude_none=True))
        return [
            self._attribute(
                found, schemas.get(found.name.get_untrusted_value(), {}), is_open=self.open(model)
            )
            for found in [*(model.required_properties or []), *(model.optional_properties or [])]
        ]

    def parameters(self, found: Iterable[PropertyProtocol]) -> list[Attribute]:
        """The parameters of an operation."""
        return [self._attribute(parameter, {}, is_open=False) for parameter in found]

    def body(self, endpoint: Endpoint) -> Attribute | None:
        """The body of a request, if there is one."""
        if not endpoint.bodies:
            return None
        if len(endpoint.bodies) > 1 or endpoint.bodies[0].body_type != "json":
            raise UnsupportedError(f"{endpoint.name} takes a body that is not JSON")
        return self._attribute(endpoint.bodies[0].prop, self.operation(endpoint).body or {}, is_open=False)

    def responses(self, endpoint: Endpoint) -> list[tuple[int, str, str]]:
        """Status, kind and type of each documented response."""
        found = []
        for response in endpoint.responses:
            status = int(response.status_code.pattern)
            schema = self.operation(endpoint).responses[status].schema
            if response.source["return_type"] == "None":
                found.append((status, "None", "None"))
            elif response.source["return_type"] == "Any":
                kind = self.kind(response.prop, self.contract.resolve(schema or {}), is_open=True)
                found.append((status, kind, self.annotation(response.prop, is_open=True)))
            else:
                raise UnsupportedError(f"{endpoint.name} answers {status} with a body that is not JSON")
        return found

    def kind(  # noqa: C901, PLR0911, PLR0912 - a table, with a line for each kind
        self, found: PropertyProtocol, schema: Node, *, is_open: bool
    ) -> str:
        """The expression for the kind of a property."""
        match found:
            case AnyProperty():
                return "Anything()"
            case BooleanProperty():
                return "Truth()"
            case NoneProperty():
                return "Constant(None)"
            case ConstProperty():
                return f"Constant({found.value.python_code.as_unembedded_code()})"
            case EnumProperty():
                return f"Choice({found.class_info.name}, open={is_open})"
            case UuidProperty():
                return f"Uuid({_constraints(schema, 'pattern')})"
            case StringProperty():
                return f"Text({_constraints(schema, 'pattern', 'minLength', 'maxLength')})"
            case IntProperty() | FloatProperty():
                bounds = _constraints(schema, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
                return f"Number({'whole=True, ' * isinstance(found, IntProperty)}{bounds})"
            case DateTimeProperty() | DateProperty():
                return f"Moment({found.get_base_type_string().as_unembedded_code()})"
            case ModelProperty():
                return f"Object({found.class_info.name})"
            case ListProperty():
                items = self.contract.resolve(schema.get("items", {}))
                return f"ListOf({self.kind(found.inner_property, items, is_open=is_open)})"
            case UnionProperty():
                kinds = [self.kind(inner, {}, is_open=is_open) for inner in found.inner_properties]
                return f"OneOf(({', '.join(kinds)},))"
            case _:
                raise UnsupportedError(f"{found.name.get_untrusted_value()} is a {type(found).__name__}")

    def annotation(self, found: PropertyProtocol, *, is_open: bool) -> str:
        """The type of a property that is there."""
        match found:
            case EnumProperty() if is_open:
                return f"{found.class_info.name} | {found.value_type.__name__}"
            case UuidProperty() if not is_open:
                return "UUID | str"
            case ListProperty():
                return f"list[{self.annotation(found.inner_property, is_open=is_open)}]"
            case UnionProperty():
                inner = [self.annotation(inner, is_open=is_open) for inner in found.inner_properties]
                return " | ".join(dict.fromkeys(inner))
            case _:
                return found.get_type_string(no_optional=True).as_unembedded_code()

    def _attribute(self, found: PropertyProtocol, schema: Node, *, is_open: bool) -> Attribute:
        schema = self.contract.resolve(schema)
        description = found.description.get_untrusted_value() if found.description else ""
        return Attribute(
            name=found.name.get_untrusted_value(),
            attribute=str(found.python_name),
            annotation=self.annotation(found, is_open=is_open),
            kind=self.kind(found, schema, is_open=is_open),
            required=found.required,
            description=description or schema.get("description", ""),
        )

    def _properties(self, schema: Node) -> dict[str, Node]:
        schema = self.contract.resolve(schema)
        found: dict[str, dict[str, Any]] = {}
        parts = [self._properties(part) for part in schema.get("allOf", [])]
        for part in [*parts, schema.get("properties", {})]:
            for name, node in part.items():
                found[name] = {**found.get(name, {}), **self.contract.resolve(node)}
        return dict(found)

    def _receive(self, found: PropertyProtocol) -> None:
        match found:
            case ListProperty():
                self._receive(found.inner_property)
            case UnionProperty():
                for inner in found.inner_properties:
                    self._receive(inner)
            case ModelProperty() if (name := str(found.class_info.name)) not in self._received:
                self._received.add(name)
                model = self._models[name]
                for inner in [*(model.required_properties or []), *(model.optional_properties or [])]:
                    self._receive(inner)
            case _:
                pass


def python_pattern(pattern: str) -> str:
    r"""An ECMA 262 pattern for `re`: there `$` matches only at the very end, which here is `\Z`."""
    part = r"\\.|\[(?:\\.|[^\]\\])*\]|\$"  # an escape, a class, or the end
    return re.sub(part, lambda found: r"\Z" if found[0] == "$" else found[0], pattern, flags=re.DOTALL)


def _constraints(schema: Mapping[str, Any], *names: str) -> str:
    given = {CONSTRAINTS[name]: schema[name] for name in names if name in schema}
    if "pattern" in given:
        given["pattern"] = python_pattern(given["pattern"])
    return ", ".join(f"{name}={value!r}" for name, value in given.items())
