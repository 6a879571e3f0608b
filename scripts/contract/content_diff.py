"""The changes of content: media types, schemas, headers. Bodies, responses and parameters have it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scripts.contract.changes import Effect, Observation
from scripts.contract.findings import child
from scripts.contract.flat_schema import Spot
from scripts.contract.schema_diff import Pair, diff_schema


def diff_headers(pair: Pair, old: Spot, new: Spot) -> Iterator[Observation]:
    """Every change of the headers of a response."""
    before, after = (spot.get("headers") for spot in (old, new))
    one, other = ({name.lower(): name for name in spot.node} if spot else {} for spot in (before, after))
    for name in sorted(one.keys() | other.keys()):
        if after is None or name not in other:
            assert before is not None
            yield pair.observe("breaking", before.child(one[name]).at, f"the header {name} was removed")
        elif before is None or name not in one:
            yield pair.observe("compatible", after.child(other[name]).at, f"the header {name} was added")
        else:
            yield from _diff_header(pair, before.child(one[name]), after.child(other[name]), one[name])


def _diff_header(pair: Pair, old: Spot, new: Spot, name: str) -> Iterator[Observation]:
    was, now = (bool(spot.node.get("required")) for spot in (old, new))
    if was != now:
        places = (child(new.places[0], "required"), *new.places[1:])
        yield (pair.lost if now else pair.gained)(places, f"the header {name} is {required_word(now)}")
    yield from diff_schemas(pair, old, new)


def diff_content(pair: Pair, old: Spot, new: Spot) -> Iterator[Observation]:
    """Every change of the media types of a body, a response or a parameter."""
    before, after = (_media(spot) for spot in (old, new))
    for name in sorted(before.keys() - after.keys()):
        yield pair.observe("breaking", before[name].at, f"the media type {name} was removed")
    for name in sorted(after.keys() - before.keys()):
        effect: Effect = "compatible" if pair.sent and before else "warning"
        yield pair.observe(effect, after[name].at, f"the media type {name} was added")
    for name in sorted(before.keys() & after.keys()):
        yield from diff_schemas(pair, before[name], after[name])


def _media(spot: Spot) -> Mapping[str, Spot]:
    content = spot.get("content")
    return {} if content is None else {name: content.child(name) for name in content.node}


def diff_schemas(pair: Pair, old: Spot, new: Spot) -> Iterator[Observation]:
    """Every change of the schema of a media type, a header or a parameter."""
    before, after = old.get("schema"), new.get("schema")
    if before and after:
        found = list(diff_schema(pair, (before,), (after,)))
        form = before.child("allOf", 0) if pair.published and pair.sent and before.get("allOf") else None
        # The vendor publishes the form, and our contract narrows it by further parts of an `allOf`.
        yield from diff_schema(replace(pair, seen=set()), (form,), (after,)) if found and form else found
    elif before:
        yield pair.gained(before.at, "the schema was removed", "warning")
    elif after:
        yield pair.lost(after.at, "the schema was added")


def diff_deprecated(pair: Pair, old: Spot, new: Spot, name: str) -> Iterator[Observation]:
    """Whether an operation or a parameter became deprecated, or no longer is."""
    was, now = (bool(spot.node.get("deprecated")) for spot in (old, new))
    if was != now:
        places = (child(new.places[0], "deprecated"), *new.places[1:])
        text = f"the {name} is {'now' if now else 'no longer'} deprecated"
        yield pair.observe("compatible", places, text)


def required_word(value: object) -> str:
    """Whether something is required, in words."""
    return "now required" if value else "no longer required"
