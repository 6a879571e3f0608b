"""What an error body must not reveal: stack traces, file paths and SQL of the server.

Each pattern needs what prose, links and pages do not have: a line of a source file, a directory of servers,
the punctuation of SQL or the words of a driver. A message about an update, a selection from a list, a time of
the day or a path of the API has none of them, unless it is written like a statement. The attributes of HTML
hold links: they are not searched.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

LONGEST = 5_000
"""How many characters of an error are searched."""
DEEPEST = 20
"""How many levels of a JSON value are searched."""
_SCRIPT = r"\.(?:cjs|mjs|jsx?|tsx?|vue)"
_COMPILED = r"\.(?:cs|exs?|go|java|kt|php|rb|scala|vb)"
_SOURCE = r"\.(?:cs|exs?|go|java|kt|pyc?|rb|rs|scala|vb)"
"""The ends of source files that browsers do not load."""
_PAGE = r"(?:html?|md|txt|pdf|css|csv|json|xlsx?|zip|gif|ico|jpe?g|png|svg|webp)\b"
_SETTINGS = r"\.(?:cfg|conf|env|ini|jar|pem|so|sock|sqlite3?|toml|ya?ml)"
_ROOT = r"(?:etc|layers|mnt|nix|opt|srv|tmp|usr|var)"
"""Directories of servers that no link begins with."""
_PLACE = r"(?:Users|app|build|data|deploy|home|root|work|workspace)"
"""Directories of servers that may be the beginning of a link too."""
_PART = r"(?:(?:controllers|dist|handlers|middleware|models|routes|server|services|src)/|server\.)"
"""Directories of source files that prose does not link to."""
_LINKED = r"(?:assets|docs?|downloads?|examples?|guides?|public|samples?|static)"
"""Directories of files that are there to be read."""
_STEPS = r"[\w$.<>@+~/-]{0,300}"
"""The rest of a path, or a part of it."""
_NO_LINK = r"(?<![\w.:/])"
"""Before a path that does not belong to a URL."""

_QUOTED = r"(?:\"\w+\"|`\w+`|\[\w+\])"
_COLUMN = rf"(?:\w+|{_QUOTED})(?:\.(?:\w+|{_QUOTED}))*"
_PLACEHOLDER = r"(?:\?|\$\d|:\w|%s|@\w|%\(\w+\)s)"
_LITERAL = r"(?:N?'[^'\n]*'|\d+)"
_IS = r"\s*(?:[=<>]|<=|>=|<>|!=|(?i:in)\s*\(|(?i:like)\s)\s*"
_SELECTED = r"(?>(?i:\bselect\s)[^;]{1,600}?(?i:\sfrom\s))"
"""A selection up to its first FROM. The group is atomic, so that a long text takes little time."""
_SIGNS: Mapping[str, Sequence[str]] = {
    "a stack trace": (
        r"Traceback \(most recent call last\)",
        r'\bFile "[^"\n]+", line \d+',
        rf"[\w)\]]{_SCRIPT}(?:\?\S{{1,40}}?)?:\d+:\d+\b",  # JavaScript
        r"\bnode:[\w/]+:\d+:\d+\b",
        r"^[^\w\n]{0,60}at [^\n(]{1,150}\((?:/|[A-Za-z]:\\|\w+:/)[^\s()]{1,200}:\d+:\d+\)",
        r"^[^\w\n]{0,60}at (?:async )?(?:(?:file|https?|webpack\S{0,20}):/)?/[^\s()]{1,200}:\d+:\d+\s*$",
        r"\bat \S{1,150} \((?:<|&lt;)anonymous(?:>|&gt;)(?::\d+:\d+)?\)",
        rf"[\w)]{_COMPILED}:\d+\b",  # Go, Java, PHP, Ruby and others
        r"\bat [\w$.]+\.[\w$<>]+\((?:[\w$.-]+:\d+|Native Method|Unknown Source)\)",  # Java
        r"\.(?:cs|fs|vb):line \d+\b",  # .NET
        r"^[^\w\n]{0,60}at (?:[A-Z]\w*\.){2,}[\w.`<>\[\],+]+\([^()\n]*\)\s*$",
        r"\bgoroutine \d+ \[\w+",
        r"\bpanic: runtime error: ",
        r"\.php\(\d+\)",  # PHP
        r"\.php(?:</b>)? on line (?:<b>)?\d+",
        r"\.rs:\d+:\d+\b",  # Rust
        r"\bpanicked at \S+\.rs:\d+",
    ),
    "a file path": (
        rf"{_NO_LINK}/{_ROOT}/(?=[\w$.@+~-]+/){_STEPS}\.(?!{_PAGE})\w+\b(?![/?#]|\.\w)",
        rf"{_NO_LINK}/(?!{_LINKED}/)(?=[\w$.@+~-]+/){_STEPS}{_SOURCE}\b(?![/?#]|\.\w)",
        rf"{_NO_LINK}/{_PLACE}/{_STEPS}{_SETTINGS}\b(?![/?#]|\.\w)",
        rf"{_NO_LINK}/{_PLACE}/(?={_STEPS}\b{_PART}){_STEPS}(?:{_SCRIPT}|\.php)\b(?![/?#])",
        rf"{_NO_LINK}/(?:home|root|Users)/[\w.-]+/[\w.-]+/{_STEPS}{_SCRIPT}\b(?![/?#])",
        r"\b(?:node_modules|site-packages|dist-packages)[/\\]",
        r"\bfile:/{3}",
        r"\b[A-Za-z]:\\(?!fakepath\\)(?:[\w .-]{2,}\\)+[\w.-]{2,}",
        r"\b(?:ENOENT|EACCES|EPERM|EISDIR|ENOTDIR): ",
        r"\[Errno \d+\] ",
        r"\S/\S+: no such file or directory\b",
        r"\bFailed to open stream: ",
        r"\bCannot find module '[./@]",
        r"\bRequire stack:",
    ),
    "SQL": (
        r"\bSELECT\s(?:DISTINCT\s)?(?:\w+\.)?\*[^;]{0,200}?\sFROM\s",
        r"\bSELECT\s(?:COUNT|MAX|MIN|SUM)\(\S{1,60}\)[^;]{0,200}?\sFROM\s",
        rf"\bSELECT\s(?:DISTINCT\s)?\s*(?:\w+\.)*{_QUOTED}[^;]{{0,600}}?\sFROM\s+(?:\w+\.)*{_QUOTED}",
        rf"{_SELECTED}(?>[^;]{{1,600}}?(?i:\swhere\s))[^;]{{0,300}}?[\w\"`\]]{_IS}{_PLACEHOLDER}",
        rf"\bSELECT\s[^;]{{1,600}}?\sFROM\s+{_COLUMN}(?:\s+\w+)?\s+WHERE\s+\(?{_COLUMN}{_IS}{_LITERAL}",
        rf"\bSELECT\s[\w\s,.]{{1,300}}?\sFROM\s+{_COLUMN}(?:\s+\w+)?\s+(?:LIMIT\s+\d|ORDER BY\s)",
        rf"\bSELECT\s[\w\s,.]{{1,300}}?\sFROM\s+{_COLUMN}(?:\s+\w+)?\s+JOIN\s+{_COLUMN}(?:\s+\w+)?\s+ON\s",
        rf"(?i:\binsert into)\s+{_COLUMN}\s*\([^()]{{1,600}}\)\s*(?:(?i:values)\s*\(|OUTPUT\s|SELECT\s)",
        rf"(?i:\binsert into)\s+(?:\w+\.)*{_QUOTED}\s*\(\s*{_QUOTED}",
        rf"(?i:\bupdate)\s+(?:only\s+)?{_COLUMN}\s+(?:\w+\s+)?(?i:set)\s+{_COLUMN}\s*=\s*{_PLACEHOLDER}",
        rf"(?i:\bupdate)\s+(?:\w+\.)*{_QUOTED}\s+(?i:set)\s+(?:\w+\.)*{_QUOTED}\s*=\s*{_LITERAL}",
        rf"\bUPDATE\s+{_COLUMN}\s+SET\s+{_COLUMN}\s*=\s*{_LITERAL}\s*(?:$|;|,\s*{_COLUMN}\s*=|WHERE\s)",
        rf"(?i:\bdelete from)\s+{_COLUMN}\s+(?i:where)\s+{_COLUMN}{_IS}{_PLACEHOLDER}",
        rf"\bDELETE FROM\s+{_COLUMN}\s+WHERE\s+{_COLUMN}{_IS}{_LITERAL}",
        r"\bSQLSTATE(?:\[| ?:? ?)(?=\w*\d)[0-9A-Z]{5}\b",
        r"\bORA-\d{5}\b",
        r"\bSQLITE_[A-Z]+\b",
        r"(?:^|[:()\[\"] ?)no such (?:table|column): \w[\w.]*\s*(?:$|[\"'()\]])",  # SQLite
        r"\b(?:UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed\b",
        r"near \"[^\"\n]{1,60}\": syntax error",
        r"(?:syntax error|unterminated quoted string) at or near \"",  # Postgres
        r"\binvalid input (?:syntax for type [\w ]{2,30}|value for enum \w+): \"",
        r"\brelation \"[\w.]+\" does not exist",
        r"\bcolumn (?:\"\w+\"(?: of relation \"\w+\")?|\w+\.\w+) does not exist",
        r"\bnull value in column \"\w+\"",
        r"violates (?:unique|foreign key|check|exclusion) constraint \"",
        r"\bpermission denied for (?:table|relation|schema) \w+\s*$",
        r"\bpassword authentication failed for user \"",
        r"You have an error in your SQL syntax",  # MySQL
        r"\bUnknown column '[^'\n]+' in '",
        r"\bTable '\w+\.\w+' doesn't exist",
        r"\bDuplicate entry '[^'\n]*' for key '",
        r"\bER_(?:BAD_FIELD|DATA_TOO|DUP_ENTRY|NO_SUCH_TABLE|NO_REFERENCED|PARSE_ERROR)\w*",
        r"\bInvalid object name '",  # SQL Server
        r"\bViolation of (?:PRIMARY|UNIQUE|FOREIGN) KEY constraint '",
        r"\bInvalid `(?:\w+\.){1,3}\w+\(\)` invocation",  # Prisma
        r"\bUnique constraint failed on the (?:fields|constraint): [(`]",
    ),
    "an exception of the server's language": (
        r"\b(?:java|javax|jakarta|kotlin|System)(?:\.\w+)+(?:Exception|Error)\b",
        r"\b(?:org|com)(?:\.\w+)+Exception\b",
        r"\b(?:sqlalchemy|psycopg2?|asyncpg|pymongo|django|pydantic_core)(?:\.\w+)*\.[A-Z]\w+",
        r"\b[A-Z]\w+(?:\\{1,2}[A-Z]\w+)+(?:Exception|Error)\b",  # PHP
        r"\b(?:ActiveRecord|ActionController|ActionDispatch|Mysql2|PG)::[A-Z]\w+",  # Ruby
        r"\bundefined (?:local variable or )?method [`'][^`'\n]+' for ",
        r"Cannot read propert(?:y|ies) (?:'\w+' )?of (?:undefined|null)",
        r"'NoneType' object (?:has no attribute|is not)",
        r"\bECONNREFUSED\b",
        r"\b(?:PrismaClient|Sequelize)\w+Error\b",
        r"\b(?:QueryFailedError|MongoServerError|PDOException)\b",
        r"\bnil pointer dereference\b",
    ),
}
_PATTERNS = {kind: re.compile("|".join(signs), re.MULTILINE) for kind, signs in _SIGNS.items()}
_VALUE = r"\"[^\"]*+\"|'[^']*+'|[^\s\"'<>`]++"
_ATTRIBUTES = re.compile(
    rf"(?<!#)(<[A-Za-z][\w:-]*+)(?:\s++[^\s\"'<>/=]++(?:\s*+=\s*+(?:{_VALUE}))?)++\s*+/?+>"
)
"""A tag of HTML with attributes. Ruby shows an object as `#<Name @attribute=…>`, which is none."""


def revealed(content: bytes, value: object) -> str | None:
    """What the body of an error reveals, or None. `value` is the JSON value of the body, if it has one."""
    texts = list(_texts(value, DEEPEST)) or [content[:LONGEST].decode("utf-8", "replace")]
    text = _ATTRIBUTES.sub(r"\1>", "\n".join(texts)[:LONGEST])
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
