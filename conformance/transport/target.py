"""Where requests go: the address, the keys, and what the target can be asked to do."""

import functools
import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urlsplit
from urllib.request import getproxies, proxy_bypass

from ..contract.document import Contract, RateLimit
from ..requests.access import Access, Enrollment

KEY_VARIABLE = "CARECYCLE_API_KEY"
RESTRICTED_KEY_VARIABLE = "CARECYCLE_RESTRICTED_API_KEY"
MASK = "[masked]"
SHORTEST_PIECE = 6
"""How many characters of a key tell it: fewer are masked only where the key stands whole."""


class TargetError(ValueError):
    """The target is not one that may be tested; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server to test. Its keys show in no `repr`."""

    url: str
    key: str = field(repr=False)
    restricted_key: str | None = field(default=None, repr=False)
    enrollments: tuple[Enrollment, ...] = ()
    honours_prefer: bool = False
    """Whether `Prefer: code=NNN` asks for a documented answer of that status."""
    limited_url: str | None = None
    """Where the rate limit may be reached: the address, or one of the same server with another `limit`."""
    limit: RateLimit | None = None
    proxy: str | None = field(default=None, repr=False)
    """The URL of the proxy to ask by, which may hold a password."""

    @property
    def access(self) -> Access:
        """What requests to the target are made with and classified by."""
        urls = (self.url,) if self.limited_url is None else (self.url, self.limited_url)
        return Access(
            key=self.key,
            restricted_key=self.restricted_key,
            enrollments=self.enrollments,
            honours_prefer=self.honours_prefer,
            base_urls=urls,
        )

    @property
    def is_loopback(self) -> bool:
        """Whether the target is on this machine, where requests are free."""
        parts = _split(self.url)
        return parts is not None and is_loopback(parts.hostname or "")

    def mask(self, text: str) -> str:
        """The text without the keys, be they whole, cut short, escaped or in another case."""
        return _secret(self.key, self.restricted_key).sub(MASK, text)


@functools.cache
def _secret(*keys: str | None) -> re.Pattern[str]:
    """What finds the keys in a text, the longest piece first."""
    found = set()
    for key in filter(None, keys):
        pieces = [key, *(piece for piece in (key[:-1], key[3:], key[1:]) if len(piece) >= SHORTEST_PIECE)]
        for piece in pieces:
            found |= {piece, json.dumps(piece)[1:-1], repr(piece)[1:-1], quote(piece, safe="")}
    longest_first = sorted(found, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or "(?!)", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_enrollments(values: Sequence[str], contract: Contract) -> tuple[Enrollment, ...]:
    """The enrollments of `--enrollment CUSTOMER_ID:CAMPAIGN_ID` options.

    Raises:
        TargetError: a value has not that form, or an id is none that the contract allows.

    """
    is_id = contract.validator(contract.schema("Uuid")).is_valid
    found = []
    for value in values:
        customer, colon, campaign = value.partition(":")
        if not colon:
            raise TargetError(f"--enrollment {value}: write both ids, CUSTOMER_ID:CAMPAIGN_ID")
        for name, id_ in (("customer", customer), ("campaign", campaign)):
            if not is_id(id_):
                raise TargetError(
                    f"--enrollment {value}: the {name} id {id_!r} is not a UUID that the contract allows"
                )
        found.append(Enrollment(customer, campaign))
    return tuple(found)


def read_target(  # noqa: PLR0913 - one argument an option
    url: str,
    *,
    enrollments: Sequence[str],
    honours_prefer: bool,
    exercise_limit: bool,
    allow_production: bool,
    environment: Mapping[str, str],
    contract: Contract,
) -> Target:
    """The target that a user named.

    Raises:
        TargetError: the address, a key, an enrollment or the proxy of the environment cannot be used.

    """
    parts = _split(url)
    host = parts.hostname if parts is not None else None
    if parts is None or parts.scheme not in {"http", "https"} or not host:
        raise TargetError(f"--target {url}: write an address such as https://sandbox.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise TargetError(f"--target: write the bare address of {host}, with no user, query or fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise TargetError(f"--target {url}: the key would travel in clear text; use https")
    if host in contract.production_hosts and not allow_production:
        raise TargetError(f"--target {url}: this is production; add --allow-production if you mean it")
    return Target(
        url=url.rstrip("/"),
        key=_read_key(KEY_VARIABLE, environment, required=True) or "",
        restricted_key=_read_key(RESTRICTED_KEY_VARIABLE, environment, required=False),
        enrollments=read_enrollments(enrollments, contract),
        honours_prefer=honours_prefer,
        limited_url=url.rstrip("/") if exercise_limit else None,
        limit=contract.rate_limit if exercise_limit else None,
        proxy=None if is_loopback(host) else read_proxy(parts),
    )


def read_proxy(target: SplitResult) -> str | None:
    """The URL of the proxy that the environment names for an address, or None.

    Raises:
        TargetError: it is no proxy that can be asked.

    """
    # Both: with the port is how the library wants it, and an address of IPv6 it only knows bare.
    if proxy_bypass(target.netloc) or proxy_bypass(target.hostname or ""):
        return None
    proxies = getproxies()
    scheme = target.scheme if target.scheme in proxies else "all"
    url = proxies.get(scheme)
    if not url:
        return None
    url = url if "://" in url else f"http://{url}"
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or not url.isascii():
        raise TargetError(  # without the URL, for that may hold a password
            f"{scheme.upper()}_PROXY names no proxy that can be used: write http://HOST:PORT or "
            f"https://HOST:PORT (SOCKS is not spoken), or add {target.hostname} to NO_PROXY"
        )
    return url


def _split(url: str) -> SplitResult | None:
    """The parts of an address, or None where it is none."""
    try:
        parts = urlsplit(url)
        is_port = parts.port != 0  # which the library looks at only when it is asked
    except ValueError:
        return None
    return parts if is_port else None


def _read_key(variable: str, environment: Mapping[str, str], *, required: bool) -> str | None:
    key = environment.get(variable) or None
    if key is None and required:
        raise TargetError(f"no API key: set the environment variable {variable} to the key of the target")
    if key is not None and not (key.isascii() and key.isprintable() and key == key.strip()):
        raise TargetError(f"{variable} holds white space or characters that no header can carry")
    return key
