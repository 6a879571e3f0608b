"""Authentication that sends requests beside the call: each request has a place below the rate limit."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Protocol

import httpx2


class Paced(Protocol):
    """What has a place for one request at a time."""

    def take_place(self) -> None:
        """Wait for a place."""

    async def take_place_async(self) -> None:
        """Wait for a place."""

    def leave_place(self) -> None:
        """Leave the place."""


class PacedAuth(httpx2.Auth):
    """The `auth` of an httpx2 client. The first request has its place already."""

    def __init__(self, auth: httpx2.Auth, paced: Paced) -> None:
        self._auth = auth
        self._paced = paced

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response]:
        """The requests of the authentication."""
        flow = self._auth.sync_auth_flow(request)
        try:
            following = next(flow)
            while True:
                response = yield following
                self._paced.leave_place()
                try:
                    following = flow.send(response)
                except StopIteration:
                    return
                self._paced.take_place()
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
                self._paced.leave_place()
                try:
                    following = await flow.asend(response)
                except StopAsyncIteration:
                    return
                await self._paced.take_place_async()
        finally:
            await flow.aclose()
