"""The errors of a body, in the form of the documented 422."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

MAX_ISSUES = 20
"""How many errors a response lists, so that the response does not grow with the request."""
MAX_TOKEN = 100
"""How many characters of a property name or an expected value a response repeats."""
MAX_LEVELS = 100
"""How many levels of a value are validated. jsonschema-rs reports no errors below level 255."""

CODES = {
    "type": "invalid_type",
    "required": "required",
    "enum": "invalid_value",
    "const": "invalid_value",
    "pattern": "invalid_format",
    "format": "invalid_format",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """One error of a body."""

    path: tuple[str, ...]
    message: str
    code: str
    expected: str
    received: str

    def as_json(self) -> dict[str, Any]:
        """The error in the documented form."""
        return {
            "path": list(self.path),
            "message": self.message,
            "expected": self.expected,
            "received": self.received,
            "code": self.code,
        }


def find_issues(validator: jsonschema_rs.Draft202012Validator, value: object) -> list[Issue]:
    """The first error at each place of the value."""
    if validator.is_valid(value):
        return []
    value = _shallow(value, MAX_LEVELS)
    found: dict[tuple[str, ...], Issue] = {}
    for error in validator.iter_errors(value):
        issue = _issue(error, value)
        found.setdefault(issue.path, issue)
        if len(found) == MAX_ISSUES:
            break
    return list(found.values())


def json_type(value: object) -> str:
    """The name of the type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _issue(error: jsonschema_rs.ValidationError, value: object) -> Issue:
    kind = error.kind
    path = [str(token)[:MAX_TOKEN] for token in error.instance_path]
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        path.append(str(kind.property)[:MAX_TOKEN])
        return Issue(tuple(path), "Required", CODES["required"], "a value", "undefined")
    expected = _expected(kind)
    code = CODES.get(kind.name, kind.name)
    return Issue(tuple(path), f"Expected {expected}", code, expected, _received(value, error.instance_path))


def _shallow(value: Any, levels: int) -> Any:  # noqa: ANN401 - a JSON value
    """The value without anything below this number of levels."""
    match value:
        case list():
            return [_shallow(item, levels - 1) for item in value] if levels else []
        case dict():
            return {name: _shallow(item, levels - 1) for name, item in value.items()} if levels else {}
    return value


def _expected(kind: Any) -> str:  # noqa: ANN401 - one of forty classes without a common base
    match kind.name:
        case "type":
            return " or ".join(sorted(kind.types))
        case "enum":
            return " | ".join(str(option) for option in kind.options)[: MAX_TOKEN * 3]
        case "format":
            return str(kind.format)
        case "pattern":
            return "another form"
    return f"what `{kind.name}` allows"


def _received(value: Any, path: list[str | int]) -> str:  # noqa: ANN401 - a JSON value
    for token in path:
        value = value[token] if isinstance(value, Mapping | list) else None  # type: ignore[index]  # a path that exists
    return json_type(value)
