"""What the contract says of an operation, and what one call of it sends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from ._schema import Kind, SchemaError
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
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cookies: Mapping[str, str] = field(default_factory=dict[str, str])


def encoded(values: Mapping[str, tuple[Kind, Any]]) -> dict[str, str]:
    """Parameters as they are sent, each once; those that are unset are not.

    Raises:
        SchemaError: one of them is not what the contract allows.

    """
    return {name: _text(sent) for name, sent in _sent(values)}


def repeated(values: Mapping[str, tuple[Kind, Any]]) -> list[tuple[str, str]]:
    """Parameters as a query has them: one that is a list comes once for each of its items.

    Raises:
        SchemaError: one of them is not what the contract allows.

    """
    return [
        (name, _text(item))
        for name, sent in _sent(values)
        for item in (cast("Iterable[Any]", sent) if isinstance(sent, list) else [sent])
    ]


def _sent(values: Mapping[str, tuple[Kind, Any]]) -> Iterator[tuple[str, Any]]:
    for name, (kind, value) in values.items():
        if value is not UNSET:
            try:
                encoded = kind.encode(value)
            except SchemaError as error:
                raise error.under(name) from None
            if encoded is not None:  # null has no form in a URL or a header
                yield name, encoded


def _text(sent: object) -> str:
    return sent if isinstance(sent, str) else json.dumps(sent)


def filled(path: str, values: Mapping[str, str]) -> str:
    """The path with its parameters in their places.

    Raises:
        SchemaError: with one of them it would be another path.

    """
    whole = path
    for name, text in values.items():
        whole = whole.replace(f"{{{name}}}", quote(text, safe=""))
    for template, segment in zip(path.split("/"), whole.split("/"), strict=True):
        if template != segment and segment in {"", ".", ".."}:
            name = next(name for name in values if f"{{{name}}}" in template)
            raise SchemaError(f"{segment!r} in its place would make another path", name)
    return whole
