"""What a command prints: a closed output, a reader that goes away, or a poor encoding is no error."""

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import TextIO


def say(text: str) -> None:
    """Print a text on the standard output.

    If the reader has gone (`| head -1`), this text and all later ones are lost. The exit status of the
    command stays what it is.
    """
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "replace").decode(encoding), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def replace_closed() -> None:
    """Put `/dev/null` in the place of each standard stream that was closed (`>&-`), where Python has None.

    A command calls this before it opens a file, which would get the number of the stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It gets the lowest number that is free, and workers have it too.
            file = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - open until the process ends
            os.set_inheritable(file.fileno(), True)  # noqa: FBT003 - the function takes no names
            for each in (name, f"__{name}__"):
                setattr(sys, each, file)


class Output(io.TextIOBase):
    """A text file. What is written after its reader has gone is lost, and is no error.

    Args:
        file: what is written to.
        lost: the errors with which a text is lost, for a text that decides nothing.

    """

    def __init__(self, file: TextIO, *, lost: type[OSError] = BrokenPipeError) -> None:
        self._file, self._lost = file, lost

    @property
    def encoding(self) -> str:  # type: ignore[override]  # which TextIOBase has as a variable
        """The encoding of the output."""
        return self._file.encoding

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._file.isatty()

    def fileno(self) -> int:
        """Its descriptor."""
        return self._file.fileno()

    def write(self, text: str) -> int:
        """Write a text, and return its length."""
        with contextlib.suppress(self._lost):
            try:
                self._file.write(text)
            except UnicodeEncodeError:  # an encoding that lacks a mark or a letter
                self._file.write(text.encode(self.encoding, "replace").decode(self.encoding))
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        with contextlib.suppress(self._lost):
            self._file.flush()
