"""What a command prints: a reader that goes away, or an encoding without some characters, is no error."""

import contextlib
import io
import os
import sys
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


class Output(io.TextIOBase):
    """A text file. What is written after its reader has gone is lost, and is no error."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

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
        try:
            self._file.write(text)
        except BrokenPipeError:
            pass
        except UnicodeEncodeError:  # an encoding that lacks a mark or a letter
            self._file.write(text.encode(self.encoding, "replace").decode(self.encoding))
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        with contextlib.suppress(BrokenPipeError):
            self._file.flush()
