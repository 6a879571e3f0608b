"""Checks of what a caller gives beside the arguments of the contract."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import httpx2

from ._hidden import hidden, shown

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[!-~]([ -~\t]*[!-~])?|")
_COOKIE = re.compile(r"[!-:<-~]([ -:<-~]*[!-:<-~])?|")
KEY_AS_HEADER = "the header {} is the API key: give it as `token`, which is masked wherever it could show"
_FRAMING = frozenset({"content-length", "transfer-encoding"})


def checked_url(given: object) -> str:
    """The URL of a server, without a slash at its end.

    Raises:
        ValueError: it is none, or has what cannot be part of one; a password is not repeated.

    """
    text = str(given).rstrip("/")
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise ValueError(f"base_url is not a URL: {error}") from None
    if url.userinfo:
        raise ValueError("base_url has a user name or a password, which logs would show; send a header")
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"base_url is not the URL of a server: {url!r}")
    labels = url.raw_host.decode().removesuffix(".").split(".")
    if not all(0 < len(label) < 64 for label in labels):
        raise ValueError(f"base_url is not the URL of a server, as no host has this name: {url!r}")
    if url.port is not None and not 0 < url.port < 65536:
        raise ValueError(f"base_url is not the URL of a server, as ports go up to 65535: {url!r}")
    if "?" in text or "#" in text:
        raise ValueError("base_url has a query or a fragment; the paths of the API could not follow it")
    return text


def has_header(name: str, headers: object, member: str | None = None) -> bool:
    """Whether headers, in whatever form httpx2 accepts them, have one of this name.

    With `member`, the headers are that member of a mapping.
    """
    with suppress(TypeError, ValueError, AttributeError, KeyError):  # no headers, which is said elsewhere
        given = shown(headers)
        found = given if member is None else cast("Mapping[str, object]", given)[member]
        return name in httpx2.Headers(cast(Any, found))
    return False


def checked_headers(headers: Mapping[str, str], key_header: str) -> Mapping[str, str]:
    """Headers as they can be sent.

    Raises:
        ValueError: A header cannot be sent, or the caller may not set it. Its value is not repeated.
        TypeError: They are no mapping.

    """
    headers = hidden(headers)
    if problem := _problem_of_headers(shown(headers), key_header):
        raise problem
    return shown(headers)


def _problem_of_headers(headers: object, key_header: str) -> Exception | None:
    if not isinstance(headers, Mapping):
        return _no_mapping("headers", headers)
    if has_header(key_header, cast(object, headers)):
        return ValueError(KEY_AS_HEADER.format(key_header))
    for name, value in cast("Mapping[object, object]", headers).items():
        if not isinstance(name, str) or not _matches(_NAME, name):
            return ValueError(f"{name!r} is not the name of a header")
        if not _matches(_VALUE, value):
            return ValueError(f"the header {name} has a value that no header can carry: printable ASCII")
        if name.lower() in _FRAMING:
            return ValueError(f"the header {name} follows from the body, and is not to be given")
    return None


def checked_cookies(cookies: Mapping[str, str]) -> Mapping[str, str]:
    """Cookies as they can be sent.

    Raises:
        ValueError: One of them cannot be sent. Its value is not repeated.
        TypeError: They are no mapping.

    """
    cookies = hidden(cookies)
    if problem := _problem_of_cookies(shown(cookies)):
        raise problem
    return shown(cookies)


def _problem_of_cookies(cookies: object) -> Exception | None:
    if not isinstance(cookies, Mapping):
        return _no_mapping("cookies", cookies)
    for name, value in cast("Mapping[object, object]", cookies).items():
        if not _matches(_NAME, name):
            return ValueError(f"{name!r} is not the name of a cookie")
        if not _matches(_COOKIE, value):
            return ValueError(
                f"the cookie {name} has a value that no cookie can carry: printable ASCII without `;`"
            )
    return None


def checked_timeout(timeout: object) -> float | httpx2.Timeout | None:
    """A time limit.

    Raises:
        TypeError: it is neither a number nor an `httpx2.Timeout`.
        ValueError: it is a number that says nothing.

    """
    if timeout is None or isinstance(timeout, httpx2.Timeout):
        return timeout
    return checked_number("timeout", timeout, "a number of seconds, an httpx2.Timeout, or None")


def checked_number(name: str, value: object, what: str = "a number of seconds") -> float:
    """A number of seconds.

    Raises:
        TypeError: it is no number.
        ValueError: it is one that says nothing.

    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is {what}, and not {value!r}")
    if math.isnan(value) or value < 0:
        raise ValueError(f"{name} is {what}, and not {value!r}")
    return value


def checked_count(name: str, value: object) -> int:
    """How often to do something.

    Raises:
        TypeError: it is no whole number.
        ValueError: it is negative.

    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is a whole number, and not {value!r}")
    if value < 0:
        raise ValueError(f"{name} is not negative, as {value!r} is")
    return value


def checked_flag(name: str, value: object) -> bool:
    """Whether to do something.

    Raises:
        TypeError: It is neither true nor false.

    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} is true or false, and not {value!r}")
    return value


def _no_mapping(name: str, value: object) -> TypeError:
    return TypeError(f"{name} are a mapping of names to values, and not of type {type(value).__name__}")


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
