"""What changed between two contracts, and does it break clients?

A client that was made from the old contract talks to a server that keeps the new one. Either contract is a
file, or a revision and a path as `git show` takes them, such as `HEAD:openapi/carecycle.yaml`.
"""

import argparse
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import yaml

from conformance.contract.document import Contract, ContractError, Node, Operation
from scripts.contract.schema_diff import EFFECTS, Change, Effect, Pair, diff_schema


def diff(old: Contract, new: Contract) -> list[Change]:
    """Every change that a client can see, the worst first."""
    changes = [*_diff_access(old, new), *_diff_operations(old, new), *_diff_rules(old, new)]
    return sorted(changes, key=lambda change: EFFECTS.index(change.effect))


def _diff_access(old: Contract, new: Contract) -> Iterator[Change]:
    for place, before, after in (
        ("server", old.raw["servers"][0]["url"], new.raw["servers"][0]["url"]),
        ("key header", old.key_header, new.key_header),
        ("key prefix", old.key_prefix, new.key_prefix),
    ):
        if before != after:
            yield Change("breaking", place, f"{before} became {after}")
    if old.rate_limit != new.rate_limit:
        before, after = (
            f"{limit.requests} in {limit.seconds} s" for limit in (old.rate_limit, new.rate_limit)
        )
        yield Change("warning", "rate limit", f"{before} became {after}")


def _diff_operations(old: Contract, new: Contract) -> Iterator[Change]:
    for id_ in sorted(old.operations.keys() - new.operations.keys()):
        yield Change("breaking", id_, "the operation was removed")
    for id_ in sorted(new.operations.keys() - old.operations.keys()):
        yield Change("compatible", id_, "the operation was added")
    for id_ in sorted(old.operations.keys() & new.operations.keys()):
        yield from _diff_operation(old, new, old.operations[id_], new.operations[id_])


def _diff_operation(old: Contract, new: Contract, before: Operation, after: Operation) -> Iterator[Change]:
    for name, was, now in (("method", before.method, after.method), ("path", before.path, after.path)):
        if was != now:
            yield Change("breaking", before.id, f"the {name} {was} became {now}")
    request = Pair(old, new, f"{before.id} request", sent=True)
    if before.needs_key != after.needs_key:
        yield (request.lost if after.needs_key else request.gained)(
            f"the key is {_required(after.needs_key)}"
        )
    if before.body_required != after.body_required:
        yield (request.lost if after.body_required else request.gained)(
            f"the body is {_required(after.body_required)}"
        )
    yield from _diff_optional(request, before.body, after.body)
    for status in sorted(before.responses.keys() | after.responses.keys()):
        place = f"{before.id} {status}"
        if status not in after.responses:
            yield Change("breaking", place, "the response was removed")
        elif status not in before.responses:
            yield Change("warning", place, "the response was added")
        else:
            response = Pair(old, new, place, sent=False)
            yield from _diff_optional(
                response, before.responses[status].schema, after.responses[status].schema
            )


def _diff_optional(pair: Pair, before: Node | None, after: Node | None) -> Iterator[Change]:
    if before is not None and after is not None:
        yield from diff_schema(pair, before, after)
    elif before is not None:
        yield Change("breaking", pair.place, "the body was removed")
    elif after is not None:
        yield Change("warning", pair.place, "the body was added")


def _diff_rules(old: Contract, new: Contract) -> Iterator[Change]:
    for id_ in sorted(old.rules.keys() | new.rules.keys()):
        before, after = old.rules.get(id_), new.rules.get(id_)
        if before is None and after is not None:
            yield Change("compatible", id_, f"the rule was added: {after.text}")
        elif after is None:
            yield Change("warning", id_, "the rule was removed")
        elif before is not None and before.level != after.level:
            effect: Effect = "compatible" if after.level == "MUST" else "warning"
            yield Change(effect, id_, f"{before.level} became {after.level}")
        elif before is not None and before.text != after.text:
            yield Change("warning", id_, f"the rule now says: {after.text}")


def _required(value: object) -> str:
    return "now required" if value else "no longer required"


def table(changes: Collection[Change]) -> str:
    """The changes, one on a line, and how many there are."""
    if not changes:
        return "Nothing that a client can see has changed."
    width = max(len(change.place) for change in changes)
    lines = [f"{change.effect:<10}  {change.place:<{width}}  {change.text}" for change in changes]
    counts = ", ".join(f"{sum(change.effect == effect for change in changes)} {effect}" for effect in EFFECTS)
    return "\n".join([*lines, counts])


def read(source: str) -> Contract:
    """The contract of a file, or of a revision and a path.

    Raises:
        ContractError: there is none.

    """
    try:
        if ":" in source and not Path(source).exists():
            command = ["git", "show", "--end-of-options", source]
            text = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout  # noqa: S603 - git reads what its user names
        else:
            text = Path(source).read_text(encoding="utf-8")
        raw = yaml.safe_load(text)
    except subprocess.CalledProcessError as error:
        raise ContractError(f"cannot read {source}: {error.stderr.strip()}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContractError(f"cannot read {source}: {error}") from error
    if not isinstance(raw, dict):
        raise ContractError(f"cannot read {source}: it is not a YAML mapping")
    return Contract(raw)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare two contracts; exit with 1 if a change breaks clients, with 2 if they cannot be compared."""
    parser = argparse.ArgumentParser(prog="python -m scripts.contract.diff", description=__doc__)
    parser.add_argument("old", help="the contract that clients were made from")
    parser.add_argument("new", help="the contract that servers are to keep")
    options = parser.parse_args(arguments)
    try:
        changes = diff(read(options.old), read(options.new))
    except ContractError as error:
        parser.error(str(error))
    except (LookupError, TypeError, ValueError) as error:
        parser.error(f"one of the contracts is not sound ({error!r}); see python -m scripts.contract.check")
    print(table(changes))
    return 1 if any(change.effect == "breaking" for change in changes) else 0


if __name__ == "__main__":
    sys.exit(main())
