"""What a test is about, read from its marks: its rules, what it needs of a target, and when it runs."""

import sys
from collections.abc import Callable, Sequence

import pytest

from ..transport.target import Target

NEEDS: dict[str, tuple[Callable[[Target], bool], str]] = {
    "enrollment": (lambda target: len(target.enrollments) >= 1, "give --enrollment"),
    "enrollments": (lambda target: len(target.enrollments) >= 2, "give --enrollment twice"),
    "restricted_key": (lambda target: target.restricted_key is not None, "set CARECYCLE_RESTRICTED_API_KEY"),
    "prefer": (lambda target: target.honours_prefer, "give --prefer, if the target honours it"),
    "swap_ids": (lambda target: target.may_swap_ids, "give --swap-ids, if no record has the ids of another"),
    "limit": (lambda target: target.limited_url is not None, "give --exercise-rate-limit"),
}
"""What a test can need of a target: whether it is there, and what gives it."""


def rules(item: pytest.Item) -> list[str]:
    """The rules that a test is about."""
    return [id_ for mark in item.iter_markers("rule") for id_ in mark.args]


def _needs(mark: pytest.Mark) -> Sequence[str]:
    needs = mark.kwargs.get("needs", ())
    return (needs,) if isinstance(needs, str) else tuple(needs)


def lacking(item: pytest.Item, target: Target) -> str:
    """What the user can give so that the target has what a test needs, or "" if it has that."""
    needs = [NEEDS[need] for mark in item.iter_markers("rule") for need in _needs(mark)]
    return next((what_gives_it for is_there, what_gives_it in needs if not is_there(target)), "")


def names_an_enrollment(item: pytest.Item) -> bool:
    """Whether a test names an enrollment, where the target has one."""
    needs = {need for mark in item.iter_markers("rule") for need in _needs(mark)}
    return bool(needs & {"enrollment", "enrollments"}) or item.get_closest_marker("naming") is not None


def is_property(item: pytest.Item) -> bool:
    """Whether a test takes as many examples as it may."""
    if item.get_closest_marker("screening"):
        return False
    by_hypothesis = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return bool(by_hypothesis or item.get_closest_marker("exploring"))


def essential(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The screening, and of each other test the first case about its rules; no property tests."""
    first: dict[object, pytest.Item] = {}
    for item in items:
        if not is_property(item):
            part = item.nodeid if item.get_closest_marker("screening") else item.nodeid.partition("[")[0]
            first.setdefault((part, *rules(item)), item)
    return list(first.values())


def of_profile(items: Sequence[pytest.Item], profile: str) -> list[pytest.Item]:
    """The tests of a profile: `quick` has the essential ones, only `deep` has those with its mark."""
    chosen = essential(items) if profile == "quick" else items
    return [item for item in chosen if profile == "deep" or not item.get_closest_marker("deep")]


def in_order(items: Sequence[pytest.Item], target: Target) -> list[pytest.Item]:
    """The screening, then the first case of each test, then the second, and so on; property tests later."""
    turns: dict[str, int] = {}

    def turn(item: pytest.Item) -> tuple[int, int]:
        if item.get_closest_marker("limiting") and target.limited_url == target.url:
            return 3, 0  # until the wait is over, the target rejects every other request
        if item.get_closest_marker("deep"):
            return 2, sys.maxsize
        if screening := item.get_closest_marker("screening"):
            return 0, screening.kwargs["turn"]
        name = item.nodeid.partition("[")[0]
        turns[name] = turns.get(name, -1) + 1
        return 2 if is_property(item) else 1, turns[name]

    return sorted(items, key=turn)
