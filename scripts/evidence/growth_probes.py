"""Probes of what both generators make of a contract that grows."""

import contextlib
import copy
import io
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData

from conformance.contract.document import DEFAULT_PATH, Contract, load
from scripts.generator.generate import GenerationError
from scripts.generator.regenerate import make

PACKAGE = "grown_client"


class Generator(Protocol):
    """Makes a client of a contract."""

    def generate(self, raw: dict[str, Any], directory: Path) -> str:
        """Write the client. Returns the message of the generator if it rejects the contract or warns."""


class Stock:
    """The generator without our changes."""

    def generate(self, raw: dict[str, Any], directory: Path) -> str:
        """Write the client. This generator rejects no contract."""
        config = Config.from_sources(
            ConfigFile(package_name_override=directory.name, post_hooks=[]),
            meta_type=MetaType.NONE,
            document_source=DEFAULT_PATH,
            file_encoding="utf-8",
            overwrite=False,
            output_path=directory,
        )
        data = GeneratorData.from_dict(raw, config=config)
        if not isinstance(data, GeneratorData):
            return str(data.detail)
        with contextlib.redirect_stdout(io.StringIO()):
            Project(openapi=data, config=config).build()
        (directory / "py.typed").touch()
        return ""


class Ours:
    """The generator with our templates and checks."""

    def generate(self, raw: dict[str, Any], directory: Path) -> str:
        """Write the client. Returns the message if the generator rejects the contract."""
        try:
            make(Contract(raw), directory)
        except GenerationError as error:
            return str(error)
        return ""


@dataclass(frozen=True, slots=True)
class Growth:
    """A change of the contract, and a program that exits with 0 if the client keeps its meaning."""

    name: str
    change: dict[str, Any]
    program: str

    def outcome(self, generator: Generator) -> str:
        """The outcome of the change."""
        raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
        _merge(raw, copy.deepcopy(self.change))
        with tempfile.TemporaryDirectory() as directory:
            try:
                refused = generator.generate(raw, Path(directory) / PACKAGE)
            except Exception as error:  # noqa: BLE001 - any error of the generator counts
                return f"fails: the generator stops with a {type(error).__name__}"
            if refused:
                return "refused with its place" if "#/" in refused else "refused"
            done = subprocess.run(  # noqa: S603 - of this module
                [sys.executable, "-c", self.program],
                cwd=directory,
                capture_output=True,
                text=True,
                check=False,
            )
        words = (done.stderr or done.stdout).strip().splitlines()
        return "passes" if done.returncode == 0 else f"fails: {words[-1][:60] if words else 'no'}"


def _merge(old: dict[str, Any], new: dict[str, Any]) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            _merge(old[key], value)
        else:
            old[key] = value


def _schema(text: str) -> dict[str, Any]:
    """A model `Box` with this one property, and an operation that returns it."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Box"}}}
    return {
        "paths": {
            "/v2/boxes": {
                "post": {
                    "operationId": "sendBox",
                    "tags": ["Boxes"],
                    "summary": "Send",
                    "requestBody": {"required": True, "content": content},
                    "responses": {"200": {"description": "A box.", "content": content}},
                }
            }
        },
        "components": {"schemas": yaml.safe_load(text)},
    }


DONE = {"responses": {"204": {"description": "Done."}}}
NULLABLE = {"type": ["array", "null"], "items": {"type": "string"}}
BOX = f"from {PACKAGE}.models import Box\n"
SENT = f"""
import sys
from {PACKAGE} import AuthenticatedClient
from {PACKAGE}.api.boxes import send_box
http = getattr(sys.modules["grown_client.client"], "httpx", None) or __import__("httpx2")
sent = []
def handle(request):
    sent.append(str(request.url))
    return http.Response(204)
