"""The contract, prepared for the mock: routes, validators and bodies, compiled once."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jsonschema_rs

from ..contract import document
from ..contract.document import Contract, Node, Operation

UPDATE = "updateCustomerCampaignStatus"
"""The operation that has state. Every other one is served from examples, until a DELETE removes it."""


@dataclass(frozen=True)
class Served:
    """An operation and the validators of its body."""

    operation: Operation
    form: jsonschema_rs.Draft202012Validator | None
    """The validator of the published form. A body that violates the form is malformed."""
    whole: jsonschema_rs.Draft202012Validator | None
    """The validator of the whole schema. A well-formed body that violates it has a rejected status."""

    @property
    def updates(self) -> bool:
        """Whether this is the operation that has state."""
        return self.operation.id == UPDATE


class Api:
    """The parts of a contract that the mock looks up for each request."""

    def __init__(self, source: Contract) -> None:
        self.contract = source
        self.key_header = source.key_header.lower()
        self.operations = {id_: _served(source, operation) for id_, operation in source.operations.items()}
        self._bodies = {
            status: response.example
            for operation in source.operations.values()
            for status, response in operation.responses.items()
        }
        self._fixed: dict[str, dict[str, Served]] = {}
        self._templates: list[tuple[re.Pattern[str], dict[str, Served]]] = []
        for served in self.operations.values():
            self._methods(served.operation.path)[served.operation.method] = served

    def route(self, path: str) -> Mapping[str, Served]:
        """The operations at a path by their methods. There are none if the contract lacks the path."""
        if path in self._fixed:
            return self._fixed[path]
        return next((methods for pattern, methods in self._templates if pattern.fullmatch(path)), {})

    def error(self, operation: Operation | None, *statuses: int) -> tuple[int, Any]:
        """The first of the status codes that the operation documents, or else the first, with its body."""
        documented = operation.responses if operation else {}
        status = next((status for status in statuses if status in documented), statuses[0])
        if status in documented:
            return status, documented[status].example
        phrase = HTTPStatus(status).phrase
        return status, self._bodies.get(status, {"message": phrase, "code": phrase.upper().replace(" ", "_")})

    def can_name(self, customer_id: str, campaign_id: str) -> bool:
        """Whether both ids are valid in an update."""
        update = self.operations.get(UPDATE)
        if update is None or update.form is None:
            return False
        example = next(iter(update.operation.request_examples.values()))
        return update.form.is_valid({**example, "customerId": customer_id, "campaignId": campaign_id})

    @functools.cached_property
    def initial_statuses(self) -> tuple[str, ...]:
        """The statuses that an enrollment can have but a request cannot set."""
        update = self.operations.get(UPDATE)
        if update is None or update.form is None or update.whole is None:
            return ("unknown",)
        example = next(iter(update.operation.request_examples.values()))
        options = dict.fromkeys(
            option for _, node in document.walk(self.contract.raw) for option in _options(node)
        )
        bodies = [{**example, "status": option} for option in options]
        return tuple(
            body["status"]
            for body in bodies
            if update.form.is_valid(body) and not update.whole.is_valid(body)
        )

    def _methods(self, path: str) -> dict[str, Served]:
        if "{" not in path:
            return self._fixed.setdefault(path, {})
        parts = re.split(r"\{[^{}]*\}", path)
        pattern = re.compile("[^/]+".join(re.escape(part) for part in parts))
        known = next((methods for other, methods in self._templates if other == pattern), None)
        if known is None:
            known = {}
            self._templates.append((pattern, known))
        return known


def load(path: Path) -> Api:
    """The API of the contract at `path`. It is compiled again only if the file has changed.

    Raises:
        ContractError: the contract cannot be read.

    """
    return _load(path, path.stat().st_mtime_ns if path.exists() else 0)


@functools.lru_cache(maxsize=8)
def _load(path: Path, _modified: int) -> Api:
    return Api(document.load_to_run(path))


def _served(source: Contract, operation: Operation) -> Served:
    if operation.body is None:
        return Served(operation, None, None)
    whole = source.validator(operation.body)
    if operation.id != UPDATE:
        return Served(operation, whole, whole)
    form = source.resolve(operation.body).get("allOf", [operation.body])[0]
    return Served(operation, source.validator(form), whole)


def _options(node: Node) -> list[str]:
    options = node.get("enum", ())
    return [option for option in options if isinstance(option, str)] if isinstance(options, list) else []
