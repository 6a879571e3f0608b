"""The files of this repository, for the tests of its policies."""

import ast
import functools
import subprocess

from conformance.contract.document import REPOSITORY


@functools.cache
def texts() -> dict[str, str]:
    """Every file of the repository that git does not ignore, by path."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True, encoding="utf-8").stdout
    files = sorted({path for path in listed.splitlines() if (REPOSITORY / path).is_file()})
    return {path: (REPOSITORY / path).read_text(encoding="utf-8", errors="replace") for path in files}


@functools.cache
def modules() -> dict[str, ast.Module]:
    """Every module that we write ourselves, by dotted name."""
    own = [path for path in texts() if path.endswith(".py") and not path.startswith("generated_client/")]
    return {path.removesuffix(".py").replace("/", "."): ast.parse(texts()[path]) for path in own}


def workflows() -> dict[str, str]:
    """The workflows, by path."""
    found = {path: text for path, text in texts().items() if path.startswith(".github/workflows/")}
    assert found
    return found


def below(package: str) -> list[str]:
    """The modules of a package. There is at least one."""
    found = [name for name in modules() if name.startswith(f"{package}.")]
    assert found
    return found
