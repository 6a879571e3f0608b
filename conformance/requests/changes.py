"""How the screening changes a valid body, or its JSON text."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from . import strategies
from .ids import MAX
from .request_class import ID_FIELDS

Body = dict[str, Any]


def swapped(body: Body) -> Body:
    """The ids in each other's place."""
    return {**body, "customerId": body["campaignId"], "campaignId": body["customerId"]}


def with_ids(make: Callable[[str], str]) -> Callable[[Body], Body]:
    """Change the letter case of the ids, but not of max, which is allowed in lower case only."""
    return lambda body: body | {name: make(body[name]) for name in ID_FIELDS if body[name].lower() != MAX}


def with_response_fields(body: Body) -> Body:
    """The fields of a response, and a text that a database may be unable to store."""
    return {**body, **strategies.RETURNED, "note": "\0ü"}


def with_notes(body: Body) -> Body:
    """An unknown field with an object and a list, and many more."""
    return {**body, "note": {"text": ["x"]}, **dict.fromkeys(map(str, range(30)), "x")}


def with_every_type(body: Body) -> Body:
    """An unknown field of each JSON type, one of them with 50 levels, and one of 1 KB."""
    deep: Any = []
    for _ in range(48):
        deep = [deep]
    return {**body, "a": None, "b": True, "c": 1e3, "d": 10**30, "e": "x" * 1000, "f": deep, "g": {}}


def with_another_name(body: Body) -> Body:
    """The status by a name in another letter case, which is another name."""
    return {**body, "Status": "completed"}


def renamed(name: str, other: str) -> Callable[[Body], Body]:
    """A property by another name."""
    return lambda body: {other if key == name else key: value for key, value in body.items()}


def without(name: str) -> Callable[[Body], Body]:
    """All properties but one."""
    return lambda body: {key: value for key, value in body.items() if key != name}


def unescaped(text: bytes) -> bytes:
    """The text without escapes of what is not ASCII."""
    return json.dumps(json.loads(text), ensure_ascii=False).encode()


def in_a_string(text: bytes) -> bytes:
    """A string that holds the text."""
    return json.dumps(text.decode()).encode()


def as_pairs(text: bytes) -> bytes:
    """A list of the names and the values."""
    return json.dumps(list(json.loads(text).items())).encode()


def as_json_and_form(text: bytes) -> bytes:
    """JSON that is a form with the same fields too: they are in the value of the first property."""
    form = urlencode(json.loads(text))
    return json.dumps({"a=": f"&{form}&b="}).encode()[:-1] + b", " + text[1:]


def with_form_in_comment(text: bytes) -> bytes:
    """JSON with a comment behind it. As a form it has the same fields, and one more."""
    return b'{"a=": 1, ' + text[1:] + b" // &" + urlencode(json.loads(text)).encode()


def truncated_behind_a_byte_order_mark(text: bytes) -> bytes:
    """A text that is not JSON, with or without the mark."""
    return b"\xef\xbb\xbf" + text[:-1]
