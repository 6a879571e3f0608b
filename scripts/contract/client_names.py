"""How a change of the contract changes the public names of the generated client.

Both clients are generated. griffe reads them without importing them.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import griffe

from conformance.contract.document import Contract
from scripts.contract.changes import Change
from scripts.generator.generate import PACKAGE, GenerationError
from scripts.generator.regenerate import make


def client_changes(old: Contract, new: Contract) -> list[Change]:
    """The changes of the public names, the breaking ones first, each with its dotted path."""
    with tempfile.TemporaryDirectory() as directory:
        packages = []
        for name, contract in (("old", old), ("new", new)):
            try:
                make(contract, Path(directory, name, PACKAGE))
            except GenerationError as error:
                return [Change("breaking", PACKAGE, f"the {name} client cannot be generated: {error}")]
            packages.append(_package(Path(directory, name)))
        before, after = packages
        breaking = [
            Change("breaking", _path(breakage), _text(breakage))
            for breakage in griffe.find_breaking_changes(before, after)
        ]
        added = sorted(set(_names(after)) - set(_names(before)))
        return [*_once(breaking), *(Change("compatible", name, "was added") for name in _highest(added))]


def _package(directory: Path) -> griffe.Module:
    loaded = griffe.load(PACKAGE, search_paths=[directory], allow_inspection=False, resolve_external=False)
    assert isinstance(loaded, griffe.Module)
    return loaded


def _path(breakage: griffe.Breakage) -> str:
    parameter = getattr(breakage.old_value, "name", None) or getattr(breakage.new_value, "name", None)
    is_parameter = breakage.kind.name.startswith("PARAMETER") and isinstance(parameter, str)
    return f"{breakage.obj.path}({parameter})" if is_parameter else breakage.obj.path


def _text(breakage: griffe.Breakage) -> str:
    return breakage.kind.value[0].lower() + breakage.kind.value[1:]


def _once(changes: list[Change]) -> list[Change]:
    return sorted(dict.fromkeys(changes), key=lambda change: change.pointer)


def _names(module: griffe.Module) -> Iterator[str]:
    """The dotted path of each public object that a module defines. An imported object does not count."""
    todo: list[griffe.Object] = [module]
    while todo:
        holder = todo.pop()
        for name, member in holder.members.items():
            if name.startswith("_") or isinstance(member, griffe.Alias):
                continue
            yield member.path
            todo.append(member)


def _highest(names: list[str]) -> Iterator[str]:
    """The names without those below another one of the names."""
    for name in names:
        if not any(name.startswith(f"{other}.") for other in names):
            yield name
