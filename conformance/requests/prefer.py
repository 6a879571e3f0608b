"""The preferences of a request: the header `Prefer` of RFC 7240."""

import itertools
import re
from collections.abc import Iterable, Mapping

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_SPACE = " \t"


def preferences(lines: Iterable[str]) -> Mapping[str, str]:
    """The value of each preference by its name in lower case; without a value it is empty.

    The first of several with one name counts. What is after a `;` is a parameter and no preference. A
    preference that violates the grammar is ignored.

    Args:
        lines: the values of the headers `Prefer`, in their order.

    """
    found: dict[str, str] = {}
    for element in itertools.chain.from_iterable(_split(line, ",") for line in lines):
        preference, *parameters = _split(element, ";")
        pairs = [_pair(each) for each in (preference, *filter(_strip, parameters))]
        if (first := pairs[0]) is not None and None not in pairs:
            found.setdefault(*first)
    return found


def _pair(text: str) -> tuple[str, str] | None:
    """The name in lower case and the value of `name=value`, or None if it is nothing of the kind."""
    name, _, value = map(_strip, text.partition("="))
    if not _NAME.fullmatch(name):
        return None
    if quoted := _QUOTED.fullmatch(value):
        return name.lower(), re.sub(r"\\(.)", r"\1", quoted[1])
    return (name.lower(), value) if not value or _NAME.fullmatch(value) else None


def _strip(text: str) -> str:
    return text.strip(_SPACE)


def _split(text: str, mark: str) -> list[str]:
    """The parts of a text between the marks that are in no quoted string."""
    places, is_quoted, at = [-1], False, 0
    while at < len(text):
        if is_quoted and text[at] == "\\":
            at += 1  # the next character stands for itself
        elif text[at] == '"':
            is_quoted = not is_quoted
        elif text[at] == mark and not is_quoted:
            places.append(at)
        at += 1
    return [text[start + 1 : end] for start, end in itertools.pairwise([*places, len(text)])]
