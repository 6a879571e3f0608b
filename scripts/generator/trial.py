"""Try a generated package before it takes the place of another: `python trial.py DIRECTORY NAME < EXAMPLES`.

Every module is compiled and imported. Every example of the contract is decoded and encoded again. This is a
process of its own, so that a package that cannot be imported breaks nothing else.
"""

import importlib
import importlib.util
import json
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any


def main(directory: Path, name: str) -> int:
    """Print what is wrong with the package; the exit status is 0 if nothing is."""
    problems = list(_uncompiled(directory))
    if not problems:
        try:
            _import(directory, name)
        except Exception as error:  # noqa: BLE001 - whatever the package raises is printed
            problems.append(f"cannot be imported, {type(error).__name__}: {error}")
    if not problems:
        warnings.simplefilter("ignore")  # an example may have what is deprecated
        for pointer, module, kind, value in json.load(sys.stdin):
            problems += _wrong(pointer, importlib.import_module(f"{name}.{module}"), kind, value)
    print(*problems, sep="\n", end="")
    return int(bool(problems))


def _uncompiled(directory: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in sorted(directory.rglob("*.py")):
            try:
                compile(path.read_bytes(), str(path.relative_to(directory)), "exec")
            except (SyntaxError, ValueError, Warning) as error:
                yield f"cannot be compiled, {type(error).__name__}: {error}"


def _import(directory: Path, name: str) -> None:
    """Import the package under its name, whatever its directory is called, and all of its modules."""
    spec = importlib.util.spec_from_file_location(
        name, directory / "__init__.py", submodule_search_locations=[str(directory)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
    for exported in package.__all__:
        getattr(package, exported)


def _wrong(pointer: str, module: ModuleType, kind: str, value: object) -> Iterator[str]:
    """What is wrong with an example, if anything is."""
    try:
        found = eval(kind, dict(vars(module)))  # noqa: S307 - the expression is one of the package that is tried
        decoded = found.decode(value)
        encoded = found.encode(decoded)
        if _shape(encoded) != _shape(value) or found.decode(encoded) != decoded:
            yield f"{pointer}: the client makes {encoded!r} of this example"
    except Exception as error:  # noqa: BLE001 - whatever the package raises is printed
        yield f"{pointer}: the client cannot read this example, {type(error).__name__}: {error}"


def _shape(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """A JSON value without its strings: one moment may be written in two ways."""
    if isinstance(value, dict):
        return {key: _shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shape(one) for one in value]
    return str if isinstance(value, str) else value


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
