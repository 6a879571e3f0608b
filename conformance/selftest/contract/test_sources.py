"""A published contract is read only from safe addresses, and with limits."""

from collections.abc import Iterator

import pytest

from conformance.contract.document import JSON, ContractError
from conformance.selftest.scripted_server import Received, Reply, listen
from scripts.contract import sources
from scripts.contract.sources import read


def publish(request: Received) -> Reply:
    """A document in JSON, a redirect to another host, or 64 bytes."""
    if request.path == "/away":
        request.more = {"location": "http://192.0.2.1/openapi.json"}
        return 302, JSON, b""
    return 200, JSON, b'{"openapi": "3.1.0"}' if request.path == "/openapi.json" else b"x" * 64


@pytest.fixture
def address() -> Iterator[str]:
    """The address of a server on this machine."""
    with listen(publish) as url:
        yield url


def test_published_documents_are_read(address: str) -> None:
    """A JSON document on this machine is read, because JSON is YAML."""
    assert {"openapi": "3.1.0"} == read(f"{address}/openapi.json").raw


@pytest.mark.parametrize(
    "unsafe", ["http://192.0.2.1/openapi.yaml", "ftp://127.0.0.1/x", "http://localhost.example.org/x"]
)
def test_unsafe_addresses_are_rejected(unsafe: str) -> None:
    """An address that is neither https nor on this machine is not read."""
    with pytest.raises(ContractError, match="only https is allowed, or http on this machine"):
        read(unsafe)


def test_redirects_to_unsafe_addresses_are_rejected(address: str) -> None:
    """A redirect to another host without https is not followed."""
    with pytest.raises(ContractError, match="only https is allowed"):
        read(f"{address}/away")


def test_large_documents_are_rejected(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document larger than the limit is rejected."""
    monkeypatch.setattr(sources, "LARGEST", 10)
    with pytest.raises(ContractError, match="larger than 10 bytes"):
        read(f"{address}/large")
