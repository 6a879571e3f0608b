"""Files of a report: each is written whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path


class ReportError(Exception):
    """A report cannot be written; the message names the file and the reason."""


def write(path: Path, text: str | bytes) -> None:
    """Write a file, so that a reader sees the old content or the new one.

    A device or a pipe (`/dev/stdout`) is written to directly, because it cannot be replaced.

    Raises:
        ReportError: the file cannot be written.

    """
    content = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    try:
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(content)
            return
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            temporary.chmod(0o666 & ~_umask())  # mkstemp makes a file that only its owner can read
            temporary.replace(path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror or error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
