"""The generated client, over real HTTP: the documented model for each response."""

import asyncio
import functools
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from carecycle_client import AuthenticatedClient, models
from carecycle_client.api.customers import update_customer_campaign_status
from carecycle_client.errors import APIError
from carecycle_client.types import Response

from ..contract import document
from ..contract.document import Contract
from ..requests.cases import Cases
from ..requests.request import Request, read_json
from ..requests.request_class import UPDATE
from ..runner.session import Session
from ..transport.exchange import Exchange
from ..transport.exchange import Response as Received
from ..transport.gate import RunStopped

Model = (
    models.CampaignStatusUpdated | models.ErrorBody | models.RateLimitErrorBody | models.ValidationErrorBody
)

MODELS: Mapping[int, type[Model]] = {
    200: models.CampaignStatusUpdated,
    422: models.ValidationErrorBody,
    429: models.RateLimitErrorBody,
}
STATUSES = [
    pytest.param(status, marks=pytest.mark.rule(needs="prefer"))
    for status in document.load().operations[UPDATE].responses
]


trusted = functools.cache(httpx2.create_ssl_context)
"""The certificates to trust; reading them takes longer than all that a call does."""


def call(session: Session, cases: Cases, status: int, *, asynchronous: bool) -> Response[Any]:
    """What the client makes of a response of a status."""
    began = 0.0

    def permit(request: httpx2.Request) -> None:
        nonlocal began
        session.gate.permit(str(request.url), request.read())
        began = time.perf_counter()

    async def permit_async(request: httpx2.Request) -> None:
        permit(request)

    def record(response: httpx2.Response) -> None:
        seconds, content = time.perf_counter() - began, response.read()
        headers = tuple((name.decode("latin-1"), value) for name, value in response.request.headers.raw)
        sent = Request(response.request.method, str(response.request.url), headers, response.request.content)
        received = Received(response.status_code, tuple(response.headers.multi_items()), content, seconds)
        session.gate.on_exchange(Exchange(cases.update(), sent, received))

    async def record_async(response: httpx2.Response) -> None:
        await response.aread()
        record(response)

    hooks = (permit_async, record_async) if asynchronous else (permit, record)
    client = AuthenticatedClient(
        base_url=session.target.url or "http://127.0.0.1",  # in a dry run the embedded mock has no address
        token=session.target.key,
        headers={"prefer": f"code={status}"},
        verify_ssl=False if urlsplit(session.target.url).scheme == "http" else trusted(),
        max_retries=0,
        httpx_args={"event_hooks": {"request": [hooks[0]], "response": [hooks[1]]}},
    )
    body = models.CampaignStatusUpdate.from_dict(cases.body())
    if not asynchronous:
        with client:
            return update_customer_campaign_status.sync_detailed(client=client, body=body)

    async def send() -> Response[Any]:
        async with client:
            return await update_customer_campaign_status.asyncio_detailed(client=client, body=body)

    return asyncio.run(send())


def lowered(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its strings in lower case: the client writes a UUID so, whatever the target does."""
    return {name: value.lower() if isinstance(value, str) else value for name, value in body.items()}


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("status", STATUSES)
def test_client_gets_the_documented_model(
    session: Session, contract: Contract, cases: Cases, status: int, *, asynchronous: bool
) -> None:
    """Each documented response becomes its model, with nothing lost."""
    try:
        response = call(session, cases, status, asynchronous=asynchronous)
    except (RunStopped, APIError) as reason:
        pytest.skip(session.target.mask(f"no response: {reason}"))
    schema = contract.operations[UPDATE].responses[status].schema or {}
    sent = read_json(response.content)
    if response.status_code != status or not contract.validator(schema).is_valid(sent):
        pytest.skip(f"asked to prefer {status}, the target sent no documented response of that status")
    model = response.parsed
    assert isinstance(model, MODELS.get(status, models.ErrorBody))
    assert lowered(model.to_dict()) == lowered(sent)
