"""What the generator parsed of the contract, in the words of the runtime: expressions for the templates.

The generator drops what it has no use for, patterns and bounds among it; so each property is looked up in its
schema again.
"""

from dataclasses import replace

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.responses import Response
from openapi_python_client.strings import ClassName, PythonIdentifier

from conformance.contract.document import Contract, Node, Operation
from scripts.contract.findings import child
from scripts.generator.expressions import Expressions
from scripts.generator.names import IN_FUNCTIONS, IN_MODELS, Attribute, apart, identifier
from scripts.generator.places import UnsupportedError, at
from scripts.generator.schemas import Schemas
from scripts.generator.support import json_of

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})  # RFC 9110, section 9.2.2


class Vocabulary:
    """Turns what the generator parsed into annotations and kinds."""

    def __init__(self, contract: Contract, data: GeneratorData) -> None:
        self.contract = contract
        self.schemas = Schemas(contract)
        self._expressions = Expressions(self.schemas)
        self._models = {str(model.class_info.name): model for model in data.models}
        classes = {str(one.class_info.name) for one in [*data.models, *data.enums]}
        if taken := sorted(classes & (IN_MODELS | IN_FUNCTIONS)):
            words = f"{taken[0]} is the name of a schema, and of a part of the client; rename it"
            with at(self._place(taken[0])):
                raise UnsupportedError(words)
        self._received: set[str] = set()
        self._sent: set[str] = set()
        for collection in data.endpoint_collections_by_tag.values():
            for endpoint in collection.endpoints:
                for response in endpoint.responses:
                    self._reach(response.prop, self._received)
                for body in endpoint.bodies:
                    self._reach(body.prop, self._sent)

    def operation(self, endpoint: Endpoint) -> Operation:
        """The operation of the contract that an endpoint stands for."""
        named = {PythonIdentifier(id_, "field_"): found for id_, found in self.contract.operations.items()}
        return named[endpoint.name]

    def idempotent(self, endpoint: Endpoint) -> bool:
        """Whether the endpoint may be called again: the contract says so, or the method does."""
        operation = self.operation(endpoint)
        node = self.contract.node(operation)
        return bool(node.get("x-idempotent", operation.method in IDEMPOTENT))

    def deprecated(self, endpoint: Endpoint) -> bool:
        """Whether the contract advises against the operation."""
        return bool(self.contract.node(self.operation(endpoint)).get("deprecated"))

    def open(self, model: ModelProperty) -> bool:
        """Whether a model comes in a response: then it keeps values that the contract does not list yet."""
        return str(model.class_info.name) in self._received

    def attributes(self, model: ModelProperty) -> list[Attribute]:
        """The properties of a model, required ones first."""
        with at(self._place(str(model.class_info.name))):
            return self._attributes(model)

    def _attributes(self, model: ModelProperty) -> list[Attribute]:
        schema = _dumped(model)
        name = str(model.class_info.name)
        schemas = self.schemas.properties(schema, self._place(name))
        if unknown := self.schemas.required(schema) - set(schemas):
            raise UnsupportedError(f"{name} requires {sorted(unknown)}; describe them among its properties")
        found = [*(model.required_properties or []), *(model.optional_properties or [])]
        attributes = [
            self._attribute(
                one, schemas[one.name.get_untrusted_value()], is_open=self.open(model), owner=name
            )
            for one in found
        ]
        return apart(name, attributes, IN_MODELS)

    def others(self, model: ModelProperty) -> str:
        """The expression for the kind of the properties that a model does not list; None if it has none."""
        if model.additional_properties is None:
            return "None"
        others = _dumped(model).get("additionalProperties")
        schema = self.schemas.resolved(others) if isinstance(others, dict) else {}
        return self._expressions.kind(model.additional_properties, schema, is_open=self.open(model))

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
            (node["in"], node["name"]): {**node["schema"], **_said(node)}
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
                raise UnsupportedError(
                    f"{endpoint.name} takes a body that is not only JSON; describe one body as JSON"
                )
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
            raise UnsupportedError(f"{endpoint.name} returns {status} with a body that is not only JSON")
        node = self.contract.node(self.operation(endpoint))["responses"][str(status)]
        content = self.contract.resolve(node)["content"]
        schema = self.schemas.resolved(content[json_of(content)].get("schema", {}))
        kind = self._expressions.kind(response.prop, schema, is_open=True)
        return status, kind, self._expressions.annotation(response.prop, is_open=True)

    def _operation_place(self, endpoint: Endpoint) -> str:
        operation = self.operation(endpoint)
        return child("/paths", operation.path, operation.method.lower())

    def _attribute(
        self, found: PropertyProtocol, schema: Node, *, is_open: bool, owner: str = ""
    ) -> Attribute:
        schema = self.schemas.resolved(schema)
        if schema.get("x-retry-after", "seconds") != "seconds":
            name = found.name.get_untrusted_value()
            raise UnsupportedError(f"{name} has an x-retry-after other than `seconds`; nothing else is read")
        if "x-retry-after" in schema and schema.get("type") not in {"number", "integer"}:
            name = found.name.get_untrusted_value()
            raise UnsupportedError(f"{name} has an x-retry-after and is no number; give it the type number")
        description = found.description.get_untrusted_value() if found.description else ""
        only = self._only(schema, owner)
        return Attribute(
            name=found.name.get_untrusted_value(),
            attribute=identifier(str(found.python_name)),
            annotation=self._expressions.annotation(found, is_open=is_open),
            kind=self._expressions.kind(found, schema, is_open=is_open),
            required=found.required and not only,
            description=_described(schema, description),
            is_wait=schema.get("x-retry-after") == "seconds",
            is_deprecated=bool(schema.get("deprecated")),
            only=only,
            is_needed=found.required and bool(only),
        )

    def _only(self, schema: Node, owner: str) -> str:
        """Whether a property belongs only into what is read, or only into what is sent."""
        if schema.get("readOnly") and owner in self._sent:
            return "read"
        return "sent" if schema.get("writeOnly") and owner in self._received else ""

    def _reach(self, found: PropertyProtocol, models: set[str]) -> None:
        """Note each model that a value of this kind may have in it."""
        match found:
            case ListProperty():
                self._reach(found.inner_property, models)
            case UnionProperty():
                for inner in found.inner_properties:
                    self._reach(inner, models)
            case ModelProperty() if (name := str(found.class_info.name)) not in models:
                models.add(name)
                model = self._models[name]
                for inner in [*(model.required_properties or []), *(model.optional_properties or [])]:
                    self._reach(inner, models)
                if model.additional_properties is not None:
                    self._reach(model.additional_properties, models)
            case _:
                pass


def _said(parameter: Node) -> Node:
    """What a parameter says beside its schema, in the words of a schema."""
    return {key: parameter[key] for key in ("description", "deprecated") if key in parameter}


def _dumped(model: ModelProperty) -> Node:
    """The schema of a model, as the generator has changed it; without what the generator adds to each."""
    dumped: Node = model.data.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return dumped


def _described(schema: Node, description: str) -> str:
    """The description of a property, with what else a caller needs to know of it."""
    said = [schema.get("description", "") or description]
    if schema.get("readOnly"):
        said.append("Read only: the server sets it, and it is not sent.")
    if schema.get("writeOnly"):
        said.append("Write only: no response has it.")
    if schema.get("deprecated"):
        said.append("Deprecated.")
    return " ".join(filter(None, said))
