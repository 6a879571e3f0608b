"""The examples of the contract, each with the place of its kind in the generated package."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.strings import ClassName, PythonIdentifier

from conformance.contract.document import JSON, Node
from scripts.contract.findings import child
from scripts.generator.kinds import Vocabulary
from scripts.generator.places import followed
from scripts.generator.support import json_of


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


def _of_operation(words: Vocabulary, endpoint: Endpoint, module: str) -> Iterator[Example]:
    operation = words.operation(endpoint)
    place = child("/paths", operation.path, operation.method.lower())
    node = words.contract.raw["paths"][operation.path][operation.method.lower()]
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


def _of_schema(pointer: str, schema: Node) -> Iterator[tuple[str, Any]]:
    if "example" in schema:
        yield child(pointer, "example"), schema["example"]
    for index, value in enumerate(schema.get("examples", [])):
        yield child(pointer, "examples", index), value


def _as_kind(model: str) -> str:
    """The kind of a model, for a module that may not import it."""
    return f"__import__('importlib').import_module('..objects', __package__).Object({model})"
