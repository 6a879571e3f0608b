"""What a response means: findings of one exchange, the state model, and the attribution of a rejection.

Imports `transport`, `requests` and `contract`.
"""

from . import accepted, keys, rejected, responses
from .finding import CHECKS, Finding, TooSlowError, judge

__all__ = ["CHECKS", "Finding", "TooSlowError", "accepted", "judge", "keys", "rejected", "responses"]
