"""A target is read from options and the environment, or rejected with an error that says what to do."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.document import Contract, load
from conformance.requests.access import Enrollment
from conformance.transport.target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target
from conformance.transport.target_options import TargetError, TargetOptions, read_enrollments, read_target

CONTRACT = load()
KEYS = {KEY_VARIABLE: "cc_full_key", RESTRICTED_KEY_VARIABLE: "cc_restricted_key"}
A, B = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "0B8F7D2A-91C4-4E63-8A5D-7C6E5F4D3B2A"


def read(url: str, environment: Mapping[str, str] = KEYS, **options: Any) -> Target:  # noqa: ANN401 - options
    """The target of an address, with no other options than those given."""
    return read_target(TargetOptions(url=url, **options), environment, CONTRACT)


def test_target_holds_what_was_given() -> None:
    """A target has the address without a last slash, both keys and the enrollments."""
    target = read("https://sandbox.example.com/", enrollments=[f"{A}:{B}"], honours_prefer=True)
    assert target == Target(
        url="https://sandbox.example.com",
        key="cc_full_key",
        restricted_key="cc_restricted_key",
        enrollments=(Enrollment(A, B),),
        honours_prefer=True,
    )
    assert target.enrollments[0].pair == (A, B.lower())
    assert not target.is_loopback


def test_target_needs_no_restricted_key() -> None:
    """Without a restricted key, or with an empty one, there is none."""
    for restricted in ({}, {RESTRICTED_KEY_VARIABLE: ""}):
        assert read("http://localhost:1", {KEY_VARIABLE: "cc_x", **restricted}).restricted_key is None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8765",
        "http://localhost",
        "http://[::1]:80",
        "http://127.9.9.9",
        "http://api.localhost:1",
    ],
)
def test_target_on_this_machine_needs_no_tls(url: str) -> None:
    """Plain HTTP is for loopback addresses."""
    assert read(url).is_loopback


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "write an address"),
        ("sandbox.example.com", "write an address"),
        ("ftp://sandbox.example.com", "write an address"),
        ("https://", "write an address"),
        ("http://[", "write an address"),
        ("https://example.com:port", "write an address"),
        ("https://example.com:0", "write an address"),
        ("https://user@example.com", "bare address"),
        ("https://example.com/?", "bare address"),
        ("https://:secret@example.com", "bare address"),
        ("https://example.com/?a=b", "bare address"),
        ("https://example.com/#a", "bare address"),
        ("http://sandbox.example.com", "clear text; use https"),
        ("https://api.carecycle.ai", "--allow-production"),
        ("https://API.carecycle.ai:443/", "--allow-production"),
        ("https://api.carecycle.ai.", "--allow-production"),
        ("https://api.carecycle.ai.:8443/v2", "--allow-production"),
        ("https://\uff41pi.carecycle.ai", "--allow-production"),
        ("https://api\u3002carecycle\uff0eai", "--allow-production"),
        ("https://api.care\u00adcycle.ai", "write an address"),
        ("http://api.carecycle.ai", "--allow-production"),
        ("https://a..b", "write an address"),
        ("https://0x7f.1", "write an address"),
        ("http://10.0.0.1", "--plain-http"),
        ("http://api:8080", "--plain-http"),
    ],
)
def test_target_that_cannot_be_tested_is_refused(url: str, words: str) -> None:
    """An address that is none, or that must not be tested, is rejected with an error that says what to do."""
    with pytest.raises(TargetError, match=words):
        read(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api:8080",
        "http://host.docker.internal",
        "http://10.0.0.1",
        "http://my_api.svc:80",
        "http://100.64.0.1",
    ],
)
def test_target_in_a_private_network_can_be_plain_http(url: str) -> None:
    """With --plain-http the key may travel in clear text, and to no public host."""
    assert read(url, plain_http=True).url == url
    for public in ("http://sandbox.example.com", "http://api.default"):
        with pytest.raises(
            TargetError, match=r"use https .*a name without a dot, and one that ends in \.svc"
        ):
            read(public, plain_http=True)


def test_target_has_the_normalised_spelling_of_its_host() -> None:
    """Requests go to the name that was compared with the production hosts."""
    assert read("https://B\u00fccher.Example.:8443/a/").url == "https://xn--bcher-kva.example:8443/a"


def with_server(url: str) -> Contract:
    """The contract with this URL among its servers."""
    return Contract({**CONTRACT.raw, "servers": [*CONTRACT.raw["servers"], {"url": url}]})


@pytest.mark.parametrize("url", ["/", "", "v2", "https://api.example.com/{version}"])
def test_server_that_is_relative_is_no_production(url: str) -> None:
    """A relative URL of the contract names no host, and the other servers still count."""
    options = TargetOptions(url="https://sandbox.example.com")
    assert read_target(options, KEYS, with_server(url)).url == options.url
    with pytest.raises(TargetError, match="this is production"):
        read_target(TargetOptions(url="https://api.carecycle.ai"), KEYS, with_server(url))


@pytest.mark.parametrize(
    "url", ["https://{region}.example.com", "{scheme}://api.example.com", "{base}/v2", "https://a b/"]
)
def test_server_without_a_host_in_full_is_an_error_that_says_so(url: str) -> None:
    """A server of the contract that names no host is a usage error."""
    with pytest.raises(TargetError, match="does not say what host production is"):
        read_target(TargetOptions(url="https://sandbox.example.com"), KEYS, with_server(url))


def test_target_in_production_takes_a_permission() -> None:
    """With --allow-production the production host can be tested."""
    assert read("https://api.carecycle.ai", allow_production=True).url == "https://api.carecycle.ai"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "no API key: set the environment variable CARECYCLE_API_KEY"),
        (" cc_x", "white space"),
        ("cc_x\n", "white space"),
        ("cc_\x7f", "no header can carry"),
        ("cc_schlüssel", "no header can carry"),
    ],
)
def test_target_key_that_cannot_be_sent_is_refused(key: str, words: str) -> None:
    """A key that is missing, or that no header can carry, is rejected and not shown."""
    with pytest.raises(TargetError, match=words) as caught:
        read("http://localhost", {KEY_VARIABLE: key})
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (A, "write both ids"),
        (f"{A}:", "campaign id ''"),
        (f"x:{B}", "customer id 'x'"),
        (f"{A}:{B}:{A}", "campaign id"),
        (f"{A}\n:{B}", "customer id"),
    ],
)
def test_target_enrollment_that_is_none_is_refused(value: str, words: str) -> None:
    """An enrollment is two ids that the contract allows, with a colon between."""
    with pytest.raises(TargetError, match=words):
        read_enrollments([f"{A}:{B}", value], CONTRACT)


@pytest.fixture
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_target_is_reached_through_the_proxy_of_the_environment(
    without_proxies: pytest.MonkeyPatch,
) -> None:
    """The variables are those that other programs read as well. This machine is reached directly."""
    assert read("https://api.test").proxy is None
    without_proxies.setenv("ALL_PROXY", "me:pass@other.test:2")
    assert read("https://api.test").proxy == "http://me:pass@other.test:2"
    without_proxies.setenv("HTTPS_PROXY", "https://one.test:1")
    without_proxies.setenv("NO_PROXY", "here.test,2001:db8::1,there.test:8443")
    assert read("https://api.test").proxy == "https://one.test:1"
    for url in (
        "https://here.test",
        "https://here.test:1",
        "https://there.test:8443",
        "https://[2001:db8::1]:9",
        "http://127.0.0.1:8765",
    ):
        assert read(url).proxy is None
    target = read("https://there.test")
    assert "one.test" not in repr(target)
    without_proxies.setenv("HTTPS_PROXY", "http://me:s%C3%A9cr%20et@one.test:1")
    assert read("https://there.test").mask("s%C3%A9cr%20et, s\u00e9cr et") == "[masked], [masked]"


@pytest.mark.parametrize(
    "url",
    [
        "socks5://me:pass@one.test:1",
        "http://one.test:port",
        "http://",
        "http://[::1",
        "://one.test",
        "http://ö.test",
    ],
)
def test_target_refuses_a_proxy_that_cannot_be_used(without_proxies: pytest.MonkeyPatch, url: str) -> None:
    """What is no HTTP proxy is an error of usage that names the variable, and not its value."""
    without_proxies.setenv("ALL_PROXY", url)
    with pytest.raises(TargetError, match=r"^ALL_PROXY names no proxy .* or add api\.test to NO_PROXY$"):
        read("https://api.test")
    assert read("http://localhost:1").proxy is None


def test_target_headers_come_from_the_environment() -> None:
    """The value of a header is in the variable of its name, and is masked like a key."""
    environment = KEYS | {
        "CARECYCLE_HEADER_AUTHORIZATION": "Basic bWU6czNjcmV0",
        "CARECYCLE_HEADER_X_GATE": "abc",
    }
    target = read("http://localhost:1", environment, headers=["Authorization", "x-gate", "X-Gate"])
    assert target.headers == (("Authorization", "Basic bWU6czNjcmV0"), ("X-Gate", "abc"))
    assert target.mask("Basic bWU6czNjcmV0, bWU6czNjcmV0") == "[masked], [masked]"
    assert "bWU6" not in repr(target)


def headed(value: str, url: str = "https://sandbox.example.com") -> Target:
    """A target with a header of this value."""
    return Target(url=url, key="cc_full_key", headers=(("X-Gate", value),))


@pytest.mark.parametrize("value", ["1", "abc", "https", "Bearer", "true", "api-key"])
def test_target_header_that_is_too_short_for_a_secret_is_not_masked(value: str) -> None:
    """Seven characters or less stand in ordinary text by chance."""
    assert headed(value).mask(f"401 {value} https://host") == f"401 {value} https://host"


@pytest.mark.parametrize(
    "value",
    ["https://sandbox.example.com", "sandbox.example.com", "https://app.example.org", "application/json"],
)
def test_target_header_that_is_no_secret_leaves_the_reports_as_they_are(value: str) -> None:
    """What every report has, such as the address of the target, is not masked."""
    text = "POST https://sandbox.example.com/v2 application/json"
    assert headed(value).mask(text) == text


def test_target_header_is_masked_beside_what_is_public() -> None:
    """A value that has more than the address of the target is masked where it is not that."""
    assert headed("https://app.gate-4711.test").mask("at https://app.gate-4711.test") == "at h[masked]"


def test_target_header_with_a_password_is_masked_when_it_is_decoded() -> None:
    """A gateway can repeat the user and the password of `Basic`, or the password alone."""
    value = "Basic " + base64.b64encode(b"me:correct horse").decode()
    for written in (
        value,
        value[6:],
        "me:correct horse",
        "correct horse",
        "correct%20horse",
        "correct",
    ):
        masked = headed(value).mask(f"no {written}.")
        assert (masked == "no [masked].") is (written != "correct")
    short = headed("Basic " + base64.b64encode(b"me:s3cret").decode())
    assert short.mask("me:s3cret, s3cret") == "[masked], s3cret"
    assert headed("Basic abcdefghi").mask("abcdefghi, which is no base64") == "[masked], which is no base64"


@pytest.mark.parametrize(
    "url",
    [
        "https://bob:hunter2secret@exa..mple.com",
        "https://bob:hunter2secret@example.com:99999",
        "https://bob:hunter2secret@example.com",
        "https://bob:hunter2/secret@example.com",
        "https:/bob:hunter2secret@example.com",
        "bob:hunter2secret@example.com",
        "https://example.com:port/?token=hunter2secret",
    ],
)
def test_target_with_a_password_is_refused_without_showing_it(url: str) -> None:
    """The error names the option and says what to write."""
    with pytest.raises(TargetError, match=r"^--target: .*write ") as caught:
        read(url)
    assert not [word for word in ("hunter2", "secret", "bob") if word in str(caught.value)]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Authorization: Bearer tok-secret-123", "--header Authorization: write"),
        ("Authorization:Bearer tok-secret-123", "--header Authorization: write"),
        ("X-Gate = tok-secret-123", "--header X-Gate: write"),
        ("Bearer tok-secret-123", "--header: write"),
        ("tok-secret-123 ", "--header: write"),
        ("tok-secret-123\n", "--header: write"),
        (f"{'tok-secret-123' * 9}: x", "--header: write"),
        ("", "--header: write"),
    ],
)
def test_target_header_with_its_value_is_refused_without_showing_it(given: str, shown: str) -> None:
    """The error has no more than the name, and says where the value belongs."""
    with pytest.raises(TargetError, match="comes from the environment variable CARECYCLE_HEADER_") as caught:
        read("http://localhost:1", headers=[given])
    assert str(caught.value).startswith(shown)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Authorization: Basic abc", "write the name only"),
        ("", "write the name only"),
        ("x-api-key", "sets this header itself"),
        ("Content-Length", "sets this header itself"),
        ("X-Gate", "set the environment variable CARECYCLE_HEADER_X_GATE"),
        ("X-Odd", "CARECYCLE_HEADER_X_ODD holds white space or characters"),
    ],
)
def test_target_header_that_cannot_be_sent_is_refused(name: str, words: str) -> None:
    """A header with its value on the command line, of the suite itself, or without a value is rejected."""
    with pytest.raises(TargetError, match=words):
        read("http://localhost:1", KEYS | {"CARECYCLE_HEADER_X_ODD": "a\nb"}, headers=[name])


def test_target_certificates_are_read_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is missing or holds no certificate is named with its option or variable."""
    missing, empty = str(tmp_path / "missing.pem"), tmp_path / "empty.pem"
    empty.write_text("nothing", encoding="utf-8")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for bundle in (missing, str(empty)):
        with pytest.raises(TargetError, match=r"certificates cannot be used \(--ca-bundle "):
            read("https://api.test", ca_bundle=bundle)
    with pytest.raises(TargetError, match="--client-certificate"):
        read("https://api.test", client_certificate=str(empty))
    with pytest.raises(TargetError, match="give the certificate as well"):
        read("https://api.test", client_key=str(empty))
    assert read("http://localhost:1", ca_bundle=missing).tls.ca_bundle == missing
    monkeypatch.setenv("SSL_CERT_FILE", missing)
    with pytest.raises(TargetError, match="SSL_CERT_FILE"):
        read("https://api.test", {**KEYS, "SSL_CERT_FILE": missing})
