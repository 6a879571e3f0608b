"""What a fault is, and what the modules of faults share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app import Call, Server

Install = Callable[[Server], None]


@dataclass
class Fault:
    """One mistake, off unless installed."""

    id: str
    area: str
    rule: str
    text: str
    hard: bool
    install: Install


FAULTS: dict[str, Fault] = {}


def fault(name: str, area: str, rule: str, hard: bool = False) -> Callable[[Install], Install]:
    """Enter a function that breaks a server into the table of faults."""

    def enter(install: Install) -> Install:
        """Keep the function with its docstring as the text."""
        FAULTS[name] = Fault(name, area, rule, install.__doc__ or "", hard, install)
        return install

    return enter


def peek(call: Call) -> dict[str, Any]:
    """The body as an object, or nothing, before it has been checked."""
    try:
        data = json.loads(call.raw)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def move(server: Server, names: list[str], before: str) -> None:
    """Move steps to just before another."""
    steps = [name for name in server.steps if name not in names]
    place = steps.index(before)
    server.steps = steps[:place] + names + steps[place:]
