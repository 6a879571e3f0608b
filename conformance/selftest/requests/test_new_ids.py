"""New ids are distinguished from ids that a record may have."""

from collections.abc import Callable
from uuid import UUID

import pytest

from conformance.requests import new_ids

A, B = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a"


def test_new_ids_are_of_version_4() -> None:
    """A new id is a lower-case UUID of version 4. The same token makes the same id."""
    id_ = new_ids.new_id("a", 1)
    assert str(UUID(id_)) == id_
    assert (UUID(id_).version, id_[19]) == (4, "8")
    assert id_ == new_ids.new_id("a", 1)
    assert len({id_, new_ids.new_id("a", 2), new_ids.new_id("b", 1), new_ids.new_id(0)}) == 4


@pytest.mark.parametrize("id_", [A, "017F22E2-79B0-7CC3-98C4-DC0C0C07398F"])
def test_new_ids_can_be_like_another(id_: str) -> None:
    """A new id like another id has its version, variant and letter case, and is known as new."""
    like = new_ids.new_id_like(id_, "like", 1)
    assert (like[14], like[19], like.islower()) == (id_[14], id_[19], id_.islower())
    assert like != id_
    assert new_ids.possible_record_ids(like) == []


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda id_: id_[:14] + "7" + id_[15:],
        lambda id_: id_[:19] + "c" + id_[20:],
        lambda id_: id_.replace("-", ""),
        lambda id_: f"{{{id_}}}",
    ],
    ids=["upper-case", "version", "variant", "no-dashes", "braces"],
)
def test_new_ids_stay_new_when_they_change(change: Callable[[str], str]) -> None:
    """A new id with another version, variant, letter case or form is still known as new."""
    assert new_ids.possible_record_ids(change(new_ids.new_id("changing"))) == []


def test_new_ids_with_another_digit_are_unknown() -> None:
    """An id that differs from a new id in one digit, in either half, is not known as new."""
    id_ = new_ids.new_id("digits")
    others = [id_[:at] + ("0" if id_[at] != "0" else "1") + id_[at + 1 :] for at in (0, 17, 20, 35)]
    assert [A, *others] == new_ids.possible_record_ids(f"{A.upper()} {id_} {' '.join(others)}")
