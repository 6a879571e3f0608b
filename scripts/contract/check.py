"""Check that a contract is valid OpenAPI, follows the rules of this repository, and agrees with the vendor.

Each finding is one line: the JSON pointer of its place, what is wrong, and how to fix it. Each stage relies
on the stage before it, so the check ends with the first stage that finds something.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import jsonschema_rs
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.contract.document import (
    DEFAULT_PATH,
    METHODS,
    REPOSITORY,
    Contract,
    ContractError,
    Node,
    load,
    walk,
)
from scripts.contract import facts
from scripts.contract.findings import Finding, child, locate, lookup
from scripts.contract.house_rules import check_keywords, check_operations, check_rules, check_waits

JSON_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null")
)

OR_EDIT = f"or edit {Path(facts.__file__).relative_to(REPOSITORY)} if the vendor's reference changed"
"""The end of a finding about a documented fact, because the fact itself may have changed."""

Check = Callable[[Node], Iterator[Finding]]


def check_yaml(path: Path) -> Iterator[Finding]:
    """The file has no duplicate keys and no values outside JSON. YAML would drop a duplicate silently.

    Raises:
        ContractError: the file cannot be read.

    """
    try:
        top = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError(f"cannot read the contract: {error.problem} in line {line}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContractError(f"cannot read the contract: {error}") from error
    yield from _check_node(top, "", ())


def _check_node(node: yaml.Node | None, pointer: str, above: tuple[yaml.Node, ...]) -> Iterator[Finding]:
    if node in above:
        yield Finding(pointer, "contains itself; write it without the alias")
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag == "tag:yaml.org,2002:merge":
                yield Finding(pointer, f"merges with << in line {line}; write the keys out")
                continue
            if key.tag != "tag:yaml.org,2002:str":
                yield Finding(pointer, f"has a key in line {line} that is not a string; put it in quotes")
                continue
            if key.value in seen:
                text = f"is given in line {seen[key.value]} and again in line {line}; remove one of them"
                yield Finding(child(pointer, key.value), text)
            seen[key.value] = line
            yield from _check_node(value, child(pointer, key.value), (*above, node))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _check_node(value, child(pointer, index), (*above, node))
    elif node is not None and node.tag not in JSON_TAGS:
        yield Finding(pointer, f"is not a JSON value ({node.tag.rpartition(':')[2]}); put it in quotes")


def check_references(raw: Node) -> Iterator[Finding]:
    """Every `$ref` points to an existing place in the same file."""
    for pointer, node in walk(raw):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            continue
        place = child(pointer, "$ref")
        if not reference.startswith("#/"):
            yield Finding(place, f"points to {reference} in another file; copy its target to #/components")
            continue
        target = reference.removeprefix("#")
        try:
            lookup(raw, target, (target,))
        except LookupError as error:
            if error.args == (target,):
                yield Finding(place, f"points to {reference}, which does not exist; correct the name")


def check_openapi(raw: Node) -> Iterator[Finding]:
    """The contract is valid OpenAPI 3.1."""
    for error in OpenAPIV31SpecValidator(raw).iter_errors():
        what = str(error.message).partition("\n")[0]
        place = locate(raw, error.absolute_path, error.instance)
        yield Finding(place, f"{what}; make it valid OpenAPI 3.1")


def examples(raw: Node) -> Iterator[tuple[str, object, Node]]:
    """Every example with its pointer and its schema."""
    for pointer, node in walk(raw):
        named = node.get("examples")
        if isinstance(named, list):
            for index, value in enumerate(named):
                yield child(pointer, "examples", index), value, node
        if isinstance(named, dict) and isinstance(node.get("schema"), dict):
            for name, example in named.items():
                if "value" in example:
                    yield child(pointer, "examples", name, "value"), example["value"], node["schema"]
        if "example" in node and isinstance(node.get("schema"), dict):
            yield child(pointer, "example"), node["example"], node["schema"]


def check_examples(raw: Node) -> Iterator[Finding]:
    """Every example is valid against its schema."""
    contract = Contract(raw)
    for pointer, value, schema in examples(raw):
        try:
            errors = list(contract.validator(schema).iter_errors(value))
        except jsonschema_rs.ValidationError as invalid:
            yield Finding(pointer, f"cannot be checked: {invalid.message}; correct its schema")
            return
        for error in errors:
            yield Finding(
                child(pointer, *error.instance_path), f"{error.message}; correct the example or its schema"
            )


def check_facts(raw: Node) -> Iterator[Finding]:
    """The contract agrees with what the vendor documents."""
    try:
        statuses = lookup(raw, facts.OPERATION)["responses"]
    except LookupError:
        yield Finding(facts.OPERATION, f"is missing; put the documented operation back, {OR_EDIT}")
        return
    for pointer, expected in facts.VALUES.items():
        try:
            found = json.dumps(lookup(raw, pointer), sort_keys=True)
        except LookupError:
            found = "missing"
        if found != json.dumps(expected, sort_keys=True):
            text = f"is {found}, but documented as {json.dumps(expected)}"
            yield Finding(pointer, f"{text}; put the documented value back, {OR_EDIT}")
    yield from _check_verdicts(raw, facts.REQUEST, facts.requests())
    for status in facts.RESPONSE_BODIES:
        yield from _check_verdicts(raw, facts.response(status), facts.responses(status))
    for status in statuses:
        if status not in map(str, facts.RESPONSE_BODIES):
            pointer = child(facts.OPERATION, "responses", status)
            yield Finding(pointer, f"is not among the documented responses; remove it, {OR_EDIT}")


def _check_verdicts(raw: Node, pointer: str, cases: Iterable[facts.Case]) -> Iterator[Finding]:
    try:
        validator = Contract(raw).validator(lookup(raw, pointer))
    except LookupError:
        yield Finding(pointer, f"is missing; put the documented schema back, {OR_EDIT}")
        return
    for shown, body, accepted in cases:
        if validator.is_valid(body) != accepted:
            verb, other = ("rejects", "accepts") if accepted else ("accepts", "rejects")
            text = f"{verb} {shown}; correct the schema, because the documented one {other} it, {OR_EDIT}"
            yield Finding(pointer, text)


STAGES: Sequence[Sequence[Check]] = (
    (check_references,),
    (check_openapi,),
    (check_rules, check_keywords, check_operations, check_waits, check_examples),
    (check_facts,),
)


def check(path: Path) -> list[Finding]:
    """The findings about the contract at `path`.

    Raises:
        ContractError: the file cannot be read, or is not a YAML mapping.

    """
    if findings := list(check_yaml(path)):
        return findings
    return check_raw(load(path).raw)


def check_raw(raw: Node) -> list[Finding]:
    """The findings about a contract that was read."""
    for stage in STAGES:
        if findings := [finding for check_one in stage for finding in check_one(raw)]:
            return findings
    return []


def summary(raw: Node) -> str:
    """The number of operations, schemas, examples and rules, in one line."""
    operations = sum(method in item for item in raw["paths"].values() for method in METHODS)
    levels = Counter(f"{rule.level} ({rule.known})" for rule in Contract(raw).rules.values())
    parts = [
        f"operations: {operations}",
        f"schemas: {len(raw['components']['schemas'])}",
        f"examples: {len(list(examples(raw)))}",
        f"rules: {sum(levels.values())}, of them "
        + ", ".join(f"{n} {level}" for level, n in sorted(levels.items())),
    ]
    return "; ".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a contract. The exit status is 1 if there is a finding."""
    parser = argparse.ArgumentParser(prog="python -m scripts.contract.check", description=__doc__)
    parser.add_argument(
        "path", nargs="?", type=Path, default=DEFAULT_PATH, help="the contract (default: %(default)s)"
    )
    path: Path = parser.parse_args(arguments).path
    name = path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path
    try:
        findings = check(path)
    except ContractError as error:
        print(f"{name}: {error}")
        return 1
    for finding in findings:
        print(f"{name}#{finding.pointer}: {finding.text}")
    if findings:
        return 1
    print(f"{name}: sound; {summary(load(path).raw)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
