"""The rules of this repository for a contract, beyond OpenAPI: rules, keywords, operations."""

import keyword
import re
from collections.abc import Iterator, Mapping

from conformance.contract.document import JSON, METHODS, Node, walk
from scripts.contract.findings import Finding, child, lookup

RULE_ID = re.compile(r"[A-Z]+-\d{2}")
SENTENCE = re.compile(r"[A-Z][^\n]*[^.!?\s]\.")
SENTENCE_BREAK = re.compile(r"[.!?]\s")
KEYWORD = re.compile(r"\b(?:(?:MUST|SHALL|SHOULD)(?: NOT)?|(?:NOT )?(?:REQUIRED|RECOMMENDED)|MAY|OPTIONAL)\b")
LEVELS = {"documented": "MUST", "read": "MUST", "inferred": "SHOULD"}
OPERATION_ID = re.compile(r"[a-z][A-Za-z0-9]*")
CAPITAL = re.compile(r"(?=[A-Z])")
STATUS = re.compile(r"[1-5]\d\d")


def check_rules(raw: Node) -> Iterator[Finding]:
    """Every rule has a unique id and one sentence, with a keyword that its `known` allows."""
    places: dict[str, str] = {}
    for parent, node in walk(raw):
        if "x-rules" not in node:
            continue
        rules = node["x-rules"]
        if not isinstance(rules, dict):
            yield Finding(child(parent, "x-rules"), "is not a mapping; write the rules below their ids")
            continue
        for id_, rule in rules.items():
            pointer = child(parent, "x-rules", id_)
            if not RULE_ID.fullmatch(id_):
                yield Finding(
                    pointer, "is not the id of a rule; write an area and two digits, such as STATUS-02"
                )
            if id_ in places:
                yield Finding(pointer, f"has the id of {places[id_]}; take the next free number")
            places.setdefault(id_, pointer)
            yield from _check_rule(pointer, rule)


def _check_rule(pointer: str, rule: object) -> Iterator[Finding]:
    keys = set(rule) if isinstance(rule, dict) else set()
    if not isinstance(rule, dict) or not {"known", "text"} <= keys <= {"known", "text", "why", "untested"}:
        yield Finding(pointer, "is not a rule; give it `known` and `text`, and at most `why` and `untested`")
        return
    if not all(isinstance(value, str) and "\n" not in value for value in rule.values()):
        yield Finding(pointer, "has a value that is not a line of text; write one line each")
        return
    text, known = rule["text"], rule["known"]
    if not SENTENCE.fullmatch(text) or SENTENCE_BREAK.search(text):
        yield Finding(child(pointer, "text"), "is not one sentence; write one, from a capital to a full stop")
    found = KEYWORD.findall(text)
    if len(found) != 1 or not found[0].startswith(("MUST", "SHOULD")):
        listed = ", ".join(found) or "none"
        yield Finding(
            child(pointer, "text"),
            f"has the keywords: {listed}; use exactly one of MUST, MUST NOT, SHOULD and SHOULD NOT",
        )
    elif known in LEVELS and not found[0].startswith(LEVELS[known]):
        yield Finding(
            child(pointer, "text"),
            f"says {found[0]}, but the fact is {known}; use {LEVELS[known]}, or correct `known`",
        )
    if known not in LEVELS:
        yield Finding(child(pointer, "known"), f"is {known!r}; write one of {', '.join(LEVELS)}")


def check_keywords(node: object, pointer: str = "") -> Iterator[Finding]:
    """No RFC 2119 keyword stands outside a rule, because only a rule has an id and a verdict."""
    if isinstance(node, str):
        for found in KEYWORD.findall(node):
            yield Finding(
                pointer, f"says {found} outside a rule; make it a rule with an id, or use lower case"
            )
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from check_keywords(value, child(pointer, index))
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key != "x-rules":
                yield from check_keywords(key, child(pointer, key))
                yield from check_keywords(value, child(pointer, key))


