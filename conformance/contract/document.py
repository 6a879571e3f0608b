"""The contract, read once: operations, schemas, examples and rules.

The mock and the suite read paths, schemas, statuses and rules of the API here. Code names only the fields
and statuses that it treats in a special way.
"""

import copy
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import jsonschema_rs
import yaml

PACKAGE = Path(__file__).resolve().parents[1]
REPOSITORY = PACKAGE.parent
"""The root of the checkout, unless the suite is installed."""
_PACKAGED = PACKAGE / "carecycle.yaml"
IS_INSTALLED = _PACKAGED.is_file()
"""Whether the suite was installed from a distribution, which contains the contract."""
DEFAULT_PATH = _PACKAGED if IS_INSTALLED else REPOSITORY / "openapi" / "carecycle.yaml"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON = "application/json"

Node = Mapping[str, Any]


# The C loader reads a contract in 10 ms instead of 80 ms, but not every machine has it.
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def program(name: str) -> str:
    """How users start a program of the suite, such as `mock`."""
    return f"carecycle-{name}" if IS_INSTALLED else f"python -m conformance.{name}"


class ContractError(Exception):
    """The contract cannot be read, or lacks what is asked for. The message says what and where."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence that a server keeps or violates."""

    id: str
    text: str
    known: Literal["documented", "read", "inferred"]
    pointer: str
    """JSON pointer (RFC 6901) of the rule in the contract."""
    why: str = ""
    """The intent of the rule, in one line."""
    untested: str = ""
    """The reason why no test can decide the rule."""

    @property
    def level(self) -> Literal["MUST", "SHOULD"]:
        """The RFC 2119 keyword of the sentence."""
        return "MUST" if "MUST" in self.text else "SHOULD"

    @property
    def area(self) -> str:
        """The part of the id before the number: `STATUS` of `STATUS-02`."""
        return self.id.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """A documented response of an operation."""

    status: int
    description: str
    schema: Node | None
    examples: Mapping[str, Any]
    """Bodies by name: `documented` as in the vendor's reference, `typical` as a server would send it."""
    error_code: str | None

    @property
    def example(self) -> Any:  # noqa: ANN401 - a JSON value
        """A body that a server would send: the `typical` example, or else the first example."""
        return self.examples.get("typical", next(iter(self.examples.values()), None))


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path."""

    id: str
    method: str
    """The method as it is sent, in upper case."""
    path: str
    needs_key: bool
    body: Node | None
    """The schema of the JSON request body, if the operation takes one."""
    body_required: bool
    request_examples: Mapping[str, Any]
    responses: Mapping[int, DocumentedResponse]

    @property
    def success(self) -> DocumentedResponse:
        """The first documented 2xx response."""
        return next(response for status, response in self.responses.items() if 200 <= status < 300)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests the vendor allows in a window."""

    requests: int
    seconds: float


