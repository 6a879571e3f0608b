"""The `httpx_args` of a client, checked before the first call.

httpx2 looks at most of them later, and its errors do not name the argument.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from http.cookiejar import CookieJar
from typing import Any, cast

import httpx2

from ._checks import checked_count, checked_flag, checked_headers
from ._environment import check_proxy
from ._hidden import hidden, shown

_OWN = ("base_url", "follow_redirects")
_TRANSPORT_METHODS = ("handle_request", "handle_async_request")
_HOOKS = ("request", "response")


def checked_arguments(given: object, key_header: str) -> dict[str, Any]:
    """The `httpx_args` of a client, as `httpx2.Client` accepts them.

    Raises:
        TypeError: They are no mapping, or httpx2 has no argument of a name or takes no value of its type.
        ValueError: A value cannot be used.

    """
    given = hidden(given)
    if problem := _problem(shown(given), key_header):
        raise problem
    return dict(cast("Mapping[str, Any]", shown(given) or {}))


def _problem(given: object, key_header: str) -> Exception | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        return TypeError(f"httpx_args is a mapping, and not of type {type(given).__name__}")
    arguments = dict(cast("Mapping[str, Any]", given))
    for name in arguments:
        if name in _OWN:
            return TypeError(f"httpx_args has {name}: give it to the client itself")
        if name not in inspect.signature(httpx2.Client).parameters:
            return TypeError(f"httpx_args has {name}: httpx2.Client has no such argument")
    return _problem_of_values(arguments, key_header)


def _problem_of_values(arguments: dict[str, Any], key_header: str) -> Exception | None:
    culprit = ""
    try:
        for name, check in _CHECKS.items():
            if arguments.get(name) is not None:
                culprit = f" has {name}"
                check(arguments[name])
        culprit = _culprit(arguments)
        httpx2.Client(**cast("dict[str, Any]", {**arguments, "verify": False, "trust_env": False}))
        culprit = ""
        checked_headers(dict(httpx2.Headers(arguments.get("headers"))), key_header)
    except Exception as error:  # noqa: BLE001 - whatever httpx2 or a check raises is said of the argument
        kind = TypeError if isinstance(error, TypeError | AttributeError) else ValueError
        return kind(f"httpx_args{culprit}: {error}")
    if arguments.get("http1") is False and not arguments.get("http2"):
        return ValueError("httpx_args has neither http1 nor http2")
    return None


def _culprit(arguments: Mapping[str, Any]) -> str:
    """The argument that httpx2 does not take by itself either."""
    for name, value in arguments.items():
        alone: dict[str, Any] = {name: value, "verify": False, "trust_env": False}
        try:
            httpx2.Client(**alone)
        except Exception:  # noqa: BLE001 - it is the one
            return f" has {name}"
    return ""


def _check_transport(transport: object) -> None:
    if not any(hasattr(transport, method) for method in _TRANSPORT_METHODS):
        raise TypeError(f"a transport that is none, of type {type(transport).__name__}")


def _check_mounts(mounts: Mapping[object, object]) -> None:
    for pattern, transport in mounts.items():
        if not isinstance(pattern, str):
            raise TypeError(f"the pattern of a transport is a string, and not {pattern!r}")
        if transport is not None:
            _check_transport(transport)


def _check_hooks(hooks: Mapping[object, Any]) -> None:
    for event, functions in hooks.items():
        if event not in _HOOKS:
            raise TypeError(f"{event!r} is no event; those are {' and '.join(_HOOKS)}")
        if not all(map(callable, functions)):
            raise TypeError(f"a hook of {event!r} cannot be called")


def _check_cookies(cookies: object) -> None:
    if not isinstance(cookies, Mapping | list | CookieJar | httpx2.Cookies):
        raise TypeError(f"cookies are a mapping, and not of type {type(cookies).__name__}")


def _check_encoding(encoding: object) -> None:
    if not isinstance(encoding, str) and not callable(encoding):
        raise TypeError(f"it is the name of an encoding, or a function, and not {encoding!r}")


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "transport": _check_transport,
    "mounts": _check_mounts,
    "event_hooks": _check_hooks,
    "cookies": _check_cookies,
    "default_encoding": _check_encoding,
    "proxy": check_proxy,
    **{name: partial(checked_flag, name) for name in ("trust_env", "http1", "http2")},
    "max_redirects": partial(checked_count, "max_redirects"),
}
