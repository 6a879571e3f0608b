"""What an error body must not reveal: stack traces, file paths and SQL of the server.

Each pattern needs punctuation that prose does not use. So no pattern matches a message about an update, a
selection from a list or a path of the API.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

LONGEST = 5_000
"""How many characters of an error are searched."""
DEEPEST = 20
"""How many levels of a JSON value are searched."""
_SOURCE = r"\.(?:cjs|cs|exs?|go|java|jsx?|kt|mjs|php|pyc?|rb|rs|scala|tsx?|vue)"
_NAME = r"[\w$.<>@+~-]"

_TABLE = r"[\"`\[\w.\]]+"
_SIGNS: Mapping[str, Sequence[str]] = {
    "a stack trace": (
        r"Traceback \(most recent call last\)",
        r'\bFile "[^"\n]+", line \d+',
        r"^(?:&nbsp;|[^\w\n]){0,60}at [^\n]{1,200}?[:(]\S{0,200}?:\d+(?::\d+)?\)?\s*(?:$|<)",  # JavaScript
        rf"\bat [\w$.]+\.[\w$<>]+\({_NAME}+:\d+\)",  # Java
        r"\bat [\w.`<>]+\([^()\n]*\) in \S+:line \d+",  # .NET
        r"\bgoroutine \d+ \[\w+",
        rf"^#\d+ \S+{_SOURCE}\(\d+\)",  # PHP
        rf"{_SOURCE}:\d+:in [`']",  # Ruby
        r"\bpanicked at \S+\.rs:\d+",
    ),
    "a file path": (
        rf"(?<![\w.:/])/(?:{_NAME}+/)+{_NAME}*{_SOURCE}\b(?![/?#])",
        rf"(?<![\w.:/])/(?:etc|home|opt|root|srv|usr|var)/{_NAME}+/(?:{_NAME}+/)+{_NAME}+\.\w+",
        r"\b(?:node_modules|site-packages|dist-packages)[/\\]",
        r"\bfile:/{3}",
        r"\b[A-Za-z]:\\(?:[\w .-]+\\)+[\w.-]+",
    ),
    "SQL": (
        rf"\bSELECT\s[\w\s,.*\"`\[\]()$]+\sFROM\s+{_TABLE}(?:\s+\w+)?\s+(?:WHERE|LIMIT|ORDER BY|JOIN)\s",
        r"\bSELECT\s+(?:\*|[\"`]\w+[\"`.])[^\n]{0,200}?\sFROM\s",
        rf"\bINSERT INTO\s+{_TABLE}\s*\(",
        rf"\bUPDATE\s+{_TABLE}\s+SET\s+{_TABLE}\s*=",
        rf"\bDELETE FROM\s+{_TABLE}\s+WHERE\s+{_TABLE}\s*=",
        r"\bSQLSTATE\[?\s?\w{5}",
        r"\bORA-\d{5}\b",
        r"syntax error at or near \"",
        r"You have an error in your SQL syntax",
        r"\brelation \"[\w.]+\" does not exist",
        r"violates \w+(?: \w+)? constraint \"",
        r"\bno such (?:table|column): \w+",
    ),
    "an exception of the server's language": (
        r"\b(?:java|javax|jakarta|org|com|kotlin|System)(?:\.\w+)+(?:Exception|Error)\b",
        r"\b(?:sqlalchemy|psycopg2?|asyncpg|pymongo|django|pydantic_core)(?:\.\w+)*\.[A-Z]\w+",
        r"Cannot read propert(?:y|ies) (?:'\w+' )?of (?:undefined|null)",
        r"'NoneType' object (?:has no attribute|is not)",
        r"\bECONNREFUSED\b",
        r"\bPrismaClient\w+Error\b",
        r"\bnil pointer dereference\b",
    ),
}
_PATTERNS = {kind: re.compile("|".join(signs), re.MULTILINE) for kind, signs in _SIGNS.items()}


def revealed(content: bytes, value: object) -> str | None:
    """What the body of an error reveals, or None. `value` is the JSON value of the body, if it has one."""
    texts = list(_texts(value, DEEPEST)) or [content[:LONGEST].decode("utf-8", "replace")]
    text = "\n".join(texts)[:LONGEST]
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(text)), None)


def _texts(value: object, levels: int) -> Iterator[str]:
    """The strings in a JSON value, at every level."""
    if isinstance(value, str):
        yield value
    elif levels and isinstance(value, dict):
        for each in value.values():
            yield from _texts(each, levels - 1)
    elif levels and isinstance(value, list):
        for each in value:
            yield from _texts(each, levels - 1)
