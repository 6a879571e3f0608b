"""A client: the settings of calls, and the connections that they go through."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self, cast

import httpx2

from .checks import (
    KEY_AS_HEADER,
    checked_cookies,
    checked_count,
    checked_headers,
    checked_number,
    checked_timeout,
    checked_url,
    has_header,
)
from .environment import checked_arguments
from .pacing import Pacer
from .pool import Pool
from .retries import MAX_RETRIES, MAX_RETRY_WAIT, checked_statuses
from .secret import Secret

if TYPE_CHECKING:
    from pyrate_limiter import Limiter

# Of each attempt; and of a whole call, with its attempts and the waits between them.
CONNECT = 5.0
ATTEMPT = httpx2.Timeout(30.0, connect=CONNECT).as_dict()
TOTAL = 180.0


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


class BaseClient:
    """Makes calls; the constructor says with which settings.

    Threads can share a client, and event loops can use it one after another. A process that forks can keep
    using it on both sides: the child makes its own connections. It cannot be pickled, as it holds connections
    and may hold an API key.
    """

    api: ClassVar[API]
    needs_key: ClassVar[bool] = False

    def __init__(  # noqa: PLR0913 - the names are the generator's, and each has a default
        self,
        base_url: str | httpx2.URL | None = None,
        token: str | Callable[[], str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        timeout: float | httpx2.Timeout | None = None,
        verify_ssl: str | os.PathLike[str] | bool | ssl.SSLContext = True,
        follow_redirects: bool = False,
        httpx_args: Mapping[str, Any] | None = None,
        raise_on_unexpected_status: bool = False,
        max_retries: int = MAX_RETRIES,
        max_retry_wait: float = MAX_RETRY_WAIT,
        retry_statuses: Collection[int] | None = None,
        rate_limit: bool | Limiter = False,
    ) -> None:
        """Settle how calls are made.

        Args:
            base_url: Where the API is, if not where the contract has it.
            token: The API key, or a callable that returns the key of the next attempt, for keys that change.
                A client that needs a key takes it from the environment by default. A key is masked in all
                that the client shows and logs, so it cannot be given as a header.
            headers: Sent with every request.
            cookies: Sent with every request.
            timeout: A number limits a whole call to so many seconds, its retries included, however slowly
                the server sends; but a synchronous call cannot hurry the system while it looks up a name. Of
                the phases of an attempt only the one to connect has a limit of its own then: 5 s. An
                `httpx2.Timeout` limits the phases of each attempt, and the whole call not at all. By default
                5 s to connect, 30 s without a byte, and 180 s for a whole call; or the `timeout` of
                `httpx_args`, which means the same; or the one that a client that was handed in has, which
                limits phases, as it is an `httpx2.Timeout`.
            verify_ssl: Whether to verify the certificates of servers; or a file or directory of certificates
                to trust, or an `ssl.SSLContext`. By default the certificates of the system are trusted, or
                those of `SSL_CERT_FILE` or `SSL_CERT_DIR`.
            follow_redirects: Whether to follow redirects, which is done within the origin only.
            httpx_args: More arguments of `httpx2.Client` and `httpx2.AsyncClient`, a transport for example.
                Without a transport or a proxy the environment can name a proxy: `HTTPS_PROXY`, `HTTP_PROXY`,
                `ALL_PROXY`, and `NO_PROXY` for hosts to reach without it.
                A transport that is not httpx2's own may not keep the time limit of a whole synchronous call
                to the second: it is looked at when a part of the body came, and each step is limited.
            raise_on_unexpected_status: Whether the `_detailed` functions raise on an undocumented status.
            max_retries: How often a request is sent again after a failure that may pass, 2 times by default:
                a status of `retry_statuses`, a connection that failed or broke, a time limit that was
                reached before a response began. An operation that is not idempotent is sent again only if
                nothing of it reached the server.
            max_retry_wait: The longest wait before a retry in seconds, 60 by default. A wait is as long as
                the server asks for, in `Retry-After`, `retry-after-ms` or the documented field of the body,
                and up to a tenth and 0.1 s longer. If it asks for more than the longest wait, the call fails
                at once. Otherwise the waits are 0.25 to 0.5 s, 0.5 to 1 s and so on.
            retry_statuses: The statuses to retry. By default 408, 429, 502, 503 and 504, and only 429 of an
                operation that is not idempotent; those that are given hold for all operations.
            rate_limit: Whether to stay below the documented rate limit, in this process; or a limiter of
                pyrate-limiter that says how. A call that finds no place in its time is an `APITimeoutError`.
                Several processes share one rate through a file on one machine,
                `Limiter(SQLiteBucket.init_from_file([Rate(60, Duration.MINUTE)], db_path="rate.sqlite",
                use_file_lock=True))` (the lock needs filelock), or through Redis,
                `Limiter(RedisBucket.init([Rate(60, Duration.MINUTE)], redis.Redis(...), "a key"))`. What the
                limiter raises, when Redis is gone or was started anew, comes through as it is.

        Raises:
            ValueError: The key is missing, or no header can carry it, or it is among the headers; or a header
                or a cookie cannot be sent or is not the caller's to set, as `Content-Length`; or the URL is
                not one of a server, or has a password, a query or a fragment; or a number is negative or NaN;
                or a path of certificates or a variable of the environment is wrong, which the error names; or
                `rate_limit` is true and no limit is documented.
            TypeError: An argument is of another type, or `httpx_args` has one that httpx2 does not know.
            ImportError: `rate_limit` is true and pyrate-limiter is not installed.

        """
        self.secret = None if token is None else Secret(token)
        token = None  # from here on no local of a traceback shows the key
        if self.needs_key and self.secret is None:
            if not os.environ.get(self.api.key_variable):
                raise ValueError(f"no API key: give `token`, or set {self.api.key_variable}")
            self.secret = Secret(os.environ[self.api.key_variable])
        if has_header(self.api.key_header, headers) or has_header(self.api.key_header, httpx_args, "headers"):
            headers = httpx_args = None
            raise ValueError(KEY_AS_HEADER.format(self.api.key_header))
        if self.secret is not None:
            self.secret.check()
        self.base_url = checked_url(self.api.base_url if base_url is None else base_url)
        agent = f"{self.api.package.replace('_', '-')}/{self.api.version} python/{_python()}"
        usual = {"User-Agent": agent, "Accept": "application/json"}
        self.headers = merged(usual, checked_headers(headers or {}, self.api.key_header))
        self.cookies = dict(checked_cookies(cookies or {}))
        arguments = checked_arguments(httpx_args, self.api.key_header)
        if timeout is None and "timeout" in arguments:
            timeout = arguments["timeout"]
            if timeout is None or isinstance(timeout, tuple):
                timeout = httpx2.Timeout(cast(Any, timeout))
        self.timeout = checked_timeout(timeout)
        self.follow_redirects = follow_redirects
        self.raise_on_unexpected_status = raise_on_unexpected_status
        self.max_retries = checked_count("max_retries", max_retries)
        self.max_retry_wait = checked_number("max_retry_wait", max_retry_wait)
        self.retry_statuses = checked_statuses(retry_statuses)
        self.given: httpx2.Client | None = None
        self.given_async: httpx2.AsyncClient | None = None
        self._owns_pool = True
        self.pool = Pool(verify=verify_ssl, arguments=arguments, headers=usual)
        self.pacer = self._pacer(rate_limit)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={getattr(self, 'base_url', None)!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be copied or pickled: it holds connections and a key")

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """A copy that sends these headers as well, through the same connections."""
        return self._with(headers=merged(self.headers, checked_headers(headers, self.api.key_header)))

    def with_cookies(self, cookies: Mapping[str, str]) -> Self:
        """A copy that sends these cookies as well, through the same connections."""
        return self._with(cookies={**self.cookies, **checked_cookies(cookies)})

    def with_timeout(self, timeout: float | httpx2.Timeout | None) -> Self:
        """A copy with another time limit, and the same connections."""
        return self._with(timeout=checked_timeout(timeout))

    def get_httpx_client(self) -> httpx2.Client:
        """What synchronous calls go through."""
        return self.given or self.pool.get()

    def set_httpx_client(self, client: httpx2.Client) -> Self:
        """Send synchronous calls through `client`, with the settings of this one; it stays yours to close.

        Its own time limits hold where neither this client nor the call was given any. A number as `timeout`
        is looked at when a part of the body came; what comes before is limited step by step.
        """
        self._refuse_key(client)
        self.given = client
        self.pool.watch(client)
        return self

    def get_async_httpx_client(self) -> httpx2.AsyncClient:
        """What calls of the running event loop go through."""
        return self.given_async or self.pool.get_async()

    def set_async_httpx_client(self, async_client: httpx2.AsyncClient) -> Self:
        """Send asynchronous calls through `async_client`, with the settings of this one; it stays yours.

        Its own time limits hold where neither this client nor the call was given any.
        """
        self._refuse_key(async_client)
        self.given_async = async_client
        self.pool.watch(async_client)
        return self

    def close(self) -> None:
        """Close the connections that the client opened, of synchronous and asynchronous calls.

        Calls of other threads fail at once or are tried again. A client that was handed in stays open, and a
        copy leaves the connections to the client that it was made of.
        """
        if self._owns_pool:
            self.pool.close()

    async def aclose(self) -> None:
        """Close the same connections as `close`, from within an event loop."""
        if self._owns_pool:
            await self.pool.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_details: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_details: object) -> None:
        await self.aclose()

    def _pacer(self, rate_limit: object) -> Pacer | None:
        if rate_limit is False:
            return None
        if rate_limit is True:
            if self.api.rate is None:
                raise ValueError("rate_limit=True: the contract documents no limit; give a limiter")
            return Pacer.in_memory(*self.api.rate)
        if not hasattr(rate_limit, "try_acquire"):
            raise TypeError(f"rate_limit is true, false or a limiter of pyrate-limiter: not {rate_limit!r}")
        return Pacer(cast("Limiter", rate_limit))

    def _refuse_key(self, client: httpx2.Client | httpx2.AsyncClient) -> None:
        if has_header(self.api.key_header, client.headers):
            raise ValueError(KEY_AS_HEADER.format(self.api.key_header))

    def _with(self, **changes: object) -> Self:
        twin = object.__new__(type(self))
        own = {"headers": dict(self.headers), "cookies": dict(self.cookies), "_owns_pool": False}
        twin.__dict__.update(self.__dict__, **own | changes)
        return twin


def merged(*groups: Mapping[str, str]) -> dict[str, str]:
    """Headers together, a later one in place of an earlier one of the same name, in whatever case."""
    found = {name.lower(): (name, value) for group in groups for name, value in group.items()}
    return dict(found.values())


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
