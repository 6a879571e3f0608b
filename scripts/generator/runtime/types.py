"""What endpoints take and return beside the models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar, final

if TYPE_CHECKING:
    from httpx2 import Headers

T = TypeVar("T")


@final
class Unset:
    """The type of `UNSET`."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"  # the one and only, also after a copy or in another process


UNSET: Final = Unset()
"""Stands for a field that is not there, which is not the same as null."""


@dataclass
class Response(Generic[T]):
    """A response of any status, and its documented model if it is one."""

    status_code: int
    content: bytes = field(repr=False)
    headers: Headers = field(repr=False)
    parsed: T | None


__all__ = ["UNSET", "Response", "Unset"]
