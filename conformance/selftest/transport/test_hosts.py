"""A host has one spelling, by which it is compared."""

import pytest

from conformance.transport import hosts


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("api.carecycle.ai", "api.carecycle.ai"),
        ("API.CareCycle.AI", "api.carecycle.ai"),
        ("api.carecycle.ai.", "api.carecycle.ai"),
        ("\uff41pi.carecycle.ai", "api.carecycle.ai"),
        ("api\u3002carecycle\uff0eai\uff61", "api.carecycle.ai"),
        ("api.care\u00adcycle.ai", "api.carecycle.ai"),
        ("api.care\u200bcycle.ai", "api.carecycle.ai"),
        ("api.carecycle.a\u2170", "api.carecycle.ai"),
        ("my_service", "my_service"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("fa\u00df.example", "xn--fa-hia.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("\uff11\uff12\uff17.0.0.1", "127.0.0.1"),
        ("0:0:0:0:0:0:0:1", "::1"),
    ],
)
def test_host_has_one_spelling(host: str, name: str) -> None:
    """Letter case, a final dot, wide characters, other dots and invisible characters make no difference."""
    assert name == hosts.normalise(host)
    assert name == hosts.normalise(name)


@pytest.mark.parametrize(
    "host",
    ["", ".", "a..b", ".a", "-a", "a-", "a b", "a%2eb", "a" * 64, "a." * 128, "0x7f.1", "127.1", "1", "a/b"],
)
def test_host_that_is_no_name_is_refused(host: str) -> None:
    """What no resolver takes, or reads in its own way, is no host name."""
    with pytest.raises(ValueError, match="is no host name"):
        hosts.normalise(host)


@pytest.mark.parametrize(
    ("url", "netloc"),
    [
        ("https://API.test.:443/v2", "api.test:443"),
        ("https://[::1]:8443", "[::1]:8443"),
        ("http://user:pass@HOST", "user:pass@host"),
        ("https://host:99999", None),
        ("https://host:0", None),
        ("https://ho st", None),
        ("https://host\n", None),
        ("https://[::1", None),
        ("host", None),
    ],
)
def test_address_is_split_with_a_normalised_host(url: str, netloc: str | None) -> None:
    """The parts of an address have the one spelling of its host."""
    parts = hosts.split(url)
    assert netloc == (None if parts is None else parts.netloc)


@pytest.mark.parametrize(
    ("host", "is_loopback", "is_private"),
    [
        ("localhost", True, True),
        ("api.localhost", True, False),
        ("127.9.9.9", True, True),
        ("::1", True, True),
        ("::ffff:127.0.0.1", True, True),
        ("notlocalhost", False, True),
        ("localhost.example.com", False, False),
        ("127.0.0.1.example.com", False, False),
        ("api", False, True),
        ("host.docker.internal", False, True),
        ("api.default.svc.cluster.local", False, True),
        ("api.default.svc", False, True),
        ("api.default", False, False),
        ("10.1.2.3", False, True),
        ("::ffff:10.1.2.3", False, True),
        ("100.64.0.1", False, True),
        ("::ffff:100.127.255.254", False, True),
        ("100.63.255.255", False, False),
        ("100.128.0.0", False, False),
        ("192.168.0.1", False, True),
        ("fd00::1", False, True),
        ("8.8.8.8", False, False),
        ("sandbox.example.com", False, False),
    ],
)
def test_host_is_known_by_its_reach(host: str, *, is_loopback: bool, is_private: bool) -> None:
    """Loopback is this machine; a private name or address is known in a private network only."""
    assert (is_loopback, is_private) == (hosts.is_loopback(host), hosts.is_private(host))
