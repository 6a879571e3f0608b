"""Warnings about what the contract calls deprecated."""

from __future__ import annotations

import sys
import warnings


def warn_deprecated(what: str) -> None:
    """Warn where the caller's own code is, outside of this package."""
    level = 1
    frame = sys._getframe()  # `inspect` loads slowly  # pyright: ignore[reportPrivateUsage]
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__package__")):
        frame = frame.f_back
        level += 1
    warnings.warn(f"{what} is deprecated", DeprecationWarning, stacklevel=level)


def _is_ours(package: str | None) -> bool:
    return package is not None and f"{package}.".startswith(f"{__package__}.")
