"""A published contract is read from addresses that are safe, with limits."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from conformance.contract.document import ContractError
from scripts.contract import sources
from scripts.contract.sources import read


class Handler(BaseHTTPRequestHandler):
    """Publishes a document in JSON, and redirects to another host."""

    def do_GET(self) -> None:
        """Send one of three responses."""
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("location", "http://192.0.2.1/openapi.json")
        self.end_headers()
        self.wfile.write(b'{"openapi": "3.1.0"}' if self.path == "/openapi.json" else b"x" * 64)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """The address of a server on this machine."""
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_published_documents_are_read(address: str) -> None:
    """A document on this machine is read; JSON is YAML too."""
    assert {"openapi": "3.1.0"} == read(f"{address}/openapi.json").raw


@pytest.mark.parametrize(
    "unsafe", ["http://192.0.2.1/openapi.yaml", "ftp://127.0.0.1/x", "http://localhost.example.org/x"]
)
def test_unsafe_addresses_are_refused(unsafe: str) -> None:
    """An address that is neither https nor on this machine is not read."""
    with pytest.raises(ContractError, match="only https is read, or http from this machine"):
        read(unsafe)


def test_redirects_to_unsafe_addresses_are_refused(address: str) -> None:
    """A redirect to another host without https is not followed."""
    with pytest.raises(ContractError, match="only https is read"):
        read(f"{address}/away")


def test_large_documents_are_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document over the limit is not read to its end."""
    monkeypatch.setattr(sources, "LARGEST", 10)
    with pytest.raises(ContractError, match="larger than 10 bytes"):
        read(f"{address}/large")
