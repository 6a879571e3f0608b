"""What may be tested, and with which keys."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from conformance.contract.document import load
from conformance.requests.access import Enrollment
from conformance.transport.target import (
    KEY_VARIABLE,
    RESTRICTED_KEY_VARIABLE,
    Target,
    TargetError,
    is_loopback,
    read_enrollments,
    read_target,
)

CONTRACT = load()
KEYS = {KEY_VARIABLE: "cc_full_key", RESTRICTED_KEY_VARIABLE: "cc_restricted_key"}
A, B = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f", "0B8F7D2A-91C4-4E63-8A5D-7C6E5F4D3B2A"


def read(url: str, environment: Mapping[str, str] = KEYS, **options: Any) -> Target:  # noqa: ANN401 - options
    """The target of an address, with no other options but those given."""
    usual: dict[str, Any] = {
        "enrollments": (),
        "honours_prefer": False,
        "exercise_limit": False,
        "allow_production": False,
    }
    return read_target(url, environment=environment, contract=CONTRACT, **usual | options)


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
    "url", ["http://127.0.0.1:8765", "http://localhost", "http://[::1]:80", "http://127.9.9.9"]
)
def test_target_on_this_machine_needs_no_tls(url: str) -> None:
    """Plain HTTP is for loopback addresses."""
    assert read(url).is_loopback


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "203.0.113.9"]
)
def test_target_elsewhere_is_not_loopback(host: str) -> None:
    """A name that only looks like this machine is another."""
    assert not is_loopback(host)


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
        ("https://:secret@example.com", "bare address"),
        ("https://example.com/?a=b", "bare address"),
        ("https://example.com/#a", "bare address"),
        ("http://sandbox.example.com", "clear text; use https"),
        ("https://api.carecycle.ai", "--allow-production"),
        ("https://API.carecycle.ai:443/", "--allow-production"),
    ],
)
def test_target_that_cannot_be_tested_is_refused(url: str, words: str) -> None:
    """An address that is none, or that must not be tested, is refused in words that help."""
    with pytest.raises(TargetError, match=words):
        read(url)


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
    """A key that is missing, or that no header can carry, is refused and not shown."""
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


UNUSUAL = Target(url="", key="cc_Unusual+'\"\\/Key", restricted_key="cc_other-Key%7E")


@pytest.mark.parametrize("key", [UNUSUAL.key, UNUSUAL.restricted_key or ""], ids=["full", "restricted"])
@pytest.mark.parametrize("piece", [slice(None), slice(-1), slice(1, None), slice(3, None)], ids=str)
@pytest.mark.parametrize(
    "write",
    [
        str,
        str.upper,
        str.swapcase,
        json.dumps,
        repr,
        lambda key: quote(key, safe=""),
    ],
)
def test_target_masks_its_keys_in_every_form(key: str, piece: slice, write: Any) -> None:  # noqa: ANN401 - a function
    """A key is masked when it is cut short, escaped, quoted or in another case."""
    written = write(key[piece])
    core = str(write(key[5:-2])).strip("'\"")
    masked = UNUSUAL.mask(f"before {written} after")
    assert core in written
    assert core not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


def test_target_masks_nothing_else() -> None:
    """A text without a key stays as it is, even where a key is very short or missing."""
    assert UNUSUAL.mask("cc_ key") == "cc_ key"
    assert Target(url="", key="").mask("anything") == "anything"
    assert UNUSUAL.mask(f"{UNUSUAL.key}0,{UNUSUAL.key}") == "[masked]0,[masked]"
    assert Target(url="", key="cc_ab").mask("ab cc_ab cc_a") == "ab [masked] cc_a"


def test_target_shows_no_key_in_its_repr() -> None:
    """What a debugger or a traceback prints of a target has no key in it."""
    assert UNUSUAL.key not in repr(UNUSUAL)
    assert "other-Key" not in repr(UNUSUAL)


@pytest.fixture
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that names no proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_target_is_asked_by_the_proxy_of_the_environment(without_proxies: pytest.MonkeyPatch) -> None:
    """The variables are those that other programs read as well; this machine is asked directly."""
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
    assert "one.test" not in repr(read("https://there.test"))


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
def test_target_refuses_a_proxy_that_cannot_be_asked(without_proxies: pytest.MonkeyPatch, url: str) -> None:
    """What is no proxy of HTTP is an error of usage that says which variable it is, and not what it holds."""
    without_proxies.setenv("ALL_PROXY", url)
    with pytest.raises(TargetError, match=r"^ALL_PROXY names no proxy .* or add api\.test to NO_PROXY$"):
        read("https://api.test")
    assert read("http://localhost:1").proxy is None
