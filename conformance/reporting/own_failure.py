"""The words for a failure of the suite itself."""

import sqlite3
import traceback
from pathlib import Path


def describe(error: BaseException) -> str:
    """The cause of an exception: what the system says, or its type and the line of code that raised it.

    SQLite's message follows, such as `database or disk is full`: it has no values. That of any other
    exception is left out, because it can have text of the target.
    """
    if (system := getattr(error, "strerror", None)) is not None:
        return str(system)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    message = f": {error}" if isinstance(error, sqlite3.Error) else ""
    return f"{type(error).__name__}{place}{message}"
