"""Strategies for JSON bodies from the schemas of the contract: valid bodies, and almost valid bodies."""

from typing import Any

from hypothesis import strategies as st

from conformance.contract.document import Contract, Node

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def allowed(contract: Contract, schema: Node) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one for each type
    """The values that a schema allows."""
    schema = contract.resolve(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "number":
            least = schema.get("minimum")
            return st.integers(least) | st.floats(least, allow_nan=False, allow_infinity=False)
        case "array":
            return st.lists(allowed(contract, schema["items"]), max_size=4)
        case "object":
            return _objects(contract, schema)
        case "string" if "pattern" in schema:
            return st.from_regex(schema["pattern"].removesuffix("$") + r"\Z")
        case "string" if schema.get("format") == "uuid":
            return st.uuids().map(str) | st.uuids().map(lambda found: str(found).upper())
        case "string":
            return st.text()
        case other:
            raise ValueError(f"a schema of the contract has the type {other!r}: add a strategy for it here")


def close(contract: Contract, schema: Node) -> st.SearchStrategy[Any]:
    """Values that a schema allows, values that differ from one in a single place, and arbitrary values."""
    return st.one_of(allowed(contract, schema), _broken(contract, schema), JSON_VALUES)


def _objects(contract: Contract, schema: Node) -> st.SearchStrategy[dict[str, Any]]:
    known = {name: allowed(contract, node) for name, node in schema.get("properties", {}).items()}
    required = {name: known[name] for name in schema.get("required", [])}
    optional = {name: values for name, values in known.items() if name not in required}
    others = st.dictionaries(st.text().filter(lambda name: name not in known), JSON_VALUES, max_size=2)
    return st.builds(
        lambda body, more: {**more, **body}, st.fixed_dictionaries(required, optional=optional), others
    )


@st.composite
def _broken(draw: st.DrawFn, contract: Contract, schema: Node) -> Any:  # noqa: ANN401 - a JSON value
    body = draw(allowed(contract, schema))
    name = draw(st.sampled_from(sorted(contract.resolve(schema)["properties"])))
    if draw(st.booleans()):
        body.pop(name, None)
    else:
        body[name] = draw(JSON_VALUES)
    return body
