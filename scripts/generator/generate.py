"""The one call of the generator: from a contract to a package.

What depends on the contract comes from our templates, which take the place of the generator's own; what does
not is copied from `generator/runtime`. The generator drops what it cannot parse with a warning, and a client
that lacks half of the contract looks fine; so a warning is an error here, with its place in the contract.
"""

import contextlib
import hashlib
import importlib.resources
import io
import re
import shutil
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.contract.document import Contract, Node
from scripts.contract.findings import Finding, child, locate
from scripts.generator.docstrings import (
    call_docstring,
    detailed_docstring,
    docstring,
    model_docstring,
)
from scripts.generator.examples import Example, documented, examples
from scripts.generator.facade import Facade
from scripts.generator.places import UnsupportedError
from scripts.generator.references import ill_referred
from scripts.generator.support import unsupported
from scripts.generator.vocabulary import Vocabulary
from scripts.generator.yaml_values import ill_exemplified, ill_valued, ill_written

PACKAGE = "carecycle_client"
HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
RUNTIME = HERE / "runtime"
LOCK = HERE / "upstream.lock"
GENERATOR = "openapi-python-client"
GENERATOR_VERSION = version(GENERATOR)


class GenerationError(Exception):
    """No client can be made of the contract; the message names the file and the place."""


def generate_into(directory: Path, contract: Contract) -> list[Example]:
    """Write the package that `contract` describes into `directory`, which must not exist yet.

    Returns the examples of the contract, which the package has to read and to write.

    Raises:
        GenerationError: the contract is not valid, or holds what the generator cannot express; or the
            generator is not the one that the templates were written for.

    """
    check_upstream()
    validate(contract)
    config = Config.from_sources(
        ConfigFile(package_name_override=PACKAGE, post_hooks=[]),
        meta_type=MetaType.NONE,
        document_source=contract.path,
        file_encoding="utf-8",
        overwrite=False,
        output_path=directory,
    )
    if findings := list(unsupported(contract)):
        raise GenerationError(_lines(contract, findings))
    data = GeneratorData.from_dict(dict(contract.raw), config=config)
    if isinstance(data, GeneratorError):
        raise GenerationError(_sentence(contract, data))
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    try:
        words = Vocabulary(contract, data)
        facade = Facade(contract, data, words, PACKAGE)
        project.env.globals.update(
            contract=contract,
            words=words,
            facade=facade,
            docstring=docstring,
            call_docstring=call_docstring,
            detailed_docstring=detailed_docstring,
            model_docstring=model_docstring,
        )
        with contextlib.redirect_stdout(io.StringIO()):  # it announces itself
            problems = project.build()
    except UnsupportedError as error:
        raise GenerationError(f"{contract.path}#{error.pointer}: {error}") from error
    if problems:
        raise GenerationError("\n".join(_sentence(contract, problem) for problem in problems))
    if findings := list(ill_exemplified(contract)):
        raise GenerationError(_lines(contract, findings))
    for module in RUNTIME.glob("*.py"):
        shutil.copyfile(module, directory / module.name)
    _write_examples(directory / "_examples.py", contract)
    _describe_errors(directory / "errors.py", contract)
    return list(examples(words, data))


def _write_examples(module: Path, contract: Contract) -> None:
    """Write the key header and the examples into `_examples.py`.

    They are written as literals only, so that no text of the contract becomes code.
    """
    operations = "".join(f"Documented{one!r}, " for one in documented(contract))
    text = module.read_text(encoding="utf-8")
    text = text.replace('KEY_HEADER = ""', f"KEY_HEADER = {contract.key_header!r}")
    text = text.replace("...] = ()", f"...] = ({operations})")
    module.write_text(text, encoding="utf-8", newline="\n")


