"""How the screening changes a valid body, or its JSON text."""

import json
from collections.abc import Callable
from typing import Any

from . import strategies
from .classify import ID_FIELDS, STATUS_FIELD
from .ids import MAX
from .strategies import UNDOCUMENTED

Body = dict[str, Any]


def swapped(body: Body) -> Body:
    """The ids in each other's place."""
    return {**body, "customerId": body["campaignId"], "campaignId": body["customerId"]}


def with_ids(make: Callable[[str], str]) -> Callable[[Body], Body]:
    """Change the case of the ids; max is allowed in lower case only."""
    return lambda body: body | {name: make(body[name]) for name in ID_FIELDS if body[name].lower() != MAX}


def with_an_answer(body: Body) -> Body:
    """The fields of the answer, and what a database may be unable to store."""
    return {**body, **strategies.ANSWERED, "note": "\0ü"}


def with_another_name(body: Body) -> Body:
    """The status by a name in another letter case, which is another name."""
    return {**body, "Status": "completed"}


def renamed(name: str, other: str) -> Callable[[Body], Body]:
    """A property by another name."""
    return lambda body: {other if key == name else key: value for key, value in body.items()}


def without_ids(body: Body) -> Body:
    """The status only."""
    return {STATUS_FIELD: body[STATUS_FIELD]}


def unescaped(text: bytes) -> bytes:
    """The text without escapes of what is not ASCII."""
    return json.dumps(json.loads(text), ensure_ascii=False).encode()


def emptied(_: bytes) -> bytes:
    """An empty object."""
    return b"{}"


def odd(text: bytes) -> bytes:
    """All at once of what a server might stumble over; only a 5xx would be wrong."""
    text = UNDOCUMENTED["byte-order-mark"](UNDOCUMENTED["property-twice"](text))
    deep, large, number = b"[" * 500 + b"]" * 500, b"x" * 120_000, b"9" * 31
    odd = (
        rb', "__proto__": {}, "y": "\u0000\ud800", "z": '
        + number
        + b', "deep": '
        + deep
        + b', "large": "'
        + large
        + b'"}'
    )
    return text[:-1] + odd
