"""The preferences of a request: the header `Prefer` of RFC 7240.

```
Prefer: respond-async, Code="404"; why=test     →  {"respond-async": "", "code": "404"}
```
"""

import re
from collections.abc import Iterable, Mapping

_SPACE = r"[ \t]*+"
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'
_VALUE = rf"(?:{_SPACE}={_SPACE}(?:{_NAME}|{_QUOTED})?)"
# A comma separates preferences, except in a quoted string.
# A quoted string without an end takes the rest of the line.
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?)++')
_PREFERENCE = re.compile(
    rf"{_SPACE}(?P<name>{_NAME})(?:{_SPACE}={_SPACE}(?P<value>{_NAME}|{_QUOTED})?)?"
    rf"{_SPACE}(?:;{_SPACE}(?:{_NAME}{_VALUE}?)?{_SPACE})*+"
)


def preferences(lines: Iterable[str]) -> Mapping[str, str]:
    """The values of the preferences by their names. The names are in lower case.

    The first of several preferences with one name counts. Text that violates the grammar is ignored.
    """
    found: dict[str, str] = {}
    for line in lines:
        for element in _ELEMENT.findall(line):
            if match := _PREFERENCE.fullmatch(element):
                value = match["value"] or ""
                if value.startswith('"'):
                    value = re.sub(r"\\(.)", r"\1", value[1:-1])
                found.setdefault(match["name"].lower(), value)
    return found
