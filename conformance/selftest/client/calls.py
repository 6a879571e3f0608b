"""How the tests of the client make calls: through a transport of their own, or to a server on loopback."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

import httpx2
import pytest
from carecycle_client import AuthenticatedClient
from carecycle_client import models as m
from carecycle_client.api.customers import update_customer_campaign_status as endpoint

from conformance.contract.document import load
from conformance.selftest.scripted_server import ScriptedServer

KEY = "cc_canary-4f1d8a"
UPDATE = m.CampaignStatusUpdate(
    customer_id="5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f",
    campaign_id="0b8f7d2a-91c4-4e63-8a5d-7c6e5f4d3b2a",
    status=m.TerminalCampaignStatus.COMPLETED,
)
OPERATION = load().operations["updateCustomerCampaignStatus"]
SUCCESS = OPERATION.success.example


def responding(*replies: httpx2.Response | Exception, **settings: Any) -> AuthenticatedClient:  # noqa: ANN401 - those of a client
    """A client whose server sends the next reply to each request, and later the last one again.

    A reply that is an exception is raised.
    """
    left = [_repeated(reply) for reply in replies]

    def handle(_request: httpx2.Request) -> httpx2.Response:
        return (left.pop(0) if len(left) > 1 else left[0])()

    return AuthenticatedClient(token=KEY, httpx_args={"transport": httpx2.MockTransport(handle)}, **settings)


def sending(
    status: int,
    body: object,
    headers: Mapping[str, str] | None = None,
    **settings: Any,  # noqa: ANN401 - those of a client
) -> tuple[AuthenticatedClient, list[httpx2.Request]]:
    """A client whose every request gets one response, and a list of copies of the requests."""
    requests: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        requests.append(httpx2.Request(request.method, request.url, headers=request.headers))
        return httpx2.Response(status, json=body, headers=headers)

    settings = {"token": KEY, "httpx_args": {"transport": httpx2.MockTransport(handle)}, **settings}
    return AuthenticatedClient(**settings), requests


def _repeated(reply: httpx2.Response | Exception) -> Callable[[], httpx2.Response]:
    """A function that makes a new copy of a response each time, because a response can be read only once."""

    def respond() -> httpx2.Response:
        if isinstance(reply, Exception):
            raise reply
        return httpx2.Response(reply.status_code, headers=reply.headers, stream=httpx2.ByteStream(body))

    body = b"" if isinstance(reply, Exception) else b"".join(cast(httpx2.ByteStream, reply.stream))
    return respond


def reaching(server: ScriptedServer, **settings: Any) -> AuthenticatedClient:  # noqa: ANN401 - those of a client
    """A client of a server on loopback; without certificates, which take long to load."""
    return AuthenticatedClient(server.url, KEY, verify_ssl=False, **settings)


def call_in_a_loop(**options: Any) -> m.CampaignStatusUpdated:  # noqa: ANN401 - those of a call
    """Call the asynchronous function as a synchronous one."""
    return asyncio.run(endpoint.asyncio(**options))


def call_detailed_in_a_loop(**options: Any) -> Any:  # noqa: ANN401 - those of a call, to its response
    """Call the detailed asynchronous function as a synchronous one."""
    return asyncio.run(endpoint.asyncio_detailed(**options))


both = pytest.mark.parametrize("call", [endpoint.sync, call_in_a_loop], ids=["sync", "asyncio"])
both_detailed = pytest.mark.parametrize(
    "call", [endpoint.sync_detailed, call_detailed_in_a_loop], ids=["sync", "asyncio"]
)
Call = Callable[..., m.CampaignStatusUpdated]
