"""Reads the target that a user names with options and environment variables."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from ..contract.document import Contract
from ..requests.access import Enrollment
from . import hosts
from .target import KEY_VARIABLE, RESTRICTED_KEY_VARIABLE, Target, header_variable
from .tls import Tls

KEY_PASSWORD_VARIABLE = "CARECYCLE_CLIENT_KEY_PASSWORD"  # noqa: S105 - a name, not a password
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NAME_WITH_VALUE = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,39})\s*[:=]")
"""A name, and then what a user could take for the way to give the value."""
_OWN_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "prefer",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
"""Headers that the suite sets, or that change what a request means."""


class TargetError(ValueError):
    """The target cannot be tested. The message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """The options that concern the target, as they were given."""

    url: str
    enrollments: Sequence[str] = ()
    honours_prefer: bool = False
    exercise_limit: bool = False
    allow_production: bool = False
    plain_http: bool = False
    may_swap_ids: bool = False
    may_write: bool = False
    headers: Sequence[str] = ()
    ca_bundle: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None


def read_target(options: TargetOptions, environment: Mapping[str, str], contract: Contract) -> Target:
    """The target that a user named.

    Raises:
        TargetError: the address, a key, an enrollment, a header, a certificate or the proxy cannot be used.

    """
    parts = _read_address(options, contract)
    host = parts.hostname or ""
    url = urlunsplit(parts).rstrip("/")
    proxy = None if hosts.is_loopback(host) else read_proxy(parts)
    uses_tls = parts.scheme == "https" or (proxy or "").startswith("https:")
    return Target(
        url=url,
        key=_read_secret(KEY_VARIABLE, environment, "the key of the target"),
        restricted_key=_read_secret(RESTRICTED_KEY_VARIABLE, environment) or None,
        enrollments=read_enrollments(options.enrollments, contract),
        honours_prefer=options.honours_prefer,
        limited_url=url if options.exercise_limit else None,
        limit=contract.rate_limit if options.exercise_limit else None,
        proxy=proxy,
        headers=_read_headers(options.headers, environment, contract),
        tls=_read_tls(options, environment, is_used=uses_tls),
        may_swap_ids=options.may_swap_ids,
        may_write=options.may_write or hosts.is_loopback(host),
    )


def _read_address(options: TargetOptions, contract: Contract) -> SplitResult:
    url = options.url
    parts = hosts.split(url)
    if parts is None or parts.scheme not in {"http", "https"}:
        # What was given is not shown: it can hold a password, wherever that stands in what is no address.
        raise TargetError(
            "--target: this is no http or https address with a host and a port from 1 to 65535; write an "
            "address such as https://sandbox.example.com"
        )
    host = parts.hostname or ""
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise TargetError(f"--target: write the bare address of {host}, with no user, query or fragment")
    if hosts.is_one_of(host, _production_hosts(contract)) and not options.allow_production:
        raise TargetError(f"--target {url}: this is production; add --allow-production if you mean it")
    if parts.scheme == "http" and not hosts.is_loopback(host):
        if not hosts.is_private(host):
            raise TargetError(
                f"--target {url}: the key would travel in clear text; use https (--plain-http is for a "
                "private address, a name without a dot, and one that ends in .svc, .internal or the like)"
            )
        if not options.plain_http:
            raise TargetError(
                f"--target {url}: the key would travel in clear text; use https, or add --plain-http if only "
                "a private network is in between"
            )
    return parts


def _production_hosts(contract: Contract) -> Sequence[str]:
    """The hosts of the contract's servers. A relative URL names none.

    Raises:
        TargetError: a URL has a variable in the place of its host, or names no host that can be.

    """
    for url in (str(server["url"]) for server in contract.raw["servers"]):
        is_relative = not (urlsplit(url).netloc or url.startswith("{"))
        if not is_relative and hosts.split(url) is None:
            raise TargetError(
                f"the contract has the server {url!r}, which does not say what host production is: write the "
                "host in full, once for each, so that no run takes it for a sandbox"
            )
    return [host for host in contract.production_hosts if host]


