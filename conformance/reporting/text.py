"""Text for people, broken into lines of 80 columns."""

import re
import textwrap
from collections.abc import Iterator

from ..transport.untrusted import disarm

WIDTH = 80
_WORD = re.compile(r"""(?:\$?'(?:[^'\\]|\\.)*'|"[^"]*"|\\.|[^\s'"\\])+""")
"""A word of a shell command as it is written, with its quotes."""


def counted(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def wrap(text: str, *, first: str = "", rest: str = "", width: int = WIDTH) -> list[str]:
    """The text in lines, broken between words, or after a mark in a word that is longer than a line.

    No line begins with what a CI system takes for a command.
    """
    lines: list[str] = []
    for line in textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        lines += _break_long(line, rest, width)
    return [disarm(line) for line in lines] or [first.rstrip()]


def _break_long(line: str, indent: str, width: int) -> Iterator[str]:
    while len(line) > width:
        places = [match.end() for match in re.finditer(r"[,/&?;_\[-]", line[:width])]
        at = max((place for place in places if place > len(indent) + 1), default=width)
        yield line[:at]
        line = indent + line[at:]
    yield line


def wrap_command(command: str, *, first: str, rest: str, width: int = WIDTH) -> list[str]:
    """A shell command in lines that can be pasted. A long quoted word goes on in the first column."""
    lines, line, is_empty = [], first, True
    for found in _WORD.findall(command):
        word = found
        if not is_empty and len(line) + len(word) + 1 > width - 2:
            lines.append(f"{line} \\")
            line, is_empty = rest, True
        line += word if is_empty else f" {word}"
        is_empty = False
        while len(line) > width - 2 and (quoted := re.match(r"'[^']*'", word)):
            start = len(line) - len(word)
            end = start + quoted.end()
            at = line.rfind(" ", start + 2, min(width - 2, end)) + 1
            if at > 0:
                lines.append(f"{line[:at]}'\\")
                line = word = f"'{line[at:]}"
            elif end < len(line) and end <= width - 2:
                lines.append(f"{line[:end]}\\")
                line = word = line[end:]
            else:
                break
    return [*lines, line]
