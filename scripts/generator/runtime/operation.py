"""What the contract says of an operation, and what one call of it sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from .schema import Kind, SchemaError
from .types import UNSET

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Operation(Generic[S, E]):
    """An operation whose success is an `S` and whose failure is an `E`."""

    method: str
    path: str
    idempotent: bool
    responses: Mapping[int, Kind | None]
    """The kind of body of each documented status; some have none."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one call sends."""

    path: str
    body: Any = UNSET
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cookies: Mapping[str, str] = field(default_factory=dict[str, str])


def encoded(values: Mapping[str, tuple[Kind, Any]]) -> dict[str, str]:
    """Parameters as they are sent; those that are unset are not.

    Raises:
        SchemaError: one of them is not what the contract allows.

    """
    texts: dict[str, str] = {}
    for name, (kind, value) in values.items():
        if value is UNSET:
            continue
        try:
            sent = kind.encode(value)
        except SchemaError as error:
            raise error.under(name) from None
        texts[name] = sent if isinstance(sent, str) else json.dumps(sent)
    return texts


def filled(path: str, values: Mapping[str, str]) -> str:
    """The path with its parameters in their places."""
    for name, text in values.items():
        path = path.replace(f"{{{name}}}", quote(text, safe=""))
    return path
