"""What can be unusual about an id."""

import re
from typing import Final

NIL: Final = "00000000-0000-0000-0000-000000000000"
MAX: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"

_SPECIAL = {NIL: "nil", MAX: "max"}
_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def has_uuid_form(text: str) -> bool:
    """Whether a text is in the form of a UUID, of any version and variant."""
    return _FORM.fullmatch(text) is not None


def kind_of_id(value: object) -> str:
    """The kind of a value that stands where an id belongs."""
    if not isinstance(value, str):
        return "not a string"
    if not has_uuid_form(value):
        return "not a UUID"
    lower = value.lower()
    if lower in _SPECIAL:
        return _SPECIAL[lower] if value == lower else "max, not lower case"
    if lower[19] not in "89ab" or lower[14] not in "12345678":
        return "other version" if lower[19] in "89ab" else "other variant"
    return f"version {lower[14]}" if value == lower else "upper case"


def is_special(id_: str) -> bool:
    """Whether an id is the nil or the max UUID."""
    return id_ in _SPECIAL


def is_upper(id_: str) -> bool:
    """Whether an id has a hex digit in upper case."""
    return id_ != id_.lower()


def has_usual_digits(id_: str) -> bool:
    """Whether an id has the version and the variant digit of new ids."""
    return id_[14:15] == "4" and id_[19:20].lower() == "8"


def is_unusual(id_: str) -> bool:
    """Whether something is unusual about a valid id: its version, its variant or its letter case."""
    return is_special(id_) or is_upper(id_) or not has_usual_digits(id_)