def read_enrollments(values: Sequence[str], contract: Contract) -> tuple[Enrollment, ...]:
    """The enrollments of `--enrollment CUSTOMER_ID:CAMPAIGN_ID` options.

    Raises:
        TargetError: a value has another form, or the contract does not allow an id.

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


def read_proxy(target: SplitResult) -> str | None:
    """The URL of the proxy that the environment names for an address, or None.

    Raises:
        TargetError: it is no proxy that can be used.

    """
    # The library wants the name with its port, and an IPv6 address without.
    if proxy_bypass(target.netloc) or proxy_bypass(target.hostname or ""):
        return None
    proxies = getproxies()
    scheme = target.scheme if target.scheme in proxies else "all"
    url = proxies.get(scheme)
    if not url:
        return None
    url = url if "://" in url else f"http://{url}"
    parts = hosts.split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not url.isascii():
        raise TargetError(  # the URL is not shown, because it can hold a password
            f"{scheme.upper()}_PROXY names no proxy that can be used: write http://HOST:PORT or "
            f"https://HOST:PORT (SOCKS is not supported), or add {target.hostname} to NO_PROXY"
        )
    return url


def _read_headers(
    names: Sequence[str], environment: Mapping[str, str], contract: Contract
) -> tuple[tuple[str, str], ...]:
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        if not _TOKEN.fullmatch(name):
            raise TargetError(
                f"{_shown_header(name)}: write the name only; the value comes from the environment variable "
                f"{header_variable('NAME')}, where other users of this machine cannot read it"
            )
        if name.lower() in _OWN_HEADERS | {contract.key_header.lower()}:
            raise TargetError(f"--header {name}: the suite sets this header itself")
        value = _read_secret(header_variable(name), environment, f"the value of the header {name}")
        found[name.lower()] = (name, value)
    return tuple(found.values())


def _shown_header(given: str) -> str:
    """The option with the name of a header, if one is given. What follows the name can be secret."""
    named = _NAME_WITH_VALUE.match(given)
    return f"--header {named[1]}" if named else "--header"


def _read_tls(options: TargetOptions, environment: Mapping[str, str], *, is_used: bool) -> Tls:
    if options.client_key and not options.client_certificate:
        raise TargetError("--client-key: give the certificate as well, with --client-certificate")
    tls = Tls(
        ca_bundle=options.ca_bundle,
        certificate=options.client_certificate,
        key=options.client_key,
        password=environment.get(KEY_PASSWORD_VARIABLE, ""),
    )
    given = {
        "--ca-bundle": tls.ca_bundle,
        "--client-certificate": tls.certificate,
        "--client-key": tls.key,
        "SSL_CERT_FILE": environment.get("SSL_CERT_FILE"),
        "SSL_CERT_DIR": environment.get("SSL_CERT_DIR"),
    }
    if is_used:
        try:
            tls.context()
        except (OSError, ValueError) as error:
            names = ", ".join(f"{name} {path}" for name, path in given.items() if path)
            raise TargetError(
                f"the certificates cannot be used ({names or 'of this system'}): {error}; an encrypted "
                f"client key needs its password in {KEY_PASSWORD_VARIABLE}"
            ) from None
    return tls


def _read_secret(variable: str, environment: Mapping[str, str], needed: str = "") -> str:
    """The value of a variable. An empty one counts as none, which is an error where it is needed."""
    value = environment.get(variable, "")
    if not value and needed:
        what = "no API key: " if variable == KEY_VARIABLE else ""
        raise TargetError(f"{what}set the environment variable {variable} to {needed}")
    if not (value.isascii() and value.isprintable() and value == value.strip()):
        raise TargetError(f"{variable} holds white space or characters that no header can carry")
    return value
