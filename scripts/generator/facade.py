"""The facade of the client: a class for each tag, and a method for each operation.

Nothing of it is written by hand. These rules make the names:

- The client has the word of `info.title` that is the name of the package, as it is spelled there.
- A tag is a property of the client, and a class.
- A method is the operation id without the tag's words, in the singular or the plural. If two operations of
  a tag would have one name so, both keep the whole operation id.
- The fields of a required body are keywords, apart from those that are read only. If one of them has the name
  of a parameter or of an option of the call, the body is one keyword, `body`, and takes the model.
- Clients, errors and models are exported at the top. A model that has the name of a client or of an error is
  exported by `models` only.
- A name that the code has for itself gets an underscore at its end. A clash that is left is refused.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from keyword import iskeyword
from pathlib import Path

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint, EndpointCollection
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.strings import ClassName, PythonIdentifier

from conformance.contract.document import Contract
from scripts.contract.findings import child
from scripts.generator.names import Attribute, imported
from scripts.generator.places import UnsupportedError, at
from scripts.generator.vocabulary import Vocabulary

RUNTIME = Path(__file__).parent / "runtime"
IN_MODULES = imported("endpoint_init.py.jinja")
IN_METHODS = frozenset({"self", "timeout", "max_retries", "headers"})
IN_CLASSES = frozenset({"_client", "__init__"})
QUOTED = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""  # after a split, what is in quotes has the odd places
# A class with a method of one of these names writes `builtins.` before the name in its annotations.
TYPES = frozenset({"list", "dict", "str", "int", "float", "bool", "bytes"})


@dataclass(frozen=True, slots=True)
class Method:
    """An operation as a method."""

    name: str
    endpoint: Endpoint
    module: str
    """The module that has the operation's functions."""
    arguments: list[Attribute]
    """The parameters, and either the body or its fields."""
    parameters: list[str]
    """The names of the arguments that the functions of the module take too."""
    body: str
    """The model that the other arguments are the fields of; empty if there is none."""
    success: str


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of a tag."""

    module: str
    attribute: str
    """The property of the client."""
    name: str
    """The name of the class."""
    description: str
    methods: list[Method]
    imports: list[str]


class Facade:
    """The names of the facade, and what its methods take."""

    def __init__(self, contract: Contract, data: GeneratorData, words: Vocabulary, package: str) -> None:
        self._words = words
        self._contract = contract
        self.name = client_name(str(contract.raw["info"]["title"]), package.removesuffix("_client"))
        models = {str(one.class_info.name) for one in [*data.models, *data.enums]}
        with at("/info/title"):
            if self.name in {"Client", "AuthenticatedClient"}:
                raise UnsupportedError(f"makes a client `{self.name}`, as another one is called; rename it")
        self.errors = sorted(error_names())
        self.clients = sorted({"AuthenticatedClient", "Client", self.name, f"Async{self.name}"})
        self.models = sorted(models - {*self.errors, *self.clients})
        taken = base_names()
        self.groups = [
            self._group(str(module), collection, models, taken)
            for module, collection in data.endpoint_collections_by_tag.items()
        ]

    def group(self, collection: EndpointCollection) -> Group:
        """The group that a collection of the generator stands for."""
        return next(group for group in self.groups if group.module == collection.tag)

    def _group(
        self, module: str, collection: EndpointCollection, models: set[str], taken: frozenset[str]
    ) -> Group:
        methods = list(self._methods(module, collection))
        name = str(ClassName(module, "Tag"))
        imports = {line for endpoint in collection.endpoints for line in self._imports(endpoint)}
        return Group(
            module=module,
            attribute=f"{module}_" if module in taken else module,
            name=f"{name}_" if name in models | IN_MODULES else name,
            description=self._description(module),
            methods=methods,
            imports=_needed(imports, methods),
        )

    def _description(self, module: str) -> str:
        for tag in self._contract.raw.get("tags", []):
            if PythonIdentifier(tag["name"], "tag") == module:
                return str(tag.get("description", ""))
        return ""

    def _methods(self, tag: str, collection: EndpointCollection) -> Iterator[Method]:
        ids = {str(endpoint.name): endpoint for endpoint in collection.endpoints}
        short = {id_: _method_name(id_, tag) for id_ in ids}
        names = {
            id_: id_ if list(short.values()).count(name) > 1 or name in IN_CLASSES else name
            for id_, name in short.items()
        }
        for id_, endpoint in ids.items():
            same = [other for other in ids if names[other] == names[id_]]
            if len(same) > 1:
                operation = self._words.operation(endpoint)
                with at(child("/paths", operation.path, operation.method.lower(), "operationId")):
                    raise UnsupportedError(f"{same} are all of them `{names[id_]}` in {tag}; rename one")
            yield self._method(names[id_], endpoint, TYPES & set(names.values()))

    def _method(self, name: str, endpoint: Endpoint, hidden: frozenset[str] | set[str]) -> Method:
        groups = self._words.parameters(endpoint)
        parameters = [one for group in groups.values() for one in group]
        body = self._words.body(endpoint)
        fields = self._fields(endpoint, body, {one.attribute for one in parameters})
        own = [body] if body is not None and not fields else []
        arguments = [*parameters, *fields, *own]
        return Method(
            name=name,
            endpoint=endpoint,
            module=str(PythonIdentifier(endpoint.name, "field_")),
            arguments=[
                replace(one, annotation=_qualified(one.annotation, hidden))
                for one in sorted(arguments, key=lambda one: not one.required)
            ],
            parameters=[one.attribute for one in [*parameters, *own]],
            body=body.annotation if body is not None and fields else "",
            success=_qualified(self._words.outcome(endpoint)[0], hidden),
        )

    def _fields(self, endpoint: Endpoint, body: Attribute | None, others: set[str]) -> list[Attribute]:
        if body is None or not body.required or not isinstance(endpoint.bodies[0].prop, ModelProperty):
            return []
        attributes = self._words.attributes(endpoint.bodies[0].prop)
        found = [one for one in attributes if one.only != "read"]
        return [] if {one.attribute for one in found} & (others | IN_METHODS) else found

    def _imports(self, endpoint: Endpoint) -> Iterator[str]:
        yield from endpoint.relative_imports
        for body in endpoint.bodies:
            if isinstance(body.prop, ModelProperty):
                for line in [*(body.prop.relative_imports or []), *(body.prop.lazy_imports or [])]:
                    yield line.replace("from ..", "from ...", 1)


def error_names() -> frozenset[str]:
    """The names of the classes of the client's errors."""
    tree = ast.parse((RUNTIME / "errors.py").read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.ClassDef))


