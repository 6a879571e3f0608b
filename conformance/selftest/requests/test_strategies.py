"""The strategies draw the values that their names promise. The schemas of the contract decide."""

from collections.abc import Callable

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from conformance.contract.document import load
from conformance.requests import new_ids, strategies
from conformance.requests.ids import MAX, NIL
from conformance.requests.statuses import non_terminal_statuses, statuses, terminal_statuses
from conformance.requests.strategies import Json, Kind

CONTRACT = load()
IS_ID = CONTRACT.validator(CONTRACT.schema("Uuid")).is_valid
IS_STATUS = CONTRACT.validator(CONTRACT.schema("CampaignStatus")).is_valid
FORM = CONTRACT.schema("CampaignStatusForm")


@pytest.mark.parametrize("kind", strategies.ALLOWED, ids=repr)
def test_kind_that_is_allowed_is_valid(kind: Kind) -> None:
    """An id of each allowed kind is valid, and is known as new unless it is nil or max."""
    made = kind.make(new_ids.new_id(kind.name))
    assert IS_ID(made)
    assert kind in strategies.SPECIAL or new_ids.possible_record_ids(made) == []


@pytest.mark.parametrize("kind", strategies.REJECTED, ids=repr)
def test_kind_that_is_rejected_is_invalid(kind: Kind) -> None:
    """A value of each rejected kind is not a valid id."""
    assert not IS_ID(kind.make(new_ids.new_id(kind.name)))


@pytest.mark.parametrize("id_", [f"{new_ids.new_id('end')}\n", MAX.upper(), f"{NIL}\n"])
def test_kind_that_other_dialects_allow_is_invalid(id_: str) -> None:
    """The ECMA 262 pattern rejects a line end after an id and the max UUID in upper case."""
    assert not IS_ID(id_)
    assert IS_ID(MAX)
    assert IS_ID(NIL)


def test_kind_names_are_unique() -> None:
    """No two kinds have the same name, and no two kinds make the same id."""
    kinds = strategies.ALLOWED + strategies.REJECTED
    assert len({kind.name for kind in kinds}) == len(kinds)
    # Version 4 and variant 8 do not change a new id, so these two kinds make the same id.
    made = [repr(kind.make("0a1b2c3d-4e5f-4a6b-8c7d-8e9fa0b1c2d3")) for kind in kinds]
    assert len(set(made)) == len(made) - 1


def test_kind_table_has_every_version_and_variant() -> None:
    """The kinds have each hex digit as the version and as the variant."""
    digits = {
        place: {
            kind.name[len(place) :].lower()
            for kind in (*strategies.ALLOWED, *strategies.REJECTED)
            if kind.name.startswith(place)
        }
        for place in ("version-", "variant-")
    }
    assert digits == {"version-": set(strategies.HEX), "variant-": set(strategies.HEX)}


@given(id_=strategies.allowed_ids())
def test_ids_that_are_allowed_are_valid(id_: str) -> None:
    """Every allowed id is valid and known as new."""
    assert IS_ID(id_)
    assert new_ids.possible_record_ids(id_) == []


@given(value=strategies.rejected_ids())
def test_ids_that_are_rejected_are_invalid(value: Json) -> None:
    """No rejected id is valid, and none could be two ids of records."""
    assert not IS_ID(value)
    assert len(new_ids.possible_record_ids(str(value))) < 2


@given(id_=strategies.random_new_ids())
def test_ids_that_are_new_are_valid(id_: str) -> None:
    """Every new id is valid and known as new."""
    assert IS_ID(id_)
    assert new_ids.possible_record_ids(id_) == []


def test_statuses_are_those_of_the_contract() -> None:
    """Terminal statuses and the others together are those of the contract."""
    terminal, others = terminal_statuses(CONTRACT), non_terminal_statuses(CONTRACT)
    assert terminal == ("completed", "failed")
    assert sorted((*terminal, *others)) == sorted(statuses(CONTRACT))


@pytest.mark.parametrize("status", strategies.UNKNOWN_STATUSES.values(), ids=strategies.UNKNOWN_STATUSES)
def test_status_of_the_table_is_unknown(status: Json) -> None:
    """Each unknown status of the table is not a status of the contract."""
    assert not IS_STATUS(status)


@given(status=strategies.unknown_statuses(CONTRACT))
def test_statuses_drawn_are_unknown(status: Json) -> None:
    """Every unknown status that a strategy draws is not a status of the contract."""
    assert not IS_STATUS(status)


@given(fields=strategies.extra_fields(CONTRACT))
def test_extra_fields_are_no_fields_of_the_contract(fields: dict[str, Json]) -> None:
    """At least one unknown field is drawn, and no field has a name of the contract."""
    assert fields
    assert not set(fields) & set(FORM["properties"])


@given(value=strategies.json_values())
def test_json_values_are_of_the_types_of_json(value: Json) -> None:
    """Every JSON value is valid for the types of JSON Schema."""
    assert CONTRACT.validator({"type": ["null", "boolean", "integer", "string", "array", "object"]}).is_valid(
        value
    )


FOUND: list[tuple[str, st.SearchStrategy[Json], Callable[[Json], bool]]] = [
    ("upper-case", strategies.allowed_ids(), lambda id_: id_.isupper()),
    ("not-a-string", strategies.rejected_ids(), lambda id_: not isinstance(id_, str)),
    (
        "spoilt",
        strategies.rejected_ids(),
        lambda id_: isinstance(id_, str) and len(id_) == 36 and not id_.isascii(),
    ),
    ("changed-word", strategies.unknown_statuses(CONTRACT), lambda status: status == "COMPLETED"),
]


@pytest.mark.parametrize(("strategy", "wanted"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_strategies_reach_every_kind(
    strategy: st.SearchStrategy[Json], wanted: Callable[[Json], bool]
) -> None:
    """A strategy draws rare values too."""
    assert wanted(find(strategy, wanted))
