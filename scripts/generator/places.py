"""Where in the contract something is."""

from collections.abc import Iterator
from contextlib import contextmanager

from conformance.contract.document import Contract, Node


class UnsupportedError(Exception):
    """The client cannot express a part of the contract. `pointer` says which part."""

    pointer = ""


@contextmanager
def at(pointer: str) -> Iterator[None]:
    """Name the place of what turns out to be unsupported."""
    try:
        yield
    except UnsupportedError as error:
        error.pointer = error.pointer or pointer
        raise


def followed(contract: Contract, pointer: str, node: Node) -> tuple[str, Node]:
    """The place and the node that a node stands for: its own, or those that its `$ref` leads to."""
    return (
        (str(node["$ref"]).removeprefix("#"), contract.resolve(node)) if "$ref" in node else (pointer, node)
    )
