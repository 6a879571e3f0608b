"""What a response means: findings of one exchange, the state model, and the attribution of a rejection.

Imports `transport`, `requests` and `contract`.
"""

from . import accepted, keys, rejected, responses
from .finding import CHECKS, Finding, judge

__all__ = ["CHECKS", "Finding", "accepted", "judge", "keys", "rejected", "responses"]
