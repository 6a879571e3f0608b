"""What is secret about a target, and what could be wrong with its address."""

import pytest

from conformance.selftest.exchanges import CONTRACT
from conformance.transport.target import Target, address_hint, header_variable

PATHS = [operation.path for operation in CONTRACT.operations.values()]
TARGET = Target(
    url="http://127.0.0.1:1",
    key="cc_the_full_key",
    restricted_key="cc_the_restricted_key",
    proxy="http://me:proxy%20secret@one.test",
    headers=(("authorization", "Bearer token-of-the-gateway"),),
)
SECRETS = [
    "cc_the_full_key",
    "cc_the_restricted_key",
    "proxy%20secret",
    "proxy secret",
    "token-of-the-gateway",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_target_masks_all_its_secrets(secret: str) -> None:
    """Keys, the password of a proxy and the values of headers show in no text and in no repr."""
    assert TARGET.mask(f"a {secret} b") == "a [masked] b"
    assert TARGET.show(f"a {secret}\n") == "a [masked]\\n"
    assert secret not in repr(TARGET)


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]", True),
        ("https://sandbox.example.com", False),
        ("", False),
    ],
)
def test_target_knows_whether_it_is_on_this_machine(url: str, *, is_loopback: bool) -> None:
    """A target without an address, as in a plan of the embedded mock, is nowhere."""
    assert is_loopback is Target(url=url, key="").is_loopback


@pytest.mark.parametrize(
    ("url", "end"),
    [
        ("https://host/v2", "/v2,"),
        ("https://host/v2/customers", "/v2/customers,"),
        ("https://host/v2/customers/campaign-status/", "/v2/customers/campaign-status,"),
        ("https://host/gateway/v2", "/v2,"),
    ],
)
def test_address_that_ends_with_the_beginning_of_a_path_is_doubted(url: str, end: str) -> None:
    """The hint names the part of the address to leave out."""
    assert f"--target ends with {end}" in address_hint(url, PATHS)


@pytest.mark.parametrize(
    "url", ["https://host", "https://host/", "https://host/api", "https://host/v2/api", "https://v2"]
)
def test_address_with_another_path_is_not_doubted(url: str) -> None:
    """A path that no path of the contract continues is as good as any."""
    assert address_hint(url, PATHS) == ""


def test_header_variable_has_the_name_of_the_header() -> None:
    """Letter case and hyphens are written as shells allow."""
    assert header_variable("X-Gate-token") == "CARECYCLE_HEADER_X_GATE_TOKEN"
