"""What a command prints: a reader that goes away, or an encoding without some characters, is no error."""

import os
import sys


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
