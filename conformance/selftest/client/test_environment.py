"""A wrong setting of the environment or of the constructor is named in an error of the client."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import errors as e
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.selftest.client.calls import KEY, UPDATE, Call, both, reaching
from conformance.selftest.scripted_server import ScriptedServer, refuse_connections, response

PROXIES = {
    "unknown scheme": "socks://127.0.0.1:7891/",
    "no package for it": "socks5://127.0.0.1:1080",
    "no scheme that is one": "ftp://proxy.invalid",
    "port out of range": "http://127.0.0.1:99999",
    "port that is no number": "http://127.0.0.1:http",
    "no host": "http://:3128",
    "brackets": "http://[::1",
}
ARGUMENTS: dict[str, tuple[type[Exception], dict[str, Any]]] = {
    "proxies": (TypeError, {"proxies": {}}),
    "retries": (TypeError, {"retries": 3}),
    "base_url": (TypeError, {"base_url": "http://127.0.0.1"}),
    "follow_redirects": (TypeError, {"follow_redirects": True}),
    "transport": (TypeError, {"transport": "http"}),
    "httpx_args has limits: 'int'": (TypeError, {"limits": 5}),
    "httpx_args has event_hooks: 'list'": (TypeError, {"event_hooks": [print]}),
    "Unknown scheme": (ValueError, {"proxy": "socks://127.0.0.1"}),
    "not the URL of a server": (ValueError, {"proxy": "http://127.0.0.1:99999"}),
    "httpx_args has mounts: a transport that is none": (TypeError, {"mounts": {"https://": 5}}),
    "httpx_args has event_hooks: a hook of 'request'": (TypeError, {"event_hooks": {"request": [1]}}),
    "httpx_args has event_hooks: 'sent' is no event": (TypeError, {"event_hooks": {"sent": [print]}}),
    "httpx_args has cookies: cookies are a mapping": (TypeError, {"cookies": 5}),
    "httpx_args has trust_env: trust_env is true or": (TypeError, {"trust_env": "no"}),
    "httpx_args has max_redirects: max_redirects is not": (ValueError, {"max_redirects": -1}),
    "httpx_args has default_encoding: it is the name": (TypeError, {"default_encoding": 5}),
    "httpx_args has neither http1": (ValueError, {"http1": False}),
    "httpx_args has mounts: Proxy keys": (ValueError, {"mounts": {"no pattern": None}}),
    "httpx_args: the header x-a has a value": (ValueError, {"headers": {"X-A": "a\nb"}}),
    "verify_ssl": (ValueError, {"verify": "/no/such/ca.pem"}),
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment sets neither a proxy nor certificates."""
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_PROXY".upper(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that is not trusted, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl on PATH to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", "-"]
    made = subprocess.run(command, capture_output=True, check=True)
    path.write_bytes(path.read_bytes() + made.stdout)
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[ScriptedServer]:
    """A server on loopback with that certificate, which answers 404."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ScriptedServer(response(404, b'{"message": "No", "code": "NOT_FOUND"}'), tls=context) as found:
        yield found


@pytest.mark.parametrize("which", PROXIES)
@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "http_proxy"])
def test_wrong_proxy_of_the_environment_is_named(
    variable: str, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that names no proxy ends in the constructor, which names the variable."""
    monkeypatch.setenv(variable, PROXIES[which])
    with pytest.raises(ValueError, match=f"^{variable} names no proxy that can be used: "):
        AuthenticatedClient(token=KEY)


def test_password_of_a_proxy_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable and not what it holds in secret."""
    for url in (
        "socks://user:pass-word@127.0.0.1",
        "http://user:pass-word@127.0.0.1:99999",
        "http://u:pass-word",
    ):
        monkeypatch.setenv("HTTPS_PROXY", url)
        with pytest.raises(ValueError, match="HTTPS_PROXY") as raised:
            AuthenticatedClient(token=KEY)
        assert "pass-word" not in str(raised.value)


@pytest.mark.parametrize(
    "settings",
    [{"httpx_args": {"trust_env": False}}, {"httpx_args": {"proxy": "http://127.0.0.1:9"}}],
    ids=["trust_env", "proxy"],
)
def test_environment_that_is_not_heeded_is_not_checked(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where httpx2 does not read a variable, its value does not matter."""
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1")
    AuthenticatedClient(token=KEY, **settings).get_httpx_client()


def test_hosts_without_a_proxy_switch_all_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """`NO_PROXY=*` means that no proxy is used, right or wrong."""
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1")
    monkeypatch.setenv("NO_PROXY", "localhost, *")
    AuthenticatedClient(token=KEY).get_httpx_client()


