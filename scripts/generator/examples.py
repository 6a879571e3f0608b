"""The examples of the contract, each with the place of its kind in the generated package."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.strings import ClassName, PythonIdentifier

from conformance.contract.document import JSON, Contract, Node
from scripts.contract.findings import child
from scripts.generator.places import followed
from scripts.generator.samples import sample
from scripts.generator.support import json_of
from scripts.generator.vocabulary import Vocabulary


class Example(NamedTuple):
    """A value that the package has to read and to write again."""

    pointer: str
    module: str
    kind: str
    """An expression that is evaluated in the module."""
    value: Any


def examples(words: Vocabulary, data: GeneratorData) -> Iterator[Example]:
    """Every example of a body, and of a schema that is a model."""
    for tag, collection in data.endpoint_collections_by_tag.items():
        for endpoint in collection.endpoints:
            yield from _of_operation(
                words, endpoint, f"api.{tag}.{PythonIdentifier(endpoint.name, 'field_')}"
            )
    models = {str(model.class_info.name): model for model in data.models}
    for key, schema in words.contract.raw["components"].get("schemas", {}).items():
        if model := models.get(str(ClassName(schema.get("title", key), ""))):
            place = child("/components/schemas", key)
            kind = f"{model.class_info.name}"
            for pointer, value in _of_schema(place, schema):
                yield Example(pointer, f"models.{model.class_info.module_name}", _as_kind(kind), value)


Body = tuple[str, Any] | None


def documented(contract: Contract) -> Iterator[tuple[str, str, str, dict[int, Body]]]:
    """Id, method and path of each operation, with an example of each of its responses.

    An example is a media type and a value, or None for a response without a body. Without an example in the
    contract it is a value that the schema allows. The media type is empty if none was found.
    """
    for operation in contract.operations.values():
        node = contract.node(operation)
        bodies = {
            int(status): _body(contract, contract.resolve(response))
            for status, response in node["responses"].items()
        }
        yield operation.id, operation.method, operation.path, bodies


def _body(contract: Contract, response: Node) -> Body:
    content = response.get("content", {})
    media_type = json_of(content)
    if media_type not in content:
        return None
    media = content[media_type]
    named = {name: contract.resolve(one).get("value") for name, one in media.get("examples", {}).items()}
    for name in ("typical", *named):
        if name in named:
            return media_type, named[name]
    if "example" in media:
        return media_type, media["example"]
    try:
        return media_type, sample(contract, media.get("schema", {}))
    except LookupError:
        return "", None


def _of_operation(words: Vocabulary, endpoint: Endpoint, module: str) -> Iterator[Example]:
    operation = words.operation(endpoint)
    place = child("/paths", operation.path, operation.method.lower())
    node = words.contract.node(operation)
    kinds = {status: kind for status, kind, _ in words.responses(endpoint)}
    for status, response in node["responses"].items():
        pointer, found = followed(words.contract, child(place, "responses", status), response)
        content = found.get("content", {})
        for pointer_, value in _of_content(words, pointer, content, json_of(content)):
            yield Example(pointer_, module, kinds[int(status)], value)
    if (body := words.body(endpoint)) is not None:
        pointer, found = followed(words.contract, child(place, "requestBody"), node["requestBody"])
        for pointer_, value in _of_content(words, pointer, found["content"], JSON):
            yield Example(pointer_, module, body.kind, value)


def _of_content(words: Vocabulary, pointer: str, content: Node, media_type: str) -> Iterator[tuple[str, Any]]:
    media, place = content.get(media_type, {}), child(pointer, "content", media_type)
    if "schema" not in media:
        return
    if "example" in media:
        yield child(place, "example"), media["example"]
    for name, example in media.get("examples", {}).items():
        where, found = followed(words.contract, child(place, "examples", name), example)
        if "value" in found:
            yield child(where, "value"), found["value"]
    if "$ref" not in media["schema"]:
        yield from _of_schema(child(place, "schema"), media["schema"])


def _of_schema(pointer: str, schema: Node) -> Iterator[tuple[str, Any]]:
    if "example" in schema:
        yield child(pointer, "example"), schema["example"]
    for index, value in enumerate(schema.get("examples", [])):
        yield child(pointer, "examples", index), value


def _as_kind(model: str) -> str:
    """The kind of a model, for a module that may not import it."""
    return f"__import__('importlib').import_module('.._objects', __package__).Object({model})"
