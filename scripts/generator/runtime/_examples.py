"""The operations of the contract, with an example of each documented response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Documented(NamedTuple):
    """An operation, and the body of each response: its media type and its JSON value, or None."""

    operation: str
    method: str
    path: str
    responses: Mapping[int, tuple[str, Any] | None]


KEY_HEADER = ""
OPERATIONS: tuple[Documented, ...] = ()