def base_names() -> frozenset[str]:
    """The names that every client has: no tag may hide one."""
    found: set[str] = set()
    for module in ("_base.py", "_options.py"):
        for node in ast.walk(ast.parse((RUNTIME / module).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
    return frozenset(found)


def _needed(lines: set[str], methods: list[Method]) -> list[str]:
    """The imports of the names that methods mention, a line each. In an `__init__` ruff removes none."""
    code = [word for method in methods for word in (method.body, method.success)]
    code += [one.annotation for method in methods for one in method.arguments]
    code += ["Unset UNSET" for method in methods for one in method.arguments if not one.required]
    named = set(re.findall(r"\w+", " ".join(code)))
    more = ["import builtins", "from typing import Any", "from typing import Literal"]
    more += ["from ...types import UNSET", "from ...types import Unset"]
    return sorted(line for line in {*lines, *more} if line.rpartition(" ")[2] in named)


def client_name(title: str, stem: str) -> str:
    """The name of the client's class."""
    wanted = stem.replace("_", "")
    spelled = next((word for word in re.findall(r"\w+", title) if word.lower() == wanted), "")
    return spelled or str(ClassName(stem, "Client"))


def _method_name(id_: str, tag: str) -> str:
    """An operation id without the first mention of the words of its tag."""
    words, skipped = id_.split("_"), tag.split("_")
    for start in range(len(words) - len(skipped) + 1):
        pairs = zip(words[start:], skipped, strict=False)
        if all(_forms(word) & _forms(other) for word, other in pairs):
            rest = "_".join([*words[:start], *words[start + len(skipped) :]])
            return (f"{rest}_" if iskeyword(rest) else rest) if rest.isidentifier() else id_
    return id_


def _forms(word: str) -> set[str]:
    """A word, and what its singular may be."""
    forms = {word}
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            forms.add(word.removesuffix(ending) + singular)
    return forms


def _qualified(annotation: str, hidden: frozenset[str] | set[str]) -> str:
    """An annotation in a class with methods that hide types."""
    parts = re.split(QUOTED, annotation)
    for name in hidden:
        parts[::2] = [re.sub(rf"(?<![\w.]){name}\b", f"builtins.{name}", part) for part in parts[::2]]
    return "".join(parts)
