"""A client: the settings of calls, and the connections that they go through."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

import httpx2

from ._checks import KEY_AS_HEADER
from ._hidden import hidden
from ._options import Options
from ._retries import MAX_RETRIES, MAX_RETRY_WAIT
from ._secret import Secret
from .types import UNSET, Unset

if TYPE_CHECKING:
    from pyrate_limiter import Limiter


class BaseClient(Options):
    """Makes calls; the constructor says with which settings.

    Threads can share a client, and event loops can use it one after another. A process that forks can keep
    using it on both sides: the child makes its own connections. It cannot be pickled, as it holds connections
    and may hold an API key.
    """

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
        rate_limit: bool | str | os.PathLike[str] | Limiter = False,
    ) -> None:
        """Settle how calls are made.

        Args:
            base_url: Where the API is, if not where the contract has it.
            token: The API key, or a callable that returns the key of the next attempt, for keys that change.
                A client that needs a key takes it from the environment by default. A key is masked in all
                that the client shows and logs, so it cannot be given as a header.
            headers: Sent with every request.
            cookies: Sent with every request.
            timeout: A number limits a whole call with its retries to so many seconds, however slowly the
                server sends. It does not limit the look-up of a host name in a synchronous call. With a
                number, only one phase of an attempt has a limit of its own: 5 s to connect. An
                `httpx2.Timeout` limits the phases of each attempt, and not the whole call. The default is the
                `timeout` of `httpx_args`, which means the same; or that of a client that was handed in, an
                `httpx2.Timeout`; or else 5 s to connect, 30 s without a byte, and 180 s for a whole call.
            verify_ssl: Whether to verify the certificates of servers; or a file or directory of certificates
                to trust, or an `ssl.SSLContext`. By default the certificates of the system are trusted, or
                those of `SSL_CERT_FILE` or `SSL_CERT_DIR`.
            follow_redirects: Whether to follow redirects, which is done within the origin only.
            httpx_args: More arguments of `httpx2.Client` and `httpx2.AsyncClient`, a transport for example.
                Without a transport or a proxy the environment can name a proxy: `HTTPS_PROXY`, `HTTP_PROXY`,
                `ALL_PROXY`, and `NO_PROXY` for hosts to reach without it.
                With a transport that is not httpx2's own, a synchronous call can exceed its time limit: the
                limit is checked when a part of the body arrives, and each step has a limit of its own.
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
            rate_limit: Whether to stay below the documented rate limit. With a path, all processes of this
                machine that have the path share the limit; the file is made if there is none. No window that
                the server counts has more requests than allowed, with the retries and redirects of the
                clients, and the requests of an `auth`. A call that gets no place in its time raises an
                `APITimeoutError`; if the file cannot be used any more, an `APIConnectionError`. A limiter of
                pyrate-limiter has another rate; processes of a machine share it through an `SQLiteBucket`,
                and several machines through Redis, `Limiter(RedisBucket.init([Rate(60, 65_000)],
                redis.Redis(...), "a key"))`. Between machines a request counts when it is sent, so give the
                window some seconds more. What the limiter raises, when Redis is gone or was started anew,
                comes through as it is.

        Raises:
            ValueError: The key is missing, or no header can carry it, or it is among the headers; or a header
                or a cookie cannot be sent or is not the caller's to set, as `Content-Length`; or the URL is
                not one of a server, or has a password, a query or a fragment; or a number is negative or NaN;
                or a path of certificates or a variable of the environment is wrong, which the error names; or
                `rate_limit` is true and no limit is documented.
            TypeError: An argument is of another type, or `httpx_args` has one that httpx2 does not know.

        """
        self._secret = None if token is None else Secret(token)
        token = None  # from here on no local of a traceback shows the key
        headers, cookies, httpx_args = hidden(headers), hidden(cookies), hidden(httpx_args)
        self._require_key()
        agent = f"{self._api.package.replace('_', '-')}/{self._api.version} python/{_python()}"
        self.headers = {"User-Agent": agent, "Accept": "application/json"}
        self._usual = dict(self.headers)
        self.cookies = {}
        if self._has_key(headers) or self._has_key(httpx_args, "headers"):
            raise ValueError(KEY_AS_HEADER.format(self._api.key_header))
        self._set(
            base_url=base_url,
            headers=headers,
            cookies=cookies,
            timeout=timeout,
            verify_ssl=verify_ssl,
            follow_redirects=follow_redirects,
            httpx_args=httpx_args,
            raise_on_unexpected_status=raise_on_unexpected_status,
            max_retries=max_retries,
            max_retry_wait=max_retry_wait,
            retry_statuses=retry_statuses,
            rate_limit=rate_limit,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={getattr(self, 'base_url', None)!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be copied or pickled: it holds connections and a key")

    def with_options(  # noqa: PLR0913 - those of the constructor, each by its name
        self,
        *,
        base_url: str | httpx2.URL | Unset | None = UNSET,
        token: str | Callable[[], str] | Unset | None = UNSET,
        headers: Mapping[str, str] | Unset = UNSET,
        cookies: Mapping[str, str] | Unset = UNSET,
        timeout: float | httpx2.Timeout | Unset | None = UNSET,
        verify_ssl: str | os.PathLike[str] | bool | ssl.SSLContext | Unset = UNSET,
        follow_redirects: bool | Unset = UNSET,
        httpx_args: Mapping[str, Any] | Unset | None = UNSET,
        raise_on_unexpected_status: bool | Unset = UNSET,
        max_retries: int | Unset = UNSET,
        max_retry_wait: float | Unset = UNSET,
        retry_statuses: Collection[int] | Unset | None = UNSET,
        rate_limit: bool | str | os.PathLike[str] | Limiter | Unset = UNSET,
    ) -> Self:
        """A copy with other options. They mean what they mean for a new client; this client stays as it is.

        The copy has the options of this client where none is given. `headers` and `cookies` come on top of
        those of this client.

        The copy uses the connections and the rate limit of this client, and to close it closes nothing. But a
        copy with another `verify_ssl` or other `httpx_args` opens connections of its own, and closes them. It
        does not use an httpx2 client that this client was handed.

        Raises:
            ValueError: As a new client does.
            TypeError: As a new client does.

        """
        headers, cookies, httpx_args = hidden(headers), hidden(cookies), hidden(httpx_args)
        given = {
            "base_url": base_url,
            "headers": headers,
            "cookies": cookies,
            "timeout": timeout,
            "verify_ssl": verify_ssl,
            "follow_redirects": follow_redirects,
            "httpx_args": httpx_args,
            "raise_on_unexpected_status": raise_on_unexpected_status,
            "max_retries": max_retries,
            "max_retry_wait": max_retry_wait,
            "retry_statuses": retry_statuses,
            "rate_limit": rate_limit,
        }
        twin = self._copy()
        if not isinstance(token, Unset):
            twin._secret = None if token is None else Secret(token)
            token = None  # as in the constructor
            twin._require_key()
        if self._has_key(headers) or self._has_key(httpx_args, "headers"):
            raise ValueError(KEY_AS_HEADER.format(self._api.key_header))
        twin._set(**{name: value for name, value in given.items() if not isinstance(value, Unset)})
        return twin

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """A copy that sends these headers as well, through the same connections."""
        headers = hidden(headers)
        return self.with_options(headers=headers)

    def with_cookies(self, cookies: Mapping[str, str]) -> Self:
        """A copy that sends these cookies as well, through the same connections."""
        cookies = hidden(cookies)
        return self.with_options(cookies=cookies)

    def with_timeout(self, timeout: float | httpx2.Timeout | None) -> Self:
        """A copy with another time limit, and the same connections."""
        return self.with_options(timeout=timeout)

    def get_httpx_client(self) -> httpx2.Client:
        """What synchronous calls go through."""
        return self._given or self._pool.get()

    def set_httpx_client(self, client: httpx2.Client) -> Self:
        """Send synchronous calls through `client`, with the settings of this one; it stays yours to close.

        Its own time limits hold where neither this client nor the call was given any. A number as `timeout`
        is checked when a part of the body arrives; each step before that has a limit of its own.
        """
        self._refuse_key(client)
        self._given = client
        self._pool.watch(client)
        return self

    def get_async_httpx_client(self) -> httpx2.AsyncClient:
        """What calls of the running event loop go through."""
        return self._given_async or self._pool.get_async()

    def set_async_httpx_client(self, async_client: httpx2.AsyncClient) -> Self:
        """Send asynchronous calls through `async_client`, with the settings of this one; it stays yours.

        Its own time limits hold where neither this client nor the call was given any.
        """
        self._refuse_key(async_client)
        self._given_async = async_client
        self._pool.watch(async_client)
        return self

    def close(self) -> None:
        """Close the connections that the client opened, of synchronous and asynchronous calls.

        Calls of other threads fail at once or are tried again. A client that was handed in stays open, and a
        copy leaves the connections to the client that it was made of.
        """
        if self._owns_pool:
            self._pool.close()

    async def aclose(self) -> None:
        """Close the same connections as `close`, from within an event loop."""
        if self._owns_pool:
            await self._pool.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_details: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_details: object) -> None:
        await self.aclose()

    def _refuse_key(self, client: httpx2.Client | httpx2.AsyncClient) -> None:
        if self._has_key(client.headers):
            raise ValueError(KEY_AS_HEADER.format(self._api.key_header))


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
