"""Ids that no record has are told from those that one may have."""

from collections.abc import Callable
from uuid import UUID

import pytest

from conformance import fresh

A, B = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a"


def test_fresh_ids_are_of_version_4() -> None:
    """A fresh id is a lower-case UUID of version 4, and the same for the same token."""
    id_ = fresh.mint("a", 1)
    assert str(UUID(id_)) == id_
    assert (UUID(id_).version, id_[19]) == (4, "8")
    assert id_ == fresh.mint("a", 1)
    assert len({id_, fresh.mint("a", 2), fresh.mint("b", 1), fresh.mint(0)}) == 4


@pytest.mark.parametrize("id_", [A, "017F22E2-79B0-7CC3-98C4-DC0C0C07398F"])
def test_fresh_ids_can_be_like_another(id_: str) -> None:
    """An id like another has its version, its variant and its letter case, and is nobody's."""
    like = fresh.alike(id_, "like", 1)
    assert (like[14], like[19], like.islower()) == (id_[14], id_[19], id_.islower())
    assert like != id_
    assert fresh.strangers(like) == []


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
def test_fresh_ids_stay_fresh_when_they_change(change: Callable[[str], str]) -> None:
    """Another version, variant, case or form leaves a fresh id fresh."""
    assert fresh.strangers(change(fresh.mint("changing"))) == []


def test_fresh_ids_of_other_digits_are_strangers() -> None:
    """One digit more or less is another id."""
    id_ = fresh.mint("digits")
    other = ("0" if id_[0] != "0" else "1") + id_[1:]
    assert fresh.strangers(f"{A.upper()} {id_} {other}") == [A, other]


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("", True),
        (A, True),
        (f"{A} {A}", False),
        (f"{A}:{B}", False),
        (f"{A}{B}".replace("-", ""), False),
        (f"{A} {B}".upper(), False),
    ],
)
def test_fresh_text_is_harmless_with_one_stranger_at_most(text: str, *, harmless: bool) -> None:
    """A text that names two ids which are not fresh could reach a record."""
    assert harmless is fresh.harmless(fresh.strangers(text), [])


def test_fresh_pairs_of_enrollments_are_harmless() -> None:
    """Both ids of an enrollment are harmless together, in either order, and none of them with another."""
    pairs = [frozenset((A, B))]
    assert fresh.harmless(fresh.strangers(f"{A} {B.upper()}"), pairs)
    assert fresh.harmless(fresh.strangers(f"{B} {A}"), pairs)
    assert not fresh.harmless(fresh.strangers(f"{A} {UUID(int=0)}"), pairs)
    assert not fresh.harmless(fresh.strangers(f"{A} {B} {UUID(int=0)}"), pairs)