arguments = {{"transport": http.MockTransport(handle)}}
client = AuthenticatedClient(base_url="https://api.carecycle.ai", token="cc_k", httpx_args=arguments)
"""


def _operation(change: dict[str, Any]) -> dict[str, Any]:
    operation = {
        "operationId": "sendBox",
        "tags": ["Boxes"],
        "summary": "Send",
        "responses": {"204": {"description": "Sent."}},
    }
    return {"paths": {"/v2/boxes": {"get": operation | change}}}


GROWTH = (
    Growth(
        "a choice of two objects: a dog is no `Cat`",
        _schema("""
            Box:
              type: object
              properties:
                pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}
            Cat: {type: object, required: [kind], properties: {kind: {type: string, enum: [cat]}}}
            Dog: {type: object, required: [kind], properties: {kind: {type: string, enum: [dog]}}}
        """),
        BOX + "assert type(Box.from_dict({'pet': {'kind': 'dog'}}).pet).__name__ == 'Dog', 'a dog is a Cat'",
    ),
    Growth(
        "a choice of an enum and a UUID",
        _schema("""
            Box:
              type: object
              properties: {word: {anyOf: [{$ref: '#/components/schemas/Word'}, {type: string, format: uuid}]}}
            Word: {type: string, enum: [up, down]}
        """),
        BOX + "word = Box.from_dict({'word': '36ca8d1d-3d3d-48cf-bd1f-a796d8849d75'}).word\n"
        "assert type(word).__name__ == 'UUID', 'a uuid is a ' + type(word).__name__",
    ),
    Growth(
        "a read-only property that is required",
        _schema("""
            Box:
              type: object
              required: [id, name]
              properties: {id: {type: string, readOnly: true}, name: {type: string}}
        """),
        BOX + "assert Box(name='n').to_dict() == {'name': 'n'}",
    ),
    Growth(
        "a property that two parts of an `allOf` describe",
        _schema("""
            Box:
              allOf:
                - {type: object, properties: {size: {type: object, properties: {w: {type: integer}}}}}
                - {type: object, properties: {size: {type: object, required: [w]}}}
        """),
        BOX + "try:\n    Box.from_dict({'size': {}})\nexcept Exception:\n    pass\n"
        "else:\n    raise SystemExit('a part is dropped')",
    ),
    Growth(
        "an operation with a server of its own",
        _operation({"servers": [{"url": "https://files.carecycle.ai"}]}),
        SENT + "send_box.sync_detailed(client=client)\nassert 'files.' in sent[0], 'sent to another host'",
    ),
    Growth(
        "a parameter that may be null",
        _operation({"parameters": [{"name": "q", "in": "query", "schema": NULLABLE}]}),
        SENT + "send_box.sync_detailed(client=client, q=None)\n"
        "assert 'q' not in sent[0].partition('?')[2], 'sent as ' + sent[0]",
    ),
    Growth(
        "an operation that is deprecated",
        _operation({"deprecated": True}),
        SENT + "import warnings\nwarnings.simplefilter('error', DeprecationWarning)\ntry:\n"
        "    send_box.sync_detailed(client=client)\nexcept DeprecationWarning:\n    pass\n"
        "else:\n    raise SystemExit('no warning')",
    ),
    Growth(
        "a keyword that the client would drop (`callbacks`)",
        _operation({"callbacks": {"done": {"{$request.query.url}": {"post": DONE}}}}),
        "raise SystemExit('dropped')",
    ),
    Growth(
        "two properties with one name in Python",
        _schema("Box: {type: object, properties: {'+1': {type: integer}, '-1': {type: integer}}}"),
        BOX
        + "assert Box.from_dict({'+1': 1, '-1': 2}).to_dict() == {'+1': 1, '-1': 2}, 'one of them is lost'",
    ),
    Growth(
        "code in `info.version`",
        {"info": {"version": "1\nimport pathlib; pathlib.Path('ran').touch()"}},
        f"import pathlib, {PACKAGE}.client\nassert not pathlib.Path('ran').exists(), 'it runs'",
    ),
    Growth(
        "a schema that contains itself",
        _schema("""
            Box: {type: object, properties: {a: {$ref: '#/components/schemas/A'}}}
            A: {$ref: '#/components/schemas/A'}
        """),
        BOX,
    ),
)
