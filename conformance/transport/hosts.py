"""Host names, in the one spelling that is compared and connected to."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

import idna

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE_SUFFIXES = (
    ".internal",
    ".local",
    ".localdomain",
    ".lan",
    ".home.arpa",
    ".intranet",
    ".private",
    ".svc",
    ".test",
)
"""Ends of names that public name servers do not know."""
_SHARED = ipaddress.ip_network("100.64.0.0/10")
"""Addresses between a provider and its customers (RFC 6598), which clusters and overlay networks use."""


def normalise(host: str) -> str:
    """The spelling of a host that every other spelling of it is read as.

    The letter case, a final dot, full-width letters, other dots and soft hyphens make no difference (UTS 46).

    Raises:
        ValueError: it is no host name and no address.

    """
    try:
        return ipaddress.ip_address(host).compressed
    except ValueError:
        pass
    try:
        name = idna.uts46_remap(host, std3_rules=False, transitional=False).removesuffix(".")
        labels = [label if label.isascii() else idna.alabel(label).decode() for label in name.split(".")]
    except UnicodeError as error:  # idna's errors are of this kind
        raise ValueError(f"{host!r} is no host name: {error}") from None
    name = ".".join(labels)
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(f"{host!r} is no host name")
    if not _NUMBER.fullmatch(labels[-1]):
        return name
    try:  # full-width digits, and a final dot after an address
        return ipaddress.ip_address(name).compressed
    except ValueError:
        raise ValueError(f"{host!r} is no host name; write an IPv4 address as four decimal numbers") from None


def split(url: str) -> SplitResult | None:
    """The parts of an address with its host normalised, or None if it is no address with a host."""
    try:
        parts = urlsplit(url)
        port = parts.port  # the library reads it only when it is used
        host = normalise(parts.hostname or "")
    except ValueError:
        return None
    if port == 0 or any(character.isspace() or not character.isprintable() for character in url):
        return None
    user, at, _ = parts.netloc.rpartition("@")
    name = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{user}{at}{name}" + ("" if port is None else f":{port}"))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine (RFC 6761 reserves `localhost` and all names below it)."""
    address = _address(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback


def is_private(host: str) -> bool:
    """Whether only a private network can know a host.

    That is a single label, a name with a suffix of private networks, a private address, or a shared one. A
    name of a cluster without its suffix (`api.default`) could be a public name, and counts as one.
    """
    address = _address(host)
    if address is None:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
    return address.is_private or address in _SHARED


def is_one_of(host: str, others: Iterable[str]) -> bool:
    """Whether a normalised host is one of the others, however those are spelled."""
    return host in {normalise(other) for other in others}


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is. An IPv4 address that is written as one of IPv6 is that IPv4 address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
