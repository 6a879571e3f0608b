"""Compare two contracts: what changed, how it affects clients, and which version it requires.

The comparison assumes a client of the old contract and a server of the new one. Each contract is a file, a
git revision (`main`, or `main:openapi/carecycle.yaml`), or an https address that publishes a contract.
"""

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from conformance.contract.document import Contract, ContractError, Node, walk
from scripts.contract import release
from scripts.contract.changes import EFFECTS, Change, Effect, counted, merged, text_changes, worst
from scripts.contract.findings import child
from scripts.contract.operation_diff import diff_documents
from scripts.contract.sources import Source, read

NOTHING = "No change."
TITLES: dict[Effect, str] = {
    "breaking": "Breaking",
    "warning": "Warning: a client may need a change",
    "compatible": "Compatible",
    "documentation": "Documentation",
}


def diff(old: Contract, new: Contract, *, only_ours: bool = False) -> list[Change]:
    """Every change, the worst first. With `only_ours`, only operations of the old contract are compared."""
    observations = diff_documents(old.raw, new.raw, only_ours=only_ours)
    if only_ours:
        return merged(observations, [])
    used = _used(old.raw) ^ _used(new.raw)
    texts = [change for change in text_changes(old.raw, new.raw) if change.pointer not in used]
    return merged(observations, texts)


def _used(raw: Node) -> set[str]:
    """The pointers of all components that something refers to.

    The use of a component is compared where it is. So a component that comes or goes together with its first
    or last use is no change of its own.
    """
    references = [node["$ref"] for _, node in walk(raw) if isinstance(node.get("$ref"), str)]
    schemes = [name for _, node in walk(raw) for name in _schemes(node.get("security"))]
    places = [reference.removeprefix("#") for reference in references]
    return {*places, *(child("/components/securitySchemes", name) for name in schemes)}


def _schemes(security: object) -> Iterator[str]:
    """The names of the security schemes in a list of security requirements."""
    for one in security if isinstance(security, list) else ():
        yield from one if isinstance(one, Mapping) else ()


def table(changes: Collection[Change]) -> str:
    """The changes, one on a line, and the number of changes with each effect."""
    if not changes:
        return NOTHING
    width = max(len(change.direction) for change in changes)
    lines = [
        f"{change.effect:<13}  {change.direction:<{width}}  {change.pointer}: {change.text}"
        for change in changes
    ]
    return "\n".join([*lines, _counts(changes)])


def markdown(changes: Collection[Change], names: Collection[Change], notes: Sequence[str]) -> str:
    """The changes as a comment on a pull request."""
    lines = ["## Changes of the contract", ""]
    if not changes:
        lines += [NOTHING, ""]
    for effect in EFFECTS:
        found = [change for change in changes if change.effect == effect]
        if found:
            lines += [f"### {TITLES[effect]}", "", "| place | direction | change |", "|---|---|---|"]
            lines += [
                f"| `{_cell(one.pointer)}` | {one.direction} | {_cell(one.text)} |" for one in found
            ] + [""]
    if names:
        lines += ["### Public names of the client", "", "| name | effect | change |", "|---|---|---|"]
        lines += [f"| `{_cell(one.pointer)}` | {one.effect} | {_cell(one.text)} |" for one in names] + [""]
    return "\n".join([*lines, *(f"- {note}" for note in notes)]).rstrip()


def _cell(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "'").replace("<", "&lt;")
    return " ".join(escaped.split())


def _counts(changes: Collection[Change]) -> str:
    return ", ".join(f"{count} {effect}" for effect, count in counted(changes).items())


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser(prog="python -m scripts.contract.diff", description=__doc__)
    options.add_argument("old", help="the contract of the clients")
    options.add_argument("new", help="the contract of the server")
    options.add_argument(
        "--only-ours",
        action="store_true",
        help="compare only the operations of the old contract, and neither the client nor the version; "
        "meant for a contract that the vendor publishes",
    )
    options.add_argument(
        "--markdown", type=Path, metavar="PATH", help="also add the changes to this file, as Markdown"
    )
    options.add_argument(
        "--fail-on",
        choices=(*EFFECTS, "none"),
        default="breaking",
        help="exit with 1 if a change has this effect or a worse effect (default: breaking)",
    )
    options.add_argument(
        "--client", action="store_true", help="generate both clients and compare their public names too"
    )
    options.add_argument(
        "--check-version",
        action="store_true",
        help="exit with 1 if info.version or CHANGELOG.md does not follow the changes",
    )
    return options


def _names(old: Contract, new: Contract) -> list[Change]:
    from scripts.contract.client_names import client_changes  # noqa: PLC0415 - only --client needs the generator

    return client_changes(old, new)


def _notes(effect: Effect | None, old: Source, new: Source) -> tuple[list[str], list[str]]:
    """The version that the changes require, and what the version or the changelog lacks."""
    versions = tuple(str(source.raw.get("info", {}).get("version")) for source in (old, new))
    required = f"version: a {release.REQUIRED[effect]} change is required; {versions[0]} became {versions[1]}"
    lacking = release.problems(effect, (versions[0], versions[1]), (old.changelog, new.changelog))
    return [required], list(lacking)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare two contracts. Exit with 1 if a change or the version fails, with 2 if the command does."""
    command = parser()
    options = command.parse_args(arguments)
    try:
        old, new = read(options.old), read(options.new)
        before, after = Contract(old.raw, Path(options.old)), Contract(new.raw, Path(options.new))
        changes = diff(before, after, only_ours=options.only_ours)
        names = _names(before, after) if options.client and not options.only_ours else []
        effect = worst([*changes, *names])
        notes, lacking = ([], []) if options.only_ours else _notes(effect, old, new)
    except ContractError as error:
        command.error(str(error))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        command.error(f"one of the contracts is not valid ({error!r}); see python -m scripts.contract.check")
    print(table(changes))
    for change in names:
        print(f"{change.effect:<13}  client  {change.pointer}: {change.text}")
    print(*notes, *lacking, sep="\n", end="\n" if notes else "")
    if options.markdown:
        try:
            with options.markdown.open("a", encoding="utf-8") as file:
                file.write(markdown(changes, names, [*notes, *lacking]) + "\n")
        except OSError as error:
            command.error(f"cannot write {options.markdown}: {error.strerror}")
    failing = EFFECTS[: EFFECTS.index(options.fail_on) + 1] if options.fail_on != "none" else ()
    return int(effect in failing or (options.check_version and bool(lacking)))


if __name__ == "__main__":
    sys.exit(main())
