"""What can be unusual about a valid id."""

from typing import Final

NIL: Final = "00000000-0000-0000-0000-000000000000"
MAX: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def is_special(id_: str) -> bool:
    """Whether an id is the nil or the max UUID."""
    return id_ in {NIL, MAX}


def is_upper(id_: str) -> bool:
    """Whether an id has a hex digit in upper case."""
    return id_ != id_.lower()


def has_usual_digits(id_: str) -> bool:
    """Whether an id has the version and the variant digit of new ids."""
    return id_[14:15] == "4" and id_[19:20].lower() == "8"


def is_unusual(id_: str) -> bool:
    """Whether something is unusual about a valid id: its version, its variant or its letter case."""
    return is_special(id_) or is_upper(id_) or not has_usual_digits(id_)
