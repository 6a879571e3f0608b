"""New ids: ids that no record has, so that a request may name them.

A new id carries a checksum: 60 bits are a hash of its token, and 60 bits are a hash of those. So an id is
recognised as new in any process and in recorded traffic, without a list of the ids that were made. The id of
a vendor's record looks new by chance once in 2**60. The version and the variant digit belong to neither part,
and letter case does not matter: a new id stays new when a test changes these.
"""

import hashlib
import re

_UUID_LIKE = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_VERSION_DIGIT, _VARIANT_DIGIT = 12, 16
_HALF = 15
"""How many hex digits each of the two parts has."""


def new_id(*token: object) -> str:
    """The new id of a token: version 4, variant digit `8`, lower case. The same token gives the same id.

    A number that Hypothesis shrinks to 0 still gives an id that no record has.
    """
    half = _hash(repr(token), b"carecycle-new")
    digits = half + _hash(half, b"carecycle-check")
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[15:18]}-{digits[18:]}"


def new_id_like(id_: str, *token: object) -> str:
    """The new id of a token, with the version, the variant and the letter case of another id."""
    new = new_id(*token)
    new = f"{new[:14]}{id_[14]}{new[15:19]}{id_[19]}{new[20:]}"
    return new.lower() if id_ == id_.lower() else new.upper()


def possible_record_ids(text: str) -> list[str]:
    """Everything in a text that could be the id of a record, in lower case: UUIDs that are not new ids."""
    found = (match.group().lower() for match in _UUID_LIKE.finditer(text))
    return [id_ for id_ in found if not _is_new(id_.replace("-", ""))]


def _is_new(digits: str) -> bool:
    parts = (
        digits[:_VERSION_DIGIT] + digits[_VERSION_DIGIT + 1 : _VARIANT_DIGIT] + digits[_VARIANT_DIGIT + 1 :]
    )
    return parts[_HALF:] == _hash(parts[:_HALF], b"carecycle-check")


def _hash(text: str, purpose: bytes) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8, person=purpose).hexdigest()[:_HALF]