@both
def test_proxy_that_does_not_respond_is_named(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of a failed connection says which variable set a proxy."""
    with refuse_connections() as url:
        monkeypatch.setenv("HTTP_PROXY", url)
        client = AuthenticatedClient("http://carecycle.test", KEY, verify_ssl=False)
        with pytest.raises(e.APIConnectionError, match=r"\(a proxy is set by HTTP_PROXY\)"):
            call(client=client, body=UPDATE, max_retries=0)


@pytest.mark.parametrize("setting", ["verify_ssl", "SSL_CERT_FILE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("which", ["missing", "empty file", "empty directory", "no certificate"])
def test_wrong_path_of_certificates_is_named(
    setting: str, which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The constructor names the argument or the variable, and the path."""
    path = tmp_path / "here"
    if which == "empty directory":
        path.mkdir()
    elif which != "missing":
        path.write_text("" if which == "empty file" else "junk", encoding="ascii")
    settings: dict[str, Any] = {"verify_ssl": str(path)} if setting == "verify_ssl" else {}
    if not settings:
        monkeypatch.setenv(setting, str(path))
    with pytest.raises(ValueError, match=setting) as raised:
        AuthenticatedClient(token=KEY, **settings)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("value", [None, 1, b"/ca.pem", "a\0b"])
def test_trust_of_another_type_is_refused(value: Any) -> None:  # noqa: ANN401 - what a caller gives by mistake
    """What is neither a truth value, a path nor a context is named in the constructor."""
    with pytest.raises((TypeError, ValueError), match="verify_ssl"):
        AuthenticatedClient(token=KEY, verify_ssl=value)


@both
@pytest.mark.parametrize("where", ["verify_ssl", "verify_ssl as a Path", "httpx_args", "SSL_CERT_FILE"])
def test_certificate_that_is_named_is_trusted(
    call: Call, where: str, certificate: Path, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of certificates works, whichever way it is given."""
    given: dict[str, dict[str, Any]] = {
        "verify_ssl": {"verify_ssl": str(certificate)},
        "verify_ssl as a Path": {"verify_ssl": certificate},
        "httpx_args": {"httpx_args": {"verify": str(certificate)}},
    }
    if where == "SSL_CERT_FILE":
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = AuthenticatedClient(server.url, KEY, **given.get(where, {}))
    with pytest.raises(e.NotFoundError):
        call(client=client, body=UPDATE)
    client.close()


def test_directory_of_certificates_is_trusted(
    certificate: Path, server: ScriptedServer, tmp_path: Path
) -> None:
    """A directory with certificates by their hash works as well."""
    command = ["openssl", "x509", "-noout", "-hash", "-in", str(certificate)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    shutil.copy(certificate, tmp_path / f"{found}.0")
    with (
        AuthenticatedClient(server.url, KEY, verify_ssl=str(tmp_path)) as client,
        pytest.raises(e.NotFoundError),
    ):
        endpoint.sync(client=client, body=UPDATE)


@both
def test_untrusted_certificate_is_tried_once(call: Call, server: ScriptedServer) -> None:
    """Another attempt would get the same certificate, so there is none; the error says what to set."""
    words = r"CERTIFICATE_VERIFY_FAILED.* \(verify_ssl says whom to trust\)"
    with pytest.raises(e.APIConnectionError, match=words) as raised:
        call(client=AuthenticatedClient(server.url, KEY), body=UPDATE, max_retries=2)
    assert (1, 1) == (raised.value.attempts, server.connections)


@pytest.mark.parametrize("words", ARGUMENTS)
def test_wrong_argument_of_the_http_library_is_refused(words: str) -> None:
    """`httpx_args` are checked when they are given, not at the first call."""
    kind, arguments = ARGUMENTS[words]
    with pytest.raises(kind, match=words):
        AuthenticatedClient(token=KEY, httpx_args=arguments)
    with pytest.raises(TypeError, match="httpx_args is a mapping"):
        AuthenticatedClient(token=KEY, httpx_args=[arguments])  # type: ignore[arg-type]  # what is tested


def test_arguments_of_the_http_library_are_used() -> None:
    """A hook that is given this way sees the request."""
    seen: list[httpx2.Request] = []
    arguments = {"event_hooks": {"request": [seen.append]}, "limits": httpx2.Limits(max_connections=1)}
    refused = pytest.raises(e.NotFoundError)
    with (
        ScriptedServer(response(404, b"{}")) as server,
        reaching(server, httpx_args=arguments) as client,
        refused,
    ):
        endpoint.sync(client=client, body=UPDATE)
    assert 1 == len(seen)
