"""What the environment says of connections, and whom to trust, checked before the first call.

httpx2 reads the same settings, but later, and its errors do not name the setting.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from typing import Any, cast
from urllib.request import getproxies

import httpx2

from ._hidden import shown


def checked_trust(verify: object, arguments: Mapping[str, Any]) -> bool | ssl.SSLContext:
    """Whom to trust, as httpx2 takes it: a path and the variables of the environment become a context.

    Raises:
        TypeError: `verify` is of another type.
        ValueError: A path has no certificates. The error names the argument or the variable, and the path.

    """
    if isinstance(verify, str | os.PathLike):
        return _context("verify_ssl", os.fspath(cast("str | os.PathLike[str]", verify)))
    if not isinstance(verify, bool | ssl.SSLContext):
        raise TypeError(f"verify_ssl is true, false, a path or an ssl.SSLContext, and not {verify!r}")
    if verify is True and _heeds_environment(arguments):
        for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):  # httpx2 takes the first that is set
            if path := os.environ.get(variable):
                return _context(variable, path)
    return verify


def checked_proxies(arguments: Mapping[str, Any]) -> list[str]:
    """The variables of the environment that name a proxy.

    Raises:
        ValueError: One of them names no proxy that can be used. A password in it is not repeated.

    """
    found = getproxies() if _heeds_environment(arguments) and shown(arguments).get("proxy") is None else {}
    if "*" in [host.strip() for host in found.get("no", "").split(",")]:
        return []
    variables: list[str] = []
    for scheme in ("http", "https", "all"):
        if url := found.get(scheme):
            name = f"{scheme}_proxy"
            variable = next(
                (one for one in (name, name.upper()) if os.environ.get(one)), f"the system's {name}"
            )
            try:
                check_proxy(url if "://" in url else f"http://{url}")
            except (ValueError, ImportError) as error:
                raise ValueError(f"{variable} names no proxy that can be used: {error}") from None
            variables.append(variable)
    return variables


def _heeds_environment(arguments: Mapping[str, Any]) -> bool:
    known = shown(arguments)
    return bool(known.get("trust_env", True)) and known.get("transport") is None


def check_proxy(proxy: Any) -> None:  # noqa: ANN401 - whatever httpx2 takes
    """Check that something is a proxy that httpx2 can use.

    Raises:
        ValueError: It is none. A password in it is not repeated.

    """
    try:
        url = proxy.url if isinstance(proxy, httpx2.Proxy) else httpx2.URL(proxy)
    except httpx2.InvalidURL:
        raise ValueError("it is not a URL") from None  # its error can repeat a part of a password
    if not url.host or (url.port is not None and not 0 < url.port < 65536):
        raise ValueError(f"it is not the URL of a server: {url!r}")
    httpx2.HTTPTransport(proxy=proxy, verify=False).close()


def _context(name: str, path: str) -> ssl.SSLContext:
    try:
        if name == "SSL_CERT_DIR" or (name != "SSL_CERT_FILE" and os.path.isdir(path)):  # noqa: PTH112 - may be a list
            if not any(map(_has_certificates, path.split(os.pathsep))):
                raise FileNotFoundError("no directory with certificates that OpenSSL finds by their hash")
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{name} is no path of certificates, {path!r}: {error}") from error


def _has_certificates(directory: str) -> bool:
    return os.path.isdir(directory) and any(  # noqa: PTH112 - a name of the environment
        re.fullmatch(r"[0-9a-f]{8}\.\d+", name)
        for name in os.listdir(directory)  # noqa: PTH208 - as above
    )
