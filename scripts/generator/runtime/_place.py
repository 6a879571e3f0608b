"""The place of a call below the rate limit: each request of the call takes it, and leaves it for the next."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import httpx2

from ._pacing import Pacer, PlacesError
from .errors import APIConnectionError, APIError, APITimeoutError


class Place:
    """The place of one call, for one request at a time. A call without a pacer needs none."""

    def __init__(
        self,
        pacer: Pacer | None,
        remaining: Callable[[], float],
        error: Callable[[type[APIError], str], APIError],
    ) -> None:
        self._pacer = pacer
        self._remaining = remaining
        """The seconds that the call may still take."""
        self._error = error
        """Makes an error of the call."""
        self._number: int | None = None

    def disable(self) -> None:
        """Take no place from now on, because nothing is sent."""
        self._pacer = None

    def take(self) -> None:
        """Wait for a place below the rate limit.

        Raises:
            APITimeoutError: There is none in time.
            APIConnectionError: The file of the rate limit cannot be used.

        """
        if self._pacer is not None:
            try:
                self._number = self._pacer.take(self._remaining())
            except PlacesError as error:
                raise self._error(APIConnectionError, str(error)) from error
            self._require()

    async def take_async(self) -> None:
        """Wait for a place as `take` does."""
        if self._pacer is not None:
            try:
                self._number = await self._pacer.take_async(self._remaining())
            except PlacesError as error:
                raise self._error(APIConnectionError, str(error)) from error
            self._require()

    def leave(self) -> None:
        """Leave the place, if the call has one."""
        number, self._number = self._number, None
        if self._pacer is not None and number is not None:
            self._pacer.leave(number)

    def auth(self, given: httpx2.Auth | None) -> dict[str, Any]:
        """The argument with which a request is sent, if the authentication sends requests of its own."""
        return {} if given is None or self._pacer is None else {"auth": _PacedAuth(given, self)}

    def _require(self) -> None:
        if self._number is None:
            raise self._error(APITimeoutError, "the client's rate limit had no place for it in time")


class _PacedAuth(httpx2.Auth):
    """The `auth` of an httpx2 client. The first request has its place already."""

    def __init__(self, auth: httpx2.Auth, place: Place) -> None:
        self._auth = auth
        self._place = place

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response]:
        """The requests of the authentication."""
        flow = self._auth.sync_auth_flow(request)
        try:
            following = next(flow)
            while True:
                response = yield following
                self._place.leave()
                try:
                    following = flow.send(response)
                except StopIteration:
                    return
                self._place.take()
        finally:
            flow.close()

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The requests of the authentication."""
        flow = self._auth.async_auth_flow(request)
        try:
            following = await anext(flow)
            while True:
                response = yield following
                self._place.leave()
                try:
                    following = await flow.asend(response)
                except StopAsyncIteration:
                    return
                await self._place.take_async()
        finally:
            await flow.aclose()
