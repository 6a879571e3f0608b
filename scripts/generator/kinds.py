"""What the generator parsed of the contract, in the words of the runtime: expressions for the templates.

The generator drops what it has no use for, patterns and bounds among it; so each property is looked up in its
schema again.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

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
from openapi_python_client.parser.responses import Response
from openapi_python_client.strings import ClassName, PythonIdentifier

from conformance.contract.document import Contract, Node, Operation
from scripts.contract.findings import child
from scripts.generator.names import IN_FUNCTIONS, IN_MODELS, Attribute, apart
from scripts.generator.support import UNIONS, UnsupportedError, at

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})  # RFC 9110, section 9.2.2
CONSTRAINTS = {
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
    "multipleOf": "multiple_of",
    "minItems": "min_items",
    "maxItems": "max_items",
    "uniqueItems": "unique",
}


class Vocabulary:
    """Turns what the generator parsed into annotations and kinds."""

    def __init__(self, contract: Contract, data: GeneratorData) -> None:
        self.contract = contract
        self._models = {str(model.class_info.name): model for model in data.models}
        classes = {str(one.class_info.name) for one in [*data.models, *data.enums]}
        if taken := sorted(classes & (IN_MODELS | IN_FUNCTIONS)):
            words = f"{taken[0]} is the name of a schema, and of a part of the client; rename it"
            with at(self._place(taken[0])):
                raise UnsupportedError(words)
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
        with at(self._place(str(model.class_info.name))):
            return self._attributes(model)

    def _attributes(self, model: ModelProperty) -> list[Attribute]:
        schema = _dumped(model)
        schemas, name = self._properties(schema), str(model.class_info.name)
        if unknown := self._required(schema) - set(schemas):
            raise UnsupportedError(f"{name} requires {sorted(unknown)}; describe them among its properties")
        found = [*(model.required_properties or []), *(model.optional_properties or [])]
        attributes = [
            self._attribute(one, schemas[one.name.get_untrusted_value()], is_open=self.open(model))
            for one in found
        ]
        return apart(name, attributes, IN_MODELS)

    def others(self, model: ModelProperty) -> str:
        """The expression for the kind of the properties that a model does not list; None if it has none."""
        if model.additional_properties is None:
            return "None"
        others = _dumped(model).get("additionalProperties")
        schema = self._schema(others) if isinstance(others, dict) else {}
        return self.kind(model.additional_properties, schema, is_open=self.open(model))

    def parameters(self, endpoint: Endpoint) -> dict[str, list[Attribute]]:
        """The parameters of an operation, by where they are sent."""
        with at(self._operation_place(endpoint)):
            return self._parameters(endpoint)

    def _place(self, name: str) -> str:
        """The place of the schema that a class is made of, if it has one of its own."""
        for key, schema in self.contract.raw["components"]["schemas"].items():
            if str(ClassName(schema.get("title", key), "")) == name:
                return child("/components/schemas", key)
        return ""

    def _parameters(self, endpoint: Endpoint) -> dict[str, list[Attribute]]:
        operation = self.operation(endpoint)
        item = self.contract.raw["paths"][operation.path]
        schemas = {
            (node["in"], node["name"]): node["schema"]
            for one in [*item.get("parameters", []), *item[operation.method.lower()].get("parameters", [])]
            for node in [self.contract.resolve(one)]
        }
        found = [(str(place), one) for place, one in endpoint.iter_all_parameters()]
        attributes = apart(
            operation.id,
            [
                self._attribute(one, schemas[place, one.name.get_untrusted_value()], is_open=False)
                for place, one in found
            ],
            IN_FUNCTIONS,
        )
        groups: dict[str, list[Attribute]] = {"path": [], "query": [], "header": [], "cookie": []}
        for (place, _), attribute in zip(found, attributes, strict=True):
            groups[place].append(attribute)
        return groups

    def body(self, endpoint: Endpoint) -> Attribute | None:
        """The body of a request, if there is one."""
        if not endpoint.bodies:
            return None
        with at(self._operation_place(endpoint)):
            if len(endpoint.bodies) > 1 or endpoint.bodies[0].body_type != "json":
                raise UnsupportedError(f"{endpoint.name} takes a body that is not JSON alone; describe one")
            schema = self.operation(endpoint).body or {}
            return replace(self._attribute(endpoint.bodies[0].prop, schema, is_open=False), attribute="body")

    def responses(self, endpoint: Endpoint) -> list[tuple[int, str, str]]:
        """Status, kind and type of each documented response."""
        with at(self._operation_place(endpoint)):
            return [self._response(endpoint, response) for response in endpoint.responses]

    def outcome(self, endpoint: Endpoint) -> tuple[str, str]:
        """The types of the bodies of a success and of a failure."""
        found = self.responses(endpoint)
        successes = dict.fromkeys(type_ for status, _, type_ in found if 200 <= status < 300)
        failures = sorted({type_ for status, _, type_ in found} - set(successes))
        return " | ".join(successes) or "None", " | ".join(failures) or "None"

    def _response(self, endpoint: Endpoint, response: Response) -> tuple[int, str, str]:
        status = int(response.status_code.pattern)
        if response.source["return_type"] == "None":
            return status, "None", "None"
        if response.source["return_type"] != "Any":
            raise UnsupportedError(f"{endpoint.name} answers {status} with a body that is not JSON alone")
        schema = self._schema(self.operation(endpoint).responses[status].schema or {})
        kind = self.kind(response.prop, schema, is_open=True)
        return status, kind, self.annotation(response.prop, is_open=True)

    def _operation_place(self, endpoint: Endpoint) -> str:
        operation = self.operation(endpoint)
        return child("/paths", operation.path, operation.method.lower())

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
                bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
                whole = "whole=True, " * isinstance(found, IntProperty)
                return f"Number({whole}{_constraints(schema, *bounds)})"
            case DateTimeProperty() | DateProperty():
                return f"Moment({found.get_base_type_string().as_unembedded_code()})"
            case ModelProperty():
                return f"Object({found.class_info.name})"
            case ListProperty():
                items = self.kind(
                    found.inner_property, self._schema(schema.get("items", {})), is_open=is_open
                )
                sizes = _constraints(schema, "minItems", "maxItems", "uniqueItems")
                return f"ListOf({', '.join(filter(None, [items, sizes]))})"
            case UnionProperty():
                members = list(self._members(schema))
                if len(members) != len(found.inner_properties):
                    name = found.name.get_untrusted_value()
                    raise UnsupportedError(f"{name} is a choice of two schemas of one type; make them one")
                pairs = zip(found.inner_properties, members, strict=True)
                kinds = [self.kind(inner, member, is_open=is_open) for inner, member in pairs]
                return f"OneOf(({', '.join(kinds)},))"
            case _:
                name = found.name.get_untrusted_value()
                raise UnsupportedError(f"{name} is a {type(found).__name__}, which the client cannot express")

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

    def _attribute(self, found: PropertyProtocol, schema: Node, *, is_open: bool) -> Attribute:
        schema = self._schema(schema)
        if schema.get("x-retry-after", "seconds") != "seconds":
            name = found.name.get_untrusted_value()
            raise UnsupportedError(f"{name} has an x-retry-after other than `seconds`; nothing else is read")
        if "x-retry-after" in schema and schema.get("type") not in {"number", "integer"}:
            name = found.name.get_untrusted_value()
            raise UnsupportedError(f"{name} has an x-retry-after and is no number; give it the type number")
        description = found.description.get_untrusted_value() if found.description else ""
        return Attribute(
            name=found.name.get_untrusted_value(),
            attribute=str(found.python_name),
            annotation=self.annotation(found, is_open=is_open),
            kind=self.kind(found, schema, is_open=is_open),
            required=found.required,
            description=schema.get("description", "") or description,
            is_wait=schema.get("x-retry-after") == "seconds",
        )

    def _schema(self, node: Node) -> Node:
        """What a schema says, be it in another place: behind a `$ref`, or the one in an `allOf`."""
        said = {key: node[key] for key in ("description", "deprecated") if key in node}
        node = {**self.contract.resolve(node), **said}
        parts = [part for group in ("allOf", *UNIONS) for part in node.get(group, [])]
        if len(parts) == 1 and "$ref" in parts[0]:
            return {
                **self._schema(parts[0]),
                **{key: node[key] for key in node if key not in ("allOf", *UNIONS)},
            }
        return node

    def _members(self, schema: Node) -> Iterator[Node]:
        """The schemas that a value may be of, where the generator takes one of several: in its order."""
        schema = self._schema(schema)
        types = schema.get("type")
        parts = [part for union in UNIONS for part in schema.get(union, [])]
        if not parts and isinstance(types, list):
            parts = [{**schema, "type": type_} for type_ in types]
        if not parts:
            yield schema
        for part in parts:
            yield from self._members(part)

    def _properties(self, schema: Node) -> dict[str, Node]:
        schema = self.contract.resolve(schema)
        found: dict[str, Node] = {}
        parts = [self._properties(part) for part in schema.get("allOf", [])]
        for part in [*parts, schema.get("properties", {})]:
            for name, node in part.items():
                before, after = found.get(name, {}), self._schema(node)
                if twice := [
                    key for key in CONSTRAINTS if key in before and before[key] != after.get(key, before[key])
                ]:
                    raise UnsupportedError(
                        f"{name} has two values of {twice[0]}, in parts of an allOf; write one"
                    )
                found[name] = {**before, **after}
        return found

    def _required(self, schema: Node) -> set[str]:
        schema = self.contract.resolve(schema)
        return set(schema.get("required", [])).union(*map(self._required, schema.get("allOf", [])))

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


def _dumped(model: ModelProperty) -> Node:
    dumped: Node = model.data.model_dump(mode="json", by_alias=True, exclude_none=True)
    return dumped


def _constraints(schema: Node, *names: str) -> str:
    given = {CONSTRAINTS[name]: schema[name] for name in names if name in schema}
    if "pattern" in given:
        given["pattern"] = python_pattern(given["pattern"])
    return ", ".join(f"{name}={value!r}" for name, value in given.items())
