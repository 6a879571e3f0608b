"""Sending: the same steps for synchronous callers and for asynchronous ones."""

# pyright: reportPrivateUsage=false
# The modules of this package share what is not for its users.

from __future__ import annotations

import math
import time
from typing import Any, TypeVar

import httpx2

from ._base import BaseClient
from ._call import Call, Outcome
from ._causes import FAILURES, is_failure
from ._operation import Operation, Request
from ._pool import limited, pause_of, require_event_loop
from .types import Response

S = TypeVar("S")
E = TypeVar("E")


def call(
    client: BaseClient,
    operation: Operation[S, E],
    request: Request,
    **options: Any,  # noqa: ANN401 - those of `Call`
) -> S:
    """Make a call: the model of its success, or an `APIError`."""
    made = Call(client, operation, request, given=client._given, **options)
    return made.result(_attempts(made, client))


def call_detailed(
    client: BaseClient,
    operation: Operation[S, E],
    request: Request,
    **options: Any,  # noqa: ANN401 - those of `Call`
) -> Response[S | E]:
    """Make a call: the response, whatever its status."""
    made = Call(client, operation, request, given=client._given, **options)
    return made.response(_attempts(made, client))


async def call_async(
    client: BaseClient,
    operation: Operation[S, E],
    request: Request,
    **options: Any,  # noqa: ANN401 - those of `Call`
) -> S:
    """Make a call: the model of its success, or an `APIError`."""
    made = Call(client, operation, request, given=client._given_async, **options)
    return made.result(await _attempts_async(made, client))


async def call_async_detailed(
    client: BaseClient,
    operation: Operation[S, E],
    request: Request,
    **options: Any,  # noqa: ANN401 - those of `Call`
) -> Response[S | E]:
    """Make a call: the response, whatever its status."""
    made = Call(client, operation, request, given=client._given_async, **options)
    return made.response(await _attempts_async(made, client))


def _attempts(made: Call[S, E], client: BaseClient) -> Outcome:
    try:
        while True:
            http = client.get_httpx_client()
            pause = pause_of(http)
            if pause is not None:
                made.place.disable()
            outcome = _attempt(made, http)
            wait = made.wait_after(outcome)
            if wait is None:
                return outcome
            (pause or time.sleep)(wait)
    finally:
        made.place.leave()


async def _attempts_async(made: Call[S, E], client: BaseClient) -> Outcome:
    import asyncio  # noqa: PLC0415 - it takes long to load, and synchronous callers do without

    require_event_loop()
    try:
        while True:
            http = client.get_async_httpx_client()
            pause = pause_of(http)
            if pause is not None:
                made.place.disable()
            outcome = await _attempt_async(made, http)
            wait = made.wait_after(outcome)
            if wait is None:
                return outcome
            if pause is None:
                await asyncio.sleep(wait)
            else:
                pause(wait)
    finally:
        made.place.leave()


def _attempt(made: Call[S, E], http: httpx2.Client) -> Outcome:
    made.place.take()
    sent = made.begin(http.build_request)
    response: httpx2.Response | None = None
    parts: list[bytes] = []
    try:
        response = _send(made, http, sent)
        while (following := made.redirected(response)) is not None:
            response.close()
            made.place.take()
            sent = following
            response = _send(made, http, sent)
        for part in response.iter_bytes():
            made.received(len(part))
            parts.append(part)
    except FAILURES as error:
        if not is_failure(error, sent, closed=http.is_closed):
            raise
        return made.failure(error, response, b"".join(parts))
    else:
        return made.response_received(response, b"".join(parts))
    finally:
        if response is not None:
            response.close()


async def _attempt_async(made: Call[S, E], http: httpx2.AsyncClient) -> Outcome:
    import asyncio  # noqa: PLC0415 - as above

    await made.place.take_async()
    sent = made.begin(http.build_request)
    response: httpx2.Response | None = None
    parts: list[bytes] = []
    remaining = made.remaining()
    limit = asyncio.timeout(None if math.isinf(remaining) else remaining)
    try:
        async with limit:
            with limited(http, limit):
                response = await _send_async(made, http, sent)
                while (following := made.redirected(response)) is not None:
                    await response.aclose()
                    await made.place.take_async()
                    sent = following
                    response = await _send_async(made, http, sent)
                async for part in response.aiter_bytes():
                    made.received(len(part))
                    parts.append(part)
    except FAILURES as error:
        if not is_failure(error, sent, closed=http.is_closed):
            raise
        if isinstance(error, TimeoutError) and http.is_closed and made.remaining() > 0:
            error = httpx2.ReadError("the client was closed", request=sent)
        return made.failure(error, response, b"".join(parts))
    else:
        return made.response_received(response, b"".join(parts))
    finally:
        if response is not None:
            await response.aclose()


def _send(made: Call[S, E], http: httpx2.Client, request: httpx2.Request) -> httpx2.Response:
    made.sign(request)
    try:
        return http.send(request, stream=True, follow_redirects=False, **made.place.auth(http.auth))
    finally:
        made.unsign(request)
        made.place.leave()


async def _send_async(made: Call[S, E], http: httpx2.AsyncClient, request: httpx2.Request) -> httpx2.Response:
    made.sign(request)
    try:
        return await http.send(request, stream=True, follow_redirects=False, **made.place.auth(http.auth))
    finally:
        made.unsign(request)
        made.place.leave()