def _describe_errors(module: Path, contract: Contract) -> None:
    """Put the words of the contract into the docstrings of the errors, which have the status only."""
    described: dict[str, dict[str, None]] = {}
    for operation in contract.operations.values():
        for status, response in operation.responses.items():
            words = described.setdefault("5xx" if status >= 500 else str(status), {})
            words[" ".join(response.description.split())] = None
    text = module.read_text(encoding="utf-8")
    for name, (first, *others) in described.items():
        text = text.replace(f'"""{name}."""', docstring(f"{name}. {first}", *others, indent=4))
    module.write_text(text, encoding="utf-8", newline="\n")


def check_upstream() -> None:
    """Check that the templates of the generator that ours replace are those that they were written for.

    Raises:
        GenerationError: the generator changed one; the message says which, and what to do.

    """
    changed = []
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        locked, name = line.split()
        template = importlib.resources.files("openapi_python_client") / "templates" / name
        present = hashlib.sha256(template.read_bytes()).hexdigest() if template.is_file() else "gone"
        if present != locked:
            changed.append(f"{present}  {name}")
    if changed:
        raise GenerationError(
            f"{GENERATOR} {GENERATOR_VERSION} has other templates than ours replace. See what changed,"
            f" carry it over to {HERE}, and put into {LOCK}:\n" + "\n".join(changed)
        )


def validate(contract: Contract) -> None:
    """Check that the contract is an OpenAPI 3.1 document whose references all lead somewhere.

    Raises:
        GenerationError: it is not; the message names every place.

    """
    for look in (ill_written, ill_referred, ill_valued):
        if findings := list(look(contract)):
            raise GenerationError(_lines(contract, findings))
    problems: list[str] = []
    try:
        for error in OpenAPIV31SpecValidator(dict(contract.raw)).iter_errors():
            place = locate(contract.raw, error.absolute_path, error.instance)
            if undescribed := re.match(
                r"Path parameter .* for '(\w+)' operation in '(.*)' was", error.message
            ):
                place = child("/paths", undescribed[2], undescribed[1], "parameters")
            problems.append(f"{contract.path}#{place}: {error.message.partition(chr(10))[0]}")
    except Exception as error:  # the validator falls over what it found
        if not problems:
            raise GenerationError(
                f"{contract.path}: is not OpenAPI, {error!r} stops the validator"
            ) from error
    if problems:
        raise GenerationError("\n".join(dict.fromkeys(problems)))


def _lines(contract: Contract, findings: Iterable[Finding]) -> str:
    return "\n".join(f"{contract.path}#{one.pointer}: {one.text}" for one in dict.fromkeys(findings))


def _sentence(contract: Contract, problem: GeneratorError) -> str:
    pointer = ""
    if schema := re.search(r"/components/\w+/[^\s:]+", problem.header):
        pointer = schema[0]
    elif operation := re.search(r"parsing ([A-Z]+) (\S+) within", problem.header):
        pointer = child("/paths", operation[2], operation[1].lower())
    elif places := re.findall(r"^\S+$", problem.detail or "", re.MULTILINE):
        pointer = _parsed(contract.raw, places[0].split("."))
    words = " ".join(f"{problem.header} {problem.detail or ''}".split())
    words = re.sub(r" <\S+ object at 0x\w+>", "", words)  # what the generator has no text for
    return f"{contract.path}#{pointer}: {words}"


def _parsed(raw: Node, steps: list[str]) -> str:
    """The JSON pointer of a place as the generator's parser writes it, with steps of its own in between."""
    node: Any = raw
    pointer = passed = ""
    for step in steps:
        passed += step
        if isinstance(node, Mapping) and passed in node:
            pointer, node, passed = child(pointer, passed), node[passed], ""
        elif isinstance(node, list) and step.isdecimal() and int(step) < len(node):
            pointer, node, passed = child(pointer, step), node[int(step)], ""
        else:
            # The name of a path may have a dot; another step is the parser's own.
            passed = f"{passed}." if isinstance(node, Mapping) and _begins(node, passed) else ""
    return pointer


def _begins(node: Node, name: str) -> bool:
    return any(str(key).startswith(f"{name}.") for key in node)
