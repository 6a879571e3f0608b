"""Facts about one exchange, each deciding one rule.

A check looks at what a request asks and at the answer, and returns `HOLDS`, or what was expected instead, or
None where this exchange decides nothing about its rule. Every exchange is shown to every check.
"""

from . import accepted, keys, rejected, responses
from .registry import CHECKS, HOLDS, Known, judge

__all__ = ["CHECKS", "HOLDS", "Known", "accepted", "judge", "keys", "rejected", "responses"]
