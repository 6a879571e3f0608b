"""The names that generated code has of its own, and names for the contract's that do not hide them."""

import re
import unicodedata
from dataclasses import dataclass, replace
from keyword import iskeyword
from pathlib import Path

from scripts.generator.places import UnsupportedError

TEMPLATES = Path(__file__).parent / "templates"


def imported(template: str) -> frozenset[str]:
    """The names that a generated module imports, and that nothing of the contract may hide."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    lines = re.findall(r"^(?:from \S+ )?import (.+)$", text, re.MULTILINE)
    return frozenset(name for line in lines for name in line.split(", "))


IN_FUNCTIONS = imported("endpoint_module.py.jinja") | {
    "client",
    "timeout",
    "max_retries",
    "headers",
    "request",
    "body",
}
IN_MODELS = imported("model.py.jinja") | {"additional_properties", "to_dict", "from_dict", "wait_fields"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of a model, or a parameter of an operation."""

    name: str
    attribute: str
    annotation: str
    kind: str
    required: bool
    description: str
    is_wait: bool
    """Whether it tells how many seconds to wait: the contract says so with `x-retry-after`."""
    is_deprecated: bool = False
    only: str = ""
    """`read` if it belongs only into what is read, `sent` if only into what is sent."""
    is_needed: bool = False
    """Whether it has to be there in that one direction."""


def identifier(name: str) -> str:
    """A name as Python reads it: in its NFKC form, which may be a keyword."""
    normal = unicodedata.normalize("NFKC", name)
    return f"{normal}_" if iskeyword(normal) else normal


def apart(owner: str, attributes: list[Attribute], taken: frozenset[str]) -> list[Attribute]:
    """The attributes with names that do not hide one that the generated code has of its own."""
    renamed = [
        replace(one, attribute=f"{one.attribute}_") if one.attribute in taken else one for one in attributes
    ]
    for one in renamed:
        same = [other.name for other in renamed if other.attribute == one.attribute]
        if len(same) > 1:
            raise UnsupportedError(f"{owner} has {same}, all of them `{one.attribute}` in Python; rename one")
    return renamed
