"""Whole runs against a server with TLS: a private authority, a client certificate, a header."""

import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conformance.mock.server import Settings, serve
from conformance.selftest.certificates import make_certificates
from conformance.selftest.runs import KEYS, run
from conformance.selftest.scripted_server import Received, Reply, ScriptedServer, forward

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
TOKEN = "gateway-Canary-7Qz9Lm2X"  # noqa: S105 - made up


@dataclass
class Gateway:
    """A server that requires a client certificate of its own authority."""

    url: str
    directory: Path
    tokens: set[str | None] = field(default_factory=set)
    """The values of the header that it got."""

    def path(self, name: str) -> str:
        """The path of a file with a certificate or a key."""
        return str(self.directory / name)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway in front of a mock."""
    directory = tmp_path_factory.mktemp("certificates")
    make_certificates(directory)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(directory / "ca.pem"))
    context.load_cert_chain(directory / "server.pem", directory / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    found = Gateway("", directory)
    with serve(Settings(rate=None)) as mock:

        def respond(request: Received) -> Reply:
            found.tokens.add(request.headers.get("x-gateway-token"))
            return forward(request, mock.url)

        with ScriptedServer(respond=respond, tls=context) as server:
            found.url = server.url
            yield found


@pytest.mark.parametrize("host", ["127.0.0.1", "api.localhost"])
def test_run_shows_a_client_certificate_and_sends_a_header(
    gateway: Gateway, tmp_path: Path, host: str
) -> None:
    """With the authority, the certificate and the header, the server conforms, and the header is masked."""
    words = ["--ca-bundle", gateway.path("ca.pem"), "--client-certificate", gateway.path("client.pem")]
    words += ["--client-key", gateway.path("client.key"), "--header", "X-Gateway-Token", "--profile=quick"]
    environment = {**KEYS, "CARECYCLE_HEADER_X_GATEWAY_TOKEN": TOKEN}
    gateway.tokens.clear()
    found = run(tmp_path, "--target", gateway.url.replace("127.0.0.1", host), *words, environment=environment)
    assert found.status == 0, found.text
    assert {TOKEN} == gateway.tokens
    written = "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())
    assert TOKEN.lower() not in (found.text + written).lower()


@pytest.mark.parametrize(
    ("files", "reason"),
    [((), "certificate verify failed"), (("--ca-bundle", "ca.pem"), "certificate required")],
    ids=["no authority", "no client certificate"],
)
def test_run_without_a_certificate_says_why_there_is_no_response(
    gateway: Gateway, tmp_path: Path, files: tuple[str, ...], reason: str
) -> None:
    """A missing authority or client certificate is the reason why the run is inconclusive."""
    words = [gateway.path(word) if word.endswith(".pem") else word for word in files]
    found = run(tmp_path, "--target", gateway.url, "--profile=quick", *words)
    assert found.status == 6, found.text
    assert 1 == found.flat.count(reason), found.text
    assert "INCONCLUSIVE: stopped early: no response to 3 requests in a row: " in found.flat
