"""The client as a user's file sees it: nothing here runs, the type checkers read it.

An ignored error that is none fails the check, so each one that is ignored is a test that it is found.
"""

from typing import assert_type
from uuid import UUID

import carecycle_client as top
from carecycle_client import AsyncCareCycle, AuthenticatedClient, CareCycle, Client
from carecycle_client.api.customers import update_customer_campaign_status as endpoint
from carecycle_client.errors import (
    APIConnectionError,
    APIError,
    NotFoundError,
    RateLimitError,
    UnexpectedResponseError,
)
from carecycle_client.models import (
    CampaignStatus,
    CampaignStatusUpdate,
    CampaignStatusUpdated,
    ErrorBody,
    RateLimitErrorBody,
    TerminalCampaignStatus,
    ValidationErrorBody,
)
from carecycle_client.types import Response
from httpx2 import Headers

ID = "5f0c954e-3a7b-4d5c-9e0f-6b1d2c3a4e5f"
Documented = CampaignStatusUpdated | ErrorBody | RateLimitErrorBody | ValidationErrorBody


def a_call_returns_the_model(client: AuthenticatedClient, body: CampaignStatusUpdate) -> None:
    """`sync` returns the model of the success, and `sync_detailed` any documented one."""
    done = endpoint.sync(client=client, body=body, timeout=1.5, max_retries=0, headers={"X-Trace": "1"})
    assert_type(done, CampaignStatusUpdated)
    assert_type(done.success, bool)
    assert_type(done.customer_campaign_id, UUID)
    assert_type(endpoint.sync_detailed(client=client, body=body), Response[Documented])
    assert_type(endpoint.sync_detailed(client=client, body=body).parsed, Documented | None)
    assert_type(endpoint.sync_detailed(client=client, body=body).headers, Headers)
    assert_type(endpoint.sync_detailed(client=client, body=body).status_code, int)


async def an_awaited_call_returns_the_model(client: AuthenticatedClient, body: CampaignStatusUpdate) -> None:
    """The asynchronous functions return the same."""
    assert_type(await endpoint.asyncio(client=client, body=body), CampaignStatusUpdated)
    assert_type(await endpoint.asyncio_detailed(client=client, body=body), Response[Documented])


def a_client_is_a_context() -> None:
    """A `with` block and the `with_` methods keep the type."""
    with AuthenticatedClient(rate_limit=True, timeout=30) as client:
        assert_type(client, AuthenticatedClient)
        assert_type(client.with_headers({}).with_cookies({}).with_timeout(1), AuthenticatedClient)


def a_body_takes_what_the_contract_allows() -> None:
    """Ids are UUIDs or their text; a status that would be refused does not pass."""
    CampaignStatusUpdate(customer_id=UUID(ID), campaign_id=ID, status=TerminalCampaignStatus.FAILED)
    CampaignStatusUpdate(customer_id=ID, campaign_id=ID, status=CampaignStatus.PENDING)  # type: ignore[arg-type]  # refused
    CampaignStatusUpdate(customer_id=ID, campaign_id=ID, status="completed")
    CampaignStatusUpdate(customer_id=ID, campaign_id=ID, status="pending")  # type: ignore[arg-type]  # refused
    CampaignStatusUpdate(customer_id=1, campaign_id=ID, status=TerminalCampaignStatus.FAILED)  # type: ignore[arg-type]  # no id
    CampaignStatusUpdate(customer_id=ID, status=TerminalCampaignStatus.FAILED)  # type: ignore[call-arg]  # required


def a_facade_takes_fields_as_keywords() -> None:
    """The client of the facade has a group for each tag, whose methods take the fields of the body."""
    with CareCycle(timeout=5) as carecycle:
        assert_type(carecycle, CareCycle)
        update = carecycle.with_headers({}).customers.update_campaign_status
        assert_type(update(customer_id=ID, campaign_id=UUID(ID), status="completed"), CampaignStatusUpdated)
        update(customer_id=ID, campaign_id=ID, status=TerminalCampaignStatus.FAILED, timeout=1, max_retries=0)
        update(customer_id=ID, campaign_id=ID, status="pending")  # type: ignore[arg-type]  # refused
        update(customer_id=1, campaign_id=ID, status="failed")  # type: ignore[arg-type]  # no id
        update(customer_id=ID, status="failed")  # type: ignore[call-arg]  # required


async def an_asynchronous_facade_is_awaited() -> None:
    """The asynchronous client has the same methods, to await."""
    async with AsyncCareCycle() as carecycle:
        update = carecycle.customers.update_campaign_status
        assert_type(await update(customer_id=ID, campaign_id=ID, status="failed"), CampaignStatusUpdated)


def what_a_user_names_is_at_the_top() -> None:
    """Errors and models are exported at the top, and what is not there is found missing."""
    assert_type(top.NotFoundError(), NotFoundError)
    assert_type(top.ErrorBody(message="m", code="c"), ErrorBody)
    _ = top.NoSuchModel  # type: ignore[attr-defined]  # there is none


def a_call_needs_a_key(body: CampaignStatusUpdate) -> None:
    """A client without a key does not pass."""
    endpoint.sync(client=Client(), body=body)  # type: ignore[arg-type]  # the operation needs a key


def an_error_has_what_is_known(error: APIError) -> None:
    """What errors carry is typed, and is there where a response came."""
    assert_type(error.status, int | None)
    assert_type(error.headers, Headers | None)
    assert_type(error.retry_after, float | None)
    assert_type(error.body, bytes)
    if isinstance(error, NotFoundError | RateLimitError):
        assert_type(error.status, int)
        assert_type(error.headers, Headers)
        assert_type(error.request_id, str | None)
    if isinstance(error, UnexpectedResponseError):
        assert_type(error.status, int)
    if isinstance(error, APIConnectionError):
        assert_type(error.status, int | None)
    error.status = 404  # type: ignore[misc]  # what came is not changed
