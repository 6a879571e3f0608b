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


def answering(*answers: httpx2.Response | Exception, **settings: Any) -> AuthenticatedClient:  # noqa: ANN401 - those of a client
    """A client whose server gives these answers, one after the other, and then the last one."""
    given: list[Callable[[], httpx2.Response]] = [_giving(answer) for answer in answers]

    def handle(_request: httpx2.Request) -> httpx2.Response:
        return (given.pop(0) if len(given) > 1 else given[0])()

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


def _giving(answer: httpx2.Response | Exception) -> Callable[[], httpx2.Response]:
    """Give the answer anew each time: a response can be read but once."""

    def give() -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=httpx2.ByteStream(body))

    body = b"" if isinstance(answer, Exception) else b"".join(cast(httpx2.ByteStream, answer.stream))
    return give


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
