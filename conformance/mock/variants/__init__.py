"""The catalogue of variants: servers that differ from the mock but violate no rule.

A suite that reports a violation for a variant raises a false alarm. They import the mock and the contract.
"""

from ..catalogue import find_by_name
from . import frameworks, requests, responses, routes, updates  # noqa: F401 - each describes its variants
from .variant import DESCRIBED as CATALOGUE
from .variant import Variant

__all__ = ["CATALOGUE", "Variant", "find"]


def find(name: str) -> Variant:
    """The variant with this name.

    Raises:
        UnknownNameError: there is no such variant.

    """
    return find_by_name("variant", name, CATALOGUE)
