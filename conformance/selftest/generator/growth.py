"""The contract with changes merged into it, and the client that is generated of it."""

import copy
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml

from conformance.contract.document import Contract, load
from scripts.generator.generate import generate_into
from scripts.generator.regenerate import try_out

BODY = yaml.safe_load("""
paths:
  /v2/boxes:
    post:
      operationId: sendBox
      tags: [Boxes]
      summary: Send
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}
      responses:
        '200':
          description: The box.
          content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}
""")
READ = yaml.safe_load("""
paths:
  /v2/boxes:
    get: {operationId: readBox, tags: [Boxes], summary: Read, responses: {'204': {description: Read.}}}
""")
PATH = "/paths/~1v2~1boxes"
BOX = "/components/schemas/Box"
PET = """
Cat: {type: object, required: [kind], properties: {kind: {const: cat}}}
Dog: {type: object, required: [kind], properties: {kind: {const: dog}}}
"""


def contract(*changes: Any) -> Contract:  # noqa: ANN401 - parts of a contract
    """The contract with changes merged into it."""
    raw: dict[str, Any] = copy.deepcopy(dict(load().raw))
    for change in changes:
        merge(raw, copy.deepcopy(yaml.safe_load(change) if isinstance(change, str) else change))
    return Contract(raw)


def merge(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Merge a mapping into another."""
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            merge(old[key], value)
        else:
            old[key] = value


def boxed(schemas: str) -> Contract:
    """The contract with an operation that takes and returns a `Box`, and these schemas."""
    return contract(BODY, {"components": {"schemas": yaml.safe_load(schemas)}})


def reading(change: str) -> Contract:
    """The contract with an operation without a body, and this change of it."""
    return contract(READ, {"paths": {"/v2/boxes": {"get": yaml.safe_load(change)}}})


@contextmanager
def generated(grown: Contract, directory: Path) -> Iterator[Any]:
    """The client of a contract, imported for as long as the block lasts."""
    generate(grown, directory)
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("carecycle_client")}
    sys.path.insert(0, str(directory))
    try:
        client = importlib.import_module("carecycle_client")
        importlib.import_module("carecycle_client.models")
        yield client
    finally:
        sys.path.remove(str(directory))
        for name in [name for name in sys.modules if name.startswith("carecycle_client")]:
            del sys.modules[name]
        sys.modules.update(kept)


def connected(client: Any, response: httpx2.Response) -> tuple[Any, list[httpx2.Request]]:  # noqa: ANN401 - generated
    """A facade that gets this response, and what it sends."""
    sent: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(response.status_code, content=response.content)

    made = client.CareCycle(token="cc_key", httpx_args={"transport": httpx2.MockTransport(handle)})  # noqa: S106 - no password
    return made, sent


def generate(grown: Contract, directory: Path) -> None:
    """Generate a client and try it."""
    found = generate_into(directory / "carecycle_client", grown)
    try_out(directory / "carecycle_client", grown, found)
