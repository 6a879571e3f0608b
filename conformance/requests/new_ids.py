"""Ids that no record has: what may be sent to a server without naming a record of its own.

An id counts as fresh when this process minted it. It is recognised by its 120 bits besides version and
variant, so a fresh id stays fresh when a test changes those two or the case of its digits.
"""

import hashlib
import re
from collections.abc import Collection, Sequence

_UUID_LIKE = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_VERSION_DIGIT, _VARIANT_DIGIT = 12, 16

_minted: set[str] = set()


def new_id(*token: object) -> str:
    """The fresh id of a token: version 4, variant digit `8`, lower case; the same token, the same id.

    The digits are a hash of the token, so that a number that Hypothesis shrinks to 0 still gives an id
    that nobody else uses.
    """
    digest = hashlib.blake2b(repr(token).encode(), digest_size=15, person=b"carecycle-fresh").hexdigest()
    _minted.add(digest)
    return f"{digest[:8]}-{digest[8:12]}-4{digest[12:15]}-8{digest[15:18]}-{digest[18:]}"


def alike(id_: str, *token: object) -> str:
    """The fresh id of a token, with the version, the variant and the letter case of another id."""
    fresh = new_id(*token)
    fresh = f"{fresh[:14]}{id_[14]}{fresh[15:19]}{id_[19]}{fresh[20:]}"
    return fresh.lower() if id_ == id_.lower() else fresh.upper()


def unknown_ids(text: str) -> list[str]:
    """Everything in a text that could be the id of a record, in lower case: UUIDs not minted here."""
    found = (match.group().lower() for match in _UUID_LIKE.finditer(text))
    return [id_ for id_ in found if _fingerprint(id_.replace("-", "")) not in _minted]


def is_safe_to_send(unknown: Sequence[str], pairs: Collection[frozenset[str]]) -> bool:
    """Whether a request with these strangers can reach no record but those of `pairs`.

    A record takes two ids, so fewer than two strangers reach none.
    """
    return len(unknown) < 2 or frozenset(unknown) in pairs


def _fingerprint(digits: str) -> str:
    return (
        digits[:_VERSION_DIGIT] + digits[_VERSION_DIGIT + 1 : _VARIANT_DIGIT] + digits[_VARIANT_DIGIT + 1 :]
    )