def check_waits(raw: Node) -> Iterator[Finding]:
    """A time to wait is a number of seconds, and no body has two times to wait."""
    for pointer, node in walk(raw):
        marked = []
        for name in node["properties"] if isinstance(node.get("properties"), dict) else ():
            place = child(pointer, "properties", name)
            found = lookup(raw, place)
            if not isinstance(found, dict) or "x-retry-after" not in found:
                continue
            marked.append(name)
            if found["x-retry-after"] != "seconds":
                yield Finding(child(place, "x-retry-after"), "is not `seconds`; write that, or remove it")
            if found.get("type") not in ("number", "integer"):
                yield Finding(place, "is a time to wait but not a number; give it the type number")
        if len(marked) > 1:
            yield Finding(
                child(pointer, "properties"), f"has several times to wait: {marked}; mark one of them"
            )


def check_operations(raw: Node) -> Iterator[Finding]:
    """Every operation has what the client, the mock and the suite need."""
    declared = {tag["name"] for tag in raw.get("tags", [])}
    for path, item in raw.get("paths", {}).items():
        if "$ref" in item:
            yield Finding(child("/paths", path), "is behind a $ref, which is not read; write it in place")
        for method in METHODS:
            if method in item:
                yield from _check_operation(raw, child("/paths", path, method), item[method], declared)


def _check_operation(raw: Node, pointer: str, operation: Node, declared: set[str]) -> Iterator[Finding]:
    id_ = operation.get("operationId", "")
    if not OPERATION_ID.fullmatch(id_) or keyword.iskeyword(CAPITAL.sub("_", id_).lower()):
        yield Finding(
            child(pointer, "operationId"),
            f"{id_!r} is no good name for a Python module; write a verb and a noun in camelCase",
        )
    if not operation.get("tags"):
        yield Finding(child(pointer, "tags"), "is missing; name the tag that the operation belongs to")
    for index, tag in enumerate(operation.get("tags", [])):
        if tag not in declared:
            yield Finding(child(pointer, "tags", index), f"{tag!r} is not declared; describe it in #/tags")
    if "requestBody" in operation:
        yield from _check_body(raw, child(pointer, "requestBody"))
    responses = operation.get("responses", {})
    if not any(status.startswith("2") for status in responses):
        yield Finding(child(pointer, "responses"), "has no success; document the 2xx response")
    for status in responses:
        place = child(pointer, "responses", status)
        if not STATUS.fullmatch(status):
            yield Finding(place, f"{status!r} is not a status code; document each status code by itself")
        if "content" in lookup(raw, place):
            yield from _check_body(raw, place)
        yield from _check_error_code(raw, place)


def _check_body(raw: Node, pointer: str) -> Iterator[Finding]:
    content = lookup(raw, child(pointer, "content"))
    if JSON not in content:
        yield Finding(child(pointer, "content"), f"has no {JSON}; document the body as JSON")
    for name, media in content.items():
        place = child(pointer, "content", name)
        if "schema" not in media:
            yield Finding(place, "has no schema; add the schema of the body")
        if "example" not in media and not media.get("examples"):
            yield Finding(place, "has no example; add one below `examples`")
        for example in media.get("examples", {}):
            if "value" not in media["examples"][example]:
                yield Finding(child(place, "examples", example), "has no `value`; write the body in place")


def _check_error_code(raw: Node, pointer: str) -> Iterator[Finding]:
    response = lookup(raw, pointer)
    if "x-error-code" not in response:
        return
    media = response.get("content", {}).get(JSON, {})
    typical = media.get("examples", {}).get("typical", {}).get("value")
    code = typical.get("code") if isinstance(typical, dict) else None
    if code != response["x-error-code"]:
        yield Finding(
            child(pointer, "x-error-code"),
            f"is {response['x-error-code']}, but the example `typical` has {code}; make them agree",
        )
