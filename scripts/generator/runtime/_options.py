"""The options of a client, checked and kept; a copy of a client changes some of them."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import httpx2

from ._arguments import checked_arguments
from ._checks import (
    checked_cookies,
    checked_count,
    checked_flag,
    checked_headers,
    checked_number,
    checked_timeout,
    checked_url,
    has_header,
)
from ._hidden import hidden, shown
from ._pacing import Pacer
from ._pool import Pool
from ._retries import checked_statuses
from ._secret import Secret

if TYPE_CHECKING:
    from pyrate_limiter import Limiter


@dataclass(frozen=True, slots=True)
class API:
    """What a client has to know of the contract."""

    package: str
    version: str
    base_url: str
    key_header: str
    key_variable: str
    rate: tuple[int, float] | None = None
    """How many requests in how many seconds, if the contract says."""


class Options:
    """What a client has of its own: the options, and what follows from them."""

    _api: ClassVar[API]
    _needs_key: ClassVar[bool] = False
    base_url: str
    headers: dict[str, str]
    cookies: dict[str, str]
    timeout: float | httpx2.Timeout | None = None
    follow_redirects: bool
    raise_on_unexpected_status: bool
    max_retries: int
    max_retry_wait: float
    retry_statuses: frozenset[int] | None
    _secret: Secret | None
    _pacer: Pacer | None
    _pool: Pool
    _owns_pool: bool = False
    _usual: Mapping[str, str]
    """The headers that nearly every request has."""
    _given: httpx2.Client | None = None
    _given_async: httpx2.AsyncClient | None = None
    _arguments: Mapping[str, Any] = MappingProxyType({})
    _verify: str | os.PathLike[str] | bool | ssl.SSLContext = True

    def _set(self, **given: Any) -> None:  # noqa: ANN401 - options of the constructor
        """Check the options that are given, and keep them."""
        if "base_url" in given:
            url = given["base_url"]
            self.base_url = checked_url(self._api.base_url if url is None else url)
        if given.get("headers") is not None:
            self.headers = merged(self.headers, checked_headers(given["headers"], self._api.key_header))
        if given.get("cookies") is not None:
            self.cookies = {**self.cookies, **checked_cookies(given["cookies"])}
        arguments = hidden(self._arguments)
        if "httpx_args" in given:
            arguments = hidden(checked_arguments(given["httpx_args"], self._api.key_header))
        if "timeout" in given or "httpx_args" in given:
            self.timeout = _timeout(given.get("timeout", self.timeout), arguments)
        for name, check in _CHECKS.items():
            if name in given:
                setattr(self, name, check(given[name]))
        if "rate_limit" in given:
            self._pacer = self._paced(given["rate_limit"])
        if "verify_ssl" in given or "httpx_args" in given:
            self._arguments, self._verify = shown(arguments), given.get("verify_ssl", self._verify)
            self._pool = Pool(verify=self._verify, arguments=arguments, headers=self._usual)
            self._owns_pool = True
            self._given = self._given_async = None

    def _paced(self, rate_limit: object) -> Pacer | None:
        if rate_limit is False:
            return None
        if rate_limit is True or isinstance(rate_limit, str | os.PathLike):
            if self._api.rate is None:
                raise ValueError(
                    f"rate_limit={rate_limit!r}: the contract documents no limit; give a limiter"
                )
            if rate_limit is True:
                return Pacer([self._api.rate])
            return Pacer.at(os.fspath(cast("str | os.PathLike[str]", rate_limit)), self._api.rate)
        if not hasattr(rate_limit, "try_acquire"):
            words = "a file that processes share or a limiter of pyrate-limiter"
            raise TypeError(f"rate_limit is true, false, {words}: not {rate_limit!r}")
        return Pacer.of(cast("Limiter", rate_limit))

    def _require_key(self) -> None:
        """Take the key of the environment if there is none, and check it."""
        if self._needs_key and self._secret is None:
            if not os.environ.get(self._api.key_variable):
                raise ValueError(f"no API key: give `token`, or set {self._api.key_variable}")
            self._secret = Secret(os.environ[self._api.key_variable])
        if self._secret is not None:
            self._secret.check()

    def _has_key(self, headers: object, member: str | None = None) -> bool:
        return has_header(self._api.key_header, headers, member)

    def _copy(self) -> Self:
        twin = object.__new__(type(self))
        own = {"headers": dict(self.headers), "cookies": dict(self.cookies), "_owns_pool": False}
        twin.__dict__.update(self.__dict__, **own)
        return twin


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "follow_redirects": partial(checked_flag, "follow_redirects"),
    "raise_on_unexpected_status": partial(checked_flag, "raise_on_unexpected_status"),
    "max_retries": partial(checked_count, "max_retries"),
    "max_retry_wait": partial(checked_number, "max_retry_wait"),
    "retry_statuses": checked_statuses,
}


def _timeout(given: object, arguments: Mapping[str, Any]) -> float | httpx2.Timeout | None:
    """The time limit that is given, or else that of `httpx_args`."""
    if given is None and "timeout" in shown(arguments):
        given = shown(arguments)["timeout"]
        if given is None or isinstance(given, tuple):
            given = httpx2.Timeout(cast(Any, given))
    return checked_timeout(given)


def merged(*groups: Mapping[str, str]) -> dict[str, str]:
    """Headers together, a later one in place of an earlier one of the same name, in whatever case."""
    found = {name.lower(): (name, value) for group in groups for name, value in group.items()}
    return dict(found.values())