class Contract:
    """A contract that was read. Each part is looked up once."""

    def __init__(self, raw: Node, path: Path = DEFAULT_PATH) -> None:
        self.raw = raw
        self.path = path

    @property
    def version(self) -> str:
        """The version of the contract, and so of the client."""
        return str(self.raw["info"]["version"])

    @functools.cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule by id, ordered by area and number."""
        found = [
            Rule(
                id=id_,
                text=entry["text"],
                known=entry["known"],
                pointer=f"{pointer}/x-rules/{id_}",
                why=entry.get("why", ""),
                untested=entry.get("untested", ""),
            )
            for pointer, node in walk(self.raw)
            for id_, entry in node.get("x-rules", {}).items()
        ]
        return {rule.id: rule for rule in sorted(found, key=lambda rule: rule.id)}

    def select_rules(self, names: Iterable[str]) -> set[str] | None:
        """The rules that ids and areas name, or None for all rules if there are no names.

        Raises:
            ContractError: the contract has no rule and no area of a name.

        """
        found: set[str] = set()
        for name in names:
            rules = {rule.id for rule in self.rules.values() if name in {rule.id, rule.area}}
            if not rules:
                raise ContractError(f"the contract has no rule or area {name}")
            found |= rules
        return found or None

    @functools.cached_property
    def untested(self) -> Mapping[str, str]:
        """The rules that no test can decide, each with the reason."""
        return {id_: rule.untested for id_, rule in self.rules.items() if rule.untested}

    @functools.cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation by `operationId`."""
        found: dict[str, Operation] = {}
        for path, item in self.raw["paths"].items():
            for method in METHODS:
                if method in item:
                    operation = self._operation(path, method, item[method])
                    found[operation.id] = operation
        return found

    @functools.cached_property
    def key_header(self) -> str:
        """The name of the request header that carries the key."""
        return str(self._key_scheme["name"])

    @property
    def key_prefix(self) -> str:
        """The beginning of every key."""
        return str(self._key_scheme["x-key-prefix"])

    @property
    def rate_limit(self) -> RateLimit:
        """The documented limit."""
        return RateLimit(**self.raw["x-rate-limit"])

    @property
    def production_hosts(self) -> frozenset[str]:
        """The hosts of `servers`, which have real customers."""
        return frozenset(urlsplit(server["url"]).hostname or "" for server in self.raw["servers"])

    @functools.cached_property
    def _key_scheme(self) -> Node:
        schemes: Mapping[str, Node] = self.raw["components"]["securitySchemes"]
        return next(scheme for scheme in schemes.values() if scheme["type"] == "apiKey")

    def schema(self, name: str) -> Node:
        """The schema with this name in `components`."""
        schema: Node = self.raw["components"]["schemas"][name]
        return schema

    def node(self, operation: Operation) -> Node:
        """The operation as the contract has it, with all that `Operation` leaves out."""
        node: Node = self.raw["paths"][operation.path][operation.method.lower()]
        return node

    def resolve(self, node: Node) -> Node:
        """The node, or the node that its local `$ref` points to."""
        while "$ref" in node:
            target: Any = self.raw
            for token in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target[token.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def validator(self, schema: Node) -> jsonschema_rs.Draft202012Validator:
        """A validator for a schema of this contract, by JSON Schema 2020-12 with formats asserted.

        Patterns are ECMA 262 regular expressions, so `$` matches only at the very end.
        """
        return jsonschema_rs.Draft202012Validator(
            {"components": self.raw["components"], "allOf": [schema]}, validate_formats=True
        )

    def _operation(self, path: str, method: str, node: Node) -> Operation:
        request = self.resolve(node.get("requestBody", {}))
        media = request.get("content", {}).get(JSON, {})
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            needs_key=bool(node.get("security", self.raw.get("security", []))),
            body=media.get("schema"),
            body_required=request.get("required", False),
            request_examples=_examples(media),
            responses={
                int(status): self._response(int(status), self.resolve(response))
                for status, response in node["responses"].items()
            },
        )

    def _response(self, status: int, node: Node) -> DocumentedResponse:
        media = node.get("content", {}).get(JSON, {})
        return DocumentedResponse(
            status=status,
            description=node["description"],
            schema=media.get("schema"),
            examples=_examples(media),
            error_code=node.get("x-error-code"),
        )


def walk(node: object, pointer: str = "") -> Iterator[tuple[str, Node]]:
    """The node and every object below it, each with its JSON pointer."""
    if isinstance(node, Mapping):
        yield pointer, node
        for key, value in node.items():
            yield from walk(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{pointer}/{index}")


def path_pattern(path: str) -> re.Pattern[str]:
    """What matches a path of a contract with a value in place of each parameter."""
    return re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", path))))


def load(path: Path = DEFAULT_PATH) -> Contract:
    """Read the contract at `path`.

    Raises:
        ContractError: the file is missing, is not UTF-8 or is not a YAML mapping.

    """
    try:
        raw = copy.deepcopy(_parsed(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ContractError(f"cannot read the contract {path}: {error}") from error
    if not isinstance(raw, dict):
        raise ContractError(f"the contract {path} is not a YAML mapping")
    return Contract(raw, path)


@functools.lru_cache(maxsize=4)
def _parsed(text: str) -> object:
    """The value of a YAML text. A run reads its contract ten times, and a copy is much cheaper."""
    return yaml.load(text, Loader=_YAML)  # noqa: S506 - both loaders are safe


def load_to_run(path: Path = DEFAULT_PATH) -> Contract:
    """Read the contract at `path`, and check that it has everything that the mock and the suite need.

    Raises:
        ContractError: the contract cannot be read, or lacks something.

    """
    contract = load(path)
    try:
        needed: list[object] = [contract.rules, contract.key_header, contract.key_prefix]
        needed += [contract.rate_limit, contract.production_hosts]
        for operation in contract.operations.values():
            responses = [operation.success, *operation.responses.values()]
            schemas = [operation.body, *(response.schema for response in responses)]
            needed += [contract.validator(schema) for schema in schemas if schema]
    except Exception as error:  # whatever is missing is an error of the contract, not of this reader
        why = (str(error) or type(error).__name__).partition("\n")[0]
        raise ContractError(
            f"the contract {path} cannot be run ({type(error).__name__}: {why}); "
            f"run `python -m scripts.contract.check {path}` for every error and its place"
        ) from error
    return contract


def _examples(media: Node) -> Mapping[str, Any]:
    named = {name: example["value"] for name, example in media.get("examples", {}).items()}
    return {"example": media["example"], **named} if "example" in media else named
